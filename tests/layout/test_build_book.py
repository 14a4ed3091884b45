"""The workbook's layout: names, formulas, limits; and its values against the reference."""

import re
from collections.abc import Mapping

import numpy as np
import pytest

from sheetgpt.book.address import MAX_FORMULA, MAX_SHEET_NAME
from sheetgpt.book.book import Book
from sheetgpt.book.palette import STYLES
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.activations import STEPS
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.schema.answer import answer_of
from sheetgpt.schema.names import config_of, tensors_of, tokenizer_of
from sheetgpt.schema.prompt import prompt_ids
from sheetgpt.schema.prompt_limits import Limits
from sheetgpt.xlsx.encode.row_xml import paint
from support.checkpoints import random_checkpoint
from support.exact import exact

IDS = [5, 17, 200, 3, 42]
ROWS = 9
# Functions of Excel 2013 and older, none of them volatile, each measured in LibreOffice and IronCalc.
FUNCTIONS = {
    "ABS",
    "AND",
    "AVERAGE",
    "COUNT",
    "EXP",
    "IF",
    "INDEX",
    "INT",
    "ISNUMBER",
    "LARGE",
    "LEN",
    "MATCH",
    "MAX",
    "MIN",
    "MMULT",
    "NA",
    "OR",
    "PI",
    "REPT",
    "SMALL",
    "SQRT",
    "SUBSTITUTE",
    "SUM",
    "TANH",
    "TRANSPOSE",
    "UNICHAR",
    "VARP",
}
# The sheets that cut a prompt into tokens have these too; docs/text-functions.md says why they are safe.
TEXT_FUNCTIONS = {"CHOOSE", "COUNTIF", "IFERROR", "MID", "UNICODE"}

CONFIGURATIONS: list[dict] = [
    {},
    {"n_embd": 7, "n_head": 1, "n_layer": 1, "n_inner": 5},
    {"n_embd": 35, "n_head": 5, "n_layer": 3, "scale_attn_by_inverse_layer_idx": True},
    {"scale_attn_weights": False, "layer_norm_epsilon": 0.01},
    {"tie_word_embeddings": False, "n_positions": 9},
    {"n_head": 12, "scale_attn_weights": False, "scale_attn_by_inverse_layer_idx": True},
]


@pytest.fixture(scope="module")
def book(small_model: Model) -> Book:
    book = build_book(small_model, LayoutOptions(prompt="the prompt", ids=IDS, rows=ROWS))
    recalculate(book)
    return book


def blanks(values: np.ndarray) -> np.ndarray:
    return np.array([value is None for value in values.ravel().tolist()]).reshape(values.shape)


def assert_activations_are_those_of_the_reference(
    book: Book, config: Config, tensors: Mapping[str, np.ndarray], ids: list[int], rows: int
) -> None:
    expected = forward.activations(config, tensors, forward.generate(config, tensors, ids, rows))
    for name, values in expected.items():
        blank = np.isnan(values)
        actual = book.read(name)
        assert (blanks(actual) == blank).all(), name
        # Both calculate in float64; sums in another order differ in the last digits.
        difference = np.abs(np.where(blank, 0.0, actual).astype(float) - np.where(blank, 0.0, values)).max()
        assert difference <= 1e-10 * max(1.0, np.abs(values[~blank]).max()), name


@pytest.mark.parametrize("entries", CONFIGURATIONS)
def test_every_named_activation_equals_the_reference(tmp_path_factory: pytest.TempPathFactory, entries: dict) -> None:
    model = load_checkpoint(random_checkpoint(tmp_path_factory.mktemp("model"), seed=3, **entries))
    book = build_book(model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS))
    recalculate(book)
    assert_activations_are_those_of_the_reference(book, model.config, model.tensors, IDS, ROWS)


@pytest.mark.parametrize(("ids", "rows"), [([7], 1), ([7], 6), ([1, 2, 3, 4, 5, 6], 6)])
def test_windows_of_any_size(small_model: Model, ids: list[int], rows: int) -> None:
    book = build_book(small_model, LayoutOptions(prompt="p", ids=ids, rows=rows))
    recalculate(book)
    assert_activations_are_those_of_the_reference(book, small_model.config, small_model.tensors, ids, rows)


def test_names_of_the_book_are_those_of_the_specification(book: Book, small_model: Model) -> None:
    specified = set(small_model.config.tensors()) | set(small_model.config.activations(ROWS))
    rest = set(book.names) - specified
    assert specified <= set(book.names)
    assert {name.split(".")[0] for name in rest} == {
        "candidates",
        "config",
        "continuation",
        "joined",
        "list",
        "map",
        "merges",
        "next",
        "pieces",
        "predicted",
        "prompt",
        "sampling",
        "token",
        "top",
        "used",
        "vocabulary",
        "weights",
        "window",
    }
    for name, shape in (small_model.config.tensors() | small_model.config.activations(ROWS)).items():
        assert book.read(name).shape == shape, name


