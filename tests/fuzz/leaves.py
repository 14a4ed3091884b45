"""Leaves of random formulas, by role: constants, cells and ranges of the sheet of `grid.py`, names."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from fuzz.grid import COLUMN_OF, FIRST, LAST, SHEET

_CELLS = re.compile(r"[A-S]\d+(:[A-S]\d+)?")
_NUMERIC = ["whole", "decimal", "positive", "sorted", "flow"]
_ANY = [*_NUMERIC, "date", "text", "odd text", "boolean", "mixed", "with errors", "blank"]

NAMES = {"wholes": "A2:A17", "shares": "M2:M17", "words": "F2:F17", "one": "C5"}
FORMATS = ["0", "0.00", "#,##0", "#,##0.00", "0%", "0.0%", "0.00E+00", "yyyy-mm-dd", "d mmm yy", "h:mm:ss",
           "@", "General",
           "000", "#.##", "dddd", "mmmm", "0.0;-0.0;zero", "$#,##0.00", "?0.0", "0,.0"]  # fmt: skip
CRITERIA = [
    '">5"',
    '"<=3"',
    '"<>4"',
    '"a*"',
    '"=fig"',
    '"<>"',
    '"apple"',
    "7",
    "TRUE",
    '"?ear"',
    '">b"',
    '"=5"',
    '">=-2.5"',
]
ODD = ['""', '"12"', '"x"', "TRUE", "FALSE", "#N/A", "#DIV/0!", "-1", "0", '"é"']
EXTREME = ["1E+300", "1E-300", "-1E+150", "9007199254740993", "1E+15", "0.1"]


def cell(draw: random.Random, what: str) -> str:
    """A cell of a column that holds such values."""
    return f"{SHEET}!{COLUMN_OF[what]}{draw.randint(FIRST, LAST)}"


def column(what: str, top: int = FIRST, bottom: int = LAST) -> str:
    """A part of a column, by default all of it."""
    return f"{SHEET}!{COLUMN_OF[what]}{top}:{COLUMN_OF[what]}{bottom}"


def _number(draw: random.Random) -> str:
    if draw.random() < 0.06:
        return cell(draw, "sizes") if draw.random() < 0.5 else draw.choice(EXTREME)
    if draw.random() < 0.5:
        return cell(draw, draw.choice([*_NUMERIC, "share"]))
    return draw.choice(
        [str(draw.randint(-20, 60)), f"{draw.uniform(-30, 30):.2f}", f"{draw.uniform(0, 5):.3f}", "0", "1", "2.5"]
    )


def _or_cell(what: str, constant: Callable[[random.Random], str], share: float = 0.5) -> Callable[[random.Random], str]:
    return lambda draw: cell(draw, what) if draw.random() < share else constant(draw)


def _text(draw: random.Random) -> str:
    return draw.choice(['"apple pie"', '"Banana"', '" two  words "', '"x"', '"pear, plum"', '"ABC abc"', '"naïve é"'])


def _range(draw: random.Random) -> str:
    if draw.random() < 0.1:
        return draw.choice(["wholes", "shares", "{1,2,3;4,5,7}", "{2;7;1;8}", f"{SHEET}!A3:C9"])
    if draw.random() < 0.12:
        return column(draw.choice(["mixed", "with errors", "blank", "boolean", "sizes", "date"]))
    return _part(draw, draw.choice(_NUMERIC))


def _part(draw: random.Random, what: str) -> str:
    top = draw.choice([FIRST, FIRST, draw.randint(FIRST, LAST - 3)])
    return column(what, top, draw.choice([LAST, draw.randint(top + 2, LAST)]))


LEAVES: dict[str, Callable[[random.Random], str]] = {
    "n": _number,
    "s": lambda draw: draw.choice([f"{draw.uniform(-3, 3):.2f}", str(draw.randint(-3, 3)), cell(draw, "share")]),
    "u": lambda draw: draw.choice([f"{draw.uniform(-0.99, 0.99):.3f}", cell(draw, "share")]),
    "i": lambda draw: str(draw.randint(1, 9)),
    "I": lambda draw: draw.choice([str(draw.randint(9, 40)), cell(draw, "flow")]),
    "m": lambda draw: str(draw.randint(-3, 4)),
    "p": _or_cell("share", lambda draw: f"{draw.uniform(0.01, 0.99):.3f}"),
    "P": _or_cell("positive", lambda draw: f"{draw.uniform(0.05, 20):.2f}"),
    "P1": _or_cell("flow", lambda draw: f"{draw.uniform(1.01, 20):.2f}"),
    "q": lambda draw: draw.choice([f"{draw.uniform(0.5, 6):.2f}", str(draw.randint(1, 5))]),
    "d": _or_cell("date", lambda draw: str(draw.randint(36526, 47000))),
    "t": _or_cell("text", lambda draw: cell(draw, "odd text") if draw.random() < 0.3 else _text(draw)),
    "w": _or_cell("text", _text),
    "b": _or_cell("boolean", lambda draw: draw.choice(["TRUE", "FALSE", "1", "0"]), 0.3),
    "v": lambda draw: draw.choice([_number(draw), _text(draw), cell(draw, draw.choice(_ANY)), "TRUE"]),
    "r": _range,
    "r3": lambda draw: draw.choice(["{1,2,3}", "{0.5;1}"]),
    "Pr": lambda draw: _part(draw, "positive"),
    "pair": lambda draw: column(draw.choice(_NUMERIC)),
    "only_reference": lambda draw: _part(draw, draw.choice([*_NUMERIC, *_NUMERIC, "mixed", "with errors"])),
    "any_range": lambda draw: column(draw.choice(_ANY)),
    "any_column": lambda draw: column(draw.choice(_ANY)),
    "numbers_column": lambda draw: column(draw.choice([*_NUMERIC, "mixed"])),
    "criterion": lambda draw: draw.choice([*CRITERIA, *CRITERIA, cell(draw, "whole"), cell(draw, "text")]),
    "cell_A": lambda draw: cell(draw, "whole"),
    "cell_K": _or_cell("sorted", lambda draw: str(draw.randint(-20, 80))),
    "format": lambda draw: f'"{draw.choice(FORMATS)}"',
    "hex": lambda draw: f'"{draw.choice(["1F", "A0", "7", "FF", "0", "12"])}"',
    "bin": lambda draw: draw.choice(["101", '"1101"', "0", '"1111111111"', "1000000000"]),
    "oct": lambda draw: draw.choice(["17", '"777"', "0", '"7777777777"']),
    "complex": lambda draw: draw.choice(['"3+4i"', '"1-i"', '"2i"', '"0.5+0.25j"', "3", '"-1.5-2i"', '"i"']),
    "rate": lambda draw: draw.choice(["0.01", "0.05", "0.1", "0.002", "0.25"]),
    "money": lambda draw: draw.choice(["1000", "-500", "250.5", "20000"]),
    "settle": lambda draw: draw.choice(["39493", "39325", "40968", "40000"]),
    "mature": lambda draw: draw.choice(["43054", "42429", "41425", "44000"]),
    "basis": lambda draw: str(draw.randint(0, 4)),
    "any": lambda draw: draw.choice(ODD) if draw.random() < 0.5 else cell(draw, draw.choice(_ANY)),
}  # fmt: skip


def leaf_text(draw: random.Random, role: str) -> str:
    """A leaf for a role, or one of the texts between the bars of a choice."""
    if role in LEAVES:
        return LEAVES[role](draw)
    text = draw.choice(role.strip("|").split("|")) if role.startswith("|") else role
    return f"{SHEET}!{text}" if _CELLS.fullmatch(text) else text
