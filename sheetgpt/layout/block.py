"""One block: its 16 steps, by the functions of `gpt2.forward` over regions of cells instead of arrays.

Each function gives the text of the formula in token row t. Row t reads only rows up to t, so the sheet
can go on writing: row t + 1 waits for what row t predicts, and nothing waits for the future.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sheetgpt.book.address import Rect, at, quote_sheet
from sheetgpt.book.book import Book
from sheetgpt.book.number_text import number_text
from sheetgpt.gpt2.activations import STEPS, step
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.lenses.steering import steered
from sheetgpt.layout.page import LEFT, TITLE_ROWS, Columns, Page, Region, RowFormula, element, page

_INDEX_ROW = TITLE_ROWS + 1  # of the links to the steps
_COLUMN = 6.3  # width: so that a window shows 16 columns


def excel_number(number: float) -> str:
    """A number as formulas write it: 1e-05 -> "0.00001" or "1E-05", 8.0 -> "8"."""
    return number_text(number).upper()


def normalize(page: Page, x: Region, t: int, epsilon: float) -> str:
    row = page.ref(x.sheet, x.row(t))
    return f"({row}-AVERAGE({row}))/SQRT(VARP({row})+{excel_number(epsilon)})"


def linear(page: Page, x: Region, t: int, name: str) -> str:
    return f"MMULT({page.ref(x.sheet, x.row(t))},{name}.weight)+{name}.bias"


def gain(page: Page, x: Region, t: int, name: str) -> str:
    return f"{page.ref(x.sheet, x.row(t))}*{name}.weight+{name}.bias"


def scores(page: Page, q: Region, k: Region, t: int, scale: float) -> str:
    product = f"MMULT({page.ref(q.sheet, q.row(t))},TRANSPOSE({page.ref(k.sheet, k.rows(0, t))}))"
    return product if scale == 1 else f"{product}/SQRT({excel_number(scale)})"


def softmax(cells: str) -> str:
    return f"EXP({cells}-MAX({cells}))/SUM(EXP({cells}-MAX({cells})))"


def heads(page: Page, weights: Rect, v: Region, t: int) -> str:
    return f"MMULT({weights},{page.ref(v.sheet, v.rows(0, t))})"


def gelu(page: Page, x: Region, t: int) -> str:
    x_ = page.ref(x.sheet, x.row(t))
    return f"0.5*{x_}*(1+TANH(SQRT(2/PI())*({x_}+0.044715*{x_}^3)))"


def add(page: Page, a: Region, b: Region, t: int) -> str:
    return f"{page.ref(a.sheet, a.row(t))}+{page.ref(b.sheet, b.row(t))}"


def block(book: Book, config: Config, layer: int, rows: int, x: list[Region] | np.ndarray) -> Region:
    """The sheet of one block; `x` is its input [n, d], as terms to add, or as numbers. Returns step 16 [n, d]."""
    name, d, width = f"h.{layer}", config.n_embd, config.width
    this = page(
        book,
        f"Block_{layer}",
        rows,
        f"Block {layer}",
        f"one of {config.n_layer}: 16 steps from top to bottom, one row per token. "
        "Tokens count from 1; columns, heads and blocks from 0",
    )
    this.sheet.look.widths = {(1, 1): 6, (2, 2): 16, (LEFT, LEFT + _widest(config, rows) - 1): _COLUMN}
    this.next_row = _INDEX_ROW + 1
    this.sheet.look.freeze = (this.next_row, LEFT)
    step_rows: dict[int, int] = {}
    epsilon = config.layer_norm_epsilon

    def put(
        number: int, columns: int, formula: RowFormula, edge: int = 0, names: Sequence[str] = (), tensor: str = ""
    ) -> Region:
        title, words = STEPS[number]
        words = words.replace("epsilon", np.format_float_positional(epsilon, trim="-"))
        tensors = [f"{name}.{tensor}.{part}" for part in ("weight", "bias")] if tensor else []
        step_rows[number] = this.next_row
        return this.table(
            f"Step {number}: {title}",
            words,
            step(name, number),
            Columns(columns, edge=edge, names=names),
            formula,
            tensors=tensors,
        )

    def switched(formula: str, instead: str, *switches: str) -> str:
        """The formula times switches of this block, and what stands in its place, where the book has them."""
        if "switch.heads" not in book.names:
            return formula
        on = "".join("*" + element(book, f"switch.{switch}", layer + 1) for switch in switches)
        return f"({formula}){on}+INDEX(switch.instead_{instead},{layer + 1},0)"

    def first_step(t: int) -> str:
        terms = "+".join(this.ref(part.sheet, part.row(t)) for part in x)
        return steered(terms, t, layer) if "steering.direction" in book.names else terms

    if isinstance(x, np.ndarray):
        step_rows[1] = this.next_row
        s1 = this.given(f"Step 1: {STEPS[1][0]}", "copied from the workbook before", step(name, 1), x)
    else:
        s1 = put(1, d, first_step)
    s2 = put(2, d, lambda t: normalize(this, s1, t, epsilon))
    s3 = put(3, d, lambda t: gain(this, s2, t, f"{name}.ln_1"), tensor="ln_1")
    s4 = put(
        4, 3 * d, lambda t: linear(this, s3, t, f"{name}.attn.c_attn"), d, ("queries", "keys", "values"), "attn.c_attn"
    )
    step_rows[5] = this.next_row
    q, k, v = (_third(this, name, s4, letter, config) for letter in "qkv")
    step_rows[6] = this.next_row
    s6 = _attention(
        this,
        name,
        6,
        scores_words(config, layer),
        config,
        lambda h, t: scores(this, q.columns(h * width, width), k.columns(h * width, width), t, config.scale(layer)),
    )
    step_rows[7] = this.next_row
    s7 = _attention(this, name, 7, STEPS[7][1], config, lambda h, t: softmax(str(_past(s6, h, t, rows))))
    step_rows[8] = this.next_row
    s8 = _heads(this, layer, s7, v, config)
    s9 = put(
        9, d, lambda t: switched(linear(this, s8, t, f"{name}.attn.c_proj"), "attention", "block"), tensor="attn.c_proj"
    )
    s10 = put(10, d, lambda t: add(this, s1, s9, t))
    s11 = put(11, d, lambda t: normalize(this, s10, t, epsilon))
    s12 = put(12, d, lambda t: gain(this, s11, t, f"{name}.ln_2"), tensor="ln_2")
    s13 = put(13, config.inner, lambda t: linear(this, s12, t, f"{name}.mlp.c_fc"), tensor="mlp.c_fc")
    s14 = put(14, config.inner, lambda t: gelu(this, s13, t))
    s15 = put(
        15,
        d,
        lambda t: switched(linear(this, s14, t, f"{name}.mlp.c_proj"), "mlp", "mlp", "block"),
        tensor="mlp.c_proj",
    )
    s16 = put(16, d, lambda t: add(this, s10, s15, t))
    _index(this, step_rows)
    return s16


def scores_words(config: Config, layer: int) -> str:
    """Step 6 in words, with this model's numbers."""
    words, scale = "query of this row . key of each row up to it", config.scale(layer)
    if scale == 1:
        return f"{words}, not scaled"
    factors = [f"sqrt({config.width})"] if config.scale_attn_weights else []
    factors += [f"(block {layer} + 1)"] if config.scale_attn_by_inverse_layer_idx else []
    return f"{words}, / {scale**0.5:.4g} = {' x '.join(factors)}"


