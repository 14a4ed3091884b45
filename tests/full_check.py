"""GPT-2 small at full size, end to end: `make full-check`. Not a part of `make test`: it needs 10 GB of disk and time.

    python tests/full_check.py [--folder FOLDER] [--keep]

1. A checkpoint of GPT-2 small's exact shape with random weights, saved by `transformers`, or the one in FOLDER, is
   built into a workbook. The evaluator's logits, from the file, are compared with `transformers` in float64, and so
   is the greedy continuation. `sheetgpt check` compares every formula cell with the evaluator, the reference (every
   named activation) and LibreOffice, which recalculates everything. IronCalc is left out: it keeps each cell as an
   object and runs out of memory.
2. With a network, the real gpt2 is fetched, built, and asked for its known answers; without one this part says that
   it was skipped.

Prints wall time and peak memory of each command. Exit status 1 if anything differs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np

from sheetgpt import Calculator, read
from sheetgpt.gpt2.checkpoint import find_checkpoint, load_checkpoint
from support import known_answers
from support.library import greedy

CONTEXT = 16
PROMPT = "Mike is quick. He moves"
_LOGITS = 1e-9  # of the largest logit: the order of 768 additions moves a logit by some 1e-13 of its size


class Checks:
    """What was run and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.failed = folder, 0
        self.rows: list[tuple[str, float, float]] = []  # what, seconds, MB
        self.environment = os.environ | {"SHEETGPT_CACHE": str(folder / "cache")}

    def run(self, title: str, *arguments: str) -> str:
        """Run `sheetgpt` with arguments; its output. Time and peak memory go into the table."""
        print(f"\n$ sheetgpt {' '.join(arguments)}", flush=True)
        command = [sys.executable, "-c", "from sheetgpt.cli.main import main; main()", *arguments]
        start = perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.environment)
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.rows.append((title, perf_counter() - start, usage.ru_maxrss / 1024))
        print("\n".join(output.splitlines()[-12:]), flush=True)
        self.expect(process.returncode == 0, f"{title}: exit status {process.returncode}")
        return output

    def expect(self, holds: bool, words: str) -> None:
        print(("holds    " if holds else "FAILED   ") + words, flush=True)
        self.failed += not holds

    def table(self) -> None:
        print(f"\n{'':<34}{'seconds':>9}{'peak MB':>9}")
        for title, seconds, memory in self.rows:
            print(f"{title:<34}{seconds:>9.1f}{memory:>9,.0f}")


