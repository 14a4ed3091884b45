"""sheetgpt writes GPT-2 into Excel workbooks, recalculates them with numpy, and checks them cell by cell.

A name is imported when it is first used, so that `import sheetgpt` and the command's --help take no time.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from sheetgpt.version import __version__

if TYPE_CHECKING:
    from sheetgpt.book.book import Book
    from sheetgpt.book.values import ErrorValue
    from sheetgpt.build import build
    from sheetgpt.check import check
    from sheetgpt.comparison.diff import diff_books
    from sheetgpt.evaluator import Calculator
    from sheetgpt.run import recalc, run
    from sheetgpt.testing import assert_workbooks_equal
    from sheetgpt.xlsx.reader import read
    from sheetgpt.xlsx.writer import write

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

_MODULES = {
    "Book": "book.book",
    "Calculator": "evaluator",
    "ErrorValue": "book.values",
    "assert_workbooks_equal": "testing",
    "build": "build",
    "check": "check",
    "diff_books": "comparison.diff",
    "read": "xlsx.reader",
    "recalc": "run",
    "run": "run",
    "write": "xlsx.writer",
}


class _Package(ModuleType):
    """Finds the public names. Some have the name of their module, which an import would put in their place."""

    def __getattr__(self, name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = vars(self)[name] = getattr(import_module(f"{self.__name__}.{_MODULES[name]}"), name)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _MODULES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *__all__})


sys.modules[__name__].__class__ = _Package