def test_sheets_follow_the_flow(book: Book, small_model: Model) -> None:
    assert list(book.sheets) == [
        "Map",
        "Type_Prompt_Here",
        "Prompt_to_Tokens",
        "Token_to_Text_Embeddings",
        "Block_0",
        "Block_1",
        "Layer_Norm",
        "Logits",
        "Sampling",
        "Predicted_Token",
        "Tokens_to_Text",
        "Vocabulary",
        "Merges",
        "Weights",
        *small_model.config.tensors(),
    ]
    assert all(len(name) <= MAX_SHEET_NAME for name in book.sheets)


def test_every_step_has_its_number_and_name_in_a_caption(book: Book) -> None:
    captions = [
        value for _, value in book.sheets["Block_1"].grid.items() if isinstance(value, str) and value.startswith("Step")
    ]
    assert [int(re.findall(r"\d+", caption)[0]) for caption in captions] == [1, 2, 3, 4, 5, 5, 5, *range(6, 17)]
    for caption in captions:
        number = int(re.findall(r"\d+", caption)[0])
        assert number == 5 or caption == f"Step {number}: {STEPS[number][0]}"


@pytest.mark.parametrize(("ids", "functions"), [(IDS, FUNCTIONS), (None, FUNCTIONS | TEXT_FUNCTIONS)])
def test_formulas_use_only_functions_that_all_programs_share(small_model: Model, ids: list, functions: set) -> None:
    book = build_book(small_model, LayoutOptions(prompt="the prompt", ids=ids, rows=ROWS))
    formulas = [formula for sheet in book.sheets.values() for formula in sheet.formulas]
    texts = [re.sub('"[^"]*"', "", formula.text) for formula in formulas]
    assert functions_of(book) == functions
    assert not [text for text in texts if re.search(r"(?<!_xlfn\.)(UNICODE|UNICHAR)\(", text)]  # else #NAME? in Excel
    assert max(len(formula.text) for formula in formulas) <= MAX_FORMULA


def functions_of(book: Book) -> set[str]:
    texts = [re.sub('"[^"]*"', "", formula.text) for sheet in book.sheets.values() for formula in sheet.formulas]
    return {name for text in texts for name in re.findall(r"(?:_xlfn\.)?([A-Z.]+)\(", text)}


@pytest.fixture(scope="module")
def reading(small_model: Model) -> Book:
    """A workbook whose formulas cut the prompt."""
    book = build_book(small_model, LayoutOptions(prompt="Play on", ids=None, rows=ROWS, limits=Limits(8)))
    recalculate(book)
    return book


def test_formulas_that_cut_the_prompt_feed_the_model(reading: Book, small_model: Model) -> None:
    assert small_model.tokenizer is not None
    ids = small_model.tokenizer.encode("Play on")
    assert prompt_ids(reading) == ids
    assert answer_of(reading).length == len(ids) < ROWS
    assert_activations_are_those_of_the_reference(reading, small_model.config, small_model.tensors, ids, ROWS)


def test_sheets_and_functions_of_a_workbook_that_cuts_its_prompt(reading: Book, book: Book) -> None:
    names = list(reading.sheets)
    assert names[1:5] == ["Type_Prompt_Here", "Prompt_to_Words", "Byte_Pair_Passes", "Prompt_to_Tokens"]
    assert [name for name in names if name not in book.sheets] == ["Prompt_to_Words", "Byte_Pair_Passes", "Unicode"]
    assert functions_of(reading) == FUNCTIONS | TEXT_FUNCTIONS
    new = [name for name in FUNCTIONS | TEXT_FUNCTIONS if name in ("UNICODE", "UNICHAR")]  # since Excel 2013
    for sheet in reading.sheets.values():
        for formula in sheet.formulas:
            assert formula.text.count("_xlfn.") == sum(formula.text.count(name + "(") for name in new)
            assert not blanks(sheet.grid.read(formula.rect)).any(), f"{sheet.name}!{formula.rect}"


def test_a_prompt_that_does_not_fit_shows_no_prediction(small_model: Model) -> None:
    book = build_book(small_model, LayoutOptions(prompt="far too long", ids=None, rows=ROWS, limits=Limits(8)))
    recalculate(book)
    assert book.read("prompt.message")[0, 0] == Limits(8).too_long
    for name in ("prompt.length", "top.ids", "token.ids"):
        assert all(isinstance(value, ErrorValue) for value in book.read(name).ravel()), name
    for name in ("next.shown", "continuation.text", "next.top.ids", "window.probability", "predicted.shown"):
        assert all(value == "" for value in book.read(name).ravel()), name
    with pytest.raises(UsageError, match="takes 8 characters"):
        answer_of(book)


