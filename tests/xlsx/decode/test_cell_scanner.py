"""The fast path for number cells against expat alone: the same values from any XML, however it is cut."""

# ruff: noqa: E501  texts of cells and sheets stay in one piece

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgpt.book.address import column_letters
from sheetgpt.book.book import Sheet
from sheetgpt.xlsx.decode.cell_scanner import PAD, plain_cells
from support.sheet_xml import HEAD, agree, xml_of

number_texts = (
    st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.floats(-1, 1, width=32).map(lambda x: str(np.float32(x)))
    | st.integers(-(10**18), 10**18).map(str)
    | st.floats(-1e3, 1e3).map(lambda x: f"{x:.16G}")
    | st.sampled_from(
        [
            "0",
            "-0",
            "-0.0",
            "5.",
            ".5",
            "-.5",
            "+1",
            "1e400",
            "1E-05",
            "5e-324",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
            "0.1000000000000000055511151231257827",
            "00012",
            "1" * 30,
        ]
    )
)
not_numbers = st.sampled_from(["", "-", ".", "1e", "1.2.3", " 1 ", "1,5", "1 2", "--1", "\n1", "1&#48;", "0x1"])
STYLES = [
    "",
    ' s="7"',
    ' s="12"',
    ' s="123"',
    ' s="4567"',
    ' s=""',
    ' t="n"',
    ' s="5" t="n"',
    ' t="n" s="5"',
    ' s="1" ',
    ' s="12" cm="1"',
    ' s="1 "',
    " s='1'",
]
LAYOUTS = ["{}", "<v>{}</v>", "<v >{}</v>", "<v>{}</v> ", " <v>{}</v>", "<f>A1</f><v>{}</v>", "<v>{}</v><extLst/>"]


@st.composite
def cells(draw: st.DrawFn, row: int) -> str:
    """A few cells of a row; most are plain numbers."""
    parts, column = [], 0
    for _ in range(draw(st.integers(0, 7))):
        column += draw(st.sampled_from([1, 1, 1, 1, 2, 26, 700]))
        ref = f' r="{column_letters(column)}{row}"'
        number = draw(number_texts)
        kind = draw(st.integers(0, 19))
        if kind < 12:
            parts.append(f"<c{ref}{draw(st.sampled_from(STYLES))}><v>{number}</v></c>")
        elif kind == 12:
            parts.append(f'<c{ref} t="s"><v>1</v></c>')
        elif kind == 13:
            parts.append(f'<c{ref} t="inlineStr"><is><t>r &lt;{number}</t></is></c>')
        elif kind == 14:
            typed = draw(st.sampled_from([' t="b"><v>1', ' t="e"><v>#N/A']))
            parts.append(f"<c{ref}{typed}</v></c>")
        elif kind == 15:
            inside = draw(st.sampled_from(LAYOUTS[1:])).format(number)
            parts.append(f"<c{ref}>{inside}</c>")
        elif kind == 16:
            parts.append(f'<c{ref}><f t="array" ref="{ref[4:-1]}:{ref[4:-1]}">"err"&amp;r1</f><v>{number}</v></c>')
        elif kind == 17:
            parts.append(f'<c{ref} s="3"/>')
        elif kind == 18:
            parts.append(draw(st.sampled_from([" ", "\n", "<!-- <c r='A1'> -->", "<?pi <row r='1'> ?>", ""])))
        else:
            parts.append(
                f"<c{ref}><v>{draw(not_numbers)}</v></c>" if draw(st.booleans()) else f"<c><v>{number}</v></c>"
            )
    return "".join(parts)


@st.composite
def sheets(draw: st.DrawFn) -> bytes:
    rows, number = [], 0
    for _ in range(draw(st.integers(0, 6))):
        number += draw(st.sampled_from([1, 1, 1, 3, 90, 10_000]))
        tag = draw(
            st.sampled_from(
                [
                    f'<row r="{number}">',
                    f'<row r="{number}" spans="1:9" ht="12">',
                    f'<row s="1" r="{number}">',
                    f"<row r='{number}'>",
                ]
            )
        )
        rows.append(f"{tag}{draw(cells(number))}</row>" + draw(st.sampled_from(["", "\n"])))
    dimension = draw(
        st.sampled_from(["", '<dimension ref="A1:C3"/>', '<dimension ref="A1:XFD1048576"/>', '<dimension ref="B2"/>'])
    )
    return xml_of("".join(rows), HEAD + dimension)


@settings(max_examples=400, deadline=None)
@given(sheets(), st.none() | st.lists(st.integers(1, 400), min_size=1, max_size=5))
def test_fast_and_general_agree_on_any_sheet(xml: bytes, cuts: list[int] | None) -> None:
    agree(xml, cuts)


