"""Excel's functions as plain numpy functions in plain dicts; they know nothing of formulas, books or GPT-2.

A new function goes into the dict of the module whose title it fits. `docs/functions.md` lists them all.
"""

from sheetgpt.functions.aggregates import AGGREGATES
from sheetgpt.functions.conditional import CONDITIONAL
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.dates import DATES
from sheetgpt.functions.distributions import DISTRIBUTIONS
from sheetgpt.functions.dynamic import DYNAMIC
from sheetgpt.functions.gamma_beta import GAMMA_BETA
from sheetgpt.functions.information import INFORMATION
from sheetgpt.functions.integers import INTEGERS
from sheetgpt.functions.logic import LOGIC
from sheetgpt.functions.lookup import LOOKUP
from sheetgpt.functions.math import MATH
from sheetgpt.functions.matrix import MATRIX
from sheetgpt.functions.operators import OPERATORS, POSTFIX, PREFIX
from sheetgpt.functions.roman import ROMAN
from sheetgpt.functions.rounding import ROUNDING
from sheetgpt.functions.splitting import SPLITTING
from sheetgpt.functions.statistics import STATISTICS
from sheetgpt.functions.text import TEXT
from sheetgpt.functions.trigonometry import TRIGONOMETRY

__all__ = ["FUNCTIONS", "OPERATORS", "POSTFIX", "PREFIX", "Function", "Operand"]

FUNCTIONS: dict[str, Function] = {
    **MATH, **TRIGONOMETRY, **ROUNDING, **INTEGERS, **ROMAN, **MATRIX, **AGGREGATES, **CONDITIONAL, **STATISTICS,
    **DISTRIBUTIONS, **GAMMA_BETA, **LOOKUP, **LOGIC, **INFORMATION, **TEXT, **SPLITTING, **DATES, **DYNAMIC,
}  # fmt: skip
