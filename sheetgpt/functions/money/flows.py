"""Flows of money over equal or dated periods: present values and internal rates of return."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.aggregates import numbers_given, vectors
from sheetgpt.functions.core import date_serial
from sheetgpt.functions.core.broadcasting import OBJECT, Numbers, single
from sheetgpt.functions.core.coercion import DIV0, NUM, VALUE, to_number
from sheetgpt.functions.core.columns import is_number_array, toolpak
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift
from sheetgpt.functions.money.root import Curve, solve

_STEPS_OF_IRR, _STEPS_OF_XIRR = 20, 100
_GUESS = 0.1
_YEAR = 365.0
_LEAST_GUESS = 1e-5  # what XIRR takes for a guess of 0
_LARGEST_RATE = 1e10
_ACCURACY = 1e-8  # of XIRR, as documented


def _net_present(rate: float, *flows: Operand | None) -> Value:
    numbers = numbers_given(flows)
    if isinstance(numbers, ErrorValue):
        return numbers
    if rate == -1:
        return DIV0
    if not numbers:
        return VALUE
    values = np.array(numbers)
    return float(np.sum(values * np.power(1 + rate, -np.arange(1.0, values.size + 1))))


def _net_present_of_batch(each: Function) -> Callable[..., np.ndarray]:
    """NPV of a batch of plain numbers in one go."""

    def call(rate: Operand | None, *flows: Operand | None) -> np.ndarray:
        values = vectors(flows) if is_number_array(rate) and values_are_single(rate) else None
        if values is None or values.ndim < 3 or rate is None or (rate.values == -1).any():
            return each.call(rate, *flows)
        powers = np.power(1 + rate.values, -np.arange(1.0, values.shape[-1] + 1))
        result: np.ndarray = (values * powers).sum(axis=-1, keepdims=True)
        return result if np.isfinite(result).all() else each.call(rate, *flows)

    return call


def values_are_single(operand: Operand | None) -> bool:
    """Whether the operand is one value for each member of the batch."""
    return operand is not None and operand.values.shape[-2:] == (1, 1)


def _curve(flows: Numbers, times: Numbers) -> Curve:
    """The present value of each row of flows at its times as a function of the rate."""

    def curve(rate: Numbers, rows: np.ndarray) -> tuple[Numbers, Numbers, Numbers]:
        moments = times[rows] if times.shape[0] > 1 else times
        present = flows[rows] * np.exp(-moments * np.log1p(rate)[:, None])
        slope = -(present * moments).sum(axis=1) / (1 + rate)
        return present.sum(axis=1), slope, np.abs(present).sum(axis=1)

    return curve


def _rates(flows: Numbers, times: Numbers, guess: Numbers, steps: int) -> Numbers:
    """Internal rates of return of rows of flows; nan without a flow in and a flow out, or where none is found."""
    both = (flows > 0).any(axis=1) & (flows < 0).any(axis=1) & (guess > -1)
    result = np.full(len(flows), np.nan)
    if both.any():
        moments = times[both] if times.shape[0] > 1 else times
        result[both] = solve(_curve(flows[both], moments), guess[both], steps)
    return result


def _internal_rate(flows: Operand, guess: float = _GUESS) -> Value:
    numbers = numbers_given([flows])
    if isinstance(numbers, ErrorValue):
        return numbers
    row = np.array(numbers).reshape(1, -1)
    return float(_rates(row, np.arange(float(row.size)).reshape(1, -1), np.array([guess]), _STEPS_OF_IRR)[0])


def _internal_rates_of_batch(each: Function) -> Callable[..., np.ndarray]:
    """IRR of a batch of plain numbers in one go."""

    def call(flows: Operand | None, guess: Operand | None = None) -> np.ndarray:
        plain = flows is not None and is_number_array(flows) and flows.values.ndim > 2
        if not plain or not (guess is None or (is_number_array(guess) and values_are_single(guess))):
            return each.call(flows) if guess is None else each.call(flows, guess)
        assert flows is not None
        rows = flows.values.reshape(flows.values.shape[0], -1)
        start = np.full(1, _GUESS) if guess is None else guess.values.ravel()
        size = max(len(rows), start.size)
        rows = np.broadcast_to(rows, (size, rows.shape[1]))
        times = np.arange(float(rows.shape[1])).reshape(1, -1)
        result = _rates(rows, times, np.broadcast_to(start, size), _STEPS_OF_IRR).reshape(size, 1, 1)
        if np.isfinite(result).all():
            return result
        marked = result.astype(OBJECT)
        marked[~np.isfinite(result)] = NUM
        return marked

    return call


def _modified_rate(flows: Operand, finance: float, reinvest: float) -> Value:
    """MIRR: what is put in costs one rate, what comes out earns another."""
    numbers = numbers_given([flows])
    if isinstance(numbers, ErrorValue):
        return numbers
    values, last = np.array(numbers), len(numbers) - 1
    periods = np.arange(len(numbers))
    received = float(np.sum(np.where(values > 0, values, 0.0) * np.power(1 + reinvest, (last - periods).astype(float))))
    paid = float(np.sum(np.where(values < 0, values, 0.0) * np.power(1 + finance, -periods.astype(float))))
    if paid == 0 or received == 0:
        return DIV0
    return float(np.power(-received / paid, 1 / last) - 1)


def _dated(flows: Operand, dates: Operand) -> tuple[Numbers, Numbers] | ErrorValue:
    """The flows, and the years from the first date to each; #NUM! where they do not fit each other."""
    columns: list[list[float]] = []
    for operand in (flows, dates):
        given = operand.values.ravel().tolist()
        numbers = [VALUE if isinstance(value, bool) else to_number(value) for value in given]
        error = next((number for number in numbers if isinstance(number, ErrorValue)), None)
        if error:
            return error
        columns.append([number for number in numbers if isinstance(number, float)])
    days = np.floor(columns[1])
    if len(columns[0]) != days.size or days.min() < days[0] or not 0 <= days[0] <= days.max() <= date_serial.LAST:
        return NUM
    return np.array(columns[0]), (days - days[0]) / _YEAR


