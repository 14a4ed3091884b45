"""The sheet `MLP_Question`: a neuron of an MLP as a question.

Three directions stand for "Michael", "Jordan" and "basketball". The neuron asks "Michael and Jordan?" and, where the
answer is yes, writes "basketball". Below it the same of a neuron of the model. `gpt2.question` says it in numpy.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at, quote_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.chart import Axis, Chart, Series
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.question import BIAS, CURVES, DIRECTIONS, DOWN, INPUT, POINTS, TRUTH, UP
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, link, typed_whole, unless_refused

SHEET = "MLP_Question"
_TOP = TITLE_ROWS + 3  # headings; below them what may be typed
_STEPS = _TOP + 6
_TABLE = _STEPS + 7  # first row of the truth table
_OWN = _TABLE + 7
_USED = 8  # first column of what is in use, and of GELU
_WIDTHS = (17, 12, 12, 13, 13, 3, 9, 12, 12, 13, 9)  # together they fill a window of 1440 pixels
_CURVE = len(_WIDTHS) + 3  # first column of the points of the curves, right of the first screen
_TO_DO = (
    "Now do this: 1. Type 0 for Michael in the input: what is written? "
    "2. Type 0 as the bias: which question is it now? 3. Follow the links."
)
_FORMULAS = {"relu": "MAX(0,{x})", "gelu": "0.5*{x}*(1+TANH(SQRT(2/PI())*({x}+0.044715*{x}^3)))"}
_WORDS = {"relu": "with ReLU", "gelu": "with GELU, as GPT-2"}


def question(book: Book, config: Config, _: int) -> None:
    """Add the sheet."""
    sheet = add_titled_sheet(
        book,
        SHEET,
        "An MLP asks a question",
        "One neuron and three directions: it asks for Michael and Jordan, and writes basketball if both are there. "
        "Type other numbers.",
        "activation",
    )
    sheet.look.widths = {(column, column): width for column, width in enumerate(_WIDTHS, 1)}
    sheet.look.freeze = (TITLE_ROWS + 1, 1)
    sheet.put(at(_TOP - 2, LEFT), _TO_DO, "note")
    _typed(book, sheet)
    for name, left in (("relu", 2), ("gelu", _USED)):
        _steps(book, sheet, name, left)
    _truth(book, sheet)
    _curves(book, sheet)
    _own(book, sheet, config)


def _directions(sheet: Sheet, row: int, left: int) -> None:
    for column, name in enumerate(DIRECTIONS, left):
        sheet.put(at(row, column), name, "heading_center")


def _typed(book: Book, sheet: Sheet) -> None:
    """Input, weights and bias as typed, and in use: what is no number counts as 0."""
    sheet.put(at(_TOP, 1), "type here", "heading")
    sheet.put(at(_TOP, _USED - 1), "in use", "heading")
    entries = (
        ("input", "input: the row x", INPUT),
        ("up", "up: the question", UP),
        ("bias", "bias", (BIAS,)),
        ("down", "down: the answer", DOWN),
    )
    _directions(sheet, _TOP, 2)
    _directions(sheet, _TOP, _USED)
    for row, (name, head, values) in enumerate(entries, _TOP + 1):
        typed = Rect(row, 2, row, 1 + len(values))
        used = typed.shift(columns=_USED - 2)
        sheet.put(at(row, 1), head, "row_name")
        sheet.put(typed, np.array([values]), "input_number")
        for column in range(2, typed.right + 1):
            text = f"IF(ISNUMBER({at(row, column)}),{at(row, column)},0)"
            sheet.put_formula(at(row, column + _USED - 2), text, "effect")
        book.define(f"question.typed_{name}", SHEET, typed)
        book.define(f"question.{name}", SHEET, used)


def _steps(book: Book, sheet: Sheet, curve: str, left: int) -> None:
    """The steps 13 to 16 of a block, for one row and one neuron."""
    sheet.put(at(_STEPS, left), _WORDS[curve], "heading")
    asked = f"question.{curve}_asked"
    texts = (
        ("asked", "13: x . up + bias", 1, "SUM(question.input*question.up)+question.bias"),
        ("answer", "14: the curve", 1, _FORMULAS[curve].format(x=asked)),
        ("written", "15: times down", 3, f"question.{curve}_answer*question.down"),
        ("output", "16: x + step 15", 3, f"question.input+question.{curve}_written"),
    )
    for row, (name, words, width, text) in enumerate(texts, _STEPS + 1):
        area = Rect(row, left, row, left + width - 1)
        if left == 2:
            sheet.put(at(row, 1), words, "row_name")
        sheet.put_formula(area, text, "effect", array=True)
        book.define(f"question.{curve}_{name}", SHEET, area)


def _truth(book: Book, sheet: Sheet) -> None:
    """What is asked and written for all four inputs, and what question that is."""
    heads = (*DIRECTIONS[:2], "asked", "ReLU writes", "GELU writes")
    for column, head in enumerate(heads, 1):
        sheet.put(at(_TABLE - 1, column), head, "heading_center")
    rows = range(_TABLE, _TABLE + len(TRUTH))
    sheet.put(Rect(_TABLE, 1, rows[-1], 2), np.array(TRUTH), "count")
    down = f"INDEX(question.down,1,{len(DIRECTIONS)})"
    for row in rows:
        asked = at(row, 3)
        text = f"{at(row, 1)}*INDEX(question.up,1,1)+{at(row, 2)}*INDEX(question.up,1,2)+question.bias"
        sheet.put_formula(asked, text, "effect")
        for column, curve in ((4, "relu"), (5, "gelu")):
            sheet.put_formula(at(row, column), f"{_FORMULAS[curve].format(x=asked)}*{down}", "effect")
    book.define("question.truth", SHEET, Rect(_TABLE, 3, rows[-1], 5))
    none, one, two, both = (str(at(row, 4)) for row in rows)
    text = (
        f'IF(AND({none}=0,{one}=0,{two}=0,{both}>0),"Michael AND Jordan",'
        f'IF(AND({none}=0,{one}>0,{two}>0,{both}>0),"Michael OR Jordan","another question"))'
    )
    sheet.put(at(rows[-1] + 1, 1), "This neuron asks for", "row_name")
    sheet.put_formula(at(rows[-1] + 1, 3), text, "output")
    sheet.look.styles.append((at(rows[-1] + 1, 4), "output"))
    book.define("question.kind", SHEET, at(rows[-1] + 1, 3))


def _curves(book: Book, sheet: Sheet) -> None:
    """ReLU and GELU from -4 to 4, and where on them this input is."""
    last = _TOP + len(POINTS)
    across = Rect(_TOP + 1, _CURVE, last, _CURVE)
    sheet.put(at(_TOP, _CURVE), "x", "heading_center")
    sheet.put(across, np.array(POINTS)[:, None], "index")
    lines: list[Series] = []
    points: list[Series] = []
    for column, curve in enumerate(CURVES, _CURVE + 1):
        sheet.put(at(_TOP, column), curve, "heading_center")
        for row in range(across.top, last + 1):
            sheet.put_formula(at(row, column), _FORMULAS[curve].format(x=at(row, _CURVE)), "effect")
        lines.append(Series(Rect(across.top, column, last, column), across, _WORDS[curve], joined=True))
        place, asked = book.locate(f"question.{curve}_answer")[1], book.locate(f"question.{curve}_asked")[1]
        points.append(Series(place, asked, f"this input, {_WORDS[curve]}", ("#F0772B", "#0072B2")[len(points)]))
    book.define("question.curves", SHEET, Rect(across.top, _CURVE + 1, last, _CURVE + len(CURVES)))
    area = Rect(_STEPS + 6, _USED - 1, _OWN + 7, len(_WIDTHS))
    plain = Axis("asked", "0", POINTS[0], POINTS[-1], 1)
    title = "What the curve does with the answer"
    sheet.look.charts.append(Chart("scatter", area, title, (*lines, *points), Axis("", "0", -1, 4, 1), plain))


def _own(book: Book, sheet: Sheet, config: Config) -> None:
    """A neuron of the model at the prompt's last token: what it asked, and what GELU made of it."""
    sheet.put(at(_OWN, 1), "A neuron of the model, at the prompt's last token", "heading")
    for row, number in enumerate((13, 14, 15), _OWN + 1):
        place, area = book.locate(step("h.0", number))
        link(sheet, row, 5, f"{place}!A{area.top - 2}", f"step {number}")
    sources = {number: f"CHOOSE(question.block+1,{_in_all_blocks(book, config, number)})" for number in (13, 14)}
    most = f"MATCH(MAX(INDEX({sources[14]},prompt.length,0)),INDEX({sources[14]},prompt.length,0),0)-1"
    entries = (
        ("block", typed_whole(at(_OWN + 1, 2), 0, config.n_layer - 1, "0"), "whole", "blank: 0"),
        ("neuron", typed_whole(at(_OWN + 2, 2), 0, config.inner - 1, most), "whole", "blank: largest"),
        ("own_asked", f"INDEX({sources[13]},prompt.length,question.neuron+1)", "effect", "step 13"),
        ("own_answer", f"INDEX({sources[14]},prompt.length,question.neuron+1)", "effect", "step 14: GELU"),
    )
    for row, (name, text, style, words) in enumerate(entries, _OWN + 1):
        sheet.put(at(row, 1), name.removeprefix("own_"), "row_name")
        if style == "whole":
            sheet.put(at(row, 2), None, "input_number")
            book.define(f"question.typed_{name}", SHEET, at(row, 2))
        sheet.put_formula(at(row, LEFT), unless_refused(book, text), style, array=True)
        sheet.put(at(row, LEFT + 1), words, "note")
        book.define(f"question.{name}", SHEET, at(row, LEFT))


def _in_all_blocks(book: Book, config: Config, number: int) -> str:
    """The ranges of a step, one for each block."""
    places = (book.locate(step(f"h.{layer}", number)) for layer in range(config.n_layer))
    return ",".join(f"{quote_sheet(place)}!{area}" for place, area in places)
