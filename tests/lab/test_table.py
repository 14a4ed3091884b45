"""Tables with labels."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgpt.errors import UsageError
from sheetgpt.lab.table import Table

TABLE = Table(
    np.array([[3.0, 0.12345, "a<b"], [10.0, float("nan"), "·c"]], dtype=object), ["x", "long row"], ["id", "p", "t"]
)


def test_columns_and_values_by_label() -> None:
    assert TABLE["id"].tolist() == [3.0, 10.0]
    assert TABLE["id"].dtype == np.float64
    assert TABLE["t"].tolist() == ["a<b", "·c"]
    assert TABLE["long row", "t"] == "·c"
    assert len(TABLE) == 2
    assert np.asarray(TABLE).shape == (2, 3)
    with pytest.raises(UsageError, match=r"no column 'q'.*\n.*'id', 'p', 't'"):
        TABLE["q"]
    with pytest.raises(UsageError, match="more than one row 'a'"):
        Table(np.zeros((2, 1)), ["a", "a"], ["v"])["a", "v"]
    with pytest.raises(ValueError, match="labels"):
        Table(np.zeros((2, 2)), ["a"], ["v", "w"])


def test_it_is_shown_in_columns() -> None:
    assert repr(TABLE) == "          id       p    t\nx          3  0.1235  a<b\nlong row  10           ·c"
    assert repr(Table(np.array([[2e-7]]), ["r"], ["p"])) == "         p\nr  2.0e-07"
    html = TABLE._repr_html_()
    assert "<td>a&lt;b</td>" in html
    assert html.count("<tr>") == 3


def test_pandas_gets_numbers_and_labels() -> None:
    pytest.importorskip("pandas", reason="needs pandas: pip install pandas")
    frame = TABLE.pandas()
    assert frame.loc["long row", "id"] == 10.0
    assert frame["id"].dtype == np.float64
    assert list(frame.index) == TABLE.rows


def test_without_pandas_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        TABLE.pandas()
