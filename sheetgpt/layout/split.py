"""Model -> Books: one workbook for the prompt, one for each block, one for the head. See `schema.split`.

The sheets are those of the single workbook, by the same functions; what another workbook calculates is given as
numbers on the sheets `Tokens`, `Input`, `Predicted_Token` and in step 1 of a block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from sheetgpt.book.address import Rect, at, column_number
from sheetgpt.book.book import Book
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.activations import STEPS, step
from sheetgpt.gpt2.model import Model, Tensors, read_rows
from sheetgpt.layout.block import block
from sheetgpt.layout.bpe_merges import byte_pair_passes
from sheetgpt.layout.detokenizer import pieces, tokens_to_text
from sheetgpt.layout.lenses.lens import choose_lenses
from sheetgpt.layout.lm_head import TOP_ROW, continuation, layer_norm, logits, predicted_token
from sheetgpt.layout.lookup_tables import pairs, unicode_classes
from sheetgpt.layout.map_sheet import facts_of, head, legend, sheets
from sheetgpt.layout.notices import notice, say_calculation
from sheetgpt.layout.options import BuildOptions, LayoutOptions
from sheetgpt.layout.page import NEXT_ID, Columns, add_titled_sheet, finish, page
from sheetgpt.layout.pretokenizer import prompt_to_words
from sheetgpt.layout.prompt import WIDTHS, answer, embeddings, how_to_type, prompt_text, prompt_to_tokens, wide
from sheetgpt.layout.sampling import sampling
from sheetgpt.layout.tensors import Mark, checksum, weights
from sheetgpt.layout.vocabulary import merges, vocabulary
from sheetgpt.schema.split import HEAD, PROMPT, file_of, layer_of, parts_of, tensors_of
from sheetgpt.system.mapped_arrays import Store

Given = Mapping[str, np.ndarray]  # name -> what another workbook calculated


def without_lenses(options: BuildOptions) -> BuildOptions:
    """The options of a split build. Raises UsageError for lenses or an exercise: they read several parts."""
    if options.exercise is not None:
        raise UsageError("--exercise: a model in several workbooks has no exercises", "build one workbook")
    if choose_lenses(options.lenses or ()):
        raise UsageError("--lens: a model in several workbooks has no lenses", "build one workbook")
    return replace(options, lenses=("none",))


def build_part_book(
    model: Model,
    name: str,
    options: LayoutOptions,
    given: Given | None = None,
    *,
    mark: Mark = checksum,
    book: Book | None = None,
    store: Store | None = None,
) -> Book:
    """The book of one part; formulas are not calculated yet, and what is not `given` is zero or blank.

    `mark`, `book` and `store` are as for `build_book`.
    """
    book = Book() if book is None else book
    book.manual = options.manual
    book.add("Map")
    given = given or {}
    if name == PROMPT:
        _prompt(book, model, options, given)
    elif name == HEAD:
        _head(book, model, options, given)
    else:
        _tokens(book, options, given)
        layer = layer_of(name)
        x = given.get(step(f"h.{layer}", 1), np.zeros((options.rows, model.config.n_embd)))
        block(book, model.config, layer, options.rows, np.asarray(x))
    names = tensors_of(model.config, name)
    weights(book, model.config, Tensors(names, partial(read_rows, model.tensors)), mark, store, model.tokenizer)
    _overview(book, model, name, options)
    finish(book)
    shapes = model.config.tensors()
    say_calculation(book, sum(shapes[tensor][0] * shapes[tensor][1] for tensor in names))
    return book


def _prompt(book: Book, model: Model, options: LayoutOptions, given: Given) -> None:
    config, rows = model.config, options.rows
    this = page(
        book,
        "Type_Prompt_Here",
        rows,
        "Prompt",
        f"{how_to_type(options.limits, rows)} The answer is in head.xlsx.",
        "input",
    )
    prompt_text(this, options.prompt, options.limits)
    if options.limits:
        prompt_to_words(book, options.limits)
        byte_pair_passes(book, options.limits)
    prompt_to_tokens(book, rows, options.ids)
    x = embeddings(book, config, rows)
    sheet = add_titled_sheet(
        book,
        "Predicted_Token",
        "Predicted token",
        "copied from head.xlsx: the token that comes next at each position",
        "input",
    )
    sheet.look.widths = {(1, 1): 10, (2, 2): 12, (3, 3): 16, (4, 4): 3}
    column = column_number(NEXT_ID)
    for place, title in ((1, "position"), (3, "next token"), (column, "next id")):
        sheet.put(at(TOP_ROW - 1, place), title, "heading" if place == 3 else "heading_center")
    cells = Rect(TOP_ROW, column, TOP_ROW + rows - 1, column)
    sheet.put(cells.shift(columns=1 - column), np.arange(1.0, rows + 1)[:, None], "position")
    sheet.put(cells, given.get("predicted.ids", np.zeros((rows, 1))), "input")
    book.define("predicted.ids", sheet.name, cells)
    book.define("predicted.shown", sheet.name, cells.shift(columns=3 - column))
    for row in range(cells.top, cells.bottom + 1):
        sheet.put_formula(at(row, 3), f"INDEX(vocabulary.shown,{NEXT_ID}{row}+1)", "token")
    there = page(book, "To_Block_0", rows, "To block 0", "what step 1 of block_00.xlsx holds as values")
    there.table(
        f"Step 1: {STEPS[1][0]}",
        "token embedding + position embedding",
        step("h.0", 1),
        Columns(config.n_embd),
        lambda t: "+".join(there.ref(term.sheet, term.row(t)) for term in x),
    )
    vocabulary(book, model.tokenizer, config.vocab_size)
    merges(book, model.tokenizer)
    if options.limits and model.tokenizer:
        pairs(book, model.tokenizer)
        unicode_classes(book)


def _head(book: Book, model: Model, options: LayoutOptions, given: Given) -> None:
    config, rows = model.config, options.rows
    sheet = add_titled_sheet(book, "Answer", "Continuation", "what comes out; the prompt is in prompt.xlsx", "output")
    sheet.look.widths = dict(WIDTHS)
    answer(book, sheet, config, rows)
    _tokens(book, options, given)
    this = page(book, "Input", rows, "Input", f"copied from block_{config.n_layer - 1:02d}.xlsx", "input")
    name = step(f"h.{config.n_layer - 1}", 16)
    x = this.given(
        f"Step 16: {STEPS[16][0]}",
        f"of block {config.n_layer - 1}",
        name,
        np.asarray(given.get(name, np.zeros((rows, config.n_embd)))),
    )
    scored = logits(book, config, rows, layer_norm(book, config, rows, x))
    candidates = min(options.candidates, config.vocab_size)
    predicted = predicted_token(book, config, rows, sampling(book, rows, scored, candidates))
    continuation(book, tokens_to_text(book, rows, predicted))
    vocabulary(book, model.tokenizer, config.vocab_size)
    pieces(book, model.tokenizer)


def _tokens(book: Book, options: LayoutOptions, given: Given) -> None:
    """The prompt, and the tokens of the window: copied from the file before."""
    rows = options.rows
    sheet = add_titled_sheet(book, "Tokens", "Tokens of the window", "copied from the workbook before", "input")
    sheet.look.widths = dict(WIDTHS)
    wide(book, sheet, "prompt.text", 4, "Prompt", "copied_text")
    sheet.put(at(4, 2), given["prompt.text"][0, 0] if "prompt.text" in given else options.prompt)
    sheet.put(at(5, 1), "Prompt tokens", "heading")
    sheet.put(at(5, 2), float(given["prompt.length"][0, 0]) if "prompt.length" in given else 1.0, "input_number")
    book.define("prompt.length", sheet.name, at(5, 2))
    for column, title in enumerate(("position", "token", "id"), 1):
        sheet.put(at(7, column), title, "heading")
    positions = Rect(8, 1, 7 + rows, 1)
    sheet.put(positions, np.arange(1.0, rows + 1)[:, None], "position")
    blank = np.full((rows, 1), "", dtype=object)
    sheet.put(positions.shift(columns=1), given.get("token.shown", blank), "token")
    sheet.put(positions.shift(columns=2), given.get("token.ids", np.zeros((rows, 1))), "input")
    for name, place in (("token.shown", 1), ("token.ids", 2)):
        book.define(name, sheet.name, positions.shift(columns=place))


_LIVE = {
    PROMPT: "It cuts the prompt into tokens and turns them into rows of numbers, which the sheet To_Block_0 holds.",
    HEAD: "It scores every token of the vocabulary and chooses the next one. Its input was calculated by {before} and "
    "stands on the sheet Input, as values.",
}
_BLOCK = (
    "It is block {layer}: its step 1 holds the numbers that {before} ended with, as values, and the 16 steps after "
    "them are live formulas."
)
_ALONE = (
    "One file cannot write a text alone: what you change here reaches the other files through sheetgpt run FOLDER -o "
    "NEWFOLDER, or when you copy values from file to file, in the order below."
)


def _overview(book: Book, model: Model, name: str, options: LayoutOptions) -> None:
    """The Map of a part: which one it is, what stands where, and what needs the other files."""
    config, parts = model.config, parts_of(model.config)
    number = parts.index(name)
    before = file_of(parts[number - 1])
    words = _LIVE.get(name, _BLOCK).format(before=before, layer=number - 1)
    sheet = book.sheets["Map"]
    head(
        book,
        f"GPT-2 in {len(parts)} workbooks: {model.name}, {name}",
        f"This workbook is part {number + 1} of {len(parts)} of a language model whose weights are numbers in cells "
        f"and whose steps are live formulas. {words} The window holds {options.rows} tokens.",
    )
    kept = f"{model.subset.sentence(model.name)} " if model.subset else ""
    notice(sheet, 4, kept + _ALONE)
    sheets(book, sheet, 11)
    legend(sheet, 11)
    facts: dict[str, object] = {
        "name": model.name,
        "parameters": config.parameters,
        "digits": options.digits,
        "candidates": min(options.candidates, config.vocab_size),
        "part": name,
    }
    top = 2 + facts_of(book, sheet, config, facts | (model.subset.facts if model.subset else {}), 19)
    sheet.put(at(top, 4), "The workbooks, in the order of the flow", "heading")
    sheet.look.styles.append((Rect(top, 5, top, 6), "heading"))
    for row, other in enumerate(parts, top + 1):
        sheet.put(at(row, 4), file_of(other), "output" if other == name else "note")
        sheet.put(at(row, 5), "this one" if other == name else None, "note")
