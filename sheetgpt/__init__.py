"""sheetgpt writes GPT-2 into Excel workbooks, recalculates them with numpy, and checks them cell by cell.

A name is imported when it is first used, so that `import sheetgpt` and the command's --help take no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from sheetgpt.version import __version__

if TYPE_CHECKING:
    from sheetgpt.book.book import Book
    from sheetgpt.book.values import ErrorValue
    from sheetgpt.commands.build import build
    from sheetgpt.commands.recalc import recalc
    from sheetgpt.commands.run import run
    from sheetgpt.comparison.diff import diff_books
    from sheetgpt.evaluator import Calculator
    from sheetgpt.lab.lab import Lab
    from sheetgpt.testing import assert_workbooks_equal
    from sheetgpt.verification.workbook import check
    from sheetgpt.xlsx.reader import read
    from sheetgpt.xlsx.writer import write

__all__ = [
    "Book",
    "Calculator",
    "ErrorValue",
    "Lab",
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

_MODULES = {
    "Book": "book.book",
    "Calculator": "evaluator",
    "ErrorValue": "book.values",
    "Lab": "lab.lab",
    "assert_workbooks_equal": "testing",
    "build": "commands.build",
    "check": "verification.workbook",
    "diff_books": "comparison.diff",
    "read": "xlsx.reader",
    "recalc": "commands.recalc",
    "run": "commands.run",
    "write": "xlsx.writer",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
