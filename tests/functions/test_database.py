"""DSUM, DGET and their kin: Excel's documented orchard, criteria of all kinds, batches."""

from typing import Any

import numpy as np
import pytest

from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import UnsupportedFunctionError
from sheetgpt.functions import FUNCTIONS
from sheetgpt.functions.database import DATABASE
from support.calling import DIV0, NA, NUM, VALUE, check, excel, operand, plain, strictly

ORCHARD = [
    ["Tree", "Height", "Age", "Yield", "Profit"],
    ["Apple", 18, 20, 14, 105],
    ["Pear", 12, 12, 10, 96],
    ["Cherry", 13, 14, 9, 105],
    ["Apple", 14, 15, 10, 75],
    ["Pear", 9, 8, 8, 77],
    ["Apple", 8, 9, 6, 45],
]
# Apple trees higher than 10 and less than 16, or pears.
APPLES_OR_PEARS = [["Tree", "Height", "Height"], ["=Apple", ">10", "<16"], ["=Pear", None, None]]
PEARS = [["tree"], ["=pear"]]
APPLES = [["Tree", "Height"], ["=Apple", ">10"]]

DOCUMENTED: list[tuple[str, object, list, Any]] = [
    ("DAVERAGE", "Yield", APPLES, 12.0),
    ("DAVERAGE", 3, [["Tree"], [None]], 13.0),
    ("DCOUNT", "Age", [["Tree", "Height", "Height"], ["=Apple", ">10", "<16"]], 1.0),
    ("DCOUNTA", "Profit", [["Tree", "Height", "Height"], ["=Apple", ">10", "<16"]], 1.0),
    ("DGET", "Yield", [["Tree"], ["=Apple"], ["=Pear"]], NUM),
    ("DGET", "Yield", [["Tree", "Height", "Height"], ["=Apple", ">10", "<16"]], 10.0),
    ("DMAX", "Profit", [["Tree", "Height", "Height"], ["=Apple", ">10", "<16"], ["=Pear", None, None]], 96.0),
    ("DMIN", "Profit", APPLES_OR_PEARS, 75.0),
    ("DPRODUCT", "Yield", APPLES_OR_PEARS, 800.0),
    ("DSTDEV", "Yield", [["Tree"], ["=Apple"], ["=Pear"]], 2.96647939),
    ("DSTDEVP", "Yield", [["Tree"], ["=Apple"], ["=Pear"]], 2.65329983),
    ("DSUM", "Profit", [["Tree"], ["=Apple"]], 225.0),
    ("DSUM", "Profit", APPLES_OR_PEARS, 248.0),
    ("DVAR", "Yield", [["Tree"], ["=Apple"], ["=Pear"]], 8.8),
    ("DVARP", "Yield", [["Tree"], ["=Apple"], ["=Pear"]], 7.04),
]


@pytest.mark.parametrize(("name", "field", "criteria", "expected"), DOCUMENTED)
def test_orchard(name: str, field: object, criteria: list, expected: Any) -> None:
    """The example of Microsoft's pages on these functions; 9 digits are printed."""
    check(excel(name, ORCHARD, field, criteria), expected, tolerance=5e-9)


# Whom a criterion finds, of the records below: 1, 2, 4, 8 ... for each that it finds.
PEOPLE = [
    ["Name", "Score", "Weight"],
    ["Ann", 5, 1],
    ["Anna", 7, 2],
    ["Bert", 5, 4],
    ["ann", "5", 8],
    [None, None, 16],
    ["Ex*n", True, 32],
]
CRITERIA: list[tuple[str, object, float]] = [
    ("Name", "Ann", 11.0),  # begins with it
    ("NAME", "an", 11.0),
    ("Name", "=Ann", 9.0),
    ("Name", "=An*", 11.0),
    ("Name", "*n", 43.0),  # holds an n, since more may come
    ("Name", "=*n", 41.0),
    ("Name", "?er", 4.0),
    ("Name", "Ex~*", 32.0),
    ("Name", "<>Ann", 54.0),
    ("Name", ">B", 36.0),
    ("Name", "=", 16.0),
    ("Name", "<>", 47.0),
    ("Name", None, 63.0),
    ("Name", "", 63.0),
    ("Score", 5, 13.0),
    ("Score", "5", 13.0),
    ("Score", "=5", 13.0),
    ("Score", ">5", 2.0),
    ("Score", ">=5", 7.0),
    ("Score", "<>5", 58.0),
    ("Score", True, 32.0),
]


