""".xlsx -> Book. The only place that knows openpyxl, which reads the package, the sheets' list and the names."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from zipfile import BadZipFile, ZipInfo

from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.constants import SHARED_STRINGS

from sheetgpt import cache
from sheetgpt.address import quote_sheet
from sheetgpt.book import Book, Sheet
from sheetgpt.errors import WorkbookError
from sheetgpt.matrix.stream import entry_chunks, keep_memory
from sheetgpt.matrix.team import cores
from sheetgpt.sheetxml import SMALLEST_CELL, read_sheet, read_strings

_RESERVED = "_xlnm."  # names that programs keep for themselves: what is printed, what is filtered
_OLE = b"\xd0\xcf\x11\xe0"  # the container of .xls files and of workbooks with a password


def read(path: Path | str, cached: bool = True) -> Book:
    """Read values, formulas and defined names of a workbook; raises WorkbookError saying what is wrong with it.

    Large sheets of weights that were read before come from the user's cache folder, unless `cached` is False.
    """
    path = Path(path)
    _refuse_other_files(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of drawings and styles, which a Book does not hold
            return _read(path, cached)
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


def _read(path: Path, cached: bool) -> Book:
    package = ExcelReader(str(path), read_only=True, keep_links=False)
    with package.archive:
        package.read_manifest()
        package.read_workbook()
        strings = _strings(package.package, package)
        calculation = package.wb.calculation  # None where the file does not say
        book = Book(manual=calculation is not None and calculation.calcMode == "manual")
        parts = [(book.add(entry.name), package.archive.getinfo(relation.target))
                 for entry, relation in package.parser.find_sheets()
                 if "worksheet" in relation.Type]  # fmt: skip  # chart and dialogue sheets hold no cells
        _read_sheets(path, parts, strings, _key_of_strings(package) if cached else None)
        titles = [entry.name for entry, _ in package.parser.find_sheets()]
        for owner, names in package.parser.defined_names.by_sheet().items():
            prefix = "" if owner == "global" else f"{quote_sheet(titles[owner])}!"
            of_cells = {name: entry for name, entry in names.items() if not name.startswith(_RESERVED)}
            book.names |= {prefix + name: str(entry.value) for name, entry in of_cells.items()}
    return book


def _read_sheets(
    path: Path, parts: Sequence[tuple[Sheet, ZipInfo]], strings: Sequence[str], strings_key: cache.Key | None
) -> None:
    """Fill all sheets, several at once, the largest first; raises what is wrong with the first one that is wrong.

    Without the key of the shared strings the cache is left alone. What stops the reading (a broken sheet, Ctrl-C) also
    stops the sheets under way, at their next piece.
    """
    threads, stop = cores(), Event()
    keep_memory()
    with ThreadPoolExecutor(threads) as texts, ThreadPoolExecutor(threads) as sheets:
        waiting = {}
        for sheet, entry in sorted(parts, key=lambda part: -part[1].file_size):
            waiting[sheet.name] = sheets.submit(_read_sheet, path, entry, sheet, strings, strings_key, texts, stop)
        try:
            for sheet, _ in parts:
                waiting[sheet.name].result()
        finally:
            stop.set()
            sheets.shutdown(wait=False, cancel_futures=True)


def _read_sheet(
    path: Path, entry: ZipInfo, sheet: Sheet, strings: Sequence[str], strings_key: cache.Key | None, texts: Executor,
    stop: Event,
) -> None:  # fmt: skip
    """Fill one sheet, from the cache if it is there; put it there if it belongs there."""
    key = entry.CRC, entry.file_size
    large = strings_key is not None and entry.file_size > cache.SMALLEST * SMALLEST_CELL
    if large and strings_key and (grid := cache.load(key, strings_key)):
        sheet.grid = grid
        return
    chunks = partial(_until, stop, path, entry)
    shared = read_sheet(chunks, entry.file_size, sheet, strings, texts)
    if large and strings_key:
        cache.store(key, strings_key if shared else None, sheet)


def _until(stop: Event, path: Path, entry: ZipInfo) -> Iterator[bytes]:
    for chunk in entry_chunks(path, entry):
        if stop.is_set():
            raise CancelledError  # nobody waits for this sheet any more
        yield chunk


def _key_of_strings(package: ExcelReader) -> cache.Key:
    """The key of the workbook's shared strings; zeros if it has none."""
    part = package.package.find(SHARED_STRINGS)
    if part is None:
        return 0, 0
    entry = package.archive.getinfo(part.PartName[1:])
    return entry.CRC, entry.file_size


def _strings(manifest: Manifest, package: ExcelReader) -> list[str]:
    part = manifest.find(SHARED_STRINGS)
    if part is None:
        return []
    with package.archive.open(part.PartName[1:]) as stream:
        return read_strings(stream)
