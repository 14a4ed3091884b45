"""A formula's text as Excel's formula bar shows it, from the text in the file.

Files mark functions younger than Excel 2007, parameters of LAMBDA, A1# and @ by prefixes and functions of their own
(Microsoft's [MS-XLSX], "Future functions", and its help on "_xlfn."); the formula bar and FORMULATEXT show none of it.
"""

from __future__ import annotations

import re

from sheetgpt.formula.table_reference import BRACKETS

_SHEET = r"(?:(?:'(?:[^']|'')*'|[^\W\d][\w.]*)!)?"
_CELL = rf"{_SHEET}\$?[A-Za-z]{{1,3}}\$?\d+"
_LINES = r"\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?\d+:\$?\d+"  # whole columns, whole rows
_RANGE = rf"{_CELL}(?::\$?[A-Za-z]{{1,3}}\$?\d+)?|{_SHEET}(?:{_LINES})|{_SHEET}[^\W\d][\w.]*"
_MARKED = re.compile(
    rf"""(?P<kept>"(?:[^"]|"")*"|{BRACKETS})
       | \b(?:_xlfn\.)?ANCHORARRAY\(\s*(?P<anchor>{_RANGE})\s*\)
       | \b(?:_xlfn\.)?SINGLE\(\s*(?P<one>{_RANGE})\s*\)
       | (?P<quoted>'(?:[^']|'')*')
       | \b(?:_xlfn\.(?:_xlws\.)?|_xlws\.|_xlpm\.|_xlop\.)""",
    re.VERBOSE | re.IGNORECASE,
)


def shown(text: str) -> str:
    """A formula, without its "=", as the formula bar shows it."""
    return _MARKED.sub(_shown, text) if "_xl" in text.lower() else text


def _shown(found: re.Match[str]) -> str:
    if found["anchor"]:
        return found["anchor"] + "#"
    if found["one"]:
        return "@" + found["one"]
    return found["kept"] or found["quoted"] or ""
