"""The laboratory: a workbook that stays open for experiments, `sheetgpt.Lab`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.interventions import POSITIONS, Switches
from sheetgpt.lab.intervention import Intervention, scaling, steering, typing
from sheetgpt.lab.parts import Heads, Numbers, all_of, parts_of
from sheetgpt.lab.table import Table
from sheetgpt.lab.views import Views
from sheetgpt.schema.prompt import prompt_cells, prompt_text, resolve_prompt


class Lab(Views):
    """A workbook to look into and to intervene in; what a change does not reach is not calculated again.

    All numbers are those of the workbook's own formulas. Interventions type into its cells (`off` and `scale` into the
    sheet Switches, `steer` into Steering), so they need these sheets. Lenses (`logit_lens`, `attribution`, `neurons`)
    take the steps from the cells and apply `gpt2.lenses` to them, so they need no lens sheet.

    Positions count from 1, as in the workbook, blocks and heads from 0. Where none is given the position is the
    prompt's last, and the token the one that comes next there. A token is given by its text (" basketball"), which must
    be exactly one token, or by its id. Not to be used from two threads at once; a `Book` that is given is changed.
    Raises what `read` does, WorkbookError for a file that holds no whole GPT-2, UsageError for a prompt that does not
    fit.
    """

    def __init__(
        self,
        book: Book | Path | str,
        prompt: str | None = None,
        token_ids: Sequence[int] | None = None,
        cached: bool = True,
    ) -> None:
        super().__init__(book, cached)
        if prompt is not None or token_ids is not None:
            self._type_prompt(prompt, token_ids)

    def __repr__(self) -> str:
        c = self.config
        return f"<Lab: {c.n_layer} blocks, {c.n_head} heads, prompt {self.prompt!r}>"

    @property
    def prompt(self) -> str:
        """The prompt; another one may be assigned."""
        return prompt_text(self.book)

    @prompt.setter
    def prompt(self, text: str) -> None:
        self._type_prompt(text, None)

    @property
    def continuation(self) -> str:
        """What the workbook writes after the prompt."""
        return str(self.read("continuation.text")[0, 0] or "")

    def off(self, *parts: str, head: Heads = (), mlp: Numbers = (), block: Numbers = ()) -> Intervention[Lab]:
        """Take out what parts add: names such as "h.1.head.3", or head=(block, head), mlp=block, block=block.

        Each may be several: head=[(1, 3), (2, 0)], mlp=[0, 1]. Raises UsageError for a part that is not there, or where
        the workbook has no sheet Switches.
        """
        return self.scale(*parts, head=head, mlp=mlp, block=block, by=0.0)

    def scale(
        self, *parts: str, head: Heads = (), mlp: Numbers = (), block: Numbers = (), by: float
    ) -> Intervention[Lab]:
        """Multiply what parts add by a number; the parts as in `off`."""
        named = [*parts, *parts_of(head, mlp, block)]
        if not named:
            raise UsageError(
                "no part is named", 'write off(head=(1, 3)), off(mlp=2), off(block=0) or off("h.1.head.3")'
            )
        on = Switches.off(self.config, *named)
        masks = {"heads": on.heads, "mlp": on.mlp[:, None], "block": on.block[:, None]}
        self.require("switch.typed_heads", "Switches", "switches")
        return Intervention(self, scaling(masks, _number(by, "by")))

    def steer(
        self,
        block: int,
        direction: Sequence[float] | np.ndarray,
        strength: float = 1.0,
        rows: int | tuple[int, int] | None = None,
    ) -> Intervention[Lab]:
        """Add strength times a direction [d] to what goes into a block: in all rows, at one position, or (first, last).

        Raises UsageError for what does not fit, or where the workbook has no sheet Steering.
        """
        self.require("steering.typed_strength", "Steering", "steering")
        given = np.asarray(direction, dtype=np.float64).ravel()
        if given.shape != (self.config.n_embd,) or not np.isfinite(given).all():
            raise UsageError(
                f"a direction of {given.size} numbers", f"it is a row of the model: {self.config.n_embd} finite numbers"
            )
        self.check_block(block)
        return Intervention(self, steering(block, given, _number(strength, "strength"), self._ends(rows)))

    def endoftext(self, on: float = 1.0) -> Intervention[Lab]:
        """Put <|endoftext|> in front of the prompt; raises UsageError where the workbook has no sheet Endoftext."""
        self.require("endoftext.typed", "Endoftext", "endoftext")
        return self.change("endoftext.typed", on)

    def positions(self, code: str) -> Intervention[Lab]:
        """What says where a token stands: "wpe", "off" or "sinusoids", as the sheet Positions lists them.

        Raises UsageError for another word, or where the workbook has no such sheet.
        """
        self.require("positions.typed_code", "Positions", "positions")
        if code not in POSITIONS:
            raise UsageError(f"there is no code of positions {code!r}", "they are: " + ", ".join(POSITIONS))
        return self.change("positions.typed_code", code)

    def change(self, where: str, value: object) -> Intervention[Lab]:
        """Put other values into the cells of a defined name, such as "h.3.mlp.c_proj.bias"; one, or as many as cells.

        Raises UsageError for cells with formulas, which could not be put back.
        """
        return Intervention(self, typing(where, self.fit(where, value)))

    def ablation(self, kind: str = "head", token: str | int | None = None, measure: str = "probability") -> Table:
        """The probability, or the logit, of a token with each part off in turn: a row for each block.

        `kind` is "head", "mlp" or "block". The token's position is the prompt's last.
        """
        if measure not in ("probability", "logit"):
            raise UsageError(f"there is no measure {measure!r}", "they are: probability, logit")
        chosen = self.choose(token)[1]
        found = []
        for part in all_of(self.config, kind):
            with self.off(part):
                found.append(getattr(self, measure)(chosen))
        values = np.array(found).reshape(self.config.n_layer, -1)
        columns = [f"head {head}" for head in range(self.config.n_head)] if kind == "head" else [kind]
        return Table(values, [f"block {layer}" for layer in range(self.config.n_layer)], columns)

    def _ends(self, rows: int | tuple[int, int] | None) -> tuple[int | None, int | None]:
        """The first and the last position of some rows; raises UsageError for what is none."""
        if rows is None:
            return None, None
        ends = (rows, rows) if isinstance(rows, int | np.integer) else tuple(rows)
        if len(ends) != 2 or self.row_of(ends[0]) > self.row_of(ends[1]):
            raise UsageError(f"rows={rows!r} are no rows", "give a position, or (first, last)")
        return int(ends[0]), int(ends[1])

    def _type_prompt(self, prompt: str | None, token_ids: Sequence[int] | None) -> None:
        given = resolve_prompt(self.tokenizer, prompt, token_ids, "this workbook")
        for sheet, cells in prompt_cells(self.book, given).items():
            for cell, value in cells.items():
                self.put(sheet, cell, value)


def _number(value: object, name: str) -> float:
    """A finite number; raises UsageError."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value):
        raise UsageError(f"{name}={value!r} is no number that a cell can hold", "give a finite one")
    return float(value)
