"""Books made at random against a naive evaluator that follows references cell by cell, and the parts of the graph."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgpt.book.address import Rect, at, column_letters
from sheetgpt.book.book import Book
from sheetgpt.evaluator import Calculator
from sheetgpt.evaluator.graph.components import components, levels
from sheetgpt.evaluator.index.rect_index import RectIndex, distinct_rows

SIZE = 8  # rows and columns of a random sheet

# A formula is a tuple (kind, cells it reads); its text and its value are both made from that, by two ways.
cell = st.tuples(st.integers(1, SIZE), st.integers(1, SIZE))
formula = st.one_of(
    st.tuples(st.just("sum"), cell, cell),
    st.tuples(st.just("add"), cell, cell),
    st.tuples(st.just("if"), cell, cell, cell),
    st.tuples(st.just("index"), cell, cell, cell),
    st.tuples(st.just("offset"), cell, cell),
)
contents = st.dictionaries(cell, st.integers(-3, 9).map(float) | formula, min_size=1, max_size=40)


def name(place):
    return f"{column_letters(place[1])}{place[0]}"


def bounds(first, second):
    rows, columns = sorted((first[0], second[0])), sorted((first[1], second[1]))
    return Rect(rows[0], columns[0], rows[1], columns[1])


def text_of(kind, *cells):
    if kind == "sum":
        return f"SUM({bounds(*cells)})"
    if kind == "add":
        return f"{name(cells[0])}+2*{name(cells[1])}"
    if kind == "if":
        return f"IF({name(cells[0])}>1,{name(cells[1])},{name(cells[2])})"
    if kind == "index":
        return f"INDEX({bounds(*cells[:2])},1,1)-{name(cells[2])}"
    return f"OFFSET({name(cells[0])},{cells[1][0] - 1},0)"


class Circle(Exception):  # noqa: N818
    """A cell is read while it is being calculated."""


def naive(content, place, path=()):
    """The value of a cell, by following what it reads."""
    found = content.get(place, 0.0)
    if isinstance(found, float):
        return found
    if place in path:
        raise Circle
    kind, *cells = found

    def read(other):
        return naive(content, other, (*path, place))

    if kind == "sum":
        return float(sum(read(other) for other in bounds(*cells).cells()))
    if kind == "add":
        return read(cells[0]) + 2 * read(cells[1])
    if kind == "if":
        return read(cells[1]) if read(cells[0]) > 1 else read(cells[2])
    if kind == "index":
        corner = bounds(*cells[:2])
        return read((corner.top, corner.left)) - read(cells[2])
    return read((cells[0][0] + cells[1][0] - 1, cells[0][1]))


def acyclic(content):
    """The content without the formulas that the naive evaluator finds in, or behind, a circle."""
    content = dict(content)
    for place in sorted(content):
        try:
            naive(content, place)
        except Circle:
            content[place] = 1.0
    return content


def book_of(content, order):
    book = Book()
    sheet = book.add("S")
    for place, what in content.items():
        if isinstance(what, float):
            sheet.grid[place] = what
    for place in order:
        if not isinstance(content[place], float):
            sheet.put_formula(at(*place), text_of(*content[place]))
    return book


@settings(max_examples=150, deadline=None)
@given(contents, st.randoms(use_true_random=False))
def test_random_books_come_to_what_a_naive_evaluator_finds(content, shuffle):
    content = acyclic(content)
    order = list(content)
    shuffle.shuffle(order)
    book = book_of(content, order)
    Calculator(book).recalculate()
    for place in content:
        assert book.sheets["S"].grid[place] == naive(content, place), name(place)


@settings(max_examples=150, deadline=None)
@given(contents, st.lists(st.tuples(cell, st.integers(-3, 9).map(float)), max_size=6))
def test_updates_of_random_books_come_to_the_same_as_calculating_anew(content, changes):
    content = acyclic(content)
    book = book_of(content, content)
    calculator = Calculator(book)
    calculator.recalculate()
    for place, number in changes:
        changed = acyclic(content | {place: number})
        if changed != content | {place: number}:
            continue  # the change would close a circle through an IF
        content = changed
        calculator.set(("S", at(*place)), number)
        calculator.update()
        for other in content:
            assert book.sheets["S"].grid[other] == naive(content, other), name(other)


def disjoint(rects):
    kept: list[Rect] = []
    for rect in rects:
        if not any(rect.intersect(other) for other in kept):
            kept.append(rect)
    return kept


corner = st.tuples(st.integers(1, 30), st.integers(1, 30))
rects = st.builds(bounds, corner, corner)


@settings(max_examples=200, deadline=None)
@given(st.lists(rects, min_size=1, max_size=20), st.lists(rects, min_size=1, max_size=20))
def test_overlaps_are_found_as_by_looking_at_each_pair(made, queries):
    filled = disjoint(made)
    index = RectIndex(np.array(filled), np.arange(100, 100 + len(filled)))
    assert index.clash() is None
    found = index.pairs(np.array(queries))
    pairs = list(zip(found.queries.tolist(), found.found.tolist(), strict=True))
    assert pairs == [
        (number, 100 + other)
        for number, query in enumerate(queries)
        for other, rect in enumerate(filled)
        if query.intersect(rect)
    ]


@settings(max_examples=200, deadline=None)
@given(st.lists(rects, min_size=2, max_size=6))
def test_two_rectangles_that_overlap_are_found(made):
    clash = RectIndex(np.array(made), np.arange(len(made))).clash()
    overlaps = [(i, j) for i in range(len(made)) for j in range(i) if made[i].intersect(made[j])]
    assert (clash is None) == (not overlaps)
    if clash:
        assert tuple(sorted(clash, reverse=True)) in overlaps


graphs = st.integers(1, 9).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, size - 1), max_size=4), min_size=size, max_size=size)
)


def reachable(following, start):
    found, stack = {start}, [start]
    while stack:
        new = [node for node in following[stack.pop()] if node not in found]
        found.update(new)
        stack += new
    return found


@settings(max_examples=200, deadline=None)
@given(graphs)
def test_components_are_the_nodes_that_reach_one_another(following):
    component = components(following)
    reach = [reachable(following, node) for node in range(len(following))]
    for one in range(len(following)):
        for other in range(len(following)):
            assert (component[one] == component[other]) == (other in reach[one] and one in reach[other])
    level, _ = levels(following)
    for node, successors in enumerate(following):
        for successor in successors:
            if component[node] == component[successor]:
                assert level[node] == level[successor]
            else:
                assert component[node] > component[successor]
                assert level[node] < level[successor]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 50), st.integers(0, 1))))
def test_distinct_rows(rows):
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    assert [tuple(row) for row in distinct_rows(*table.T).tolist()] == sorted(set(rows))
