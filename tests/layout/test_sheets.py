"""How the sheets look: what stays in view, what leads where, what a refused prompt shows, how numbers are shown."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from sheetgpt.book.address import Rect, split_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.palette import STYLES
from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.layout.build_book import build_book, build_tokenizer_book
from sheetgpt.layout.labels import labels_of
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.layout.split import build_part_book
from sheetgpt.schema.prompt_limits import Limits
from sheetgpt.schema.split import parts_of
from sheetgpt.xlsx.reader import read
from sheetgpt.xlsx.writer import write

ROWS = 9
WIDE = 0.9  # of a letter of a bold text in LibreOffice, whose fonts are wider than Excel's, in widths of a digit


@pytest.fixture(scope="module")
def book(small_model: Model) -> Book:
    """A workbook that cuts its prompt."""
    book = build_book(small_model, LayoutOptions(prompt="Play on", ids=None, rows=ROWS, limits=Limits(8)))
    recalculate(book)
    return book


@pytest.fixture(scope="module")
def books(book: Book, small_model: Model, mini_tokenizer: Tokenizer) -> dict[str, Book]:
    """Every kind of workbook there is."""
    window = LayoutOptions(prompt="Play on", ids=None, rows=ROWS, digits="exact", candidates=40, limits=Limits(8))
    parts = {name: build_part_book(small_model, name, window) for name in parts_of(small_model.config)}
    return {"workbook": book, "tokens": build_tokenizer_book(mini_tokenizer, "Play on")} | parts


@pytest.fixture(scope="module")
def mini_tokenizer(small_model: Model) -> Tokenizer:
    assert small_model.tokenizer is not None
    return small_model.tokenizer


def test_no_frozen_line_crosses_a_merged_cell_or_a_text_that_runs_over_it(books: dict[str, Book]) -> None:
    """LibreOffice does not draw the part beyond the line anew."""
    crossing = set()
    for kind, book in books.items():
        for name, sheet in book.sheets.items():
            top, left = sheet.look.freeze
            for rect in sheet.look.merges:
                assert not rect.top < top <= rect.bottom, f"{kind}: {name}!{rect}"
                assert not rect.left < left <= rect.right, f"{kind}: {name}!{rect}"
            for (row, column), value in sheet.grid.others.items():
                if isinstance(value, str) and column < left and not _is_cut(sheet, row, column, left):
                    room = sum(_width(sheet, other) for other in range(column, left))
                    if len(value) * WIDE > room and not _is_wrapped(sheet, row, column):
                        crossing.add((name, value))
    assert not crossing


def _is_cut(sheet: Sheet, row: int, column: int, left: int) -> bool:
    """Whether a text ends before the line because the cell beside it is filled."""
    filled = {rect.left for formula in sheet.formulas if (rect := formula.rect).top <= row <= rect.bottom}
    return any(other in filled or sheet.grid[row, other] not in (None, "") for other in range(column + 1, left))


def _is_wrapped(sheet: Sheet, row: int, column: int) -> bool:
    styles = [style for rect, style in sheet.look.styles if rect.contains(Rect(row, column, row, column))]
    return bool(styles) and "text_wrap" in STYLES[styles[-1]]


def _width(sheet: Sheet, column: int) -> float:
    found = [width for (first, last), width in sheet.look.widths.items() if first <= column <= last]
    return found[-1] if found else 8.43


def test_every_sheet_leads_to_its_neighbours_and_to_the_map(books: dict[str, Book]) -> None:
    for kind, book in books.items():
        names = list(book.sheets)
        for number, (name, sheet) in enumerate(book.sheets.items()):
            targets = {target for _, _, target in sheet.look.links}
            assert {*names[max(0, number - 1) : number], *names[number + 1 : number + 2]} <= targets, f"{kind}: {name}"
            assert name == "Map" or "Map" in targets
            assert all((split_sheet(target)[0] or target) in names for target in targets), f"{kind}: {name}"


def test_the_map_leads_to_the_flow_and_the_weights_to_the_tensors(books: dict[str, Book]) -> None:
    for kind, book in books.items():
        tensors = {name for name in book.sheets if "." in name}
        assert {target for _, _, target in book.sheets["Map"].look.links} == set(book.sheets) - tensors - {"Map"}, kind
        assert (not tensors) == (kind == "tokens")
        if tensors:
            assert tensors <= {target for _, _, target in book.sheets["Weights"].look.links}


def test_every_tensor_leads_back_to_the_step_that_uses_it(book: Book, small_model: Model) -> None:
    sheet = book.sheets["h.1.attn.c_proj.weight"]
    (target,) = [target for _, _, target in sheet.look.links if target.startswith("Block_1!")]
    place, cell = split_sheet(target)
    caption = book.read(f"{place}!{cell}")[0, 0]
    assert caption == "Step 9: c_proj"
    for name in small_model.config.tensors():
        assert any("!" in target for _, _, target in book.sheets[name].look.links), name
    both = [target for _, _, target in book.sheets["wte.weight"].look.links if "!" in target]
    assert [split_sheet(target)[0] for target in both] == ["Token_to_Text_Embeddings", "Logits"]


def test_a_refused_prompt_shows_no_error_where_people_look_first(small_model: Model) -> None:
    book = build_book(small_model, LayoutOptions(prompt="far too long", ids=None, rows=ROWS, limits=Limits(8)))
    recalculate(book)
    for name in ("Map", "Type_Prompt_Here"):
        errors = [value for _, value in book.sheets[name].grid.items() if isinstance(value, ErrorValue)]
        assert not errors, name
        assert Limits(8).too_long in [value for _, value in book.sheets[name].grid.items()]
    told = [value for _, value in book.sheets["Predicted_Token"].grid.items() if value == Limits(8).too_long]
    assert len(told) == 1


def test_rows_and_columns_of_weights_have_names(book: Book, small_model: Model) -> None:
    config, shown = small_model.config, book.read("vocabulary.shown").ravel()
    assert book.sheets["wte.weight"].grid[4 + 17, 1] == f"17  {shown[17]}"
    assert book.sheets["wpe.weight"].grid[4, 1] == 1.0  # as on the sheets of the flow
    columns = book.sheets["h.0.attn.c_attn.weight"].grid.read(Rect(3, 2, 3, 1 + 3 * config.n_embd))[0]
    names = [value for value in columns if isinstance(value, str)]
    assert names == [f"{letter} head {head}" for letter in "qkv" for head in range(config.n_head)]
    assert columns[config.width] == "q head 1"
    rows = book.sheets["h.0.attn.c_proj.weight"].grid.read(Rect(4, 1, 3 + config.n_embd, 1)).ravel()
    assert (rows[0], rows[config.width], rows[config.width + 1]) == ("head 0", "head 1", 1.0)


def test_the_rows_of_a_large_vocabulary_stay_numbers(mini_tokenizer: Tokenizer) -> None:
    """Rows with a text are written more slowly, so that of GPT-2's 38.6 million cells none has one."""
    labels = labels_of(Config(), "wte.weight", mini_tokenizer)
    assert labels.rows is None
    assert "Vocabulary" in labels.note


