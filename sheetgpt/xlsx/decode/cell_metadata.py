"""What cells have in xl/metadata.xml: that their formula is a dynamic array, and which of the newer errors they hold.

A cell points there with cm="1" (about itself) and vm="1" (about its value), counted from 1. ([MS-XLSX], "Metadata" and
"Rich Data"; Excel writes the newer errors as #VALUE!, for the sake of its elders.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from sheetgpt.book.values import ErrorValue

if TYPE_CHECKING:
    from sheetgpt.xlsx.package import Element, Package

_METADATA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"
_RICH_VALUES = "application/vnd.ms-excel.rdrichvalue+xml"
_STRUCTURES = "application/vnd.ms-excel.rdrichvaluestructure+xml"
_YES = ("1", "true")
_DYNAMIC, _RICH = "XLDAPR", "XLRICHVALUE"
_ERRORS = {"8": ErrorValue.SPILL, "13": ErrorValue.CALC}  # seen in files that Excel saved; those of services are not


class CellMetadata(NamedTuple):
    """The numbers `cm` of dynamic arrays, and those `vm` of errors; whether a Book holds all that the part says."""

    dynamic: frozenset[str] = frozenset()
    errors: Mapping[str, ErrorValue] = {}
    is_held: bool = False


def read_metadata(package: Package) -> CellMetadata:
    """What a workbook says of its cells. Where the part is missing, but cells point there, they are dynamic arrays."""
    elements = package.elements_of_type(_METADATA)
    if not elements:
        return CellMetadata(frozenset(["1"]))
    types, future, cells, values = _lists(elements)
    dynamic = {place for place, kind, number in cells if kind == _DYNAMIC and future.get((_DYNAMIC, number)) in _YES}
    rich = _errors(package) if any(kind == _RICH for _, kind, _ in values) else {}
    errors = {
        place: rich[index]
        for place, kind, number in values
        if kind == _RICH and (index := future.get((_RICH, number), "")) in rich
    }
    return CellMetadata(frozenset(dynamic), errors, set(types) == {_DYNAMIC})


_Places = list[tuple[str, str, str]]  # the number that a cell gives, the kind of metadata, the number in its list


def _lists(elements: Iterable[Element]) -> tuple[list[str], dict[tuple[str, str], str], _Places, _Places]:
    """Kinds of metadata; by kind and number (from 0) what is said there; for cells and for values which they have."""
    types: list[str] = []
    future: dict[tuple[str, str], str] = {}
    places: dict[str, _Places] = {"cellMetadata": [], "valueMetadata": []}
    kind, count = "", 0
    for element in elements:
        if element.name == "metadataType":
            types.append(element.attributes.get("name", ""))
        elif element.name in ("futureMetadata", *places):
            kind, count = element.attributes.get("name", element.name), 0
        elif element.name == "bk":
            count += 1
        elif element.name in ("dynamicArrayProperties", "rvb"):
            attribute = "fDynamic" if element.name == "dynamicArrayProperties" else "i"
            future[kind, str(count - 1)] = element.attributes.get(attribute, "")
        elif element.name == "rc" and kind in places:
            number = element.attributes.get("t", "")
            name = types[int(number) - 1] if number.isdecimal() and 0 < int(number) <= len(types) else ""
            places[kind].append((str(count), name, element.attributes.get("v", "")))
    return types, future, places["cellMetadata"], places["valueMetadata"]


def _errors(package: Package) -> dict[str, ErrorValue]:
    """The errors among the rich values, by their numbers from 0."""
    keys: list[tuple[str, list[str]]] = []  # of each structure: its type, and the names of its values
    for element in package.elements_of_type(_STRUCTURES):
        if element.name == "s":
            keys.append((element.attributes.get("t", ""), []))
        elif element.name == "k" and keys:
            keys[-1][1].append(element.attributes.get("n", ""))
    found = {}
    for place, (structure, values) in enumerate(_rich_values(package)):
        kind, names = keys[int(structure)] if structure.isdecimal() and int(structure) < len(keys) else ("", [])
        error = dict(zip(names, values, strict=False)).get("errorType", "")
        if kind == "_error" and error in _ERRORS:
            found[str(place)] = _ERRORS[error]
    return found


def _rich_values(package: Package) -> Iterator[tuple[str, list[str]]]:
    """The structure and the values of each rich value."""
    values: list[tuple[str, list[Element]]] = []
    for element in package.elements_of_type(_RICH_VALUES):
        if element.name == "rv":
            values.append((element.attributes.get("s", ""), []))
        elif element.name == "v" and values:
            values[-1][1].append(element)
    return ((structure, ["".join(part.texts) for part in parts]) for structure, parts in values)
