"""A workbook kept calculated: cells are typed into, and what they reach is calculated when somebody looks."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.book.values import Value
from sheetgpt.errors import UsageError, WorkbookError
from sheetgpt.evaluator import Calculator
from sheetgpt.gpt2.interventions import Interventions, Steering, Switches
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.lab.cells import NamedNumbers
from sheetgpt.lab.tokens import token_id
from sheetgpt.schema.names import config_of, part_of, tokenizer_of, window
from sheetgpt.xlsx.reader import read


class LiveBook:
    """A book and its calculator: `type` changes cells, `read` sees them calculated."""

    def __init__(self, book: Book | Path | str, cached: bool = True) -> None:
        self.book = book if isinstance(book, Book) else read(book, cached)
        self.config = config_of(self.book)
        if part := part_of(self.book):
            raise WorkbookError(f"this is one of several workbooks of a model ({part})", "build it without --split")
        self.calculator = Calculator(self.book)  # nothing is taken to be right: the first look calculates everything
        self._stale = True
        self._numbers = NamedNumbers(self.book, self.refresh)

    @property
    def numbers(self) -> NamedNumbers:
        """All activations and tensors by name, calculated when they are asked for."""
        return self._numbers

    @cached_property
    def tokenizer(self) -> Tokenizer | None:
        return tokenizer_of(self.book)

    @property
    def switches(self) -> Switches | None:
        """The switches in use, without the means that may stand for what is off; None where the workbook has none."""
        if "switch.heads" not in self.book.names:
            return None
        return Switches(self.read("switch.heads"), self.read("switch.mlp")[:, 0], self.read("switch.block")[:, 0])

    @property
    def interventions(self) -> Interventions:
        """Switches and steering in use; `embedding.position` holds already what is added for positions."""
        return Interventions(switches=self.switches, steering=self._steering())

    def _steering(self) -> Steering | None:
        if "steering.strength" not in self.book.names or not (strength := self._number("steering.strength")):
            return None
        block, first, last = (int(self._number(f"steering.{name}")) for name in ("block", "first", "last"))
        return Steering(self.read("steering.direction")[0], strength, block, first, last)

    def _number(self, name: str) -> float:
        return float(self.read(name)[0, 0])

    @property
    def length(self) -> int:
        """How many tokens the prompt has; raises UsageError with what the workbook says if it does not take it."""
        if "prompt.message" in self.book.names and (message := self.read("prompt.message")[0, 0]):
            raise UsageError(f"the workbook says: {message}", "type another prompt")
        return int(self.read("prompt.length")[0, 0])

    def refresh(self) -> None:
        """Calculate what changes have reached."""
        if self._stale:
            self.calculator.update()
            self._stale = False

    def calculate_all(self) -> None:
        """Calculate every formula, whether a change has reached it or not."""
        self.calculator.recalculate()
        self._stale = False

    def read(self, where: str) -> np.ndarray:
        """The values of a defined name or of "Sheet!A1:B2", calculated; float64 if all are numbers."""
        self.refresh()
        return self.book.read(where).copy()

    def typed(self, where: str) -> np.ndarray:
        """The same, as it is now, without a calculation: for cells that are typed."""
        return self.book.read(where).copy()

    def type(self, where: str, values: np.ndarray) -> None:
        """Put values into cells, for good."""
        self.calculator.set(where, values)
        self._stale = True

    def put(self, sheet: str, cell: tuple[int, int], value: Value) -> None:
        """Put a value into one cell, for good."""
        self.calculator.set((sheet, at(*cell)), value)
        self._stale = True

    def fit(self, where: str, value: object) -> np.ndarray:
        """A value, or as many as there are cells, in the shape of the cells; raises UsageError if it cannot be."""
        sheet, rect = self.book.locate(where)
        if any(formula.rect.intersect(rect) for formula in self.book.sheets[sheet].formulas):
            raise UsageError(f"{where} holds formulas", "change cells that hold values, such as weights")
        given = (
            np.array(value, dtype=object) if isinstance(value, str | bool | None) else np.asarray(value, dtype=float)
        )
        try:
            return np.broadcast_to(given, rect.shape).copy()
        except ValueError:
            raise UsageError(f"{where} is {rect.rows} x {rect.columns} cells, not {given.shape}") from None

    def require(self, name: str, sheet: str, lens: str) -> None:
        """Raise UsageError unless the workbook has a name, which comes with the sheet of a lens."""
        if name not in self.book.names:
            raise UsageError(
                f"this workbook has no {sheet}: it lacks the cells {name}",
                f"build it with --lens {lens}, or --lens all",
            )

    def check_block(self, block: int) -> None:
        """Raise UsageError unless there is such a block."""
        if not isinstance(block, int | np.integer) or not 0 <= block < self.config.n_layer:
            raise UsageError(f"there is no block {block!r}", f"blocks are 0 to {self.config.n_layer - 1}")

    def row_of(self, position: int | None) -> int:
        """The row, from 0, of a position, from 1; raises UsageError for one outside of the window."""
        last = window(self.book)
        if position is None:
            return self.length - 1
        if not isinstance(position, int | np.integer) or not 1 <= position <= last:
            raise UsageError(f"there is no position {position!r}", f"positions are 1 to {last}")
        return int(position) - 1

    def token(self, token: str | int) -> int:
        """The id of a token given by its text, or as an id; raises UsageError for text of no or several tokens."""
        return token_id(self.tokenizer, self.config, token)

    def choose(self, token: str | int | None, position: int | None = None) -> tuple[int, int]:
        """Row, from 0, and id of what is asked for; without a token the one that comes next there."""
        row = self.row_of(position)
        return row, int(self.read("predicted.ids")[row, 0]) if token is None else self.token(token)