@pytest.mark.parametrize(("label", "condition", "expected"), CRITERIA)
def test_criterion(label: str, condition: object, expected: float) -> None:
    assert excel("DSUM", PEOPLE, "Weight", [[label], [condition]]) == expected


ALL = [["Name"], [None]]
EDGES: list[tuple[str, list, object]] = [
    ("DSUM", [PEOPLE, "weight", ALL], 63.0),
    ("DSUM", [PEOPLE, 3, ALL], 63.0),
    ("DSUM", [PEOPLE, 3.9, ALL], 63.0),
    ("DSUM", [PEOPLE, 4, ALL], VALUE),
    ("DSUM", [PEOPLE, 0, ALL], VALUE),
    ("DSUM", [PEOPLE, "Nobody", ALL], VALUE),
    ("DSUM", [PEOPLE, None, ALL], VALUE),
    ("DSUM", [PEOPLE, "Weight", [["Name"]]], VALUE),
    ("DSUM", [PEOPLE, NA, ALL], NA),
    ("DSUM", [PEOPLE, "Score", ALL], 17.0),
    ("DCOUNT", [PEOPLE, "Score", ALL], 3.0),
    ("DCOUNTA", [PEOPLE, "Score", ALL], 5.0),
    ("DCOUNT", [PEOPLE, None, [["Name"], ["Ann"]]], 3.0),
    ("DCOUNTA", [PEOPLE, None, [["Name"], ["="]]], 1.0),
    ("DGET", [PEOPLE, "Weight", [["Name"], ["Nobody"]]], VALUE),
    ("DGET", [PEOPLE, "Name", [["Score"], [7]]], "Anna"),
    ("DMAX", [PEOPLE, "Weight", [["Name"], ["Nobody"]]], 0.0),
    ("DPRODUCT", [PEOPLE, "Weight", [["Name"], ["Nobody"]]], 0.0),
    ("DAVERAGE", [PEOPLE, "Weight", [["Name"], ["Nobody"]]], DIV0),
    ("DSTDEV", [PEOPLE, "Weight", [["Name"], ["Bert"]]], DIV0),
    ("DVARP", [PEOPLE, "Weight", [["Name"], ["Bert"]]], 0.0),
    ("DSUM", [[["a"], [1], [NA]], "a", [["a"], [1]]], 1.0),
    ("DSUM", [[["a"], [1], [NA]], "a", [["a"], [None]]], NA),
    ("DSUM", [[[2019, 2020], [1, 2]], 2, [[2020], [2]]], 2.0),
    ("DSUM", [PEOPLE, "Weight", [["Name", "Nobody"], ["Ann", None]]], 11.0),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), EDGES)
def test_edge(name: str, arguments: list, expected: object) -> None:
    check(excel(name, *arguments), expected)


@pytest.mark.parametrize("name", DATABASE)
def test_a_condition_under_no_field_is_refused(name: str) -> None:
    """In Excel it is a formula that is calculated for each record; its value alone says nothing."""
    with pytest.raises(UnsupportedFunctionError, match="criteria that are formulas"):
        excel(name, ORCHARD, "Yield", [["Tall"], [True]])


@pytest.mark.parametrize("name", DATABASE)
def test_a_batch_gives_what_its_entries_give(name: str) -> None:
    table, field = operand(ORCHARD), operand("Yield")
    criteria = [operand([["Tree"], [f"={tree}"]]) for tree in ("Apple", "Cherry", "Plum")]
    batch = criteria[0]._replace(values=np.stack([one.values for one in criteria if one]))  # type: ignore[union-attr]
    with strictly():
        whole = FUNCTIONS[name].call(table, field, batch)
        alone = [plain(FUNCTIONS[name].call(table, field, one)) for one in criteria]
    assert [plain(one) for one in whole] == alone
    assert not all(isinstance(value, ErrorValue) for value in alone)
