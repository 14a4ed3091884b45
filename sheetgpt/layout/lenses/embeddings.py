"""The sheet `Embedding_Map`: token embeddings as directions.

The cosine of two tokens, the nearest ones, an analogy, a map of some tokens in two dimensions, and what the position
adds. `gpt2.embedding_map` says the same in numpy. The axes of the map are numbers,
calculated when the workbook is built (`fill_embeddings`) from the tokens that stand there then.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at, reference
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.chart import Axis, Chart, Series
from sheetgpt.gpt2.chosen_words import SIZES, choose_analogy, choose_groups
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.embedding_map import principal_axes
from sheetgpt.gpt2.model import Model, read_rows
from sheetgpt.layout.lenses.neighbours import WORKING, analogy, cosine, nearest, norms, pair, token_of_choice
from sheetgpt.layout.page import TITLE_ROWS, add_titled_sheet, typed_token

SHEET = "Embedding_Map"
POSITIONS = (1, 3, 4, 5, 6, 7, 8)
_TOP = TITLE_ROWS + 2
_MAP = _TOP + 5  # first token of the map
_LAST = _MAP + sum(SIZES) - 1
_PLACES = _LAST + 5  # the word without a position; below it the same word at each one
_CHART, _CHART_END = 8, 12  # columns of the charts
_WIDTHS = (9, 9, 6, 10, 6, 6, 1, 8, 8, 8, 8, 8, 8, 7, 6, 10, 6)  # together they fill a window of 1440 pixels
_ROWS = WORKING + 8  # first column of rows of d numbers, right of everything
_PLAIN = Axis(number_format="0.0#")
_TO_DO = (
    "Now do this: 1. Find the groups on the map. 2. Type another id into its list. 3. Try an analogy: "
    "in GPT-2 it often fails."
)


def embeddings(book: Book, config: Config, _: int) -> None:
    """Add the sheet; `fill_embeddings` puts the tokens and axes there."""
    sheet = add_titled_sheet(
        book,
        SHEET,
        "Embedding map: tokens as directions",
        "Tokens that are used alike point in similar directions. Type tokens, or their ids, into the yellow cells.",
        "activation",
    )
    sheet.look.widths = {(column, column): width for column, width in enumerate(_WIDTHS, 1)}
    sheet.look.freeze = (TITLE_ROWS + 1, 1)
    pair(book, sheet, _TOP, config.vocab_size)
    sheet.put(at(_TOP + 2, 1), _TO_DO, "note")
    _axes(book, sheet, config)
    _map(book, sheet, config)
    nearest(book, sheet, _TOP, config.vocab_size)
    analogy(book, sheet, _TOP + 15, config, _ROWS)
    _positions(book, sheet, config)


def _axes(book: Book, sheet: Sheet, config: Config) -> None:
    """Places of the mean and the two axes, right of everything else."""
    end = _ROWS + config.n_embd - 1
    sheet.put(Rect(_TOP - 1, _ROWS, _TOP - 1, end), np.arange(float(config.n_embd))[None, :], "index")
    for row, name in enumerate(("mean", "axis 1", "axis 2"), _TOP):
        sheet.put(at(row, _ROWS - 1), name, "row_name")
    sheet.look.styles.append((Rect(_TOP, _ROWS, _TOP + 2, end), "copied"))
    book.define("embeddings.mean", SHEET, Rect(_TOP, _ROWS, _TOP, end))
    book.define("embeddings.axes", SHEET, Rect(_TOP + 1, _ROWS, _TOP + 2, end))


def _map(book: Book, sheet: Sheet, config: Config) -> None:
    """A row for each token: its id as typed and in use, the token, its point; and the chart."""
    for column, head in enumerate(("group", "id", "in use", "token", "across", "up"), 1):
        sheet.put(at(_MAP - 1, column), head, "heading")
    columns = {"typed_groups": 1, "typed_ids": 2, "ids": 3, "shown": 4, "spread": WORKING + 5}
    for name, column in columns.items():
        book.define(f"embeddings.{name}", SHEET, Rect(_MAP, column, _LAST, column))
    book.define("embeddings.points", SHEET, Rect(_MAP, 5, _LAST, 6))
    sheet.put(at(_MAP - 1, WORKING + 5), "spread", "heading")
    for row in range(_MAP, _LAST + 1):
        before = "0" if row == _MAP else f"C{row - 1}"  # so an emptied cell is one point less
        vector = f"(INDEX(wte.weight,C{row}+1,0)-embeddings.mean)"
        sheet.put(at(row, 2), None, "input_number")
        sheet.put_formula(at(row, 3), typed_token(at(row, 2), config.vocab_size, before), "whole")
        sheet.put_formula(at(row, 4), f"INDEX(vocabulary.shown,C{row}+1)", "token")
        sheet.put_formula(Rect(row, 5, row, 6), f"MMULT({vector},TRANSPOSE(embeddings.axes))", "effect", array=True)
        sheet.put_formula(at(row, WORKING + 5), f"SUM({vector}^2)", "effect", array=True)
    share = "IF(SUM(embeddings.spread)>0,SUM(embeddings.points^2)/SUM(embeddings.spread),0)"
    sheet.put(at(_LAST + 1, 1), "How much of their spread the map shows", "note")
    sheet.put_formula(at(_LAST + 1, 6), share, "share", array=True)
    book.define("embeddings.share", SHEET, at(_LAST + 1, 6))
    area = Rect(_TOP + 4, _CHART, _LAST - 3, _CHART_END)
    sheet.look.charts.append(Chart("scatter", area, "Map of the tokens", tuple(_clouds(sheet)), _PLAIN, _PLAIN))


def _clouds(sheet: Sheet) -> list[Series]:
    """The points of each group, whose name stands beside its first token."""
    found, top = [], _MAP
    for size in SIZES:
        rows = Rect(top, 6, top + size - 1, 6)
        name = "=" + reference(SHEET, at(top, 1))
        sheet.look.styles.append((at(top, 1), "input_number"))
        found.append(Series(rows, rows.shift(columns=-1), name, names=rows.shift(columns=-2)))
        top += size
    return found


def _positions(book: Book, sheet: Sheet, config: Config) -> None:
    """One token without a position and at some: its points on the same map, and its cosines with two of them."""
    places = [None, *(p for p in POSITIONS if p <= config.n_positions)]
    top, bottom = _PLACES, _PLACES + len(places) - 1
    sheet.put(at(top - 3, 1), "The same token at other positions: wte + wpe")
    sheet.look.styles.append((Rect(top - 3, 1, top - 3, len(_WIDTHS)), "caption"))
    sheet.put(at(top - 2, 1), "Token", "heading")
    token_of_choice(book, sheet, at(top - 2, 2), "placed", config.vocab_size)
    for column, head in enumerate(("", "to alone", "to 1", "token", "across", "up"), 1):
        sheet.put(at(top - 1, column), head or "cosine", "heading")
    rows = Rect(top, _ROWS, bottom, _ROWS + config.n_embd - 1)
    book.define("embeddings.placed_rows", SHEET, rows)
    book.define("embeddings.placed_cosines", SHEET, Rect(top, 2, bottom, 3))
    book.define("embeddings.placed_points", SHEET, Rect(top, 5, bottom, 6))
    for row, place in enumerate(places, top):
        _placed(sheet, row, place, rows)
    points = Series(Rect(top, 6, bottom, 6), Rect(top, 5, bottom, 5), names=Rect(top, 4, bottom, 4))
    chart = Rect(top - 2, _CHART, top + 14, len(_WIDTHS))
    sheet.look.charts.append(Chart("scatter", chart, "The token at each position", (points,), _PLAIN, _PLAIN))


def _placed(sheet: Sheet, row: int, place: int | None, rows: Rect) -> None:
    """The token's row of wte, with the row of wpe for a position: its cosines and its point."""
    here, name = Rect(row, rows.left, row, rows.right), f"position {place}" if place else "alone"
    text = "INDEX(wte.weight,embeddings.placed+1,0)" + (f"+INDEX(wpe.weight,{place},0)" if place else "")
    sheet.put(at(row, 4), name, "row_name")
    sheet.put(at(row, rows.left - 1), name, "row_name")
    sheet.put_formula(here, text, "activation", array=True)
    for column, other in ((2, rows.top), (3, rows.top + 1)):
        sheet.put_formula(
            at(row, column), cosine(here, Rect(other, rows.left, other, rows.right)), "effect", array=True
        )
    point = f"MMULT({here}-embeddings.mean,TRANSPOSE(embeddings.axes))"
    sheet.put_formula(Rect(row, 5, row, 6), point, "effect", array=True)


