"""The sheet `Sizes`: how many parameters a configuration has, where they are, and how many cells and bytes that makes.

`gpt2.sizes` counts the same from the shapes of the tensors.
"""

from __future__ import annotations

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.chart import PERCENT, Chart, Series
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.presets import PRESETS
from sheetgpt.gpt2.sizes import IN_BLOCK, PARTS
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, typed_whole

BYTES_PER_CELL = 7.6  # of a weight of float32 digits in the file, measured on GPT-2 small
_TOP = TITLE_ROWS + 2  # first row of the configuration
_FACTS = _TOP + 10
_PUBLISHED = _FACTS + 12
_PARTS = LEFT + 3  # first column of the table of parts
_WIDTHS = (14, 10, 13, 10, 13, 12, 24, 12, 12, 7)  # together they fill a window of 1440 pixels
_MOST = 1_000_000
_TO_DO = (
    "Now do this: 1. Double the columns: do the parameters double? 2. Double the heads.",
    "3. Type GPT-3: 96 blocks, 96 heads, 12288 columns, vocabulary 50257, 2048 positions.",
)
_FORMULAS = {  # part -> words, formula
    "wte": ("vocabulary x d", "sizes.vocabulary*sizes.d"),
    "wpe": ("positions x d", "sizes.positions*sizes.d"),
    "ln_1": ("2 d", "2*sizes.d"),
    "attn.c_attn": ("d x 3 d, and 3 d biases", "3*sizes.d*(sizes.d+1)"),
    "attn.c_proj": ("d x d, and d biases", "sizes.d*(sizes.d+1)"),
    "ln_2": ("2 d", "2*sizes.d"),
    "mlp.c_fc": ("d x hidden, and hidden biases", "sizes.hidden*(sizes.d+1)"),
    "mlp.c_proj": ("hidden x d, and d biases", "sizes.d*(sizes.hidden+1)"),
    "ln_f": ("2 d", "2*sizes.d"),
    "lm_head": ("vocabulary x d, if its own", "sizes.own_head*sizes.vocabulary*sizes.d"),
}
_GROUPS = {  # bar -> parts
    "embeddings": ("wte", "wpe", "lm_head"),
    "attention": ("attn.c_attn", "attn.c_proj"),
    "MLP": ("mlp.c_fc", "mlp.c_proj"),
    "LayerNorm": ("ln_1", "ln_2", "ln_f"),
}


def sizes(book: Book, config: Config, rows: int) -> None:
    """Add the sheet; `rows` is the number of tokens that activations are counted for where none is typed."""
    sheet = add_titled_sheet(
        book,
        "Sizes",
        "Sizes: where the parameters are",
        "How many numbers a GPT-2 of any size has, by formula. "
        "Type a configuration into the yellow cells; blank: this one.",
        "weight",
    )
    sheet.look.widths = {(column, column): width for column, width in enumerate(_WIDTHS, 1)}
    sheet.look.freeze = (TITLE_ROWS + 1, 1)
    for row, words in enumerate(_TO_DO, _FACTS + 9):
        sheet.put(at(row, LEFT), words, "note")
    _configuration(book, sheet, config, rows)
    _parts(book, sheet)
    _facts(book, sheet)
    _published(book, sheet)


def _configuration(book: Book, sheet: Sheet, config: Config, rows: int) -> None:
    """What may be typed, and what is in use: names sizes.typed_X and sizes.X."""
    entries = (
        ("blocks", "Blocks", config.n_layer, "n_layer"),
        ("heads", "Heads", config.n_head, "they share the columns"),
        ("d", "Columns, d", config.n_embd, "n_embd"),
        ("hidden", "Hidden in MLP", config.inner, "4 d if d is typed"),
        ("vocabulary", "Vocabulary", config.vocab_size, "tokens"),
        ("positions", "Positions", config.n_positions, "n_positions"),
        ("own_head", "Own lm_head", int(not config.tie_word_embeddings), "0: it is wte"),
        ("tokens", "Tokens", rows, "in the window"),
    )
    for row, (name, head, own, words) in enumerate(entries, _TOP):
        typed, least = at(row, 2), int(name != "own_head")
        most = {"own_head": 1, "blocks": 10_000}.get(name, _MOST)
        blank = f"IF(ISNUMBER(sizes.typed_d),4*sizes.d,{own})" if name == "hidden" else str(own)
        sheet.put(at(row, 1), head, "heading")
        sheet.put(typed, None, "input_number")
        sheet.put_formula(at(row, LEFT), typed_whole(typed, least, most, blank), "whole")
        sheet.put(at(row, LEFT + 1), words, "note")
        book.define(f"sizes.typed_{name}", sheet.name, typed)
        book.define(f"sizes.{name}", sheet.name, at(row, LEFT))


