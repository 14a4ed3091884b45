"""The grid of a sheet against a plain dict of cells, and books that are compared."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import AddressError, WorkbookError
from sheetgpt.evaluator.index.areas import put_cells

FAR = 1_048_576
cells = st.tuples(
    st.integers(1, 12) | st.sampled_from([500, 4000, FAR]), st.integers(1, 12) | st.sampled_from([400, 16384])
)
values = st.none() | st.booleans() | st.text(max_size=3) | st.floats(-1e9, 1e9) | st.sampled_from(list(ErrorValue))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(cells, values), max_size=40), cells)
def test_grid_is_a_dict_of_cells(writes: list, probe: tuple[int, int]) -> None:
    grid, expected = Grid(), {}
    for cell, value in writes:
        grid[cell] = value
        expected.pop(cell, None)
        if value is not None:
            expected[cell] = value
    assert dict(grid.items()) == expected
    assert [type(v) for _, v in grid.items()] == [type(v) for _, v in sorted(expected.items())]
    assert grid[probe] == expected.get(probe)
    area = Rect(2, 2, 9, 7)
    block = grid.read(area)
    assert [block[r - 2, c - 2] for r, c in area.cells()] == [expected.get(cell) for cell in area.cells()]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 30), st.integers(1, 30), st.integers(1, 9), st.integers(1, 9), values), max_size=12
    )
)
def test_blocks_overwrite_what_was_there(writes: list) -> None:
    grid, expected = Grid(), {}
    for top, left, height, width, value in writes:
        rect = Rect(top, left, top + height - 1, left + width - 1)
        content = np.arange(height * width, dtype=float).reshape(height, width) if value is None else value
        grid.write(rect, content)
        for k, cell in enumerate(rect.cells()):
            expected[cell] = float(k) if value is None else value
    assert dict(grid.items()) == expected


def test_numbers_are_read_without_a_copy() -> None:
    grid = Grid()
    grid.write(Rect(3, 2, 302, 701), np.ones((300, 700)))
    assert grid.read(Rect(3, 2, 302, 701)).base is not None
    assert grid.read(Rect(3, 2, 302, 701)).dtype == np.float64
    assert grid.read(Rect(2, 2, 302, 701)).dtype == object


def test_one_far_cell_costs_one_cell() -> None:
    grid = Grid()
    grid[1, 1] = 1.0
    grid[FAR, 16384] = 2.0
    assert grid[FAR, 16384] == 2.0
    assert grid.numbers.size < 1000


@pytest.mark.parametrize("text", ["\0", "a\0", " ", "\0a\0\0"])
def test_a_text_keeps_its_last_character_whatever_it_is(text: str) -> None:
    grid = Grid()
    grid.write(Rect(1, 1, 2, 2), text)
    grid[3, 1] = text
    assert [value for _, value in grid.items()] == [text] * 5


def test_scatter_fills_blank_cells() -> None:
    grid = Grid()
    grid.scatter(np.array([5, 2, FAR]), np.array([1, 3, 9]), np.array([1.5, 2.5, 3.5]))
    assert dict(grid.items()) == {(5, 1): 1.5, (2, 3): 2.5, (FAR, 9): 3.5}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.array([[np.nan]]), object()])
def test_what_no_cell_can_hold_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError), match="cannot hold"):
        Grid().write(at(1, 1), value)


def test_cells_outside_a_sheet_are_refused() -> None:
    for rect in (Rect(0, 1, 1, 1), at(1, 16385), at(FAR + 1, 1)):
        with pytest.raises(AddressError, match="outside a sheet"):
            Grid().write(rect, 1.0)


def test_a_book_finds_ranges_by_name_and_by_address() -> None:
    book = Book()
    sheet = book.add("My sheet")
    sheet.put(Rect(1, 1, 1, 2), np.array([[1.0, 2.0]]))
    book.define("h.0.row", "My sheet", Rect(1, 1, 1, 2))
    assert book.locate("H.0.ROW") == book.locate("'my sheet'!$A$1:B1") == ("My sheet", Rect(1, 1, 1, 2))
    assert book.read("h.0.row").tolist() == [[1.0, 2.0]]
    for text, words in (
        ("nope", "neither a defined name"),
        ("Sheet9!A1", "no sheet 'Sheet9'"),
        ("'My sheet'!ZZZZ1", "no cell"),
    ):
        with pytest.raises(AddressError, match=words):
            book.locate(text)
    with pytest.raises(WorkbookError, match="already"):
        book.add("MY SHEET")
    with pytest.raises(WorkbookError, match="already"):
        book.define("h.0.row", "My sheet", at(1, 1))


def test_books_differ_by_values_formulas_and_names_but_not_by_looks() -> None:
    def make(value: object = 1.0, formula: str = "A1+1", name: str = "x", style: str = "weight") -> Book:
        book = Book()
        sheet = book.add("S")
        sheet.put(at(1, 1), value, style)
        sheet.put_formula(at(1, 2), formula)
        book.define(name, "S", at(1, 1))
        return book

    assert make() == make(style="text")
    for other in (make(2.0), make("1"), make(True), make(formula="A1+2"), make(name="y")):
        assert make() != other


def test_a_large_block_is_numbers_until_one_of_its_cells_is_something_else() -> None:
    grid, rect = Grid(), Rect(2, 2, 401, 301)
    numbers = np.arange(400.0 * 300).reshape(400, 300)
    grid.write(rect, numbers)
    for cell, value in (((5, 5), "text"), ((401, 301), None), ((2, 2), True)):
        assert grid.read(rect).dtype == np.float64
        assert np.shares_memory(grid.read(rect), grid.numbers)
        grid[cell] = value
        assert grid.read(rect).dtype == object
        assert grid.read(rect)[cell[0] - 2, cell[1] - 2] == value
        grid[cell] = 1.0
    assert grid.read(rect).dtype == np.float64
    grid.write(Rect(7, 3, 9, 3), np.array([["a"], ["b"], ["c"]], dtype=object))
    assert grid.read(rect)[5:8, 1].tolist() == ["a", "b", "c"]


def test_blocks_without_numbers_are_written_as_cell_by_cell() -> None:
    for values in (["a", True, ErrorValue.NA], ["a", None, "b"], ["a", 1.0, False]):
        block = np.array([values, values[::-1]], dtype=object)
        whole, single = Grid(), Grid()
        for grid in (whole, single):
            grid.write(Rect(1, 1, 3, 3), np.ones((3, 3)))
            grid[2, 2] = "before"
        whole.write(Rect(2, 1, 3, 3), block)
        for (row, column), value in np.ndenumerate(block):
            single[row + 2, column + 1] = value
        assert whole == single
        assert whole.read(Rect(1, 1, 3, 3)).tolist() == single.read(Rect(1, 1, 3, 3)).tolist()


def test_many_cells_at_once_are_written_as_one_by_one() -> None:
    values = [1.0, "a", True, ErrorValue.NA, None, -2.5]
    for far in (0, 3000):
        once, single = Grid(), Grid()
        rows, columns = np.array([1, 2, 3, 3, 2, 1 + far]), np.array([1, 1, 1, 2, 2, 2])
        for grid in (once, single):
            grid.write(Rect(1, 1, 3, 2), np.ones((3, 2)))
            grid[2, 2] = "before"
        put_cells(once, rows, columns, values)
        for row, column, value in zip(rows.tolist(), columns.tolist(), values, strict=True):
            single[row, column] = value
        assert once == single
        assert [once[cell] for cell in zip(rows.tolist(), columns.tolist(), strict=True)] == values


def test_the_version_of_a_grid_changes_with_its_cells() -> None:
    grid = Grid()
    versions = [grid.version]
    grid[1, 1] = 2.0
    versions.append(grid.version)
    grid.write(Rect(1, 1, 2, 2), "text")
    versions.append(grid.version)
    grid.scatter(np.array([5]), np.array([5]), np.array([1.0]))
    versions.append(grid.version)
    grid.read(Rect(1, 1, 5, 5))
    assert versions == sorted(set(versions))
    assert grid.version == versions[-1]