SMALL = xml_of(
    '<row r="9" spans="1:3"><c r="A9" s="12"><v>-1.5</v></c><c r="B9"><v>2E-7</v></c><c r="C9" t="s"><v>1</v></c></row>\n'
    '<row r="10"><c r="A10" s="1" t="n"><v>3</v></c><c r="AB10"><f>SUM(A9:B9)</f><v>4.25</v></c><c r="XFD10"><v>5</v></c></row>'
)


@pytest.mark.parametrize("start", range(len(SMALL)))
def test_a_cut_at_every_byte(start: int) -> None:
    sheet = agree(SMALL, [start or 1, len(SMALL)])
    assert isinstance(sheet, Sheet)
    assert dict(sheet.grid.items()) == {
        (9, 1): -1.5,
        (9, 2): 2e-7,
        (9, 3): "one",
        (10, 1): 3.0,
        (10, 28): 4.25,
        (10, 16384): 5.0,
    }


def test_every_size_of_chunk() -> None:
    for size in range(1, 80):
        agree(SMALL, [size])


def test_what_is_plain_leaves_the_text() -> None:
    text = b'<row r="4" ht="9"><c r="B4" s="7"><v>-0.25</v></c><c r="C4"><v>1e3</v></c><c r="AAA4" t="s"><v>0</v></c></row>'
    rows, columns, numbers, rest = plain_cells(PAD + text + PAD)
    assert (rows.tolist(), columns.tolist(), numbers.tolist()) == ([4, 4], [2, 3], [-0.25, 1000.0])
    assert rest == b'<row r="4" ht="9"><c r="AAA4" t="s"><v>0</v></c></row>'
    rows, columns, numbers, rest = plain_cells(PAD + b'<c r="ABC77"><v>8</v></c></row>' + PAD, b"77")
    assert (rows.tolist(), columns.tolist(), numbers.tolist(), rest) == ([77], [731], [8.0], b"</row>")


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B5"><v>1</v></c>',
        '<c r="b4"><v>1</v></c>',
        '<c r="XFE4"><v>1</v></c>',
        '<c r="ABCD4"><v>1</v></c>',
        '<c r="B04"><v>1</v></c>',
        '<c r="4"><v>1</v></c>',
        '<c r="B4" t="s"><v>1</v></c>',
        '<c r="B4" t="b"><v>1</v></c>',
        '<c r="B4"><v></v></c>',
        '<c r="B4"><v>-</v></c>',
        '<c r="B4"><w>1</v></c>',
        '<c r="B4"><v>1</v></d>',
        '<c r="B4" s="x"><v>1</v></c>',
        '<c r="B4"><v>1_0</v></c>',
        '<c r="B4"><v>nan</v></c>',
        '<c r="B4"><v>inf</v></c>',
        '<c r="B4" s="12345"><v>1</v></c>',
        '<c r="B4"><v>1</v> </c>',
    ],
)
def test_what_is_not_certainly_plain_stays(cell: str) -> None:
    text = f'<row r="4"><c r="A4"><v>7</v></c>{cell}</row>'.encode()
    cells_taken = plain_cells(PAD + text + PAD)
    assert cells_taken.numbers.tolist() == [7.0]
    assert cells_taken.rest == f'<row r="4">{cell}</row>'.encode()


@pytest.mark.parametrize(
    "odd", ['<!--<row r="8"><c r="A8"><v>9</v></c></row>-->', '<?x <c r="A8"><v>9</v></c>?>', "<![CDATA[ ]]>"]
)
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_comments_cdata_and_instructions(odd: str, bom: str) -> None:
    for head in (bom + HEAD, bom + HEAD.partition("\n")[2]):
        sheet = agree(
            xml_of(f'<row r="1"><c r="A1"><v>1</v></c></row>{odd}<row r="9"><c r="A9"><v>2</v></c></row>', head)
        )
        assert isinstance(sheet, Sheet)
        assert dict(sheet.grid.items()) == {(1, 1): 1.0, (9, 1): 2.0}


def test_other_encodings() -> None:
    xml = '<?xml version="1.0" encoding="{}"?><worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1" t="str"><v>é</v></c></row></sheetData></worksheet>'
    for encoding in ("utf-16", "iso-8859-1", "utf-8", "us-ascii"):
        text = xml.format(encoding).replace("é", "&#233;" if encoding == "us-ascii" else "é")
        sheet = agree(text.encode(encoding))
        assert isinstance(sheet, Sheet)
        assert dict(sheet.grid.items()) == {(1, 1): 1.0, (1, 2): "é"}


