"""Excel's financial functions: loans, flows of money, depreciation, day counts, securities.

What Microsoft's pages leave open (which days count, how maturities in February go) follows the values that Excel
gives; the tests of the open library ExcelFinancialFunctions hold some 200,000 of them.
"""

from sheetgpt.functions.core.signature import Function
from sheetgpt.functions.money.bonds import BONDS
from sheetgpt.functions.money.depreciation import DEPRECIATION
from sheetgpt.functions.money.discounts import DISCOUNTS
from sheetgpt.functions.money.flows import FLOWS
from sheetgpt.functions.money.loans import LOANS
from sheetgpt.functions.money.odd_bonds import ODD_BONDS

LOANS_AND_FLOWS: dict[str, Function] = {**LOANS, **FLOWS, **DEPRECIATION}
SECURITIES: dict[str, Function] = {**DISCOUNTS, **BONDS, **ODD_BONDS}
