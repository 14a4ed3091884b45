"""One step of block 0 left to the learner.

The cells of the step are blank and yellow where they always stand. Its formulas move to the same cells of the sheet
`Answers`, where a protected sheet hides them, and the rest of the model reads the right values there: it answers as
always, whatever the learner has written. Beside the step one formula for each row says which cells are right, and the
sheet `Exercise` has the task, a hint, and the score.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, Rect, at, quote_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.activations import STEPS
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.exercise.exercise_sheet import exercise_sheet
from sheetgpt.layout.exercise.hints import hint
from sheetgpt.layout.exercise.move import move_formulas
from sheetgpt.layout.exercise.solution import solve_warm_up
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, link, unless_refused

HOME, ANSWERS = "Block_0", "Answers"
_GAP = 2  # columns between the widest step and the verdicts
# Right is what differs by no more than this share of the largest number of its row: a thousand times what sums of
# thousands of terms in another order differ by, and far below what the smallest mistake, another epsilon, moves.
TOLERANCE = "1E-11"
FUTURE = (6, 7)  # steps in which a row has no cells for the tokens after it


@dataclass(frozen=True)
class Area:
    """One table of the step: its cells [n, width], the columns of each of its heads, and where its verdicts stand."""

    cells: Rect
    edge: int
    verdicts: Rect

    def parts(self, t: int, future: bool) -> Iterator[tuple[Rect, bool]]:
        """The cells of token row t that one verdict formula judges, and whether they are to stay blank."""
        row = self.cells.top + t
        for left in range(self.cells.left, self.cells.right + 1, self.edge) if future else ():
            yield Rect(row, left, row, left + t), False
            if t + 1 < self.edge:
                yield Rect(row, left + t + 1, row, left + self.edge - 1), True
        if not future:
            yield Rect(row, self.cells.left, row, self.cells.right), False


def exercise(book: Book, config: Config, rows: int, number: int, solution: bool) -> None:
    """Leave a step of block 0 to the learner, in a book with all its sheets; with `solution` fill it in again."""
    home = book.sheets[HOME]
    areas = _areas(book, home, config, rows, number)
    answers = add_titled_sheet(
        book,
        ANSWERS,
        f"Answers: step {number} of block 0",
        "The right values, in the same cells as on Block_0. Formulas are hidden by protection without a password.",
        "activation",
    )
    answers.look.protected = True
    moved = move_formulas(book, home, answers, [area.cells for area in areas])
    _follow_names(book, areas)
    first = areas[0].cells.top - 2
    link(answers, TITLE_ROWS + 1, LEFT, f"{ANSWERS}!{at(first, 1)}", f"They begin in row {first + 2}")
    for k, area in enumerate(areas, 1):
        _leave_blank(book, home, area, k, number)
        _label(answers, home, area, number)
        _verdicts(book, home, area, k, number)
    if solution:
        home.formulas += moved
        solve_warm_up(book)
    exercise_sheet(book, config, rows, number, [area.verdicts for area in areas], _cells_in_rows(areas, number))
    _tell(home, config, number, areas)


def _areas(book: Book, home: Sheet, config: Config, rows: int, number: int) -> list[Area]:
    """The tables of the step: three of step 5, all heads together of steps 6 and 7, else one; raises UsageError."""
    named = [book.locate(name)[1] for name in book.names if name.startswith(f"h.0.step_{number:02d}.")]
    tables: dict[int, Rect] = {}
    for rect in named:
        tables[rect.top] = tables[rect.top].union(rect) if rect.top in tables else rect
    first = max(formula.rect.right for formula in home.formulas) + _GAP
    if first + max(rect.columns for rect in tables.values()) > MAX_COLUMNS:
        raise UsageError(f"--exercise {number}: step and verdicts need more columns than a sheet has")
    edges = {4: config.n_embd, 5: config.width, 6: rows, 7: rows, 8: config.width}
    edge = edges.get(number, max(rect.columns for rect in tables.values()))
    return [Area(rect, edge, rect.shift(columns=first - rect.left)) for rect in tables.values()]


def _follow_names(book: Book, areas: list[Area]) -> None:
    """The names of the step stand for the right values."""
    for name, target in book.names.items():
        if name.startswith("h.0.step_"):
            sheet, rect = book.locate(target)
            if any(area.cells.contains(rect) for area in areas):
                book.names[name] = target.replace(f"{quote_sheet(sheet)}!", f"{ANSWERS}!")


def _leave_blank(book: Book, home: Sheet, area: Area, k: int, number: int) -> None:
    look = home.look
    look.scales = [(rect, colour) for rect, colour in look.scales if not area.cells.contains(rect)]
    for t in range(area.cells.rows):
        for rect, future in area.parts(t, number in FUTURE):
            look.styles.append((rect, "future" if future else "exercise"))
    book.define(f"exercise.typed_{k}", home.name, area.cells)
    first = at(area.verdicts.top, area.verdicts.left)
    for style, code in (("right", 1), ("wrong", -1)):
        look.tints.append((area.cells, f"{first}={code}", style))


def _label(answers: Sheet, home: Sheet, area: Area, number: int) -> None:
    """What stands beside and above the right values."""
    cells = area.cells
    caption, end = at(cells.top - 2, 1), max(cells.right, LEFT + 15)
    answers.put(caption, f"Step {number}: {STEPS[number][0]}")
    answers.look.styles.append((Rect(caption.top, 1, caption.top, end), "caption"))
    numbers = np.arange(float(cells.columns))[None, :] % area.edge + (number in FUTURE)
    answers.put(Rect(cells.top - 1, cells.left, cells.top - 1, cells.right), numbers, "index")
    answers.put(Rect(cells.top, 1, cells.bottom, 1), np.arange(1.0, cells.rows + 1)[:, None], "position")
    answers.put_formula(Rect(cells.top, 2, cells.bottom, 2), "token.shown", "token", array=True)
    for t in range(cells.rows):
        styles = [(rect, "future" if future else "answer") for rect, future in area.parts(t, number in FUTURE)]
        answers.look.styles += styles
    answers.look.widths = dict(home.look.widths)
    answers.look.freeze = home.look.freeze


def _verdicts(book: Book, home: Sheet, area: Area, k: int, number: int) -> None:
    """A formula for each part of a row: 1 where a cell is right, -1 where it is wrong, 0 where it is blank.

    Cells of the future give "" while they are blank, or hold what a mask would write there.
    """
    move = area.verdicts.left - area.cells.left
    home.put(at(area.verdicts.top - 2, area.verdicts.left), "Verdicts: ✓ right, ✗ wrong, · to do", "note")
    home.look.widths[(area.verdicts.left, area.verdicts.right)] = 3
    for t in range(area.cells.rows):
        for rect, future in area.parts(t, number in FUTURE):
            text = _stays_blank(rect, number) if future else _compares(rect)
            home.put_formula(rect.shift(columns=move), unless_refused(book, text), "verdict", array=True)
    book.define(f"exercise.verdicts_{k}", home.name, area.verdicts)


def _compares(rect: Rect) -> str:
    """A text is larger than every number, whatever stands in it; an error is wrong."""
    right = f"{ANSWERS}!{rect}"
    near = f"ABS({rect}-{right})<={TOLERANCE}*MAX(ABS({right}))"
    return f'IFERROR(IF({rect}="",0,IF({rect}>1E+300,-1,IF({near},1,-1))),-1)'


def _stays_blank(rect: Rect, number: int) -> str:
    masked = f"{rect}=0" if number == 7 else f"{rect}<=-1E+9"
    return f'IFERROR(IF({rect}="","",IF({masked},"",-1)),-1)'


def _cells_in_rows(areas: list[Area], number: int) -> np.ndarray:
    """How many cells of each row the learner fills [n, 1]."""
    counts = np.zeros((areas[0].cells.rows, 1))
    for area in areas:
        for t in range(area.cells.rows):
            counts[t] += sum(rect.size for rect, future in area.parts(t, number in FUTURE) if not future)
    return counts


def _tell(home: Sheet, config: Config, number: int, areas: list[Area]) -> None:
    """In the captions of the step no words that give it away; below its tables the score and the hint."""
    tensors = config.tensors()
    for area in areas:
        for row in range(area.cells.top - 4, area.cells.top - 1):
            if str(home.grid[row, 1]).startswith(f"Step {number}:"):
                for column in range(LEFT, area.cells.right + 1):
                    if isinstance(words := home.grid[row, column], str) and words not in tensors:
                        home.grid[row, column] = "yours to write; hint below"
        below = area.cells.bottom + 1
        home.put_formula(at(below, LEFT), "exercise.message", "score")
        home.put(at(below, LEFT + 6), f"Hint: {hint(config, number)}", "wrapped")
        home.look.merges.append(Rect(below, LEFT + 6, below, LEFT + 15))
        home.look.heights[below] = 48
