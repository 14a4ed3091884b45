"""Workbooks as people have them: read and recalculated by us and by other engines, each where it can.

    python benchmarks/workbooks.py [--scale 0.02] [--limit 60] [--python OTHER_PYTHON] [--only NAME ...] [--engines ...]

The workbooks are written first, in a temporary folder. Every engine has a process of its own and its own clock in it:
"read" is from the file to the engine's own model, "calculate" is every formula, both in seconds of processor time (of
all threads), which a busy machine disturbs less than those of the clock. A time is shown only where the engine's values
are ours (a sample of 400 formula cells, to nine digits); else the first other one is named. ">60 s" ran out of time, by
the clock. OTHER_PYTHON has `formulas`, `pycel` and `formualizer` installed; what is not there is left out.
"""

from __future__ import annotations

import argparse
import math
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from calculating import BLOCK, book_of
from peers import ENGINES, Peers

from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.commands.build import build
from sheetgpt.evaluator import Calculator
from sheetgpt.xlsx.reader import read
from sheetgpt.xlsx.writer import write

_SAMPLE = 400
NAMES = ["Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gil", "Hana", "Ivo", "Jana", "Kim", "Lea", "Max", "Nora", "Otto"]


def ledger(size: int) -> Book:
    """Payments with a running balance, tax, interest, and a word: four formulas in each of so many / 4 rows."""
    book, draw = Book(), random.Random(1)
    sheet = book.add("Ledger")
    sheet.grid[1, 5] = 1000.0
    for row in range(2, size // 4 + 2):
        sheet.grid[row, 1] = 45000.0 + row // 40
        sheet.grid[row, 3], sheet.grid[row, 4] = round(draw.uniform(0, 900), 2), round(draw.uniform(0, 900), 2)
        texts = f"E{row - 1}+C{row}-D{row}", f"C{row}*0.19", f"ROUND(E{row}*0.02/12,2)", f'IF(D{row}>C{row},"out","in")'
        for column, text in enumerate(texts, 5):
            sheet.put_formula(at(row, column), text)
    return book


def chain(size: int) -> Book:
    """Each cell one more than the one above."""
    book = Book()
    sheet = book.add("Chain")
    sheet.grid[1, 1] = 1.0
    for row in range(2, size + 2):
        sheet.put_formula(at(row, 1), f"A{row - 1}+1")
    return book


def look_ups(size: int) -> Book:
    """VLOOKUP by text, MATCH by number, SUMIFS by two criteria, in turn, on a table of so many rows."""
    book, draw = Book(), random.Random(2)
    table, asked = book.add("Table"), book.add("Asked")
    for row in range(1, size + 1):
        table.grid[row, 1], table.grid[row, 2] = f"{draw.choice(NAMES)} {row}", float(row * 3)
        table.grid[row, 3], table.grid[row, 4] = draw.choice(NAMES), round(draw.uniform(0, 99), 2)
    for row in range(1, size // 3 + 1):
        asked.grid[row, 1] = table.grid[draw.randint(1, size), 1]
        asked.grid[row, 2], asked.grid[row, 3] = float(draw.randint(1, size) * 3), draw.choice(NAMES)
        asked.put_formula(at(row, 4), f"VLOOKUP(A{row},Table!$A$1:$D${size},4,FALSE)")
        asked.put_formula(at(row, 5), f"MATCH(B{row},Table!$B$1:$B${size},0)")
        names, numbers = f"Table!$C$1:$C${size}", f"Table!$B$1:$B${size}"
        asked.put_formula(at(row, 6), f'SUMIFS(Table!$D$1:$D${size},{names},C{row},{numbers},">"&B{row})')
    return book


def texts(size: int) -> Book:
    """Names taken apart and put together: five formulas in each of so many / 5 rows."""
    book, draw = Book(), random.Random(4)
    sheet = book.add("Texts")
    for row in range(1, size // 5 + 1):
        sheet.grid[row, 1] = f" {draw.choice(NAMES)}  {draw.choice(NAMES)}son"
        sheet.grid[row, 2] = f"{draw.choice(NAMES)}-{row}"
        formulas = (
            f"TRIM(A{row})",
            f'UPPER(LEFT(C{row},1))&". "&B{row}',
            f'MID(B{row},FIND("-",B{row})+1,9)',
            f'SUBSTITUTE(D{row},".","")',
            f'IF(ISNUMBER(SEARCH("an",C{row})),LEN(C{row}),"none")',
        )
        for column, text in enumerate(formulas, 3):
            sheet.put_formula(at(row, column), text)
    return book


def loans(size: int) -> Book:
    """A loan in each row: payment, interest and principal of one month, what is left, the whole cost."""
    book, draw = Book(), random.Random(5)
    sheet = book.add("Loans")
    for row in range(1, size // 5 + 1):
        sheet.grid[row, 1], sheet.grid[row, 2] = float(draw.randint(5, 400) * 1000), draw.randint(10, 90) / 1000
        sheet.grid[row, 3], sheet.grid[row, 4] = float(draw.choice([60, 120, 240, 360])), float(draw.randint(1, 60))
        formulas = (
            f"PMT(B{row}/12,C{row},-A{row})",
            f"IPMT(B{row}/12,D{row},C{row},-A{row})",
            f"PPMT(B{row}/12,D{row},C{row},-A{row})",
            f"FV(B{row}/12,D{row},E{row},-A{row})",
            f"ROUND(E{row}*C{row}-A{row},2)",
        )
        for column, text in enumerate(formulas, 5):
            sheet.put_formula(at(row, column), text)
    return book


def _mini(path: Path) -> None:
    build("mini", path)


def _written(make: Callable[[int], Book], size: int) -> Callable[[Path], None]:
    def save(path: Path) -> None:
        book = make(size)
        Calculator(book).recalculate()
        write(book, path)

    return save


def workbooks(scale: float) -> dict[str, Callable[[Path], None]]:
    """What is written, by its title."""
    made = {
        "ledger": (ledger, 500_000, "formulas filled down"),
        "chain": (chain, 50_000, "deep"),
        "look-ups": (look_ups, 20_000, "VLOOKUP, MATCH, SUMIFS"),
        "texts": (texts, 50_000, "formulas of text"),
        "loans": (loans, 50_000, "PMT, IPMT, PPMT, FV, ROUND"),
    }
    found: dict[str, Callable[[Path], None]] = {}
    for name, (make, whole, what) in made.items():
        size = max(50, int(whole * scale))
        found[f"{name}: {size:,} {what}"] = _written(make, size)
    found["mini: GPT-2, the bundled model"] = _mini
    if scale >= 1:
        found["block: one of GPT-2 small, 7.5 M numbers"] = lambda path: write(book_of(BLOCK, 10), path)
    return found


def sample(path: Path) -> dict[str, list[str]]:
    """Some formula cells of a workbook, the last ones among them."""
    book = read(path)
    every = [(name, at(one.rect.top, one.rect.left)) for name, sheet in book.sheets.items() for one in sheet.formulas]
    chosen = random.Random(6).sample(every, min(_SAMPLE, len(every))) + every[-5:]
    cells: dict[str, list[str]] = {}
    for name, rect in chosen:
        cells.setdefault(name, []).append(str(rect))
    return cells


def other(mine: object, theirs: object) -> bool:
    """Whether two values differ; blank and empty text do not."""
    if isinstance(mine, float) and isinstance(theirs, float):
        return not math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return (mine or "") != (theirs or "")


def told(answer: dict | str, expected: dict[str, object]) -> tuple[str, str]:
    """What the table says of an answer: seconds to read and to calculate, or why not."""
    if isinstance(answer, str):
        return answer, ""
    values = answer["values"]
    wrong = [place for place, value in expected.items() if other(value, values.get(place))]
    if wrong:
        return f"{len(wrong)} of {len(expected)} other", f"{wrong[0]}: {values.get(wrong[0])!r}"[:50]
    return f"{answer['read']:.2f}", f"{answer['calculate']:.2f}"


def row(title: str, path: Path, peers: Peers, engines: list[str]) -> None:
    """One workbook, all engines."""
    cells = sample(path)
    mine = peers.ask("sheetgpt", path, cells)
    if isinstance(mine, str):
        raise SystemExit(f"{title}: {mine}")
    whole = mine["read"] + mine["calculate"]
    for engine in engines:
        answer = mine if engine == "sheetgpt" else peers.ask(engine, path, cells)
        reading, calculating = told(answer, mine["values"])
        ratio = ""
        if isinstance(answer, dict) and reading.replace(".", "").isdigit():
            ratio = f"{(answer['read'] + answer['calculate']) / whole:.1f}"
        name = answer["name"] if isinstance(answer, dict) else engine
        print(f"| {title} | {name} | {reading} | {calculating} | {ratio} |", flush=True)
        title = ""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--python", default="python3")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--engines", nargs="*", default=list(ENGINES))
    given = parser.parse_args()
    peers = Peers(given.python, given.limit)
    engines = [engine for engine in given.engines if not peers.missing(engine)]
    for engine in set(given.engines) - set(engines):
        print(f"{engine} is not installed: left out")
    print("| workbook | engine | read, s | calculate, s | both, times ours |\n|---|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for number, (title, save) in enumerate(workbooks(given.scale).items()):
            if given.only and title.partition(":")[0] not in given.only:
                continue
            path = Path(folder) / f"book{number}.xlsx"
            save(path)
            row(title, path, peers, engines)


if __name__ == "__main__":
    main()