def _dated_present(rate: float, flows: Operand, dates: Operand) -> Value:
    dated = _dated(flows, dates)
    if isinstance(dated, ErrorValue):
        return dated
    return NUM if rate <= 0 else float(np.sum(dated[0] * np.power(1 + rate, -dated[1])))


def _dated_rate(flows: Operand, dates: Operand, guess: float = _GUESS) -> Value:
    """XIRR: halved between 0 and the guess, or its doubles, as Excel's values show; else searched for as IRR."""
    dated = _dated(flows, dates)
    if isinstance(dated, ErrorValue):
        return dated
    row, times = (numbers.reshape(1, -1) for numbers in dated)
    if guess <= -1 or not ((row > 0).any() and (row < 0).any()):
        return NUM
    halved = _halved_rate(lambda rate: float(np.sum(row * (1 + rate) ** -times)), guess or _LEAST_GUESS)
    if halved is not None:
        return halved
    return float(_rates(row, times, np.array([guess]), _STEPS_OF_XIRR)[0])


def _halved_rate(present: Callable[[float], float], guess: float) -> float | None:
    """The middle of the last interval, which is shorter than 1e-8; None for no change of sign above 0."""
    if guess < 0:
        return None
    low, high = 0.0, guess
    while present(low) * present(high) > 0:
        low, high = high, 2 * high
        if high > _LARGEST_RATE:
            return None
    rising = present(high) > 0
    while high - low >= _ACCURACY * (1 + low + high):
        middle = (low + high) / 2
        low, high = (low, middle) if (present(middle) > 0) == rising else (middle, high)
    return (low + high) / 2


def _schedule(principal: float, rates: Operand) -> Value:
    """FVSCHEDULE: what a principal becomes under one rate after the other."""
    result = principal
    for value in rates.values.ravel().tolist():
        rate = VALUE if isinstance(value, bool | str) else to_number(value)
        if isinstance(rate, ErrorValue):
            return rate
        result *= 1 + rate
    return result


_NPV = lift(_net_present, "number", "array", repeats=1)
_IRR = lift(_internal_rate, "array", "number", optional=1)


def _missing_is_error(function: Function) -> Function:
    """The function with #VALUE! for a range that is left empty."""

    def call(*operands: Operand | None) -> np.ndarray:
        return single(VALUE) if operands[0] is None else function.call(*operands)

    return function.replace(call=call)


FLOWS: dict[str, Function] = {
    "NPV": _NPV.replace(call=_net_present_of_batch(_NPV)),
    "IRR": _missing_is_error(_IRR.replace(call=_internal_rates_of_batch(_IRR))).replace(
        note="as RATE: the rate nearest to the guess, found by search where 20 steps do not arrive"
    ),
    "MIRR": lift(_modified_rate, "array", "number", "number"),
    "XNPV": toolpak(lift(_dated_present, "strict number", "array", "array", note="`#NUM!` for rates up to 0")),
    "XIRR": toolpak(
        lift(
            _dated_rate,
            "array",
            "array",
            "strict number",
            optional=1,
            note="to 1e-8 by halving, as Excel: 2.98E-09 for a rate of 0; rates below 0 as RATE",
        )
    ),
    "FVSCHEDULE": toolpak(lift(_schedule, "strict number", "array")),
}
