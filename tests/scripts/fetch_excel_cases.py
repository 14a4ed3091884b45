"""Workbooks that Excel itself saved, for tests/evaluator/test_excel_cases.py: IronCalc's, of one commit.

    python tests/scripts/fetch_excel_cases.py [--folder FOLDER] [--url URL]

They are not part of this project (MIT or Apache-2.0, by the authors of IronCalc), so a clone has to fetch them. The
script reads the repository's archive and keeps the files whose SHA-256 is in excel_cases.sha256, under the names there,
whatever they are called in the archive. FOLDER is ../shared/excel-cases beside the checkout, where the tests look. All
of them or none: where one is missing, nothing is written, and the exit status is 1. Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tarfile
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path

COMMIT = "0d797798e12b"
URL = f"https://github.com/ironcalc/IronCalc/archive/{COMMIT}.tar.gz"
PINS = Path(__file__).with_name("excel_cases.sha256")
FOLDER = Path(__file__).parents[3] / "shared" / "excel-cases"
_LARGEST = 4_000_000  # bytes; the largest of them has 459,092


def read_pins(path: Path) -> dict[str, str]:
    """SHA-256 -> name, from a file as sha256sum writes it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {digest: name for digest, _, name in (line.partition("  ") for line in lines)}


def collect(url: str, pins: Mapping[str, str], folder: Path) -> set[str]:
    """Write the pinned files of an archive into a folder; returns the names that it did not have."""
    missing = set(pins.values())
    with urllib.request.urlopen(url, timeout=60) as answer, tarfile.open(fileobj=answer, mode="r|gz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".xlsx") and member.size <= _LARGEST:
                stream = archive.extractfile(member)
                data = stream.read() if stream else b""
                name = pins.get(hashlib.sha256(data).hexdigest())
                if name:
                    (folder / name).write_bytes(data)
                    missing.discard(name)
    return missing


def main() -> int:
    parser = argparse.ArgumentParser(description="Fetch the workbooks of tests/evaluator/test_excel_cases.py.")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--url", default=URL)
    parser.add_argument("--pins", type=Path, default=PINS)
    chosen = parser.parse_args()
    if chosen.folder.exists():
        print(f"{chosen.folder} is there already; remove it to fetch it again", file=sys.stderr)
        return 1
    pins = read_pins(chosen.pins)
    chosen.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=chosen.folder.parent) as place:
        whole = Path(place) / "whole"
        whole.mkdir()
        try:
            missing = collect(chosen.url, pins, whole)
        except (OSError, tarfile.TarError, EOFError) as error:
            print(f"{chosen.url} could not be read: {error}", file=sys.stderr)
            return 1
        if missing:
            print(f"{chosen.url} does not have these, byte for byte: {', '.join(sorted(missing))}", file=sys.stderr)
            return 1
        (whole / "README.md").write_text(
            f"Workbooks saved by Microsoft Excel, each formula cell holding the value Excel computed.\n"
            f"Source: the calculation tests of IronCalc (MIT or Apache-2.0), commit {COMMIT}.\n",
            encoding="utf-8",
        )
        shutil.move(whole, chosen.folder)
    print(f"{chosen.folder}: {len(pins)} workbooks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