def _widest(config: Config, rows: int) -> int:
    return max(3 * config.n_embd, config.inner, config.n_head * rows)


def _index(this: Page, step_rows: dict[int, int]) -> None:
    """Above the steps, always in view, a link to each of them."""
    this.sheet.put(at(_INDEX_ROW, 2), "go to step", "side")
    for number, row in step_rows.items():
        title = STEPS[number][0].split()[-1].replace("normalized", "norm") if number != 5 else "q k v"
        this.sheet.put(at(_INDEX_ROW, LEFT + number - 1), f"{number} {title}", "step_link")
        place = f"{quote_sheet(this.sheet.name)}!{at(row, 1)}"
        this.sheet.look.links.append((_INDEX_ROW, LEFT + number - 1, place))


def _head_names(config: Config) -> list[str]:
    return [f"head {head}" for head in range(config.n_head)]


def _third(this: Page, name: str, s4: Region, letter: str, config: Config) -> Region:
    """Step 5: the queries, keys or values of all heads."""
    index, part = "qkv".index(letter), {"q": "queries", "k": "keys", "v": "values"}[letter]
    source = s4.columns(index * config.n_embd, config.n_embd)
    return this.table(
        f"Step 5: {letter} ({part})",
        f"{STEPS[5][1]}; one head beside the other",
        f"{name}.step_05.{letter}",
        Columns(config.n_embd, edge=config.width, names=_head_names(config)),
        lambda t: str(source.row(t)),
    )


def _past(region: Region, head: int, t: int, rows: int) -> Rect:
    """The cells of one head in token row t: one for each row up to t."""
    row, left = region.rect.top + t, region.rect.left + head * rows
    return Rect(row, left, row, left + t)


def _attention(
    this: Page, name: str, number: int, words: str, config: Config, formula: Callable[[int, int], str]
) -> Region:
    """Steps 6 and 7: h tables of n x n side by side, in which the cells of the future stay blank."""
    rows, title = this.rows, f"Step {number}: {STEPS[number][0]}"
    region = this.start(
        title, words, Columns(config.n_head * rows, edge=rows, names=_head_names(config), positions=True)
    )
    this.sheet.look.styles.append((region.rect, "future"))
    for head in range(config.n_head):
        part = region.columns(head * rows, rows)
        for t in range(rows):
            this.sheet.put_formula(_past(region, head, t, rows), formula(head, t), "activation", array=True)
        this.sheet.look.styles.append((part.columns(0, 1).rect, "activation_edge"))
        this.book.define(step(name, number, head), this.sheet.name, part.rect)
    if number == 7:
        this.sheet.look.scales.append((region.rect, "#57AE5B"))
    return region


def _heads(this: Page, layer: int, s7: Region, v: Region, config: Config) -> Region:
    """Step 8: for each head its own array formula in each row, side by side."""
    width = config.width
    region = this.start(
        f"Step 8: {STEPS[8][0]}",
        "weights of step 7 x values, head by head",
        Columns(config.n_embd, edge=width, names=_head_names(config)),
    )
    for head in range(config.n_head):
        values = v.columns(head * width, width)
        for t in range(this.rows):
            text = heads(this, _past(s7, head, t, this.rows), values, t)
            if "switch.heads" in this.book.names:
                place, instead = this.book.locate("switch.instead_heads")
                own = Region(place, instead).columns(head * width, width).row(layer)
                text += f"*{element(this.book, 'switch.heads', layer + 1, head + 1)}+{this.ref(place, own)}"
            this.sheet.put_formula(region.columns(head * width, width).row(t), text, array=True)
    this.style(region, width)
    this.book.define(step(f"h.{layer}", 8), this.sheet.name, region.rect)
    return region
