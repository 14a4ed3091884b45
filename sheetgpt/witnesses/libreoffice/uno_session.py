"""Drives a running LibreOffice; run by a Python that has LibreOffice's `uno` module, without numpy.

    python uno_session.py PIPE

One request a line comes in on stdin, as JSON; the answer to each is one line of JSON on stdout, followed by
as many bytes as its "bytes" says: doubles in the machine's order, row by row, NaN where a cell holds no
number. Rectangles are [top, left, bottom, right], counted from 1. `libreoffice.Session` is the other end.
"""

from __future__ import annotations

import json
import sys
import time
from array import array
from typing import Any

import uno

_NUMBERS, _TEXTS, _ERRORS = 1, 2, 4  # com.sun.star.sheet.FormulaResult
_CONTENT = 1 + 2 + 4 + 16  # com.sun.star.sheet.CellFlags: VALUE, DATETIME, STRING, FORMULA
_VALUES_AS_SHOWN = 1  # SearchType: search what cells show, not their formulas
_AS_IN_FILES = 4  # com.sun.star.sheet.AddressConvention: XL_OOX
_NAN = float("nan")


def connect(pipe: str, seconds: float) -> Any:
    """The desktop of the LibreOffice that listens on `pipe`, once it does."""
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    end = time.monotonic() + seconds
    while True:
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        except Exception:  # the program is still starting; its exceptions have no common Python base
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def open_document(desktop: Any, path: str, hidden: bool) -> Any:
    """The document of a file, without macros or updates of links, and if `hidden` without a window."""
    options = {"Hidden": hidden, "MacroExecutionMode": 0, "UpdateDocMode": 0}
    properties = []
    for name, value in options.items():
        one = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        one.Name, one.Value = name, value
        properties.append(one)
    document = desktop.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, tuple(properties))
    if document is None or not hasattr(document, "Sheets"):
        raise ValueError("LibreOffice does not open the file as a spreadsheet")
    return document


def type_in(document: Any, sheet: str, row: int, column: int, value: object) -> None:
    """Put a constant into a cell; text stays text, whatever it looks like."""
    cell = document.Sheets.getByName(sheet).getCellByPosition(column - 1, row - 1)
    if value is None:
        cell.setFormula("")
    elif isinstance(value, bool):
        cell.setFormula("=TRUE()" if value else "=FALSE()")  # LibreOffice's own form of a constant of an .xlsx
    elif isinstance(value, str):
        cell.setString(value)
    else:
        cell.setValue(float(value))  # type: ignore[arg-type]


def enter(document: Any, sheet: str, rect: list[int], text: str, array: bool) -> None:
    """Enter a formula into a cell, or as an array formula into a rectangle; "" empties the rectangle."""
    top, left, bottom, right = rect
    there = document.Sheets.getByName(sheet)
    cells = there.getCellRangeByPosition(left - 1, top - 1, right - 1, bottom - 1)
    if not text:
        cells.clearContents(_CONTENT)
        return
    parser = document.createInstance("com.sun.star.sheet.FormulaParser")
    parser.CompileEnglish, parser.FormulaConvention = True, _AS_IN_FILES
    tokens = parser.parseFormula(text, cells.getCellByPosition(0, 0).getCellAddress())
    if array:
        cells.setArrayTokens(tokens)
    else:
        cells.getCellByPosition(0, 0).setTokens(tokens)


def show(document: Any, sheet: str, row: int, column: int) -> None:
    """Bring a sheet to the front, from its first cell on, and put the cursor into a cell."""
    controller = document.CurrentController
    there = document.Sheets.getByName(sheet)
    controller.setActiveSheet(there)
    controller.setFirstVisibleRow(0)
    controller.setFirstVisibleColumn(0)
    controller.select(there.getCellByPosition(column - 1, row - 1))


def areas(document: Any, sheet: str) -> list[list[int]]:
    """The rectangles of a sheet that hold anything: one around all unless that would be mostly empty."""
    found = rectangles(document.Sheets.getByName(sheet).queryContentCells(_CONTENT))
    if not found:
        return []
    tops, lefts, bottoms, rights = zip(*found, strict=True)
    around = [min(tops), min(lefts), max(bottoms), max(rights)]
    return [around] if size(around) <= max(1_000_000, 4 * sum(map(size, found))) else found


