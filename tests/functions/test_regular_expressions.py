"""REGEXTEST, REGEXEXTRACT, REGEXREPLACE; from Microsoft's pages and the documentation of PCRE2."""

from typing import Any

import pytest

from sheetgpt.errors import FormulaError
from support.calling import NA, VALUE, Case, check, excel

CASES: list[Case] = [
    ("REGEXTEST", ["alfalfa", "a"], True),
    ("REGEXTEST", ["alfalfa", "[A-Z]"], False),
    ("REGEXTEST", ["alfalfa", "[A-Z]", 1], True),
    ("REGEXTEST", [["(378) 555-4195", "+1(878) 555-8622"], r"^\([0-9]{3}\) [0-9]{3}-[0-9]{4}$"], [[True, False]]),
    ("REGEXTEST", [5, "5"], True),
    ("REGEXTEST", ["a", "a", 2], VALUE),
    ("REGEXTEST", ["a", "("], VALUE),
    ("REGEXTEST", ["a", "*a"], VALUE),
    ("REGEXTEST", ["a", "[a"], VALUE),
    ("REGEXTEST", ["a", "a\\"], VALUE),
    ("REGEXTEST", [NA, "a"], NA),
    ("REGEXTEST", ["été", "[é]"], True),
    ("REGEXTEST", ["a\n", r"a\z"], False),
    ("REGEXTEST", ["a\n", r"a\Z"], True),
    ("REGEXTEST", ["a]", r"^[]a]+$"], True),
    ("REGEXTEST", ["x1", r"^[[:alpha:]][[:digit:]]$"], True),
    ("REGEXTEST", ["x", r"\x78"], True),
    ("REGEXTEST", ["x", r"\x{78}"], True),
    ("REGEXTEST", ["a.b", r"^\Qa.b\E$"], True),
    ("REGEXTEST", ["aab", r"a++b"], True),
    ("REGEXTEST", ["aa", r"^a++a"], False),
    ("REGEXTEST", ["abab", r"^(?<x>ab)\k<x>$"], True),
    ("REGEXTEST", ["abab", r"^(ab)\g{1}$"], True),
    ("REGEXTEST", ["AB", r"(?i)ab"], True),
    ("REGEXTEST", ["a\r\nb", r"^a\Rb$"], True),
    ("REGEXEXTRACT", ["DylanWilliams", "[A-Z][a-z]+"], "Dylan"),
    ("REGEXEXTRACT", ["DylanWilliams", "[A-Z][a-z]+", 1], [["Dylan", "Williams"]]),
    ("REGEXEXTRACT", ["Sonia Rees", r"(\w+) (\w+)", 2], [["Sonia", "Rees"]]),
    ("REGEXEXTRACT", ["ab", "(a)|(x)", 2], [["a", ""]]),
    ("REGEXEXTRACT", ["abc", r"\d"], NA),
    ("REGEXEXTRACT", ["abc", r"\d", 1], NA),
    ("REGEXEXTRACT", ["abc", "B", 0, 1], "b"),
    ("REGEXEXTRACT", ["abc", "b", 3], VALUE),
    ("REGEXEXTRACT", [["a1", "b", "c22"], r"\d+"], [["1", NA, "22"]]),
    ("REGEXREPLACE", ["SoniaBrown", "([A-Z][a-z]+)([A-Z][a-z]+)", "$2, $1"], "Brown, Sonia"),
    ("REGEXREPLACE", ["(378) 555-4195", "[0-9]+-", "***-"], "(378) ***-4195"),
    ("REGEXREPLACE", ["abxd", "x*", "-"], "-a-b--d-"),  # as Perl's s/x*/-/g
    ("REGEXREPLACE", ["abc", "(?<n>b)", "${n}$0$$"], "abb$c"),
    ("REGEXREPLACE", ["abc", "b", "$1"], VALUE),
    ("REGEXREPLACE", ["abc", "b", "$"], VALUE),
    ("REGEXREPLACE", ["ABC", "b", "-", 0, 1], "A-C"),
    *[("REGEXREPLACE", ["xaxbx", "x", "-", n], text) for n, text in [(1, "-axbx"), (3, "xaxb-"), (4, "xaxbx")]],
    *[("REGEXREPLACE", ["xaxbx", "x", "-", n], text) for n, text in [(-1, "xaxb-"), (-3, "-axbx"), (-4, "xaxbx")]],
]
# What Python has not, or has otherwise, or what Excel does is not known.
REFUSED = [
    ("REGEXTEST", ["a", r"\p{L}"]),
    ("REGEXTEST", ["a", r"(?R)"]),
    ("REGEXTEST", ["a", r"(?|(a)|(b))"]),
    ("REGEXTEST", ["a", r"a(?i)B"]),
    ("REGEXTEST", ["aaa", r"a{,2}"]),
    ("REGEXTEST", ["aab", r"(?<=a+)b"]),
    ("REGEXTEST", ["é", r"\w"]),
    ("REGEXTEST", ["É", "é", 1]),
    ("REGEXREPLACE", ["ab", "a", r"\U$0"]),
    ("REGEXREPLACE", ["ab", "a|(x)", "$1"]),
    ("REGEXEXTRACT", ["ab", "a", 2]),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_function(name: str, arguments: list, expected: Any) -> None:
    check(excel(name, *arguments), expected)


@pytest.mark.parametrize(("name", "arguments"), REFUSED)
def test_what_is_not_known_is_refused(name: str, arguments: list) -> None:
    with pytest.raises(FormulaError):
        excel(name, *arguments)
