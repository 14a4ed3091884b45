"""`make fuzz`: random formulas in three engines, as many as are asked for; what is found is kept in a file.

Ends with status 1 where a difference has no explanation.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path

from fuzz.engines import Engines
from fuzz.generator import LEFT_OUT, NAMES, samples
from fuzz.grid import random_cells
from fuzz.ledger import Chunk, judged, report, write, written
from fuzz.page import write_page
from fuzz.shrinker import differences


def chunk_of(engines: Engines, seed: str, number: int, size: int) -> Chunk:
    """One workbook of formulas, compared and shrunk."""
    part = f"{seed}.{number}"
    return judged(number, size, differences(engines, random_cells(part), samples(part, size)))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--seed", help="of the formulas and values; by default drawn and printed")
    parser.add_argument("--count", type=int, default=100_000, help="formulas, of which those done before count")
    parser.add_argument("--chunk", type=int, default=1500, help="formulas in one workbook")
    parser.add_argument("--out", type=Path, help="what is found; a file that is there is gone on with")
    parser.add_argument("--page", action="store_true", help="only write docs/disagreements.md")
    options = parser.parse_args()
    if options.page:
        write_page()
        return 0
    seed = options.seed or secrets.token_hex(4)
    out = options.out or Path(f"fuzz-{seed}.jsonl")
    print(f"seed {seed}, {len(NAMES)} functions, {len(LEFT_OUT)} left out; kept in {out}", flush=True)
    return run(seed, options.count, options.chunk, out)


def run(seed: str, count: int, size: int, out: Path) -> int:
    """The chunks that are not done yet, or have something unexplained, then the report; 1 where that is still so."""
    with Engines() as engines:
        print("asked:", ", ".join(engines.names) or "no other program: install LibreOffice or IronCalc", flush=True)
        done = written(out)
        for number in range(-(-count // size)):
            if number not in done or done[number].unexplained:
                chunk = chunk_of(engines, seed, number, size)
                write(out, chunk)
                print(f"{(number + 1) * size:9,} formulas, unexplained {len(chunk.unexplained)}", flush=True)
    chunks = written(out).values()
    print(report(chunks))
    return 1 if any(chunk.unexplained for chunk in chunks) else 0


if __name__ == "__main__":
    sys.exit(main())
