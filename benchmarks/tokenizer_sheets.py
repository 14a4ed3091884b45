"""The sheets that cut a prompt into tokens, with a whole vocabulary: time to open and to recalculate in LibreOffice.

    python benchmarks/tokenizer_sheets.py FOLDER [--workbook BOOK]

FOLDER holds vocab.json and merges.txt (`sheetgpt fetch gpt2` gives weights/gpt2). Timed in one run: opening the file
with its values, a hard recalculation of everything, and from typing a prompt of 64 characters to reading its token
ids, in LibreOffice and in our evaluator; with --workbook also opening that workbook. The ids are compared with the
`tokenizers` library. Starting LibreOffice is not counted.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from time import perf_counter

import click

from sheetgpt import Calculator, read
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.layout.build_book import build_tokenizer_book
from sheetgpt.schema.prompt import prompt_ids
from sheetgpt.witnesses import libreoffice
from sheetgpt.xlsx.writer import write

PROMPTS = [
    "It was the best of times, it was the worst of times, it was the ",
    "supercalifragilisticexpialidocious internationalization reinjury",
    "we've seen that they'LL say: 'tis the 1st, 22nd and 345th of 678",
    "Der Fluß trägt das Schiff durch die Wälder bis ans Meer zurück. ",
    "funology   reinjury  \t unhappiness antidisestablishmentarianism ",
]


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--workbook", type=click.Path(exists=True, path_type=Path), help="Another workbook to open.")
def main(folder: Path, workbook: Path | None) -> None:
    tokenizer = Tokenizer.from_folder(folder)
    with tempfile.TemporaryDirectory() as scratch, libreoffice.Session() as session:
        path = Path(scratch) / "tokens.xlsx"
        book = build_tokenizer_book(tokenizer, PROMPTS[0])
        Calculator(book).recalculate()
        write(book, path)
        (sheet, cell), (place, ids) = book.locate("prompt.text"), book.locate("prompt.ids")
        rows: list[tuple[str, list[float], list[float]]] = []
        if workbook:
            rows.append((f"open {workbook.name}", _times(lambda: session.open(workbook), 3), []))
        rows.append(
            (f"open, {len(tokenizer):,} tokens", _times(lambda: session.open(path), 3), _times(lambda: read(path), 3))
        )
        book = read(path)
        calculator = Calculator(book, calculated=True)
        rows.append(("calculate everything", _times(session.recalculate, 3), _times(calculator.recalculate, 3)))
        theirs, ours = [], []
        for prompt in PROMPTS * 2:
            expected = tokenizer.encode(prompt)
            start = perf_counter()
            session.set(sheet, (cell.top, cell.left), prompt)
            seen = [int(value) for value in session.read(place, ids).ravel().tolist() if value != ""]
            theirs.append(perf_counter() - start)
            start = perf_counter()
            calculator.set("prompt.text", prompt)
            calculator.update()
            found = prompt_ids(book)
            ours.append(perf_counter() - start)
            if not seen == found == expected:
                raise SystemExit(f"{prompt!r}: LibreOffice {seen}, evaluator {found}, tokenizers {expected}")
        rows.append(("type 64 characters, read ids", theirs, ours))
    print(f"{'median seconds':<32}{(libreoffice.available() or '')[:20]:>22}{'evaluator':>11}{'ratio':>7}")
    for title, theirs, ours in rows:
        a, b = statistics.median(theirs), statistics.median(ours) if ours else None
        print(f"{title:<32}{a:>22.2f}" + (f"{b:>11.2f}{a / b:>7.1f}" if b else ""))


def _times(call: object, count: int) -> list[float]:
    times = []
    for _ in range(count):
        start = perf_counter()
        call()  # type: ignore[operator]
        times.append(perf_counter() - start)
    return times


if __name__ == "__main__":
    main()
