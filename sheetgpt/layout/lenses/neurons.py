"""On the sheet Attribution: the neurons of a chosen block that push a token most, and what each of them says.

A neuron n of an MLP adds its activation (step 14) times its row w of mlp.c_proj to the residual stream, so to the logit
a ((w - mean w) / s * g) . wte[token]; and ((w - mean w) * g) . wte is how it pushes every token when it is on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.headings import caption
from sheetgpt.layout.page import LEFT, element, typed_whole, unless_refused

UP, DOWN = 10, 5  # neurons that push the token up most, and down most
WORDS = 3  # tokens that each promotes, and suppresses
_HEADS = ("neuron", "is on by", "adds")


def neurons(book: Book, sheet: Sheet, config: Config, top: int, working: int) -> int:
    """Add the table from row `top` on, what it comes from beginning in column `working`; returns the next free row."""
    caption(sheet, top, 1, LEFT + 13, "The neurons of one block's MLP that push the token most")
    _choose_block(book, sheet, config, top + 1)
    _effects(book, sheet, config, (top + 4, working))
    first = top + 4
    for column, title in enumerate(_HEADS, LEFT):
        sheet.put(at(first - 1, column), title, "heading_center")
    up = Rect(first, LEFT, first + min(UP, config.inner) - 1, LEFT)
    down = Rect(first + UP + 1, LEFT, first + UP + min(DOWN, config.inner), LEFT)
    for name, rows, function in (("up", up, "LARGE"), ("down", down, "SMALL")):
        sheet.put(at(rows.top, 2), f"push it {name} most", "row_name")
        _most(book, sheet, name, rows, function)
        _tokens(book, sheet, config, name, rows, working)
    return first + UP + DOWN + 2


def _choose_block(book: Book, sheet: Sheet, config: Config, row: int) -> None:
    last = config.n_layer - 1
    sheet.put(at(row, 1), "Block", "heading")
    sheet.put(at(row, 2), None, "input_number")
    sheet.look.lists.append((at(row, 2), tuple(map(str, range(config.n_layer)))))
    sheet.put_formula(at(row, LEFT), unless_refused(book, typed_whole(at(row, 2), 0, last, str(last))), "whole")
    sheet.put(at(row, LEFT + 1), f"choose 0 to {last}; blank: the last", "note")
    book.define("attribution.typed_block", sheet.name, at(row, 2))
    book.define("attribution.block", sheet.name, at(row, LEFT))


def _chosen(config: Config, name: Callable[[int], str]) -> str:
    """What has this name in the chosen block."""
    return f"CHOOSE(attribution.block+1,{','.join(map(name, range(config.n_layer)))})"


def _weight(config: Config) -> str:
    return _chosen(config, lambda layer: f"h.{layer}.mlp.c_proj.weight")


def _effects(book: Book, sheet: Sheet, config: Config, corner: tuple[int, int]) -> None:
    """Right of all else, a row for each neuron [inner, 4]: number, activation, what 1 of it adds, what it adds."""
    top, left = corner
    area = Rect(top, left, top + config.inner - 1, left)
    acts = _chosen(config, lambda layer: step(f"h.{layer}", 14))
    kinds = ("mlp", "block") if "switch.mlp" in book.names else ()
    on = "".join("*" + element(book, f"switch.{kind}", "attribution.block+1") for kind in kinds)
    slopes = f"MMULT({_weight(config)},TRANSPOSE(attribution.direction-AVERAGE(attribution.direction)))"
    texts = {
        "acts": f"TRANSPOSE(INDEX({acts},attribution.position,0))",
        "slopes": f"{slopes}/attribution.scale{on}",
        "effects": "attribution.neuron_acts*attribution.neuron_slopes",
    }
    sheet.put(at(top - 1, left), "neuron", "heading_center")
    sheet.put(area, np.arange(float(config.inner))[:, None], "position")
    book.define("attribution.neuron_numbers", sheet.name, area)
    for column, (name, text) in enumerate(texts.items(), 1):
        cells = area.shift(columns=column)
        sheet.put(
            at(top - 1, cells.left), {"acts": "activation", "slopes": "1 adds"}.get(name, "adds"), "heading_center"
        )
        sheet.put_formula(cells, text, "activation", array=True)
        book.define(f"attribution.neuron_{name}", sheet.name, cells)


def _most(book: Book, sheet: Sheet, name: str, rows: Rect, function: str) -> None:
    """The neurons with the largest or smallest effects: number, activation, effect."""
    adds = rows.shift(columns=2)
    for k in range(rows.rows):
        row = rows.top + k
        ranked = Ranked("attribution.neuron_effects", "attribution.neuron_numbers", adds, function)
        sheet.put_formula(at(row, LEFT), ranked.place(k), "whole", array=True)
        sheet.put_formula(at(row, LEFT + 1), f"INDEX(attribution.neuron_acts,{at(row, LEFT)}+1)", "effect")
        sheet.put_formula(at(row, LEFT + 2), ranked.value(k), "effect", array=True)
    sheet.look.marks.append((adds, "signed"))
    for column, kind in enumerate(("neurons", "acts", "adds")):
        book.define(f"attribution.{name}_{kind}", sheet.name, rows.shift(columns=column))


def _tokens(book: Book, sheet: Sheet, config: Config, name: str, rows: Rect, working: int) -> None:
    """The tokens that each neuron promotes and suppresses; their logits stand right of the neurons, a column each."""
    before = UP + 1 if name == "down" else 0
    logits = Rect(
        rows.top - before, working + 6 + before, rows.top - before + config.vocab_size - 1, working + 6 + before
    )
    left = working + 6 + UP + DOWN + 2  # of values and ids, behind the logits
    for k in range(rows.rows):
        row, column = rows.top + k, logits.shift(columns=k)
        sheet.put_formula(at(column.top - 1, column.left), f"{at(row, LEFT)}", "whole")
        w = f"INDEX({_weight(config)},{at(row, LEFT)}+1,0)"
        text = f"MMULT({config.head_name},TRANSPOSE(({w}-AVERAGE({w}))*ln_f.weight))"
        sheet.put_formula(column, text, "activation", array=True)
        for number, function in enumerate(("LARGE", "SMALL")):
            _three(book, sheet, (row, left + number * 2 * WORDS), column, LEFT + 3 + number * (WORDS + 1), function)
    for number, (kind, words) in enumerate((("promotes", "promotes, when on"), ("suppresses", "suppresses"))):
        shown = Rect(rows.top, LEFT + 3 + number * (WORDS + 1), rows.bottom, LEFT + 2 + WORDS + number * (WORDS + 1))
        if name == "up":
            sheet.put(at(rows.top - 1, shown.left), words, "heading")
        book.define(f"attribution.{name}_{kind}", sheet.name, shown)
        values = Rect(rows.top, left + number * 2 * WORDS, rows.bottom, left + number * 2 * WORDS + WORDS - 1)
        book.define(f"attribution.{name}_{kind}_logits", sheet.name, values)
        book.define(f"attribution.{name}_{kind}_ids", sheet.name, values.shift(columns=WORDS))
    area = Rect(logits.top, logits.left, logits.bottom, logits.left + rows.rows - 1)
    book.define(f"attribution.{name}_logits", sheet.name, area)
    book.define(f"attribution.{name}_logits_of", sheet.name, Rect(area.top - 1, area.left, area.top - 1, area.right))


def _three(book: Book, sheet: Sheet, place: tuple[int, int], logits: Rect, shown: int, function: str) -> None:
    """Values and ids of the first tokens in a column of logits, from `place` on, and in their column the tokens."""
    row, left = place
    values = Rect(row, left, row, left + WORDS - 1)
    ranked = Ranked(str(logits), "vocabulary.ids", values, function)
    for k in range(WORDS):
        sheet.put_formula(at(row, left + k), ranked.value(k), "activation_center", array=True)
        sheet.put_formula(at(row, left + WORDS + k), ranked.place(k), "whole", array=True)
        text = f"INDEX(vocabulary.shown,{at(row, left + WORDS + k)}+1)"
        sheet.put_formula(at(row, shown + k), unless_refused(book, text), "token")


@dataclass(frozen=True)
class Ranked:
    """The first of some numbers, the largest (LARGE) or the smallest (SMALL); of equals the first one comes first."""

    numbers: str
    ids: str
    values: Rect
    function: str

    def value(self, k: int) -> str:
        return f"{self.function}({self.numbers},{k + 1})"

    def place(self, k: int) -> str:
        """The id of the one with the value in the cell k of `values`."""
        line = self.values
        value = at(line.top + k, line.left) if line.columns == 1 else at(line.top, line.left + k)
        first = f"MATCH({value},{line},0)"
        again = f"SMALL(IF({self.numbers}={value},{self.ids},1E+9),{k + 2}-{first})"
        return f"IF({first}={k + 1},MATCH({value},{self.numbers},0)-1,{again})"
