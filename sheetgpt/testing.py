"""For tests: an assertion that two workbooks hold the same."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sheetgpt.book.book import Book
from sheetgpt.comparison.diff import diff_books
from sheetgpt.comparison.diff_report import diff_text
from sheetgpt.xlsx.reader import read


def assert_workbooks_equal(
    a: Book | Path | str,
    b: Book | Path | str,
    *,
    rel_tol: float = 0.0,
    abs_tol: float = 0.0,
    constants: bool = True,
    values: bool = True,
    formulas: bool = True,
    names: bool = True,
    ignore: Iterable[str] = (),
    limit: int = 10,
) -> None:
    """Raise AssertionError that shows the first `limit` differences of two workbooks, if there are any.

    Workbooks are paths or Books. The options are those of `diff_books`.
    """
    old, new = (side if isinstance(side, Book) else read(side) for side in (a, b))
    changes = diff_books(
        old,
        new,
        rel_tol=rel_tol,
        abs_tol=abs_tol,
        constants=constants,
        values=values,
        formulas=formulas,
        names=names,
        ignore=ignore,
    )
    if changes:
        before, after = ("a Book" if isinstance(side, Book) else str(side) for side in (a, b))
        count = f"the workbooks differ in {len(changes)} place{'s' * (len(changes) > 1)}"
        raise AssertionError(f"{count}\n{diff_text(changes, before, after, limit)}")
