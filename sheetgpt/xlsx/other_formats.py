"""Files that people take for .xlsx workbooks: what they are, and the way out."""

from __future__ import annotations

from collections.abc import Collection

# A part that only packages of some kind have -> what it is.
_PARTS = {
    "xl/workbook.bin": "a binary .xlsb workbook",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "content.xml": "an OpenDocument file (.ods)",
    "index/document.iwa": "a document of Apple's Numbers",
}
_SAVE = "open it in Excel or LibreOffice and save it as .xlsx"
# How files begin that are no zip archives -> what they are, and what to do.
_BEGINNINGS = {
    b"\xd0\xcf\x11\xe0": ("an old .xls file or has a password", "save it as .xlsx, without a password"),
    b"%PDF": ("a PDF document", "give the workbook that it was made from"),
    b"<htm": ("a web page", _SAVE),
    b"<!DO": ("a web page", _SAVE),
    b"<?xm": ("an XML file", _SAVE),
}
_NO_ARCHIVE = ("no .xlsx workbook: it is no zip archive", _SAVE)


def refuse_other_packages(parts: Collection[str]) -> None:
    """Raise ValueError for a zip archive of another program, by its parts in small letters."""
    for part, what in _PARTS.items():
        if part in parts:
            raise ValueError(f"it is {what}")
    inside = [part for part in parts if part.endswith((".xlsx", ".xlsm"))]
    if inside and "[content_types].xml" not in parts:
        raise ValueError(f"it is a zip archive with {min(inside)} in it, which must be unpacked first")


def what_it_is(start: bytes) -> tuple[str, str] | None:
    """What a file is that is no zip archive, by its first bytes, and what to do; None for a zip archive."""
    if start.startswith(b"PK"):
        return None
    return next((words for begin, words in _BEGINNINGS.items() if start.startswith(begin)), _NO_ARCHIVE)
