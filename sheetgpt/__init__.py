"""sheetgpt writes GPT-2 into Excel workbooks, recalculates them with numpy, and checks them cell by cell."""

from sheetgpt.book import Book, ErrorValue
from sheetgpt.build import build
from sheetgpt.check import check
from sheetgpt.diff import diff_books
from sheetgpt.diff_report import assert_workbooks_equal
from sheetgpt.evaluator import Calculator
from sheetgpt.reader import read
from sheetgpt.run import recalc, run
from sheetgpt.version import __version__
from sheetgpt.writer import write

__all__ = [
    "Book",
    "Calculator",
    "ErrorValue",
    "__version__",
    "assert_workbooks_equal",
    "build",
    "check",
    "diff_books",
    "read",
    "recalc",
    "run",
    "write",
]
