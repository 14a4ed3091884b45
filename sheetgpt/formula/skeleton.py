"""Skeletons: a formula's text with its operands (references and names) cut out, and these read.

A workbook has up to 100,000 formulas but few shapes of formulas. What is left of a formula's text
when each operand is replaced by a hole is its skeleton, so each skeleton is parsed once only:

    MMULT(C14:BN14,h.0.attn.c_attn.weight)+2   ->   MMULT(▢,▢)+2   and   C14:BN14, h.0.attn.c_attn.weight
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect, column_number, parse_a1
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import AddressError, FormulaSyntaxError
from sheetgpt.formula.nodes import HOLE, Error, Name, Node, Reference

ERRORS = "|".join(re.escape(str(error)) for error in ErrorValue)
NUMBER = r"(?:\d++\.?+\d*+|\.\d++)(?:[eE][+-]?\d++)?+"

_SHEET = r"(?:'(?:[^']|'')*+'|(?:\[[^\]]*+\])?+[\w.]++(?::[\w.]++)?+)!"
_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
_END = r"(?![\w.(?\\!])"
_CELLS = (
    rf"{_CELL}(?::{_CELL}{_END})?{_END}"
    rf"|\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}{_END}"
    rf"|\$?[0-9]{{1,7}}:\$?[0-9]{{1,7}}{_END}"
)
_NAME = r"(?:[^\W\d]|\\)[\w.\\?]*+"
_OPERAND = rf"{_SHEET}(?:{_CELLS}|{_NAME}|\#REF!)|{_CELLS}|{_NAME}"
_OTHER = (
    r'"(?:[^"]|"")*+"'  # strings
    rf"|(?:{ERRORS})"
    r"|[^\W\d][\w.]*+\("  # functions
    r"|(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])(?![\w.(!:?\\])"
    rf"|(?!\d+:\$?\d){NUMBER}"
    rf"""|[^\w$'"\\{HOLE}[]"""  # operators, brackets, space
)
_PIECES = re.compile(rf"((?:{_OTHER})*+)({_OPERAND}|$)")
_ONE_OTHER = re.compile(_OTHER)
_PARTS = re.compile(rf"(?:({_SHEET}))?(?:({_CELLS})|({_NAME})|\#REF!)")

_ROWS = re.compile(r"(?:.*!)?\$?[A-Za-z]{1,3}\$?([0-9]{1,7})(?::\$?[A-Za-z]{1,3}\$?([0-9]{1,7}))?", re.DOTALL)

_PARAMETER = re.compile(r"^_xlpm\.(?=[^\W\d])", re.IGNORECASE)  # of LAMBDA and LET, in files

_HINT = "a formula is written as in Excel's files: functions in English, commas between arguments"


class Cut(NamedTuple):
    """A formula's text, cut: its skeleton, and the texts of its operands in their order."""

    skeleton: str
    operands: tuple[str, ...]


def cut(text: str) -> Cut:
    """Cut the operands out of a formula; raises FormulaSyntaxError where a character fits nowhere."""
    pieces = _PIECES.findall(text)
    operands = tuple([operand for _, operand in pieces if operand])
    skeleton = HOLE.join([other for other, _ in pieces[: len(operands) + 1]])
    if len(skeleton) + sum(map(len, operands)) - len(operands) != len(text):
        raise _misfit(text)
    return Cut(skeleton, operands)


def rows_of(pieces: Cut) -> list[tuple[int, ...]]:
    """Where the rows stand in a formula's text, for each of its operands: one for A1, two for A1:B2, none for A:B."""
    between = pieces.skeleton.split(HOLE)
    if len(between) != len(pieces.operands) + 1:  # a text has the character that stands for a hole
        return [()] * len(pieces.operands)
    spots, start = [], 0
    for other, name in zip(between, pieces.operands, strict=False):
        start += len(other)
        match = _ROWS.fullmatch(name)
        spots.append(tuple([start + match.start(group) for group in (1, 2) if match[group]]) if match else ())
        start += len(name)
    return spots


def _misfit(text: str) -> FormulaSyntaxError:
    """The error for the first character that no piece of the formula covers."""
    end = 0
    for piece in _PIECES.finditer(text):
        if piece.start() > end:
            break
        end = piece.end()
    while other := _ONE_OTHER.match(text, end):
        end = other.end()
    if text[end] == "[":
        return syntax_error(text, end, "references to tables and to other files are not supported")
    what = "a quotation mark is not closed" if text[end] in "\"'" else f"unexpected {text[end]!r}"
    return syntax_error(text, end, what)


def syntax_error(text: str, position: int, what: str) -> FormulaSyntaxError:
    """The error for a text and a position in it, from 0."""
    return FormulaSyntaxError(f"={text}: {what} at character {position + 2}", _HINT)


@lru_cache(maxsize=1 << 16)
def operand(text: str) -> Node:
    """The text of one operand as a Reference, a Name, or the error #REF!."""
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise syntax_error(text, 0, "no reference and no name")
    sheet = _sheet(text, parts[1])
    if parts[2] and (rect := cells_rect(parts[2])):
        return Reference(sheet, parts[2].upper(), rect)
    if parts[2] and ("$" in parts[2] or ":" in parts[2]):
        raise syntax_error(text, 0, f"cells beyond row {MAX_ROWS} or column XFD")
    name = parts[2] or parts[3]
    return Name(_PARAMETER.sub("", name), sheet) if name else Error(ErrorValue.REF)


def _sheet(text: str, prefix: str | None) -> str | None:
    if prefix is None:
        return None
    sheet = prefix[:-1]
    if sheet[0] == "'":
        sheet = sheet[1:-1].replace("''", "'")
    if "[" in sheet:
        raise syntax_error(text, 0, "references to other files are not supported")
    if ":" in sheet:
        raise syntax_error(text, 0, "references over several sheets (3-D references) are not supported")
    return sheet


def cells_rect(cells: str) -> Rect | None:
    """ "A1:B2", "A:C" or "1:3" -> Rect; None beyond the limits of a sheet."""
    first, _, last = cells.replace("$", "").partition(":")
    try:
        if first.isdigit():
            low, high = sorted((int(first), int(last)))
            return Rect(low, 1, high, MAX_COLUMNS) if low >= 1 and high <= MAX_ROWS else None
        if first.isalpha():
            left, right = sorted((column_number(first), column_number(last)))
            return Rect(1, left, MAX_ROWS, right)
        return parse_a1(cells)
    except AddressError:
        return None
