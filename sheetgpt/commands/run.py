"""A new prompt in an existing workbook: `sheetgpt run` and `sheetgpt recalc` as library calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sheetgpt.book.address import MAX_TEXT, at
from sheetgpt.book.book import Book
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import Value
from sheetgpt.errors import UsageError, WorkbookError
from sheetgpt.evaluator import Calculator
from sheetgpt.schema.sampling import sampling_cells, sampling_of
from sheetgpt.schema.workbook import Answer, answer_of, config_of, part_of, prompt_cells, tokenizer_of
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read

Cells = Mapping[str, Mapping[tuple[int, int], Value]]  # sheet -> (row, column) -> value


def run(
    path: Path | str,
    prompt: str | None = None,
    token_ids: Sequence[int] | None = None,
    output: Path | str | None = None,
    cached: bool = True,
    **sampling: float | int | None,
) -> Answer:
    """What the workbook answers, calculated anew from its formulas, to a new prompt or the one it holds.

    `sampling` are fields of `Sampling` (temperature, top_k, top_p, seed); those left out stay as the file has them.
    With `output`, a copy with the new values is written there. Without `cached`, the cache is left alone.
    Raises WorkbookError, UsageError, FormulaError.
    """
    book = read(path, cached)
    config_of(book)
    if part := part_of(book):
        raise WorkbookError(f"{path} is one of several workbooks of a model ({part})", "give the folder that it is in")
    changes: dict[str, dict[tuple[int, int], Value]] = {}
    if prompt is not None or token_ids is not None:
        text, ids = typed(book, prompt, token_ids)
        changes = prompt_cells(book, text, ids)
    if sampling:
        settings = sampling_cells(book, replace(sampling_of(book), **sampling))  # type: ignore[arg-type]
        for sheet, cells in settings.items():
            changes.setdefault(sheet, {}).update(cells)
    calculate(book, changes)
    answer = answer_of(book)
    if output is not None:
        patch(path, output, values_of(book, changes))
    return answer


def recalc(
    path: Path | str,
    output: Path | str,
    set: Mapping[str, Value | int] | None = None,  # noqa: A002 - the option of the command line, with its name
    cached: bool = True,
) -> int:
    """Write a copy in which every formula has the value that the evaluator gives it; returns the number of formulas.

    Any workbook will do: all else that the file holds (charts, formats, comments, macros ...) stays as it is, byte for
    byte, and `output` may be `path` itself. `set` types values into cells ("Sheet1!B7" or a defined name) before. They
    are of Python's kinds: a number, True or False, an ErrorValue, None for a blank; a str is always text, whatever it
    looks like ("1,5", "=B2"). Raises WorkbookError, UsageError (no single cell, or one with a formula; no value that a
    cell can hold), FormulaError.
    """
    book = read(path, cached)
    changes: dict[str, dict[tuple[int, int], Value]] = {}
    for text, value in (set or {}).items():
        sheet, rect = book.locate(text)
        if rect.size != 1:
            raise UsageError(f"{text} is {rect.size} cells", "set one cell at a time")
        changes.setdefault(sheet, {})[rect.top, rect.left] = _cell_value(text, value)
        if any(formula.rect.intersect(rect) for formula in book.sheets[sheet].formulas):
            raise UsageError(f"{text} holds a formula", "set cells that hold values")
    calculate(book, changes)
    patch(path, output, values_of(book, changes))
    return sum(len(sheet.formulas) for sheet in book.sheets.values())


def _cell_value(cell: str, value: Value | int) -> Value:
    """The value as a cell holds it: a whole number is a float; raises UsageError if a cell cannot hold it."""
    if isinstance(value, str) and len(value.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT:
        raise UsageError(f"{cell}: a text of {len(value):,} characters, and a cell holds {MAX_TEXT:,}", "shorten it")
    grid = Grid()
    try:
        if isinstance(value, str):
            value.encode()  # half of a pair of surrogates is no character
        grid[1, 1] = value
    except (TypeError, ValueError, OverflowError):
        kinds = "a cell holds a number, a text, True or False, an ErrorValue, or None"
        raise UsageError(f"{cell} cannot hold {value!r}", kinds) from None
    return grid[1, 1]


def calculate(book: Book, changes: Cells) -> None:
    """Type values into cells and calculate every formula of the book."""
    for sheet, cells in changes.items():
        for cell, value in cells.items():
            book.sheets[sheet].grid.write(at(*cell), value)
    Calculator(book).recalculate()


def values_of(book: Book, changes: Cells) -> dict[str, dict[tuple[int, int], Value]]:
    """The values of all formula cells and of the cells in `changes`."""
    values: dict[str, dict[tuple[int, int], Value]] = {}
    for name, sheet in book.sheets.items():
        cells = values[name] = dict(changes.get(name, {}))
        for formula in sheet.formulas:
            block = sheet.grid.read(formula.rect)
            cells.update(zip(formula.rect.cells(), block.ravel().tolist(), strict=True))
    return values


def typed(book: Book, prompt: str | None, token_ids: Sequence[int] | None) -> tuple[str, list[int]]:
    """The text and the ids of a prompt that is given as either; raises UsageError."""
    tokenizer = tokenizer_of(book)
    if token_ids is not None:
        if prompt is not None:
            raise UsageError("a prompt and token ids at once", "give one of them")
        return tokenizer.decode(token_ids) if tokenizer else " ".join(map(str, token_ids)), list(token_ids)
    if tokenizer is None or prompt is None:
        raise UsageError("this workbook has no tokenizer", "give the prompt as --token-ids 1,2,3")
    return prompt, tokenizer.encode(prompt)
