"""A table with labels: what an experiment gives back."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from sheetgpt.errors import UsageError


class Table:
    """Values [r, c] with a label for each row and each column; float64, or objects where texts are among them.

    `table["rank"]` is a column, `table["block 2", "rank"]` one value, `table.pandas()` a DataFrame.
    """

    def __init__(self, values: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> None:
        if values.shape != (len(rows), len(columns)):
            raise ValueError(f"values {values.shape} with {len(rows)} and {len(columns)} labels")
        self.values, self.rows, self.columns = values, list(rows), list(columns)

    def __getitem__(self, key: str | tuple[str, str]) -> Any:
        """A column [r], or with (row, column) one value; raises UsageError for a label that is not there."""
        if isinstance(key, str):
            column = self.values[:, _find(self.columns, key, "column")]
            return column.astype(float) if all(isinstance(value, float) for value in column) else column
        row, name = key
        return self.values[_find(self.rows, row, "row"), _find(self.columns, name, "column")]

    def __len__(self) -> int:
        return len(self.rows)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.values, dtype=dtype)

    def pandas(self) -> Any:
        """The table as a pandas DataFrame; raises UsageError where pandas is not installed."""
        try:
            import pandas
        except ImportError:
            raise UsageError("pandas is not installed", "pip install pandas, or use .values") from None
        return pandas.DataFrame({name: self[name] for name in self.columns}, index=self.rows)

    def __repr__(self) -> str:
        cells = self._texts()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = []
        for first, *others in cells:
            padded = [text.rjust(width) for text, width in zip(others, widths[1:], strict=True)]
            lines.append("  ".join([first.ljust(widths[0]), *padded]).rstrip())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        head, *body = [[escape(text) for text in line] for line in self._texts()]
        titles = "".join(f"<th>{text}</th>" for text in head)
        lines = "".join(
            f"<tr><th>{first}</th>{''.join(f'<td>{text}</td>' for text in others)}</tr>" for first, *others in body
        )
        return f"<table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table>"

    def _texts(self) -> list[list[str]]:
        """All cells as they are shown, labels too."""
        columns = [_texts_of(self.values[:, k].tolist()) for k in range(len(self.columns))]
        body = [list(line) for line in zip(self.rows, *columns, strict=True)]
        return [["", *self.columns], *body]


def _find(labels: list[str], label: str, kind: str) -> int:
    """Where a label stands; raises UsageError if it does not, or more than once."""
    if labels.count(label) != 1:
        listed = ", ".join(map(repr, labels[:12])) + (", ..." if len(labels) > 12 else "")
        how = "no" if label not in labels else "more than one"
        raise UsageError(f"there is {how} {kind} {label!r}", f"the labels are {listed}")
    return labels.index(label)


def _texts_of(column: list[object]) -> list[str]:
    """The values of a column as texts: whole numbers without a point, others with four decimals, NaN as nothing."""
    numbers = [value for value in column if isinstance(value, float) and value == value]
    if all(value == int(value) for value in numbers if abs(value) < 1e15):
        form = ".0f"
    else:
        form = ".4f" if max(map(abs, numbers)) >= 0.001 else ".1e"
    return [
        ("" if value != value else format(value, form)) if isinstance(value, float) else str(value) for value in column
    ]
