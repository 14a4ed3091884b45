"""FILTERXML: the texts that an expression of XPath finds in a text of XML."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.values import ErrorValue
from sheetgpt.functions.core.broadcasting import first, pack, single
from sheetgpt.functions.core.coercion import VALUE, parse_number, to_text
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.xml_tree import parse_document
from sheetgpt.functions.core.xpath import XPathError, parse
from sheetgpt.functions.core.xpath_values import Context


def _filter_xml(*operands: Operand | None) -> np.ndarray:
    """What is found, one below the other, numbers and dates as such; #VALUE! for nothing, or what is no XML."""
    texts = [VALUE if operand is None else to_text(first(operand.values)) for operand in operands]
    for text in texts:
        if isinstance(text, ErrorValue):
            return single(text)
    xml, path = (str(text) for text in texts)
    try:
        found = parse(path)(Context(parse_document(xml)))
    except (ValueError, XPathError):
        return single(VALUE)
    if not isinstance(found, list) or not found:
        return single(VALUE)
    values = [node.value().strip() for node in found]
    numbers = [parse_number(value) if value else None for value in values]
    return pack(
        [value if number is None else number for value, number in zip(values, numbers, strict=True)], (len(values), 1)
    )


FILTER_XML: dict[str, Function] = {
    "FILTERXML": Function(
        call=_filter_xml,
        parameters=("value", "value"),
        note="XPath 1.0 without prefixes; a text with a document type is `#VALUE!`",
    ),
}
