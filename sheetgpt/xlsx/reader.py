""".xlsx -> Book."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile, ZipInfo

from sheetgpt.book.address import quote_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.settings import Settings
from sheetgpt.errors import WorkbookError
from sheetgpt.system.garbage import no_collection
from sheetgpt.system.threads import Inline, cores
from sheetgpt.xlsx import grid_cache
from sheetgpt.xlsx.beyond import of_package
from sheetgpt.xlsx.decode.cell_metadata import CellMetadata, read_metadata
from sheetgpt.xlsx.decode.quick_cells import SMALLEST_CELL
from sheetgpt.xlsx.decode.shared_strings import read_strings
from sheetgpt.xlsx.decode.sheet_xml import read_sheet
from sheetgpt.xlsx.decode.zip_stream import entry_chunks, keep_memory
from sheetgpt.xlsx.external_links import read_links
from sheetgpt.xlsx.filters import add_filters
from sheetgpt.xlsx.looks import FileLooks
from sheetgpt.xlsx.other_formats import what_it_is
from sheetgpt.xlsx.package import Package, SheetPart
from sheetgpt.xlsx.tables import read_tables

Shared = tuple[Sequence[str], CellMetadata]  # what all sheets refer to

_LITTLE = 64_000_000  # bytes of all sheets' text that one thread reads as fast as several, which wait for one another


def read(path: Path | str, cached: bool = True) -> Book:
    """Read values, formulas and defined names of a workbook; raises WorkbookError saying what is wrong with it.

    What the file holds besides (charts, formats, hidden sheets ...) is named in `beyond` of the book and its sheets.
    Large sheets of weights that were read before come from the user's cache folder, unless `cached` is False.
    """
    path = Path(path)
    _refuse_other_files(path)
    try:
        with no_collection():
            return _read(path, cached)
    except (BadZipFile, zlib.error, EOFError) as error:
        raise WorkbookError(f"{path} is damaged or incomplete: {error}", "copy or build it again") from None
    except (ValueError, OSError, ExpatError, NotImplementedError) as error:  # the last one is zipfile's
        raise WorkbookError(
            f"{path} is no workbook that sheetgpt can read: {error}",
            "open it in Excel or LibreOffice and save it as .xlsx",
        ) from error


def _refuse_other_files(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except FileNotFoundError:
        raise WorkbookError(
            f"there is no file {path}", "is its name right? (sheetgpt build -o FILE makes a workbook of GPT-2)"
        ) from None
    except IsADirectoryError:
        raise WorkbookError(f"{path} is a folder, not a workbook") from None
    except OSError as error:
        raise WorkbookError(f"{path} cannot be read: {error.strerror}") from None
    if words := what_it_is(start):
        raise WorkbookError(f"{path} is {words[0]}", words[1])


def _read(path: Path, cached: bool) -> Book:
    with ZipFile(path) as archive:
        package = Package(archive)
        book, sheets, part = Book(manual=package.is_manual()), package.sheets(), package.strings()
        book.iteration, book.links = package.iteration(), read_links(package)
        metadata = read_metadata(package)
        book.beyond, book.tables = _beyond(package, sheets, metadata.is_held), read_tables(package, sheets)
        strings: list[str] = []
        if part is not None:
            with archive.open(part) as stream:
                strings = read_strings(stream, book.beyond)
        parts = [(book.add(sheet.title), archive.getinfo(sheet.part)) for sheet in sheets if sheet.is_worksheet]
        if not parts:
            raise ValueError("no sheet with cells was found in it")
        key = (0, 0) if part is None else (part.CRC, part.file_size)
        book.settings = Settings(package.date1904(), package.as_displayed(), str(path), FileLooks(path))
        for sheet, _ in parts:
            sheet.date1904 = book.settings.date1904
        _read_sheets(path, parts, (strings, metadata), key if cached else None)
        for number, known in enumerate(sheets):
            if known.is_worksheet and book.sheets[known.title].hidden_rows:
                add_filters(package, known.part, number, book.sheets[known.title])
        for owner, name, target in package.names():
            if owner is None:
                book.names[name] = target
            elif 0 <= owner < len(sheets):
                book.names[f"{quote_sheet(sheets[owner].title)}!{name}"] = target
    return book


def _beyond(package: Package, sheets: Sequence[SheetPart], is_metadata_held: bool) -> list[str]:
    """What the file holds beside its sheets and a Book does not."""
    parts = {sheet.part for sheet in sheets if sheet.is_worksheet}
    hidden = [f"the hidden sheet {sheet.title!r}" for sheet in sheets if sheet.is_hidden]
    lost = [f"the sheet {sheet.title!r}, which has no part" for sheet in sheets if not sheet.part]
    if is_metadata_held:
        parts.add("xl/metadata.xml")
    return of_package(package.archive, parts, package.styles()) + hidden + lost + package.settings()


def _read_sheets(
    path: Path, parts: Sequence[tuple[Sheet, ZipInfo]], shared: Shared, strings_key: grid_cache.Key | None
) -> None:
    """Fill all sheets, several at once, the largest first; raises what is wrong with the first one that is wrong.

    Without the key of the shared strings the cache is left alone. What stops the reading (a broken sheet, Ctrl-C) also
    stops the sheets under way, at their next piece.
    """
    stop = Event()
    keep_memory()
    with _executor(parts) as texts, _executor(parts) as sheets:
        waiting = {}
        for sheet, entry in sorted(parts, key=lambda part: -part[1].file_size):
            waiting[sheet.name] = sheets.submit(_read_sheet, path, entry, sheet, shared, strings_key, texts, stop)
        try:
            for sheet, _ in parts:
                waiting[sheet.name].result()
        finally:
            stop.set()
            sheets.shutdown(wait=False, cancel_futures=True)


def _executor(parts: Sequence[tuple[Sheet, ZipInfo]]) -> Executor:
    return ThreadPoolExecutor(cores()) if sum(entry.file_size for _, entry in parts) > _LITTLE else Inline()


def _read_sheet(
    path: Path,
    entry: ZipInfo,
    sheet: Sheet,
    shared: Shared,
    strings_key: grid_cache.Key | None,
    texts: Executor,
    stop: Event,
) -> None:
    """Fill one sheet, from the cache if it is there; put it there if it belongs there."""
    key = entry.CRC, entry.file_size
    large = strings_key is not None and not sheet.date1904 and entry.file_size > grid_cache.SMALLEST * SMALLEST_CELL
    if large and strings_key and grid_cache.load(key, strings_key, sheet):
        return
    chunks = partial(_until, stop, path, entry)
    strings, metadata = shared
    uses_strings = read_sheet(chunks, entry.file_size, sheet, strings, texts, metadata)
    if large and strings_key and not (sheet.hidden_rows or sheet.data_tables):
        grid_cache.store(key, strings_key if uses_strings else None, sheet)


def _until(stop: Event, path: Path, entry: ZipInfo) -> Iterator[bytes]:
    for chunk in entry_chunks(path, entry):
        if stop.is_set():
            raise CancelledError  # nobody waits for this sheet any more
        yield chunk
