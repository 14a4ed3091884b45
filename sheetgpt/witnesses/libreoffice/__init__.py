"""LibreOffice Calc: .xlsx -> values of its cells, and `Session` to drive it as a user does.

Its errors and booleans are not quite Excel's: see docs/engines.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from os import PathLike

from sheetgpt.comparison.result import Rules
from sheetgpt.witnesses.libreoffice.program import find_program, find_python, how_to_install, output
from sheetgpt.witnesses.libreoffice.session import Session, UserSession
from sheetgpt.witnesses.values import Edits, Values

__all__ = ["Session", "UserSession", "available", "how_to_install", "ignores", "recalculate", "rules"]

# Booleans are numbers there, a constant "" is no cell, and "invalid argument" stands for several errors of Excel.
rules = Rules(booleans_as_numbers=True, error_kinds=False, empty_text_is_blank=True)
ignores: Mapping[str, str] = {}  # no setting of a workbook


def available() -> str | None:
    """The name and version, such as "LibreOffice 7.4.7.2", or None without it or its Python bridge; never raises."""
    program = find_program()
    if program is None or find_python() is None:
        return None
    return _version(program)


@cache
def _version(program: str) -> str | None:
    """What a program says of itself, asked once: it takes half a second."""
    return (output(program, "--version") or "").strip() or None


def recalculate(
    path: str | PathLike[str],
    edits: Edits | None = None,
    sheets: Sequence[str] | None = None,
    timeout: float = 3600,
) -> Values:
    """All values of `sheets` (default: those with formulas), after `edits` and a full calculation.

    `timeout` is in seconds for each step; a GPT-2 small of 124 M cells opens in two minutes. Raises EngineError if
    LibreOffice is missing, fails, is too slow or shows stored values, WorkbookError if `path` is no .xlsx.
    """
    with Session(timeout) as session:
        session.open(path)
        for sheet, cells in (edits or {}).items():
            for cell, value in cells.items():
                session.set(sheet, cell, value)
        if edits:
            session.recalculate()
        return session.values(sheets)
