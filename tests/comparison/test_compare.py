"""Values against values: tolerances, kinds, groups, what is not covered, and the report."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.comparison.compare import Comparison, Rules, compare, formula_cells


def grid(rows: list[list[Value]]) -> Grid:
    made = Grid()
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values, 1):
            made[row, column] = value
    return made


def compared(a: list[list[Value]], b: list[list[Value]], **options: object) -> Comparison:
    return compare({"S": grid(a)}, {"S": grid(b)}, **options)  # type: ignore[arg-type]


def test_equal_values_of_every_kind_agree() -> None:
    rows: list[list[Value]] = [[1.0, -0.5, "x"], [True, ErrorValue.NA, None], ["", False, 1e300]]
    found = compared(rows, rows)
    assert found.agrees
    assert (found.cells, found.differing, found.not_covered) == (8, 0, 0)
    assert found.groups[0].label == "S"
    assert found.groups[0].where is None


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        (1.0, 2.0, "numbers"),
        (1.0, "1", "number against text"),
        (1.0, True, "number against boolean"),
        (1.0, None, "number against blank"),
        (None, 1.0, "blank against number"),
        (1.0, ErrorValue.NA, "number against error"),
        ("a", "A", "texts"),
        ("", None, "text against blank"),
        (True, False, "booleans"),
        (ErrorValue.NA, ErrorValue.REF, "errors"),
        ("#N/A", ErrorValue.NA, "text against error"),
        (0.0, False, "number against boolean"),
        (0.0, "", "number against text"),
    ],
)
def test_each_way_to_disagree(a: Value, b: Value, reason: str) -> None:
    around: list[list[Value]] = [[], [5.0, "x"]]
    for neighbours in around:
        found = compared([[a, *neighbours]], [[b, *neighbours]])
        assert not found.agrees
        assert [(one.cell, one.a, one.b, one.reason) for one in found.differences] == [((1, 1), a, b, reason)]


@pytest.mark.parametrize(
    ("a", "b", "rules"),
    [
        (True, 1.0, Rules(booleans_as_numbers=True)),
        (0.0, False, Rules(booleans_as_numbers=True)),
        (ErrorValue.NUM, ErrorValue.VALUE, Rules(error_kinds=False)),
        ("", None, Rules(empty_text_is_blank=True)),
        (None, "", Rules(empty_text_is_blank=True)),
    ],
)
def test_what_a_rule_gives_up_and_nothing_more(a: Value, b: Value, rules: Rules) -> None:
    assert compared([[a, 5.0]], [[b, 5.0]], rules=rules).agrees
    assert not compared([[a, 5.0]], [[b, 5.0]]).agrees
    assert not compared([[a, 5.0]], [["wrong", 5.0]], rules=rules).agrees
    assert not compared([[True, 5.0]], [[0.0, 5.0]], rules=rules).agrees
    assert not compared([[ErrorValue.NA]], [[1.0]], rules=rules).agrees


@pytest.mark.parametrize(("off", "agrees"), [(0.9e-9, True), (1.1e-9, False)])
@pytest.mark.parametrize("scale", [1e-3, 0.7, 250.3])
def test_tolerance_is_of_the_largest_magnitude_and_of_one_at_least(off: float, agrees: bool, scale: float) -> None:
    off *= max(1.0, scale)
    assert compared([[0.0, -scale]], [[off, -scale]]).agrees == agrees


def test_a_wild_value_does_not_excuse_the_others() -> None:
    found = compared([[1.0, 2.3, 3.0]], [[1e300, 2.7, 3.0]])
    assert found.differing == 2
    assert found.groups[0].scale == 3.0


def test_the_largest_difference_and_where() -> None:
    group = compared([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0 + 2e-12], [3.0 - 5e-11, 4.0]]).groups[0]
    assert group.verdict == "agrees"
    assert group.where == ("S", 2, 1)
    assert group.largest == 3.0 - (3.0 - 5e-11)


@pytest.mark.parametrize(("b", "agrees"), [(5.0, True), (6.0, False), (5.000001, False)])
def test_whole_numbers_are_judged_by_themselves(b: float, agrees: bool) -> None:
    """Ids stand beside ranks of up to 1e9, and those must not excuse another id."""
    assert compared([[5.0, 999_999_999.0, 7 + 33 / 2048]], [[b, 999_999_999.0, 7 + 33 / 2048]]).agrees == agrees
    assert compared([[5.0, 2_999_999_999.3]], [[b, 2_999_999_999.3]]).agrees  # a sum of that size may be off by one


def test_groups_are_judged_by_their_own_magnitude_and_the_rest_by_sheet() -> None:
    a = grid([[1.0, 1.0], [1e6 + 0.1, 1e6], [7.0, 8.0]])
    b = grid([[1.0, 1.0 + 1e-6], [1e6 + 0.1, 1e6 + 1e-6], [7.0, 8.0]])
    groups = {"small": [("S", Rect(1, 1, 1, 2))], "large": [("S", Rect(2, 1, 2, 2))]}
    found = compare({"S": a}, {"S": b}, groups=groups)
    assert [(group.label, group.cells, group.verdict) for group in found.groups] == [
        ("small", 2, "differs"),
        ("large", 2, "agrees"),
        ("S", 2, "agrees"),
    ]
    assert found.cells == 6


def test_a_group_over_two_sheets_and_one_that_a_side_lacks() -> None:
    a = {"S": grid([[1.0]]), "T": grid([[2.0]]), "U": grid([[3.0]])}
    b = {"S": grid([[1.0]]), "T": grid([[2.5]])}
    found = compare(a, b, groups={"both": [("S", at(1, 1)), ("T", at(1, 1))], "gone": [("U", Rect(1, 1, 2, 2))]})
    both, gone = found.groups
    assert (both.cells, both.differing, both.differences[0].address) == (2, 1, "T!A1")
    assert (gone.cells, gone.not_covered, gone.verdict) == (0, 4, "not covered")


def test_cells_not_covered_are_counted_and_left_out() -> None:
    a, b = {"S": grid([[1.0, 2.0, "x", 4.0]])}, {"S": grid([[1.0, ErrorValue.NAME, ErrorValue.NAME, 5.0]])}
    found = compare(a, b, not_covered=[("S", 1, 2), ("S", 1, 3), ("Other", 1, 1)])
    assert (found.cells, found.not_covered, found.differing) == (2, 2, 1)
    assert found.differences[0].cell == (1, 4)


def test_nothing_compared_is_no_agreement() -> None:
    assert not compare({"S": grid([[1.0]])}, {"T": grid([[1.0]])}).agrees
    assert not compare({"S": grid([[1.0]])}, {"S": grid([[1.0]])}, not_covered=[("S", 1, 1)]).agrees
    assert not compare({"S": Grid()}, {"S": Grid()}).agrees


def test_only_the_cells_asked_for() -> None:
    book = Book()
    sheet = book.add("S")
    sheet.put(Rect(1, 1, 1, 3), np.array([[1.0, 2.0, 3.0]]))
    sheet.put_formula(at(2, 1), "A1")
    sheet.put_formula(Rect(3, 1, 3, 2), "A1:B1*2", array=True)
    sheet.put(Rect(2, 1, 3, 2), np.array([[1.0, 0.0], [2.0, 4.0]]))
    other = {"S": grid([[9.0, 9.0, 9.0], [1.0, 9.0, None], [2.0, 4.0, None], ["far", None, None]])}
    found = compare(book, other, cells=formula_cells(book))
    assert found.agrees
    assert found.cells == 3
    assert compare(book, other).differing == 5


def test_cells_far_from_the_rest() -> None:
    a, b = grid([[1.0]]), grid([[1.0]])
    a[1_048_576, 16_384] = 5.0
    b[1_048_576, 16_384] = 6.0
    a[1_000_000, 3] = b[1_000_000, 3] = "far text"
    found = compare({"S": a}, {"S": b})
    assert (found.cells, found.differing) == (3, 1)
    assert found.differences[0].address == "S!XFD1048576"
    assert compare({"S": a}, {"S": b}, cells={"S": [Rect(1, 1, 10, 10)]}).cells == 1
    assert compare({"S": a}, {"S": b}, cells={"S": [Rect(1_000_000, 1, 1_000_000, 9)]}).cells == 1
    assert compare({"S": a}, {"S": b}, groups={"far": [("S", at(1_048_576, 16_384))]}).groups[0].differing == 1


def test_arrays_of_different_shapes() -> None:
    a, b = Grid(2, 5), Grid(4, 1)
    for one in (a, b):
        one[1, 1] = 1.0
    a[2, 5] = 7.0
    b[4, 1] = 8.0
    found = compare({"S": a}, {"S": b})
    assert [(one.cell, one.a, one.b) for one in found.differences] == [((2, 5), 7.0, None), ((4, 1), None, 8.0)]


def test_against_cell_by_cell_on_random_grids() -> None:
    """The arrays against the plain rule, written out a cell at a time."""
    generator = np.random.default_rng(7)
    pool: list[Value] = [None, 0.0, 1.0, -3.5, "x", "", True, False, ErrorValue.NA, ErrorValue.DIV0]
    for _ in range(50):
        rows, columns = generator.integers(1, 7, 2)
        a, b = Grid(), Grid()
        differing = cells = 0
        for row in range(1, rows + 1):
            for column in range(1, columns + 1):
                left = pool[generator.integers(len(pool))]
                right = left if generator.random() < 0.7 else pool[generator.integers(len(pool))]
                a[row, column], b[row, column] = left, right
                cells += left is not None or right is not None
                differing += type(left) is not type(right) or left != right
        found = compare({"S": a}, {"S": b}, keep=100)
        assert (found.cells, found.differing, len(found.differences)) == (cells, differing, differing)


def test_a_million_numbers_with_one_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sheetgpt.comparison.grid_pair._BAND", 300_000)  # several bands
    numbers = np.random.default_rng(0).normal(size=(1000, 1000))
    a, b = Grid(), Grid()
    a.write(Rect(1, 1, 1000, 1000), numbers)
    numbers = numbers.copy()
    numbers[877, 55] += 1e-3
    b.write(Rect(1, 1, 1000, 1000), numbers)
    found = compare({"S": a}, {"S": b})
    assert (found.cells, found.differing) == (1_000_000, 1)
    assert found.groups[0].where == ("S", 878, 56)


def test_only_the_first_differences_are_kept_but_all_are_counted() -> None:
    found = compare({"S": grid([[1.0, "a"]] * 30)}, {"S": grid([[2.0, "b"]] * 30)}, keep=3)
    assert found.differing == 60
    assert [one.cell for one in found.differences] == [(1, 1), (1, 2), (2, 1)]


def test_the_table_and_the_dict() -> None:
    found = compare({"S": grid([[1.0, "a b"]]), "T": grid([[2.3]])}, {"S": grid([[1.5, "a c"]]), "T": grid([[2.3]])})
    lines = found.table().splitlines()
    assert lines[0].split() == ["cells", "of", "compared", "not", "covered", "largest", "of", "at", "verdict"]
    assert lines[1].split() == ["S", "2", "0", "0.5", "1", "S!A1", "differs", "in", "2"]
    assert lines[2].split() == ["T", "1", "0", "0", "2.3", "agrees"]
    assert lines[3].split() == ["all", "3", "0", "differs"]
    assert lines[4] == "  S!A1: 1 and 1.5, off by 0.5 (numbers)"
    assert lines[5] == '  S!B1: "a b" and "a c" (texts)'
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["agrees"] is False
    assert data["groups"][0]["where"] == "S!A1"
    assert data["groups"][0]["differences"][1] == {
        "cell": "S!B1",
        "a": "a b",
        "b": "a c",
        "size": None,
        "reason": "texts",
    }