def random_checkpoint(folder: Path) -> Path:
    """GPT-2 small as `transformers` saves it, its weights scaled so that logits differ clearly."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config())
    scales = {"wte.weight": 0.1, "wpe.weight": 0.1, "bias": 0.02}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            is_gain = ".ln_" in name and name.endswith("weight")
            scale = next((scale for end, scale in scales.items() if name.endswith(end)), 0.04)
            parameter.copy_(torch.randn_like(parameter) * (0.1 if is_gain else scale) + is_gain)
    model.save_pretrained(folder)
    return folder


def compare_with_transformers(checks: Checks, path: Path, checkpoint: Path) -> None:
    """Logits and continuation of the file, calculated anew by the evaluator, against `transformers` in float64."""
    import torch
    from transformers import GPT2LMHeadModel

    book = read(path)
    Calculator(book).recalculate()
    ids = book.read("token.ids").ravel().astype(int).tolist()
    length, ours = int(book.read("prompt.length")[0, 0]), book.read("logits").T.copy()
    del book
    library: Any = GPT2LMHeadModel.from_pretrained(checkpoint)  # transformers leaves much untyped
    library = library.double().eval()
    shortened = load_checkpoint(checkpoint).shortened().tensors  # the decimals that stand in the cells
    with torch.no_grad():
        for name, parameter in library.transformer.named_parameters():
            parameter.copy_(torch.from_numpy(np.array(shortened[name]).reshape(parameter.shape)))
        logits = library(torch.tensor([ids])).logits[0].numpy()
        continued = greedy(library, ids[:length], CONTEXT)
    largest = float(np.abs(logits - ours).max())
    checks.expect(largest <= _LOGITS * np.abs(logits).max(), f"{ours.size:,} logits differ by {largest:.1e} at most")
    spread = float(np.median(np.diff(np.sort(logits, axis=1)[:, -10:], axis=1)))
    checks.expect(spread > 1e-3, f"logits differ clearly: {spread:.2g} between neighbours of the ten best, as median")
    checks.expect(continued == ids, f"greedy continuation is that of transformers: {ids[length:]}")


def known(checks: Checks, path: Path) -> None:
    """The public answers of the real gpt2, by the workbook."""
    for text, ids in known_answers.TOKENS.items():
        answer = json.loads(checks.run("known prompt", "run", str(path), "--prompt", text, "--json"))
        checks.expect(answer["ids"][: answer["length"]] == ids, f"{text!r} becomes {ids}")
    book = read(path)
    calculator = Calculator(book, calculated=True)
    calculator.set("prompt.text", known_answers.PROMPT)
    calculator.update()
    row = int(book.read("prompt.length")[0, 0]) - 1
    logits = book.read("logits")[:, row]
    for token, logit in known_answers.LOGITS.items():
        # The weights stand there as shortest decimals, up to 3e-8 of their size beside the float32 numbers.
        checks.expect(abs(logits[token] - logit) < 1e-3, f"logit of {token}: {logits[token]:.6f}, known {logit:.6f}")
    checks.expect(int(np.argmax(logits)) == known_answers.ARGMAX, f"the likeliest is {known_answers.ARGMAX}")
    tokenizer = load_checkpoint(find_checkpoint("gpt2")).tokenizer
    assert tokenizer is not None
    for ids, following in known_answers.GREEDY:
        calculator.set("prompt.text", tokenizer.decode(ids))
        calculator.update()
        found = book.read("token.ids").ravel().astype(int).tolist()
        checks.expect(found == (ids + following)[:CONTEXT], f"{tokenizer.decode(ids)!r} goes on as known")


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), help="Where to work; default: a temporary folder.")
@click.option("--checkpoint", type=click.Path(exists=True, path_type=Path), help="Instead of random weights.")
@click.option("--tokenizer", type=click.Path(exists=True, path_type=Path), help="Folder of vocab.json and merges.txt.")
def main(folder: Path | None, checkpoint: Path | None, tokenizer: Path | None) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        work = folder or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        checks = Checks(work)
        checkpoint = checkpoint or random_checkpoint(work / "random")
        if tokenizer:
            for name in ("vocab.json", "merges.txt"):
                shutil.copyfile(tokenizer / name, checkpoint / name)
        has_text = (checkpoint / "vocab.json").exists()
        prompt = ["--prompt", PROMPT] if has_text else ["--token-ids", "16073,318,2068,13,679,6100"]
        path = work / "random.xlsx"
        checks.run(
            "build", "build", str(checkpoint), "-o", str(path), "--context", str(CONTEXT), "--lens", "none", *prompt
        )
        print(f"{path.stat().st_size / 1e6:,.0f} MB")
        first = checks.run("first run (reads the file)", "run", str(path), *prompt, "--json")
        second = checks.run("second run (from the cache)", "run", str(path), *prompt, "--json")
        checks.expect(json.loads(first) == json.loads(second), "both runs answer the same")
        compare_with_transformers(checks, path, checkpoint)
        checks.run("check", "check", str(path), "--model", str(checkpoint), "--skip", "IronCalc")
        _real(checks, work)
        checks.table()
        print(f"\n{checks.failed} of the checks failed" if checks.failed else "\nall checks hold")
        sys.exit(1 if checks.failed else 0)


def _real(checks: Checks, work: Path) -> None:
    """The real weights, where a network is."""
    from sheetgpt.errors import SheetgptError
    from sheetgpt.hub.download import fetch

    try:
        fetch("gpt2")
    except SheetgptError as error:
        print(f"\nSKIPPED: the known answers of the real gpt2, because it cannot be fetched: {error}")
        return
    path = work / "gpt2.xlsx"
    checks.run("build gpt2", "build", "gpt2", "-o", str(path), "--context", str(CONTEXT))
    known(checks, path)


if __name__ == "__main__":
    main()
