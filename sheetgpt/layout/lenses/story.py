"""The sheet `Story`: how the answer to the prompt comes about, on one screen.

A band for each block: what the model would say if it ended there (the logit lens), what its attention and its MLP add
to the logit of the answer by themselves (direct logit attribution), and small maps of where its heads looked. All of
it is for the last token of the prompt, and the answer is the token that comes next there. `gpt2.lenses` says the
same in numpy.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, a1, at, quote_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.block import excel_number, gain, normalize
from sheetgpt.layout.lenses.small_maps import small_maps
from sheetgpt.layout.page import Page, Region, add_titled_sheet, link, unless_refused

TOKENS = 12  # of the window, that the maps show at most
_LEFT = 5  # first column of the maps; left of it the cards and the tokens
_PROMPT, _WORDS, _TOP = 4, 5, 7  # rows: the prompt, the embeddings (two rows), the first band
_BAND = 12  # rows of a band; one more is free below it
_POINTS, _GAP = 7.75, 4.0  # heights of a row of a band, and of the row below it
_TO_DO = "Now do this: 1. Type another prompt. 2. See which block finds the answer. 3. Follow a blue link to its steps."


def story(book: Book, config: Config, rows: int) -> None:
    """Add the sheet, for a window of so many rows."""
    sheet = add_titled_sheet(
        book,
        "Story",
        "Story: how the answer comes about",
        "Left: what the model would say after each block, and what each part adds. Right: where each head looked.",
        "output",
    )
    size = min(rows, TOKENS)
    right = _LEFT + config.n_head * (size + 1) - 1
    sheet.look.widths = {(1, 1): 12, (2, 2): 13, (3, 3): 6, (4, 4): 9, (_LEFT, right): 1.2}
    sheet.look.widths |= {(column, column): 0.7 for column in range(_LEFT + size, right + 1, size + 1)}
    end = _TOP + config.n_layer * (_BAND + 1)
    sheet.look.heights |= {_PROMPT: 20, _WORDS: 15, _WORDS + 1: 47} | dict.fromkeys(range(_TOP, end), _POINTS)
    sheet.look.heights |= dict.fromkeys(range(_TOP + _BAND, end, _BAND + 1), _GAP)
    sheet.look.freeze = (_TOP, _LEFT)
    _prompt(book, sheet, size)
    small_maps(book, sheet, config, size, Rect(_TOP, _LEFT, _TOP + _BAND, _LEFT + size))
    final = _rows(book, sheet, config, (end + 8, right + 3))
    _direction(book, sheet, config, (end + 8 + config.n_layer + 4, right + 3))
    _say(book, sheet, config, final)
    _cards(book, sheet, config)


def _prompt(book: Book, sheet: Sheet, size: int) -> None:
    """The prompt, the answer and its probability, and what to do."""
    sheet.put(at(3, _LEFT), _TO_DO, "note")
    link(sheet, _PROMPT, 1, "Type_Prompt_Here", "Type here ›")
    entries = (
        ("prompt", 'prompt.text&""', "story_prompt", _LEFT, 26),
        ("answer", "next.shown", "story_answer", _LEFT + 26, 10),
        ("probability", "next.probability", "story_chance", _LEFT + 36, 4),
    )
    for name, text, style, left, width in entries:
        area = Rect(_PROMPT, left, _PROMPT, left + width - 1)
        sheet.look.merges.append(area)
        sheet.look.styles.append((area, style))
        sheet.put_formula(at(_PROMPT, left), unless_refused(book, text), array=True)
        book.define(f"story.{name}", sheet.name, at(_PROMPT, left))
    if size < book.locate("token.shown")[1].rows:
        sheet.put(at(_PROMPT, 2), f"maps: the first {size} tokens", "note")


def _rows(book: Book, sheet: Sheet, config: Config, corner: tuple[int, int]) -> Region:
    """Right below the maps: the row of the prompt's last token after the embedding and after each block, before,
    within and after ln_f, three tables [layers + 1, d]; returns the last one.
    """
    (top, left), d = corner, config.n_embd
    this = Page(book, sheet, config.n_layer + 1)
    sheet.put(at(top - 3, left), "What the cards on the left come from: the row of the prompt's last token", "note")
    regions = []
    for number, name in enumerate(("states", "normalized", "ln_f")):
        first = left + number * (d + 1)
        region = Region(sheet.name, Rect(top, first, top + config.n_layer, first + d - 1))
        sheet.put(at(top - 2, first), name, "heading")
        sheet.put(Rect(top - 1, first, top - 1, region.rect.right), np.arange(float(d))[None, :], "index")
        book.define(f"story.{name}", sheet.name, region.rect)
        regions.append(region)
    for depth in range(this.rows):
        source = step(f"h.{depth}", 1) if depth < config.n_layer else step(f"h.{depth - 1}", 16)
        texts = (
            f"INDEX({source},prompt.length,0)",
            normalize(this, regions[0], depth, config.layer_norm_epsilon),
            gain(this, regions[1], depth, "ln_f"),
        )
        for region, text in zip(regions, texts, strict=True):
            sheet.put_formula(region.row(depth), text, "activation", array=True)
    return regions[2]


def _direction(book: Book, sheet: Sheet, config: Config, corner: tuple[int, int]) -> None:
    """The answer, and the scale and the direction that turn a part of its row into what that adds to its logit."""
    top, left = corner
    last = f"INDEX({step(f'h.{config.n_layer - 1}', 16)},prompt.length,0)"
    direction = Rect(top, left + 2, top, left + 1 + config.n_embd)
    entries = (
        ("token", at(top, left), "answer", "INDEX(predicted.ids,prompt.length)", "whole"),
        (
            "scale",
            at(top, left + 1),
            "scale",
            f"SQRT(VARP({last})+{excel_number(config.layer_norm_epsilon)})",
            "activation_center",
        ),
        (
            "direction",
            direction,
            f"gain of ln_f x the answer's row of {config.head_name}; left of it the scale of ln_f",
            f"ln_f.weight*INDEX({config.head_name},story.token+1,0)",
            "activation",
        ),
    )
    for name, cells, words, text, style in entries:
        sheet.put(at(top - 1, cells.left), words, "note")
        sheet.put_formula(cells, text, style, array=True)
        book.define(f"story.{name}", sheet.name, cells)


def _say(book: Book, sheet: Sheet, config: Config, final: Region) -> None:
    """What the model would say after the embedding and after each block: the best token and its probability.

    The logits stay inside the formulas; of equal ones the lower id is the best, as everywhere.
    """
    first = final.rect.left
    columns = {"best_logit": first, "best_id": first + 1, "total": first + 2}
    top = final.rect.bottom + 8
    for name, column in columns.items():
        sheet.put(at(top - 1, column), name.replace("_", " "), "side")
        book.define(f"story.{name}", sheet.name, Rect(top, column, top + config.n_layer, column))
    for depth in range(config.n_layer + 1):
        logits = f"MMULT({config.head_name},TRANSPOSE({final.row(depth)}))"
        best = at(top + depth, columns["best_logit"])
        texts = {
            "best_logit": f"MAX({logits})",
            "best_id": f"MATCH({best},{logits},0)-1",
            "total": f"SUM(EXP({logits}-{best}))",
        }
        for name, text in texts.items():
            style = "whole" if name == "best_id" else "activation_center"
            sheet.put_formula(at(top + depth, columns[name]), text, style, array=True)
        row, bottom = (_WORDS + 1, _WORDS + 1) if not depth else _line(depth - 1, 1)
        chosen, total = at(top + depth, columns["best_id"]), at(top + depth, columns["total"])
        shown = unless_refused(book, f"INDEX(vocabulary.shown,{chosen}+1)")
        _card(
            sheet,
            (row, bottom),
            "would say",
            (shown, "story_token"),
            (unless_refused(book, f"1/{total}"), "story_percent"),
        )
        book.define(f"story.says.{depth}", sheet.name, Rect(row, 2, row, 3))


def _line(layer: int, number: int) -> tuple[int, int]:
    """First and last row of a line of a block's card: 0 its name, 1 what it would say, 2 attention, 3 MLP."""
    top = _TOP + layer * (_BAND + 1) + number * _BAND // 4
    return top, top + _BAND // 4 - 1


