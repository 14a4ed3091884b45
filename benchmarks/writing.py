"""Writing one block of GPT-2 small, 7.1 million weights: sheetgpt beside every writer of .xlsx for Python we know.

    python benchmarks/writing.py          needs: pip install 'sheetgpt[bench]'

First whole files, from numbers in memory to the file on the disk, in turns. The other writers get rows of the same
numbers as they like them best (lists or dicts made before the clock starts), and few rows, as they are slow: their
files hold no styles, ours does. Then the same XML deflated by the libraries there are, on one core, without writing.
"""

from __future__ import annotations

import statistics
import tempfile
import zlib
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.book.number_text import number_text
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.float32 import shortest_decimals
from sheetgpt.layout.tensors import weights
from sheetgpt.version import __version__
from sheetgpt.xlsx.encode.cell_run import Run, analyse, xml
from sheetgpt.xlsx.encode.deflate import codes_for, deflate
from sheetgpt.xlsx.encode.row_chunks import EFFORTS
from sheetgpt.xlsx.writer import write

ROUNDS = 3
SLICE = 100  # rows of 3072 numbers that the other writers get; the faster ones get more
Writer = Callable[[np.ndarray, Path], Callable[[], None]]  # rows, file -> what is timed


def block() -> dict[str, np.ndarray]:
    """The tensors of one block of GPT-2 small, normally distributed, as a build writes them."""
    config, generator = Config(n_layer=1), np.random.default_rng(0)
    shapes = {name: shape for name, shape in config.tensors().items() if name.startswith("h.")}
    return {name: shortest_decimals(generator.normal(0, 0.05, shape)) for name, shape in shapes.items()}


def ours(book: Book, compress: str, path: Path) -> Callable[[], None]:
    return lambda: write(book, path, compress=compress)


def xlsxwriter(rows: np.ndarray, path: Path) -> Callable[[], None]:
    library, lists = import_module("xlsxwriter"), rows.tolist()

    def run() -> None:
        with library.Workbook(path, {"constant_memory": True}) as workbook:
            put = workbook.add_worksheet().write_number
            for r, row in enumerate(lists):
                for c, number in enumerate(row):
                    put(r, c, number)

    return run


def openpyxl(rows: np.ndarray, path: Path) -> Callable[[], None]:
    library, lists = import_module("openpyxl"), rows.tolist()

    def run() -> None:
        workbook = library.Workbook(write_only=True)
        sheet = workbook.create_sheet()
        for row in lists:
            sheet.append(row)
        workbook.save(path)

    return run


def rustpy(rows: np.ndarray, path: Path) -> Callable[[], None]:
    library = import_module("rustpy_xlsxwriter")
    names = [f"c{k}" for k in range(rows.shape[1])]
    records = [dict(zip(names, row, strict=True)) for row in rows.tolist()]
    return lambda: library.write_worksheet(records, str(path))


def pyexcelerate(rows: np.ndarray, path: Path) -> Callable[[], None]:
    library, lists = import_module("pyexcelerate"), rows.tolist()

    def run() -> None:
        workbook = library.Workbook()
        workbook.new_sheet("w", data=lists)
        workbook.save(str(path))

    return run


def polars(rows: np.ndarray, path: Path) -> Callable[[], None]:
    frame = import_module("polars").DataFrame(rows, schema=[f"c{k}" for k in range(rows.shape[1])])
    return lambda: frame.write_excel(path)


PEERS: dict[str, tuple[str, Writer, int]] = {
    "XlsxWriter, constant_memory": ("xlsxwriter", xlsxwriter, SLICE),
    "openpyxl, write_only": ("openpyxl", openpyxl, SLICE),
    "rustpy-xlsxwriter": ("rustpy-xlsxwriter", rustpy, 3 * SLICE),
    "PyExcelerate": ("pyexcelerate", pyexcelerate, SLICE),
    "polars.write_excel": ("polars", polars, SLICE),
}


def files(tensors: dict[str, np.ndarray], folder: Path) -> None:
    """The table of whole files."""
    book, count = Book(), sum(tensor.size for tensor in tensors.values())
    weights(book, Config(n_layer=1), tensors)
    numbers = tensors["h.0.mlp.c_fc.weight"]
    runs: dict[str, tuple[Callable[[], None], int, Path]] = {}
    for compress in EFFORTS:
        path = folder / f"{compress}.xlsx"
        runs[f"sheetgpt {__version__}, {compress}"] = ours(book, compress, path), count, path
    for label, (package, writer, rows) in PEERS.items():
        try:
            run = writer(numbers[:rows], folder / f"{package}.xlsx")
        except ModuleNotFoundError:
            print(f"{label} is not installed")
            continue
        runs[f"{label} {version(package)}"] = run, numbers[:rows].size, folder / f"{package}.xlsx"
    seconds: dict[str, list[float]] = {label: [] for label in runs}
    for _ in range(ROUNDS):
        for label, (run, _, _) in runs.items():
            start = perf_counter()
            run()
            seconds[label].append(perf_counter() - start)
    rates = {label: size / statistics.median(seconds[label]) for label, (_, size, _) in runs.items()}
    base = rates[f"sheetgpt {__version__}, balanced"]
    print(f"{'':<38}{'cells':>10}{'cells/s':>12}{'bytes/cell':>12}{'we are faster':>15}")
    for label, (_, size, path) in runs.items():
        each = path.stat().st_size / size
        print(f"{label:<38}{size:>10,}{rates[label]:>12,.0f}{each:>12.2f}{base / rates[label]:>14.1f}x")


def libraries(numbers: np.ndarray) -> None:
    """The table of ways to deflate, on one core."""
    before = [b'<row r="%d"><c r="A%d" s="7"><v>%d</v></c>' % (4 + k, 4 + k, k) for k in range(len(numbers))]
    run = Run(4, 2, 5, numbers, before, b"</row>\n")
    cells = analyse(numbers, number_text)
    if cells is None:
        raise SystemExit("the numbers are no weights")
    text = xml(run, cells)
    ways: dict[str, Callable[[], bytes | None]] = {}
    for name, effort in EFFORTS.items():
        codes = codes_for(run, cells, effort.looks)
        ways[f"sheetgpt {name}"] = lambda codes=codes, looks=effort.looks: deflate(run, cells, codes, looks)
    for level in (1, 6, 9):
        ways[f"zlib {level}"] = lambda level=level: zlib.compress(text, level)
    for package, module, function, levels in (
        ("zlib-ng", "zlib_ng.zlib_ng", "compress", (1, 2, 6, 9)),
        ("isal", "isal.isal_zlib", "compress", (1, 2, 3)),
        ("deflate", "deflate", "deflate_compress", (1, 6, 9)),
    ):
        try:
            compress = getattr(import_module(module), function)
        except ModuleNotFoundError:
            print(f"{package} is not installed")
            continue
        for level in levels:
            ways[f"{package} {version(package)} level {level}"] = lambda f=compress, level=level: f(text, level)
    print(f"\n{'deflate, one core':<38}{'cells/s':>12}{'bytes/cell':>12}")
    for label, way in ways.items():
        seconds = []
        for _ in range(ROUNDS):
            start = perf_counter()
            data = way() or b""
            seconds.append(perf_counter() - start)
        print(f"{label:<38}{numbers.size / statistics.median(seconds):>12,.0f}{len(data) / numbers.size:>12.2f}")


def main() -> None:
    tensors = block()
    with tempfile.TemporaryDirectory() as folder:
        files(tensors, Path(folder))
    libraries(tensors["h.0.mlp.c_fc.weight"][:100])


if __name__ == "__main__":
    main()
