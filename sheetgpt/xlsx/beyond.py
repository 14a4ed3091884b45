"""What an .xlsx file holds beyond a Book: what `write` would lose of a book that was read from it.

Found from the names of the package's parts, the number of cell formats, and the elements around a sheet's cells; no
cell is looked at for it. What does not count: widths, heights, panes, zoom, print settings, the theme, and what the
file says of its author; and the calculation chain, which Excel makes anew.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from zipfile import ZipFile

# A part of the package by its name in small letters -> what it is; "" does not count. The first match counts.
_PARTS = {
    r".*\.rels|\[content_types\]\.xml|docprops/.*|docmetadata/.*|xl/calcchain\.\w+": "",
    r"xl/(workbook|styles|sharedstrings)\.xml|xl/theme/.*|xl/printersettings/.*|xl/persons/.*": "",
    r"xl/(charts|chartsheets)/.*": "charts",
    r"xl/media/.*": "images",
    r"xl/drawings/vmldrawing.*|xl/(threaded)?comments.*": "comments",
    r"xl/drawings/.*|xl/diagrams/.*": "drawings",
    r"xl/tables/.*": "tables",
    r"xl/pivot.*": "pivot tables",
    r"xl/vba.*|xl/macrosheets/.*": "macros",
    r"xl/externallinks/.*": "links to other workbooks",
    r"xl/(embeddings|activex|ctrlprops)/.*": "embedded objects",
    r"xl/(connections\.xml|querytables/.*|model/.*)": "data connections",
    r"xl/(slicers|slicercaches|timelines|timelinecaches)/.*": "slicers",
    r"xl/(metadata\.xml|richdata/.*)": "rich values",
}
# An element of a worksheet's XML -> what it is.
ELEMENTS = {
    "conditionalFormatting": "conditional formats",
    "dataValidation": "data validations",
    "mergeCell": "merged cells",
    "hyperlink": "links",
    "sheetProtection": "protection",
    "autoFilter": "filters",
    "sparklineGroup": "sparklines",
    "scenario": "scenarios",
    "r": "texts in several fonts",
}
# An element with hidden="1" -> what it is.
HIDDEN = {"col": "hidden columns", "row": "hidden rows"}
_FORMATS = re.compile(rb"<((?:\w+:)?)cellXfs[\s>](.*?)</\1cellXfs>", re.DOTALL)
_FORMAT = re.compile(rb"<(?:\w+:)?xf[\s>/]")


def of_package(archive: ZipFile, sheets: Collection[str], styles: str | None) -> list[str]:
    """What the parts of a package hold beyond a Book; `sheets` and `styles` name the parts that are known."""
    found = [what_is(name) for name in archive.namelist() if name not in sheets and not name.endswith("/")]
    if styles is not None and _formats(archive.read(styles)) > 1:
        found.append("cell formats")
    return list(dict.fromkeys(filter(None, found)))


def word_list(words: Iterable[str], limit: int = 12) -> str:
    """A list for a sentence, each once, in the order of the alphabet."""
    known = sorted(set(words))
    return ", ".join(known[:limit]) + (f" and {len(known) - limit} more" if len(known) > limit else "")


def what_is(part: str) -> str:
    """What a part is, in words; its name where that is not known."""
    name = part.replace("\\", "/").lstrip("/").lower()
    return next((word for form, word in _PARTS.items() if re.fullmatch(form, name)), part)


def _formats(styles: bytes) -> int:
    """The number of formats that cells can have in a styles part; 1 where there is only the plain one."""
    match = _FORMATS.search(styles)
    return len(_FORMAT.findall(match[2])) if match else 0
