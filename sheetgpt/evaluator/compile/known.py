"""The functions that a formula may use, by name."""

from __future__ import annotations

from sheetgpt.evaluator.compile.compiler import FORMS, arity
from sheetgpt.functions import FUNCTIONS

_REWRITTEN: dict[str, tuple[int, int | None]] = {"IFS": (2, None), "SWITCH": (3, None)}  # as IF, by `plan`


def known_functions() -> dict[str, tuple[int, int | None]]:
    """Name -> the least and the largest number of arguments (None: no limit), in the order of the alphabet."""
    names = [*FUNCTIONS, *(name for name in FORMS if name.isupper())]
    return dict(sorted(({name: arity(name) for name in names} | _REWRITTEN).items()))


def functions_text() -> str:
    """A line for each function: its name and how many arguments it takes."""
    return "\n".join(f"{name:<20} {count_text(*counts)}" for name, counts in known_functions().items())


def count_text(least: int, most: int | None) -> str:
    """A number of arguments in words: "2", "1 to 3", "1 or more"."""
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"
