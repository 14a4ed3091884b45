"""Reading the weights of one block of GPT-2 small, 7.1 million cells: sheetgpt beside other readers, in one run.

    python benchmarks/reading.py [WORKBOOK]      default: writes the block with random weights; rounds: 3

Every reader opens the same file and reads every sheet into what it gives its users: a float64 array per sheet here,
lists of Python objects from python-calamine and openpyxl, Arrow columns from fastexcel. openpyxl, which is slow,
reads one sheet of 0.6 million cells. "inflate" is what zlib needs to unpack the sheets and do nothing with them. The
table has medians of cells per second and how many times as fast sheetgpt is. The peers come with
`pip install "sheetgpt[bench]"`.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from zipfile import ZipFile

import fastexcel
import numpy as np
import openpyxl
import python_calamine

from sheetgpt.book.book import Book
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.float32 import shortest_decimals
from sheetgpt.layout.tensors import weights
from sheetgpt.version import __version__
from sheetgpt.xlsx import grid_cache
from sheetgpt.xlsx.reader import read
from sheetgpt.xlsx.writer import write

ROUNDS = 3
SLICE = "h.0.attn.c_proj.weight"
SHAPE = {"model_type": "gpt2", "n_layer": 1, "n_embd": 768, "n_head": 12, "vocab_size": 50257, "n_positions": 1024}


def block(path: Path) -> Path:
    """The tensors of one block with random weights, as `sheetgpt build` writes them."""
    config = Config.from_json(SHAPE, "benchmark")
    generator = np.random.default_rng(0)
    shapes = {name: shape for name, shape in config.tensors().items() if name.startswith("h.0.")}
    book = Book()
    weights(book, config, {name: shortest_decimals(generator.normal(0, 0.04, shape)) for name, shape in shapes.items()})
    write(book, path)
    return path


def inflate(path: Path) -> int:
    with ZipFile(path) as package:
        for entry in package.infolist():
            with package.open(entry) as stream:
                while stream.read(1 << 20):
                    pass
    return 0


def sheetgpt(path: Path) -> int:
    return sum(sheet.grid.numbers.size for sheet in read(path, cached=False).sheets.values())


def from_cache(path: Path) -> int:
    """A second reading, with every number touched."""
    return sum(int(np.isfinite(sheet.grid.numbers).sum()) for sheet in read(path).sheets.values())


def calamine(path: Path) -> int:
    book = python_calamine.CalamineWorkbook.from_path(path)
    return sum(sum(map(len, book.get_sheet_by_name(name).to_python())) for name in book.sheet_names)


def fast_excel(path: Path) -> int:
    book = fastexcel.read_excel(path)
    sheets = (book.load_sheet(name, header_row=None) for name in book.sheet_names)
    return sum(sheet.height * sheet.width for sheet in sheets)


def openpyxl_read_only(path: Path) -> int:
    book = openpyxl.load_workbook(path, read_only=True)
    return sum(len(row) for row in book[SLICE].iter_rows(values_only=True))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else block(Path(folder) / "block.xlsx")
        cells = sheetgpt(path)
        readers: list[tuple[str, Callable[[Path], int]]] = [
            (f"sheetgpt {__version__}", sheetgpt),
            ("sheetgpt from its cache", from_cache),
            (f"fastexcel {version('fastexcel')}", fast_excel),
            (f"python-calamine {version('python-calamine')}", calamine),
            (f"openpyxl {version('openpyxl')} read-only", openpyxl_read_only),
            ("inflate (zipfile)", inflate),
        ]
        print(
            f"{cells / 1e6:.1f} M cells, {path.stat().st_size / 1e6:.0f} MB; {ROUNDS} rounds; "
            f"cache in {grid_cache.folder()}"
        )
        from_cache(path)  # fills it
        seconds: dict[str, list[float]] = {name: [] for name, _ in readers}
        counts: dict[str, int] = {}
        for _ in range(ROUNDS):  # in turn, so that a slow minute of the machine meets all of them
            for name, reader in readers:
                start = perf_counter()
                counts[name] = reader(path) or cells
                seconds[name].append(perf_counter() - start)
    first = cells / statistics.median(seconds[readers[0][0]])
    print(f"{'':<28}{'M cells/s':>10}{'seconds':>9}{'cells':>12}{'sheetgpt is':>14}")
    for name, _ in readers:
        median = statistics.median(seconds[name])
        rate = counts[name] / median
        print(f"{name:<28}{rate / 1e6:>10.2f}{median:>9.2f}{counts[name]:>12,}{first / rate:>12.1f} x")


if __name__ == "__main__":
    main()
