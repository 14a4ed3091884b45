"""The values of many formulas: one workbook, calculated by our engine, LibreOffice and IronCalc."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import xlsxwriter

from fuzz.grid import SHEET
from fuzz.leaves import NAMES
from fuzz.term import Sample, Term, words
from sheetgpt.book.address import column_number
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import SheetgptError
from sheetgpt.evaluator import Calculator
from sheetgpt.witnesses import ironcalc, libreoffice
from sheetgpt.witnesses.values import Values
from sheetgpt.xlsx.reader import read

Cells = Mapping[tuple[int, str], Value]
_CALL = re.compile(r"[A-Z][A-Z0-9.]*(?=\()")
_OLD_WITH_DOT = frozenset(["ERROR.TYPE", "NETWORKDAYS.INTL", "WORKDAY.INTL", "ISO.CEILING"])
_NEWER = frozenset(
    words(
        "ACOT ACOTH ARABIC ARRAYTOTEXT BASE BITAND BITLSHIFT BITOR BITRSHIFT BITXOR CHOOSECOLS "
        "CHOOSEROWS COMBINA CONCAT COT COTH CSC CSCH DAYS DECIMAL DROP ENCODEURL EXPAND GAMMA GAUSS "
        "HSTACK IFNA IFS IMCOSH IMCOT IMCSC IMCSCH IMSEC IMSECH IMSINH IMTAN ISOWEEKNUM MAXIFS MINIFS "
        "MUNIT NUMBERVALUE PDURATION PERMUTATIONA PHI RRI SEC SECH SEQUENCE SORTBY SWITCH TAKE TEXTAFTER "
        "TEXTBEFORE TEXTJOIN TEXTSPLIT TOCOL TOROW UNICHAR UNICODE UNIQUE VALUETOTEXT VSTACK WRAPCOLS "
        "WRAPROWS XLOOKUP XMATCH XOR"
    )
)
_PATIENCE = 25.0  # seconds for one answer of LibreOffice
_COLUMN = 2  # of the formulas, on a sheet of their own


class Silence(str):
    """Why an engine has no value for a formula: it lacks a function, cannot read it, or breaks down."""

    __slots__ = ()


Answers = list[Value | Silence]


class Engines:
    """Our engine and those programs that are installed; use it in a `with` statement."""

    def __init__(self, names: Sequence[str] = ("LibreOffice", "IronCalc")) -> None:
        self._stack = ExitStack()
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="sheetgpt-fuzz-")))
        self._session: libreoffice.Session | None = None
        self._ask: dict[str, Callable[[Path], Values]] = {"sheetgpt": _ours}
        if "LibreOffice" in names and libreoffice.available():
            self._stack.callback(self._end_session)
            self._ask["LibreOffice"] = self._libreoffice
        if "IronCalc" in names and ironcalc.available():
            self._ask["IronCalc"] = lambda path: ironcalc.recalculate(path, sheets=["F"])
        self.names = list(self._ask)[1:]

    def __enter__(self) -> Engines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def values(self, cells: Cells, formulas: Sequence[Sample]) -> dict[str, Answers]:
        """Engine -> the value of each formula, or why it has none."""
        return {name: self._answers(ask, cells, formulas) for name, ask in self._ask.items()}

    def _answers(self, ask: Callable[[Path], Values], cells: Cells, formulas: Sequence[Sample]) -> Answers:
        """The values; where an engine breaks down it is asked for the halves, to the one formula that breaks it."""
        if not formulas:
            return []
        path = self._folder / "book.xlsx"
        write_book(path, cells, formulas)
        try:
            found = ask(path)
        except Exception as error:  # each is a finding
            if len(formulas) == 1:
                return [Silence(f"{type(error).__name__}: {error}")]
            half = len(formulas) // 2
            return self._answers(ask, cells, formulas[:half]) + self._answers(ask, cells, formulas[half:])
        return [self._value(found, row) for row in range(1, len(formulas) + 1)]

    @staticmethod
    def _value(found: Values, row: int) -> Value | Silence:
        reason = found.not_covered.get(("F", row, _COLUMN))
        return found["F"][row, _COLUMN] if reason is None else Silence(reason)

    def _libreoffice(self, path: Path) -> Values:
        self._session = self._session or libreoffice.Session(_PATIENCE)
        try:
            self._session.open(path)
            return self._session.values(["F"])
        except SheetgptError:
            self._end_session()  # it may have been too slow, and so ended
            raise

    def _end_session(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None


def _ours(path: Path) -> Values:
    book = read(path)
    Calculator(book).recalculate()
    values = Values()
    values["F"] = book.sheets["F"].grid
    return values


def filed(term: Term) -> str:
    """A formula as files write it: functions that came after Excel 2007 with a prefix."""
    return _CALL.sub(lambda call: f"{_prefix(call[0])}{call[0]}", str(term))


def _prefix(name: str) -> str:
    newer = name in _NEWER or ("." in name and name not in _OLD_WITH_DOT)
    return "_xlfn._xlws." if name in ("FILTER", "SORT") else "_xlfn." * newer


def write_book(path: Path, cells: Cells, formulas: Sequence[Sample]) -> None:
    """The workbook: the sheet of values, and formulas one below the other on a sheet of their own."""
    workbook = xlsxwriter.Workbook(path, {"strings_to_numbers": False})
    data, sheet = workbook.add_worksheet(SHEET), workbook.add_worksheet("F")
    for (row, column), value in cells.items():
        _put(data, row - 1, column_number(column) - 1, value)
    for name, place in NAMES.items():
        first, _, last = place.partition(":")
        absolute = ":".join(f"${cell[0]}${cell[1:]}" for cell in (first, last) if cell)
        workbook.define_name(name, f"={SHEET}!{absolute}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row, sample in enumerate(formulas):
            if sample.array:
                sheet.write_array_formula(row, _COLUMN - 1, row, _COLUMN - 1, f"={filed(sample.term)}")
            else:
                sheet.write_formula(row, _COLUMN - 1, f"={filed(sample.term)}")
    workbook.close()


def _put(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Value) -> None:
    if isinstance(value, ErrorValue):
        sheet.write_formula(row, column, f"={value}", None, str(value))
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write_number(row, column, value)
