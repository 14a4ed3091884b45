"""The sheet `Switches`: a 1 for every head, every MLP and every block; 0 takes its contribution out, as an ablation.

A head's switch scales its z in step 8 (the bias of c_proj stays), an MLP's switch scales step 15, a block's switch both
what its attention adds (step 9) and what its MLP adds (step 15). What is missing is zero, or in part the mean over
reference prompts. The blocks read the switches in use, so everything after them changes. `gpt2.interventions.Switches`
is the same in numpy. The means, and what the whole model says after the prompt of the build, are calculated when the
workbook is built, and stand there as numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.part_means import part_means, reference_prompts, reference_texts
from sheetgpt.layout.headings import caption
from sheetgpt.layout.lenses.choice import choose_position_and_token, choose_word, fits_stored_prompt
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, element, unless_refused

_INPUTS = TITLE_ROWS + 2  # position and token, below the links
_ANSWER = _INPUTS + 4  # probability and logit: now, of the whole model, the difference
_TABLE = _INPUTS + 10  # first row of switches
_TO_DO = "Now do this: 1. Copy the id of the token into the yellow cell beside it. 2. Type 0 over a 1. 3. Watch."
_KINDS = ("heads", "attention", "mlp")  # the tables of means
_WORDS = {
    "heads": "heads: step 8, one beside the other",
    "attention": "attention of the block: step 9",
    "mlp": "MLP: step 15",
}
STORED = (
    *(f"switch.stored_{name}" for name in ("prompt", "ids", "logits")),
    *(f"switch.mean_{name}" for name in ("prompts", *_KINDS)),
)


def switches(book: Book, config: Config, rows: int) -> None:
    """Add the sheet, before the blocks, which read it."""
    sheet = add_titled_sheet(
        book,
        "Switches",
        "Switches: take parts out and watch",
        "Each 1 is a part of the model that is on. 0 takes out what it adds, 0.5 halves it. No number counts as 1.",
        "input",
    )
    width = config.n_head + 2
    sheet.look.widths = {(1, 1): 13, (2, 2): 16, (LEFT, LEFT + 2 * width + 2): 9}
    choose_position_and_token(book, sheet, "switch", _INPUTS, rows, config.vocab_size)
    words = "in place of what is off; blank: zero. mean: what the part is on average over the reference prompts below"
    choose_word(book, sheet, "switch", _INPUTS + 2, "instead", ("zero", "mean"), words)
    _answers(book, sheet)
    sheet.put(at(_ANSWER + 3, LEFT), _TO_DO, "note")
    _table(book, sheet, config, LEFT, typed=True)
    _table(book, sheet, config, LEFT + width + 1, typed=False)
    top = _stored(book, sheet, config, rows, _TABLE + config.n_layer + 1)
    top = _means(book, sheet, config, top)
    _instead(book, sheet, config, top)


def stored_numbers(model: Model, ids: Sequence[int]) -> dict[str, np.ndarray]:
    """Defined name -> what is calculated at build: the means, and the whole model's logits [V, 1] after a prompt."""
    config, tokenizer = model.config, model.tokenizer
    means = part_means(config, model.tensors, reference_prompts(config, tokenizer))
    tables = {f"switch.mean_{kind}": getattr(means, kind) for kind in _KINDS}
    texts = np.array(reference_texts(tokenizer), dtype=object)[:, None]
    logits = forward.logits(config, model.tensors, ids)[-1][:, None]
    return tables | {"switch.mean_prompts": texts, "switch.stored_logits": logits}


def stored_prompt(book: Book, lens: str, text: str, ids: Sequence[int]) -> dict[str, np.ndarray]:
    """Defined name -> the prompt that the stored numbers belong to: its text, and its ids [rows, 1], then -1."""
    column = np.full(book.locate(f"{lens}.stored_ids")[1].shape, -1.0)
    column[: len(ids), 0] = ids
    return {f"{lens}.stored_prompt": np.array([[text]], dtype=object), f"{lens}.stored_ids": column}


