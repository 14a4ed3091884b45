"""The sheet `Depth`: what the model would say if it ended after each block, by the logit lens and the Jacobian lens.

Logit lens: the final LayerNorm and the token embeddings are put on the row of one position as it stands after the
embedding and after each block, with the statistics of that row at that depth. The last row is the model's own answer.
Jacobian lens, where the book has its matrices: the same, of that row times the matrix of its block. `gpt2.lenses` says
both in numpy, and where they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sheetgpt.book.address import Rect, at, column_letters
from sheetgpt.book.book import Book
from sheetgpt.book.chart import Chart, Series
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.block import gain, normalize
from sheetgpt.layout.lenses.choice import choose_position_and_token
from sheetgpt.layout.page import TITLE_ROWS, Page, Region, add_titled_sheet, link, unless_refused
from sheetgpt.schema.jacobian import jacobian_name

BEST = 5  # tokens listed for each depth
_INPUTS = TITLE_ROWS + 2  # the first of three rows, below the links: position, token, what to do
_TABLE = _INPUTS + 5  # first row of values
_LEFT = 4  # first column of the five best tokens
_WORKING = 2 * BEST + _LEFT + 5  # first column of what the table is calculated from
_CHART = {1: 18, 2: 13}  # rows of the chart below so many tables: all of it is on the first screen
_TO_DO = (
    "Now do this: 1. Type a prompt. 2. See where its answer first becomes the best. 3. Type another position above."
)


@dataclass(frozen=True)
class _Lens:
    """One of the two lenses: the page, the prefix of its names, the first row of its table, the width of the residual
    stream, and the row of the position as each depth hands it to the final LayerNorm: depth -> formula; depths without
    one stay blank.
    """

    this: Page
    name: str
    title: str
    top: int
    width: int
    states: Mapping[int, str]

    @property
    def bottom(self) -> int:
        return self.top + self.this.rows - 1

    @property
    def columns(self) -> dict[str, tuple[int, int, str]]:
        """Name -> first column, how many, heading; what the first ones come from stands on the right."""
        working = _WORKING + 3 * (self.width + 1)  # behind three tables of rows
        return {
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

    def cell(self, name: str, depth: int, k: int = 0) -> str:
        return f"{column_letters(self.columns[name][0] + k)}{self.top + depth}"


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
    this = Page(book, sheet, config.n_layer + 1)
    sheet.look.widths = {
        (1, 1): 16,
        (2, 3): 12,
        (_LEFT, _LEFT + BEST - 1): 11,
        (_LEFT + BEST, _LEFT + 2 * BEST - 1): 7,
        (_LEFT + 2 * BEST, _WORKING): 9,
    }
    sheet.look.freeze = (_TABLE - 2, 2)
    choose_position_and_token(book, sheet, "depth", _INPUTS, rows, config.vocab_size)
    sheet.put(at(_INPUTS + 2, 2), _TO_DO, "note")
    lenses = _lenses(this, config)
    top = lenses[-1].bottom + _CHART[len(lenses)] + 6
    for number, lens in enumerate(lenses):
        _table(lens, _logits(lens, config, _final(lens, config), (top, 2 + number * (this.rows + 1))))
    _chart(lenses)


def _lenses(this: Page, config: Config) -> list[_Lens]:
    """The logit lens, and the Jacobian lens where there are matrices of it; both of what goes into the next block."""
    position = "depth.position,0"
    states = {layer: f"INDEX({step(f'h.{layer}', 1)},{position})" for layer in range(config.n_layer)}
    last = f"INDEX({step(f'h.{config.n_layer - 1}', 16)},{position})"
    lenses = [_Lens(this, "depth", "of the token", _TABLE, config.n_embd, states | {config.n_layer: last})]
    given = [layer for layer in range(config.n_layer) if jacobian_name(layer) in this.book.names]
    if given:
        bent = {layer + 1: f"MMULT({states.get(layer + 1, last)},TRANSPOSE({jacobian_name(layer)}))" for layer in given}
        top = lenses[0].bottom + 4
        bent[config.n_layer] = last
        lenses.append(_Lens(this, "depth.jacobian", "by the Jacobian lens", top, config.n_embd, bent))
        link(this.sheet, top - 2, _LEFT + 1, jacobian_name(given[0]), "its matrices ›")
    return lenses


def _final(lens: _Lens, config: Config) -> Region:
    """The rows of the position as the lens takes them, normalized, and through ln_f [layers + 1, d]; the last."""
    states = _region(lens, "states", _WORKING, config.n_embd)
    for number, text in lens.states.items():
        lens.this.sheet.put_formula(states.row(number), text, "activation", array=True)
    epsilon = config.layer_norm_epsilon
    normalized = _rows(lens, "normalized", states, lambda x, t: normalize(lens.this, x, t, epsilon))
    return _rows(lens, "ln_f", normalized, lambda x, t: gain(lens.this, x, t, "ln_f"))


def _rows(lens: _Lens, name: str, source: Region, formula: Callable[[Region, int], str]) -> Region:
    region = _region(lens, name, source.rect.right + 2, source.rect.columns)
    for t in lens.states:
        lens.this.sheet.put_formula(region.row(t), formula(source, t), "activation", array=True)
    return region


def _region(lens: _Lens, name: str, left: int, width: int) -> Region:
    this, top = lens.this, lens.top
    region = Region(this.sheet.name, Rect(top, left, lens.bottom, left + width - 1))
    this.sheet.put(at(top - 2, left), name.replace("_", " "), "heading")
    this.sheet.put(Rect(top - 1, left, top - 1, region.rect.right), np.arange(float(width))[None, :], "index")
    this.book.define(f"{lens.name}.{name}", this.sheet.name, region.rect)
    return region


def _logits(lens: _Lens, config: Config, final: Region, corner: tuple[int, int]) -> Region:
    """A column of logits for each depth [V, layers + 1], below the chart."""
    this, (top, left) = lens.this, corner
    region = Region(this.sheet.name, Rect(top, left, top + config.vocab_size - 1, left + this.rows - 1))
    if lens.name == "depth":
        this.sheet.put(at(top - 2, 1), "Logits at each depth", "caption")
        this.sheet.put_formula(Rect(top, 1, region.rect.bottom, 1), "vocabulary.shown", "token", array=True)
    else:
        this.sheet.put(at(top - 2, left), "by the Jacobian lens")
    this.sheet.look.styles.append((Rect(top - 2, left, top - 2, region.rect.right), "caption"))
    for t in lens.states:
        this.sheet.put(at(top - 1, left + t), _name(t), "heading_center")
        text = f"MMULT({config.head_name},TRANSPOSE({this.ref(final.sheet, final.row(t))}))"
        this.sheet.put_formula(region.column(t), text, "activation", array=True)
        this.sheet.look.marks += [(region.column(t), mark) for mark in ("errors", "largest")]
    this.book.define(f"{lens.name}.logits", this.sheet.name, region.rect)
    return region


def _name(depth: int) -> str:
    return "embedding" if not depth else f"block {depth - 1}"


def _table(lens: _Lens, scored: Region) -> None:
    """Rank and probability of the token of choice, and the best tokens; what they come from, on the right."""
    this, sheet = lens.this, lens.this.sheet
    for name, (left, width, head) in lens.columns.items():
        sheet.put(at(lens.top - 1, left), head, "heading")
        this.book.define(f"{lens.name}.{name}", sheet.name, Rect(lens.top, left, lens.bottom, left + width - 1))
    sheet.put(at(lens.top - 1, 1), "after", "heading")
    sheet.put(at(lens.top - 2, 2), lens.title, "heading")
    for t in range(this.rows):
        sheet.put(at(lens.top + t, 1), _name(t), "row_name")
    for t in lens.states:
        _token_of_choice(lens, t, str(scored.column(t)))
        for k in range(BEST):
            _best_token(lens, t, k, str(scored.column(t)))
    likely = lens.columns["best_probabilities"][0]
    sheet.look.scales.append((Rect(lens.top, likely, lens.bottom, likely + BEST - 1), "#F0772B"))


def _chart(lenses: list[_Lens]) -> None:
    """The probability of the token of choice after each block, a line for each lens."""
    names = ("logit lens", "Jacobian lens")
    series = []
    for lens, name in zip(lenses, names, strict=False):
        across = Rect(lenses[0].top, 1, lenses[0].bottom, 1)
        series.append(Series(values=Rect(lens.top, 3, lens.bottom, 3), across=across, name=name))
    area = Rect(lenses[-1].bottom + 2, 1, lenses[-1].bottom + _CHART[len(lenses)], 10)
    chart = Chart("line", area, "Probability of the token after each block", tuple(series))
    lenses[0].this.sheet.look.charts.append(chart)


def _token_of_choice(lens: _Lens, t: int, logits: str) -> None:
    sheet, columns, row = lens.this.sheet, lens.columns, lens.top + t
    mine, best, total = (lens.cell(name, t) for name in ("logit", "best_logit", "total"))
    texts = {
        "logit": (f"INDEX({logits},depth.token+1)", "activation_center"),
        "best_logit": (f"MAX({logits})", "activation_center"),
        "total": (f"SUM(EXP({logits}-{best}))", "activation_center"),
        "rank": (f"SUM(IF({logits}>{mine},1,0))", "whole"),
        "probability": (f"EXP({mine}-{best})/{total}", "output_percent"),
    }
    for name, (text, style) in texts.items():
        sheet.put_formula(at(row, columns[name][0]), text, style, array=True)


def _best_token(lens: _Lens, t: int, k: int, logits: str) -> None:
    """One of the best tokens; of equal logits the lower id comes first, as on Sampling."""
    sheet, columns, row = lens.this.sheet, lens.columns, lens.top + t
    left = columns["best_logits"][0]
    value, token = (lens.cell(name, t, k) for name in ("best_logits", "best_ids"))
    best, total = (lens.cell(name, t) for name in ("best_logit", "total"))
    first = f"MATCH({value},{Rect(row, left, row, left + BEST - 1)},0)"
    again = f"SMALL(IF({logits}={value},vocabulary.ids,1E+9),{k + 2}-{first})"
    texts = {
        "best_logits": (f"LARGE({logits},{k + 1})", "activation_center"),
        "best_ids": (f"IF({first}={k + 1},MATCH({value},{logits},0)-1,{again})", "whole"),
        "best_shown": (unless_refused(lens.this.book, f"INDEX(vocabulary.shown,{token}+1)"), "token"),
        "best_probabilities": (f"EXP({value}-{best})/{total}", "share"),
    }
    for name, (text, style) in texts.items():
        sheet.put_formula(at(row, columns[name][0] + k), text, style, array=True)
