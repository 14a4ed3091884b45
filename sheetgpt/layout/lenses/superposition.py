"""The sheet `Superposition`: how many directions fit into a space.

Random directions crowd at 90 degrees, the more the more dimensions there are; and no set of directions is more nearly
perpendicular than the Welch bound allows. Beside them the angles of the model's own token embeddings.
`gpt2.superposition` says the same in numpy.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.chart import Axis, Chart, Series
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.superposition import PAIRS, SEED, dimensions, random_pairs, random_rows, widest
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, typed_whole

SHEET = "Superposition"
BINS, BIN = 36, 5  # bins of so many degrees each
_TOP = TITLE_ROWS + 2  # degrees, directions, dimensions; what follows from them
_TABLE = _TOP + 8  # first row of the table: one for each number of dimensions
_WIDTHS = (13, 9, 10, 11, 12, 12, 2, 10, 9, 9, 9, 9, 9)  # together they fill a window of 1440 pixels
_LIMIT = len(_WIDTHS) + 2  # column of the typed angle, for the chart
_WORKING = len(_WIDTHS) + 4  # first column of pairs of tokens, their angles, those of random rows, random numbers
_TO_DO = "Now do this: 1. Type more dimensions: the possible angle grows. 2. Type a larger angle. 3. Compare the model."
_HEADS = ("dimensions", "usual", "measured", "some pair", "fit at most", "fit at least")


def superposition(book: Book, config: Config, _: int) -> None:
    """Add the sheet."""
    sheet = add_titled_sheet(
        book,
        SHEET,
        "Superposition: how many directions fit",
        "In many dimensions random directions are nearly perpendicular, so more features fit than dimensions. "
        "Type an angle.",
        "activation",
    )
    sheet.look.widths = {(column, column): width for column, width in enumerate(_WIDTHS, 1)}
    sheet.look.freeze = (TITLE_ROWS + 1, 1)
    sheet.put(at(_TOP - 1, LEFT), _TO_DO, "note")
    sizes = dimensions(config.n_embd)
    _inputs(book, sheet)
    _random(book, sheet, sizes, config)
    _table(book, sheet, sizes, widest(config.n_embd))
    top = _TABLE + len(sizes) + 2
    _own(book, sheet, config.vocab_size)
    _histogram(book, sheet, top, sizes.index(config.n_embd))


def _inputs(book: Book, sheet: Sheet) -> None:
    """An angle, directions and dimensions, typed and in use; the Welch bound for them in a line."""
    degrees = f"IF(ISNUMBER({at(_TOP, 2)}),MAX(0.1,MIN(45,{at(_TOP, 2)})),1)"
    entries = (
        ("degrees", "Within 90 ±", degrees, "0.1 to 45 degrees; blank: 1"),
        ("count", "Directions", typed_whole(at(_TOP + 1, 2), 2, 1_000_000_000, "10000"), "blank: 10,000"),
        ("dimensions", "Dimensions", typed_whole(at(_TOP + 2, 2), 1, 1_000_000, "100"), "blank: 100"),
    )
    for row, (name, head, used, words) in enumerate(entries, _TOP):
        sheet.put(at(row, 1), head, "heading")
        sheet.put(at(row, 2), None, "input_number")
        sheet.put_formula(at(row, LEFT), used, "effect" if name == "degrees" else "amount")
        sheet.put(at(row, LEFT + 1), words, "note")
        book.define(f"superposition.typed_{name}", SHEET, at(row, 2))
        book.define(f"superposition.{name}", SHEET, at(row, LEFT))
    welch = _welch("superposition.dimensions")
    fits = 'IF(superposition.angle>superposition.degrees,"so they do not fit","the bound does not forbid it")'
    for row, (name, head, text, style) in enumerate(
        (
            ("squared", "sine, squared", "SIN(superposition.degrees*PI()/180)^2", "rounding"),
            ("angle", "Some pair is", welch, "effect"),
        ),
        _TOP + 3,
    ):
        sheet.put(at(row, 1), head, "heading")
        sheet.put_formula(at(row, LEFT), text, style)
        book.define(f"superposition.{name}", SHEET, at(row, LEFT))
    sheet.put(at(_TOP + 4, LEFT + 1), "degrees or more from 90:", "note")
    sheet.put_formula(at(_TOP + 4, LEFT + 3), fits, "note")
    book.define("superposition.verdict", SHEET, at(_TOP + 4, LEFT + 3))


def _welch(dimensions: object) -> str:
    """Degrees from 90 that some pair of the directions has at least."""
    n, d = "superposition.count", str(dimensions)
    return f"IF({n}<={d},0,ASIN(SQRT(({n}-{d})/({d}*({n}-1))))*180/PI())"


def _random(book: Book, sheet: Sheet, sizes: list[int], config: Config) -> None:
    """Random numbers, and the angles of neighbours among their rows in some dimensions."""
    width, narrow = widest(config.n_embd), [size for size in sizes if size <= widest(config.n_embd)]
    left = _WORKING + 4
    start = left + len(narrow) + 1
    numbers = Rect(_TABLE, start, _TABLE + PAIRS, start + width - 1)
    sheet.put(at(_TABLE - 2, start), f"Normal random numbers, seed {SEED}", "note")
    sheet.put(numbers, random_rows(PAIRS + 1, width, SEED), "copied")
    sheet.put(at(_TABLE - 2, left), "Degrees from each random row to the next, in so many dimensions", "note")
    for column, size in enumerate(narrow, left):
        sheet.put(at(_TABLE - 1, column), float(size), "index")
        for row in range(_TABLE, _TABLE + PAIRS):
            x = Rect(row, start, row, start + size - 1)
            sheet.put_formula(at(row, column), _angle(str(x), str(x.shift(rows=1))), "effect", array=True)
    book.define("superposition.random_numbers", SHEET, numbers)
    book.define("superposition.random_angles", SHEET, Rect(_TABLE, left, _TABLE + PAIRS - 1, start - 2))


def _angle(x: str, y: str) -> str:
    """Degrees between two rows; where they are parallel a last digit of the cosine must not count."""
    product = f"SUMSQ({x})*SUMSQ({y})"
    cosine = f"SUM({x}*{y})/SQRT({product})"
    parallel = f"IF({cosine}>0,0,180)"
    return f"IF({product}>0,IF(ABS({cosine})>1-1E-12,{parallel},ACOS({cosine})*180/PI()),90)"


def _table(book: Book, sheet: Sheet, sizes: list[int], width: int) -> None:
    """A row for each number of dimensions: how far from 90 angles are, and how many directions fit."""
    bottom = _TABLE + len(sizes) - 1
    notes = ("", "57.3/sqrt(d)", "random rows", "Welch bound", "Welch bound", "random rows")
    for column, (head, note) in enumerate(zip(_HEADS, notes, strict=True), 1):
        sheet.put(at(_TABLE - 2, column), note or None, "side")
        sheet.put(at(_TABLE - 1, column), head, "heading_center")
    narrow = sum(size <= width for size in sizes)
    ends = {
        "usual": bottom,
        "measured": _TABLE + narrow - 1,
        "some_pair": bottom,
        "at_most": bottom,
        "at_least": bottom,
    }
    for column, (name, end) in enumerate(ends.items(), 2):
        book.define(f"superposition.{name}", SHEET, Rect(_TABLE, column, end, column))
    angles = book.locate("superposition.random_angles")[1]
    for k, size in enumerate(sizes):
        row, d = _TABLE + k, at(_TABLE + k, 1)
        reach = f"{d}*superposition.squared"
        sheet.put(d, float(size), "count")
        sheet.put_formula(at(row, 2), f"180/PI()/SQRT({d})", "effect")
        if k < narrow:
            drawn = Rect(angles.top, angles.left + k, angles.bottom, angles.left + k)
            sheet.put_formula(at(row, 3), f"SQRT(SUMSQ({drawn}-90)/{PAIRS})", "effect", array=True)
        sheet.put_formula(at(row, 4), _welch(d), "effect")
        most = f'IF({reach}<1-1E-6,{d}*(1-superposition.squared)/(1-{reach}),"no bound")'
        sheet.put_formula(at(row, 5), most, "amount")
        least = f'IF({reach}>2800,"over 1E+300",MAX({d},EXP({reach}/4)))'
        sheet.put_formula(at(row, 6), least, "amount")
        sheet.put_formula(at(row, _LIMIT), "superposition.degrees", "effect")
    sheet.put(at(_TABLE - 1, _LIMIT), "typed", "heading_center")
    book.define("superposition.limit", SHEET, Rect(_TABLE, _LIMIT, bottom, _LIMIT))
    _chart(sheet, bottom, ends["measured"])


def _chart(sheet: Sheet, bottom: int, measured: int) -> None:
    across = Rect(_TABLE, 1, bottom, 1)
    lines = (
        Series(across.shift(columns=1), across, "57.3 / sqrt(d)", joined=True),
        Series(Rect(_TABLE, 3, measured, 3), Rect(_TABLE, 1, measured, 1), "random rows, measured"),
        Series(across.shift(columns=3), across, "some pair of the directions (Welch)", joined=True),
        Series(Rect(_TABLE, _LIMIT, bottom, _LIMIT), across, "the angle typed", joined=True),
    )
    area = Rect(_TOP, 8, _TABLE + 7, len(_WIDTHS))
    values, log = Axis("degrees from 90", "0", 0), Axis("dimensions", "#,##0", 1, log=10)
    sheet.look.charts.append(Chart("scatter", area, "How far from 90 degrees", lines, values, log))


def _own(book: Book, sheet: Sheet, vocabulary: int) -> None:
    """Pairs of tokens, drawn once, and the angles of their embeddings."""
    left, pairs = _WORKING, random_pairs(vocabulary)
    bottom = _TABLE + len(pairs) - 1
    sheet.put(at(_TABLE - 2, left), f"Pairs of tokens, seed {SEED}", "note")
    for column, head in enumerate(("id", "id", "degrees"), left):
        sheet.put(at(_TABLE - 1, column), head, "heading_center")
    sheet.put(Rect(_TABLE, left, bottom, left + 1), pairs, "count")
    for row in range(_TABLE, bottom + 1):
        x, y = (f"INDEX(wte.weight,{at(row, left + k)}+1,0)" for k in range(2))
        sheet.put_formula(at(row, left + 2), _angle(x, y), "effect", array=True)
    book.define("superposition.pairs", SHEET, Rect(_TABLE, left, bottom, left + 1))
    book.define("superposition.own_angles", SHEET, Rect(_TABLE, left + 2, bottom, left + 2))


def _histogram(book: Book, sheet: Sheet, top: int, own: int) -> None:
    """Mean and deviation of the model's angles and of random ones in as many dimensions; shares of bins."""
    angles = book.locate("superposition.random_angles")[1]
    sources = (Rect(angles.top, angles.left + own, angles.bottom, angles.left + own), "superposition.own_angles")
    for column, head in enumerate(("degrees from", "random", "model"), 1):
        sheet.put(at(top, column), head, "heading_center")
    for row, head in enumerate(("mean", "deviation"), top + 1):
        sheet.put(at(row, 1), head, "row_name")
    first, last = top + 3, top + 2 + BINS
    edges = np.arange(0.0, BINS * BIN, BIN)[:, None]
    sheet.put(Rect(first, 1, last, 1), edges, "index")
    for column, (source, name) in enumerate(zip(sources, ("random", "own"), strict=True), 2):
        sheet.put_formula(at(top + 1, column), f"AVERAGE({source})", "effect", array=True)
        sheet.put_formula(at(top + 2, column), f"SQRT(VARP({source}))", "effect", array=True)
        for row in range(first, last + 1):
            inside = f"({source}>={at(row, 1)})*({source}<{at(row, 1)}+{BIN})"
            sheet.put_formula(at(row, column), f"SUM({inside})/COUNT({source})", "share", array=True)
        book.define(f"superposition.{name}_figures", SHEET, Rect(top + 1, column, top + 2, column))
        book.define(f"superposition.{name}_shares", SHEET, Rect(first, column, last, column))
    sheet.put(at(top + 1, 4), f"random: {PAIRS} pairs of rows of random numbers", "note")
    sheet.put(at(top + 2, 4), f"model: its token embeddings, {PAIRS} pairs", "note")
    across = Rect(first, 1, last, 1)
    lines = tuple(
        Series(across.shift(columns=k), across, name, joined=True)
        for k, name in ((1, "random directions"), (2, "token embeddings of this model"))
    )
    area = Rect(_TABLE + 8, 8, _TABLE + 22, len(_WIDTHS))
    values, degrees = Axis("share", "0%", 0), Axis("degrees", "0", 0, 180, 30)
    sheet.look.charts.append(Chart("scatter", area, "Angles between directions", lines, values, degrees))
