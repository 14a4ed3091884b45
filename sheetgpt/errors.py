"""What can go wrong, as a tree.

    SheetgptError             base; the command line prints it and exits with status 2
    +-- UsageError            the request makes no sense (bad cell address, bad option)
    |   +-- AddressError      text that is no cell or range, or one outside Excel's limits
    +-- CheckpointError       a model that cannot be loaded or does not fit GPT-2
    +-- WorkbookError         a file that cannot be read or written as a workbook
    +-- FormulaError          a formula that cannot be calculated
    |   +-- FormulaSyntaxError    text that is no formula
    |   +-- UnsupportedFunctionError functions that the evaluator lacks
    |   +-- CircularReferenceError  formulas that wait for each other
    +-- EngineError           LibreOffice or IronCalc is missing, failed or did not recalculate
        +-- OpeningError          it cannot open the file

Every message says what is wrong, where, and (after "Hint:") what to do about it.
"""


class SheetgptError(Exception):
    """Something is wrong that the user can do something about."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}\nHint: {hint}" if hint else message)


class UsageError(SheetgptError):
    """The request makes no sense."""


class AddressError(UsageError):
    """The text is no cell or range, or it lies outside Excel's limits."""


class CheckpointError(SheetgptError):
    """The model cannot be loaded, or it is not a GPT-2."""


class WorkbookError(SheetgptError):
    """The file cannot be read or written as a workbook."""


class FormulaError(SheetgptError):
    """A formula cannot be calculated; `reason` says why in words that are the same for all such formulas, or is ""."""

    reason = ""


class FormulaSyntaxError(FormulaError):
    """The text is no formula."""


class UnsupportedFunctionError(FormulaError):
    """The workbook uses functions that the evaluator lacks."""


class CircularReferenceError(FormulaError):
    """Formulas wait for each other's values."""


class EngineError(SheetgptError):
    """A spreadsheet program is missing, failed, or did not recalculate."""


class OpeningError(EngineError):
    """A spreadsheet program cannot open a file."""