def test_a_prompt_without_a_tokenizer_needs_ids(small_model: Model) -> None:
    with pytest.raises(UsageError, match="without a tokenizer"):
        build_book(
            Model("bare", small_model.config, small_model.tensors, None), LayoutOptions(prompt="p", ids=None, rows=ROWS)
        )


def test_every_formula_cell_has_a_value(book: Book) -> None:
    assert sum(len(sheet.formulas) for sheet in book.sheets.values()) > 1000
    for name, sheet in book.sheets.items():
        for formula in sheet.formulas:
            assert not blanks(sheet.grid.read(formula.rect)).any(), f"{name}!{formula.rect}"


def test_a_row_never_reads_a_later_row(book: Book) -> None:
    """What lets the sheet write: column A tells the position of each row, and formulas read no greater one."""
    compared = 0
    for name in ("Block_0", "Block_1", "Layer_Norm", "Token_to_Text_Embeddings"):
        for formula in book.sheets[name].formulas:
            if formula.text in ("token.shown", "TRANSPOSE(token.shown)"):  # a label, which nothing reads
                continue
            position = book.sheets[name].grid[formula.rect.top, 1]
            for sheet, row in re.findall(r"(?:\b(\w+)!)?(?<![\w.])(?:[A-Z]+\d+:)?[A-Z]+(\d+)(?![\w.(])", formula.text):
                read = book.sheets[sheet or name].grid[int(row), 1]
                assert isinstance(read, float)
                assert isinstance(position, float)
                assert read <= position, f"{name}!{formula.rect} ={formula.text}"
                compared += 1
    assert compared > 500


def test_the_book_gives_back_what_it_was_made_from(book: Book, small_model: Model) -> None:
    config = config_of(book)
    assert config == Config(**{**small_model.config.__dict__, "n_inner": small_model.config.inner})
    assert prompt_ids(book) == IDS
    tensors = tensors_of(book, config)
    assert exact(tensors) == exact(small_model.tensors)
    tokenizer = tokenizer_of(book)
    assert tokenizer is not None
    assert small_model.tokenizer is not None
    assert (tokenizer.tokens, tokenizer.merges) == (small_model.tokenizer.tokens, small_model.tokenizer.merges)


def test_the_answer_is_on_the_first_sheets(book: Book, small_model: Model) -> None:
    answer = answer_of(book)
    assert answer.prompt == "the prompt"
    assert answer.ids == forward.generate(small_model.config, small_model.tensors, IDS, ROWS)
    assert answer.length == len(IDS)
    assert small_model.tokenizer is not None
    last = int(book.read("predicted.ids")[-1, 0])
    texts = [small_model.tokenizer.decode([token]) for token in [*answer.ids[len(IDS) :], last]]
    assert answer.continuation == "".join(texts)
    assert answer.top[0].id == answer.ids[len(IDS)]
    assert [c.probability for c in answer.top] == sorted((c.probability for c in answer.top), reverse=True)
    shown = {value for _, value in book.sheets["Map"].grid.items()}
    assert {answer.prompt, answer.continuation, answer.top[0].shown, answer.top[0].probability} <= shown


def test_equal_logits_never_list_a_token_twice(small_model: Model) -> None:
    tensors = dict(small_model.tensors)
    tensors["wte.weight"] = np.repeat(tensors["wte.weight"][:1], small_model.config.vocab_size, axis=0)
    book = build_book(Model("equal", small_model.config, tensors, None), LayoutOptions(prompt="p", ids=[1, 2], rows=3))
    recalculate(book)
    assert book.read("top.ids").tolist() == [list(range(10))] * 3


def test_a_model_without_a_tokenizer_shows_ids(small_model: Model) -> None:
    book = build_book(
        Model("bare", small_model.config, small_model.tensors, None), LayoutOptions(prompt="1 2", ids=[1, 2], rows=4)
    )
    recalculate(book)
    assert book.read("token.shown").ravel().tolist()[:2] == ["<1>", "<2>"]
    assert tokenizer_of(book) is None


@pytest.mark.parametrize("rows", [0, -1, 17])
def test_a_window_beyond_the_positions_is_refused(small_model: Model, rows: int) -> None:
    with pytest.raises(UsageError, match="positions for 1 to 16 tokens"):
        build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=rows))


def test_formulas_are_not_formatted_as_text(book: Book) -> None:
    """Excel turns a formula in a cell of the format "@" into text as soon as it is edited."""
    ids = {name: number for number, name in enumerate(STYLES, 1)}
    typed = {ids[name] for name, properties in STYLES.items() if properties.get("num_format") == "@"}
    for sheet in book.sheets.values():
        painted = paint(sheet.look.styles, ids, 1, max(rect.bottom for rect, _ in sheet.look.styles))
        for formula in sheet.formulas:
            r = formula.rect
            styles = painted[r.top - 1 : r.bottom, r.left - 1 : r.right]
            assert not typed & set(styles.ravel().tolist()), f"{sheet.name}!{r}"