def _answers(book: Book, sheet: Sheet) -> None:
    """Probability and logit of the token: as they are now, those of the whole model, and the difference."""
    for column, title in enumerate(("now", "all on", "difference"), LEFT):
        sheet.put(at(_ANSWER - 1, column), title, "heading_center")
    stored = "INDEX(switch.stored_logits,switch.token+1)"
    top = "MAX(switch.stored_logits)"
    likely = f"EXP({stored}-{top})/SUM(EXP(switch.stored_logits-{top}))"
    entries = (
        ("probability", "probabilities", likely, "output_percent", "change_percent"),
        ("logit", "logits", stored, "effect", "effect"),
    )
    for row, (name, table, before, style, change) in enumerate(entries, _ANSWER):
        now, whole = at(row, LEFT), at(row, LEFT + 1)
        sheet.put(at(row, 2), f"its {name}", "heading")
        sheet.put_formula(now, unless_refused(book, f"INDEX({table},switch.token+1,switch.position)"), style)
        sheet.put_formula(whole, f'IF(switch.stored_fits=1,{before},"")', style)
        sheet.put_formula(at(row, LEFT + 2), f'IF(switch.stored_fits=1,{now}-{whole},"")', change)
        for place, cell in (("", now), ("stored_", whole), ("change_of_", at(row, LEFT + 2))):
            book.define(f"switch.{place}{name}", sheet.name, cell)
    fits, note = at(_ANSWER + 2, 2), at(_ANSWER + 2, LEFT)
    sheet.put_formula(fits, unless_refused(book, fits_stored_prompt(book, "switch")).replace(',"")', ",0)"), "yes_no")
    sheet.put(at(fits.top, 1), "same prompt", "heading")
    words = "All on: as stored when this workbook was built, for the prompt below and its last position"
    text = f'IF(switch.stored_fits=1,"{words}.","{words}. Now more is different: no comparison.")'
    sheet.put_formula(note, text, "note")
    for name, cell in (("fits", fits), ("note", note)):
        book.define(f"switch.stored_{name}", sheet.name, cell)


def _table(book: Book, sheet: Sheet, config: Config, left: int, typed: bool) -> None:
    """The switches as typed, or as they are in use, one row for each block."""
    heads, layers = config.n_head, config.n_layer
    titles = [*(f"head {head}" for head in range(heads)), "MLP", "block"]
    for column, title in enumerate(titles, left):
        sheet.put(at(_TABLE - 1, column), title, "heading_center")
    sheet.put(at(_TABLE - 2, left), "1: on, 0: off" if typed else "what the blocks read", "note")
    area = Rect(_TABLE, left, _TABLE + layers - 1, left + heads + 1)
    groups = (("heads", left, heads), ("mlp", left + heads, 1), ("block", left + heads + 1, 1))
    for name, first, count in groups:
        cells = Rect(area.top, first, area.bottom, first + count - 1)
        book.define(f"switch.{'typed_' * typed}{name}", sheet.name, cells)
    if typed:
        sheet.look.marks.append((area, "off"))
        sheet.look.numbers.append((area, -1e6, 1e6))
        sheet.put(area, np.ones(area.shape), "input_number")
        for layer in range(layers):
            sheet.put(at(_TABLE + layer, 2), f"block {layer}", "row_name")
            parts = [*(f".head.{head}" for head in range(heads)), ".mlp", ""]
            for column, part in enumerate(parts, left):  # so that one switch can be set by its name
                book.define(f"switch.h.{layer}{part}", sheet.name, at(_TABLE + layer, column))
    else:
        for row, column in area.cells():  # each by itself: IronCalc takes ISNUMBER of an array for FALSE
            source = at(row, column - heads - 3)
            sheet.put_formula(at(row, column), f"IF(ISNUMBER({source}),{source},1)", "activation_center")
        changed, told = f"SUM(IF({area}=1,0,1))", at(_TABLE - 2, area.right + 2)
        text = f'"Switches: "&{changed}&" off or changed. "'
        sheet.put_formula(told, f'IF({changed}=0,"",{text})', "message", array=True)
        book.define("switch.message", sheet.name, told)


