"""What the arguments of the command line mean."""

from __future__ import annotations

import pytest

from sheetgpt.book.values import ErrorValue
from sheetgpt.cli.arguments import assignment, numbers, parse_value
from sheetgpt.errors import UsageError

VALUES = {
    "1.5": 1.5,
    " -2e-3 ": -0.002,
    ".5": 0.5,
    "+7": 7.0,
    "true": True,
    "FALSE": False,
    "#N/A": ErrorValue.NA,
    "": None,
    "text": "text",
    "GPT-2": "GPT-2",
    "5 men": "5 men",
    "hello, 5 men": "hello, 5 men",
    "a=b": "a=b",
    "2nd": "2nd",
    "3:16 says": "3:16 says",
    "'=B2": "=B2",
    "'1,5": "1,5",
    "'": "",
    "''x": "'x",
    "'TRUE": "TRUE",
}


@pytest.mark.parametrize(("text", "value"), VALUES.items())
def test_values(text: str, value: object) -> None:
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)
    assert assignment(f"'a=b'!A1={text}") == ("'a=b'!A1", value)


@pytest.mark.parametrize(
    "text",
    [
        "1,5",
        "1,500",
        "1.500,00",
        "1 500",
        "1'500",
        "50%",
        "50 %",
        "$5",
        "-$5",
        "5 €",
        "(5)",
        "3/4/2026",
        "3.4.2026",
        "2026-11-20",
        "3/4",
        "12:30",
        "12:30 pm",
        "5-Jan",
        "Jan 5",
        "14 March 2024",
        "1 1/2",
        "٣",
    ],
)
def test_what_looks_like_a_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"(?s)looks like a number.*Hint: write a number like .* apostrophe") as error:
        parse_value(text)
    assert f'"\'{text}"' in str(error.value)
    assert parse_value("'" + text) == text


@pytest.mark.parametrize(
    ("text", "number"), [("2024-01-31", "45322"), ("5%", "0.05"), ("12:00", "0.5"), ("1,5", ""), ("3/4/2026", "")]
)
def test_the_number_is_named_where_it_is_the_same_everywhere(text: str, number: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_value(text)
    assert (f"serial number ({text} is {number});" in str(error.value)) == bool(number)
    assert number or "serial number;" in str(error.value)


@pytest.mark.parametrize("text", ["=B2", "=1+1", "+B2", "-B2", "@SUM(A1)", " =B2"])
def test_formulas_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"formulas cannot be set\nHint: .* an apostrophe in front"):
        assignment(f"A1={text}")


def test_too_large_a_number_is_refused() -> None:
    with pytest.raises(UsageError, match="1e999 is too large for a cell"):
        parse_value("1e999")
    with pytest.raises(UsageError, match="no value"):
        assignment("A1")
    with pytest.raises(UsageError, match="expected whole numbers"):
        numbers("1,x")
