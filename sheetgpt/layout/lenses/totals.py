"""On the sheet Attribution: total effects beside the direct ones, as numbers that were calculated at build.

The total effect of a part is what changes when it is switched off: through all blocks after it too. Each needs a pass
of its own, so these are numbers for the prompt of the build; a line says so when the prompt is another one now.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.total_effects import ablated_logits, parts_of_block
from sheetgpt.layout.headings import caption
from sheetgpt.layout.lenses.choice import fits_stored_prompt
from sheetgpt.layout.page import LEFT

_KINDS = ("logit", "chance")
STORED = (
    "attribution.stored_prompt",
    "attribution.stored_ids",
    "attribution.stored_token",
    *(f"attribution.total_{kind}_{part}" for kind in _KINDS for part in ("heads", "mlp", "whole")),
)


def stored_totals(model: Model, ids: Sequence[int]) -> dict[str, np.ndarray]:
    """Defined name -> the answer to a prompt; what its logit loses, and its probability, without each head and MLP."""
    config = model.config
    logits = ablated_logits(config, model.tensors, ids)
    token, whole = int(logits[""].argmax()), logits[""]
    heads, rows = config.n_head, range(config.n_layer)
    lost = {part: whole[token] - row[token] for part, row in logits.items()}
    left = {part: 1 / np.exp(row - row[token]).sum() for part, row in logits.items()}
    values = {"attribution.stored_token": np.array([[float(token)]])}
    for kind, found in zip(_KINDS, (lost, left), strict=True):
        table = np.array([[found[part] for part in parts_of_block(config, layer)] for layer in rows])
        values[f"attribution.total_{kind}_heads"], values[f"attribution.total_{kind}_mlp"] = np.split(table, [heads], 1)
        values[f"attribution.total_{kind}_whole"] = np.array([[whole[token] if kind == "logit" else left[""]]])
    return values


def totals(book: Book, sheet: Sheet, config: Config, top: int, ids: Rect) -> int:
    """Add the tables from row `top` on; `ids` are the cells for those of the prompt. Returns the next free row."""
    caption(sheet, top, 1, LEFT + 13, "Total effects: what changes when a part is switched off, later blocks and all")
    _prompt(book, sheet, top + 1, ids)
    first = top + 5
    words = {"logit": "the logit loses", "chance": "its probability without it; whole:"}
    for number, kind in enumerate(_KINDS):
        left = LEFT + number * (config.n_head + 3)
        sheet.put(at(first - 2, left), words[kind], "heading")
        area = Rect(first, left, first + config.n_layer - 1, left + config.n_head + 1 - number)
        _table(book, sheet, kind, area, config.n_head)
        if kind == "logit":
            sheet.look.marks.append((area, "signed"))
        else:
            sheet.look.scales.append((area, "#F0772B"))
    for layer in range(config.n_layer):
        sheet.put(at(first + layer, 2), f"block {layer}", "row_name")
    return first + config.n_layer + 1


def _table(book: Book, sheet: Sheet, kind: str, area: Rect, heads: int) -> None:
    """The cells for heads and, in the last column, MLPs; that of the whole model above."""
    for column in range(heads):
        sheet.put(at(area.top - 1, area.left + column), f"head {column}", "heading_center")
    sheet.put(at(area.top - 1, area.right), "MLP", "heading_center")
    style = "stored_effect" if kind == "logit" else "stored_share"
    parts = {
        "heads": Rect(area.top, area.left, area.bottom, area.left + heads - 1),
        "mlp": Rect(area.top, area.right, area.bottom, area.right),
        "whole": at(area.top - 2, area.right),
    }
    for name, cells in parts.items():
        sheet.put(cells, np.zeros(cells.shape), style)
        book.define(f"attribution.total_{kind}_{name}", sheet.name, cells)


def _prompt(book: Book, sheet: Sheet, top: int, ids: Rect) -> None:
    """Prompt and answer of the build, and whether they are those that the sheet shows now."""
    sheet.put(at(top, 1), "At build: the prompt", "heading")
    sheet.put(at(top, LEFT), None, "row_name")
    sheet.put(at(top, LEFT + 9), 0.0, "weight_whole")
    sheet.put(at(top, LEFT + 8), "answer", "side")
    sheet.put_formula(at(top, LEFT + 10), "INDEX(vocabulary.shown,attribution.stored_token+1)", "token")
    sheet.put(at(ids.top - 1, ids.left), "ids of the prompt at build", "side")
    sheet.put(ids, np.full(ids.shape, -1.0), "weight_whole")
    cells = {"prompt": at(top, LEFT), "token": at(top, LEFT + 9), "shown": at(top, LEFT + 10), "ids": ids}
    for name, rect in cells.items():
        book.define(f"attribution.stored_{name}", sheet.name, rect)
    same = f"IF(attribution.token=attribution.stored_token,{fits_stored_prompt(book, 'attribution')},0)"
    sheet.put(at(top + 1, 1), "same now", "heading")
    sheet.put_formula(at(top + 1, 2), same, "yes_no", array=True)
    fits, asks = "These are for the answer above.", "NOT for what is shown above: another prompt, token or model."
    sheet.put_formula(at(top + 1, LEFT), f'IF(attribution.stored_fits=1,"{fits}","{asks}")', "note")
    sheet.look.tints.append((at(top + 1, LEFT), "attribution.stored_fits=0", "message"))
    book.define("attribution.stored_fits", sheet.name, at(top + 1, 2))
    book.define("attribution.stored_note", sheet.name, at(top + 1, LEFT))
