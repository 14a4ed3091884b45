"""A book whose formulas cut texts into tokens, and the vocabularies that tests cut with."""

from __future__ import annotations

from typing import Any

from sheetgpt.evaluator import Calculator
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.layout.build_book import build_tokenizer_book
from sheetgpt.schema.prompt import prompt_ids
from sheetgpt.schema.prompt_limits import Limits
from support.paths import MINI, shared

TOKENIZER = Tokenizer.from_folder(MINI)


def gpt2() -> Tokenizer:
    return Tokenizer.from_folder(shared("gpt2"))


class Cutter:
    """A book whose formulas cut texts, one after the other."""

    def __init__(self, tokenizer: Tokenizer, characters: int, rows: int | None = None) -> None:
        self.tokenizer, self.limits = tokenizer, Limits(characters)
        self.rows = rows or self.limits.bytes
        self.book = build_tokenizer_book(tokenizer, "a", self.rows, self.limits)
        self.calculator = Calculator(self.book)

    def cut(self, text: str) -> list[int]:
        """The ids that the formulas give."""
        self.calculator.set("prompt.text", text)
        self.calculator.update()
        return prompt_ids(self.book)

    def message(self) -> Any:
        return self.book.read("prompt.message")[0, 0]

    def length(self) -> Any:
        return self.book.read("prompt.length")[0, 0]
