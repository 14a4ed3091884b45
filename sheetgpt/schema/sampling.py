"""The settings for sampling that a workbook of sheetgpt holds, by their defined names, and how to type others."""

from __future__ import annotations

from math import floor

from sheetgpt.book.book import Book
from sheetgpt.book.edits import CellEdits
from sheetgpt.book.values import Value
from sheetgpt.gpt2.sampling import PRIME, Sampling
from sheetgpt.schema.names import single


def candidates_of(book: Book) -> int:
    """How many of the best tokens each row lists to draw from."""
    return book.locate("candidates.ids")[1].columns


def sampling_of(book: Book) -> Sampling:
    """The settings on Type_Prompt_Here; what is blank or no number as the sheet takes it."""
    typed = {name: single(book, f"sampling.{name}") for name in ("temperature", "top_k", "top_p", "seed")}
    numbers = {name: value for name, value in typed.items() if isinstance(value, float)}
    k = int(numbers.get("top_k", 0))
    return Sampling(
        temperature=max(0.0, numbers.get("temperature", 0.0)),
        top_k=min(k, candidates_of(book)) if k >= 1 else None,
        top_p=min(1.0, max(0.0, numbers.get("top_p", 1.0))),
        seed=abs(floor(numbers.get("seed", 1.0))) % PRIME,
    )


def sampling_cells(book: Book, sampling: Sampling) -> CellEdits:
    """What to type for other settings; raises UsageError for settings that mean nothing."""
    sampling.verify(candidates_of(book))
    values: dict[str, Value] = {
        "temperature": float(sampling.temperature),
        "top_k": None if sampling.top_k is None else float(sampling.top_k),
        "top_p": float(sampling.top_p),
        "seed": float(sampling.seed),
    }
    edits = CellEdits()
    for name, value in values.items():
        sheet, cell = book.locate(f"sampling.{name}")
        edits.set(sheet, (cell.top, cell.left), value)
    return edits
