"""The compiler: the tree of a formula becomes steps, plain functions of a batch, once for each skeleton.

`array` says whether ranges are taken whole where a single value is expected, as in array formulas and
inside functions such as SUMPRODUCT, or give the one value in the formula's own row or column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator.batch.batch import Batch, Result, Step, ValueStep, common_label, is_one_cell, single
from sheetgpt.evaluator.batch.variables import Body, Closure
from sheetgpt.evaluator.compile.common_subexpressions import Numbering
from sheetgpt.evaluator.compile.known import FUNCTION, OWN, count_fits, find_function
from sheetgpt.evaluator.compile.several import Give, apply_each
from sheetgpt.evaluator.forms.branching import constant
from sheetgpt.evaluator.forms.form import Argument, Form, Rewrite
from sheetgpt.evaluator.forms.lambdas import apply, call, call_values, variable
from sheetgpt.evaluator.forms.reference_operators import intersection, span, union
from sheetgpt.evaluator.index.areas import stack
from sheetgpt.formula import (
    Apply,
    Array,
    Binary,
    Boolean,
    Call,
    Error,
    Hole,
    Missing,
    Name,
    Node,
    Number,
    Percent,
    Sign,
    Text,
    spine,
)
from sheetgpt.functions.core.broadcasting import pack
from sheetgpt.functions.core.signature import ArgumentKind, Function, Operand
from sheetgpt.functions.operators import OPERATORS, POSTFIX, POWERS, PREFIX, at_the_end

_REFERENCE_OPERATORS: dict[str, Callable[[Result, Result], Result]] = {":": span, " ": intersection, ",": union}

_WHOLE: frozenset[ArgumentKind] = frozenset({"array", "cells", "reference", "branch"})  # single values are none of them


def final_step(tree: Node, array: bool) -> ValueStep:
    """The values of a whole formula; an ordinary one has a single value."""
    builder = _Builder(tree)
    if array:
        return builder.values(tree, array)
    values = builder.last(tree)

    def run(batch: Batch) -> np.ndarray:
        return values(batch)[..., :1, :1]

    return run


class _Builder:
    """Puts the steps of one formula together; equal parts of it have one step, which runs once for a batch."""

    def __init__(self, tree: Node) -> None:
        self._numbering = Numbering(tree)
        self._own: dict[str, Step] = {}  # functions of the book, by their names
        self._results: dict[tuple[int, bool], Step] = {}
        self._values: dict[tuple[int, bool], ValueStep] = {}

    def last(self, tree: Node) -> ValueStep:
        """The values of a whole ordinary formula: where + or - comes last, what is nearly 0 is 0."""
        if not isinstance(tree, Binary) or tree.operator not in ("+", "-"):
            return self.values(tree, False)
        left, right = self.values(tree.left, False), self.values(tree.right, False)
        operator = at_the_end(OPERATORS[tree.operator])
        return lambda batch: operator(left(batch), right(batch))

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
        if isinstance(tree, Apply):
            return apply(*self._parts(tree, array), call_values)  # type: ignore[return-value]
        result = self.result(tree, array)
        if not isinstance(tree, Hole | Call | Binary | Name):
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
            case Name(name):
                return self._own_function(name) if name.startswith("=") else variable(name)
            case Apply():
                return apply(*self._parts(tree, array), call)
            case Call(name, (Text(function),)) if name == FUNCTION:
                return self._given(function)
            case Call(name, (*functions, whole)) if name == OWN:
                for own, body in zip(functions[::2], functions[1::2], strict=True):
                    self._own[str(getattr(own, "value", ""))] = self.result(body, True)
                return self.result(whole, array)
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
        kinds = function.kinds(len(arguments))
        modes = [array or (function.array_mode and kind in _WHOLE) for kind in kinds]
        if isinstance(function, Form):
            built = [self._argument(argument, mode) for argument, mode in zip(arguments, modes, strict=True)]
            return function.build(built, array or function.array_mode)
        gives = [_give(function, mode, kind) for mode, kind in zip(modes, kinds, strict=True)]
        steps = [
            None if argument == Missing() else self.result(argument, mode)
            for argument, mode in zip(arguments, modes, strict=True)
        ]
        if function.each_reference:
            return apply_each(function, steps, kinds, gives)
        return _apply(function, [_operand(step, give) for step, give in zip(steps, gives, strict=True)])

    def _argument(self, tree: Node, array: bool) -> Argument:
        name = tree.value if isinstance(tree, Text) else ""
        return Argument(self.result(tree, array), self.values(tree, array), tree == Missing(), name)

    def _parts(self, tree: Apply, array: bool) -> tuple[Argument, list[Argument]]:
        return self._argument(tree.function, array), [self._argument(argument, array) for argument in tree.arguments]

    def _own_function(self, name: str) -> Step:
        """A function of the book, found by its name when it is called: it may call itself."""
        return lambda batch: self._own[name](batch.with_variables({}))

    def _given(self, function: str) -> Step:
        """A function of Excel's own as a value; what it does for so many arguments is put together when it is known."""
        known: dict[int, Body] = {}

        def find(count: int) -> Body | None:
            if count not in known and count_fits(function, count):
                names = tuple([str(number) for number in range(count)])
                tree: Node = Call(function, tuple([Name(name) for name in names]))
                if isinstance(spec := find_function(function), Rewrite):
                    tree = spec.rewrite([Name(name) for name in names])
                builder = _Builder(tree)
                known[count] = Body(names, builder.result(tree, True), builder.values(tree, True))
            return known.get(count)

        return lambda _batch: Closure(find, {})


def _give(function: Function, array: bool, kind: ArgumentKind) -> Give:
    """What of an argument's result the function is given."""
    clip = not function.sees_blanks
    refuses = function.refuses_ranges and kind != "array"
    whole = array or kind == "array"

    def give(batch: Batch, found: Result) -> Operand:
        if isinstance(found, np.ndarray):
            return Operand(found)
        if refuses and not is_one_cell(found):
            return Operand(single(ErrorValue.VALUE))
        return Operand(batch.whole(found, clip) if whole else batch.intersected(found), True)

    return give


def _operand(step: Step | None, give: Give) -> Callable[[Batch], Operand | None]:
    """An argument of a function; None is one left empty."""
    if step is None:
        return lambda _batch: None

    def run(batch: Batch) -> Operand | None:
        return give(batch, step(batch))

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
