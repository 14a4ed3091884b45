"""FILTERXML; XPath against the rules of its recommendation, and where it has the same against ElementTree."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from sheetgpt.errors import FormulaError
from sheetgpt.functions.core import xpath_values
from support.calling import NA, VALUE, check, excel

# The idiom by which people split a text: //s of <t><s>...</s>...</t>.
WORDS = (
    "<t><s>"
    + "</s><s>".join(["ABC", "123", "DEF", "456", "XY-1A", "ZY-2F", "XY-3F", "XY-4f", "xyz", "123"])
    + "</s></t>"
)
BOOKS = """<?xml version="1.0"?>
<shop><!-- two books --><book id="b1" lang="en"><title>One &amp; only</title><price>10.5</price></book>
<book id="b2"><title>Two</title><price>7</price><note><![CDATA[a < b]]></note></book><pen/></shop>"""

PATHS: list[tuple[str, str, Any]] = [
    (WORDS, "//s[1]", "ABC"),
    (WORDS, "//s[last()]", 123.0),
    (WORDS, "//s[position()=4]", 456.0),
    (WORDS, "//s[position()<3]", [["ABC"], [123.0]]),
    (WORDS, "//s[position() mod 4 = 0]", [[456.0], ["XY-4f"]]),
    (WORDS, "//s[.*0=0]", [[123.0], [456.0], [123.0]]),
    (WORDS, "//s[not(.*0=0)][2]", "DEF"),
    (WORDS, "//s[starts-with(., 'XY')]", [["XY-1A"], ["XY-3F"], ["XY-4f"]]),
    (WORDS, "//s[contains(., 'Y') and not(contains(., 'X'))]", "ZY-2F"),
    (WORDS, "//s[substring(., string-length(.) - string-length('F') +1) = 'F']", [["DEF"], ["ZY-2F"], ["XY-3F"]]),
    (WORDS, "//s[string-length()=3 and .!='123']", [["ABC"], ["DEF"], [456.0], ["xyz"]]),
    (WORDS, "//s[preceding::*=.]", 123.0),
    (WORDS, "//s[not(preceding::*=.)][.*0=0]", [[123.0], [456.0]]),
    (WORDS, "//s[following-sibling::*[1]='DEF']", 123.0),
    (WORDS, "//s[translate(.,'1234567890','')!=.][1]", 123.0),
    (WORDS, "//s[translate(., 'xyz', 'XYZ')='XYZ']", "xyz"),
    (WORDS, "(//s)[2]|//s[1]", [["ABC"], [123.0]]),
    (WORDS, "//s[count(preceding-sibling::s)=4]", "XY-1A"),
    (WORDS, "//none", VALUE),
    (WORDS, "count(//s)", VALUE),
    (WORDS, "//s[", VALUE),
    (WORDS, "//s[upper-case(.)='XYZ']", VALUE),
    (WORDS, "//s $", VALUE),
    ("<t><s>a</t>", "//s", VALUE),
    ("no XML", "//s", VALUE),
    ('<!DOCTYPE t [<!ENTITY a "b">]><t>&a;</t>', "//t", VALUE),
    ("<t><s>001</s><s>1/2/2020</s><s>5%</s><s> x </s></t>", "//s", [[1.0], [43832.0], [0.05], ["x"]]),
    (BOOKS, "/shop/book/title", [["One & only"], ["Two"]]),
    (BOOKS, "//@id", [["b1"], ["b2"]]),
    (BOOKS, "//book[@lang]/price", 10.5),
    (BOOKS, "//book[price<10]/@id", "b2"),
    (BOOKS, "//price[.>7]/../title", "One & only"),
    (BOOKS, "//note/text()", "a < b"),
    (BOOKS, "/shop/*[last()]", ""),
    (BOOKS, "//*[local-name()='note']", "a < b"),
    (BOOKS, "//title[ancestor::book/@id='b2']", "Two"),
    (BOOKS, "//book[sum(price)+1=8]/title | //book[floor(price)=10]/title", [["One & only"], ["Two"]]),
    (BOOKS, "//book[-price=-7]/title", "Two"),
    (BOOKS, "descendant::book[2]/child::title", "Two"),
]


@pytest.mark.parametrize(("xml", "path", "expected"), PATHS)
def test_paths(xml: str, path: str, expected: Any) -> None:
    check(excel("FILTERXML", xml, path), expected)


@pytest.mark.parametrize(
    "path", ["//b", "//b[1]", "/a/b", "//a[b]", "//b[@k]", "//b[@k='2']", "//b[last()]", "/*/c/.."]
)
def test_paths_that_elementtree_knows(path: str) -> None:
    xml = "<r><a><b k='1'>p</b><b>q</b></a><a><c><b k='2'>r</b></c><b>s</b></a><b>u</b></r>"
    found = ["".join(node.itertext()) for node in ElementTree.fromstring(xml).findall(f".{path}")]
    got = excel("FILTERXML", xml, path if path.startswith("//") else f"/r{path}")
    assert (flat(got) if isinstance(got, list) else [got]) == found
    assert found


def flat(rows: list) -> list:
    return [value for row in rows for value in row]


def test_errors_pass() -> None:
    check(excel("FILTERXML", NA, "//s"), NA)
    check(excel("FILTERXML", None, "//s"), VALUE)


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(FormulaError, match="prefix"):
        excel("FILTERXML", "<a xmlns:x='u'><x:b/></a>", "//x:b")


def test_hostile_texts_end(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = "<a>" * 500 + "</a>" * 500
    check(excel("FILTERXML", deep, "//a[last()]"), [[""]] * 500)
    check(excel("FILTERXML", "<a/>", "(" * 5000 + "//a" + ")" * 5000), VALUE)
    monkeypatch.setattr(xpath_values, "_MOST_VISITS", 50_000)
    with pytest.raises(FormulaError, match="too many"):
        excel("FILTERXML", "<t>" + "<s/>" * 2000 + "</t>", "//*[//*[//*[//*]]]")
