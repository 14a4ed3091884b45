"""What `sheetgpt build` takes in memory: GPT-2 small whole, and one block of each larger size at its full width.

    python benchmarks/memory.py [--vocab FOLDER]        some ten minutes, 4 GB of disk

The weights are random, of the real shapes, with the whole vocabulary. The peak is the operating system's account of
the finished process: everything that was in memory at once, pages of files that were mapped included. FOLDER holds
GPT-2's vocab.json and merges.txt; without it the models have no tokenizer, and their workbooks no sheets for one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import click
import numpy as np
from safetensors.numpy import save_file

from sheetgpt.commands.estimate import BASE_MEMORY
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.presets import PRESETS

BUILDS = {
    "gpt2": (12, []),
    "gpt2-medium": (1, ["--split"]),
    "gpt2-large": (1, ["--split"]),
    "gpt2-xl": (1, ["--split"]),
}


def checkpoint(folder: Path, config: Config, vocab: Path | None) -> Path:
    """A checkpoint of random float32 weights in Hugging Face's layout."""
    folder.mkdir()
    generator = np.random.default_rng(0)
    tensors = {}
    for name, (rows, columns) in config.tensors().items():
        gain = ".ln_" in f".{name}" and name.endswith("weight")
        numbers = generator.standard_normal((rows, columns), dtype=np.float32) * np.float32(0.04) + np.float32(gain)
        tensors[name] = numbers.ravel() if rows == 1 else numbers
    save_file(tensors, folder / "model.safetensors")
    entries = {
        "model_type": "gpt2",
        "vocab_size": config.vocab_size,
        "n_positions": config.n_positions,
        "n_embd": config.n_embd,
        "n_layer": config.n_layer,
        "n_head": config.n_head,
    }
    (folder / "config.json").write_text(json.dumps(entries))
    for name in ("vocab.json", "merges.txt") if vocab else ():
        shutil.copy(vocab / name, folder / name)  # type: ignore[operator]
    return folder


def peak(arguments: list[str]) -> tuple[float, int]:
    """Seconds and peak memory in bytes of a `sheetgpt` of its own."""
    start = perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "sheetgpt", *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"sheetgpt {' '.join(arguments)} ended with {process.returncode}")
    return perf_counter() - start, usage.ru_maxrss * 1024


@click.command()
@click.option("--vocab", type=click.Path(exists=True, path_type=Path), help="Folder of vocab.json and merges.txt.")
def main(vocab: Path | None) -> None:
    prompt = ["--prompt", "Mike is quick. He moves"] if vocab else ["--token-ids", "16073,318,2068,13,679,6100"]
    heads = f"{'seconds':>9}{'file MB':>9}{'peak GB':>9}{'one tensor GB':>15}{'peak less base':>16}"
    print(f"{'':<30}{'parameters':>14}{heads}")
    for name, (blocks, options) in BUILDS.items():
        config = replace(PRESETS[name], n_layer=blocks)
        largest = 8 * max(rows * columns for rows, columns in config.tensors().values())  # as float64
        with tempfile.TemporaryDirectory() as folder:
            model = checkpoint(Path(folder) / "model", config, vocab)
            output = Path(folder) / ("parts" if options else "model.xlsx")
            seconds, memory = peak(["build", str(model), "-o", str(output), *options, *prompt])
            size = sum(path.stat().st_size for path in output.iterdir()) if options else output.stat().st_size
        label = f"{name}, {blocks} block{'s' if blocks > 1 else ''}{', split' if options else ''}"
        less = (memory - BASE_MEMORY) / largest
        print(
            f"{label:<30}{config.parameters:>14,}{seconds:>9.0f}{size / 1e6:>9,.0f}{memory / 1e9:>9.2f}"
            f"{largest / 1e9:>15.2f}{less:>13.1f} x",
            flush=True,
        )


if __name__ == "__main__":
    main()
