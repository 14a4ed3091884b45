"""One forward pass in cells: our evaluator beside plain numpy, LibreOffice and IronCalc, in the same run.

    python benchmarks/calculating.py [--skip-small]

Two models with random weights. "One block" has the full width of GPT-2 small and few words: its workbook is written
to a file, and every program has it open before the clock starts. Timed is the calculation alone, of every formula:
`Calculator.recalculate`, LibreOffice's hard recalculation, IronCalc's `evaluate`. "GPT-2 small" has all 124 million
numbers and stays in memory. The prompt has 10 tokens (ids typed as numbers) and fills the window, so that both sides
do the same work; the reference is `sheetgpt.gpt2.forward.activations` in float64 on the same numbers. With a window of
16 the sheet writes 6 tokens more; the reference's `generate` has no cache of keys and values and passes all rows
anew for each token. Memory is the peak of a process of its own that builds the book and calculates it.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import perf_counter

import numpy as np

from sheetgpt import Calculator
from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.witnesses import ironcalc, libreoffice
from sheetgpt.xlsx.writer import write

SMALL = Config()
BLOCK = Config(n_layer=1, vocab_size=512, n_positions=16)
IDS = [5, 17, 200, 3, 42, 99, 7, 301, 256, 11]
OTHER_IDS = [token + 1 for token in IDS]


class RandomTensors(Mapping[str, np.ndarray]):
    """A model's tensors, each made when it is asked for, so that a book is all that holds them."""

    def __init__(self, config: Config) -> None:
        self.shapes = config.tensors()

    def __getitem__(self, name: str) -> np.ndarray:
        generator = np.random.default_rng(list(self.shapes).index(name))
        numbers = generator.standard_normal(self.shapes[name], dtype=np.float32).astype(np.float64)
        if ".ln_" in f".{name}" and name.endswith("weight"):
            return 1 + 0.1 * numbers
        return numbers * (0.1 if name in ("wte.weight", "wpe.weight") else 0.03)

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)


def book_of(config: Config, rows: int) -> Book:
    model = Model("random", config, RandomTensors(config), None)  # type: ignore[arg-type]
    return build_book(model, LayoutOptions(prompt="ten tokens", ids=IDS, rows=rows))


def times(action: Callable[[], object], count: int) -> list[float]:
    found = []
    for _ in range(count):
        start = perf_counter()
        action()
        found.append(perf_counter() - start)
    return found


def line(name: str, found: list[float], unit: float) -> None:
    median = statistics.median(found)
    print(f"{name:<48}{median:>10.4f}{max(found):>11.4f}{median / unit:>9.2f}", flush=True)


def heading(text: str) -> None:
    print(f"\n{text}\n{'':<48}{'median s':>10}{'slowest s':>11}{'ratio':>9}")


def in_memory(book: Book, config: Config, title: str, count: int) -> float:
    """Our evaluator beside the reference; returns the median of a recalculation."""
    start = perf_counter()
    calculator = Calculator(book)
    opening = perf_counter() - start
    calculator.recalculate()
    tensors = {name: book.read(name) for name in config.tensors()}
    sheet, ids = book.locate("prompt.ids")
    cells = Rect(ids.top, ids.left, ids.top + len(IDS) - 1, ids.left)
    ours, theirs, prompts = [], [], []

    def type_and_update(tokens: list[int]) -> None:
        calculator.set((sheet, cells), np.array(tokens, dtype=float)[:, None])
        calculator.update()

    for _ in range(count):  # in turns, so that a noisy machine is fair to all
        ours += times(calculator.recalculate, 1)
        theirs += times(lambda: forward.activations(config, tensors, IDS), 1)
        prompts += times(lambda: type_and_update(OTHER_IDS), 1)
        type_and_update(IDS)
    expected = forward.activations(config, tensors, IDS)["logits"]
    difference = np.abs(expected - book.read("logits")).max()
    ranking = times(lambda: np.argsort(-expected.T, axis=1, kind="stable"), count)
    unit = statistics.median(theirs)
    formulas = sum(len(sheet.formulas) for sheet in book.sheets.values())
    heading(f"{title}: {config.parameters:,} numbers, {formulas:,} formulas, 10 tokens")
    line(f"reference, numpy {np.__version__} float64", theirs, unit)
    line("    of it to rank all logits (argsort)", ranking, unit)
    line("evaluator, every formula", ours, unit)
    line("evaluator, update() after typing other tokens", prompts, unit)
    line("evaluator, opening (Calculator(book)), once", [opening], unit)
    print(f"largest difference of a logit: {difference:.1e}")
    return statistics.median(ours)


def writing(config: Config, rows: int) -> None:
    """A window that is longer than the prompt: the sheet goes on writing."""
    book = book_of(config, rows)
    calculator = Calculator(book)
    calculator.recalculate()
    tensors = {name: book.read(name) for name in config.tensors()}
    ours = times(calculator.recalculate, 5)
    theirs = times(lambda: forward.generate(config, tensors, IDS, rows), 3)
    one = times(lambda: forward.activations(config, tensors, IDS), 5)
    expected = forward.generate(config, tensors, IDS, rows)
    if book.read("token.ids").ravel().tolist() != expected:
        raise SystemExit("the sheet writes other tokens than the reference")
    unit = statistics.median(one)
    heading(f"GPT-2 small, a window of {rows}: 10 tokens typed, {rows - 10} written")
    line("reference, one pass over the 10 tokens", one, unit)
    line("evaluator, every formula of all rows", ours, unit)
    line(f"reference, {rows - 10} passes without a cache", theirs, unit)


def programs(book: Book, ours: float) -> None:
    """LibreOffice and IronCalc on the same book as a file."""
    heading("One block as a file, 10 tokens: ratios to our evaluator")
    line("evaluator, every formula", [ours], ours)
    expected = book.read("logits")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "block.xlsx"
        write(book, path)
        if ironcalc.available():
            import ironcalc as program

            model = program.load_from_xlsx(str(path))
            line(f"{ironcalc.available()}, evaluate", times(model.evaluate, 5), ours)
            del model
        if version := libreoffice.available():
            with libreoffice.Session() as session:
                session.open(path)
                line(f"{version[:24]}, hard recalculation", times(session.recalculate, 3), ours)
                sheet, rect = book.locate("logits")
                difference = np.abs(session.read(sheet, rect) - expected).max()
            print(f"largest difference of a logit: {difference:.1e}")


def memory() -> None:
    """Print the peak of this process after building GPT-2 small and two recalculations, in bytes."""
    book = book_of(SMALL, len(IDS))
    built = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    calculator = Calculator(book)
    calculator.recalculate()
    calculator.recalculate()
    print(built * 1024, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def main() -> None:
    if "--memory" in sys.argv:
        memory()
        return
    block = book_of(BLOCK, len(IDS))
    ours = in_memory(block, BLOCK, "One block", 15)
    programs(block, ours)
    del block
    if "--skip-small" in sys.argv:
        return
    output = subprocess.run([sys.executable, __file__, "--memory"], check=True, capture_output=True, text=True).stdout
    built, peak = map(int, output.split())
    weights = SMALL.parameters * 8
    in_memory(book_of(SMALL, len(IDS)), SMALL, "GPT-2 small", 9)
    print(
        f"peak memory {peak / 1e9:.2f} GB, {peak / weights:.2f} times the weights; to build {built / 1e9:.2f} GB of it"
    )
    writing(SMALL, 16)


if __name__ == "__main__":
    main()