def fill_embeddings(book: Book, model: Model) -> None:
    """Put what comes from the model: the tokens of the map and its axes, words of choice, the length of every row."""
    sheet, tokenizer, size = book.sheets[SHEET], model.tokenizer, model.config.vocab_size
    groups, top, wte = choose_groups(tokenizer, size), _MAP, model.tensors
    for (name, ids), room in zip(groups.items(), SIZES, strict=True):
        sheet.put(at(top, 1), name)
        sheet.put(Rect(top, 2, top + len(ids) - 1, 2), np.array(ids, dtype=float)[:, None])
        top += room
    chosen = sorted({token for ids in groups.values() for token in ids})
    mean, axes = principal_axes(np.concatenate([read_rows(wte, "wte.weight", slice(k, k + 1)) for k in chosen]))
    for place, numbers in (("mean", mean[None, :]), ("axes", axes)):
        sheet.put(book.locate(f"embeddings.{place}")[1], numbers)
    days, _, sports, _ = groups.values()
    words = {"first": days[0], "second": days[-1], "token": sports[-1], "placed": sports[-1]}
    words |= dict(zip(("a", "b", "c", "expected"), choose_analogy(tokenizer, size), strict=True))
    for place, token in words.items():
        sheet.put(book.locate(f"embeddings.typed_{place}")[1], float(token))
    norms(book, sheet, model.config)
