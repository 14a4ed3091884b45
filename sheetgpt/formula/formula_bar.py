"""A formula's text as Excel's formula bar shows it, from the text in the file.

Files mark functions younger than Excel 2007, parameters of LAMBDA, A1# and @ by prefixes and functions of their own
(Microsoft's [MS-XLSX], "Future functions", and its help on "_xlfn."); the formula bar and FORMULATEXT show none of it.
The row of a table's formula is Sales[[#This Row],[Net]] in files, and [@Net] in the formula bar.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial

from sheetgpt.formula.table_reference import BRACKETS

_SHEET = r"(?:(?:'(?:[^']|'')*'|[^\W\d][\w.]*)!)?"
_CELL = rf"{_SHEET}\$?[A-Za-z]{{1,3}}\$?\d+"
_LINES = r"\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?\d+:\$?\d+"  # whole columns, whole rows
_RANGE = rf"{_CELL}(?::\$?[A-Za-z]{{1,3}}\$?\d+)?|{_SHEET}(?:{_LINES})|{_SHEET}[^\W\d][\w.]*"
_MARKED = re.compile(
    rf"""(?P<kept>"(?:[^"]|"")*")
       | (?P<table>[^\W\d][\w.\\]*)?(?P<part>{BRACKETS})
       | \b(?:_xlfn\.)?ANCHORARRAY\(\s*(?P<anchor>{_RANGE})\s*\)
       | \b(?:_xlfn\.)?SINGLE\(\s*(?P<one>{_RANGE})\s*\)
       | (?P<quoted>'(?:[^']|'')*')
       | \b(?:_xlfn\.(?:_xlws\.)?|_xlws\.|_xlpm\.|_xlop\.)""",
    re.VERBOSE | re.IGNORECASE,
)
_THIS_ROW = re.compile(r"\[\s*\[#This Row\]\s*(?:,\s*(.*))?\]", re.IGNORECASE | re.DOTALL)
_PLAIN_COLUMN = re.compile(r"\[(\w+)\]\s*")


def shown(text: str, tables: Collection[str] = ()) -> str:
    """A formula, without its "=", as the formula bar shows it in a cell of these tables."""
    small = text.lower()
    return _MARKED.sub(partial(_shown, tables), text) if "_xl" in small or "[#this row]" in small else text


def _shown(tables: Collection[str], found: re.Match[str]) -> str:
    if found["anchor"]:
        return found["anchor"] + "#"
    if found["one"]:
        return "@" + found["one"]
    if found["part"]:
        return _table_part(found["table"] or "", found["part"], tables)
    return found["kept"] or found["quoted"] or ""


def _table_part(table: str, brackets: str, tables: Collection[str]) -> str:
    """Sales[[#This Row],[Net]] is Sales[@Net], in the table itself [@Net]; all else stays as it is."""
    found = _THIS_ROW.fullmatch(brackets)
    if not found:
        return table + brackets
    columns = found[1] or ""
    plain = _PLAIN_COLUMN.fullmatch(columns)  # others have brackets of their own
    own = table.lower() in {name.lower() for name in tables}
    return f"{'' if own else table}[@{plain[1] if plain else columns}]"
