"""The sheet `Map`: what this is, what goes in and comes out, the colours, and the way to every sheet."""

from __future__ import annotations

from dataclasses import asdict

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.palette import COLOURS
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.lenses.lens import LENSES
from sheetgpt.layout.notices import notice
from sheetgpt.layout.page import SWITCH_OFF, link
from sheetgpt.schema.names import messages_of

_FLOW = {
    "Exercise": "a step to write yourself: task and score",
    "Answers": "the right values of the exercise",
    "Type_Prompt_Here": "the prompt, its continuation, the ten best",
    "Prompt_to_Words": "the prompt cut into characters and words",
    "Byte_Pair_Passes": "the bytes of each word, merged pair by pair",
    "Prompt_to_Tokens": "the prompt as token ids",
    "Token_to_Text_Embeddings": "a row of numbers for each token and each position",
    "Layer_Norm": "the final LayerNorm",
    "Logits": "score and probability of every token there is",
    "Sampling": "the best tokens, and how one of them is chosen",
    "Predicted_Token": "the token that comes next, the text so far",
    "Tokens_to_Text": "tokens joined byte by byte to characters",
    "Vocabulary": "every token: id and text",
    "Merges": "the merges of the byte-pair encoding",
    "Unicode": "which characters are letters, numbers, spaces",
    "Tokens": "the tokens of the window, copied",
    "To_Block_0": "what the first block begins with",
    "Input": "what the last block ended with, copied",
    "Answer": "the continuation, the ten best next tokens",
    "Weights": "all tensors, with a link to the sheet of each",
}
_LEGEND = {
    "input": ("input", "you may change it"),
    "weight": ("weight", "a number of the model: change it and watch"),
    "activation": ("activation", "a formula: calculated from cells before it"),
    "output": ("output", "a formula: what the model answers"),
    "future": ("blank", "a token never looks at the ones after it"),
}
_FACTS = {
    "name": "of the checkpoint",
    "parameters": "numbers that were trained",
    "digits": "exact, or the shortest of a float32",
    "candidates": "tokens that a row may draw from",
    "part": "which of the workbooks this is",
    "blocks": "those of the model in this copy",
    "tokens": "those of its vocabulary in this copy",
    "vocab_size": "tokens that it knows",
    "n_positions": "the longest text, in tokens",
    "n_embd": "numbers in the row of a token",
    "n_layer": "blocks, one after the other",
    "n_head": "heads of attention in each block",
    "n_inner": "numbers in a row inside the MLP",
    "layer_norm_epsilon": "LayerNorm never divides by 0",
    "activation_function": "the curve of step 14",
    "scale_attn_weights": "step 6 divides by sqrt(head width)",
    "scale_attn_by_inverse_layer_idx": "... and by the number of the block",
    "tie_word_embeddings": "Logits uses wte.weight once more",
}
RIGHT = 6  # last column of the Map


def map_sheet(book: Book, model: Model, rows: int, digits: str, candidates: int) -> None:
    """Fill the sheet `Map`, which was added first, when all the others are there."""
    config, name = model.config, model.name
    sheet = book.sheets["Map"]
    if told := messages_of(book):
        sheet.put_formula(at(2, 2), "&".join(told), "message")
    blocks = "one block changes" if config.n_layer == 1 else f"{config.n_layer} blocks change"
    about = (
        "This workbook is a language model. Every weight is a number in a cell and every step of the calculation is "
        "a live formula: change a number and the prediction changes. The prompt becomes tokens, tokens become rows of "
        f"numbers, {blocks} these rows, and the last row says which token comes next. "
        f"The window holds {rows} tokens; the rows after the prompt are written by the sheet itself."
    )
    head(book, f"GPT-2 in a workbook: {name}", about)
    notice(sheet, 4, model.subset.sentence(name) if model.subset else "")
    sheets(book, sheet, 11)
    legend(sheet, 11)
    facts = {"name": name, "parameters": config.parameters, "digits": digits, "candidates": candidates}
    facts_of(book, sheet, config, facts | (model.subset.facts if model.subset else {}), 19)


def head(book: Book, title: str, about: str) -> None:
    """Title and introduction of the Map; the prompt and the answer, as far as the book has them."""
    sheet = book.sheets["Map"]
    sheet.look.tab = COLOURS["output"]
    sheet.look.widths = {(1, 1): 25, (2, 2): 38, (3, 3): 2, (4, 4): 25, (5, 5): 11, (6, 6): 28}
    sheet.look.heights |= {1: 30, 3: 50, 5: 50, 7: 50}
    sheet.put(at(1, 1), title, "title")
    sheet.put(at(3, 1), about, "wrapped")
    sheet.look.merges.append(Rect(3, 1, 3, RIGHT))
    for row, caption, text, style in (
        (5, "Prompt", 'prompt.text&""', "copied_text"),
        (6, "", "prompt.message", "message"),
        (7, "Continuation", "continuation.text", "output_text"),
        (8, "Next token", "next.shown", "output"),
        (9, "Probability", "next.probability", "output_percent"),
    ):
        if (name := text.removesuffix('&""')) in book.names:
            if caption:
                sheet.put(at(row, 1), caption, "heading")
            else:
                sheet.look.marks.append((Rect(row, 2, row, RIGHT), style))
            sheet.put_formula(at(row, 2), text, style)
            book.define(f"map.{(caption or name.partition('.')[2]).lower().replace(' ', '_')}", sheet.name, at(row, 2))


def sheets(book: Book, sheet: Sheet, top: int) -> None:
    """The list of the sheets with links, from row `top` down; those of tensors are listed on the sheet Weights."""
    sheet.put(at(top, 1), "Sheets, in the order of the flow", "heading")
    sheet.look.styles.append((at(top, 2), "heading"))
    about = _FLOW | {lens.sheet: lens.about for lens in LENSES.values()}
    names = [name for name in book.sheets if name in about or name.startswith("Block_")]
    for row, name in enumerate(names, top + 1):
        link(sheet, row, 1, name)
        words = about.get(name) or f"block {name.removeprefix('Block_')}: 16 steps"
        sheet.put(at(row, 2), words, "note")


def legend(sheet: Sheet, top: int) -> None:
    """The meaning of the colours."""
    sheet.put(at(top, 4), "Colours", "heading")
    sheet.look.styles.append((Rect(top, 5, top, RIGHT), "heading"))
    for row, (style, (title, words)) in enumerate(_LEGEND.items(), top + 1):
        sheet.put(at(row, 4), title, style)
        sheet.put(at(row, 5), words, "note")
    sheet.put(at(row + 1, 4), SWITCH_OFF, "note")


def facts_of(book: Book, sheet: Sheet, config: Config, facts: dict[str, object], top: int) -> int:
    """The table of facts and of the configuration, each value under its name and explained; returns its last row."""
    sheet.put(at(top, 4), "The model", "heading")
    sheet.look.styles.append((Rect(top, 5, top, RIGHT), "heading"))
    entries = facts | asdict(config) | {"n_inner": config.inner}
    for row, (entry, value) in enumerate(entries.items(), top + 1):
        sheet.put(at(row, 4), entry)
        sheet.put(at(row, 5), value, "left_whole" if type(value) is int else "left")
        sheet.put(at(row, 6), _FACTS[entry], "note")
        book.define(f"config.{entry}", sheet.name, at(row, 5))
    sheet.look.printed = Rect(1, 1, max(row, sheet.grid.extent.bottom if sheet.grid.extent else 1), RIGHT)
    return row
