"""What the pytest plugin makes of values: compared, written into snapshots, and the names of these files."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import WorkbookError
from sheetgpt.pytest_plugin.agreement import agree, as_value
from sheetgpt.pytest_plugin.cell_text import parse_snapshot, snapshot_text
from sheetgpt.pytest_plugin.snapshot_files import owner_of, slug, snapshot_path

VALUES: dict[str, Value] = {
    "Sheet!A1": 0.1 + 0.2,
    "'It''s = here'!B2": 'a "quoted" = line\n# with ä, a tab\t and "#N/A"',
    "Sheet!A3": True,
    "Sheet!A4": False,
    "Sheet!A5": None,
    "Sheet!A6": "",
    "Sheet!A7": "TRUE",
    "Sheet!A8": -1e-300,
    "Sheet!XFD1048576": 1e22,
    **{f"Sheet!B{number}": error for number, error in enumerate(ErrorValue, 1)},
}


def test_every_kind_of_value_comes_back_from_a_snapshot() -> None:
    text = snapshot_text(["# a comment = with signs"], VALUES)
    assert len(text.splitlines()) == len(VALUES) + 1
    found = parse_snapshot(text, "here")
    assert [(cell, type(v), v) for cell, v in found.items()] == [(cell, type(v), v) for cell, v in VALUES.items()]


@pytest.mark.parametrize("line", ["Sheet!A1", "Sheet!A1 = ", "Sheet!A1 = one", "A1 = 1.0", 'Sheet!A1 = "a'])
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(WorkbookError, match=r"here, line 2 is no cell with a value"):
        parse_snapshot(f"# a comment\n{line}\n", "here")


@pytest.mark.parametrize(
    ("found", "expected", "tolerance", "same"),
    [
        (1.0, 1.0 + 1e-10, None, True),
        (1e12, 1e12 + 100, None, True),
        (1.0, 1.0 + 1e-8, None, False),
        (1e-12, 0.0, None, True),
        (1e-12, 0.0, 0, False),
        (12.4, 12.5, 0.11, True),
        (True, 1.0, None, False),
        (1.0, True, None, False),
        (0.0, None, None, False),
        ("", None, None, False),
        ("a", "A", None, False),
        (ErrorValue.NA, "#N/A", None, True),
        ("#N/A", ErrorValue.NA, None, False),
        (1.0, float("nan"), None, False),
    ],
)
def test_values_are_compared_by_kind(found: Value, expected: object, tolerance: float | None, same: bool) -> None:
    assert agree(found, expected, tolerance) is same


@pytest.mark.parametrize(
    ("moment", "date1904", "serial"),
    [
        (datetime(1900, 1, 1), False, 1.0),  # Excel's first day
        (datetime(1900, 2, 28), False, 59.0),
        (datetime(1900, 3, 1), False, 61.0),  # after a day that never was
        (datetime(2008, 1, 1, 12), False, 39448.5),  # DATE's page in Excel's documentation
        (datetime(1904, 1, 2), True, 1.0),
    ],
)
def test_dates_are_serial_numbers(moment: datetime, date1904: bool, serial: float) -> None:
    assert as_value(moment, date1904) == serial


def test_names_of_files_stay_different() -> None:
    names = ["test_a", "test_a[x/y]", "test_a[x_y]", "test_a[" + "z" * 300 + "]", "test_a[" + "z" * 301 + "]", "test a"]
    assert len({slug(name).lower() for name in names}) == len(names)
    assert all(re.fullmatch(r"[\w.\[\]-]{1,120}", slug(name)) for name in names)
    assert owner_of(snapshot_path(Path("t/test_m.py"), "test_a[x/y]", "second")) == slug("test_a[x/y]")
