"""What the verdicts of an exercise should be, on the cells that the learner filled."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.book.values import Value
from sheetgpt.schema.exercise import exercise_step

Values = dict[str, np.ndarray]
_TOLERANCE = 1e-11  # of the largest right value of the row
_PAST = (6, 7)  # steps with a table for each head, in which a row has no cells for the tokens after it
_MASKED = -1e9  # what stands for minus infinity in scores


def exercise_values(book: Book, activations: Mapping[str, np.ndarray]) -> Values:
    """The cells of the sheet Exercise and the verdicts beside the step; nothing for a book without an exercise."""
    number = exercise_step(book)
    if number is None:
        return {}
    prefix = f"h.0.step_{number:02d}."
    tables = [values for name, values in activations.items() if name.startswith(prefix)]
    if number in _PAST:
        tables = [np.hstack(tables)]
    verdicts = [_verdicts(book.read(f"exercise.typed_{k}"), right, number) for k, right in enumerate(tables, 1)]
    cells = sum(np.count_nonzero(~np.isnan(right), axis=1) for right in tables)
    named = {f"exercise.verdicts_{k}": values for k, values in enumerate(verdicts, 1)}
    return named | _score(np.hstack(verdicts), np.asarray(cells))


def _verdicts(typed: np.ndarray, right: np.ndarray, number: int) -> np.ndarray:
    """1 right, -1 wrong, 0 blank; in cells of the future "" or -1 [n, width]."""
    found = np.empty(right.shape, dtype=object)
    width = len(right) if number in _PAST else right.shape[1]
    for i, j in np.ndindex(right.shape):
        head = j // width * width
        limit = _TOLERANCE * float(np.nanmax(np.abs(right[i, head : head + width])))
        cell: Value = typed.item(i, j)
        value = float(right[i, j])
        found[i, j] = _future(cell, number) if np.isnan(value) else _judge(cell, value, limit)
    return found


def _judge(cell: Value, right: float, limit: float) -> float:
    if cell is None or cell == "":
        return 0.0
    if isinstance(cell, bool) or not isinstance(cell, float):
        return -1.0
    return 1.0 if abs(cell - right) <= limit else -1.0


def _future(cell: Value, number: int) -> Value:
    if cell is None or cell == "":
        return ""
    masked = isinstance(cell, float) and (cell == 0 if number == 7 else cell <= _MASKED)
    return "" if masked else -1.0


def _score(verdicts: np.ndarray, cells: np.ndarray) -> Values:
    """The columns of the sheet Exercise and its message, from all verdicts [n, cells]."""
    counts = {
        name: np.array([[float(sum(type(v) is float and v == code for v in row))] for row in verdicts.tolist()])
        for name, code in (("right", 1.0), ("wrong", -1.0), ("todo", 0.0))
    }
    words = []
    for right, wrong, total in zip(counts["right"].ravel(), counts["wrong"].ravel(), cells, strict=True):
        so_far = "to do" if right == 0 else "✓ so far"
        words.append("✗ not yet" if wrong else "✓ right" if right == total else so_far)
    right, wrong, todo = (int(counts[name].sum()) for name in ("right", "wrong", "todo"))
    total = int(cells.sum())
    message = f"{right} of {total} right, {wrong} wrong, {todo} to do"
    if right == total and not wrong:
        message = f"✓ All {total} cells are right."
    return {f"exercise.{name}": values for name, values in counts.items()} | {
        "exercise.verdict": np.array([[word] for word in words], dtype=object),
        "exercise.message": np.array([[message]], dtype=object),
    }
