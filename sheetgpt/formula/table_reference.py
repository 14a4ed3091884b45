"""References to parts of tables (structured references): Table1[Column], Table1[[#Headers],[A]:[B]], [@Column].

Excel's documentation, "Using structured references with Excel tables"; in files [@A] is Table1[[#This Row],[A]]. In the
name of a column the characters [ ] # ' @ have the mark ' before them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

ALL, DATA, HEADERS, TOTALS, THIS_ROW = "#All", "#Data", "#Headers", "#Totals", "#This Row"
BRACKETS = r"\[(?:[^][']|'.|\[(?:[^][']|'.)*+\])*+\]"

_ITEMS = {item.lower(): item for item in (ALL, DATA, HEADERS, TOTALS, THIS_ROW)}
_COLUMN = r"\s*\[((?:[^][']|'.)*+)\]\s*"
_COLUMNS = re.compile(rf"{_COLUMN}(?::{_COLUMN})?", re.DOTALL)
_PARTS = re.compile(r"(?:[^][',]|'.|\[(?:[^][']|'.)*+\])++", re.DOTALL)
_ESCAPED = re.compile("'(.)", re.DOTALL)
_SPECIAL = re.compile(r"[][#'@]")


@dataclass(frozen=True, slots=True)
class TableReference:
    """Parts of a table ("": the one around the formula): all that `items` name, in one column or from one to another.

    Without items the data is meant, without columns all of them.
    """

    table: str
    items: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    binds: ClassVar[int] = 10  # like an atom

    def __str__(self) -> str:
        columns = [_SPECIAL.sub(r"'\g<0>", column) for column in self.columns]
        if not self.items and len(columns) == 1 and columns[0].strip() == columns[0] != "":
            return f"{self.table}[{columns[0]}]"
        if len(self.items) == 1 and not columns:
            return f"{self.table}[{self.items[0]}]"
        parts = [f"[{item}]" for item in self.items]
        if columns:
            parts.append(":".join(f"[{column}]" for column in columns))
        return f"{self.table}[{','.join(parts)}]"


def table_reference(table: str, brackets: str) -> TableReference | None:
    """The table's name and what stands behind it in brackets; None where that is no reference."""
    inner = brackets[1:-1]
    plain = inner.strip()
    if plain.startswith("@"):
        rest = plain[1:].strip()
        columns = () if not rest else _columns(rest) if rest.startswith("[") else (_unescape(rest),)
        return None if columns is None else TableReference(table, (THIS_ROW,), columns)
    if plain.startswith("["):
        return _listed(table, plain)
    if plain.startswith("#"):
        item = _ITEMS.get(plain.lower())
        return TableReference(table, (item,)) if item else None
    return TableReference(table, (), (_unescape(inner),) if plain else ())


def _listed(table: str, inner: str) -> TableReference | None:
    """[#Headers],[#Data],[A]:[B]"""
    parts = _PARTS.findall(inner)
    if len(",".join(parts)) != len(inner):
        return None
    items, columns = [], None
    for part in parts:
        item = _ITEMS.get(part.strip()[1:-1].strip().lower())
        if item is not None and columns is None:
            items.append(item)
        elif columns is None and not part.strip().startswith("[#"):
            columns = _columns(part)
            if columns is None:
                return None
        else:
            return None
    return TableReference(table, tuple(items), columns or ())


def _columns(text: str) -> tuple[str, ...] | None:
    """ "[A]:[B]" -> ("A", "B")"""
    found = _COLUMNS.fullmatch(text)
    if found is None:
        return None
    first, last = _unescape(found[1]), None if found[2] is None else _unescape(found[2])
    return (first,) if last is None else (first, last)


def _unescape(name: str) -> str:
    return _ESCAPED.sub(r"\1", name)
