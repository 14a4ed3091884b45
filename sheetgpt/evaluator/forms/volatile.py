"""The forms that ask the clock or draw random numbers: NOW, TODAY, RAND, RANDBETWEEN, RANDARRAY."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator.batch.batch import Batch, Result, Step, ValueStep, common_label, members, single
from sheetgpt.evaluator.forms.form import Argument, Form, Rewrite, integers
from sheetgpt.formula import Node
from sheetgpt.functions.core.broadcasting import align, pack
from sheetgpt.functions.core.coercion import NA, NUM, VALUE, to_boolean, to_number
from sheetgpt.functions.core.signature import ArgumentKind

CLOCK, RANDOM = "the clock", "random numbers"  # what values of these functions come of
DRAWS = {name: f"draw {name}" for name in ("RAND", "RANDBETWEEN", "RANDARRAY")}
DRAW_EACH = "draw RAND for each cell"
_LARGEST = 1 << 24  # numbers that one formula may draw


def _time(whole: bool) -> Form:
    """TODAY (whole days) and NOW."""

    def build(_arguments: Sequence[Argument], _array: bool) -> Step:
        def run(batch: Batch) -> Result:
            serial = batch.workbook.clock.serial(batch.workbook.book.settings.date1904)
            return single(float(serial // 1) if whole else serial)

        return run

    return Form(build=build, volatile=True, source=CLOCK)


def _never(_arguments: Sequence[Node]) -> Node:
    raise AssertionError("draws are numbered before anything else is written anew")


def _listed(**traits: object) -> Rewrite:
    """What is said of a function; it is calculated by the form of the same name in `NUMBERED`."""
    return Rewrite(rewrite=_never, volatile=True, source=RANDOM, **traits)  # type: ignore[arg-type]


def _draw(batch: Batch, number: ValueStep, rows: int = 1, columns: int = 1) -> np.ndarray:
    """Numbers from 0 to below 1 for each member [member, row, column]."""
    places = batch.position
    cells = np.stack(np.broadcast_arrays(*map(np.atleast_1d, (places.sheets, places.tops, places.lefts))), axis=1)
    several = batch.size if isinstance(places.tops, int) else 1  # elements of an array in one formula, as MAP has them
    drawn = batch.workbook.clock.draw(int(number(batch)[0, 0]), cells, rows * several, columns)
    if several > 1:
        each: np.ndarray = drawn[0].reshape(several, rows, columns)
        return each
    return drawn[0] if isinstance(places.tops, int) else drawn


def _rand(arguments: Sequence[Argument], _array: bool) -> Step:
    return lambda batch: _draw(batch, arguments[0].values)


def _rand_each(arguments: Sequence[Argument], _array: bool) -> Step:
    """RAND alone as an array formula fills its cells with different numbers (Microsoft's article Q58365)."""
    return lambda batch: _draw(batch, arguments[0].values, batch.position.rows, batch.position.columns)


def _rand_between(arguments: Sequence[Argument], _array: bool) -> Step:
    number, low_step, high_step = arguments

    def run(batch: Batch) -> Result:
        if low_step.missing or high_step.missing:
            return single(NA)
        low, high = align([low_step.values(batch), high_step.values(batch)])
        drawn = _draw(batch, number.values, *low.shape[-2:])
        low, high, drawn = np.broadcast_arrays(low, high, drawn)
        given = zip(low.ravel().tolist(), high.ravel().tolist(), drawn.ravel().tolist(), strict=True)
        return pack([_between(*three) for three in given], drawn.shape)

    return run


def _between(low: Value, high: Value, share: float) -> Value:
    """A whole number between two; a boolean is #VALUE!, as in all functions of the Analysis ToolPak."""
    ends = [VALUE if isinstance(end, bool) else to_number(end) for end in (low, high)]
    for end in ends:
        if isinstance(end, ErrorValue):
            return end
    first, last = (float(end) for end in ends if isinstance(end, float))
    if first > last:
        return NUM
    first = float(np.ceil(first))
    last = max(first, float(np.floor(last)))  # RANDBETWEEN(0.1,0.9) is 1
    return _whole(first, last, share)


def _whole(first: float, last: float, share: float) -> float:
    """One of the whole numbers from the first to the last."""
    return min(last, first + float(np.floor(share * (last - first + 1))))


def _rand_array(arguments: Sequence[Argument], _array: bool) -> Step:
    number, given = arguments[0], arguments[1:]

    def run(batch: Batch) -> Result:
        rows, columns = _size(batch, given, 0), _size(batch, given, 1)
        low, high = _one(batch, given, 2, 0.0), _one(batch, given, 3, 1.0)
        whole = common_label([to_boolean(value) for value in _some(batch, given, 4, False)])
        for part in (rows, columns, low, high, whole):
            if isinstance(part, ErrorValue):
                return single(part)
        size, ends = (int(rows), int(columns)), (float(low), float(high))  # type: ignore[arg-type]
        fault = _fault(*size, *ends, bool(whole))
        return single(fault) if fault else _spread(_draw(batch, number.values, *size), *ends, bool(whole))

    return run


def _some(batch: Batch, given: Sequence[Argument], place: int, default: Value) -> list[Value]:
    """An optional argument's single value for each member."""
    if len(given) <= place or given[place].missing:
        return [default]
    return members(given[place].values(batch))


def _size(batch: Batch, given: Sequence[Argument], place: int) -> int | ErrorValue:
    if len(given) <= place or given[place].missing:
        return 1
    found = integers(given[place].values(batch))
    return common_label(found.tolist()) if isinstance(found, np.ndarray) else found


def _one(batch: Batch, given: Sequence[Argument], place: int, default: float) -> float | ErrorValue:
    return common_label([to_number(value) for value in _some(batch, given, place, default)])


def _fault(rows: int, columns: int, low: float, high: float, whole: bool) -> ErrorValue | None:
    """What is wrong with the arguments of RANDARRAY."""
    if min(rows, columns) < 0 or rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > _LARGEST:
        return VALUE
    if min(rows, columns) == 0:
        return ErrorValue.CALC
    return VALUE if low > high or (whole and (low % 1 or high % 1)) else None


def _spread(drawn: np.ndarray, low: float, high: float, whole: bool) -> np.ndarray:
    if whole:
        return np.minimum(high, low + np.floor(drawn * (high - low + 1)))
    return low + drawn * (high - low)


VOLATILE: dict[str, Form | Rewrite] = {
    "NOW": _time(whole=False),
    "TODAY": _time(whole=True),
    "RAND": _listed(note="of a seed that is given; alone as an array formula a number for each cell"),
    "RANDBETWEEN": _listed(parameters=("value", "value"), note="of a seed that is given"),
    "RANDARRAY": _listed(
        parameters=("value", "value", "value", "value", "value"), optional=5, note="of a seed that is given"
    ),
}
_BUILDERS: dict[str, tuple[Callable[[Sequence[Argument], bool], Step], int]] = {
    DRAWS["RAND"]: (_rand, 0),
    DRAW_EACH: (_rand_each, 0),
    DRAWS["RANDBETWEEN"]: (_rand_between, 2),
    DRAWS["RANDARRAY"]: (_rand_array, 5),
}
_VALUES: tuple[ArgumentKind, ...] = ("value",) * 6
# The first argument of each is the number of the draw in its formula.
NUMBERED: dict[str, Form] = {
    name: Form(
        build=build,
        parameters=_VALUES[: count + 1],
        optional=5 if count == 5 else 0,
        volatile=True,
        source=RANDOM,
    )
    for name, (build, count) in _BUILDERS.items()
}
