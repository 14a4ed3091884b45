"""The XML of the shared strings -> texts; and what that has in common with the XML of a worksheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import IO
from xml.parsers import expat

from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.beyond import ELEMENTS
from sheetgpt.xlsx.decode.xml_parser import feed, new_parser

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Undo the format's escapes of characters that XML forbids: "_x000D_" is a carriage return."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # pairs of surrogates join


def read_strings(stream: IO[bytes], beyond: list[str] | None = None) -> list[str]:
    """The shared strings of a workbook, in order; the runs of rich text joined, phonetic hints left out.

    What is lost by joining is added to `beyond`.
    """
    strings: list[str] = []
    parts: list[str] = []
    inside = {"t": False, "rPh": False}

    def start(tag: str, _: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "si":
            parts.clear()
        elif tag in inside:
            inside[tag] = True
        elif tag in ELEMENTS and beyond is not None and ELEMENTS[tag] not in beyond:
            beyond.append(ELEMENTS[tag])

    def end(tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "si":
            strings.append(unescape("".join(parts)))
        elif tag in inside:
            inside[tag] = False

    def text(data: str) -> None:
        if inside["t"] and not inside["rPh"]:
            parts.append(data)

    parse_xml(_chunks(stream), start, end, text, "shared strings")
    return strings


def parse_xml(pieces: Iterable[bytes | None], start: object, end: object, text: object, what: str) -> bool:
    """Run expat over a text in pieces; False if a piece is None."""
    parser = new_parser()
    parser.buffer_text = True
    parser.StartElementHandler = start  # type: ignore[assignment]
    parser.EndElementHandler = end  # type: ignore[assignment]
    parser.CharacterDataHandler = text  # type: ignore[assignment]
    try:
        for piece in pieces:
            if piece is None:
                return False
            feed(parser, piece, False)
        feed(parser, b"", True)
    except expat.ExpatError as error:
        raise WorkbookError(f"the XML of {what} is broken: {error}", "save the workbook again in Excel") from None
    return True


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(1 << 22), b"")
