"""Text of East Asia, and values written as text; from Microsoft's pages and Unicode's own tables."""

import unicodedata
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.calling import DIV0, NA, VALUE, Case, check, excel

CASES: list[Case] = [
    ("VALUETOTEXT", [True], "TRUE"),
    ("VALUETOTEXT", [1234.01234, 1], "1234.01234"),
    ("VALUETOTEXT", ["Hello", 0], "Hello"),
    ("VALUETOTEXT", ["Hello", 1], '"Hello"'),
    ("VALUETOTEXT", ['say "a"', 1], '"say ""a"""'),
    ("VALUETOTEXT", [VALUE, 1], "#VALUE!"),
    ("VALUETOTEXT", ["x", 2], VALUE),
    ("VALUETOTEXT", [[["a", 1]], 1], [['"a"', "1"]]),
    ("ARRAYTOTEXT", [[[True, VALUE], [1234.01234, "Seattle"]]], "TRUE, #VALUE!, 1234.01234, Seattle"),
    ("ARRAYTOTEXT", [[[True, VALUE], [1234.01234, "Seattle"]], 1], '{TRUE,#VALUE!;1234.01234,"Seattle"}'),
    ("ARRAYTOTEXT", [[1], 2], VALUE),
    ("ARRAYTOTEXT", [[1], NA], NA),
    (
        "ENCODEURL",
        ["http://contoso.sharepoint.com/Finance/Profit and Loss Statement.xlsx"],
        "http%3A%2F%2Fcontoso.sharepoint.com%2FFinance%2FProfit%20and%20Loss%20Statement.xlsx",
    ),
    ("USDOLLAR", [1234.567, -2], "$1,200"),
    ("LENB", ["abc"], 3.0),
    ("LEFTB", ["Sale Price", 4], "Sale"),
    ("MIDB", ["Fluid Flow", 1, 5], "Fluid"),
    ("RIGHTB", ["Sale Price", 5], "Price"),
    ("FINDB", ["M", "Miriam McGovern", 3], 8.0),
    ("SEARCHB", ["e", "Statements", 6], 7.0),
    ("REPLACEB", ["abcdefghijk", 6, 5, "*"], "abcde*k"),
    ("ASC", ["ＥＸＣＥＬ　１"], "EXCEL 1"),
    ("ASC", ["エクセル ガパ。"], "ｴｸｾﾙ ｶﾞﾊﾟ｡"),
    ("ASC", ["漢字ｱ"], "漢字ｱ"),
    ("ASC", [DIV0], DIV0),
    ("DBCS", ["EXCEL 1"], "ＥＸＣＥＬ　１"),
    ("JIS", ["ｴｸｾﾙ ｶﾞﾊﾟ｡ｱﾞ"], "エクセル　ガパ。ア゛"),
    ("BAHTTEXT", [1234], "หนึ่งพันสองร้อยสามสิบสี่บาทถ้วน"),  # Microsoft's example
    ("BAHTTEXT", [0], "ศูนย์บาทถ้วน"),
    ("BAHTTEXT", [-21.25], "ลบยี่สิบเอ็ดบาทยี่สิบห้าสตางค์"),
    ("BAHTTEXT", [0.5], "ห้าสิบสตางค์"),
    ("BAHTTEXT", [11000001], "สิบเอ็ดล้านเอ็ดบาทถ้วน"),
    ("BAHTTEXT", [1e300], VALUE),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_function(name: str, arguments: list, expected: Any) -> None:
    check(excel(name, *arguments), expected)


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_urls_are_decoded_again(text: str) -> None:
    assert unquote(str(excel("ENCODEURL", text))) == text


@given(st.text(st.sampled_from([chr(code) for code in [*range(0x20, 0x7F), *range(0xFF61, 0xFF9E)]]), max_size=20))
def test_full_width_is_unicodes(text: str) -> None:
    """NFKC turns full into half width for ASCII and the other way for katakana."""
    full = str(excel("JIS", text))
    assert unicodedata.normalize("NFKC", full) == unicodedata.normalize("NFKC", text)
    assert excel("ASC", full) == text
