"""What the formula cells of a model in several workbooks should show, by the numpy reference, part by part."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.comparison.result import Rules
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.schema.names import part_of, tensors_of, tokenizer_of, window
from sheetgpt.schema.prompt import limits_of, prompt_ids, prompt_text
from sheetgpt.schema.sampling import candidates_of, sampling_of
from sheetgpt.schema.split import HEAD, PROMPT, layer_of
from sheetgpt.schema.split import tensors_of as names_of
from sheetgpt.witnesses.reference.detokenizer import join_tokens
from sheetgpt.witnesses.reference.tokenizer_sheets import tokenization
from sheetgpt.witnesses.reference.workbook import answers, cells_of, choices, within_float64
from sheetgpt.witnesses.witness import AbsentError, Evidence


class FolderReferenceWitness:
    """Asked for the parts in the order of the flow, it goes on from its own values, not from those in the files.

    The tokens after the prompt are those that the prompt's file holds; whether they are the right ones is seen when
    the head is asked.
    """

    name, rules = "reference", Rules()

    def __init__(self, config: Config) -> None:
        self.config = config
        self._ids: list[int] = []
        self._length = 0
        self._text = ""
        self._shown = np.empty((0, 1), dtype=object)
        self._x = np.empty((0, 0))

    def ask(self, path: Path, book: Book) -> Evidence:  # noqa: ARG002 - others need the file
        part = str(part_of(book))
        if not (prompt_ids(book) if part == PROMPT else self._ids):
            raise AbsentError("the workbooks hold no prompt that they take")
        tensors = tensors_of(book, self.config, names_of(self.config, part))
        with within_float64():
            return Evidence(f"numpy {np.__version__}", *cells_of(book, self._of(book, part, tensors)))

    def _of(self, book: Book, part: str, tensors: forward.Tensors) -> dict[str, np.ndarray]:
        """Defined name -> what its cells should hold, for one part."""
        if part == PROMPT:
            return self._prompt(book, tensors)
        if part == HEAD:
            return self._head(book, tensors)
        layer = layer_of(part)
        named = forward.block(self.config, tensors, layer, self._x)
        self._x = named[step(f"h.{layer}", 16)]
        return named | {"token.shown": self._shown, "map.prompt": _column([self._text])}

    def _prompt(self, book: Book, tensors: forward.Tensors) -> dict[str, np.ndarray]:
        rows, limits, tokenizer = window(book), limits_of(book), tokenizer_of(book)
        self._text = prompt_text(book)
        prompt = tokenizer.encode(self._text) if limits and tokenizer else prompt_ids(book)[:rows]
        predicted = book.read("predicted.ids").ravel().astype(int).tolist()
        self._length = length = len(prompt)
        self._ids = prompt + [predicted[t - 1] for t in range(length, rows)]
        self._shown = book.read("vocabulary.shown")[self._ids]
        named = forward.embeddings(tensors, self._ids)
        self._x = named[step("h.0", 1)] = named["embedding.token"] + named["embedding.position"]
        named |= {
            "token.ids": _column(self._ids),
            "token.shown": self._shown,
            "predicted.shown": book.read("vocabulary.shown")[predicted],
            "prompt.length": _column([length]),
            "prompt.shown": _column([*self._shown[:length].ravel(), *[""] * (rows - length)]),
            "prompt.message": _column([""]),
            "map.prompt": _column([self._text]),
        }
        return named | (tokenization(book, self._text, prompt, limits, rows) if limits else {})

    def _head(self, book: Book, tensors: forward.Tensors) -> dict[str, np.ndarray]:
        named = forward.head(self.config, tensors, self._x)
        named |= choices(named["logits"].T, sampling_of(book), candidates_of(book))
        named |= answers(book, self.config, named, self._ids, self._length)
        predicted = named["predicted.ids"].ravel().astype(int).tolist()
        return named | join_tokens(book, tokenizer_of(book), predicted, self._length)


def _column(values: list[object] | list[int] | list[str]) -> np.ndarray:
    return np.array(values, dtype=object).reshape(-1, 1)
