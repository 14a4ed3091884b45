"""Text functions and number formats; values from Excel's documentation."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.calling import DIV0, NA, NUM, VALUE, Case, check, excel

TEXT: list[Case] = [
    ("MID", ["Fluid Flow", 7, 20], "Flow"),
    ("MID", ["Fluid Flow", 20, 5], ""),
    ("MID", ["abc", 0, 1], VALUE),
    ("MID", ["abc", 1, -1], VALUE),
    ("MID", ["a😀b", 2, 1], "😀"),
    ("MID", ["abcdef", [1, 2, 3], 1], [["a", "b", "c"]]),
    ("LEFT", ["Sale Price", 4], "Sale"),
    ("LEFT", ["Sweden"], "S"),
    ("LEFT", ["abc", None], ""),
    ("RIGHT", ["Sale Price", 5], "Price"),
    ("RIGHT", ["abc", 0], ""),
    ("RIGHT", ["abc", 9], "abc"),
    ("LEN", ["Phoenix, AZ"], 11.0),
    ("LEN", [[None]], 0.0),
    ("LEN", ["😀"], 1.0),
    ("LEN", [DIV0], DIV0),
    ("UNICODE", ["B"], 66.0),
    ("UNICODE", ["😀!"], 128512.0),
    ("UNICODE", [""], VALUE),
    ("UNICHAR", [128512], "😀"),
    ("UNICHAR", [0], VALUE),
    ("UNICHAR", [0xD800], NA),
    ("UNICHAR", [0x110000], VALUE),
    ("CHAR", [65], "A"),
    ("CHAR", [128], "€"),
    ("CHAR", [256], VALUE),
    ("CODE", ["€"], 128.0),
    ("CODE", ["あ"], 63.0),
    ("EXACT", ["Word", "word"], False),
    ("EXACT", ["1", 1], True),
    ("SUBSTITUTE", ["Sales Data", "Sales", "Cost"], "Cost Data"),
    ("SUBSTITUTE", ["Quarter 1, 2011", "1", "2", 3], "Quarter 1, 2012"),
    ("SUBSTITUTE", ["abc", "", "x"], "abc"),
    ("SUBSTITUTE", ["abc", "b", "x", 0], VALUE),
    ("REPLACE", ["abcdefghijk", 6, 5, "*"], "abcde*k"),
    ("REPT", ["*-", 3], "*-*-*-"),
    ("REPT", ["abc", 20000], VALUE),
    ("REPT", ["abc", -1], VALUE),
    ("TRIM", ["  First   Quarter  "], "First Quarter"),
    ("CLEAN", ["a\tb\nc"], "abc"),
    ("UPPER", ["total"], "TOTAL"),
    ("LOWER", ["E. E. Cummings"], "e. e. cummings"),
    ("PROPER", ["this is a TITLE"], "This Is A Title"),
    ("PROPER", ["2-way street, 76BudGet"], "2-Way Street, 76Budget"),
    ("FIND", ["M", "Miriam McGovern"], 1.0),
    ("FIND", ["m", "Miriam McGovern"], 6.0),
    ("FIND", ["M", "Miriam McGovern", 3], 8.0),
    ("FIND", ["x", "abc"], VALUE),
    ("FIND", ["", "abc"], 1.0),
    ("SEARCH", ["e", "Statements", 6], 7.0),
    ("SEARCH", ["M?r", "the margin"], 5.0),
    ("SEARCH", ["~?", "why?"], 4.0),
    ("VALUE", ["$1,000"], 1000.0),
    ("VALUE", ["16:48"], 0.7),
    ("VALUE", ["x"], VALUE),
    ("NUMBERVALUE", ["2.500,27", ",", "."], 2500.27),
    ("NUMBERVALUE", ["3.5%"], 0.035),
    ("NUMBERVALUE", [""], 0.0),
    ("FIXED", [1234.567, 1], "1,234.6"),
    ("FIXED", [1234.567, -1], "1,230"),
    ("FIXED", [-1234.567, -1, True], "-1230"),
    ("FIXED", [44.332], "44.33"),
    ("FIXED", [0.005, 2], "0.01"),
    ("DOLLAR", [-1234.567, 2], "($1,234.57)"),
    ("CONCATENATE", ["a", 1, True, [None]], "a1TRUE"),
    ("CONCAT", [["a", None], [[1], [2]]], "a12"),
    ("TEXTJOIN", [", ", True, ["a", None, "b"], "c"], "a, b, c"),
    ("TEXTJOIN", ["-", False, ["a", None, "b"]], "a--b"),
    ("HYPERLINK", ["#Map!A1", "Map"], "Map"),
    ("HYPERLINK", ["#Map!A1"], "#Map!A1"),
    ("TEXTBEFORE", ["Little Red Riding Hood's red hood", "hood"], "Little Red Riding Hood's red "),
    ("TEXTAFTER", ["a,b,c", ",", -1], "c"),
    ("TEXTAFTER", ["a,b,c", "x"], NA),
    ("TEXTSPLIT", ["1,2;3", ",", ";"], [["1", "2"], ["3", NA]]),
]

FORMATS = [
    (1234.567, "0", "1235"),
    (1234.567, "0.00", "1234.57"),
    (1234.567, "#,##0.00", "1,234.57"),
    (1234567, "#,##0", "1,234,567"),
    (0.285, "0.0%", "28.5%"),
    (0.285, "0%", "29%"),
    (12200000, "0.00E+00", "1.22E+07"),
    (0.00012, "0.0E+0", "1.2E-4"),
    (1234, "00000000", "00001234"),
    (5.5, "0.##", "5.5"),
    (5, "0.##", "5."),
    (0.5, "#.00", ".50"),
    (12000, "0,", "12"),
    (-5, "0", "-5"),
    (-0.4, "0", "0"),
    (-5, "0;(0)", "(5)"),
    (0, "0;-0;zero", "zero"),
    (1e15, "#,##0", "1,000,000,000,000,000"),
    (1234567890, "000-00-0000", "1234-56-7890"),
    (3, '"Take "0" pills"', "Take 3 pills"),
    (3, "$0.00", "$3.00"),
    (1.5, "General", "1.5"),
    (2.675, "0.00", "2.68"),
    (45301, "yyyy-mm-dd", "2024-01-10"),
    (45301, "dddd, mmmm d, yyyy", "Wednesday, January 10, 2024"),
    (45301, "m/d/yy", "1/10/24"),
    (45301.75, "h:mm AM/PM", "6:00 PM"),
    (45301.75, "hh:mm:ss", "18:00:00"),
    (1.5, "[h]:mm", "36:00"),
    (60, "d mmm yyyy", "29 Feb 1900"),
    (0.999999999, "hh:mm:ss", "00:00:00"),
    ("x", "0", "x"),
    ("x", '@" y"', "x y"),
    (True, "0", "TRUE"),
    ("12", "0.0", "12.0"),
    (1.25, "# ?/?", "1 1/4"),
    (DIV0, "0", DIV0),
    (-1, "yyyy", VALUE),
]

DATES: list[Case] = [
    ("DATE", [2008, 14, 2], 39846.0),
    ("DATE", [2008, -3, 2], 39327.0),
    ("DATE", [108, 1, 2], 39449.0),
    ("DATE", [1900, 1, 1], 1.0),
    ("DATE", [1900, 2, 29], 60.0),
    ("DATE", [1900, 3, 1], 61.0),
    ("DATE", [10000, 1, 1], NUM),
    ("YEAR", [39634], 2008.0),
    ("MONTH", [60], 2.0),
    ("DAY", [60], 29.0),
    ("DAY", [0], 0.0),
    ("DAY", [-1], NUM),
    ("DAY", ["15-Apr-11"], 15.0),
    ("TIME", [16, 48, 10], 60490 / 86400),
    ("TIME", [27, 0, 0], 0.125),
    ("TIME", [-1, 0, 0], NUM),
    ("HOUR", [0.75], 18.0),
    ("MINUTE", ["12:45:00 PM"], 45.0),
    ("SECOND", ["4:48:18 PM"], 18.0),
    ("WEEKDAY", [39492], 5.0),
    ("WEEKDAY", [39492, 2], 4.0),
    ("WEEKDAY", [39492, 3], 3.0),
    ("WEEKDAY", [39492, 4], NUM),
    ("WEEKNUM", [40977], 10.0),
    ("WEEKNUM", [40977, 2], 11.0),
    ("ISOWEEKNUM", [40977], 10.0),
    ("EDATE", [40558, 1], 40589.0),
    ("EDATE", [40574, 1], 40602.0),
    ("EOMONTH", [40544, 1], 40602.0),
    ("EOMONTH", [40544, -3], 40482.0),
    ("EOMONTH", [40544, None], NA),
    ("DAYS", ["15-MAR-2021", "1-FEB-2021"], 42.0),
    ("DAYS360", [40573, 40575], 1.0),
    ("YEARFRAC", [40909, 41120], 0.5805555555555556),
    ("YEARFRAC", [40909, 41120, 1], 211 / 366),
    ("NETWORKDAYS", [41183, 41334], 110.0),
    ("NETWORKDAYS", [41183, 41334, [[41235], [41247], [41295]]], 107.0),
    ("WORKDAY", [39722, 151], 39933.0),
    ("DATEDIF", [37043, 37483, "D"], 440.0),
    ("DATEDIF", [37043, 37483, "YM"], 2.0),
    ("DATEVALUE", ["8/22/2011"], 40777.0),
    ("DATEVALUE", ["x"], VALUE),
    ("TIMEVALUE", ["2:24 AM"], 0.1),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), TEXT + DATES)
def test_function(name: str, arguments: list, expected: Any) -> None:
    check(excel(name, *arguments), expected)


@pytest.mark.parametrize(("value", "layout", "expected"), FORMATS)
def test_text_with_a_format(value: Any, layout: Any, expected: Any) -> None:
    check(excel("TEXT", value, layout), expected)


@given(st.text(max_size=30), st.integers(0, 31))
def test_left_and_mid_cut_a_text_in_two(text: str, place: Any) -> None:
    left, rest = excel("LEFT", text, place), excel("MID", text, place + 1, 99)
    assert f"{left}{rest}" == text
    assert excel("LEN", text) == len(text)


@given(st.integers(1, 2958465))
def test_dates_read_back(serial: Any) -> None:
    parts = [excel(name, serial) for name in ("YEAR", "MONTH", "DAY")]
    assert excel("DATE", *parts) == serial
    assert excel("VALUE", excel("TEXT", serial, "yyyy-mm-dd")) == serial


@given(st.integers(0, 86399))
def test_times_read_back(second: Any) -> None:
    parts: list[Any] = [excel(name, second / 86400) for name in ("HOUR", "MINUTE", "SECOND")]
    assert excel("TIME", *parts) == second / 86400
    assert excel("TEXT", second / 86400, "h:m:s") == ":".join(str(int(part)) for part in parts)


@given(st.decimals(-(10**6), 10**6, places=3))
def test_fixed_and_text_write_the_same_digits(number: Any) -> None:
    fixed = excel("FIXED", float(number), 2)
    assert excel("TEXT", float(number), "#,##0.00") == fixed
    assert excel("VALUE", fixed) == excel("ROUND", float(number), 2)
