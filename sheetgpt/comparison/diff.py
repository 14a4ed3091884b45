"""What changed from one workbook to another: sheets, names, rows put in, formulas, constants, stored values.

Any two workbooks, read as `Book`s; nothing here knows what they calculate, nor how sheets look. Formulas are compared
by what they mean (`formula/canonical.py`). Rows and columns put in or taken out are found first (`align.py`), and the
old book is carried to the places of the new one (`carry.py`), so that what they shift is no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect, reference
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.table import Table
from sheetgpt.comparison.align import align, too_large
from sheetgpt.comparison.carry import Carrier
from sheetgpt.comparison.change import Change
from sheetgpt.comparison.fold import fold
from sheetgpt.comparison.ignored import parse_ignore
from sheetgpt.comparison.lines import Lines, Move
from sheetgpt.comparison.pair_sheets import pair_sheets, sheet_changes
from sheetgpt.comparison.sheet_diff import Found, Wanted, find, formulas_by_cell
from sheetgpt.comparison.sheet_diff import changes as cell_changes
from sheetgpt.comparison.shown import contents
from sheetgpt.errors import UsageError
from sheetgpt.formula.canonical import mean_the_same

__all__ = ["Change", "Changes", "compare_books", "diff_books", "fold"]


_MANY = 1000  # cells that differ: rows may have been put in


class Changes(NamedTuple):
    """What differs, and how the old book was carried to the places of the new one."""

    listed: list[Change]
    carrier: Carrier
    pairs: dict[str, str]  # the old name of each sheet that both have


def diff_books(
    a: Book,
    b: Book,
    *,
    rel_tol: float = 0.0,
    abs_tol: float = 0.0,
    constants: bool = True,
    values: bool = True,
    formulas: bool = True,
    names: bool = True,
    ignore: Iterable[str] = (),
) -> list[Change]:
    """Every difference from `a` to `b`: causes first, then the values of formulas, in the order of b's sheets.

    Formulas differ if they do not mean the same; rows and columns that were put in or taken out are one change each,
    and what they shift is none. Neighbouring cells are folded to rectangles.

    Numbers are equal if math.isclose says so with the tolerances (default: only if they are the same). `values` are the
    stored results of formulas, `constants` all other cells. `ignore` lists sheets ("Notes"), cells ("Sheet1!B2:C4") and
    defined names (with the cells they stand for); raises AddressError if an entry is none of these in either workbook,
    UsageError for a tolerance below 0.
    """
    wanted = Wanted(constants, values, formulas, rel_tol, abs_tol)
    return compare_books(a, b, wanted, names, ignore).listed


def compare_books(
    a: Book,
    b: Book,
    wanted: Wanted = Wanted(),  # noqa: B008 - frozen
    names: bool = True,
    ignore: Iterable[str] = (),
) -> Changes:
    """As `diff_books`, with what carries cells of the old book to the new one."""
    rel_tol, abs_tol = wanted.rel_tol, wanted.abs_tol
    if not (rel_tol >= 0 and abs_tol >= 0):
        raise UsageError(f"a tolerance of {min(rel_tol, abs_tol):g}: it is 0 or more")
    whole, rects = parse_ignore(ignore, (a, b))
    partners = pair_sheets(a, b)
    pairs = {new: old for new, old in partners.items() if not whole & {new, old}}
    found = {new: find(a.sheets[old], b.sheets[new], wanted) for new, old in pairs.items()}
    moves = {old.casefold(): _move(a.sheets[old], b.sheets[new], found[new]) for new, old in pairs.items()}
    carrier = Carrier(moves)
    listed = [one for one in sheet_changes(a, b, partners) if not whole & {one.sheet, one.a}]
    if names:
        listed += [change for change in _names(a.names, b.names, carrier) if change.name not in whole]
    listed += _tables(a.tables, b.tables, carrier)
    for new, old in pairs.items():
        listed += _lines(a.sheets[old], b.sheets[new], moves[old.casefold()])
        if len(found[new].values) > _MANY and too_large(a.sheets[old], b.sheets[new]):
            listed.append(Change("cell by cell", new, b="too large to look for rows and columns put in"))
    for new, old in pairs.items():
        before = a.sheets[old]
        if not carrier.same:
            before = carrier.sheet(before)
            found[new] = find(before, b.sheets[new], wanted)
        left_out = [*rects.get(new, ()), *_new_lines(moves[old.casefold()])]
        listed += cell_changes(before, b.sheets[new], found[new], wanted, left_out)
    return Changes(sorted(listed, key=lambda change: change.kind == "values"), carrier, pairs)


def _move(a: Sheet, b: Sheet, found: Found) -> Move:
    """Where rows and columns went; they are looked for only where more than one input differs."""
    results = {formula.rect[:2] for formula in b.formulas}
    if len(found.formulas | (found.values - results)) < 2:
        return Move(b.name, Lines(), Lines())
    return align(a, b)


def _lines(a: Sheet, b: Sheet, move: Move) -> Iterator[Change]:
    """Rows and columns put in or taken out, with what stands in them."""
    if move.same:
        return
    before, after = formulas_by_cell(a), formulas_by_cell(b)
    for kind, lines in (("rows", move.rows), ("columns", move.columns)):
        for first, last in lines.deleted():
            rect = _whole(kind, first, last)
            yield Change(kind, b.name, rect, a=contents(a, rect, before))
        for first, last in lines.inserted():
            rect = _whole(kind, first, last)
            yield Change(kind, b.name, rect, b=contents(b, rect, after))


def _new_lines(move: Move) -> list[Rect]:
    """The rows and columns that were put in: their cells are no changes of their own."""
    rows = [_whole("rows", first, last) for first, last in move.rows.inserted()]
    return rows + [_whole("columns", first, last) for first, last in move.columns.inserted()]


def _whole(kind: str, first: int, last: int) -> Rect:
    return Rect(first, 1, last, MAX_COLUMNS) if kind == "rows" else Rect(1, first, MAX_ROWS, last)


def _names(a: Mapping[str, str], b: Mapping[str, str], carrier: Carrier) -> list[Change]:
    """Defined names that came, went, or mean something else; capital letters do not count."""
    before = {_key(name, carrier): name for name in a}
    after = {name.casefold(): name for name in b}
    changes = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        was = None if old is None else carrier.text(a[old], "")
        now = None if new is None else b[new]
        if was is None or now is None or not mean_the_same(was, now):
            changes.append(Change("name", name=new or old or "", a=was, b=now))
    return changes


def _tables(a: Mapping[str, Table], b: Mapping[str, Table], carrier: Carrier) -> list[Change]:
    """Tables that came, went, or have other cells or columns."""
    before, after = ({name.casefold(): (name, table) for name, table in tables.items()} for tables in (a, b))
    changes = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        was = None if old is None else _table(old[1], carrier)
        now = None if new is None else _table(new[1])
        if was != now:
            changes.append(Change("table", name=(new or old or ("",))[0], a=was, b=now))
    return changes


def _table(table: Table, carrier: Carrier | None = None) -> str:
    place = reference(table.sheet, table.rect)
    where = carrier.text(place, "") if carrier else place
    rows = f"{table.header_rows} heading, {table.total_rows} totals"
    return f"{where.replace('$', '')}, {rows}: {', '.join(table.columns)}"


def _key(name: str, carrier: Carrier) -> str:
    """A name of the old book as the new one has it, in small letters; a name may belong to a sheet."""
    return (carrier.text(name, "") if "!" in name else name).casefold()
