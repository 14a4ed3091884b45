"""Book -> .xlsx. The only place that knows xlsxwriter.

XlsxWriter makes the package: styles, columns, panes, links, names. The cells are ours (`encode.row_xml`), because
numbers must come back as they were and every formula carries its value. The result is written beside
the target and then takes its place, so an interrupted build damages nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from io import BytesIO
from itertools import groupby
from pathlib import Path
from time import monotonic
from typing import IO, NamedTuple
from warnings import catch_warnings, simplefilter
from zipfile import ZipFile

import xlsxwriter

from sheetgpt.book.address import Rect, a1, at, quote_sheet, split_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.palette import BAR, MARKS, STYLES
from sheetgpt.errors import UsageError, WorkbookError
from sheetgpt.system.atomic_write import make_parent, new_file
from sheetgpt.system.mapped_arrays import release
from sheetgpt.system.progress import Progress, no_progress
from sheetgpt.system.threads import in_order
from sheetgpt.xlsx.beyond import word_list
from sheetgpt.xlsx.charts import draw_charts
from sheetgpt.xlsx.compression import Compression
from sheetgpt.xlsx.encode.row_chunks import EFFORTS, Effort, stretches
from sheetgpt.xlsx.encode.row_xml import SheetRows, dimension
from sheetgpt.xlsx.encode.zip_writer import ARCHIVE_LIMIT, Archive, Piece, squeeze, too_large

_LEAST_BYTES = 6  # of a number cell in the file, if its digits mean anything
_LARGE = 10_000_000  # numbers of a sheet, from where on their size matters
_SLOW = 5_000_000  # cells: a smaller workbook is calculated anew by Excel when it opens, a larger one is trusted
_ONE_PAGE_WIDE = 60  # columns: up to here a sheet is printed one page wide
_EPOCH = datetime(1980, 1, 1)  # the same input gives the same bytes, whatever the time of day
_CALCULATED_BY = 191029  # Excel since 2019: it calculates files of earlier engines anew when it opens them


def write(
    book: Book,
    path: Path | str,
    progress: Progress = no_progress,
    compress: Compression = "balanced",
    *,
    lossy: bool = False,
) -> None:
    """Write a book with the values that its grids hold; if it cannot, raises WorkbookError and leaves the old file.

    A book that was read from a file with more in it than a Book holds (charts, formats, comments, hidden sheets ...)
    is refused, unless `lossy` says that this may go: `recalc` changes values in a file and keeps everything.
    `compress` is a key of `EFFORTS`: of 7 million weights "smaller" makes a file 4 % smaller than "balanced" and
    takes up to half as long again, "faster" one 4 % larger in up to a fifth less time (benchmarks/writing.py).
    """
    if compress not in EFFORTS:
        raise UsageError(f"compress {compress!r}: no such choice", f"give one of {', '.join(EFFORTS)}")
    path = Path(path)
    if not lossy:
        _refuse_losses(book)
    check_size(sum(map(_numbers, book.sheets.values())))
    for sheet in book.sheets.values():
        release(sheet.grid.numbers)  # a calculation may have left all of them in memory
    make_parent(path)
    with new_file(path) as file:
        _write(book, file, progress, EFFORTS[compress])


def _refuse_losses(book: Book) -> None:
    if beyond := [*book.beyond, *(word for sheet in book.sheets.values() for word in sheet.beyond)]:
        raise WorkbookError(
            f"the file that this book was read from holds what would be lost: {word_list(beyond)}",
            "sheetgpt.recalc(path, output, set={...}) changes values and keeps the rest; "
            "write(..., lossy=True) writes without it",
        )


def check_size(numbers: int) -> None:
    """Raise WorkbookError if a workbook with so many number cells cannot but pass the size that Excel opens."""
    if numbers * _LEAST_BYTES > ARCHIVE_LIMIT:
        raise too_large("the file", "2 GiB")


def _numbers(sheet: Sheet) -> int:
    """Roughly how many numbers a sheet holds."""
    return sheet.grid.numbers.size if sheet.grid.numbers.size > _LARGE else 0


def _write(book: Book, file: IO[bytes], progress: Progress, effort: Effort) -> None:
    total = sum(map(_cells, book.sheets.values()))
    archive, done, started = Archive(file), 0, monotonic()
    with closing(in_order(_tasks(book, effort))) as results:

        def pieces(found: Iterator[tuple[_Label, Piece]]) -> Iterator[Piece]:
            nonlocal done
            for label, piece in found:
                yield piece
                done = min(total, done + label.cells)
                if label.cells:
                    rate = done / max(monotonic() - started, 1e-3) / 1e6
                    progress(f"writing {label.sheet}, {rate:.1f} million cells/s", done, total)

        for part, found in groupby(results, key=lambda result: result[0].part):
            archive.add(part, pieces(found))
    archive.close()
    progress("written", total, total)


class _Label(NamedTuple):
    part: str
    sheet: str = ""
    cells: int = 0


def _tasks(book: Book, effort: Effort) -> Iterator[tuple[_Label, Callable[[], Piece]]]:
    """Everything that the archive holds, in order, each piece to be deflated by itself."""
    package, style_ids = _package(book)
    sheets = {f"xl/worksheets/sheet{k}.xml": sheet for k, sheet in enumerate(book.sheets.values(), 1)}
    with ZipFile(package) as source:
        for entry in source.infolist():
            part, data = entry.filename, source.read(entry)
            if part not in sheets:
                yield _Label(part), partial(squeeze, data, effort.level)
                continue
            sheet = sheets[part]
            head, tail = _around_cells(data, sheet)
            yield _Label(part), partial(squeeze, head + b"<sheetData>", effort.level)
            for stretch in stretches(SheetRows(sheet, style_ids), effort):
                yield _Label(part, sheet.name, stretch.cells), partial(stretch.piece, effort)
            release(sheet.grid.numbers)  # of the tasks under way too: they fetch what they need again
            yield _Label(part), partial(squeeze, b"</sheetData>" + tail, effort.level)


def _cells(sheet: Sheet) -> int:
    return sheet.grid.extent.size if sheet.grid.extent else 1


def _around_cells(data: bytes, sheet: Sheet) -> tuple[bytes, bytes]:
    """What stands before and after <sheetData> in a sheet that XlsxWriter wrote."""
    head, tail = re.split(rb"<sheetData ?/>|<sheetData>.*</sheetData>", data, maxsplit=1, flags=re.DOTALL)
    return re.sub(rb'<dimension ref="[^"]*"/>', f'<dimension ref="{dimension(sheet)}"/>'.encode(), head), tail


def _package(book: Book) -> tuple[BytesIO, dict[str, int]]:
    """The workbook without its cells, by XlsxWriter; and the number that each style got."""
    stream = BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True, "date_1904": book.settings.date1904})
    if book.manual:
        workbook.set_calc_mode("manual", _CALCULATED_BY)
    elif sum(map(_cells, book.sheets.values())) > _SLOW:
        workbook.set_calc_mode("auto", _CALCULATED_BY)
        workbook.calc_on_load = False
    workbook.set_properties({"created": _EPOCH, "comments": "Written by sheetgpt"})
    styles = STYLES if any(sheet.look.styles for sheet in book.sheets.values()) else {}  # all: equal sheets, equal text
    formats = {name: workbook.add_format(properties) for name, properties in styles.items()}
    for sheet in book.sheets.values():
        worksheet = workbook.add_worksheet(sheet.name)
        _set_up(worksheet, sheet)
        _tint(worksheet, sheet, formats)
        _set_up_printing(worksheet, sheet)
        _mark(workbook, worksheet, sheet)
        for cells in sheet.look.bars:
            worksheet.conditional_format(str(cells[0]), BAR | {"multi_range": " ".join(map(str, cells))})
        draw_charts(workbook, worksheet, sheet)
    # A row of blank cells, one in each style, tells which number XlsxWriter gave it; our cells replace that row.
    probe = workbook.worksheets()[0]
    for k, name in enumerate(styles):
        probe.write_blank(0, k, None, formats[name])
    if any(formula.dynamic for sheet in book.sheets.values() for formula in sheet.formulas):
        probe.write_dynamic_array_formula(1, 0, 1, 0, "=1")  # then XlsxWriter adds the metadata of such cells
    for name, target in book.names.items():
        owner, plain = split_sheet(name)  # a name of one sheet only is written Sheet!name
        _define(workbook, plain if owner is None else f"{owner}!{plain}", target)
    workbook.close()
    with ZipFile(stream) as package:
        first = package.read("xl/worksheets/sheet1.xml").decode()
    numbers = re.findall(r'<c r="[A-Z]+1" s="(\d+)"/>', first)
    return stream, {name: int(number) for name, number in zip(styles, numbers, strict=True)}


def _define(workbook: xlsxwriter.Workbook, name: str, target: str) -> None:
    """A defined name; raises WorkbookError for one that Excel does not take."""
    with catch_warnings():
        simplefilter("ignore")  # they say what is said here
        refused = workbook.define_name(name, "=" + target)
    if refused:
        raise WorkbookError(
            f"{name!r} cannot be the name of cells",
            "letters, digits, _ and . will do, but not A1 or R1C1",
        )


def _tint(
    worksheet: xlsxwriter.worksheet.Worksheet, sheet: Sheet, formats: dict[str, xlsxwriter.format.Format]
) -> None:
    """Styles for cells where a formula is true; of several tints of the same cells the first one counts."""
    for rect, formula, style in sheet.look.tints:
        worksheet.conditional_format(
            rect.top - 1,
            rect.left - 1,
            rect.bottom - 1,
            rect.right - 1,
            {"type": "formula", "criteria": f"={formula}", "format": formats[style], "stop_if_true": True},
        )


def _set_up(worksheet: xlsxwriter.worksheet.Worksheet, sheet: Sheet) -> None:
    look = sheet.look
    worksheet.hide_gridlines(2)
    worksheet.set_zoom(look.zoom)
    for (first, last), width in look.widths.items():
        worksheet.set_column(first - 1, last - 1, width)
    if look.freeze != (1, 1):
        worksheet.freeze_panes(look.freeze[0] - 1, look.freeze[1] - 1)
    if look.protected:
        worksheet.protect()
    if look.tab:
        worksheet.set_tab_color(look.tab)
    for row, column, target in look.links:
        owner, cell = split_sheet(target) if "!" in target else (target, "A1")
        worksheet.write_url(row - 1, column - 1, f"internal:{quote_sheet(owner or '')}!{cell}", tip=target)
    _validate(worksheet, sheet)
    for rect in look.merges:
        worksheet.merge_range(rect.top - 1, rect.left - 1, rect.bottom - 1, rect.right - 1, "")
    for rect, colour in look.scales:
        worksheet.conditional_format(
            rect.top - 1,
            rect.left - 1,
            rect.bottom - 1,
            rect.right - 1,
            {
                "type": "2_color_scale",
                "min_type": "num",
                "min_value": 0,
                "max_type": "num",
                "max_value": 1,
                "min_color": "#FFFFFF",
                "max_color": colour,
            },
        )


def _validate(worksheet: xlsxwriter.worksheet.Worksheet, sheet: Sheet) -> None:
    """What may be typed into cells: one of a list, or numbers. Programs refuse anything else, but for blanks."""
    rules: list[tuple[Rect, dict[str, object]]] = []
    for rect, choices in sheet.look.lists:
        source = list(choices) if isinstance(choices, tuple) else f"={choices}"
        rules.append((rect, {"validate": "list", "source": source, "error_message": "Choose one of the list."}))
    for rect, least, most in sheet.look.numbers:
        told = f"A number from {least:g} to {most:g} is wanted here."
        between = {"criteria": "between", "minimum": least, "maximum": most}
        rules.append((rect, {"validate": "decimal", "error_message": told} | between))
    for rect, rule in rules:
        worksheet.data_validation(rect.top - 1, rect.left - 1, rect.bottom - 1, rect.right - 1, rule)


def _mark(workbook: xlsxwriter.Workbook, worksheet: xlsxwriter.worksheet.Worksheet, sheet: Sheet) -> None:
    """The cells that stand out by what they hold."""
    formats = {}
    if sheet.look.marks:
        formats = {name: workbook.add_format(mark["format"]) for name, mark in MARKS.items() if "format" in mark}
    for rect, name in sheet.look.marks:
        rule = MARKS[name] | ({"format": formats[name]} if name in formats else {})
        if "criteria" in rule:
            rule["criteria"] = str(rule["criteria"]).format(first=a1(at(rect.top, rect.left), absolute=True))
        worksheet.conditional_format(rect.top - 1, rect.left - 1, rect.bottom - 1, rect.right - 1, rule)


def _set_up_printing(worksheet: xlsxwriter.worksheet.Worksheet, sheet: Sheet) -> None:
    """One page wide where that can be read. No repeated titles: for them LibreOffice draws ends of pages on sheets."""
    area = sheet.look.printed or sheet.grid.extent
    worksheet.set_landscape()
    worksheet.set_paper(9)  # A4
    worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    worksheet.set_footer("&L&A&RPage &P of &N")
    if sheet.look.printed:
        worksheet.print_area(*(edge - 1 for edge in sheet.look.printed))
    if area is not None and area.right <= _ONE_PAGE_WIDE:
        worksheet.fit_to_pages(1, 0)