def test_a_large_sheet_whose_dimension_is_wrong() -> None:
    rows = "".join(
        f'<row r="{r}">'
        + "".join(f'<c r="{column_letters(c)}{r}"><v>{r * c / 7}</v></c>' for c in range(1, 200))
        + "</row>"
        for r in range(1, 300)
    )
    for dimension in ("", '<dimension ref="A1:GQ299"/>', '<dimension ref="A1:GQ150"/>', '<dimension ref="A1:A1"/>'):
        sheet = agree(xml_of(rows, HEAD + dimension), [70_000])
        assert isinstance(sheet, Sheet)
        assert np.array_equal(sheet.grid.numbers[:299, :199], np.outer(np.arange(1, 300), np.arange(1, 200)) / 7)


ODD_CELLS = [
    '<c r="A1" t="str"><f>"a&lt;b&quot;&quot;"&amp;B1</f><v>&amp;lt;&#65;&apos;</v></c>',
    '<c r="A1" t="str"><f>A2&amp;"x"</f><v>&amp;amp;quot;</v></c>',
    '<c r="A1"><f>B1</f></c><c r="C1" s="3"/><c r="D1" t="b"><v>1</v></c><c r="E1" t="e"><v>#N/A</v></c>',
    '<c r="A1"><f></f><v></v></c><c r="B1"><f>1</f><v/></c><c r="C1" t="str"><f>1</f><v></v></c>',
    '<c r="A1" t="s"><v>1</v></c><c r="B1" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>',
    '<c r="A1" t="inlineStr"><is><t>_x0041_ \u00e9 \U0001f642</t></is></c><c r="A1" t="str"><v>b</v></c>',
    '<c r="A1"><f t="array" ref="A1:B2">C1:D2</f><v>1</v></c><c r="B1"><v>2</v></c>',
    '<c r="A1"><f t="array" ref="A1">C1</f><v>1</v></c><c r="A2"><f t="shared" ref="A2:A3" si="0">B2</f><v>1</v></c>'
    '<c r="A3"><f t="shared" si="0"/><v>1</v></c>',
    '<c r="A1" t="str"><f>"a\nb"</f><v>a\r\nb</v></c>',
    '<c r="A1" t="str"><v>&nbsp;</v></c>',
    '<c r="A1"><f t="array" ref="A1"></f></c><c r="B1"><f t="array" ref="C1">2</f><v>1</v></c>',
    '<c r="A1"><f>1</f><v>x</v></c>',
    '<c r="ZZZ1" t="str"><v>x</v></c>',
    '<c r="A9999999" t="str"><v>x</v></c>',
    '<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>',
    '<c r="A1" t="str"><v><![CDATA[<c r="B1" t="str"><v>no</v></c>]]></v></c>',
    '<c r="A1" t="d"><v>2024-01-02</v></c>',
    '<c r="B2" t="str"><f>1</f><v>x</v></c><c r="A1" t="str"><f aca="1">2</f><v>y</v></c>',
]


@pytest.mark.parametrize("cells", ODD_CELLS)
def test_odd_formulas_and_texts(cells: str) -> None:
    agree(f'<worksheet><sheetData><row r="1">{cells}</row></sheetData></worksheet>'.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16", "us-ascii"])
def test_encodings(encoding: str) -> None:
    text = "\u00e9" if encoding != "us-ascii" else "e"
    cell = f'<c r="A1" t="str"><f>"{text}"</f><v>{text}</v></c>'
    xml = f'<?xml version="1.0" encoding="{encoding}"?><worksheet><sheetData>{cell}</sheetData></worksheet>'
    sheet = agree(xml.encode(encoding))
    assert isinstance(sheet, Sheet)
    assert sheet.grid[1, 1] == text


@pytest.mark.parametrize("space", ["\n", "\t", "\r\n", " \n "])
def test_cells_without_a_reference_count_on_however_their_tag_is_written(space: str) -> None:
    first = f'<row r="1"><c r="A1"><v>1</v></c><c{space}t="str"><v>hi</v></c>'
    for rest in (f'<c r="D1"><v>4</v></c><c{space}><v>5</v></c></row>', "<c/><c/><c><v>5</v></c></row>"):
        sheet = agree(xml_of(first + rest))
        assert isinstance(sheet, Sheet)
        assert [sheet.grid[1, column] for column in (1, 2, 5)] == [1.0, "hi", 5.0]


def test_a_cell_of_a_type_without_a_value_is_blank() -> None:
    cells = '<c r="A1" t="b"><f>TRUE</f></c><c r="B1" t="e"/><c r="C1" t="str"><f>""</f></c><c r="D1" t="str"><v/></c>'
    sheet = agree(xml_of(f'<row r="1">{cells}<c r="E1" t="str"><v></v></c></row>'))
    assert isinstance(sheet, Sheet)
    assert [sheet.grid[1, column] for column in range(1, 6)] == [None, None, None, "", ""]


def test_a_shared_text_that_is_not_there_is_refused() -> None:
    for index in (-1, 2):
        assert agree(xml_of(f'<row r="1"><c r="A1" t="s"><v>{index}</v></c></row>')) == "WorkbookError"
