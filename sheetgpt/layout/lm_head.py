"""The language-model head: Layer_Norm, Logits, Predicted_Token."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.block import gain, normalize, softmax
from sheetgpt.layout.detokenizer import UNKNOWN
from sheetgpt.layout.page import LEFT, NEXT_ID, TITLE_ROWS, Columns, Page, Region, page, unless_refused

TOP_ROW = TITLE_ROWS + 3  # first row of values on Predicted_Token
LOGITS_ROW = TITLE_ROWS + 5  # and on Logits, which says more above its columns
_BREAK = "_xlfn.UNICHAR(10)"


def layer_norm(book: Book, config: Config, rows: int, x: Region) -> Region:
    """The final LayerNorm, [n, d]."""
    this = page(book, "Layer_Norm", rows, "Final LayerNorm", "as steps 2 and 3, of the last block's output")
    d, epsilon = config.n_embd, config.layer_norm_epsilon
    normalized = this.table(
        "ln_f normalized",
        "(x - mean) / sqrt(variance + epsilon), along each row",
        "ln_f.normalized",
        Columns(d),
        lambda t: normalize(this, x, t, epsilon),
    )
    return this.table(
        "ln_f",
        "normalized * gain + bias",
        "ln_f.output",
        Columns(d),
        lambda t: gain(this, normalized, t, "ln_f"),
        tensors=("ln_f.weight", "ln_f.bias"),
    )


def logits(book: Book, config: Config, rows: int, x: Region) -> Region:
    """One row per token of the vocabulary, one column per position: logits [V, n], then probabilities [V, n]."""
    this = page(
        book,
        "Logits",
        rows,
        "Logits and probabilities",
        "how well each token of the vocabulary fits as the next one; one column per position; the best one is marked",
    )
    sheet, size = this.sheet, config.vocab_size
    bottom = LOGITS_ROW + size - 1
    scored = Region(sheet.name, Rect(LOGITS_ROW, LEFT, bottom, LEFT + rows - 1))
    likely = Region(sheet.name, scored.rect.shift(columns=rows + 1))
    sheet.look.freeze = (LOGITS_ROW, LEFT)
    sheet.look.widths |= {(1, 1): 8, (2, 2): 19, (LEFT, LEFT + 2 * rows): 9, (LEFT + rows, LEFT + rows): 3}
    sheet.put_formula(Rect(LOGITS_ROW, 1, bottom, 1), "vocabulary.ids", "position", array=True)
    sheet.put_formula(Rect(LOGITS_ROW, 2, bottom, 2), "vocabulary.shown", "token", array=True)
    sheet.look.styles.append((Rect(TITLE_ROWS + 1, 1, TITLE_ROWS + 1, 2), "caption"))
    for k, (head, _, _) in enumerate(_ABOVE, 2):
        sheet.put(at(TITLE_ROWS + k, 2), head, "heading")
    for region, name, words in (
        (scored, "logits", f"{config.head_name} x row of ln_f"),
        (likely, "probabilities", "softmax of the logits down each column; · is less than 0.1%"),
    ):
        _above(this, region.rect, f"{name}: {words}")
        book.define(name, sheet.name, region.rect)
    sheet.look.styles += [(scored.rect, "activation"), (likely.rect, "probability")]
    sheet.look.scales.append((likely.rect, "#F0772B"))
    for t in range(rows):
        column = str(scored.column(t))
        text = f"MMULT({config.head_name},TRANSPOSE({this.ref(x.sheet, x.row(t))}))"
        sheet.put_formula(scored.column(t), text, array=True)
        sheet.put_formula(likely.column(t), softmax(column), array=True)
        sheet.look.marks += [(region.column(t), mark) for region in (scored, likely) for mark in ("errors", "largest")]
    return scored


_ABOVE = (
    ("after the token", "token.shown", "token"),
    ("comes next", "predicted.shown", "token_output"),
    ("its id, a row below", "predicted.ids", "whole"),
)


def _above(this: Page, rect: Rect, caption: str) -> None:
    """Over each column of Logits: the token of its position, the one that comes next, and where that stands."""
    sheet, line = this.sheet, TITLE_ROWS + 1
    sheet.put(at(line, rect.left), caption)
    sheet.look.styles.append((Rect(line, rect.left, line, rect.right), "caption"))
    for row, (_, name, style) in enumerate(_ABOVE, line + 1):
        sheet.put_formula(Rect(row, rect.left, row, rect.right), f"TRANSPOSE({name})", style, array=True)


def predicted_token(book: Book, config: Config, rows: int, best: Sequence[Region]) -> Region:
    """For each position the next token, the text so far, and the ten best: tokens, probabilities, ids, logits.

    `best` are the candidates' logits and ids and the table of choices, from `sampling`. Returns the next ids, [n, 1].
    """
    this = page(
        book,
        "Predicted_Token",
        rows,
        "Predicted token",
        "the token that comes next, as Sampling chose it: the likeliest one, or drawn",
        "output",
    )
    sheet, k = this.sheet, config.top
    sheet.look.widths = {(1, 1): 8, (2, 3): 16, (4, 4): 11, (5, 5): 9, (6, 6): 46, (7, 7): 3, (8, 8 + 4 * k + 3): 11}
    sheet.look.freeze = (TOP_ROW, LEFT)
    heads = ("position", "token", "next token", "probability", "next id", "continuation so far")
    for column, head in enumerate(heads, 1):
        sheet.put(at(TOP_ROW - 1, column), head, "heading_center" if head in heads[::3] + heads[4:5] else "heading")
    groups = {}
    for index, (name, style) in enumerate(
        (("shown", "output"), ("probabilities", "output_percent"), ("ids", "output_whole"), ("logits", "activation"))
    ):
        left = 8 + index * (k + 1)
        groups[name] = Region(sheet.name, Rect(TOP_ROW, left, TOP_ROW + rows - 1, left + k - 1))
        line = Rect(TOP_ROW - 1, left, TOP_ROW - 1, left + k - 1)
        sheet.put(at(line.top, left), f"the {k} best: {'tokens' if name == 'shown' else name}")
        sheet.look.styles += [(line, "heading"), (groups[name].rect, style)]
        book.define(f"top.{name}", sheet.name, groups[name].rect)
    for t in range(rows):
        _row(this, t, best, groups)
    positions = Rect(TOP_ROW, 1, TOP_ROW + rows - 1, 1)
    sheet.put_formula(positions.shift(columns=1), "token.shown", "token", array=True)
    sheet.look.marks.append((Rect(TOP_ROW, 2, positions.bottom, 8 + 4 * k + 3), "errors"))
    names = ("predicted.shown", "predicted.probability", "predicted.ids", "continuation.so_far")
    for column, name in enumerate(names, 2):
        book.define(name, sheet.name, positions.shift(columns=column))
    return Region(sheet.name, positions.shift(columns=4))


def continuation(book: Book, joined: Region) -> None:
    """The text so far on Predicted_Token, in one line, and all of it where the prompt is; `joined` [n, 3] are the last
    columns of Tokens_to_Text.
    """
    sheet = book.sheets["Predicted_Token"]
    for t in range(joined.rect.rows):
        lacks, text = (f"{joined.sheet}!{joined.columns(k, 1).row(t)}" for k in (0, joined.rect.columns - 1))
        so_far = f'{text}&IF({lacks}>0,{UNKNOWN},"")'
        line = f'SUBSTITUTE({so_far},{_BREAK},"↵")'
        shown = unless_refused(book, f'IF(A{TOP_ROW + t}<prompt.length,"",{line})')
        sheet.put_formula(at(TOP_ROW + t, 6), shown, "output")
    place, cell = book.locate("continuation.text")
    book.sheets[place].put_formula(cell, unless_refused(book, so_far))


def _row(this: Page, t: int, best: Sequence[Region], groups: dict[str, Region]) -> None:
    sheet, row = this.sheet, TOP_ROW + t
    logits, ids, choices = best
    sheet.put(at(row, 1), float(t + 1), "position")
    chosen = choices.columns(choices.rect.columns - 1, 1)
    here, book = f"{NEXT_ID}{row}", this.book
    sheet.put_formula(at(row, 3), unless_refused(book, f"INDEX(vocabulary.shown,{here}+1)"), "output")
    sheet.put_formula(at(row, 4), unless_refused(book, f"INDEX(probabilities,{here}+1,{t + 1})"), "output_percent")
    sheet.put_formula(at(row, 5), this.ref(chosen.sheet, chosen.row(t)), "output_whole")
    for k in range(groups["ids"].rect.columns):
        cells = {name: at(row, region.rect.left + k) for name, region in groups.items()}
        for name, source in (("logits", logits), ("ids", ids)):
            sheet.put_formula(cells[name], this.ref(source.sheet, at(source.rect.top + t, source.rect.left + k)))
        for name, text in (
            ("shown", f"INDEX(vocabulary.shown,{cells['ids']}+1)"),
            ("probabilities", f"INDEX(probabilities,{cells['ids']}+1,{t + 1})"),
        ):
            sheet.put_formula(cells[name], unless_refused(book, text))
