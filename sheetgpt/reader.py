""".xlsx -> Book. The only place that knows openpyxl, which reads the package, the sheets' list and the names."""

from __future__ import annotations

import warnings
import zlib
from functools import partial
from pathlib import Path
from zipfile import BadZipFile

from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.constants import SHARED_STRINGS

from sheetgpt.address import quote_sheet
from sheetgpt.book import Book
from sheetgpt.errors import WorkbookError
from sheetgpt.sheetxml import read_sheet, read_strings

_OLE = b"\xd0\xcf\x11\xe0"  # the container of .xls files and of workbooks with a password


def read(path: Path | str) -> Book:
    """Read values, formulas and defined names of a workbook; raises WorkbookError saying what is wrong with it."""
    path = Path(path)
    _refuse_other_files(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of drawings and styles, which a Book does not hold
            return _read(path)
    except (BadZipFile, zlib.error, EOFError) as error:
        raise WorkbookError(f"{path} is damaged or incomplete: {error}", "copy or build it again") from None
    except (KeyError, ValueError, TypeError, AttributeError, OSError, InvalidFileException, SyntaxError) as error:
        raise WorkbookError(f"{path} is no workbook that sheetgpt can read: {error}",
                            "open it in Excel or LibreOffice and save it as .xlsx") from error  # fmt: skip


def _refuse_other_files(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except FileNotFoundError:
        raise WorkbookError(f"there is no file {path}", "sheetgpt build -o FILE makes one") from None
    except IsADirectoryError:
        raise WorkbookError(f"{path} is a folder, not a workbook") from None
    except OSError as error:
        raise WorkbookError(f"{path} cannot be read: {error.strerror}") from None
    if start == _OLE:
        raise WorkbookError(f"{path} is an old .xls file or has a password", "save it as .xlsx, without a password")
    if start[:2] != b"PK":
        raise WorkbookError(f"{path} is no .xlsx workbook: it is no zip archive", "give a file that Excel can open")


def _read(path: Path) -> Book:
    package = ExcelReader(str(path), read_only=True, keep_links=False)
    with package.archive:
        package.read_manifest()
        package.read_workbook()
        strings = _strings(package.package, package)
        book = Book(manual=package.wb.calculation.calcMode == "manual")
        for entry, relation in package.parser.find_sheets():
            if "worksheet" not in relation.Type:
                continue  # chart and dialogue sheets hold no cells
            read_sheet(partial(package.archive.open, relation.target), book.add(entry.name), strings)
        titles = [entry.name for entry, _ in package.parser.find_sheets()]
        for owner, names in package.parser.defined_names.by_sheet().items():
            prefix = "" if owner == "global" else f"{quote_sheet(titles[owner])}!"
            book.names |= {prefix + name: str(entry.value) for name, entry in names.items()}
    return book


def _strings(manifest: Manifest, package: ExcelReader) -> list[str]:
    part = manifest.find(SHARED_STRINGS)
    if part is None:
        return []
    with package.archive.open(part.PartName[1:]) as stream:
        return read_strings(stream)