def _parts(book: Book, sheet: Sheet) -> None:
    """A row for each part: its parameters, those of all blocks, and their share."""
    top, bottom = _TOP + 1, _TOP + len(PARTS)
    for column, head in enumerate(("part", "parameters", "of one", "in the whole", "share"), _PARTS):
        sheet.put(at(_TOP, column), head, "heading")
    for row, part in enumerate(PARTS, top):
        words, text = _FORMULAS[part]
        one, whole = at(row, _PARTS + 2), at(row, _PARTS + 3)
        times = "*sizes.blocks" if part in IN_BLOCK else ""
        sheet.put(at(row, _PARTS), part, "row_name")
        sheet.put(at(row, _PARTS + 1), words, "note")
        sheet.put_formula(one, text, "amount")
        sheet.put_formula(whole, f"{one}{times}", "amount")
        sheet.put_formula(at(row, _PARTS + 4), f"{whole}/sizes.total", "share")
    for column, name in enumerate(("one", "whole", "share"), _PARTS + 2):
        book.define(f"sizes.{name}", sheet.name, Rect(top, column, bottom, column))


def _facts(book: Book, sheet: Sheet) -> None:
    """All parameters, the share of MLPs, cells and bytes; and the shares of four kinds of parts as bars."""
    cells = {part: at(_TOP + 1 + k, _PARTS + 2) for k, part in enumerate(PARTS)}
    block = Rect(cells["ln_1"].top, _PARTS + 2, cells["mlp.c_proj"].top, _PARTS + 2)
    mlp = f"({cells['mlp.c_fc']}+{cells['mlp.c_proj']})"
    around = "4*sizes.tokens*sizes.d+2*sizes.vocabulary*sizes.tokens"
    steps = "sizes.tokens*(16*sizes.d+2*sizes.hidden)+sizes.heads*sizes.tokens*(sizes.tokens+1)"
    entries = (
        ("total", "Parameters", "SUM(sizes.whole)", "amount", "each is a number in a cell"),
        ("block", "In one block", f"SUM({block})", "amount", "heads change nothing"),
        ("mlp_of_block", "MLP of block", f"{mlp}/sizes.block", "share", "two thirds where hidden is 4 d"),
        ("mlp_of_whole", "MLPs of whole", f"sizes.blocks*{mlp}/sizes.total", "share", "45.5 % in GPT-2 small"),
        ("head_width", "Head columns", "sizes.d/sizes.heads", "effect", "d / heads has to be whole"),
        ("float32", "float32 bytes", "4*sizes.total", "amount", "4 for each"),
        ("file", "Excel bytes", f"{BYTES_PER_CELL}*sizes.total", "amount", f"about {BYTES_PER_CELL} for each"),
        ("activations", "Calculated", f"sizes.blocks*({steps})+{around}", "amount", "numbers, for all tokens"),
    )
    for row, (name, head, text, style, words) in enumerate(entries, _FACTS):
        sheet.put(at(row, 1), head, "heading")
        sheet.put_formula(at(row, LEFT), text, style)
        sheet.put(at(row, LEFT + 1), words, "note")
        book.define(f"sizes.{name}", sheet.name, at(row, LEFT))
    _bars(book, sheet)


def _bars(book: Book, sheet: Sheet) -> None:
    """The shares of embeddings, attention, MLPs and LayerNorms, and a chart of them."""
    top = _FACTS + 2
    rows = {part: at(_TOP + 1 + k, _PARTS + 4) for k, part in enumerate(PARTS)}
    area = Rect(top, _PARTS + 1, top + len(_GROUPS) - 1, _PARTS + 1)
    for row, (name, parts) in enumerate(_GROUPS.items(), top):
        sheet.put(at(row, _PARTS), name, "row_name")
        sheet.put_formula(at(row, _PARTS + 1), "+".join(str(rows[part]) for part in parts), "share")
    book.define("sizes.kinds", sheet.name, area)
    bars = Series(area, area.shift(columns=-1))
    chart = Rect(top, _PARTS + 2, _PUBLISHED + 6, _PARTS + 4)
    sheet.look.charts.append(Chart("bar", chart, "Share of all parameters", (bars,), PERCENT))


def _published(book: Book, sheet: Sheet) -> None:
    """The sizes that were published, their parameters by one formula."""
    top = _PUBLISHED + 1
    heads = ("published", "blocks", "heads", "d", "parameters", "MLPs of whole", "float32 bytes")
    for column, head in enumerate(heads, 1):
        sheet.put(at(_PUBLISHED, column), head, "heading")
    for row, (name, config) in enumerate(PRESETS.items(), top):
        sheet.put(at(row, 1), name, "row_name")
        for column, number in enumerate((config.n_layer, config.n_head, config.n_embd), 2):
            sheet.put(at(row, column), float(number), "count")
        n, d, total = (at(row, column) for column in (2, 4, 5))
        text = f"({config.vocab_size}+{config.n_positions})*{d}+{n}*(12*{d}^2+13*{d})+2*{d}"
        sheet.put_formula(total, text, "amount")
        sheet.put_formula(at(row, 6), f"{n}*(8*{d}^2+5*{d})/{total}", "share")
        sheet.put_formula(at(row, 7), f"4*{total}", "amount")
    bottom = top + len(PRESETS) - 1
    for column, name in ((5, "parameters"), (6, "mlp_share"), (7, "bytes")):
        book.define(f"sizes.published_{name}", sheet.name, Rect(top, column, bottom, column))
    words = "parameters = 50257 d + 1024 d + blocks x (12 d^2 + 13 d) + 2 d: 4 d^2 of attention, 8 d^2 of the MLP"
    sheet.put(at(bottom + 1, 1), words, "note")
