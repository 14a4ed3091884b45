"""The errors of formulas that cannot be bound, each with the reason that is the same for all such formulas."""

from __future__ import annotations

from sheetgpt.errors import FormulaError, FormulaSyntaxError


def placed(error: FormulaError, where: str) -> FormulaSyntaxError:
    """An error with the place in front of it, of which its reason speaks too."""
    return _error(f"{where}: {error}", "", error.reason and f"{where}: {error.reason}")


def at_cell(error: FormulaError, cell: str) -> FormulaSyntaxError:
    """An error with the cell in front of it; the reason is the same for all cells."""
    return _error(f"{cell}: {error}", "", error.reason or str(error).partition("\n")[0])


def too_deep(cell: str) -> FormulaSyntaxError:
    """The error for a formula that goes deeper than Python can follow."""
    what = "the formula is nested too deeply"
    return _error(f"{cell}: {what}", "Excel takes 64 levels; calculate a part of it in another cell", what)


def refuse_other_file(sheet: str | None) -> None:
    """Raise FormulaSyntaxError for cells or a name of another workbook of which this one keeps nothing."""
    if sheet is not None and sheet.startswith("["):
        what = f"{sheet} is another workbook, and the file keeps no values of it"
        reason = "a reference to another workbook of which the file keeps no values"
        raise _error(what, "open both in Excel and save this one", reason)


def _error(message: str, hint: str, reason: str) -> FormulaSyntaxError:
    error = FormulaSyntaxError(message, hint)
    error.reason = reason
    return error
