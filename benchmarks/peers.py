"""Engines that read and recalculate a workbook, each in a process of its own.

    python benchmarks/peers.py ENGINE WORKBOOK CELLS ANSWER

CELLS is a JSON file {sheet: [cell, ...]}. ANSWER is the JSON file that is written: processor seconds to read the
file and to calculate every formula, and the values of the cells: errors as {"error": "#N/A"}, and what the engine
itself says that it cannot calculate as {"missing": "function or reason"}. "sheetgpt", "LibreOffice" and "IronCalc" run
in the Python of sheetgpt; the other engines may be installed elsewhere, see `Peers`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path
from time import process_time
from typing import Any, TypeVar

Result = TypeVar("Result")
Cells = Mapping[str, Sequence[str]]
Values = dict[str, object]  # by "Sheet!A1"
Answer = tuple[float, float, Values, str]  # seconds to read and to calculate, values, name and version

HERE = Path(__file__).resolve().parent.parent


def main() -> None:
    engine, path, cells, answer = sys.argv[1:]
    read, calculate, values, name = ENGINES[engine](path, json.loads(Path(cells).read_text()))
    found = {"read": read, "calculate": calculate, "values": values, "name": name}
    Path(answer).write_text(json.dumps(found, default=str))


def timed(action: Callable[[], Result], clock: Callable[[], float] = process_time) -> tuple[float, Result]:
    """Seconds of processor time, of all threads, and the result."""
    start = clock()
    result = action()
    return clock() - start, result


def processor_time(groups: set[int]) -> float:
    """Processor seconds of all processes of some groups; Linux only."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12]) if int(fields[2]) in groups else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def plain(value: object) -> object:
    """A value for JSON: numbers as floats, errors named."""
    if isinstance(value, bool) or value is None:
        return value
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, date | time | timedelta):
        return serial(value)
    if isinstance(value, int | float):
        return float(value)
    text = str(value)
    return {"error": text} if re.fullmatch(r"#[A-Z/0!?]+[!?AI0]", text) else text


def serial(moment: date | time | timedelta) -> float:
    """A date or time as the number that Excel has for it."""
    if isinstance(moment, timedelta):
        return moment / timedelta(days=1)
    if isinstance(moment, time):
        return serial(datetime.combine(date.min, moment) - datetime.combine(date.min, time()))
    whole = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    days = (whole.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1)
    return days if days >= 61 else days - 1  # Excel has a February 29 in 1900


def ours(path: str, cells: Cells) -> Answer:
    from sheetgpt.book.address import parse_a1
    from sheetgpt.evaluator import Calculator
    from sheetgpt.version import __version__
    from sheetgpt.xlsx.reader import read

    reading, book = timed(lambda: read(path))

    def calculate() -> Calculator:
        calculator = Calculator(book, strict=False)
        calculator.recalculate()
        return calculator

    calculating, calculator = timed(calculate)
    values: Values = {}
    for sheet, names in cells.items():
        grid = book.sheets[sheet].grid
        for name in names:
            rect = parse_a1(name)
            values[f"{sheet}!{name}"] = plain(grid[rect.top, rect.left])
    for function, ranges in calculator.taken_over.functions.items():
        _leave_out(values, function, ranges.ranges)
    _leave_out(values, "", [*calculator.taken_over.taken.ranges, *calculator.taken_over.resting.ranges])
    return reading, calculating, values, f"sheetgpt {__version__}"


def _leave_out(values: Values, reason: str, ranges: Sequence[str]) -> None:
    from sheetgpt.book.address import at, parse_a1, split_sheet

    for text in ranges:
        sheet, cells = split_sheet(text)
        for cell in parse_a1(cells).cells():
            place = f"{sheet}!{at(*cell)}"
            known = values.get(place)
            if place in values and not (isinstance(known, dict) and "missing" in known):
                values[place] = {"missing": reason}


def libreoffice(path: str, cells: Cells) -> Answer:
    from sheetgpt.book.address import parse_a1
    from sheetgpt.witnesses.canary import falsified_copy
    from sheetgpt.witnesses.libreoffice import Session, available

    with Session(recalculate_on_load=False) as session, tempfile.TemporaryDirectory() as folder:
        session.open(_small(Path(folder)))  # the first file of a session takes seconds more
        copy = Path(folder) / "copy.xlsx"
        session._canary = falsified_copy(Path(path), copy)
        groups = {process.pid for process in session._processes}
        reading, _ = timed(lambda: session._ask(do="open", path=str(copy)), lambda: processor_time(groups))
        calculating, _ = timed(session.recalculate, lambda: processor_time(groups))
        found = session.values(list(cells))
    values = {}
    for sheet, names in cells.items():
        for name in names:
            rect = parse_a1(name)
            values[f"{sheet}!{name}"] = plain(found[sheet][rect.top, rect.left])
    return reading, calculating, values, " ".join((available() or "").split()[:2])


def _small(folder: Path) -> Path:
    from sheetgpt.book.address import at
    from sheetgpt.book.book import Book
    from sheetgpt.xlsx.writer import write

    book = Book()
    book.add("Sheet1").grid[1, 1] = 1.0
    book.sheets["Sheet1"].put_formula(at(2, 1), "A1+1")
    book.sheets["Sheet1"].grid[2, 1] = 2.0
    write(book, folder / "small.xlsx")
    return folder / "small.xlsx"


