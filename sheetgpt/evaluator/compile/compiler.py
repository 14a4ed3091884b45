"""From the tree of a formula to steps: plain functions of a batch, put together once for each skeleton.

`array` says whether ranges are taken whole where a single value is expected, as in array formulas and
inside functions such as SUMPRODUCT, or give the one value in the formula's own row or column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, cycle, islice

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.evaluator.batch.batch import Batch, Result, Step, ValueStep, common_label, single
from sheetgpt.evaluator.compile.common_subexpressions import Numbering
from sheetgpt.evaluator.forms.branching import CHOICES, constant
from sheetgpt.evaluator.forms.form import Argument, Form
from sheetgpt.evaluator.forms.positions import PLACES
from sheetgpt.evaluator.forms.reference_operators import intersection, span, union
from sheetgpt.evaluator.forms.references import FINDING
from sheetgpt.evaluator.index.areas import stack
from sheetgpt.formula import (
    Array,
    Binary,
    Boolean,
    Call,
    Error,
    Hole,
    Missing,
    Node,
    Number,
    Percent,
    Sign,
    Text,
    spine,
)
from sheetgpt.functions import FUNCTIONS
from sheetgpt.functions.core.broadcasting import pack
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.operators import OPERATORS, POSTFIX, POWERS, PREFIX

IN_ARRAY_MODE = "array mode"  # no name that a formula could contain: a form around what a name stands for

# Excel takes their arguments as arrays even in ordinary formulas (parameter class "array" in its files).
_TAKE_ARRAYS = frozenset((
    "CORREL", "COVAR", "COVARIANCE.P", "COVARIANCE.S", "FORECAST", "FORECAST.LINEAR", "FREQUENCY", "GROWTH", "INDEX",
    "INTERCEPT", "LINEST", "LOGEST", "LOOKUP", "MDETERM", "MINVERSE", "MMULT", "MODE", "MODE.SNGL", "PEARSON", "PROB",
    "RSQ", "SLOPE", "STEYX", "SUMPRODUCT", "SUMX2MY2", "SUMX2PY2", "SUMXMY2", "TRANSPOSE", "TREND", IN_ARRAY_MODE,
))  # fmt: skip

# They see the blank cells of whole columns and rows too; for all others these end where the sheet does.
_SEE_BLANKS = frozenset(("COUNTBLANK", "COUNTIF", "COUNTIFS"))

_REFERENCE_OPERATORS: dict[str, Callable[[Result, Result], Result]] = {":": span, " ": intersection, ",": union}


def _in_array_mode(arguments: Sequence[Argument], _array: bool) -> Step:
    return arguments[0].result


FORMS: dict[str, Form] = {**CHOICES, **PLACES, **FINDING, IN_ARRAY_MODE: Form(_in_array_mode, 1, 1, "s")}


def final_step(tree: Node, array: bool) -> ValueStep:
    """The values of a whole formula; an ordinary one has a single value."""
    values = _Builder(tree).values(tree, array)
    if array:
        return values

    def run(batch: Batch) -> np.ndarray:
        return values(batch)[..., :1, :1]

    return run


class _Builder:
    """Puts the steps of one formula together; equal parts of it have one step, which runs once for a batch."""

    def __init__(self, tree: Node) -> None:
        self._numbering = Numbering(tree)
        self._results: dict[tuple[int, bool], Step] = {}
        self._values: dict[tuple[int, bool], ValueStep] = {}

    def values(self, tree: Node, array: bool) -> ValueStep:
        """The values of a part of a formula where single values are expected."""
        key = self._numbering.of(tree), array
        if key not in self._values:
            self._values[key] = self._make_values(tree, array)
        return self._values[key]

    def result(self, tree: Node, array: bool) -> Step:
        """What a part of a formula comes to: a reference where it is one."""
        key = self._numbering.of(tree), array
        if key not in self._results:
            step = self._make_result(tree, array)
            again = isinstance(tree, Call | Binary) and self._numbering.is_repeated(tree)
            self._results[key] = _once(2 * key[0] + array, step) if again else step
        return self._results[key]

    def _make_values(self, tree: Node, array: bool) -> ValueStep:
        if isinstance(tree, Call) and (form := FORMS.get(tree.function)) and form.build_values:
            return form.build_values([self._argument(argument, array) for argument in tree.arguments], array)
        result = self.result(tree, array)
        if not isinstance(tree, Hole | Call | Binary):
            return result  # type: ignore[return-value]  # constants and signs give values only

        def run(batch: Batch) -> np.ndarray:
            found = result(batch)
            if isinstance(found, np.ndarray):
                return found
            return batch.whole(found) if array else batch.intersected(found)

        return run

    def _make_result(self, tree: Node, array: bool) -> Step:
        match tree:
            case Hole(index):
                return lambda batch: batch.holes[index]
            case Number(value) | Text(value) | Boolean(value) | Error(value):
                return constant(single(value)).result
            case Array(rows):
                return constant(_constants([[cell.value for cell in row] for row in rows])).result
            case Missing():
                return constant(single(0.0)).result
            case Sign(sign, operand):
                return _unary(PREFIX[sign], self.values(operand, array))
            case Percent(operand):
                return _unary(POSTFIX["%"], self.values(operand, array))
            case Binary(operator, left, right) if operator in _REFERENCE_OPERATORS:
                sides = self.result(left, array), self.result(right, array)
                return _on_references(_REFERENCE_OPERATORS[operator], *sides)
            case Binary():
                return self._chain(tree, array)
            case Call(function, arguments):
                return self._call(function, arguments, array)
        raise TypeError(f"{tree!r} cannot stand in a formula's skeleton")

    def _chain(self, tree: Binary, array: bool) -> Step:
        """Operators one after the other, from the left."""
        first, steps = spine(tree, until=frozenset(_REFERENCE_OPERATORS))
        start = self.values(first, array)
        rest = [(_operator(operator, right), self.values(right, array)) for operator, right in steps]

        def run(batch: Batch) -> np.ndarray:
            values = start(batch)
            for operator, operand in rest:
                values = operator(values, operand(batch))
            return values

        return run

    def _call(self, name: str, arguments: Sequence[Node], array: bool) -> Step:
        array = array or name in _TAKE_ARRAYS
        if form := FORMS.get(name):
            return form.build([self._argument(argument, array) for argument in arguments], array)
        function = FUNCTIONS[name]
        kinds = islice(_parameters(function.parameters), len(arguments))
        clip = name not in _SEE_BLANKS
        return _apply(
            function,
            [self._operand(part, array, kind == "a", clip) for part, kind in zip(arguments, kinds, strict=True)],
        )

    def _argument(self, tree: Node, array: bool) -> Argument:
        return Argument(self.result(tree, array), self.values(tree, array), tree == Missing())

    def _operand(self, tree: Node, array: bool, whole: bool, clip: bool) -> Callable[[Batch], Operand | None]:
        if tree == Missing():
            return lambda _batch: None
        result = self.result(tree, array)

        def run(batch: Batch) -> Operand:
            found = result(batch)
            if isinstance(found, np.ndarray):
                return Operand(found)
            return Operand(batch.whole(found, clip) if whole or array else batch.intersected(found), True)

        return run


def _once(number: int, step: Step) -> Step:
    """A step that a formula needs more than once."""

    def run(batch: Batch) -> Result:
        found = batch.known.get(number)
        if found is None:
            found = batch.known[number] = step(batch)
        return found

    return run


def _operator(operator: str, right: Node) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    if operator == "^" and isinstance(right, Number) and right.value in POWERS:
        return POWERS[right.value]
    return OPERATORS[operator]


def _constants(rows: list[list[Value]]) -> np.ndarray:
    return pack(list(chain.from_iterable(rows)), (len(rows), len(rows[0])))


def _unary(operator: Callable[[np.ndarray], np.ndarray], operand: ValueStep) -> Step:
    return lambda batch: operator(operand(batch))


def _on_references(operator: Callable[[Result, Result], Result], left: Step, right: Step) -> Step:
    return lambda batch: operator(left(batch), right(batch))


def _parameters(pattern: str) -> chain[str]:
    """The letters of a function's parameters: "a(av)*" -> a, a, v, a, v, ...; "a*" -> a, a, ..."""
    if not pattern.endswith("*"):
        return chain(pattern)
    start = pattern.find("(") if pattern.endswith(")*") else len(pattern) - 2
    return chain(pattern[:start], cycle(pattern[start:-1].strip("()")))


def _apply(function: Function, operands: Sequence[Callable[[Batch], Operand | None]]) -> Step:
    call = function.call

    def run(batch: Batch) -> np.ndarray:
        return call(*[operand(batch) for operand in operands])

    def run_each(batch: Batch) -> np.ndarray:
        given = [operand(batch) for operand in operands]
        if all(operand is None or operand.values.ndim == 2 for operand in given):
            return call(*given)
        results = [call(*[_member(operand, number) for operand in given]) for number in range(batch.size)]
        common_label([values.shape for values in results])
        return stack(results)

    return run if function.batched else run_each


def _member(operand: Operand | None, number: int) -> Operand | None:
    if operand is None or operand.values.ndim == 2:
        return operand
    return Operand(operand.values[number], operand.reference)


def arity(name: str) -> tuple[int, int | None]:
    """The least and the largest number of arguments (None: no limit)."""
    if form := FORMS.get(name):
        return form.least, form.most
    function = FUNCTIONS[name]
    return function.required, function.most


def is_known(name: str) -> bool:
    """Whether a function can be calculated."""
    return name in FORMS or name in FUNCTIONS
