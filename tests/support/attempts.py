"""What learners write into an exercise: a table of right formulas and of mistakes, for a model of 3 heads of 4 columns.

An attempt gives the text of a formula for one token row, or for one cell of it; `Desk` says where things stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.gpt2.activations import step
from sheetgpt.schema.exercise import exercise_step

HEADS, WIDTH, ROWS = 3, 4, 6


@dataclass(frozen=True)
class Desk:
    """The cells of an exercise, as a formula of the sheet Block_0 writes them."""

    book: Book

    def area(self, name: str) -> Rect:
        return self.book.locate(name)[1]

    def row(self, number: int, t: int) -> str:
        """Token row t of a step, or of q, k, v as steps 5.0, 5.1, 5.2."""
        return str(self._row(self.area(step("h.0", number)), t))

    def head(self, part: str, h: int, t: int, last: int | None = None) -> str:
        """The columns of one head of q, k or v, in row t or in all rows up to `last`."""
        area = self.area(f"h.0.step_05.{part}")
        left = area.left + h * WIDTH
        return str(Rect(area.top + t, left, area.top + (t if last is None else last), left + WIDTH - 1))

    def past(self, number: int, h: int, t: int) -> str:
        """The cells of one head of step 6 or 7 in row t."""
        area = self.area(step("h.0", number, h))
        return str(Rect(area.top + t, area.left, area.top + t, area.left + t))

    def embedding(self, kind: str, t: int) -> str:
        return f"Token_to_Text_Embeddings!{self._row(self.area(f'embedding.{kind}'), t)}"

    @staticmethod
    def _row(area: Rect, t: int) -> Rect:
        return Rect(area.top + t, area.left, area.top + t, area.right)


Entry = tuple[Rect, str, bool]  # cells, formula, whether it is an array formula
Attempt = Callable[[Desk], Iterator[Entry]]


def rows(text: Callable[[Desk, int], str], desk: Desk) -> Iterator[Entry]:
    """One array formula for each row, in each table of the step."""
    number = exercise_step(desk.book)
    for k in range(3 if number == 5 else 1):
        area = desk.area(f"exercise.typed_{k + 1}")
        for t in range(ROWS):
            words = text(desk, t) if number != 5 else text(desk, t).replace("{k}", str(k))
            yield desk._row(area, t), words, True


def cells(text: Callable[[Desk, int, int], str], desk: Desk, array: bool = False) -> Iterator[Entry]:
    """One formula for each cell, with its column from 0."""
    area = desk.area("exercise.typed_1")
    for t in range(ROWS):
        for k in range(area.columns):
            yield at(area.top + t, area.left + k), text(desk, t, k), array


def thirds(order: str, desk: Desk) -> Iterator[Entry]:
    """Step 5: the thirds of step 4 in some order, by formulas of one cell."""
    source = desk.area(step("h.0", 4))
    for k, letter in enumerate(order, 1):
        area = desk.area(f"exercise.typed_{k}")
        move = source.left + 12 * "qkv".index(letter) - area.left
        for row, column in area.cells():
            yield at(row, column), str(at(row - area.top + source.top, column + move)), False


def heads(text: Callable[[Desk, int, int], str], desk: Desk, future: bool = False) -> Iterator[Entry]:
    """Steps 6 to 8: one array formula for each head in each row, over the future too where that is said."""
    area, number = desk.area("exercise.typed_1"), exercise_step(desk.book)
    for h in range(HEADS):
        left = area.left + h * (WIDTH if number == 8 else ROWS)
        for t in range(ROWS):
            count = WIDTH if number == 8 else ROWS if future else t + 1
            yield Rect(area.top + t, left, area.top + t, left + count - 1), text(desk, h, t), True


def pairs(text: Callable[[Desk, int, int, int], str], desk: Desk) -> Iterator[Entry]:
    """Steps 6 and 7: one formula for each cell of head, row and row looked at."""
    area = desk.area("exercise.typed_1")
    past = [(h, t, j) for h in range(HEADS) for t in range(ROWS) for j in range(ROWS) if j <= t]
    for h, t, j in past:
        yield at(area.top + t, area.left + h * ROWS + j), text(desk, h, t, j), False


def linear(number: int, name: str, after: str = "{}", bias: bool = True) -> Attempt:
    """A row of a step x a matrix, with its bias or without."""
    plus = f"+h.0.{name}.bias" if bias else ""
    matrix = after.format(f"h.0.{name}.weight")
    return partial(rows, lambda d, t: f"MMULT({d.row(number, t)},{matrix}){plus}")


def of_rows(form: str, *numbers: int) -> Attempt:
    """A formula over the rows of some steps, which stand for {0}, {1} ..."""
    return partial(rows, lambda d, t: form.format(*(d.row(number, t) for number in numbers)))


def _columns(d: Desk, t: int, k: int) -> str:
    x = d.area(step("h.0", 1))
    column = Rect(x.top, x.left + k, x.bottom, x.left + k)
    return f"({at(x.top + t, x.left + k)}-AVERAGE({column}))/SQRT(VARP({column})+0.00001)"


def _normalized(d: Desk, t: int, k: int) -> str:
    x = d.area(step("h.0", 1))
    return f"({at(x.top + t, x.left + k)}-AVERAGE({d.row(1, t)}))/SQRT(VARP({d.row(1, t)})+1E-5)"


def _down(d: Desk, h: int, t: int, j: int) -> str:
    s = d.area(step("h.0", 6, h))
    return f"EXP({at(s.top + t, s.left + j)})/SUM(EXP({Rect(s.top + j, s.left + j, s.bottom, s.left + j)}))"


def _all_scores(d: Desk, h: int, t: int) -> str:
    """The scores of a row with all keys, of those after it too."""
    return f"MMULT({d.head('q', h, t)},TRANSPOSE({d.head('k', h, 0, ROWS - 1)}))/SQRT({WIDTH})"


_FAR = "COLUMN($A$1:$F$1)>{}"
_LN = "({0}-AVERAGE({0}))/SQRT(VARP({0})+0.00001)"
_GELU = "0.5*{0}*(1+TANH(SQRT(2/PI())*({0}+0.044715*{0}^3)))"

# step -> what is written -> the attempt
RIGHT: dict[int, dict[str, Attempt]] = {
    1: {
        "looked up": partial(
            rows, lambda d, t: f"INDEX(wte.weight,INDEX(token.ids,{t + 1})+1,0)+INDEX(wpe.weight,{t + 1},0)"
        )
    },
    2: {
        "cell by cell": partial(cells, _normalized),
        "by squares": of_rows("({0}-SUM({0})/12)/(DEVSQ({0})/COUNT({0})+1E-5)^0.5", 1),
    },
    3: {
        "cell by cell": partial(
            cells,
            lambda d, t, k: (
                f"INDEX({d.row(2, t)},1,{k + 1})*INDEX(h.0.ln_1.weight,1,{k + 1})+INDEX(h.0.ln_1.bias,1,{k + 1})"
            ),
        )
    },
    4: {
        "sum of products": partial(
            cells,
            lambda d, t, k: (
                f"SUMPRODUCT(TRANSPOSE({d.row(3, t)})*INDEX(h.0.attn.c_attn.weight,0,{k + 1}))"
                f"+INDEX(h.0.attn.c_attn.bias,1,{k + 1})"
            ),
            array=True,
        )
    },
    5: {"links": partial(thirds, "qkv")},
    6: {
        "sum of products": partial(pairs, lambda d, h, t, j: f"SUMPRODUCT({d.head('q', h, t)},{d.head('k', h, j)})/2"),
        "masked as in numpy": partial(
            heads, lambda d, h, t: f"{_all_scores(d, h, t)}-1E+10*({_FAR.format(t + 1)})", future=True
        ),
    },
    7: {
        "no maximum taken off": partial(heads, lambda d, h, t: "EXP({0})/SUM(EXP({0}))".format(d.past(6, h, t))),
        "zeros after the row": partial(
            heads,
            lambda d, h, t: f"IF({_FAR.format(t + 1)},0,EXP({_all_scores(d, h, t)})/SUM(EXP({d.past(6, h, t)})))",
            future=True,
        ),
    },
    8: {"matrix product": partial(heads, lambda d, h, t: f"MMULT({d.past(7, h, t)},{d.head('v', h, 0, t)})")},
    9: {"matrix product": linear(8, "attn.c_proj")},
    10: {"the other way round": of_rows("{1}+{0}", 1, 9)},
    11: {"as in step 2": of_rows(_LN, 10)},
    12: {"bias first": of_rows("h.0.ln_2.bias+h.0.ln_2.weight*{0}", 11)},
    13: {"matrix product": linear(12, "mlp.c_fc")},
    14: {"as a sigmoid": of_rows("{0}/(1+EXP(-2*SQRT(2/PI())*({0}+0.044715*{0}*{0}*{0})))", 13)},
    15: {"matrix product": linear(14, "mlp.c_proj")},
    16: {"sum": of_rows("{0}+{1}", 10, 15)},
}
MISTAKES: dict[int, dict[str, Attempt]] = {
    1: {
        "position forgotten": partial(rows, lambda d, t: d.embedding("token", t)),
        "next position": partial(rows, lambda d, t: f"{d.embedding('token', t)}+INDEX(wpe.weight,{t + 2},0)"),
    },
    2: {
        "sample variance": of_rows(_LN.replace("VARP", "VAR"), 1),
        "root forgotten": of_rows(_LN.replace("SQRT", ""), 1),
        "epsilon outside the root": of_rows("({0}-AVERAGE({0}))/(SQRT(VARP({0}))+0.00001)", 1),
        "another epsilon": of_rows(_LN.replace("0.00001", "1E-6"), 1),
        "mean forgotten": of_rows("{0}/SQRT(VARP({0})+0.00001)", 1),
        "over tokens instead of columns": partial(cells, _columns),
    },
    3: {
        "gain forgotten": of_rows("{0}+h.0.ln_1.bias", 2),
        "bias forgotten": of_rows("{0}*h.0.ln_1.weight", 2),
        "bias before gain": of_rows("({0}+h.0.ln_1.bias)*h.0.ln_1.weight", 2),
    },
    4: {
        "bias forgotten": linear(3, "attn.c_attn", bias=False),
        "before gain and bias": linear(2, "attn.c_attn"),
        "transposed matrix": linear(3, "attn.c_attn", "TRANSPOSE({})"),
    },
    5: {"keys first": partial(thirds, "kvq"), "values first": partial(thirds, "vqk")},
    6: {
        "scale forgotten": partial(
            heads, lambda d, h, t: f"MMULT({d.head('q', h, t)},TRANSPOSE({d.head('k', h, 0, t)}))"
        ),
        "scaled by the width": partial(
            pairs, lambda d, h, t, j: f"SUMPRODUCT({d.head('q', h, t)},{d.head('k', h, j)})/4"
        ),
        "scaled by the whole row": partial(
            pairs, lambda d, h, t, j: f"SUMPRODUCT({d.head('q', h, t)},{d.head('k', h, j)})/SQRT(12)"
        ),
        "queries with queries": partial(
            pairs, lambda d, h, t, j: f"SUMPRODUCT({d.head('q', h, t)},{d.head('q', h, j)})/2"
        ),
        "mask forgotten": partial(heads, _all_scores, future=True),
    },
    7: {
        "mask after softmax": partial(heads, lambda d, h, t: "EXP({0})/SUM(EXP({0}))".format(_all_scores(d, h, t))),
        "over columns": lambda desk: ((rect, text, True) for rect, text, _ in pairs(_down, desk)),
        "not divided": partial(heads, lambda d, h, t: f"EXP({d.past(6, h, t)})"),
        "divided by the sum of scores": partial(heads, lambda d, h, t: "{0}/SUM({0})".format(d.past(6, h, t))),
    },
    8: {
        "keys for values": partial(heads, lambda d, h, t: f"MMULT({d.past(7, h, t)},{d.head('k', h, 0, t)})"),
        "values of another head": partial(
            heads, lambda d, h, t: f"MMULT({d.past(7, h, t)},{d.head('v', (h + 1) % HEADS, 0, t)})"
        ),
        "scores for shares": partial(heads, lambda d, h, t: f"MMULT({d.past(6, h, t)},{d.head('v', h, 0, t)})"),
    },
    9: {
        "bias forgotten": linear(8, "attn.c_proj", bias=False),
        "transposed matrix": linear(8, "attn.c_proj", "TRANSPOSE({})"),
    },
    10: {"residual forgotten": of_rows("{0}", 9), "of the normalized row": of_rows("{0}+{1}", 2, 9)},
    11: {
        "of step 1": of_rows(_LN, 1),
        "sample variance": of_rows(_LN.replace("VARP", "VAR"), 10),
        "sum of squares": of_rows(_LN.replace("VARP", "DEVSQ"), 10),
    },
    12: {
        "gain forgotten": of_rows("{0}+h.0.ln_2.bias", 11),
        "the numbers of ln_1": of_rows("{0}*h.0.ln_1.weight+h.0.ln_1.bias", 11),
    },
    13: {"bias forgotten": linear(12, "mlp.c_fc", bias=False), "of step 10": linear(10, "mlp.c_fc")},
    14: {
        "erf for tanh": of_rows("0.5*{0}*(2*NORMSDIST({0}))", 13),
        "square for cube": of_rows(_GELU.replace("^3", "^2"), 13),
        "half forgotten": of_rows(_GELU.replace("0.5*", ""), 13),
        "root of 2 / pi forgotten": of_rows(_GELU.replace("SQRT(2/PI())*", ""), 13),
        "pi too short": of_rows(_GELU.replace("PI()", "3.1416"), 13),
    },
    15: {"bias forgotten": linear(14, "mlp.c_proj", bias=False), "before the curve": linear(13, "mlp.c_proj")},
    16: {"residual forgotten": of_rows("{0}", 15), "residual of step 1": of_rows("{0}+{1}", 1, 15)},
}
