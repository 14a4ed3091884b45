"""A sheet being filled from top to bottom with tables that have one row per token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sheetgpt.book.address import Rect, at, quote_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.palette import COLOURS
from sheetgpt.layout.notices import ON_REQUEST
from sheetgpt.schema.names import messages_of

LEFT = 3  # first column of the values: A holds the position, B the token
TITLE_ROWS = 2  # above the first table, always in view
_SCREEN = 16  # columns of values that a window shows
_LINKS = (LEFT + 6, LEFT + 11)  # columns of the links in a caption
SWITCH_OFF = "To switch a number off type 0: an emptied cell is an error to MMULT."
NEXT_ID = "E"  # column of the next token's id on Predicted_Token, which the rows after the prompt begin with

RowFormula = Callable[[int], str]  # token row, from 0 -> text of its formula


@dataclass(frozen=True)
class Region:
    """A block of cells on a sheet with one row (or, going down, one column) per token."""

    sheet: str
    rect: Rect

    def row(self, t: int) -> Rect:
        return Rect(self.rect.top + t, self.rect.left, self.rect.top + t, self.rect.right)

    def rows(self, first: int, last: int) -> Rect:
        return Rect(self.rect.top + first, self.rect.left, self.rect.top + last, self.rect.right)

    def column(self, t: int) -> Rect:
        return Rect(self.rect.top, self.rect.left + t, self.rect.bottom, self.rect.left + t)

    def columns(self, first: int, width: int) -> Region:
        """The part of the region that starts `first` columns from its left."""
        left = self.rect.left + first
        return Region(self.sheet, Rect(self.rect.top, left, self.rect.bottom, left + width - 1))


@dataclass(frozen=True)
class Columns:
    """The columns of a table: so many, with numbers from 0 as in a checkpoint, or from `first`.

    With `edge`, each group of so many has a border on its left, a name from `names`, and counts anew; with `positions`
    each group has the positions from 1 and their tokens.
    """

    count: int
    edge: int = 0
    names: Sequence[str] = ()
    first: int = 0
    positions: bool = False


@dataclass
class Page:
    """One sheet, the row where its next table begins, and the number of token rows."""

    book: Book
    sheet: Sheet
    rows: int
    next_row: int = TITLE_ROWS + 1

    def ref(self, sheet: str, rect: Rect) -> str:
        """How a formula of this page writes a range; with the sheet's name if it is another sheet."""
        return str(rect) if sheet == self.sheet.name else f"{quote_sheet(sheet)}!{rect}"

    def start(self, title: str, words: str, columns: Columns, tensors: Sequence[str] = ()) -> Region:
        """Caption, headings and token labels of a table; returns where its values belong.

        `tensors` are linked from the caption.
        """
        width, edge, names, positions = columns.count, columns.edge, columns.names, columns.positions
        self._caption(title, words, width, edge, tensors)
        for k, name in enumerate(names):
            for column in range(0, edge, _SCREEN):
                style = "group_again" if column else "group"
                self.sheet.put(at(self.next_row + 1, LEFT + k * edge + column), name, style)
        numbers = np.arange(width, dtype=float)[None, :] % (edge or width) + (columns.first or positions)
        self._heading(
            1 + bool(names), "position" if positions else "rank" if columns.first else "column", numbers, "index", edge
        )
        if positions:
            self._tokens(2 + bool(names), width)
        top = self.next_row + 2 + bool(names) + positions
        region = Region(self.sheet.name, Rect(top, LEFT, top + self.rows - 1, LEFT + width - 1))
        labels = Rect(top, 1, region.rect.bottom, 1)
        self.sheet.put(labels, np.arange(1.0, self.rows + 1)[:, None], "position")
        self.sheet.put_formula(labels.shift(columns=1), "token.shown", "token", array=True)
        self.next_row = region.rect.bottom + 2
        return region

    def _caption(self, title: str, words: str, width: int, edge: int, tensors: Sequence[str]) -> None:
        """Title in the columns that stay in view, words again and again to the right, links to the tensors' sheets."""
        row, end = self.next_row, LEFT + max(width, _SCREEN) - 1
        group = edge * -(-_SCREEN // edge) if edge else width  # columns of so many groups as fill a window, or more
        self.sheet.put(at(row, 1), title)
        self.sheet.look.styles.append((Rect(row, 1, row, LEFT - 1), "caption"))
        self.sheet.look.styles.append((Rect(row, LEFT, row, end), "caption_note"))
        for left in range(LEFT, LEFT + width, group):
            for column in range(left, max(left + 1, min(left + group, LEFT + width) - _SCREEN // 2), _SCREEN):
                self.sheet.put(at(row, column), words)
        for column, tensor in zip(_LINKS, tensors, strict=False):
            self.sheet.put(at(row, column), tensor)
            self.sheet.look.styles.append((Rect(row, column, row, column + 3), "weight_link"))
            self.sheet.look.links.append((row, column, tensor))

    def _heading(self, below: int, side: str, numbers: np.ndarray, style: str, edge: int) -> None:
        """Numbers over the columns, so many rows below the caption, and beside them what they are."""
        row = self.next_row + below
        self.sheet.put(at(row, LEFT - 1), side, "side")
        line = Rect(row, LEFT, row, LEFT + numbers.size - 1)
        self.sheet.put(line, numbers, style)
        for left in range(LEFT, line.right + 1, edge) if edge else ():
            self.sheet.look.styles.append((at(row, left), f"{style}_edge"))

    def _tokens(self, below: int, width: int) -> None:
        """The tokens over the columns of each group."""
        row = self.next_row + below
        self.sheet.put(at(row, LEFT - 1), "looks at", "side")
        for left in range(LEFT, LEFT + width, self.rows):
            line = Rect(row, left, row, left + self.rows - 1)
            self.sheet.put_formula(line, "TRANSPOSE(token.shown)", "token_column", array=True)
            self.sheet.look.styles.append((at(row, left), "token_column_edge"))
        self.sheet.look.heights[row] = 24

    def style(self, region: Region, edge: int = 0) -> None:
        """Colour a region as activations, with a border on the left of each group of `edge` columns."""
        self.sheet.look.styles.append((region.rect, "activation"))
        for k in range(region.rect.columns // edge if edge else 0):
            self.sheet.look.styles.append((region.columns(k * edge, 1).rect, "activation_edge"))

    def table(
        self, title: str, words: str, name: str, columns: Columns, formula: RowFormula, tensors: Sequence[str] = ()
    ) -> Region:
        """A table with one array formula for each token row, its values under a name of the book."""
        region = self.start(title, words, columns, tensors)
        for t in range(self.rows):
            self.sheet.put_formula(region.row(t), formula(t), array=True)
        self.style(region, columns.edge)
        self.book.define(name, self.sheet.name, region.rect)
        return region

    def given(self, title: str, words: str, name: str, values: np.ndarray) -> Region:
        """A table of numbers [rows, width] that another workbook has calculated."""
        region = self.start(title, words, Columns(values.shape[1]))
        self.sheet.put(region.rect, values, "copied")
        self.book.define(name, self.sheet.name, region.rect)
        return region


def add_titled_sheet(book: Book, name: str, title: str, words: str, colour: str) -> Sheet:
    """A new sheet with a coloured tab, a title and a note, which `finish` writes, and a way back to the Map."""
    sheet = book.add(name)
    link(sheet, 1, 1, "Map")
    sheet.look.title = title, words
    sheet.look.heights[1] = 26
    sheet.look.tab = COLOURS[colour]
    return sheet


def link(sheet: Sheet, row: int, column: int, target: str, text: str = "") -> None:
    """A cell that leads to a sheet, or to a cell of one ("Block_0!A60"); its text is the target where none is given."""
    sheet.put(at(row, column), text or target, "link")
    sheet.look.links.append((row, column, target))


def finish(book: Book) -> None:
    """What can be said of the sheets of a laid out book only when all of them are there."""
    _write_titles(book)
    _link_neighbours(book)
    _make_array_formulas(book)


def _write_titles(book: Book) -> None:
    """Title and note, right of what panes keep in view: a frozen line through a text cuts it, and is not drawn anew."""
    for sheet in book.sheets.values():
        if sheet.look.title:
            column = sheet.look.freeze[1] if sheet.look.freeze[1] > 1 else LEFT
            for row, (text, style) in enumerate(zip(sheet.look.title, ("title", "note"), strict=True), 1):
                if style == "note":
                    _write_note(book, sheet, at(row, column), text)
                elif text:
                    sheet.put(at(row, column), text, style)


def _write_note(book: Book, sheet: Sheet, cell: Rect, text: str) -> None:
    """The note of a sheet; where it calculates, in its place what nobody should miss.

    That is a refused prompt, what is done to the model (switches, steering ...), or manual mode.
    """
    asks = "prompt.message" in book.names and book.locate("prompt.message")[0] == sheet.name  # has lines of its own
    text, style = (ON_REQUEST, "message") if book.manual and sheet.formulas and not asks else (text, "note")
    refused = "prompt.message" in book.names and bool(sheet.formulas) and not asks
    told = "&".join(messages_of(book)) if sheet.formulas else ""
    formula = '"' + text.replace('"', '""') + '"'
    if told:
        formula = f'IF({told}="",{formula},{told})'
    if refused:
        formula = f'IF(prompt.message="",{formula},prompt.message)'
        sheet.look.marks += [(cell, "refused"), (Rect(cell.top + 1, 1, *_last(sheet)), "errors")]
    if told:
        sheet.look.tints.append((cell, f'{told}<>""', "message"))
    if told or refused:
        sheet.put_formula(cell, formula, style)
    elif text:
        sheet.put(cell, text, style)


def _last(sheet: Sheet) -> tuple[int, int]:
    """The last row and column with a formula."""
    return max(f.rect.bottom for f in sheet.formulas), max(f.rect.right for f in sheet.formulas)


def _link_neighbours(book: Book) -> None:
    """In the corner of every sheet, links to the sheets before and after it in the order of the flow."""
    for before, after in pairwise(book.sheets.values()):
        link(before, *_corner(before)[1], after.name, "next ›")
        link(after, *_corner(after)[0], before.name, "‹ previous")


def _corner(sheet: Sheet) -> tuple[tuple[int, int], tuple[int, int]]:
    """The cells for links to the sheets before and after: right of "Map", or below it where one column is frozen."""
    if not sheet.look.title:  # the Map
        return (2, 1), (2, 1)
    return ((2, 1), (3, 1)) if sheet.look.freeze[1] == 2 else ((1, 2), (2, 2))


def unless_refused(book: Book, text: str) -> str:
    """A formula that shows nothing while the prompt is one that the sheets do not take."""
    return f'IF(prompt.message="",{text},"")' if "prompt.message" in book.names else text


def element(book: Book, name: str, *index: object) -> str:
    """A formula for one cell of a named table, from 1; a table of one cell is named: IronCalc has no INDEX of it."""
    return name if book.locate(name)[1].size == 1 else f"INDEX({name},{','.join(map(str, index))})"


def typed_whole(cell: object, least: int, most: int, blank: str) -> str:
    """A formula for the whole number typed into a cell, kept within bounds; `blank` where no number is typed."""
    return f"IF(ISNUMBER({cell}),MAX({least},MIN({most},INT({cell}))),{blank})"


def typed_token(cell: object, vocabulary: int, blank: str) -> str:
    """A formula for the id of a token that is typed into a cell, as an id or as text; `blank` for anything else.

    Text is looked up as it stands, then behind a space, among what `vocabulary.shown` shows, a dot for each space.
    """
    text = f'SUBSTITUTE({cell}," ","·")'
    exact, behind = (f"MATCH(TRUE,EXACT(vocabulary.shown,{sought}),0)-1" for sought in (text, f'"·"&{text}'))
    sought = f"IF(ISTEXT({cell}),IFERROR({exact},IFERROR({behind},{blank})),{blank})"
    return typed_whole(cell, 0, vocabulary - 1, sought)


def _make_array_formulas(book: Book) -> None:
    """Make every formula of a laid out book an array formula, {=...}, those of one cell too.

    LibreOffice (7.4) takes over the stored values of ordinary formulas, but not those of array formulas: these wait,
    out of date, until somebody asks for them. What is out of date already does not pass on that it is so once more,
    so an ordinary formula that reads an array formula would keep its stored value when the prompt changes. Where
    all of them are array formulas, everything is calculated when it is asked for.
    """
    for sheet in book.sheets.values():
        sheet.formulas = [replace(formula, array=True) for formula in sheet.formulas]


def page(book: Book, name: str, rows: int, title: str, words: str, colour: str = "activation") -> Page:
    """A new sheet of the flow, with panes that keep positions and tokens in view."""
    sheet = add_titled_sheet(book, name, title, words, colour)
    sheet.look.widths |= {(1, 1): 6, (2, 2): 16, (LEFT, LEFT + 400): 7}
    sheet.look.freeze = (TITLE_ROWS + 1, LEFT)
    return Page(book, sheet, rows)
