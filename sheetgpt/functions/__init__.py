"""Excel's functions as plain numpy functions in plain dicts; they know nothing of formulas, books or GPT-2.

A new function is one entry in the dict of the module whose topic it fits, with all that is to be said of it
(see `core.signature`). `sheetgpt functions` lists it then, and `make docs` writes it into docs/functions.md.
"""

from sheetgpt.functions.aggregates import AGGREGATES
from sheetgpt.functions.complex_numbers import COMPLEX_NUMBERS
from sheetgpt.functions.conditional import CONDITIONAL
from sheetgpt.functions.core.signature import Function, FunctionSpec, Operand
from sheetgpt.functions.counts import COUNTS
from sheetgpt.functions.database import DATABASE
from sheetgpt.functions.dates import DATES
from sheetgpt.functions.distributions import DISTRIBUTIONS
from sheetgpt.functions.dynamic import DYNAMIC
from sheetgpt.functions.engineering import ENGINEERING
from sheetgpt.functions.filter_xml import FILTER_XML
from sheetgpt.functions.gamma_beta import GAMMA_BETA
from sheetgpt.functions.information import INFORMATION
from sheetgpt.functions.integers import INTEGERS
from sheetgpt.functions.logic import LOGIC
from sheetgpt.functions.lookup import LOOKUP
from sheetgpt.functions.math import MATH
from sheetgpt.functions.matrix import MATRIX
from sheetgpt.functions.money import LOANS_AND_FLOWS, SECURITIES
from sheetgpt.functions.operators import OPERATORS, POSTFIX, PREFIX
from sheetgpt.functions.regression import REGRESSION
from sheetgpt.functions.regular_expressions import REGULAR_EXPRESSIONS
from sheetgpt.functions.reshaping import RESHAPING
from sheetgpt.functions.roman import ROMAN
from sheetgpt.functions.rounding import ROUNDING
from sheetgpt.functions.shares import SHARES
from sheetgpt.functions.significance import SIGNIFICANCE
from sheetgpt.functions.sorting import SORTING
from sheetgpt.functions.splitting import SPLITTING
from sheetgpt.functions.statistics import STATISTICS
from sheetgpt.functions.text import TEXT
from sheetgpt.functions.trigonometry import TRIGONOMETRY
from sheetgpt.functions.units import UNITS
from sheetgpt.functions.wide_text import WIDE_TEXT
from sheetgpt.functions.working_days import WORKING_DAYS
from sheetgpt.functions.written_values import WRITTEN_VALUES
from sheetgpt.functions.xlookup import XLOOKUP

__all__ = ["FUNCTIONS", "OPERATORS", "POSTFIX", "PREFIX", "TOPICS", "Function", "FunctionSpec", "Operand"]

TOPICS: dict[str, dict[str, Function]] = {
    "Powers, logarithms, remainders": MATH,
    "Angles and hyperbolas": TRIGONOMETRY,
    "Rounding": ROUNDING,
    "Whole numbers": INTEGERS,
    "Parts of a whole": SHARES,
    "Roman numerals": ROMAN,
    "Matrices": MATRIX,
    "Sums, means, counts": AGGREGATES,
    "Under criteria": CONDITIONAL,
    "Ranks, quantiles, correlation": STATISTICS,
    "Least squares": REGRESSION,
    "Tests of significance": SIGNIFICANCE,
    "Distributions": DISTRIBUTIONS,
    "Distributions that follow from gamma and beta": GAMMA_BETA,
    "Distributions of counts": COUNTS,
    "Lookup": LOOKUP,
    "Lookup (Excel 365)": XLOOKUP,
    "Logic": LOGIC,
    "Information": INFORMATION,
    "Text": TEXT,
    "Text taken apart": SPLITTING,
    "Regular expressions": REGULAR_EXPRESSIONS,
    "Values written as text": WRITTEN_VALUES,
    "Text of East Asia": WIDE_TEXT,
    "XML": FILTER_XML,
    "Dates and times": DATES,
    "Working days": WORKING_DAYS,
    "Loans, flows of money, depreciation": LOANS_AND_FLOWS,
    "Securities": SECURITIES,
    "Databases": DATABASE,
    "Arrays (Excel 365)": DYNAMIC,
    "Arrays in order": SORTING,
    "Arrays wrapped and trimmed": RESHAPING,
    "Complex numbers": COMPLEX_NUMBERS,
    "Engineering": ENGINEERING,
    "Units": UNITS,
}
FUNCTIONS: dict[str, Function] = {name: function for topic in TOPICS.values() for name, function in topic.items()}
