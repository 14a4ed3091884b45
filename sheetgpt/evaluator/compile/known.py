"""The functions that a formula may use, by name: those of `sheetgpt.functions`, and the evaluator's forms."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.evaluator.batch.batch import Step
from sheetgpt.evaluator.forms.branching import BRANCHING
from sheetgpt.evaluator.forms.cell_info import CELL_INFO
from sheetgpt.evaluator.forms.form import Argument, Form
from sheetgpt.evaluator.forms.higher_order import HIGHER_ORDER
from sheetgpt.evaluator.forms.lambdas import LAMBDAS
from sheetgpt.evaluator.forms.positions import POSITIONS
from sheetgpt.evaluator.forms.references import REFERENCES
from sheetgpt.evaluator.forms.rewriting import REWRITING, SPILL_RANGE
from sheetgpt.evaluator.forms.spill_ranges import spill_range
from sheetgpt.evaluator.forms.subtotals import SUBTOTALS
from sheetgpt.evaluator.forms.trimming import TRIMMING
from sheetgpt.evaluator.forms.volatile import NUMBERED, VOLATILE
from sheetgpt.functions import FUNCTIONS
from sheetgpt.functions.core.signature import FunctionSpec
from sheetgpt.functions.dates_1904 import DATES_1904

# No names that a formula could contain.
IN_ARRAY_MODE = "array mode"  # a form around what a name stands for
FUNCTION = "function"  # a function of Excel's that is given to another one
OWN = "own functions"  # names of functions of the book, each with its tree, and the formula that calls them


def _in_array_mode(arguments: Sequence[Argument], _array: bool) -> Step:
    return arguments[0].result


_ALL = (BRANCHING, REWRITING, POSITIONS, REFERENCES, CELL_INFO, SUBTOTALS, VOLATILE, LAMBDAS, HIGHER_ORDER)
FORMS: dict[str, FunctionSpec] = dict(sorted(item for forms in _ALL for item in forms.items()))
_UNLISTED: dict[str, FunctionSpec] = {
    IN_ARRAY_MODE: Form(build=_in_array_mode, parameters=("array",), array_mode=True),
    FUNCTION: Form(build=_in_array_mode, parameters=("value",)),
    OWN: Form(build=_in_array_mode, parameters=("branch",), repeats=1),
    SPILL_RANGE: Form(build=spill_range, parameters=("reference",), volatile=True),
    **TRIMMING,
    **NUMBERED,
    **DATES_1904,
}


def find_function(name: str) -> FunctionSpec | None:
    """What is known of a function; None where it cannot be calculated."""
    return FUNCTIONS.get(name) or FORMS.get(name) or _UNLISTED.get(name)


def count_fits(name: str, count: int) -> bool:
    """Whether a function is known and takes so many arguments."""
    function = find_function(name)
    return function is not None and function.minimum <= count <= (
        count if function.maximum is None else function.maximum
    )


def known_functions() -> dict[str, tuple[int, int | None]]:
    """Name -> the least and the largest number of arguments (None: no limit), in the order of the alphabet."""
    functions: dict[str, FunctionSpec] = {**FUNCTIONS, **FORMS}
    return {name: (spec.minimum, spec.maximum) for name, spec in sorted(functions.items())}


def functions_text() -> str:
    """A line for each function: its name and how many arguments it takes."""
    return "\n".join(f"{name:<20} {count_text(*counts)}" for name, counts in known_functions().items())


def count_text(least: int, most: int | None) -> str:
    """A number of arguments in words: "2", "1 to 3", "1 or more"."""
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"
