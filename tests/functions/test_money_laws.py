"""Laws that hold between functions of money: payments, rates, prices, coupon dates, day counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.calling import excel
from support.days import serial as d

RATES, PERIODS = st.floats(-0.3, 0.5), st.integers(1, 240)


@given(rate=RATES, nper=PERIODS, fv=st.floats(-1e6, 1e6), when=st.integers(0, 1))
@settings(max_examples=40)
def test_payments_pay_a_loan_off(rate: float, nper: int, fv: float, when: int) -> None:
    """What is owed, period by period. Each step rounds, and a step multiplies by 1 + rate."""
    payment = excel("PMT", rate, nper, 1e5, fv, when)
    owed, largest = 1e5, 1e5
    for _ in range(nper):
        owed = (owed + payment * when) * (1 + rate) + payment * (1 - when)  # type: ignore[operator]
        largest = max(largest, abs(owed), abs(payment))  # type: ignore[arg-type]
    size = largest * nper * max(1, (1 + rate) ** nper)
    assert owed + fv == pytest.approx(0, abs=1e-12 * size)
    back = 1e5 + abs(fv) * nper * (1 + rate) ** -nper
    assert excel("PV", rate, nper, payment, fv, when) == pytest.approx(1e5, abs=1e-12 * back)
    assert excel("FV", rate, nper, payment, 1e5, when) == pytest.approx(fv, abs=1e-12 * size)


@given(rate=st.floats(0.0001, 0.5), nper=PERIODS, when=st.integers(0, 1))
@settings(max_examples=30)
def test_interest_and_principal_add_up(rate: float, nper: int, when: int) -> None:
    periods = tuple(float(per) for per in range(1, nper + 1))
    interest, principal = (
        np.array(excel(name, rate, periods, nper, 1e5, 0, when)).ravel() for name in ("IPMT", "PPMT")
    )
    payment = excel("PMT", rate, nper, 1e5, 0, when)
    assert interest + principal == pytest.approx(np.full(nper, payment), rel=1e-9)
    assert principal.sum() == pytest.approx(-1e5, rel=1e-9)
    assert excel("CUMIPMT", rate, nper, 1e5, 1, nper, when) == pytest.approx(interest.sum(), rel=1e-12)
    assert excel("CUMPRINC", rate, nper, 1e5, 1, nper, when) == pytest.approx(principal.sum(), rel=1e-12)


@given(rate=st.floats(-0.05, 0.4), nper=st.integers(2, 480), when=st.integers(0, 1))
@settings(max_examples=40)
def test_rate_and_nper_invert_pmt(rate: float, nper: int, when: int) -> None:
    """The rate of a loan is known as well as its payment: to 1e-9 where the payment depends on it."""
    payment = excel("PMT", rate, nper, 1e5, 0, when)
    assert excel("RATE", nper, payment, 1e5, 0, when) == pytest.approx(rate, abs=1e-9)
    if abs(rate) * nper < 20:  # beyond it nearly nothing of the payments is principal
        assert excel("NPER", rate, payment, 1e5, 0, when) == pytest.approx(nper, rel=1e-6)


@given(flows=st.lists(st.floats(1, 1000), min_size=1, max_size=30), paid=st.floats(1, 5000), guess=st.floats(-0.5, 1))
@settings(max_examples=40)
def test_the_internal_rate_makes_the_present_value_0(flows: list[float], paid: float, guess: float) -> None:
    """One payment and then receipts have exactly one such rate, wherever the search begins."""
    rate = excel("IRR", [-paid, *flows], guess)
    assert isinstance(rate, float)
    present = sum(flow * (1 + rate) ** -(i + 1) for i, flow in enumerate(flows))
    assert present == pytest.approx(paid, rel=1e-9)
    days = [40000 + 365 * i for i in range(len(flows) + 1)]
    # Excel stops its search at 1e-8
    assert excel("XIRR", [-paid, *flows], days, guess) == pytest.approx(rate, abs=1e-8 * (1 + abs(rate)))


BOND_DAYS = st.integers(int(d(1950, 1, 1)), int(d(2040, 1, 1)))
BONDS = {
    "settlement": BOND_DAYS,
    "length": st.integers(1, 12000),
    "rate": st.floats(0, 0.2),
    "yld": st.floats(0, 0.5),
    "frequency": st.sampled_from([1, 2, 4]),
    "basis": st.integers(0, 4),
}


@given(**BONDS)
@settings(max_examples=60)
def test_price_and_yield_invert(
    settlement: int, length: int, rate: float, yld: float, frequency: int, basis: int
) -> None:
    price = excel("PRICE", settlement, settlement + length, rate, yld, 100, frequency, basis)
    assert isinstance(price, float)
    if price > 1e-3 and length > 30:
        found = excel("YIELD", settlement, settlement + length, rate, price, 100, frequency, basis)
        assert found == pytest.approx(yld, abs=1e-8)


@given(**BONDS)
@settings(max_examples=60)
def test_coupon_dates_follow_each_other(
    settlement: int, length: int, rate: float, yld: float, frequency: int, basis: int
) -> None:
    where = settlement, settlement + length, frequency, basis
    before, after, count = (excel(name, *where) for name in ("COUPPCD", "COUPNCD", "COUPNUM"))
    assert before <= settlement < after <= settlement + length  # type: ignore[operator]
    months = 12 / frequency
    assert after - before == pytest.approx(30.4 * months, abs=4)  # type: ignore[operator]
    assert count == pytest.approx(1 + (settlement + length - after) / 30.437 / months, abs=0.5)  # type: ignore[operator]
    if basis == 1:
        days = [excel(name, *where) for name in ("COUPDAYBS", "COUPDAYSNC", "COUPDAYS")]
        assert days[0] + days[1] == days[2] == after - before  # type: ignore[operator]


def test_day_counts_by_hand() -> None:
    """A year less a day around the end of February 2008, in all five bases, by ACCRINTM of 100 %."""
    start, end = d(2007, 2, 28), d(2008, 2, 29)
    days = [360 / 360, 366 / ((365 + 366) / 2), 366 / 360, 366 / 365, 361 / 360]
    assert [excel("ACCRINTM", start, end, 1, 1, basis) for basis in range(5)] == pytest.approx(days, rel=1e-15)
