"""The sheet `Attribution`, direct logit attribution: what each part of the model adds to the logit of a token.

The last row of the residual stream is a sum of parts: the embeddings, and what each head, bias and MLP adds to it. The
final LayerNorm, with the scale that it has for the whole row, and the token's row of the head turn each part into a
number; these numbers and a constant add up to the logit. `gpt2.lenses` says the same in numpy. A direct effect is not
the total effect: what a part does through later blocks is not in it. `totals` puts that beside it, `neurons` those of
one MLP.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.block import excel_number
from sheetgpt.layout.lenses.choice import choose_position_and_token
from sheetgpt.layout.lenses.neurons import neurons
from sheetgpt.layout.lenses.totals import totals
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, element

_INPUTS = TITLE_ROWS + 2  # position and token, below the links
_TABLE = _INPUTS + 6  # first row of effects: the embeddings, then one for each block
_TO_DO = (
    "Now do this: 1. Type a prompt. 2. Find the part that adds most to the answer. 3. Type the id of another token."
)


def attribution(book: Book, config: Config, rows: int) -> None:
    """Add the sheet, for a window of so many rows."""
    sheet = add_titled_sheet(
        book,
        "Attribution",
        "Attribution: what each part adds to the answer",
        "What each part of a row adds to the logit of a token by itself. Below: what switching it off does; neurons.",
        "activation",
    )
    heads = config.n_head
    sheet.look.widths = {(1, 1): 10, (2, 2): 14, (LEFT, LEFT + 2 * heads + 10): 8, (LEFT + 1, LEFT + 1): 9.5}
    sheet.look.freeze = (TITLE_ROWS + 1, LEFT)
    choose_position_and_token(book, sheet, "attribution", _INPUTS, rows, config.vocab_size)
    sheet.put(at(_INPUTS + 2, LEFT), _TO_DO, "note")
    parts = _parts(book, sheet, config)
    _effects(book, sheet, config, parts)
    _identity(book, sheet, config)
    ids = Rect(_TABLE, parts.right + 2, _TABLE + rows - 1, parts.right + 2)
    top = totals(book, sheet, config, _TABLE + config.n_layer + 7, ids)
    neurons(book, sheet, config, top, ids.right + 2)


def _parts(book: Book, sheet: Sheet, config: Config) -> Rect:
    """The parts of the last row, one below the other [2 + layers x (heads + 2), d], right of the effects."""
    left, top, d = LEFT + 2 * config.n_head + 17, _TABLE, config.n_embd  # beyond the first screen
    count = 2 + ("steering.direction" in book.names) + config.n_layer * (config.n_head + 2)
    region = Rect(top, left, top + count - 1, left + d - 1)
    index = Rect(top - 1, left, top - 1, region.right)
    sheet.put(at(top - 4, left), "Parts of the row")
    sheet.look.styles.append((Rect(top - 4, left, top - 4, region.right), "caption"))
    sheet.put(index, np.arange(float(d))[None, :], "index")
    direction, deviation = Rect(top - 2, left, top - 2, region.right), at(top - 2, left - 1)
    last = f"INDEX({step(f'h.{config.n_layer - 1}', 16)},attribution.position,0)"
    sheet.put(
        at(top - 3, left), f"gain of ln_f x the token's row of {config.head_name}; left of it the scale of ln_f", "note"
    )
    sheet.put_formula(
        direction, f"ln_f.weight*INDEX({config.head_name},attribution.token+1,0)", "activation", array=True
    )
    sheet.put_formula(
        deviation, f"SQRT(VARP({last})+{excel_number(config.layer_norm_epsilon)})", "activation_center", array=True
    )
    sheet.put(at(top - 2, left - 2), "scale, direction", "row_name")
    for name, rect in (("direction", direction), ("scale", deviation), ("parts", region)):
        book.define(f"attribution.{name}", sheet.name, rect)
    for row, (name, text) in enumerate(_part_formulas(book, config, str(index)), top):
        sheet.put(at(row, left - 2), name, "row_name")
        sheet.put_formula(Rect(row, left, row, region.right), text, "activation", array=True)
    return region


def _part_formulas(book: Book, config: Config, index: str) -> list[tuple[str, str]]:
    """Name and formula of each part."""
    here = "attribution.position,0"
    parts = [("token", f"INDEX(embedding.token,{here})"), ("position", f"INDEX(embedding.position,{here})")]
    if "steering.direction" in book.names:
        here_and_block = "attribution.position,steering.block+1"
        parts.append(("steering", f"INDEX(steering.strengths,{here_and_block})*steering.direction"))
    for layer in range(config.n_layer):
        name = f"h.{layer}"
        switches = "switch.block" in book.names
        on = "*" + element(book, "switch.block", layer + 1) if switches else ""
        instead = f"+INDEX(switch.instead_attention,{layer + 1},0)" if switches else ""
        for head in range(config.n_head):
            own = f"IF(INT({index}/{config.width})={head},INDEX({step(name, 8)},{here}),0)"
            parts.append((f"{layer} head {head}", f"MMULT({own},{name}.attn.c_proj.weight){on}"))
        parts.append((f"{layer} bias", f"{name}.attn.c_proj.bias{on}{instead}"))
        parts.append((f"{layer} MLP", f"INDEX({step(name, 15)},{here})"))
    return parts


def _effects(book: Book, sheet: Sheet, config: Config, parts: Rect) -> None:
    """What each part adds: a row for the embeddings, one for each block with its heads, its bias and its MLP."""
    heads, top = config.n_head, _TABLE
    titles = [*(f"head {head}" for head in range(heads)), "bias", "MLP", "together"]
    for column, title in enumerate(titles, LEFT):
        sheet.put(at(top, column), title, "heading_center")
    first = ("token", "position", *["steering"] * ("steering.direction" in book.names))
    for column, title in enumerate(first, LEFT):
        sheet.put(at(top - 2, column), title, "heading_center")
    sheet.put(at(top - 1, 2), "embeddings", "row_name")
    row = parts.top
    for k in range(len(first)):
        _effect(sheet, at(top - 1, LEFT + k), Rect(row + k, parts.left, row + k, parts.right))
    area = Rect(top + 1, LEFT, top + config.n_layer, LEFT + heads + 1)
    for layer in range(config.n_layer):
        here = top + 1 + layer
        sheet.put(at(here, 2), f"block {layer}", "row_name")
        for k in range(heads + 2):
            source = row + len(first) + layer * (heads + 2) + k
            _effect(sheet, at(here, LEFT + k), Rect(source, parts.left, source, parts.right))
        line = Rect(here, LEFT, here, LEFT + heads + 1)
        sheet.put_formula(at(here, line.right + 1), f"SUM({line})", "effect")
    sheet.look.marks.append((Rect(top - 1, LEFT, area.bottom, area.right + 1), "signed"))  # one scale for all of them
    book.define("attribution.embeddings", sheet.name, Rect(top - 1, LEFT, top - 1, LEFT + len(first) - 1))
    book.define("attribution.effects", sheet.name, area)
    book.define("attribution.blocks", sheet.name, Rect(area.top, area.right + 1, area.bottom, area.right + 1))


def _effect(sheet: Sheet, cell: Rect, part: Rect) -> None:
    sheet.put_formula(
        cell, f"SUM(({part}-AVERAGE({part}))*attribution.direction)/attribution.scale", "effect", array=True
    )


def _identity(book: Book, sheet: Sheet, config: Config) -> None:
    """All parts and the constant together, the logit itself, and what is left between them."""
    top = _TABLE + config.n_layer + 2
    entries = (
        (
            "constant",
            f"SUM(ln_f.bias*INDEX({config.head_name},attribution.token+1,0))",
            "the bias of ln_f, in every row the same",
        ),
        (
            "sum",
            "SUM(attribution.embeddings)+SUM(attribution.effects)+attribution.constant",
            "of all parts and the constant",
        ),
        ("logit", "INDEX(logits,attribution.token+1,attribution.position)", "of the model itself"),
        ("difference", "attribution.sum-attribution.logit", "nothing but rounding: the parts are all there is"),
    )
    for row, (name, text, words) in enumerate(entries, top):
        sheet.put(at(row, 2), name, "heading")
        sheet.put_formula(at(row, LEFT), text, "rounding" if name == "difference" else "effect", array=True)
        sheet.put(at(row, LEFT + 1), words, "note")
        book.define(f"attribution.{name}", sheet.name, at(row, LEFT))
