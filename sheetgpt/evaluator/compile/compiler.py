"""The compiler: the tree of a formula becomes steps, plain functions of a batch, once for each skeleton.

`array` says whether ranges are taken whole where a single value is expected, as in array formulas and
inside functions such as SUMPRODUCT, or give the one value in the formula's own row or column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.evaluator.batch.batch import Batch, Result, Step, ValueStep, common_label, single
from sheetgpt.evaluator.compile.common_subexpressions import Numbering
from sheetgpt.evaluator.compile.known import find_function
from sheetgpt.evaluator.forms.branching import constant
from sheetgpt.evaluator.forms.form import Argument, Form
from sheetgpt.evaluator.forms.reference_operators import intersection, span, union
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
from sheetgpt.functions.core.broadcasting import pack
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.operators import OPERATORS, POSTFIX, POWERS, PREFIX

_REFERENCE_OPERATORS: dict[str, Callable[[Result, Result], Result]] = {":": span, " ": intersection, ",": union}


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
        form = find_function(tree.function) if isinstance(tree, Call) else None
        if isinstance(tree, Call) and isinstance(form, Form) and form.build_values:
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
        function = find_function(name)
        assert isinstance(function, Form | Function), f"{name} was to be rewritten, or is not known"
        array = array or function.array_mode
        if isinstance(function, Form):
            return function.build([self._argument(argument, array) for argument in arguments], array)
        kinds = zip(arguments, function.kinds(len(arguments)), strict=True)
        clip = not function.sees_blanks
        return _apply(function, [self._operand(part, array, kind == "array", clip) for part, kind in kinds])

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
