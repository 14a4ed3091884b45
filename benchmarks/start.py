"""How long commands take, in processor time: this checkout beside another one, in turn.

    python benchmarks/start.py OTHER [RUNS]      OTHER: a checkout of another commit, as `git worktree add` makes it

The table has medians of user and system seconds of whole processes and their ratio, the median of those pair by pair.
Each command runs once before, so that compiled modules and the cache are there for both.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from sheetgpt.commands.build import build

HERE = Path(__file__).resolve().parent.parent
PROMPT = "If today is Tuesday, tomorrow is"


def seconds(checkout: Path, cache: Path, arguments: list[str]) -> float:
    """Processor time of one command of a checkout."""
    surroundings = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    surroundings |= {"PYTHONPATH": str(checkout), "SHEETGPT_CACHE": str(cache)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "sheetgpt", *arguments]
    subprocess.run(command, check=True, env=surroundings, cwd=cache.parent, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(other: Path, folder: Path, arguments: list[str], runs: int) -> tuple[float, float, float]:
    """Medians of this checkout and the other, and of the ratio."""
    pairs = [
        (seconds(HERE, folder / "ours", arguments), seconds(other, folder / "theirs", arguments))
        for _ in range(runs + 1)
    ][1:]
    ours, theirs = zip(*pairs, strict=True)
    return statistics.median(ours), statistics.median(theirs), statistics.median(a / b for a, b in pairs)


def main() -> None:
    other, runs = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mini = build("mini", folder / "mini.xlsx")
        commands = {
            "--version": ["--version"],
            "--help": ["--help"],
            "run --help": ["run", "--help"],
            "run mini.xlsx": ["run", str(mini), "--prompt", PROMPT],
        }
        print(f"{'':<26}{'here, s':>10}{'there, s':>10}{'ratio':>8}")
        for title, arguments in commands.items():
            ours, theirs, ratio = compare(other, folder, arguments, runs)
            print(f"{title:<26}{ours:>10.3f}{theirs:>10.3f}{ratio:>8.2f}")


if __name__ == "__main__":
    main()
