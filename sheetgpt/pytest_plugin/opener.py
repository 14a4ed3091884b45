"""Opens workbooks for tests: each test has a copy of its own, each file is read once."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sheetgpt.book.book import Book
from sheetgpt.errors import UnsupportedFunctionError, UsageError
from sheetgpt.evaluator import DEFAULT_SEED
from sheetgpt.pytest_plugin.opened_book import OpenedBook
from sheetgpt.pytest_plugin.raising import without_insides
from sheetgpt.pytest_plugin.snapshots import Snapshots
from sheetgpt.xlsx.reader import read


class Opener:
    """The fixture `workbook`: called with a path it opens a workbook."""

    def __init__(self, folders: Sequence[Path], snapshots: Snapshots) -> None:
        self._folders, self._snapshots = folders, snapshots

    @without_insides
    def __call__(
        self, path: Path | str, *, now: datetime | None = None, seed: int = DEFAULT_SEED, strict: bool = True
    ) -> OpenedBook:
        """A workbook, calculated; its path is seen from the test's folder, else from the root of the test suite.

        `now` is the time for NOW and TODAY, by default the present; RAND and its kin draw by the `seed`. With `strict`
        a workbook is refused in which a formula cannot be calculated; without, cells that depend on one are refused
        when they are asked for.

        Raises UsageError if there is no such file, WorkbookError, FormulaError.
        """
        found = self._find(Path(path))
        stamp = found.stat()
        book = _copy(_read(found, stamp.st_mtime_ns, stamp.st_size))
        try:
            return OpenedBook(book, found.name, self._snapshots, now, seed, strict)
        except UnsupportedFunctionError as error:
            what = str(error).partition("\n")[0]
            hint = f'workbook("{path}", strict=False) opens it, to test cells that do not depend on them'
            raise UnsupportedFunctionError(f"{found.name}: {what}", hint) from None

    def _find(self, path: Path) -> Path:
        places = list(dict.fromkeys(folder / path for folder in self._folders))
        for place in places:
            if place.is_file():
                return place.resolve()
        raise UsageError(f"there is no workbook {path}", "looked for " + ", ".join(map(str, places)))


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _size: int) -> Book:
    return read(path)


def _copy(book: Book) -> Book:
    """A book whose cells and formulas can be changed."""
    sheets = {
        name: replace(sheet, grid=deepcopy(sheet.grid), formulas=list(sheet.formulas))
        for name, sheet in book.sheets.items()
    }
    return replace(book, sheets=sheets)
