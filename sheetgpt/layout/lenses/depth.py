"""The sheet `Depth`, the logit lens: what the model would say if it ended after each block.

The final LayerNorm and the token embeddings are put on the row of one position as it stands after the embedding and
after each block, with the statistics of that row at that depth. The last row is the model's own answer. `gpt2.lenses`
says the same in numpy, and where it comes from.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.book.address import Rect, at, column_letters
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.chart import Chart, Series
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.block import gain, normalize
from sheetgpt.layout.lenses.choice import choose_position_and_token
from sheetgpt.layout.page import TITLE_ROWS, Page, Region, add_titled_sheet, unless_refused

BEST = 5  # tokens listed for each depth
_INPUTS = TITLE_ROWS + 2  # the first of three rows, below the links: position, token, what to do
_TABLE = _INPUTS + 5  # first row of values
_LEFT = 4  # first column of the five best tokens
_WORKING = 2 * BEST + _LEFT + 5  # first column of what the table is calculated from
_TO_DO = (
    "Now do this: 1. Type a prompt. 2. See where its answer first becomes the best. 3. Type another position above."
)


def depth(book: Book, config: Config, rows: int) -> None:
    """Add the sheet: a row for each depth, the five best tokens, rank and probability of a token of choice."""
    sheet = add_titled_sheet(
        book,
        "Depth",
        "Depth: where the answer appears",
        "What the model would say if it ended there: final LayerNorm and logits after each block. "
        "Type a position or a token into the yellow cells.",
        "activation",
    )
    count = config.n_layer + 1
    this = Page(book, sheet, count)
    sheet.look.widths = {
        (1, 1): 16,
        (2, 3): 12,
        (_LEFT, _LEFT + BEST - 1): 11,
        (_LEFT + BEST, _LEFT + 2 * BEST - 1): 7,
        (_LEFT + 2 * BEST, _WORKING): 9,
    }
    sheet.look.freeze = (_TABLE, 2)
    choose_position_and_token(book, sheet, "depth", _INPUTS, rows, config.vocab_size)
    sheet.put(at(_INPUTS + 2, 2), _TO_DO, "note")
    states = _states(this, config)
    normalized = _rows(this, "depth.normalized", states, lambda x, t: normalize(this, x, t, config.layer_norm_epsilon))
    final = _rows(this, "depth.ln_f", normalized, lambda x, t: gain(this, x, t, "ln_f"))
    scored = _logits(this, config, final)
    _table(this, config, scored)


def _states(this: Page, config: Config) -> Region:
    """The row of the position after the embedding and after each block [layers + 1, d]."""
    region = _region(this, "depth.states", _WORKING, config.n_embd)
    for layer in range(this.rows):
        name = step(f"h.{layer}", 1) if layer < config.n_layer else step(f"h.{layer - 1}", 16)
        this.sheet.put_formula(region.row(layer), f"INDEX({name},depth.position,0)", "activation", array=True)
    return region


def _rows(this: Page, name: str, source: Region, formula: Callable[[Region, int], str]) -> Region:
    region = _region(this, name, source.rect.right + 2, source.rect.columns)
    for t in range(this.rows):
        this.sheet.put_formula(region.row(t), formula(source, t), "activation", array=True)
    return region


def _region(this: Page, name: str, left: int, width: int) -> Region:
    region = Region(this.sheet.name, Rect(_TABLE, left, _TABLE + this.rows - 1, left + width - 1))
    this.sheet.put(at(_TABLE - 2, left), name.partition(".")[2].replace("_", " "), "heading")
    this.sheet.put(Rect(_TABLE - 1, left, _TABLE - 1, region.rect.right), np.arange(float(width))[None, :], "index")
    this.book.define(name, this.sheet.name, region.rect)
    return region


def _logits(this: Page, config: Config, final: Region) -> Region:
    """A column of logits for each depth [V, layers + 1], below the table."""
    top, left = _TABLE + this.rows + 22, 2
    region = Region(this.sheet.name, Rect(top, left, top + config.vocab_size - 1, left + this.rows - 1))
    this.sheet.put(at(top - 2, 1), "Logits at each depth", "caption")
    this.sheet.look.styles.append((Rect(top - 2, 2, top - 2, region.rect.right), "caption"))
    this.sheet.put_formula(Rect(top, 1, region.rect.bottom, 1), "vocabulary.shown", "token", array=True)
    for t in range(this.rows):
        this.sheet.put(at(top - 1, left + t), _name(t), "heading_center")
        text = f"MMULT({config.head_name},TRANSPOSE({this.ref(final.sheet, final.row(t))}))"
        this.sheet.put_formula(region.column(t), text, "activation", array=True)
        this.sheet.look.marks += [(region.column(t), mark) for mark in ("errors", "largest")]
    this.book.define("depth.logits", this.sheet.name, region.rect)
    return region


def _name(depth: int) -> str:
    return "embedding" if not depth else f"block {depth - 1}"


def _table(this: Page, config: Config, scored: Region) -> None:
    """Rank and probability of the token of choice, the best tokens, and a chart; what they come from, on the right."""
    sheet, bottom = this.sheet, _TABLE + this.rows - 1
    working = _WORKING + 3 * (config.n_embd + 1)  # right of the three tables of rows
    columns = {  # name -> first column, how many, heading
        "rank": (2, 1, "rank, 0: best"),
        "probability": (3, 1, "probability"),
        "best_shown": (_LEFT, BEST, "best tokens"),
        "best_probabilities": (_LEFT + BEST, BEST, "their probabilities"),
        "logit": (_LEFT + 2 * BEST + 1, 1, "logit"),
        "best_logit": (_LEFT + 2 * BEST + 2, 1, "best logit"),
        "total": (_LEFT + 2 * BEST + 3, 1, "sum of exp(logit - best)"),
        "best_logits": (working, BEST, "best logits"),
        "best_ids": (working + BEST + 1, BEST, "best ids"),
    }
    for name, (left, width, head) in columns.items():
        sheet.put(at(_TABLE - 1, left), head, "heading")
        this.book.define(f"depth.{name}", sheet.name, Rect(_TABLE, left, bottom, left + width - 1))
    sheet.put(at(_TABLE - 1, 1), "after", "heading")
    sheet.put(at(_TABLE - 2, 2), "of the token", "heading")
    lefts = {name: left for name, (left, _, _) in columns.items()}
    for t in range(this.rows):
        sheet.put(at(_TABLE + t, 1), _name(t), "row_name")
        _token_of_choice(sheet, _TABLE + t, str(scored.column(t)), lefts)
        for k in range(BEST):
            _best_token(this, _TABLE + t, k, str(scored.column(t)), lefts)
    area = Rect(bottom + 2, 1, bottom + 18, 10)
    labels, values = (Rect(_TABLE, column, bottom, column) for column in (1, lefts["probability"]))
    line = Series(values=values, across=labels)
    sheet.look.charts.append(Chart("line", area, "Probability of the token after each block", (line,)))
    likely = lefts["best_probabilities"]
    sheet.look.scales.append((Rect(_TABLE, likely, bottom, likely + BEST - 1), "#F0772B"))


def _token_of_choice(sheet: Sheet, row: int, logits: str, lefts: dict[str, int]) -> None:
    mine, best, total = (f"{column_letters(lefts[name])}{row}" for name in ("logit", "best_logit", "total"))
    sheet.put_formula(at(row, lefts["logit"]), f"INDEX({logits},depth.token+1)", "activation_center")
    sheet.put_formula(at(row, lefts["best_logit"]), f"MAX({logits})", "activation_center")
    sheet.put_formula(at(row, lefts["total"]), f"SUM(EXP({logits}-{best}))", "activation_center", array=True)
    sheet.put_formula(at(row, lefts["rank"]), f"SUM(IF({logits}>{mine},1,0))", "whole", array=True)
    sheet.put_formula(at(row, lefts["probability"]), f"EXP({mine}-{best})/{total}", "output_percent")


def _best_token(this: Page, row: int, k: int, logits: str, lefts: dict[str, int]) -> None:
    """One of the best tokens; of equal logits the lower id comes first, as on Sampling."""
    sheet, left = this.sheet, lefts["best_logits"]
    value, token = (f"{column_letters(lefts[name] + k)}{row}" for name in ("best_logits", "best_ids"))
    best, total = (f"{column_letters(lefts[name])}{row}" for name in ("best_logit", "total"))
    first = f"MATCH({value},{Rect(row, left, row, left + BEST - 1)},0)"
    again = f"SMALL(IF({logits}={value},vocabulary.ids,1E+9),{k + 2}-{first})"
    found = f"IF({first}={k + 1},MATCH({value},{logits},0)-1,{again})"
    shown = unless_refused(this.book, f"INDEX(vocabulary.shown,{token}+1)")
    sheet.put_formula(at(row, left + k), f"LARGE({logits},{k + 1})", "activation_center")
    sheet.put_formula(at(row, lefts["best_ids"] + k), found, "whole", array=True)
    sheet.put_formula(at(row, lefts["best_shown"] + k), shown, "token")
    sheet.put_formula(at(row, lefts["best_probabilities"] + k), f"EXP({value}-{best})/{total}", "share")
