"""DSUM, DGET and their kin: what fields of a table come to over the records that meet a range of criteria.

The first row of a criteria range names fields. A record counts if it meets all conditions of one of the rows below;
a blank condition is met by all. A text alone asks for values that begin with it, "=text" for the text as a whole;
both know wildcards. The rest is as in `core.criteria`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import UnsupportedFunctionError
from sheetgpt.functions.core.broadcasting import first_error, is_blank
from sheetgpt.functions.core.coercion import DIV0, NUM, VALUE, parse_number
from sheetgpt.functions.core.criteria import pattern
from sheetgpt.functions.core.criteria_cells import Cells
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift

Summary = Callable[[np.ndarray], Value]  # of the numbers of a field
_OPERATORS = ("=", "<", ">")


def _same_label(label: Value, wanted: Value) -> bool:
    if isinstance(label, str) and isinstance(wanted, str):
        return label.lower() == wanted.lower()
    return type(label) is type(wanted) and label == wanted


def _column(labels: list[Value], wanted: Value) -> int | None:
    """The number of the first field of that label."""
    return next((i for i, label in enumerate(labels) if _same_label(label, wanted)), None)


def _field(labels: list[Value], field: Value) -> int | ErrorValue:
    """The field that a label or a number from 1 stands for, else #VALUE!."""
    if isinstance(field, ErrorValue):
        return field
    if isinstance(field, float):
        return int(field) - 1 if 1 <= field < len(labels) + 1 else VALUE
    found = _column(labels, field)
    return VALUE if found is None else found


def _meets(values: np.ndarray, condition: Value) -> np.ndarray:
    """Which values of a field meet a condition."""
    is_text = isinstance(condition, str) and not condition.startswith(_OPERATORS)
    if not is_text or parse_number(str(condition)) is not None or str(condition).upper() in ("TRUE", "FALSE"):
        cells = Cells(values)
        return cells.mask(cells.meeting(condition))
    begins = pattern(str(condition)).match
    found = [isinstance(value, str) and begins(value) is not None for value in values.tolist()]
    return np.array(found, dtype=bool)


def _chosen(table: np.ndarray, criteria: np.ndarray) -> np.ndarray | ErrorValue:
    """Which records meet the criteria; #VALUE! for criteria without a row of conditions.

    Raises UnsupportedFunctionError for a condition under what is no field: Excel calculates it for each record.
    """
    if criteria.shape[0] < 2:
        return VALUE
    labels, records = table[0].tolist(), table[1:]
    columns = [_column(labels, wanted) if wanted is not None else None for wanted in criteria[0].tolist()]
    chosen = np.zeros(len(records), dtype=bool)
    for row in criteria[1:].tolist():
        met = np.ones(len(records), dtype=bool)
        for column, condition in zip(columns, row, strict=True):
            if condition is None or condition == "":
                continue
            if column is None:
                raise UnsupportedFunctionError(
                    "criteria that are formulas (a condition under a label that is no field of the database)",
                    "calculate the condition in a column of the database, and ask for TRUE there",
                )
            met &= _meets(records[:, column], condition)
        chosen |= met
    return chosen


def _values_of(database: Operand, field: Value, criteria: Operand) -> np.ndarray | ErrorValue:
    """The values of a field in the records that meet the criteria."""
    table = database.values.astype(object)
    column = _field(table[0].tolist(), field)
    if isinstance(column, ErrorValue):
        return column
    chosen = _chosen(table, criteria.values.astype(object))
    return chosen if isinstance(chosen, ErrorValue) else table[1:, column][chosen]


def _over_numbers(summary: Summary) -> Function:
    def function(database: Operand, field: Value, criteria: Operand) -> Value:
        values = _values_of(database, field, criteria)
        if isinstance(values, ErrorValue):
            return values
        numbers = [value for value in values.tolist() if type(value) is float]
        return first_error(values) or summary(np.array(numbers, dtype=np.float64))

    return lift(function, "array", "value", "array")


def _counting(counted: Callable[[np.ndarray], int]) -> Function:
    """DCOUNT and DCOUNTA; without a field they count the records."""
    over_field = _over_values(lambda values: float(counted(values)))
    over_records = lift(_count_records, "array", "value", "array")

    def call(database: Operand | None, field: Operand | None, criteria: Operand | None) -> np.ndarray:
        return (over_records if field is None else over_field).call(database, field, criteria)

    return over_field.replace(call=call)


def _over_values(summary: Summary) -> Function:
    def function(database: Operand, field: Value, criteria: Operand) -> Value:
        values = _values_of(database, field, criteria)
        return values if isinstance(values, ErrorValue) else summary(values)

    return lift(function, "array", "value", "array")


def _count_records(database: Operand, _field: Value, criteria: Operand) -> Value:
    chosen = _chosen(database.values.astype(object), criteria.values.astype(object))
    return chosen if isinstance(chosen, ErrorValue) else float(np.count_nonzero(chosen))


def _only(values: np.ndarray) -> Value:
    """DGET: the one value; #VALUE! if there is none, #NUM! if there are several."""
    if len(values) > 1:
        return NUM
    found: list[Value] = values.tolist()
    return VALUE if not found else 0.0 if found[0] is None else found[0]


def _spread(least: int, root: bool) -> Summary:
    """The variance of so many numbers at least, or its root; of a sample where that needs two."""

    def summary(numbers: np.ndarray) -> Value:
        if numbers.size < least:
            return DIV0
        return float(np.std(numbers, ddof=least - 1) if root else np.var(numbers, ddof=least - 1))

    return summary


DATABASE: dict[str, Function] = {
    "DSUM": _over_numbers(lambda numbers: float(numbers.sum())),
    "DAVERAGE": _over_numbers(lambda numbers: float(numbers.mean()) if numbers.size else DIV0),
    "DCOUNT": _counting(lambda values: sum(type(value) is float for value in values.tolist())),
    "DCOUNTA": _counting(lambda values: int(np.count_nonzero(~is_blank(values)))),
    "DGET": _over_values(_only),
    "DMAX": _over_numbers(lambda numbers: float(numbers.max()) if numbers.size else 0.0),
    "DMIN": _over_numbers(lambda numbers: float(numbers.min()) if numbers.size else 0.0),
    "DPRODUCT": _over_numbers(lambda numbers: float(numbers.prod()) if numbers.size else 0.0),
    "DSTDEV": _over_numbers(_spread(2, root=True)),
    "DSTDEVP": _over_numbers(_spread(1, root=True)),
    "DVAR": _over_numbers(_spread(2, root=False)),
    "DVARP": _over_numbers(_spread(1, root=False)),
}
