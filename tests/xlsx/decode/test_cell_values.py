"""What a cell's text means by its type, on both ways through a sheet; and cells that stand more than once."""

import pytest

from sheetgpt.book.book import Sheet
from sheetgpt.book.values import ErrorValue, Value
from support.sheet_xml import agree, xml_of

A1: list[tuple[str, Value]] = [
    ('<c r="A1"><v> 5 </v></c>', 5.0),
    ('<c r="A1"><v>+1E2</v></c>', 100.0),
    ('<c r="A1"><v/></c>', None),
    ('<c r="A1"><v><![CDATA[7]]></v></c>', 7.0),
    ('<c r="A1"><v>&#49;2</v></c>', 12.0),
    ('<c r="A1"><!-- --><v>1<?x?>2</v></c>', 12.0),
    ('<c r="A1" t="b"><v>true</v></c>', True),
    ('<c r="A1" t="b"><v>FALSE</v></c>', False),
    ('<c r="A1" t="s"><v> 1 </v></c>', "one"),
    ('<c r="A1" t="e"><v>#BLOCKED!</v></c>', ErrorValue.BLOCKED),
    ('<c r="A1" t="e"><v>#PYTHON!</v></c>', ErrorValue.PYTHON),
    ('<c r="A1" t="str"><v>a_x000D_b</v></c>', "a\rb"),
    ('<c r="A1" t="d"><v>1900-03-01</v></c>', 61.0),  # Excel's day 60 is its 29 February 1900
    ('<c r="A1" t="inlineStr"><is><t>a</t></is><v>0</v></c>', "a"),
    ('<c r="A1"><extLst><ext><v>8</v></ext></extLst><v>2</v></c>', 2.0),
    ('<c r="A1"><v>1</v></c><v>9</v>', 1.0),
    ('<c r="A1"><v>1</v></c><c r="A1" t="str"><v>last</v></c>', "last"),
    ('<c r="A1" t="str"><v>first</v></c><c r="A1"><v>2</v></c>', 2.0),
    ('<c r="A1"><f>1+1</f><v>2</v></c><c r="A1"><v>5</v></c>', 5.0),
]


@pytest.mark.parametrize(("cell", "expected"), A1)
def test_values(cell: str, expected: Value) -> None:
    sheet = agree(xml_of(f'<row r="1">{cell}<c r="B1"><v>3</v></c></row>'))
    assert isinstance(sheet, Sheet)
    found = sheet.grid[1, 1]
    assert (found, type(found)) == (expected, type(expected))
    assert sheet.grid[1, 2] == 3.0
    assert sheet.formulas == []


@pytest.mark.parametrize(
    "cell",
    [
        *(f'<c r="A1"><v>{text}</v></c>' for text in ("1_000", "1e400", "nan", "INF", "0x1F", "\u0663", "x")),
        *(f'<c r="A1"><f>B1</f><v>{text}</v></c>' for text in ("1_0", "-1e999", "NaN")),
        '<c r="A1" t="b"><v>yes</v></c>',
        '<c r="A1" t="s"><v>2</v></c>',
        '<c r="A1" t="s"><v>-1</v></c>',
        '<c r="A1" t="s"><v>1_0</v></c>',
        '<c r="A1" t="d"><v>2020-02-30</v></c>',
        '<c r="A1" t="x"><v>1</v></c>',
        '<c r="A1"><v>1</v><v>2</v></c>',
        '<c r="A0"><v>1</v></c>',
        '<c r="A1"><f t="array" ref="B1:C1">1</f></c>',
        '<c r="XFE1"><v>1</v></c>',
        '<c r="A1048577"><v>1</v></c>',
        '<x:AlternateContent><x:Choice><c r="A1"><f>1</f></c></x:Choice></x:AlternateContent>',
    ],
)
def test_what_is_no_value_is_refused(cell: str) -> None:
    assert agree(xml_of(f'<row r="1">{cell}</row>')) == "WorkbookError"


def test_places_without_references_follow_the_row() -> None:
    """Also behind a cell that says another row."""
    sheet = agree(xml_of('<row r="2"><c r="C7"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>'))
    assert isinstance(sheet, Sheet)
    assert dict(sheet.grid.items()) == {(7, 3): 1.0, (2, 4): 2.0, (3, 1): 3.0}


def test_the_last_of_two_formulas_counts_wherever_they_stand() -> None:
    rows = '<row r="2"><c r="A2"><f>1</f><v>1</v></c></row><row r="1"><c r="A1"><v>4</v></c></row>'
    sheet = agree(xml_of(rows + '<row r="2"><c r="A2"><f>2</f><v>2</v></c></row>'))
    assert isinstance(sheet, Sheet)
    assert [formula.text for formula in sheet.formulas] == ["2"]
    assert dict(sheet.grid.items()) == {(1, 1): 4.0, (2, 1): 2.0}
