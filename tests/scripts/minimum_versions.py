"""The lowest versions that pyproject.toml allows, one requirement a line: `make minimum` installs them and runs tests.

    python tests/scripts/minimum_versions.py [dependencies] [EXTRA ...]

prints "click==8.1" for "click>=8.1", of the dependencies and of the extras that are named. A requirement that pins its
version stays as it is; one that is only for some machines keeps its condition.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
OWN = "sheetgpt"  # an extra may name the project itself, with other extras


def lowest(requirements: list[str]) -> Iterator[str]:
    """The requirements with their lower bounds as the only version; raises ValueError where one has no bound."""
    for requirement in requirements:
        wanted, _, condition = requirement.partition(";")
        match = re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?(>=|==)([\w.]+)", wanted.strip())
        if match is None:
            raise ValueError(f"{requirement!r} has no lower bound")
        yield f"{match[1]}=={match[3]}" + (f" ; {condition.strip()}" if condition else "")


def main(names: list[str]) -> None:
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    lists = project["optional-dependencies"] | {"dependencies": project["dependencies"]}
    print("\n".join(lowest([one for name in names for one in lists[name] if not one.startswith(f"{OWN}[")])))


if __name__ == "__main__":
    main(sys.argv[1:])
