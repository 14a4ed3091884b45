"""From typing a prompt to reading the prediction: LibreOffice beside our evaluator, in the same run.

    python benchmarks/key_press.py [WORKBOOK]      default: builds the bundled model's workbook

Both have the workbook open. For each prompt: type it into the prompt cell, read the continuation. The table has
medians in seconds and the ratio of the two.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from sheetgpt import Calculator, read
from sheetgpt.commands.build import build
from sheetgpt.witnesses import libreoffice

PROMPTS = [
    "Michael Jordan plays the sport of",
    "If today is Tuesday, tomorrow is",
    "Mike is quick. He moves",
    "The capital of France is",
    "The opposite of hot is",
    "The plural of cat is",
    "Anna is slow. She walks",
]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else build("mini", Path(folder) / "mini.xlsx")
        book = read(path)
        calculator = Calculator(book, calculated=True)
        sheet, cell = book.locate("prompt.text")
        answer, rect = book.locate("continuation.text")
        ours, theirs = [], []
        with libreoffice.Session() as session:
            session.open(path)
            session.read(answer, rect)
            for prompt in PROMPTS:
                start = perf_counter()
                calculator.set("prompt.text", prompt)
                calculator.update()
                text = book.read("continuation.text")[0, 0]
                ours.append(perf_counter() - start)
                start = perf_counter()
                session.set(sheet, (cell.top, cell.left), prompt)
                seen = session.read(answer, rect)[0, 0]
                theirs.append(perf_counter() - start)
                if seen != text:
                    raise SystemExit(f"{prompt!r}: LibreOffice continues {seen!r}, the evaluator {text!r}")
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"{'':<28}{'median s':>10}{'slowest s':>11}{'ratio':>7}")
    print(f"{'sheetgpt evaluator':<28}{a:>10.3f}{max(ours):>11.3f}{1:>7.1f}")
    print(f"{libreoffice.available() or '':<28.28}{b:>10.3f}{max(theirs):>11.3f}{b / a:>7.1f}")


if __name__ == "__main__":
    main()