def _stored(book: Book, sheet: Sheet, config: Config, rows: int, top: int) -> int:
    """The prompt of the build, the reference prompts; right of all else ids and logits. Returns the next free row."""
    caption(sheet, top, 1, LEFT + 15, "Calculated when this workbook was built, as numbers")
    sheet.put(at(top + 1, 1), "all on: the prompt", "heading")
    sheet.put(at(top + 1, LEFT), None, "row_name")
    book.define("switch.stored_prompt", sheet.name, at(top + 1, LEFT))
    sheet.put(at(top + 2, 1), "reference prompts", "heading")
    count = len(reference_texts(None))
    texts = Rect(top + 2, LEFT, top + 1 + count, LEFT)
    sheet.put(texts, None, "row_name")
    book.define("switch.mean_prompts", sheet.name, texts)
    left = LEFT + max(config.n_embd, 2 * config.n_head + 8) + 2
    columns = (
        ("stored_ids", "ids of the prompt", rows),
        ("stored_logits", "logits after it, by id", config.vocab_size),
    )
    for column, (name, title, size) in enumerate(columns, left):
        area = Rect(top + 2, column, top + 1 + size, column)
        sheet.put(at(top + 1, column), title, "heading")
        ids = name == "stored_ids"
        sheet.put(area, np.full(area.shape, -1.0 if ids else 0.0), "weight_whole" if ids else "weight")
        book.define(f"switch.{name}", sheet.name, area)
    return top + count + 3


def _means(book: Book, sheet: Sheet, config: Config, top: int) -> int:
    """The mean of each part [layers, d] over all rows of the reference prompts; returns the next free row."""
    for kind in _KINDS:
        area = _area(sheet, config, top, f"Mean of {_WORDS[kind]}")
        sheet.put(area, np.zeros(area.shape), "weight")
        book.define(f"switch.mean_{kind}", sheet.name, area)
        top = area.bottom + 2
    return top


def _instead(book: Book, sheet: Sheet, config: Config, top: int) -> None:
    """What takes the place of what is off [layers, d]: (1 - switch) x mean, or zero. The blocks add it."""
    width = config.width
    for kind in _KINDS:
        area = _area(sheet, config, top, f"(1 - switch) x mean, or zero, of {_WORDS[kind]}")
        book.define(f"switch.instead_{kind}", sheet.name, area)
        mean = book.locate(f"switch.mean_{kind}")[1]
        for layer in range(config.n_layer):
            block = element(book, "switch.block", layer + 1)
            on = {"attention": block, "mlp": f"{element(book, 'switch.mlp', layer + 1)}*{block}"}.get(kind, "")
            for head in range(config.n_head if kind == "heads" else 1):
                line = Rect(layer, head * width, layer, (head + 1) * width - 1)
                if kind != "heads":
                    line = Rect(layer, 0, layer, config.n_embd - 1)
                share = on or element(book, "switch.heads", layer + 1, head + 1)
                text = f"{line.shift(mean.top, mean.left)}*switch.mean_in_use*(1-{share})"
                sheet.put_formula(line.shift(area.top, area.left), text, "activation", array=True)
        top = area.bottom + 2
    sheet.put(at(top, 1), "1: means in use", "heading")
    sheet.put_formula(at(top, LEFT), 'IF(switch.instead="mean",1,0)', "whole")
    book.define("switch.mean_in_use", sheet.name, at(top, LEFT))


def _area(sheet: Sheet, config: Config, top: int, title: str) -> Rect:
    """Caption, numbers of the columns and names of the rows of a table [layers, d]; returns where its values belong."""
    area = Rect(top + 2, LEFT, top + 1 + config.n_layer, LEFT + config.n_embd - 1)
    caption(sheet, top, 1, max(area.right, LEFT + 15), title)
    sheet.put(Rect(top + 1, LEFT, top + 1, area.right), np.arange(float(config.n_embd))[None, :], "index")
    for layer in range(config.n_layer):
        sheet.put(at(area.top + layer, 2), f"block {layer}", "row_name")
    return area