def size(rect: list[int]) -> int:
    return (rect[2] - rect[0] + 1) * (rect[3] - rect[1] + 1)


def rectangles(ranges: Any) -> list[list[int]]:
    """The rectangles of a collection of ranges (None: nothing was found)."""
    addresses = ranges.getRangeAddresses() if ranges is not None else ()
    return [[a.StartRow + 1, a.StartColumn + 1, a.EndRow + 1, a.EndColumn + 1] for a in addresses]


def read(document: Any, sheet: str, rect: list[int]) -> tuple[dict[str, Any], bytes]:
    """The values in a rectangle: its numbers, and apart from them texts, errors and booleans."""
    top, left, bottom, right = rect
    cells = document.Sheets.getByName(sheet).getCellRangeByPosition(left - 1, top - 1, right - 1, bottom - 1)
    numbers, texts = array("d"), []
    for row, values in enumerate(cells.getDataArray(), top):
        try:
            numbers.extend(values)
        except TypeError:  # `extend` has taken the numbers before the first text
            del numbers[(row - top) * len(values) :]
            numbers.extend(value if isinstance(value, float) else _NAN for value in values)
            texts += [
                [row, column, value] for column, value in enumerate(values, left) if isinstance(value, str) and value
            ]
    answer = {
        "texts": texts,
        "empty_texts": rectangles(cells.queryFormulaCells(_TEXTS)),  # formulas with the result "", or any text
        "errors": errors(cells, top, left),
        "booleans": booleans(cells) if 0.0 in numbers or 1.0 in numbers else [],
    }
    return answer, numbers.tobytes()


def errors(cells: Any, top: int, left: int) -> list[list[int]]:
    """[row, column, LibreOffice's number of the error] of each formula that ends in one."""
    return [
        [row, column, cells.getCellByPosition(column - left, row - top).getError()]
        for first, start, last, end in rectangles(cells.queryFormulaCells(_ERRORS))
        for row in range(first, last + 1)
        for column in range(start, end + 1)
    ]


def booleans(cells: Any) -> list[list[int]]:
    """The formula cells with a number that shows as TRUE or FALSE, which is what a boolean is here."""
    numeric = cells.queryFormulaCells(_NUMBERS)
    search = cells.createSearchDescriptor()
    search.SearchType = _VALUES_AS_SHOWN
    search.SearchWords = search.SearchCaseSensitive = True  # words: the whole cell
    found = []
    for word in ("TRUE", "FALSE"):
        search.SearchString = word
        found += rectangles(numeric.findAll(search)) if numeric.getCount() else []
    return found


def answer(desktop: Any, state: dict[str, Any], request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Do what one request asks for; the open document is kept in `state`."""
    match request["do"]:
        case "open":
            close(state)
            state["document"] = open_document(desktop, request["path"], request.get("hidden", True))
        case "type":
            type_in(state["document"], request["sheet"], request["row"], request["column"], request["value"])
        case "enter":
            enter(state["document"], request["sheet"], request["rect"], request["text"], request["array"])
        case "show":
            show(state["document"], request["sheet"], request["row"], request["column"])
        case "calculate":
            state["document"].calculateAll()
        case "sheets":
            return {"sheets": list(state["document"].Sheets.getElementNames())}, b""
        case "areas":
            return {"areas": areas(state["document"], request["sheet"])}, b""
        case "read":
            return read(state["document"], request["sheet"], request["rect"])
        case "end":
            close(state)
            desktop.terminate()
    return {}, b""


def close(state: dict[str, Any]) -> None:
    """Close the open document, if there is one, without saving."""
    document = state.pop("document", None)
    if document is not None:
        document.close(True)


def main(pipe: str) -> None:
    """Answer requests until one says "end" or stdin closes; then LibreOffice ends too."""
    desktop = connect(pipe, seconds=120)
    state: dict[str, Any] = {}
    out = sys.stdout.buffer
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply, data = answer(desktop, state, request)
        except Exception as failure:  # told to the other end, which decides
            reply, data = {"failure": f"{type(failure).__name__}: {failure}"}, b""
        out.write(json.dumps({**reply, "bytes": len(data)}).encode() + b"\n" + data)
        out.flush()
        if request["do"] == "end":
            return
    close(state)  # the other end is gone without a word
    desktop.terminate()


if __name__ == "__main__":
    main(sys.argv[1])
