"""Small workbooks with something wrong or odd in them: in bytes, tags, attributes, values or the archive."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from support.parts import package_parts

Parts = dict[str, bytes]

_SHEET = """<row r="1" spans="1:6"><c r="A1"><v>2</v></c><c r="B1" s="1" t="s"><v>1</v></c><c r="C1" t="b"><v>1</v></c>\
<c r="D1" t="e"><v>#N/A</v></c><c r="E1" t="inlineStr"><is><t>in line</t></is></c><c r="F1" s="1"/></row>
<row r="2"><c r="A2"><f>A1*10</f><v>0</v></c><c r="B2" t="str"><f>B1&amp;"x"</f><v>old</v></c>\
<c r="C2" t="b"><f>NOT(C1)</f><v>1</v></c><c r="D2" t="e" cm="1"><f>D1+1</f><v>#N/A</v></c>\
<c><f>LEN(E1)</f></c></row>
<row><c><v>1.5</v></c><c><f>A3+A1</f><v>7</v></c><c r="D3"><f t="array" ref="D3:E3">A1:B1=2</f><v>1</v></c>\
<c r="E3"/></row>
<row r="5" s="1" customFormat="1" ht="20"><c r="A5"><f t="shared" ref="A5:A6" si="0">A1+1</f><v>3</v></c></row>
<row r="6"><c r="A6"><f t="shared" si="0"/><v>4</v></c><c r="B6"><f>SUM(A1:A5)</f><v>1e2</v></c></row>
<row r="9"><c r="A9"><f>Other!A1+rate</f><v>0</v></c></row>"""
_OTHER = '<row r="1"><c r="A1"><v>3</v></c><c r="B1"><f>Sheet1!A2-A1</f><v>1</v></c></row>'
_NAMES = (
    '<definedName name="rate">Other!$A$1</definedName><definedName name="b" localSheetId="1">Other!$B$1</definedName>'
)
_ODD = [
    "0", "-1", "1e400", "nan", "1_000", "0x1F", "9999999999999", "x", "true", "TRUE", "#FOO!", "s", "str", "b", "e",
    "d", "n", "inlineStr", "A1", "B2", "C1", "a1", "XFE1", "A0", "A1048577", "$A$1", "A1:B2", "&amp;", "_x000D_",
    "é", "2020-02-30", "2020-02-29T12:00:00", "array", "shared", "dataTable", "999", "1.5", "\u0663", "rId9", "",
    " 5 ",
]  # fmt: skip
_EXTRAS = [
    "<!--a>b-->", "<?x?>", "<v>3</v>", "<c/>", "<row/>", "<f>1</f>", "<f/>", "<is><t>t</t></is>", "<v/>",
    "<![CDATA[7]]>", "&#49;", "<v><![CDATA[5]]></v>", "<extLst><ext><v>8</v></ext></extLst>",
]  # fmt: skip
_ATTRIBUTE = re.compile(rb' ([\w:]+)="([^"]*)"')
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_ELEMENT = re.compile(rb"<(c|row)\b[^>]*?(?:/>|>.*?</\1>)", re.DOTALL)


def base() -> Parts:
    """The parts of the workbook that is changed."""
    return package_parts({"Sheet1": _SHEET, "Other": _OTHER}, names=_NAMES, strings=["q", "text"])


def mutant(parts: Parts, seed: int) -> bytes:
    """The bytes of a workbook with one to three changes; the same ones for the same seed."""
    generator = random.Random(seed)
    parts = dict(parts)
    for _ in range(generator.choice((1, 1, 2, 3))):
        generator.choice(_WAYS)(parts, generator)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    whole = bytearray(file.getvalue())
    if generator.random() < 0.05:
        whole[generator.randrange(len(whole))] ^= 1 << generator.randrange(8)
    return bytes(whole[: generator.randrange(len(whole))] if generator.random() < 0.02 else whole)


def _part(parts: Parts, generator: random.Random) -> str:
    sheets = [name for name in parts if "sheet1.xml" in name]
    return generator.choice(sheets if sheets and generator.random() < 0.7 else sorted(parts))


def _bytes(parts: Parts, generator: random.Random) -> None:
    name = _part(parts, generator)
    data = bytearray(parts[name])
    if not data:
        return
    place = generator.randrange(len(data))
    match generator.randrange(3):
        case 0:
            data[place] = generator.randrange(256)
        case 1:
            del data[place]
        case _:
            data.insert(place, generator.choice(b"<>/\"'& 01aA\n"))
    parts[name] = bytes(data)


def _text(expression: re.Pattern[bytes], group: int) -> Callable[[Parts, random.Random], None]:
    """Puts something odd where an expression has a group."""

    def change(parts: Parts, generator: random.Random) -> None:
        name = _part(parts, generator)
        found = list(expression.finditer(parts[name]))
        if found:
            start, end = generator.choice(found).span(group)
            parts[name] = parts[name][:start] + generator.choice(_ODD).encode() + parts[name][end:]

    return change


def _without_attribute(parts: Parts, generator: random.Random) -> None:
    name = _part(parts, generator)
    if found := list(_ATTRIBUTE.finditer(parts[name])):
        match = generator.choice(found)
        parts[name] = parts[name][: match.start()] + parts[name][match.end() :]


def _elements(parts: Parts, generator: random.Random) -> None:
    """Take out, repeat or move a cell or row."""
    name = _part(parts, generator)
    found = list(_ELEMENT.finditer(parts[name]))
    found += [cell for row in found for cell in _ELEMENT.finditer(parts[name], row.start() + 1, row.end())]
    if found:
        match, other = generator.choice(found), generator.choice(found).start()
        data, repeated = parts[name], generator.random() < 0.6
        left = data if repeated else data[: match.start()] + data[match.end() :]
        other -= 0 if repeated or other <= match.start() else min(other, match.end()) - match.start()
        parts[name] = left[:other] + match[0] + left[other:] if generator.random() < 0.8 else left


def _extra(parts: Parts, generator: random.Random) -> None:
    """Something that may stand between elements, or an element more."""
    name = _part(parts, generator)
    places = [match.end() for match in re.finditer(rb">", parts[name])]
    extra = generator.choice(_EXTRAS)
    if places:
        place = generator.choice(places)
        parts[name] = parts[name][:place] + extra.encode() + parts[name][place:]


def _archive(parts: Parts, generator: random.Random) -> None:
    """A part is gone, or has another spelling."""
    name = _part(parts, generator)
    data = parts.pop(name)
    spellings: list[Callable[[str], str]] = [str.upper, lambda n: "/" + n, lambda n: n.replace("/", "\\"), str.title]
    if generator.random() < 0.8:
        parts[generator.choice(spellings)(name)] = data


def _encoding(parts: Parts, generator: random.Random) -> None:
    name = _part(parts, generator)
    try:
        text = parts[name].decode()
    except UnicodeDecodeError:
        return
    encoding = generator.choice(["utf-16", "utf-8-sig", "latin-1", "utf-16-be"])
    text = text.replace("UTF-8", encoding.upper().replace("-SIG", "").replace("-BE", ""), 1)
    parts[name] = (b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding, "xmlcharrefreplace")


_WAYS: list[Callable[[Parts, random.Random], None]] = [
    _bytes,
    _text(_VALUE, 1),
    _text(_VALUE, 1),
    _text(_ATTRIBUTE, 2),
    _text(_ATTRIBUTE, 2),
    _without_attribute,
    _elements,
    _elements,
    _extra,
    _archive,
    _encoding,
]
