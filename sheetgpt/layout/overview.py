"""The sheet `Map`: what this is, what goes in and comes out, the colours, and the way to every sheet."""

from __future__ import annotations

from dataclasses import asdict

from sheetgpt.address import Rect, at
from sheetgpt.book import Book, Sheet
from sheetgpt.layout.notices import calculation, notice
from sheetgpt.spec import Config, used_in
from sheetgpt.weights import Model
from sheetgpt.writer import COLOURS

_FLOW = {
    "Type_Prompt_Here": "the prompt, its continuation, the ten best next tokens",
    "Prompt_to_Words": "the prompt cut into characters and words",
    "Byte_Pair_Passes": "the bytes of each word, merged pair by pair into tokens",
    "Prompt_to_Tokens": "the prompt as token ids",
    "Token_to_Text_Embeddings": "a row of numbers for each token and each position",
    "Layer_Norm": "the final LayerNorm",
    "Logits": "a score and a probability for every token of the vocabulary",
    "Sampling": "the best tokens of each row, and how one of them is chosen",
    "Predicted_Token": "the likeliest tokens, the predicted one, and the text it makes",
    "Tokens_to_Text": "the predicted tokens joined byte by byte to characters",
    "Vocabulary": "every token: id and text",
    "Merges": "the merges of the byte-pair encoding",
    "Unicode": "which characters are letters, numbers or white space",
    "Tokens": "the tokens of the window, copied from the workbook before",
    "To_Block_0": "what the first block begins with",
    "Input": "what the last block ended with, copied from its workbook",
    "Answer": "the continuation, the ten best next tokens",
    "Weights": "the list of all tensors; their sheets follow",
}
_LEGEND = {
    "input": ("input", "you may change it"),
    "weight": ("weight", "a number of the model; change it and see what happens"),
    "activation": ("activation", "a formula: calculated from the cells before it"),
    "output": ("output", "a formula: what the model answers"),
    "future": ("blank", "a token never looks at the ones after it"),
}


def overview(book: Book, model: Model, rows: int, digits: str, candidates: int, manual: bool = False) -> None:
    """Fill the sheet `Map`, which was added first, when all the others are there."""
    config, name = model.config, model.name
    sheet = book.sheets["Map"]
    about = (
        "This workbook is a language model. Every weight is a number in a cell and every step of the calculation is "
        "a live formula: change a number and the prediction changes. The prompt becomes tokens, tokens become rows of "
        f"numbers, {config.n_layer} blocks change these rows, and the last row says which token comes next. "
        f"The window holds {rows} tokens; the rows after the prompt are written by the sheet itself."
    )
    head(book, f"GPT-2 in a workbook: {name}", about)
    notice(sheet, 4, model.excerpt.sentence(name) if model.excerpt else "")
    sheets(book, sheet, 10)
    legend(sheet, 10)
    facts = {"name": name, "parameters": config.parameters, "digits": digits, "candidates": candidates}
    facts_of(book, sheet, config, facts | (model.excerpt.facts if model.excerpt else {}), 17)
    calculation(book, config.parameters, manual)


def head(book: Book, title: str, about: str) -> None:
    """Title and introduction of the Map; the prompt and the answer, as far as the book has them."""
    sheet = book.sheets["Map"]
    sheet.look.tab = COLOURS["output"]
    sheet.look.widths = {(1, 1): 28, (2, 2): 62, (3, 3): 3, (4, 4): 30, (5, 5): 52}
    sheet.look.heights |= {1: 30, 3: 64, 5: 40, 6: 40}
    sheet.put(at(1, 1), title, "title")
    sheet.put(at(3, 1), about, "wrapped")
    sheet.look.merges.append(Rect(3, 1, 3, 5))
    for row, caption, text, style in (
        (5, "Prompt", 'prompt.text&""', "copied_text"),
        (6, "Continuation", "continuation.text", "output_text"),
        (7, "Next token", "next.shown", "output"),
        (8, "Probability", "next.probability", "output_percent"),
    ):
        if text.removesuffix('&""') in book.names:
            sheet.put(at(row, 1), caption, "heading")
            sheet.put_formula(at(row, 2), text, style)
            book.define(f"map.{caption.lower().replace(' ', '_')}", sheet.name, at(row, 2))


def sheets(book: Book, sheet: Sheet, top: int) -> None:
    """The list of all sheets with links, from row `top` down."""
    sheet.put(at(top, 1), "Sheets, in the order of the flow", "heading")
    names = [name for name in book.sheets if name != "Map"]
    for row, name in enumerate(names, top + 1):
        sheet.put(at(row, 1), name, "link")
        sheet.look.links.append((row, 1, name))
        if name.startswith("Block_"):
            words = f"block {name.removeprefix('Block_')}: 16 steps"
        else:
            words = _FLOW.get(name) or f"tensor, used in {used_in(name)}"
        sheet.put(at(row, 2), words, "note")


def legend(sheet: Sheet, top: int) -> None:
    sheet.put(at(top, 4), "Colours", "heading")
    for row, (style, (title, words)) in enumerate(_LEGEND.items(), top + 1):
        sheet.put(at(row, 4), title, style)
        sheet.put(at(row, 5), words, "note")


def facts_of(book: Book, sheet: Sheet, config: Config, facts: dict[str, object], top: int) -> int:
    """The table of facts and of the configuration, each value under its name; returns its last row."""
    sheet.put(at(top, 4), "The model", "heading")
    entries = facts | asdict(config) | {"n_inner": config.inner}
    for row, (entry, value) in enumerate(entries.items(), top + 1):
        sheet.put(at(row, 4), entry)
        sheet.put(at(row, 5), value, "left")
        book.define(f"config.{entry}", sheet.name, at(row, 5))
    return row
