"""Skeletons: a formula's text with its operands (references and names) cut out, and these read.

A workbook has up to 100,000 formulas but few shapes of formulas. What is left of a formula's text
when each operand is replaced by a hole is its skeleton, so each skeleton is parsed once only:

    MMULT(C14:BN14,h.0.attn.c_attn.weight)+2   ->   MMULT(▢,▢)+2   and   C14:BN14, h.0.attn.c_attn.weight
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect, column_number, parse_a1
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import AddressError, FormulaSyntaxError
from sheetgpt.formula.function_names import is_function
from sheetgpt.formula.nodes import HOLE, Error, Name, Node, Reference, Reference3D
from sheetgpt.formula.table_reference import BRACKETS, TableReference, table_reference

_ERROR = "|".join(re.escape(str(error)) for error in ErrorValue if error is not ErrorValue.REF)
_NO_CELLS = r"\#REF!"
ERRORS = rf"{_ERROR}|{_NO_CELLS}(?![$\w\#\[\\])"
NUMBER = r"(?:\d++\.?+\d*+|\.\d++)(?:[eE][+-]?\d++)?+"

# The vowel signs and accents of many alphabets belong to a name, and are no letters for regular expressions.
_MARKS = (
    r"\u0300-\u036f\u0483-\u0489\u0591-\u109f\u1700-\u1cff\u1dc0-\u1dff\u20d0-\u20f0"
    r"\u302a-\u302f\u3099\u309a\ua66f-\uabff"
)
_FIRST, _NEXT = r"[^\W\d]", rf"[\w.{_MARKS}]"
_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
_QUOTED = "'(?:[^']|'')*+'"
_PLAIN = rf"{_NEXT}++"
_SHEET = (
    rf"(?:{_QUOTED}(?::(?:{_PLAIN}|{_QUOTED}))?+"
    rf"|(?:\[[^\]]*+\])?+{_PLAIN}(?::{_PLAIN})?+"
    rf"|(?!{_CELL}:){_PLAIN}:{_QUOTED}"
    r"|\[[^\]]*+\])!"
)
_END = r"(?![\w.(?\\!\[])"
_CELLS = (
    rf"{_CELL}(?::{_CELL}{_END})?{_END}"
    rf"|\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}{_END}"
    rf"|\$?[0-9]{{1,7}}:\$?[0-9]{{1,7}}{_END}"
)
_NAME = rf"(?:{_FIRST}|\\)[\w.\\?{_MARKS}]*+"
_PLACE = rf"{_CELLS}|{_NAME}|{_NO_CELLS}"
_GONE = rf"{_NO_CELLS}(?:{_PLACE}|{BRACKETS})"  # of a sheet or a table that is deleted
_OPERAND = rf"{_SHEET}(?:{_PLACE})|{_CELLS}|{_NAME}(?:{BRACKETS})?+|{_GONE}|{BRACKETS}(?!!)"
_OTHER = (
    r'"(?:[^"]|"")*+"'  # strings
    rf"|(?:{ERRORS})"
    rf"|{_FIRST}{_NEXT}*+\("  # functions
    r"|(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])(?![\w.(!:?\\])"
    rf"|(?!\d+:\$?\d){NUMBER}"
    r"|\#(?!REF!)"
    rf"""|[^\w$'"\\\#{HOLE}[{_MARKS}]"""  # operators, brackets, space
)
_PIECES = re.compile(rf"((?:{_OTHER})*+)({_OPERAND}|$)", re.DOTALL)
_STRING = re.compile(r'"(?:[^"]|"")*"')
_ONE_OTHER = re.compile(_OTHER)
_PARTS = re.compile(rf"(?:({_SHEET}))?(?:({_CELLS})|({_NAME})|{_NO_CELLS})")
_TABLE = re.compile(rf"({_NAME})?({BRACKETS})", re.DOTALL)
_ENDS = re.compile(rf"{_QUOTED}|[^':]+")  # of a range of sheets
_BEFORE_BRACKET = re.compile(r"\s+\(")

_ROWS = re.compile(r"(?:.*!)?\$?[A-Za-z]{1,3}\$?([0-9]{1,7})(?::\$?[A-Za-z]{1,3}\$?([0-9]{1,7}))?", re.DOTALL)

_PARAMETER = re.compile(r"^_xlpm\.(?=[^\W\d])", re.IGNORECASE)  # of LAMBDA and LET, in files

_HINT = "a formula is written as in Excel's files: functions in English, commas between arguments"


class Cut(NamedTuple):
    """A formula's text, cut: its skeleton, and the texts of its operands in their order."""

    skeleton: str
    operands: tuple[str, ...]


def cut(text: str) -> Cut:
    """Cut the operands out of a formula; raises FormulaSyntaxError where a character fits nowhere."""
    others, operands = split(text)
    return Cut(HOLE.join(others), tuple(operands))


