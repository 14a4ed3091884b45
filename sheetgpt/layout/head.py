"""From the last block to the predicted token: Layer_Norm, Logits, Predicted_Token."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.address import Rect, at
from sheetgpt.book import Book
from sheetgpt.layout.block import gain, normalize, softmax
from sheetgpt.layout.joining import UNKNOWN
from sheetgpt.layout.page import LEFT, TITLE_ROWS, Page, Region, page
from sheetgpt.spec import Config

TOP_ROW = TITLE_ROWS + 3  # first row of values on Logits and Predicted_Token


def layer_norm(book: Book, config: Config, rows: int, x: Region) -> Region:
    """The final LayerNorm, [n, d]."""
    this = page(book, "Layer_Norm", rows, "Final LayerNorm", "as steps 2 and 3, of the last block's output")
    d, epsilon = config.n_embd, config.layer_norm_epsilon
    normalized = this.table("ln_f normalized", "(x - mean) / sqrt(variance + epsilon), along each row",
                            "ln_f.normalized", d, lambda t: normalize(this, x, t, epsilon))  # fmt: skip
    return this.table("ln_f", "normalized * gain + bias", "ln_f.output", d, lambda t: gain(this, normalized, t, "ln_f"),
                      tensors=("ln_f.weight", "ln_f.bias"))  # fmt: skip


def logits(book: Book, config: Config, rows: int, x: Region) -> Region:
    """One row per token of the vocabulary, one column per position: logits [V, n], then probabilities [V, n]."""
    this = page(book, "Logits", rows, "Logits and probabilities",
                "how well each token of the vocabulary fits as the next one; one column per position")  # fmt: skip
    sheet, size = this.sheet, config.vocab_size
    bottom = TOP_ROW + size - 1
    scored = Region(sheet.name, Rect(TOP_ROW, LEFT, bottom, LEFT + rows - 1))
    likely = Region(sheet.name, scored.rect.shift(columns=rows + 1))
    sheet.look.freeze = (TOP_ROW, LEFT)
    sheet.look.widths |= {(1, 1): 8, (2, 2): 16, (LEFT, LEFT + 2 * rows): 9, (LEFT + rows, LEFT + rows): 3}
    sheet.put_formula(Rect(TOP_ROW, 1, bottom, 1), "vocabulary.ids", "position", array=True)
    sheet.put_formula(Rect(TOP_ROW, 2, bottom, 2), "vocabulary.shown", "token", array=True)
    for region, name, title, words in (
        (scored, "logits", "logits", f"{config.head_name} x row of ln_f"),
        (likely, "probabilities", "probabilities", "softmax of the logits down each column"),
    ):
        line = Rect(TOP_ROW - 2, region.rect.left, TOP_ROW - 2, region.rect.left + max(rows, 6) - 1)
        sheet.put(at(line.top, line.left), f"{title}: {words}")
        sheet.look.styles.append((Rect(line.top, line.left, line.top, region.rect.right), "caption"))
        tokens = Rect(TOP_ROW - 1, region.rect.left, TOP_ROW - 1, region.rect.right)
        sheet.put_formula(tokens, "TRANSPOSE(token.shown)", "token", array=True)
        sheet.look.styles.append((region.rect, "activation"))
        book.define(name, sheet.name, region.rect)
    sheet.look.scales.append((likely.rect, "#F0772B"))
    for t in range(rows):
        column = str(scored.column(t))
        text = f"MMULT({config.head_name},TRANSPOSE({this.ref(x.sheet, x.row(t))}))"
        sheet.put_formula(scored.column(t), text, array=True)
        sheet.put_formula(likely.column(t), softmax(column), array=True)
    return scored


def predicted_token(book: Book, config: Config, rows: int, best: Sequence[Region]) -> Region:
    """For each position the next token, the text so far, and the ten best: logits, ids, tokens, probabilities.

    `best` are the candidates' logits and ids and the table of choices, from `sampling`. Returns the next ids, [n, 1].
    """
    this = page(book, "Predicted_Token", rows, "Predicted token",
                "the token that comes next, as Sampling chose it: the likeliest one, or drawn", "output")  # fmt: skip
    sheet, k = this.sheet, config.top
    sheet.look.widths = {(1, 1): 8, (2, 2): 16, (3, 3): 9, (4, 4): 16, (5, 5): 11, (6, 6): 14, (7, 7): 40,
                         (8, 8): 3, (9, 9 + 4 * k + 3): 10}  # fmt: skip
    sheet.look.freeze = (TOP_ROW, LEFT)
    heads = ("position", "token", "next id", "next token", "probability", "its text", "continuation so far")
    for column, head in enumerate(heads, 1):
        sheet.put(at(TOP_ROW - 1, column), head, "heading")
    groups = {}
    for index, name in enumerate(("logits", "ids", "shown", "probabilities")):
        left = 9 + index * (k + 1)
        groups[name] = Region(sheet.name, Rect(TOP_ROW, left, TOP_ROW + rows - 1, left + k - 1))
        caption = f"the {k} best: {name}"
        sheet.put(at(TOP_ROW - 1, left), caption)
        sheet.look.styles.append((Rect(TOP_ROW - 1, left, TOP_ROW - 1, left + k - 1), "heading"))
        style = {"logits": "activation", "ids": "output_whole", "shown": "output", "probabilities": "output_percent"}
        sheet.look.styles.append((groups[name].rect, style[name]))
        book.define(f"top.{name}", sheet.name, groups[name].rect)
    for t in range(rows):
        _row(this, t, best, groups)
    positions = Rect(TOP_ROW, 1, TOP_ROW + rows - 1, 1)
    sheet.put_formula(positions.shift(columns=1), "token.shown", "token", array=True)
    book.define("predicted.ids", sheet.name, positions.shift(columns=2))
    for column, name in enumerate(
        ("predicted.shown", "predicted.probability", "predicted.text", "continuation.so_far"), 3
    ):
        book.define(name, sheet.name, positions.shift(columns=column))
    return Region(sheet.name, positions.shift(columns=2))


def continuation(book: Book, joined: Region) -> None:
    """On Predicted_Token, the text so far; `joined` [n, 3] are the last columns of Tokens_to_Text."""
    sheet = book.sheets["Predicted_Token"]
    for t in range(joined.rect.rows):
        lacks, text = (f"{joined.sheet}!{joined.columns(k, 1).row(t)}" for k in (0, joined.rect.columns - 1))
        so_far = f'{text}&IF({lacks}>0,{UNKNOWN},"")'
        sheet.put_formula(at(TOP_ROW + t, 7), f'IF(A{TOP_ROW + t}<prompt.length,"",{so_far})', "output")


def _row(this: Page, t: int, best: Sequence[Region], groups: dict[str, Region]) -> None:
    sheet, row = this.sheet, TOP_ROW + t
    logits, ids, choices = best
    sheet.put(at(row, 1), float(t + 1), "position")
    chosen = choices.columns(choices.rect.columns - 1, 1)
    sheet.put_formula(at(row, 3), this.ref(chosen.sheet, chosen.row(t)), "output_whole")
    sheet.put_formula(at(row, 4), f"INDEX(vocabulary.shown,C{row}+1)", "output")
    sheet.put_formula(at(row, 5), f"INDEX(probabilities,C{row}+1,{t + 1})", "output_percent")
    sheet.put_formula(at(row, 6), f'INDEX(vocabulary.text,C{row}+1)&""', "left")
    for k in range(groups["ids"].rect.columns):
        cells = {name: at(row, region.rect.left + k) for name, region in groups.items()}
        for name, source in (("logits", logits), ("ids", ids)):
            sheet.put_formula(cells[name], this.ref(source.sheet, at(source.rect.top + t, source.rect.left + k)))
        sheet.put_formula(cells["shown"], f"INDEX(vocabulary.shown,{cells['ids']}+1)")
        sheet.put_formula(cells["probabilities"], f"INDEX(probabilities,{cells['ids']}+1,{t + 1})")
