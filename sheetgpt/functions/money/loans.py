"""Loans and annuities: PMT and its kin, interest and principal by period, rates of growth.

All of pv * growth + pmt * (1 + rate * due) * (growth - 1) / rate + fv = 0, growth = (1 + rate) ^ nper, as Excel's
page on PV has it. Signs: what is paid out is negative. `due` is 1 for payments at the beginning of a period.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.functions.core.broadcasting import Numbers
from sheetgpt.functions.core.coercion import DIV0, NUM
from sheetgpt.functions.core.columns import columnwise, toolpak
from sheetgpt.functions.core.signature import ArgumentKind, Function
from sheetgpt.functions.core.vectorize import lift, numeric
from sheetgpt.functions.money.root import solve

Some = Numbers | float

_SMALL_RATE = 0.1  # below it powers go by logarithm of 1 + rate, which keeps all digits of the rate
_STEPS_OF_RATE = 20


def growth(rate: Numbers, periods: Numbers) -> Numbers:
    """(1 + rate) ^ periods; nan below -100 % for a broken number of periods."""
    small = np.abs(rate) < _SMALL_RATE
    by_logarithm = np.exp(periods * np.log1p(np.where(small, rate, 0.0)))
    return np.where(small, by_logarithm, np.power(1 + rate, periods))


def _growth_less_one(rate: Numbers, periods: Numbers) -> Numbers:
    small = np.abs(rate) < _SMALL_RATE
    by_logarithm = np.expm1(periods * np.log1p(np.where(small, rate, 0.0)))
    return np.where(small, by_logarithm, np.power(1 + rate, periods) - 1)


def _future_annuity(rate: Numbers, periods: Numbers) -> Numbers:
    """What payments of 1 at the end of each period have become after the last one."""
    flat = rate == 0
    return np.where(flat, periods, _growth_less_one(rate, periods) / np.where(flat, 1.0, rate))


def _present_annuity(rate: Numbers, periods: Numbers) -> Numbers:
    """What payments of 1 at the end of each period are worth before the first one."""
    flat = rate == 0
    return np.where(flat, periods, -_growth_less_one(rate, -periods) / np.where(flat, 1.0, rate))


def _due(rate: Numbers, when: Some) -> Numbers:
    """The factor of payments at the beginning of periods: any `when` but 0."""
    return np.where(np.not_equal(when, 0), 1 + rate, 1.0)


def _payment(rate: Numbers, nper: Numbers, pv: Numbers, fv: Some = 0.0, when: Some = 0) -> Numbers:
    last_only = (rate == -1) & np.equal(when, 0) & (nper > 0)  # nothing is left of anything but the last payment
    payment = -(pv + fv * growth(rate, -nper)) / (_due(rate, when) * _present_annuity(rate, nper))
    return np.where(last_only, -fv, payment)


def _present(rate: Numbers, nper: Numbers, pmt: Numbers, fv: Some = 0.0, when: Some = 0) -> Numbers:
    return -(fv * growth(rate, -nper) + pmt * _due(rate, when) * _present_annuity(rate, nper))


def _future(rate: Numbers, nper: Numbers, pmt: Numbers, pv: Some = 0.0, when: Some = 0) -> Numbers:
    return -(pv * growth(rate, nper) + pmt * _due(rate, when) * _future_annuity(rate, nper))


def _periods(rate: Numbers, pmt: Numbers, pv: Numbers, fv: Some = 0.0, when: Some = 0) -> Numbers:
    flat = rate == 0
    base = pmt * _due(rate, when) + pv * rate
    periods = np.log1p(-(fv + pv) * rate / base) / np.log1p(np.where(flat, 1.0, rate))
    return np.where(flat, -(pv + fv) / pmt, periods)


def _interest(rate: Numbers, per: Numbers, nper: Numbers, pv: Numbers, fv: Some = 0.0, when: Some = 0) -> Numbers:
    """The interest of one period: the rate times what is owed, nothing at the very beginning.

    What is owed is seen from the end, as the worth of the payments to come: nothing cancels there.
    """
    left, factor = nper - per + 1, _due(rate, when)
    payment = _payment(rate, nper, pv, fv, when)
    interest = -payment * _growth_less_one(rate, -left) + rate * fv * growth(rate, -left) / factor
    return _of_period(rate, per, nper, np.where(_is_start(per, when), 0.0, interest))


def _principal(rate: Numbers, per: Numbers, nper: Numbers, pv: Numbers, fv: Some = 0.0, when: Some = 0) -> Numbers:
    """The payment of one period without its interest."""
    payment = _payment(rate, nper, pv, fv, when)
    principal = growth(rate, per - nper - 1) * (payment - rate * fv / _due(rate, when))
    return _of_period(rate, per, nper, np.where(_is_start(per, when), payment, principal))


def _is_start(per: Numbers, when: Some) -> np.ndarray:
    """Whether a payment is made before any interest is due."""
    start: np.ndarray = np.not_equal(when, 0) & (per == 1)
    return start


def _of_period(rate: Numbers, per: Numbers, nper: Numbers, values: Numbers) -> Numbers:
    return np.where((per >= 1) & (per <= nper) & (rate > -1), values, np.nan)


def _rate(
    nper: Numbers,
    pmt: Numbers,
    pv: Numbers,
    fv: Some = 0.0,
    when: Some = 0,
    guess: Some = 0.1,
) -> Numbers:
    flat = [np.broadcast_to(numbers, nper.shape).ravel() for numbers in (nper, pmt, pv, fv, when, guess)]
    n, payment, start, end, due, first = flat

    def curve(rate: Numbers, rows: np.ndarray) -> tuple[Numbers, Numbers, Numbers]:
        periods, begins = n[rows], np.not_equal(due[rows], 0)
        discount, annuity = growth(rate, -periods), _present_annuity(rate, periods)
        factor = np.where(begins, 1 + rate, 1.0)
        slope = payment[rows] * (begins * annuity + factor * _slope_of_annuity(rate, periods, discount, annuity))
        fall = -periods * discount / (1 + rate) * end[rows]
        terms = start[rows], payment[rows] * factor * annuity, end[rows] * discount
        return sum(terms), slope + fall, sum(map(np.abs, terms))

    flows = np.array([payment, start, end])
    possible = np.flatnonzero((n > 0) & (flows.max(axis=0) > 0) & (flows.min(axis=0) < 0))
    rates = np.full(n.shape, np.nan)
    rates[possible] = solve(lambda rate, rows: curve(rate, possible[rows]), first[possible], _STEPS_OF_RATE)
    return rates.reshape(nper.shape)


def _slope_of_annuity(rate: Numbers, periods: Numbers, discount: Numbers, annuity: Numbers) -> Numbers:
    """How the present annuity falls as the rate grows; near 0 by the first terms of its series."""
    near = np.abs(rate * periods) < 1e-4
    slope = (periods * discount / (1 + rate) - annuity) / np.where(near, 1.0, rate)
    start = -periods * (periods + 1) / 2
    return np.where(near, start * (1 - 2 / 3 * (periods + 2) * rate), slope)


def _cumulative(of_principal: bool) -> Function:
    """CUMIPMT and CUMPRINC: interest or principal of the periods from one to another."""

    def function(rate: float, nper: float, pv: float, start: float, end: float, when: float) -> Value:
        if min(rate, nper, pv) <= 0 or not 1 <= start <= end or end > nper or int(when) not in (0, 1):
            return NUM
        periods = np.arange(np.ceil(start), np.floor(end) + 1)
        kernel = _principal if of_principal else _interest
        each = kernel(np.full(periods.shape, rate), periods, np.full(periods.shape, nper), np.array(pv), 0.0, int(when))
        return float(each.sum())

    kinds: tuple[ArgumentKind, ...] = ("strict number",) * 6
    return toolpak(lift(function, *kinds))


def _straight_interest(rate: Numbers, per: Numbers, nper: Numbers, pv: Numbers) -> Numbers:
    return pv * rate * (per / nper - 1)


def _growth_rate(nper: Numbers, pv: Numbers, fv: Numbers) -> Numbers:
    return np.where((nper > 0) & (pv != 0), np.power(fv / pv, 1 / nper) - 1, np.nan)


def _duration(rate: Numbers, pv: Numbers, fv: Numbers) -> Numbers:
    valid = (rate > 0) & (pv > 0) & (fv > 0)
    return np.where(valid, np.log(fv / pv) / np.log1p(rate), np.nan)


def _effective(nominal: float, periods: float) -> Value:
    n = int(periods)
    return NUM if nominal <= 0 or n < 1 else float(np.expm1(n * np.log1p(nominal / n)))


def _nominal(effective: float, periods: float) -> Value:
    n = int(periods)
    return NUM if effective <= 0 or n < 1 else float(n * np.expm1(np.log1p(effective) / n))


LOANS: dict[str, Function] = {
    "PMT": columnwise(_payment, 5, optional=2),
    "IPMT": columnwise(_interest, 6, optional=2),
    "PPMT": columnwise(_principal, 6, optional=2),
    "PV": columnwise(_present, 5, optional=2),
    "FV": columnwise(_future, 5, optional=2),
    "NPER": columnwise(_periods, 5, optional=2),
    "RATE": columnwise(
        _rate,
        6,
        optional=3,
        note="where Excel's 20 steps from the guess do not arrive, the rate is searched for; `#NUM!` if there is none",
    ),
    "CUMIPMT": _cumulative(of_principal=False),
    "CUMPRINC": _cumulative(of_principal=True),
    "ISPMT": numeric(_straight_interest, 4, judge=lambda _r, _p, nper, _pv: DIV0 if nper == 0 else NUM),
    "RRI": columnwise(_growth_rate, 3),
    "PDURATION": columnwise(_duration, 3),
    "EFFECT": toolpak(lift(_effective, "strict number", "strict number")),
    "NOMINAL": toolpak(lift(_nominal, "strict number", "strict number")),
}