def test_how_likely_each_token_of_the_prompt_was(book: Book) -> None:
    ids, probabilities = book.read("window.ids").ravel().astype(int), book.read("probabilities")
    likely = book.read("window.probability").ravel().tolist()
    assert likely == [probabilities[ids[t], t - 1] for t in range(1, ROWS)]


def test_a_position_beyond_the_window_lists_the_nearest(small_model: Model) -> None:
    for typed, used in ((0.0, 1), (3.7, 3), (99.0, ROWS), (None, 2)):
        book = build_book(small_model, LayoutOptions(prompt="p", ids=[5, 17], rows=ROWS))
        place, cell = book.locate("list.typed")
        book.sheets[place].put(cell, typed)
        recalculate(book)
        assert book.read("list.position")[0, 0] == used
        assert book.read("next.top.ids").ravel().tolist() == book.read("top.ids")[used - 1].tolist()


def test_the_continuation_so_far_is_one_line() -> None:
    book = read_mini()
    lines = book.read("continuation.so_far").ravel().tolist()
    assert "\n" in book.read("continuation.text")[0, 0]
    assert not any("\n" in line for line in lines)
    assert lines[-1] == book.read("continuation.text")[0, 0].replace("\n", "↵")


def read_mini() -> Book:
    from sheetgpt.gpt2.checkpoint import load_checkpoint
    from support.paths import MINI

    model = load_checkpoint(MINI)
    book = build_book(
        model, LayoutOptions(prompt="Michael Jordan plays the sport of", ids=None, rows=16, limits=Limits(64))
    )
    recalculate(book)
    return book


def test_what_the_writer_says_of_marks_and_printing(book: Book, tmp_path: Path) -> None:
    write(book, tmp_path / "book.xlsx")
    assert read(tmp_path / "book.xlsx") == book  # names that are only for printing are no names of the book
    found = load_workbook(tmp_path / "book.xlsx")
    rules = [rule.type for area in found["Logits"].conditional_formatting for rule in area.rules]
    assert rules.count("top10") == 2 * ROWS
    assert found["Type_Prompt_Here"].print_area
    assert found["Map"].page_setup.fitToWidth in (None, 1)
    assert found["Map"].sheet_properties.pageSetUpPr.fitToPage
    # LibreOffice would draw the ends of pages through the sheet.
    assert not found["Logits"].print_title_rows
    target = found["wte.weight"]["B2"].hyperlink.location
    assert target.startswith("Token_to_Text_Embeddings!A")
    with ZipFile(tmp_path / "book.xlsx") as package:
        charts = [name for name in package.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 1


def test_formats_of_numbers_mean_the_same_everywhere() -> None:
    """In the file a point is a decimal point and a comma separates thousands, whatever the user's language."""
    for name, style in STYLES.items():
        text = re.sub('"[^"]*"', "", str(style.get("num_format", "")))
        assert re.fullmatch(r"[-0-9#.,%;@\[\]<>=E+]*", text), name


def test_a_refused_prompt_is_told_on_every_sheet_that_calculates(book: Book) -> None:
    """In place of its note, which stands there again with the next prompt; and in files that calculate on request."""
    own = {"Map", book.locate("prompt.message")[0]}
    notes = {sheet.name: [f.text for f in sheet.formulas if f.rect.top == 2] for sheet in book.sheets.values()}
    told = {name for name, texts in notes.items() if any(text.endswith('",prompt.message)') for text in texts)}
    assert told == {sheet.name for sheet in book.sheets.values() if sheet.formulas} - own
    for sheet in book.sheets.values():
        for formula in sheet.formulas:  # Excel takes no longer text in a formula
            assert max(map(len, re.findall('"((?:[^"]|"")*)"', formula.text)), default=0) <= 255
