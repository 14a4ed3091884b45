"""The plain cells of a worksheet's XML, as most programs write them, by one regular expression: several times as fast
as a parser of XML, which sees what is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sheetgpt.book.address import column_number

_TEXT = r"([^<>\x00-\x1f]*+)"
_PLAIN_CELL = re.compile(
    r'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="[0-9]+")?'
    r'(?:/>|(?: t="(n|s|str|b|e|inlineStr)")?>'
    rf'(?:<f(?: t="array" ref="([A-Z]{{1,3}}[0-9]{{1,7}}(?::[A-Z]{{1,3}}[0-9]{{1,7}})?)")?>{_TEXT}</f>)?'
    rf'(?:<v>{_TEXT}</v>|<is><t(?: xml:space="preserve")?>{_TEXT}</t></is>|(<v ?/>))?</c>)'
)
_FIELDS = _PLAIN_CELL.groups + 1  # of what `split` gives for each cell: the text before it, and its groups
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["'](?!(?i:utf-8|us-ascii|ascii)["'])""")
_STRANGE = re.compile("&(?!(?:amp|lt|gt|quot|apos);)")

Taker = Callable[[int, int, str | None, str | None, str, str | None], None]


class NotPlainError(Exception):
    """A text holds what only a parser of XML understands."""


def in_another_encoding(start: bytes) -> bool:
    """Whether the start of a part says that it is in another encoding than UTF-8."""
    return _ENCODING.search(start) is not None


def take_cells(text: str, take: Taker) -> str:
    """The text without its plain cells, of which `take` gets row, column, type, area, formula and value (None: none).

    The area is that of an array formula, "" for the cell alone, else None. Raises NotPlainError for entities other
    than the five of XML.
    """
    if _STRANGE.search(text):
        raise NotPlainError
    parts = _PLAIN_CELL.split(text)
    letters, rows, *groups = [parts[group::_FIELDS] for group in range(1, _FIELDS)]
    numbers = {name: column_number(name) for name in set(letters)}
    for row, name, kind, area, formula, value, inline, empty in zip(rows, letters, *groups, strict=True):
        if value is None:
            value = "" if empty else inline
        if value or formula or kind or area:  # not only a style
            area = "" if area == name + row else area
            formula = _plain(formula) if formula and "&" in formula else formula or ""
            value = _plain(value) if value and "&" in value else value
            take(int(row), numbers[name], kind, area, formula, value)
    return "".join(parts[::_FIELDS])


def _plain(text: str) -> str:
    """The text that some XML stands for."""
    for entity, character in (("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text