def split(text: str) -> tuple[list[str], list[str]]:
    """What stands around the operands of a formula, one piece more than operands, and these; raises as `cut` does."""
    pieces = _PIECES.findall(text)
    operands = [operand for _, operand in pieces if operand]
    others = [other for other, _ in pieces[: len(operands) + 1]]
    if sum(map(len, others)) + sum(map(len, operands)) != len(text):
        raise _misfit(text)
    return _without_functions(others, operands) if " (" in text or "\n(" in text else (others, operands)


def _without_functions(others: Sequence[str], operands: Sequence[str]) -> tuple[list[str], list[str]]:
    """The pieces; names of functions that have a space before their bracket, SUM (A1), are no operands."""
    between, kept = [others[0]], []
    for name, after in zip(operands, others[1:], strict=True):
        if _BEFORE_BRACKET.match(after) and is_function(name):
            between[-1] += name + after
        else:
            kept.append(name)
            between.append(after)
    return between, kept


def is_bracketed(skeleton: str) -> bool:
    """Whether one pair of brackets stands around the whole of a formula."""
    text = _STRING.sub("", skeleton).strip()
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


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
        is_file = "]" in text[end:] and "!" in text[end:]
        what = "references to other files are not supported" if is_file else "a bracket [ is not closed"
    else:
        what = "a quotation mark is not closed" if text[end] in "\"'" else f"unexpected {text[end]!r}"
    return syntax_error(text, end, what)


def syntax_error(text: str, position: int, what: str) -> FormulaSyntaxError:
    """The error for a text and a position in it, from 0."""
    error = FormulaSyntaxError(f"={text}: {what} at character {position + 2}", _HINT)
    error.reason = what
    return error


@lru_cache(maxsize=1 << 16)
def operand(text: str) -> Node:
    """The text of one operand as a reference of some kind, a Name, or the error #REF!."""
    if text.endswith("]"):
        return _table(text)
    parts = _PARTS.fullmatch(text)
    if parts is None:
        if text.upper().startswith("#REF!"):
            return Error(ErrorValue.REF)
        raise syntax_error(text, 0, "no reference and no name")
    sheet = _sheet(text, parts[1])
    if parts[2] and (rect := cells_rect(parts[2])):
        first, colon, last = (sheet or "").partition(":")  # no sheet has a colon in its name
        if colon:
            return Reference3D(first, last, parts[2].upper(), rect)
        return Reference(sheet, parts[2].upper(), rect)
    if parts[2] and ("$" in parts[2] or ":" in parts[2]):
        raise syntax_error(text, 0, f"cells beyond row {MAX_ROWS} or column XFD")
    name = parts[2] or parts[3]
    if name and ":" in (sheet or ""):
        raise syntax_error(text, 0, "cells are expected on several sheets, not a name")
    if name and name[:6].lower() == "_xlop.":  # a parameter that may be left out: typed as [name]
        return TableReference("", (), (name[6:],))
    return Name(_PARAMETER.sub("", name), sheet) if name else Error(ErrorValue.REF)


def place(text: str) -> tuple[str, str] | None:
    """The sheet with its mark ("Sheet1!" or "") and the cells of an operand that is a reference; None if it is none."""
    parts = _PARTS.fullmatch(text)
    return (parts[1] or "", parts[2]) if parts and parts[2] and cells_rect(parts[2]) else None


def _table(text: str) -> Node:
    """A reference to parts of a table; #REF! where the table or a column is deleted."""
    found = _TABLE.fullmatch(text)
    if "#REF!" in text.upper() and (found is None or "'#REF!" not in text.upper()):
        return Error(ErrorValue.REF)
    name = None if found is None else found[1] or ""
    node = None if name is None or found is None else table_reference(name, found[2])
    if node is None:
        raise syntax_error(text, 0, "no reference to parts of a table")
    return node


def _unquote(sheet: str) -> str:
    return sheet[1:-1].replace("''", "'") if sheet[0] == "'" else sheet


def _sheet(text: str, prefix: str | None) -> str | None:
    if prefix is None:
        return None
    sheet = ":".join([_unquote(part) for part in _ENDS.findall(prefix[:-1])])
    if "[" in sheet:
        return _sheet_of_file(text, sheet)
    return sheet


_FILE_AND_SHEET = re.compile(r"(.*)\[([^\]]+)\]([^\[\]]*)", re.DOTALL)


def _sheet_of_file(text: str, sheet: str) -> str | None:
    """ "[1]Data", "C:\\work\\[Book.xlsx]Data" -> "[1]Data", "[book.xlsx]Data"; "[0]" is this workbook.

    Without a sheet, as in [1]!rate, it is the file alone: "[1]".
    """
    parts = _FILE_AND_SHEET.fullmatch(sheet)
    if parts is None or ":" in parts[3]:
        raise syntax_error(text, 0, "such references to other files are not supported")
    if parts[2] == "0":
        return parts[3] or None
    return f"[{parts[2].lower()}]{parts[3]}"


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