def ironcalc(path: str, cells: Cells) -> Answer:
    from sheetgpt.book.address import parse_a1
    from sheetgpt.errors import EngineError
    from sheetgpt.witnesses.ironcalc import Model

    reading, model = timed(lambda: Model(path))
    calculating, _ = timed(model.calculate)
    values: Values = {}
    for sheet, names in cells.items():
        for name in names:
            rect = parse_a1(name)
            try:
                values[f"{sheet}!{name}"] = plain(model.cell(sheet, rect.top, rect.left))
            except EngineError as error:
                values[f"{sheet}!{name}"] = {"missing": str(error).partition(": ")[2] or str(error)}
    return reading, calculating, values, f"IronCalc {version('ironcalc')}"


def of_formulas(path: str, cells: Cells) -> Answer:
    import formulas

    reading, model = timed(lambda: formulas.ExcelModel().loads(path).finish())
    calculating, solution = timed(lambda: model.calculate())
    book = os.path.basename(path)
    values: Values = {}
    for sheet, names in cells.items():
        for name in names:
            found = solution.get(f"'[{book}]{sheet.upper()}'!{name}")
            values[f"{sheet}!{name}"] = {"missing": "no value"} if found is None else plain(found.value[0, 0])
    return reading, calculating, values, f"formulas {version('formulas')}"


def pycel(path: str, cells: Cells) -> Answer:
    from pycel import ExcelCompiler

    reading, model = timed(lambda: ExcelCompiler(filename=path))
    values: Values = {}

    def calculate() -> None:
        for sheet, names in cells.items():
            for name in names:
                try:
                    values[f"{sheet}!{name}"] = plain(model.evaluate(f"'{sheet}'!{name}"))
                except Exception as error:
                    values[f"{sheet}!{name}"] = {"missing": str(error).strip().rpartition("\n")[2][:80]}

    calculating, _ = timed(calculate)
    return reading, calculating, values, f"pycel {version('pycel')}"


def formualizer(path: str, cells: Cells) -> Answer:
    import formualizer as engine

    reading, book = timed(lambda: engine.load_workbook(path))
    calculating, _ = timed(book.evaluate_all)
    values: Values = {}
    for sheet, names in cells.items():
        for name in names:
            letters, row = re.findall("([A-Z]+)([0-9]+)", name)[0]
            column = 0
            for letter in letters:
                column = 26 * column + ord(letter) - 64
            found = book.get_value(sheet, int(row), column)
            if isinstance(found, Mapping) and "kind" in found:
                found = {"Na": "#N/A", "Div": "#DIV/0!"}.get(str(found["kind"]), f"#{str(found['kind']).upper()}!")
                found = "#NAME?" if found == "#NAME!" else found
            values[f"{sheet}!{name}"] = plain(found)
    return reading, calculating, values, f"formualizer {version('formualizer')}"


ENGINES: dict[str, Callable[[str, Cells], Answer]] = {
    "sheetgpt": ours,
    "formualizer": formualizer,
    "IronCalc": ironcalc,
    "LibreOffice": libreoffice,
    "formulas": of_formulas,
    "pycel": pycel,
}
_OURS = ("sheetgpt", "LibreOffice", "IronCalc")  # which run in the Python of the script
_PACKAGES = {"IronCalc": "ironcalc"}


class Peers:
    """The engines that are there; `python` is the interpreter in which those are installed that are not ours."""

    def __init__(self, python: str, limit: float) -> None:
        self.python, self.limit = python, limit

    def missing(self, engine: str) -> bool:
        """Whether an engine is not installed."""
        if engine == "sheetgpt":
            return False
        if engine == "LibreOffice":
            from sheetgpt.witnesses.libreoffice import available

            return available() is None
        command = [self._python(engine), "-c", f"import {_PACKAGES.get(engine, engine)}"]
        return subprocess.run(command, capture_output=True, check=False).returncode != 0

    def ask(self, engine: str, path: Path, cells: Cells) -> dict[str, Any] | str:
        """What an engine answers, or why there is no answer: ">60 s", or the last line of its error."""
        with tempfile.TemporaryDirectory() as name:
            asked, answer = Path(name) / "cells.json", Path(name) / "answer.json"
            asked.write_text(json.dumps(cells))
            command = [self._python(engine), __file__, engine, str(path), str(asked), str(answer)]
            surroundings = os.environ | {"PYTHONPATH": str(HERE) if engine in _OURS else ""}
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, timeout=self.limit, env=surroundings, check=False
                )
            except subprocess.TimeoutExpired:
                return f">{self.limit:.0f} s"
            if done.returncode or not answer.exists():
                return (done.stderr.strip().rpartition("\n")[2] or f"ended with {done.returncode}")[:70]
            found: dict[str, object] = json.loads(answer.read_text())
            return found

    def _python(self, engine: str) -> str:
        return sys.executable if engine in _OURS else self.python


if __name__ == "__main__":
    main()
