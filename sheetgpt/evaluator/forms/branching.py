"""The forms that calculate only the argument that they choose: IF, IFERROR, IFNA, CHOOSE.

Where the members of a batch choose differently, each calculates only what it has chosen: as a smaller batch
where values are wanted, else (the choice may be a reference) the whole batch is split. Only where the choice
is made by each element of an array, all arguments are calculated. IFS and SWITCH are rewritten as IF before
(see `rewriting`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.batch.batch import (
    Batch,
    Result,
    Step,
    ValueStep,
    common_label,
    group_by_label,
    is_single,
    members,
    merge,
    single,
)
from sheetgpt.evaluator.forms.form import Argument, Form, integers
from sheetgpt.functions.core.coercion import to_boolean
from sheetgpt.functions.logic import select
from sheetgpt.functions.operators import OPERATORS


def constant(values: np.ndarray) -> Argument:
    """An argument that needs no calculation."""

    def run(_batch: Batch) -> np.ndarray:
        return values

    return Argument(run, run)


_FALSE = constant(single(False))
_EMPTY = constant(single(0.0))


def _branches(arguments: Sequence[Argument]) -> tuple[Argument, Argument]:
    yes, no = [_EMPTY if branch.missing else branch for branch in (*arguments[1:], _FALSE)][:2]
    return yes, no


def _if(arguments: Sequence[Argument], _array: bool) -> Step:
    condition, (yes, no) = arguments[0], _branches(arguments)

    def run(batch: Batch) -> Result:
        test = condition.values(batch)
        if not is_single(test):
            return select(test, yes.values(batch), no.values(batch))
        truth = common_label(_truths(test))
        if isinstance(truth, ErrorValue):
            return single(truth)
        return yes.result(batch) if truth else no.result(batch)

    return run


def _if_values(arguments: Sequence[Argument], _array: bool) -> ValueStep:
    condition, (yes, no) = arguments[0], _branches(arguments)

    def run(batch: Batch) -> np.ndarray:
        test = condition.values(batch)
        if not is_single(test):
            return select(test, yes.values(batch), no.values(batch))
        truths = _truths(test)
        return _each(batch, truths, {True: yes, False: no})

    return run


def _each(batch: Batch, labels: Sequence[int | ErrorValue], choices: Mapping[int, Argument]) -> np.ndarray:
    """The values that the members choose by their labels; those whose label is an error have the error."""
    first = labels[0]
    if len(labels) == 1 or all(label is first for label in labels) or len(set(labels)) == 1:
        return single(first) if isinstance(first, ErrorValue) else choices[first].values(batch)
    parts = []
    for label, members_ in group_by_label(labels).items():
        if isinstance(label, ErrorValue):
            parts.append((members_, single(label)))
        else:
            parts.append((members_, batch.values_of_part(members_, choices[label].values)))
    return merge(batch.size, parts)


def _truths(test: np.ndarray) -> list[bool | ErrorValue]:
    """TRUE, FALSE or an error for each member."""
    if test.dtype == object:
        return [to_boolean(value) for value in members(test)]
    truths: list[bool | ErrorValue] = (test != 0).ravel().tolist()
    return truths


def _unless(caught: frozenset[ErrorValue]) -> Form:
    """IFERROR and IFNA: the second argument in place of errors in the first."""

    def failures(values: np.ndarray) -> list[bool]:
        if values.dtype != object:
            return [False]
        return [value in caught if isinstance(value, ErrorValue) else False for value in values.ravel().tolist()]

    def begun(first: Argument, other: Argument, batch: Batch) -> tuple[np.ndarray, list[bool]]:
        """The result, and nothing; or single values of which some are caught, and for each member whether its is."""
        values = first.values(batch)
        failed = failures(values)
        if not any(failed):
            return values, []
        if not is_single(values):
            return select(np.array(failed).reshape(values.shape), other.values(batch), values), []
        return values, failed

    def build(arguments: Sequence[Argument], _array: bool) -> Step:
        first, other = [_EMPTY if argument.missing else argument for argument in arguments]

        def run(batch: Batch) -> Result:
            values, failed = begun(first, other, batch)
            return other.result(batch) if failed and common_label(failed) else values

        return run

    def build_values(arguments: Sequence[Argument], _array: bool) -> ValueStep:
        first, other = [_EMPTY if argument.missing else argument for argument in arguments]

        def run(batch: Batch) -> np.ndarray:
            values, failed = begun(first, other, batch)
            if not failed:
                return values
            if all(failed):
                return other.values(batch)
            parts = group_by_label(failed)
            others = batch.values_of_part(parts[True], other.values)
            return merge(batch.size, [(parts[False], values[parts[False]]), (parts[True], others)])

        return run

    return Form(build=build, build_values=build_values, parameters=("value", "branch"))


def _choose(arguments: Sequence[Argument], _array: bool) -> Step:
    index, *choices = [_EMPTY if argument.missing else argument for argument in arguments]

    def run(batch: Batch) -> Result:
        values = index.values(batch)
        if not is_single(values):
            return _choose_each(batch, values, choices)
        number = integers(values)
        if isinstance(number, np.ndarray):
            number = common_label(number.tolist())
        if isinstance(number, ErrorValue):
            return single(number)
        return choices[number - 1].result(batch) if 1 <= number <= len(choices) else single(ErrorValue.VALUE)

    return run


def _choose_values(arguments: Sequence[Argument], _array: bool) -> ValueStep:
    index, *choices = [_EMPTY if argument.missing else argument for argument in arguments]
    numbered = dict(enumerate(choices, 1))

    def run(batch: Batch) -> np.ndarray:
        values = index.values(batch)
        if not is_single(values):
            return _choose_each(batch, values, choices)
        number = integers(values)
        wanted = number.tolist() if isinstance(number, np.ndarray) else [number]
        labels = [n if n in numbered or isinstance(n, ErrorValue) else ErrorValue.VALUE for n in wanted]
        return _each(batch, labels, numbered)

    return run


def _choose_each(batch: Batch, index: np.ndarray, choices: Sequence[Argument]) -> np.ndarray:
    """CHOOSE with an array of indices: each element chooses for itself."""
    # Below 1 all is #VALUE!, and an index that is an error or no number gives its own error in each select.
    chosen = select(OPERATORS[">="](index, single(1.0)), single(ErrorValue.VALUE), single(ErrorValue.VALUE))
    for number, choice in enumerate(choices, 1):
        at_least = OPERATORS[">="](index, single(float(number)))
        chosen = select(at_least, choice.values(batch), chosen)
    beyond = OPERATORS[">="](index, single(float(len(choices) + 1)))
    return select(beyond, single(ErrorValue.VALUE), chosen)


BRANCHING: dict[str, Form] = {
    "IF": Form(
        build=_if,
        build_values=_if_values,
        parameters=("value", "branch", "branch"),
        optional=1,
        note="only the branch taken is calculated",
    ),
    "IFERROR": _unless(frozenset(ErrorValue)),
    "IFNA": _unless(frozenset([ErrorValue.NA])),
    "CHOOSE": Form(
        build=_choose,
        build_values=_choose_values,
        parameters=("value", "branch"),
        repeats=1,
        note="only the value chosen is calculated",
    ),
}
