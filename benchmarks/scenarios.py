"""A workbook as a function: many scenarios at once, beside typing each and calculating. Seconds for all of them.

Two books of 200 formulas: products and sums, and the same with an IF in each, of whose branches scenarios take both.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from sheetgpt import Book, Calculator
from sheetgpt.book.address import at

SCENARIOS, TYPED = 10_000, 200
STEPS = {
    "products and sums": "B{0}*(1+$A$1)+$A$2",
    "an IF in each": "IF(B{0}>5000,B{0}*(1+$A$1/2),B{0}*(1+$A$1))+$A$2",
}


def model(step: str) -> Book:
    """200 formulas below one another, each of the one before and two inputs, and their sum."""
    book = Book()
    sheet = book.add("Model")
    sheet.put(at(1, 1), 0.05)
    sheet.put(at(2, 1), 12.0)
    sheet.put_formula(at(1, 2), "1000*(1+A1)")
    for row in range(2, 200):
        sheet.put_formula(at(row, 2), step.format(row - 1))
    sheet.put_formula(at(1, 3), "SUM(B1:B199)")
    return book


def measure(step: str) -> tuple[float, float]:
    """Seconds for all scenarios together, and typed one by one (as many as `TYPED`, and that so many times)."""
    rates, sums = np.linspace(0, 0.1, SCENARIOS), np.linspace(0, 20, SCENARIOS)
    calculator = Calculator(model(step))
    function = calculator.function(["A1", "A2"], ["C1"])
    start = perf_counter()
    together = function(rates, sums)
    seconds = perf_counter() - start
    start = perf_counter()
    for number in range(TYPED):
        calculator.set("Model!A1", float(rates[number]))
        calculator.set("Model!A2", float(sums[number]))
        calculator.update()
        assert np.isclose(calculator.book.read("Model!C1").item(), together[number], rtol=1e-12, atol=0)
    return seconds, (perf_counter() - start) * SCENARIOS / TYPED


if __name__ == "__main__":
    print(f"{SCENARIOS:,} scenarios of 200 formulas  together  typed one by one  times")
    for name, step in STEPS.items():
        seconds, typed = measure(step)
        print(f"{name:<36}  {seconds:>7.2f}s  {typed:>15.1f}s  {typed / seconds:>5.0f}")
