"""This checkout beside one of another commit, in turn: building, reading, opening, calculating, a key press.

    python benchmarks/commits.py OTHER [RUNS]      OTHER: a checkout of another commit, as `git worktree add` makes it

Each run is a process of its own with the public names of one checkout only. The workbook has one block of GPT-2 small's
width (7.1 million weights, 1,200 tokens); the key press is a weight changed in the bundled model. The table has medians
of seconds (wall clock) and of the ratios pair by pair: above 1 this checkout is slower.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

HERE = Path(__file__).resolve().parent.parent
MINI = HERE / "weights" / "mini"
STEPS = ("build", "read", "open", "calculate", "open mini", "calculate mini", "key press")
_RUN = """
import json, sys, time
from sheetgpt import Calculator, build, read
model, path, mini = sys.argv[1:]
seconds, last = {}, time.perf_counter()
def lap(name):
    global last
    now = time.perf_counter()
    seconds[name], last = now - last, now
build(model, path, token_ids=list(range(10, 20))); lap("build")
book = read(path, cached=False); lap("read")
calculator = Calculator(book); lap("open")
calculator.recalculate(); lap("calculate")
book = read(mini); lap("")
calculator = Calculator(book); lap("open mini")
calculator.recalculate(); lap("calculate mini")
for value in (0.5, 0.25, 0.125, 0.5):
    calculator.set("h.0.attn.c_attn.weight!B4", value); calculator.update()
lap("four key presses")
seconds["key press"] = seconds.pop("four key presses") / 4
print(json.dumps(seconds))
"""


def make_checkpoint(folder: Path) -> Path:
    """A GPT-2 of one block of 768 columns, with the tokenizer of the bundled model."""
    vocabulary, d = len(json.loads((MINI / "vocab.json").read_text())), 768
    config = {
        "model_type": "gpt2",
        "vocab_size": vocabulary,
        "n_positions": 64,
        "n_embd": d,
        "n_layer": 1,
        "n_head": 12,
    }
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    shapes = {"wte.weight": (vocabulary, d), "wpe.weight": (64, d), "ln_f.weight": (d,), "ln_f.bias": (d,)}
    shapes |= {f"h.0.ln_{k}.{part}": (d,) for k in (1, 2) for part in ("weight", "bias")}
    for name, rows, columns in (
        ("attn.c_attn", d, 3 * d),
        ("attn.c_proj", d, d),
        ("mlp.c_fc", d, 4 * d),
        ("mlp.c_proj", 4 * d, d),
    ):
        shapes |= {f"h.0.{name}.weight": (rows, columns), f"h.0.{name}.bias": (columns,)}
    generator = np.random.default_rng(0)
    save_file(
        {name: generator.normal(0, 0.02, shape).astype(np.float32) for name, shape in shapes.items()},
        folder / "model.safetensors",
    )
    for file in ("vocab.json", "merges.txt"):
        shutil.copy(MINI / file, folder / file)
    return folder


def run(checkout: Path, folder: Path) -> dict[str, float]:
    """Seconds of each step in a process of its own."""
    surroundings = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    surroundings |= {"PYTHONPATH": str(checkout), "SHEETGPT_CACHE": str(folder / "cache")}
    command = [sys.executable, "-c", _RUN, str(folder / "model"), str(folder / "block.xlsx"), str(folder / "mini.xlsx")]
    output = subprocess.run(command, check=True, env=surroundings, cwd=folder, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(output)
    return found


def main() -> None:
    other, runs = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_checkpoint(folder / "model")
        build = [sys.executable, "-m", "sheetgpt", "build", "mini", "-o", str(folder / "mini.xlsx")]
        subprocess.run(build, check=True, cwd=HERE, stdout=subprocess.DEVNULL)
        pairs = []
        for number in range(runs + 1):  # the first pair compiles modules
            both = (HERE, other) if number % 2 else (other, HERE)
            found = {checkout: run(checkout, folder) for checkout in both}
            pairs.append((found[HERE], found[other]))
        print(f"{'':<16}{'here, s':>10}{'there, s':>10}{'ratio':>8}")
        for step in STEPS:
            ours, theirs = ([side[step] for side in sides] for sides in zip(*pairs[1:], strict=True))
            ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
            print(f"{step:<16}{statistics.median(ours):>10.3f}{statistics.median(theirs):>10.3f}{ratio:>8.2f}")


if __name__ == "__main__":
    main()
