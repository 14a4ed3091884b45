"""TEXT: number formats of every kind.

The values are those of Microsoft's pages on number format codes and TEXT, of Excel as reported to projects that follow
it (named where they are), or what its rules say. LibreOffice and IronCalc were asked for all of them; where they
differ, a remark says so.
"""

from __future__ import annotations

from typing import Any

import pytest

from sheetgpt.book.values import ErrorValue
from support.calling import check, excel

VALUE = ErrorValue.VALUE

Case = tuple[Any, str, Any]

# Commas right behind the digits divide by 1,000, also before the point (LibreOffice 7.4 refuses that).
SCALED: list[Case] = [
    (7654321, "0,.0", "7654.3"),
    (7654321, "#,##0,", "7,654"),
    (7654321098, '0.00,,"M"', "7654.32M"),
    (-7654321, '0.0,,"M"', "-7.7M"),
    (5, "0.0,", "0.0"),
    (1234, "0,0.0", "1,234.0"),
]

# Fractions: the last convergent that fits, as SheetJS/frac has it after Excel; 22/7 for pi, not 311/99 (LibreOffice).
FRACTIONS: list[Case] = [
    (3.25, "# ?/?", "3 1/4"),
    (0.25, "# ?/?", " 1/4"),
    (-3.25, "# ?/?", "-3 1/4"),
    (4, "# ?/?", "4    "),
    (0, "# ?/?", "0    "),
    (2.5, "?/?", "5/2"),
    (0.75, "0/0", "3/4"),
    (1.5, "0 0/0", "1 1/2"),
    (6.3, "# ?/8", "6 2/8"),
    (0.37, "# ??/100", " 37/100"),
    (3.14159265358979, "# ??/??", "3  1/7 "),
    (3.14159265358979, "# ???/???", "3  16/113"),
    (12.3456789, '#"x" ??/??', "12x 28/81"),  # SheetJS/ssf#60, as Excel shows it
    (0.2, "# ??/??", "  1/5 "),
]

# A section that only negative numbers can reach shows them without a sign (SheetJS/ssf#57, #78, sheetjs#2586).
CONDITIONS: list[Case] = [
    (150, '[>=100]0.0;[<0]"below "0;"between "0', "150.0"),
    (50, '[>=100]0.0;[<0]"below "0;"between "0', "between 50"),
    (-50, '[>=100]0.0;[<0]"below "0;"between "0', "below 50"),
    (-3, "[>=-2]0;0", "3"),
    (-3, "[>=2]0;0", "-3"),
    (-7.25, "[=0]?;#,##0.00", "-7.25"),
    (-30, "[<=-25]General;[>=25]General;General", "30"),
    (12, "[Red][<100]0.0;[Blue]0", "12.0"),
    (4, "[>5]0.0", "4"),
    (4, "[>5]0.0;[<0]0.00", VALUE),
    (1500, '[>=1000]0.0,"k";0', "1.5k"),
    (1, "[>3]0;[>2]0;[>1]0;0", VALUE),
    (1, "[what]0", VALUE),
]

GENERAL: list[Case] = [
    (2 / 3, "General", "0.666666667"),
    (98765432109876, "General", "9.87654E+13"),
    (12345678901, "General", "12345678901"),
    (1234567.891234, "General", "1234567.891"),
    (0.00001234567, "General", "1.23457E-05"),
    (0.00005, "General", "0.00005"),
    (-2.5, 'General" units"', "-2.5 units"),
    (7, '"no. "General;General', "no. 7"),
]

EMPTY_AND_TEXT: list[Case] = [
    (7, "", ""),
    (-7, "", "-"),
    (-7, '"word"', "-word"),  # SheetJS/ssf#59
    ("word", "", "word"),
    ("word", "0;0;0;", ""),
    ("word", '0;0;0;"<"@">"', "<word>"),
    ("word", "@@", "wordword"),
    (7, "@", "7"),
    (7, "@@", "77"),
    (True, "0.0", "TRUE"),
    ("4/5/2024", "yyyy-mm-dd", "2024-04-05"),
]

LITERALS: list[Case] = [
    (7, "0_)", "7 "),
    (7, "0*-", "7"),
    (7, r"\x0\y", "x7y"),
    (7.5, "[$€-407] 0.00", "€ 7.50"),
    (7.5, "[$USD] 0.0", "USD 7.5"),
    (7, "TREE 0", "TREE 7"),
    (45000, "E", "2023"),
    (7.5, "[Color10]0.0", "7.5"),
    (-7.5, "$0.00", "-$7.50"),
    (7.5, "0.0%%", "75000.0%%"),
    (0.285, "0%", "29%"),  # 28.5 by its 15 digits; LibreOffice and IronCalc say 28%
    (45678, "##0.0E+0", "45.7E+3"),
    (0.00045678, "0.0E-00", "4.6E-04"),
]

MOMENTS: list[Case] = [
    (0.5 + 1.25 / 86400, "h:mm:ss.00", "12:00:01.25"),
    (1.23456 / 86400, "ss.000", "01.235"),
    (59.9996 / 86400, "mm:ss.000", "01:00.000"),
    (59.9996 / 86400, "mm:ss", "01:00"),
    (1.5, "[h]:mm:ss.0", "36:00:00.0"),
    (-1.5, "[h]:mm", "-36:00"),
    (-0.25, "[mm]", "-360"),
    (3000000, "[h]", "72000000"),
    (3000000, "h", VALUE),
    (-1, "h:mm", VALUE),
    (1 / 86400, "ss.0000", VALUE),
    (45000.75, "[$-409]d mmm yyyy h:mm AM/PM", "15 Mar 2023 6:00 PM"),
    (45000, "[$-407]dd.mm.yyyy", "15.03.2023"),
    (45000, "[$-407]dddd", VALUE),  # names in English only: said, not guessed
    (45000, "[$-F800]dddd, mmmm dd, yyyy", "Wednesday, March 15, 2023"),
    (45000.75, "[$-F400]h:mm:ss AM/PM", "6:00:00 PM"),
    (0.25, "h am/pm", "6 AM"),
    (0.75, "h a/p", "6 p"),
    (45000, "bbbb", "2566"),
    (45000, "e-mm", "2023-03"),
    (45000, "mmmmm", "M"),
    (0, "yyyy-mm-dd ddd", "1900-01-00 Sat"),
    (60, "yyyy-mm-dd ddd", "1900-02-29 Wed"),
    (0.9999, "h:mm", "23:59"),
    (0.25, 'h"h "m"m"', "6h 0m"),
]


@pytest.mark.parametrize(
    ("value", "layout", "expected"),
    SCALED + FRACTIONS + CONDITIONS + GENERAL + EMPTY_AND_TEXT + LITERALS + MOMENTS,
)
def test_number_format(value: Any, layout: str, expected: Any) -> None:
    check(excel("TEXT", float(value) if type(value) is int else value, layout), expected)