def _card(sheet: Sheet, lines: tuple[int, int], label: str, middle: tuple[str, str], right: tuple[str, str]) -> None:
    """A label and two formulas with their styles, over some rows."""
    top, bottom = lines
    if label:
        sheet.put(at(top, 1), label)
    for column, style in enumerate(("story_label", middle[1], right[1]), 1):
        sheet.look.styles.append((Rect(top, column, bottom, column), style))
        if bottom > top and style != "story_bar":
            sheet.look.merges.append(Rect(top, column, bottom, column))
    bar = (bottom - top) // 2 if middle[1] == "story_bar" else 0  # a row by itself: in merged cells it would be above
    sheet.put_formula(at(top + bar, 2), middle[0], array=True)
    sheet.put_formula(at(top, 3), right[0], array=True)


def _cards(book: Book, sheet: Sheet, config: Config) -> None:
    """What the embeddings, and in each block attention and MLP, add to the logit of the answer, as bars."""
    bars = [at(_WORDS, 2)]
    here = "prompt.length,0"
    _effect(
        book,
        sheet,
        (_WORDS, _WORDS),
        "embeddings add",
        f"(INDEX(embedding.token,{here})+INDEX(embedding.position,{here}))",
    )
    for layer in range(config.n_layer):
        name = f"h.{layer}"
        top, bottom = _line(layer, 0)
        place, area = book.locate(step(name, 1))
        link(sheet, top, 1, f"{quote_sheet(place)}!A1", f"Block {layer}")
        sheet.look.styles.append((Rect(top, 1, bottom, 1), "story_block"))
        sheet.look.merges.append(Rect(top, 1, bottom, 1))
        for line, number, words in ((2, 9, "attention adds"), (3, 15, "MLP adds")):
            rows = _line(layer, line)
            _effect(book, sheet, rows, words, f"INDEX({step(name, number)},{here})")
            place, area = book.locate(step(name, number))
            sheet.look.links.append((rows[0], 1, f"{quote_sheet(place)}!{at(area.top, 1)}"))
            bars.append(at((rows[0] + rows[1]) // 2, 2))
    sheet.look.bars.append(tuple(bars))
    _together(book, sheet, config, _TOP + config.n_layer * (_BAND + 1))


def _effect(book: Book, sheet: Sheet, lines: tuple[int, int], label: str, part: str) -> None:
    """A part of the row as a bar and as a number: ((part - mean) / scale * gain) . row of the head."""
    value = a1(at(lines[0], 3))
    _card(sheet, lines, label, (value, "story_bar"), (_added(part), "story_number"))
    number = sum(name.startswith("story.adds.") for name in book.names)
    book.define(f"story.adds.{number}", sheet.name, at(lines[0], 3))
    book.define(f"story.bar.{number}", sheet.name, at(sum(lines) // 2, 2))


def _added(part: str) -> str:
    """What a part of the row adds to the logit of the answer."""
    return f"SUM(({part}-AVERAGE({part}))*story.direction)/story.scale"


def _together(book: Book, sheet: Sheet, config: Config, row: int) -> None:
    """Below the bands: the constant, and the logit that all of it adds up to."""
    adds = [name for name in book.names if name.startswith("story.adds.")]
    entries = [("constant", f"SUM(ln_f.bias*INDEX({config.head_name},story.token+1,0))", "bias of ln_f adds")]
    if "steering.direction" in book.names:
        part = "(INDEX(steering.strengths,prompt.length,steering.block+1)*steering.direction)"
        entries.append(("steering", _added(part), "steering adds"))
    names = [*adds, *(f"story.{name}" for name, _, _ in entries)]
    entries.append(("logit", "+".join(names), "together: logit"))
    for line, (name, text, words) in enumerate(entries, row):
        sheet.put(at(line, 1), words, "story_label")
        sheet.put_formula(at(line, 3), text, "story_number", array=True)
        sheet.look.heights[line] = 15
        book.define(f"story.{name}", sheet.name, at(line, 3))
