"""LibreOffice's numbered errors and what they are in Excel.

The numbers are LibreOffice's (FormulaError; its help, "Error Codes in LibreOffice Calc"). It has one
"invalid argument" where Excel has #VALUE!, #NUM! and #REF!, so the kind of an error is not to be compared.
"""

from __future__ import annotations

from sheetgpt.book.values import ErrorValue

_MEANING = {
    502: ErrorValue.VALUE,  # invalid argument; Excel also #NUM! (SQRT(-1)) and #REF! (INDEX(range,99))
    503: ErrorValue.NUM,  # invalid floating point operation
    504: ErrorValue.VALUE,  # error in parameter list, such as text for a number
    513: ErrorValue.VALUE,  # text too long
    514: ErrorValue.VALUE,  # matrix too large
    515: ErrorValue.VALUE,
    519: ErrorValue.VALUE,  # #VALUE!
    521: ErrorValue.NULL,  # #NULL!
    524: ErrorValue.REF,  # #REF!
    532: ErrorValue.DIV0,  # #DIV/0!
    538: ErrorValue.VALUE,  # arrays of unequal size
    539: ErrorValue.VALUE,  # unsupported content of an inline array
    32767: ErrorValue.NA,  # #N/A
}

_NOT_COVERED = {
    522: "Err:522: LibreOffice found a circular reference",
    523: "Err:523: a circular calculation did not settle",
    525: "#NAME?: a name or function that LibreOffice does not know",
}


def meaning(code: int) -> tuple[ErrorValue, str]:
    """LibreOffice's number -> (the nearest error of Excel, why the cell is not covered, or "")."""
    if code in _MEANING:
        return _MEANING[code], ""
    error = ErrorValue.NAME if code == 525 else ErrorValue.VALUE
    return error, _NOT_COVERED.get(code, f"Err:{code}: LibreOffice does not understand the formula")
