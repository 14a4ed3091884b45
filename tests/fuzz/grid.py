"""The sheet of random values that random formulas read: a column for each kind of value, one seed for all."""

from __future__ import annotations

import random
from collections.abc import Callable

from fuzz.term import words
from sheetgpt.book.values import ErrorValue, Value

SHEET = "D"
FIRST, LAST = 2, 17  # rows of values; row 1 has the headings that functions of databases go by

WORDS = words("apple pear Apple plum fig Fig quince banana cherry a b zz x-ray O'Neil")
ODD_TEXTS = [
    "12",
    "007",
    "1.5e3",
    "3/4/2021",
    "50%",
    "",
    "é",
    "日本語",
    "a*",
    "~?x",
    "?",
    "TRUE",
    "-4",
    "$5",
    "12:30",
    "😀a",
]
ERRORS = [ErrorValue.NA, ErrorValue.DIV0, ErrorValue.VALUE, ErrorValue.NUM, ErrorValue.REF]


def _sizes(draw: random.Random) -> float:
    size = float(f"{draw.uniform(1, 10):.4f}e{draw.choice([-9, -3, 0, 3, 9, 12])}")
    return draw.choice([-1, 1]) * size


def _mixed(draw: random.Random) -> Value:
    return draw.choice([float(draw.randint(-5, 9)), round(draw.uniform(-5, 5), 2), "x", "7", True, None, None, 3.0])


def _with_errors(draw: random.Random) -> Value:
    return draw.choice(ERRORS) if draw.random() < 0.15 else float(draw.randint(0, 20))


# Column -> what it holds, and how one value is drawn.
COLUMNS: dict[str, tuple[str, Callable[[random.Random], Value]]] = {
    "A": ("whole", lambda draw: float(draw.randint(-10, 50))),
    "B": ("decimal", lambda draw: round(draw.uniform(-20, 20), draw.randint(1, 4))),
    "C": ("positive", lambda draw: round(draw.uniform(0.1, 30), 2)),
    "E": ("date", lambda draw: float(draw.randint(36526, 47000))),
    "D": ("sizes", _sizes),
    "F": ("text", lambda draw: draw.choice(WORDS)),
    "G": ("odd text", lambda draw: draw.choice(ODD_TEXTS)),
    "H": ("boolean", lambda draw: draw.random() < 0.5),
    "I": ("mixed", _mixed),
    "J": ("with errors", _with_errors),
    "K": ("sorted", lambda draw: float(draw.randint(-20, 80))),
    "L": ("sorted text", lambda draw: draw.choice(words("ant bee cat dog eel fox gnu hen"))),
    "M": ("share", lambda draw: round(draw.uniform(0.01, 0.99), 3)),
    "N": ("flow", lambda draw: float(draw.randint(5, 60))),
    "O": ("sorted date", lambda draw: float(draw.randint(40000, 45000))),
    "P": ("blank", lambda draw: None),
}
COLUMN_OF = {what: column for column, (what, _) in COLUMNS.items()}


def random_cells(seed: str) -> dict[tuple[int, str], Value]:
    """Row and column -> value, of the whole sheet; the criteria of databases stand in R1:S3."""
    draw = random.Random(f"grid {seed}")
    cells: dict[tuple[int, str], Value] = {}
    for column, (what, one) in COLUMNS.items():
        values = [one(draw) for _ in range(FIRST, LAST + 1)]
        if what.startswith("sorted"):
            values.sort(key=lambda value: (str(type(value)), value))
        if what == "flow":
            values[0] = -300.0
        cells[1, column] = what
        cells.update({(row, column): value for row, value in enumerate(values, FIRST)})
    cells |= {(1, "R"): "whole", (2, "R"): f">{draw.randint(-5, 20)}", (1, "S"): "text", (3, "S"): "a*"}
    return cells
