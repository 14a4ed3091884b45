"""The numpy reference as a witness of one workbook; for folders see `split`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.comparison.result import Rules
from sheetgpt.schema.names import is_model, part_of, window
from sheetgpt.schema.prompt import prompt_ids, token_in_front
from sheetgpt.witnesses.reference.workbook import expected_values, within_float64
from sheetgpt.witnesses.witness import AbsentError, Evidence


class ReferenceWitness:
    """GPT-2 in numpy, with the weights, the vocabulary and the prompt of the file."""

    name, rules = "reference", Rules()

    def ask(self, path: Path, book: Book) -> Evidence:  # noqa: ARG002 - others need the file
        if not is_model(book):
            alone = "the workbook is one of several of a model: check their folder"
            raise AbsentError(alone if part_of(book) else "the workbook holds no GPT-2")
        if not prompt_ids(book) or len(prompt_ids(book)) + (token_in_front(book) is not None) > window(book):
            raise AbsentError("the workbook holds no prompt that it takes")
        with within_float64():
            return Evidence(f"numpy {np.__version__}", *expected_values(book))
