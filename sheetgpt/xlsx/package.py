"""The Open Packaging parts of an .xlsx file: its sheets and where they lie, its names, its shared strings."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote
from zipfile import ZipFile, ZipInfo

from sheetgpt.book.links import Iteration
from sheetgpt.xlsx.decode.xml_parser import feed, new_parser
from sheetgpt.xlsx.decode.zip_stream import ENCRYPTED
from sheetgpt.xlsx.other_formats import refuse_other_packages

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_STRINGS = _TYPE + "sharedStrings+xml"
_STYLES = _TYPE + "styles+xml"
_TABLE = _TYPE + "table+xml"
_YES, _NO = ("1", "true"), ("0", "false")
_SETTINGS = (  # an element, one of its attributes, and what it means if that has one of these values
    ("workbookProtection", "lockStructure", _YES, "protection"),
    ("workbookProtection", "lockWindows", _YES, "protection"),
    ("calcPr", "iterate", _YES, "iterative calculation"),
    ("calcPr", "fullPrecision", _NO, "precision as displayed"),
)
_WORKBOOKS = [
    "application/vnd.ms-excel.template.macroEnabled.main+xml",
    _TYPE + "template.main+xml",
    "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    _TYPE + "sheet.main+xml",
    "application/vnd.ms-excel.addin.macroEnabled.main+xml",
]
# Names that programs keep for what is printed and filtered.
_FILTER = "_xlnm._FilterDatabase"
_RESERVED = ("_xlnm.Print_Titles", "_xlnm.Print_Area", _FILTER)
_OTHER_SHEETS = ("chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")  # they have no cells of a Book
_MACROS = ("function", "vbProcedure", "xlm")  # attributes of names that are macros: they refer to no cells


class Element(NamedTuple):
    """An element of XML with its name, that of the one it is in, its attributes without prefixes, and its text."""

    name: str
    inside: str
    attributes: dict[str, str]
    texts: list[str]

    def attribute(self, name: str) -> str:
        """An attribute that must be there; raises ValueError."""
        if name not in self.attributes:
            raise ValueError(f"its element <{self.name}> has no {name}")
        return self.attributes[name]


class SheetPart(NamedTuple):
    """A sheet of a workbook: its title, its part of the archive, if it has cells (it may be a chart), is hidden.

    A sheet that the workbook lists without a part has the part "": names give the numbers of sheets, and it has one.
    """

    title: str
    part: str
    is_worksheet: bool
    is_hidden: bool


class Package:
    """An opened .xlsx file; raises ValueError or ExpatError where it is none."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive
        self._entries = {part_key(entry.filename): entry for entry in archive.infolist()}
        refuse_other_packages(set(self._entries))
        types = self._elements("[Content_Types].xml")
        self._parts = {
            element.attribute("PartName").lstrip("/"): element.attribute("ContentType")
            for element in types
            if element.name == "Override"
        }
        place = self._workbook({element.attribute("ContentType") for element in types if element.name == "Default"})
        self._relations = self._related(place)
        self._content = self._elements(place)

    def sheets(self) -> list[SheetPart]:
        """All sheets in order."""
        found = []
        for element in self._content:
            if element.name == "sheet" and element.inside == "sheets":
                key = element.attributes.get("id")
                kind, part = self._relation(key) if key else ("", "")
                hidden = element.attributes.get("state", "visible") != "visible"
                is_worksheet = kind.endswith("/worksheet")
                if part and not is_worksheet and kind.rpartition("/")[2] not in _OTHER_SHEETS:
                    raise ValueError(f"its sheet {element.attribute('name')} has the unknown type {kind!r}")
                place = self.info(part).filename if is_worksheet else part
                found.append(SheetPart(element.attribute("name"), place, is_worksheet, hidden))
        parts = [sheet.part for sheet in found if sheet.is_worksheet]
        if len(set(parts)) < len(parts):
            raise ValueError("two of its sheets are one part")
        return found

    def worksheets(self) -> dict[str, str]:
        """The title of each sheet with cells, and its part of the archive, in order."""
        return {sheet.title: sheet.part for sheet in self.sheets() if sheet.is_worksheet}

    def names(self) -> list[tuple[int | None, str, str]]:
        """Defined names: the number of the sheet that a name belongs to or None, the name, what it refers to."""
        found = []
        for element in self._content:
            if element.name == "definedName":
                name, sheet = element.attribute("name"), element.attributes.get("localSheetId")
                if name not in _RESERVED and not any(element.attributes.get(kind) in _YES for kind in _MACROS):
                    found.append((None if sheet is None else int(sheet), name, "".join(element.texts).strip()))
        return found

    def filter_range(self, sheet: int) -> str | None:
        """What Excel's own name for the filtered range of the sheet with a number refers to."""
        for element in self._content:
            if element.attributes.get("name") == _FILTER and element.attributes.get("localSheetId") == str(sheet):
                return "".join(element.texts)
        return None

    def date1904(self) -> bool:
        """Whether dates count from 1904."""
        return any(e.name == "workbookPr" and e.attributes.get("date1904") in _YES for e in self._content)

    def as_displayed(self) -> bool:
        """Whether values are rounded to what their cells show."""
        return any(e.name == "calcPr" and e.attributes.get("fullPrecision") in _NO for e in self._content)

    def is_manual(self) -> bool:
        """Whether it is calculated only when asked."""
        return any(e.name == "calcPr" and e.attributes.get("calcMode") == "manual" for e in self._content)

    def iteration(self) -> Iteration | None:
        """How circles are calculated, if the workbook says that they are."""
        for element in self._content:
            if element.name == "calcPr" and element.attributes.get("iterate") in _YES:
                most, least = (element.attributes.get(name) for name in ("iterateCount", "iterateDelta"))
                default = Iteration()
                return Iteration(max(1, int(most)) if most else default.most, float(least) if least else default.least)
        return None

    def links(self) -> list[str]:
        """The parts about other workbooks in the order of their numbers in formulas; "" for one that is not there."""
        found = [element.attributes.get("id", "") for element in self._content if element.name == "externalReference"]
        return [self._relations.get(key, ("", ""))[1] for key in found]

    def settings(self) -> list[str]:
        """What the workbook asks for that changes what it calculates, or forbids changes."""
        words = []
        for element in self._content:
            for name, attribute, values, word in _SETTINGS:
                if element.name == name and element.attributes.get(attribute) in values:
                    words.append(word)
        return list(dict.fromkeys(words))

    def styles(self) -> str | None:
        """The name of the part with the formats of cells, if it is there."""
        part = self._part_of("styles", _STYLES)
        entry = None if part is None else self._entries.get(part_key(part))
        return None if entry is None else entry.filename

    def strings(self) -> ZipInfo | None:
        """The part with the shared strings."""
        part = self._part_of("sharedStrings", _STRINGS)
        return None if part is None else self.info(part)

    def has_tables(self) -> bool:
        """Whether any part is a table."""
        return _TABLE in self._parts.values()

    def tables(self, sheet: str) -> list[list[Element]]:
        """The elements of each table of the sheet with a part."""
        related = self.related(sheet).values()
        return [self._elements(part) for kind, part in related if kind.endswith("/table")]

    def _part_of(self, relation: str, content_type: str) -> str | None:
        """The part to which the workbook has some relation; where it has none, the part of some type."""
        related = (part for kind, part in self._relations.values() if kind.endswith("/" + relation))
        return next(related, None) or self._part_of_type(content_type)

    def _part_of_type(self, content_type: str) -> str | None:
        return next((part for part, content in self._parts.items() if content == content_type), None)

    def _workbook(self, defaults: set[str]) -> str:
        """The part that is the workbook: the main one of the package if it has such a type, or any of such a type."""
        kinds = {part: _WORKBOOKS.index(kind) for part, kind in self._parts.items() if kind in _WORKBOOKS}
        known = {part_key(part) for part in kinds}
        for kind, part in self.related("").values():
            if kind.endswith("/officeDocument") and (part_key(part) in known or defaults.intersection(_WORKBOOKS)):
                return part
        if kinds:
            return min(kinds, key=lambda part: kinds[part])
        if defaults.intersection(_WORKBOOKS):  # some programs say it of all parts of XML
            return "xl/workbook.xml"
        raise ValueError("it has no part that is a workbook")

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: by its id, the type of the relation and the part or address; empty if nothing."""
        known = part_key(_relations_of(part)) in self._entries
        return self._related(part) if known else {}

    def elements(self, part: str) -> list[Element]:
        """All elements of a part of XML in the order of their beginnings; raises ValueError if it is not there."""
        return self._elements(part)

    def _related(self, part: str) -> dict[str, tuple[str, str]]:
        """The parts that a part refers to: by their id, the type of the relation and the part."""
        folder = posixpath.dirname(part)
        found = {}
        for element in self._elements(_relations_of(part)):
            if element.name == "Relationship":
                target = element.attribute("Target")
                if element.attributes.get("TargetMode") != "External":
                    target = target.replace("\\", "/")
                    target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found[element.attribute("Id")] = element.attribute("Type"), target
        return found

    def related_parts(self, part: str, kind: str) -> list[str]:
        """The parts of a kind ("table") that a part refers to."""
        return [target for relation, target in self.related(part).values() if relation.endswith("/" + kind)]

    def _elements(self, part: str) -> list[Element]:
        return list(_elements(self.archive.read(self.info(part))))

    def info(self, part: str) -> ZipInfo:
        """Where a part lies in the archive; raises ValueError."""
        entry = self._entries.get(part_key(part))
        if entry is None:
            raise ValueError(f"it has no part {part}")
        if entry.flag_bits & ENCRYPTED:
            raise ValueError(f"its part {part} is encrypted")
        return entry

    def _relation(self, key: str) -> tuple[str, str]:
        if key not in self._relations:
            raise ValueError(f"a sheet refers to {key}, which is no relation of the workbook")
        return self._relations[key]

    def elements_of_type(self, content_type: str) -> list[Element]:
        """The elements of the part that has some type; none where there is no such part."""
        part = next((part for part, content in self._parts.items() if content == content_type), None)
        return [] if part is None else self._elements(part)


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def part_key(name: str) -> str:
    """By what parts are found: their names do not distinguish case (ECMA-376, part 2), nor how programs spell them.

    There are archives with backslashes, with a slash in front, and with names written as in a URL.
    """
    return unquote(name).replace("\\", "/").lstrip("/").lower()


def _elements(data: bytes) -> Iterator[Element]:
    """All elements of some XML in the order of their beginnings."""
    found: list[Element] = []
    path = [Element("", "", {}, [])]

    def start(tag: str, attributes: dict[str, str]) -> None:
        plain = {name.rpartition(":")[2]: value for name, value in attributes.items()}
        path.append(Element(tag.rpartition(":")[2], path[-1].name, plain, []))
        found.append(path[-1])

    parser = new_parser()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _tag: path.pop()
    parser.CharacterDataHandler = lambda text: path[-1].texts.append(text)
    feed(parser, data, True)
    return iter(found)


def same_bytes(a: Path | str, b: Path | str) -> bool:
    """Whether two files have the same parts with the same bytes, as far as their checksums say."""
    found = []
    for path in (a, b):
        with ZipFile(path) as archive:
            found.append({entry.filename: (entry.CRC, entry.file_size) for entry in archive.infolist()})
    return found[0] == found[1]
