"""What a workbook of sheetgpt says of itself: its model, its prompt, its answer. Found by defined names.

The names are the contract with `layout`; nothing here knows where on a sheet anything stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from sheetgpt.book.address import MAX_TEXT, Rect, reference
from sheetgpt.book.book import Book
from sheetgpt.book.number_text import number_text
from sheetgpt.book.values import Value
from sheetgpt.errors import AddressError, UsageError, WorkbookError
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.sampling import Sampling
from sheetgpt.gpt2.subset import Subset
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.schema.prompt_limits import Limits

_ANSWERS = ("continuation.text", "next.shown", "next.probability", "map.continuation", "map.probability", "token.ids")


@dataclass(frozen=True)
class Candidate:
    """A token that could come next; `probability` is the model's, `drawn` that with which the sheet chooses it."""

    id: int
    text: str
    shown: str
    probability: float
    logit: float
    drawn: float


@dataclass(frozen=True)
class Answer:
    """What a calculated workbook says: `ids` of the whole window, of which the first `length` are the prompt.

    `sampling` are the settings that it used, as the sheet understands them.
    """

    prompt: str
    ids: list[int]
    length: int
    continuation: str
    top: list[Candidate]  # the best tokens after the prompt
    sampling: Sampling


def is_model(book: Book) -> bool:
    """Whether the book holds a GPT-2 as sheetgpt writes it."""
    return {"config.n_layer", "prompt.ids", "token.ids", "wte.weight", "logits"} <= set(book.names)


def part_of(book: Book) -> str | None:
    """Which part of a model in several workbooks this one is; None if it is no part."""
    return str(single(book, "config.part")) if "config.part" in book.names else None


def config_of(book: Book) -> Config:
    """The configuration on the Map; raises WorkbookError for a book that sheetgpt did not write."""
    if not is_model(book) and part_of(book) is None:
        raise WorkbookError("this workbook holds no GPT-2 that sheetgpt wrote", "sheetgpt build makes one")
    entries: dict[str, object] = {}
    for field in fields(Config):
        value = single(book, f"config.{field.name}")
        if isinstance(value, float) and value == int(value) and field.name != "layer_norm_epsilon":
            value = int(value)
        entries[field.name] = value
    config = Config(**entries)  # type: ignore[arg-type]
    config.verify("the Map sheet")
    return config


def subset_of(book: Book) -> Subset | None:
    """Which part of a model a lighter copy says it holds; None for a whole model."""
    if "config.blocks" not in book.names:
        return None
    return Subset.from_facts(str(single(book, "config.blocks")), str(single(book, "config.tokens")))


def tensors_of(book: Book, config: Config, names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """The weights, all or those of some names, as the cells hold them, float64.

    Raises WorkbookError naming a cell that is no number.
    """
    shapes = config.tensors()
    return {name: _numbers(book, name, shapes[name]) for name in names or shapes}


def tokenizer_of(book: Book) -> Tokenizer | None:
    """The tokenizer from the sheets Vocabulary and Merges; None where the model came without one."""
    tokens = [token for token in book.read("vocabulary.tokens").ravel().tolist() if token is not None]
    if not tokens:
        return None
    pairs: list[tuple[str, str]] = []
    if "merges.ids" in book.names:
        table = book.read("merges.ids").astype(int).tolist()
        pairs = [(tokens[left], tokens[right]) for left, right, _ in table]
    return Tokenizer(tokens, pairs, "the Vocabulary sheet")


def reads_text(book: Book) -> bool:
    """Whether formulas cut the prompt into tokens; else its ids are numbers on Prompt_to_Tokens."""
    return "merged.ids" in book.names


def limits_of(book: Book) -> Limits | None:
    """How long a prompt the formulas take; None where none read it."""
    return Limits(book.locate("words.code")[1].rows) if reads_text(book) else None


def prompt_ids(book: Book) -> list[int]:
    """The ids on Prompt_to_Tokens, typed or calculated, down to the first cell that is no number."""
    ids: list[int] = []
    for value in book.read("prompt.ids").ravel().tolist():
        if not isinstance(value, float):
            break
        ids.append(int(value))
    return ids


def prompt_cells(book: Book, prompt: str, ids: Sequence[int]) -> dict[str, dict[tuple[int, int], Value]]:
    """Sheet -> cell -> value: what to type into a workbook for another prompt; raises UsageError if it does not fit.

    That is the text alone where formulas read it. They take no `ids` that are not the tokens of the text.
    """
    check_prompt(prompt, ids, window(book), config_of(book))
    text_sheet, text = book.locate("prompt.text")
    changes: dict[str, dict[tuple[int, int], Value]] = {text_sheet: {(text.top, text.left): prompt}}
    limits, tokenizer = limits_of(book), tokenizer_of(book)
    if limits and tokenizer:
        check_text(tokenizer, prompt, ids, limits, window(book))
        return changes
    ids_sheet, cells = book.locate("prompt.ids")
    typed: list[Value] = [*map(float, ids), *[None] * (cells.rows - len(ids))]
    changes.setdefault(ids_sheet, {}).update(zip(cells.cells(), typed, strict=True))
    return changes


def check_text(tokenizer: Tokenizer, prompt: str, ids: Sequence[int], limits: Limits, rows: int) -> None:
    """Raise UsageError for a prompt that the formulas of a workbook do not take, or take for other tokens."""
    if refusal := limits.refusal(tokenizer, prompt, rows):
        raise UsageError(refusal, "shorten it, or build with a larger --max-chars or --context")
    if list(ids) != tokenizer.encode(prompt):
        raise UsageError(
            "these token ids are not what their own text is cut into, and formulas of this workbook cut the text",
            "build a workbook with --token-ids: there the ids are numbers to change",
        )


def check_prompt(prompt: str, ids: Sequence[int], rows: int, config: Config) -> None:
    """Raise UsageError for a prompt that is empty, too long for `rows` token rows, or not of this vocabulary."""
    if len(prompt.encode("utf-16-le")) // 2 > MAX_TEXT:
        raise UsageError(f"the prompt has {len(prompt):,} characters, and a cell holds {MAX_TEXT:,}", "shorten it")
    if not ids:
        raise UsageError("the prompt is empty, and GPT-2 needs at least one token", "type at least one character")
    if len(ids) > rows:
        raise UsageError(
            f"the prompt has {len(ids)} tokens, but the workbook has {rows} rows for tokens",
            f"shorten it, or build with --context {len(ids)} or more"
            if len(ids) <= config.n_positions
            else f"shorten it: the model has positions for {config.n_positions} tokens",
        )
    strange = [token for token in ids if not 0 <= token < config.vocab_size]
    if strange:
        raise UsageError(f"there is no token {strange[0]}: the ids of this model go from 0 to {config.vocab_size - 1}")


def window(book: Book) -> int:
    """The number of token rows."""
    return book.locate("token.ids")[1].rows


def answer_of(book: Book) -> Answer:
    """Prediction and continuation as the cells hold them; raises WorkbookError if they are not calculated."""
    length = single(book, "prompt.length")
    if message := _message(book):
        raise UsageError(f"the workbook says: {message}", "type another prompt")
    if not isinstance(length, float) or not 1 <= length <= window(book):
        raise WorkbookError(f"prompt.length is {length!r}, expected 1 to {window(book)}", "type a prompt")
    row = int(length) - 1
    ids = _numbers(book, "top.ids")[row].astype(int).tolist()
    probabilities, logits = _numbers(book, "top.probabilities")[row], _numbers(book, "top.logits")[row]
    texts = book.read("vocabulary.text").ravel()
    shown, drawn = book.read("top.shown")[row], _drawn(book, row)
    return Answer(
        prompt=prompt_text(book),
        ids=_numbers(book, "token.ids").ravel().astype(int).tolist(),
        length=int(length),
        continuation=str(single(book, "continuation.text") or ""),
        top=[
            Candidate(token, str(texts[token] or ""), str(shown[k]), *map(float, numbers))
            for k, (token, *numbers) in enumerate(zip(ids, probabilities, logits, drawn, strict=False))
        ],
        sampling=_settings_in_use(book),
    )


def _drawn(book: Book, row: int) -> np.ndarray:
    """The probability with which each candidate is chosen in a row, from 0: its weight's share of those kept, [K]."""
    _, kept, total, *_ = _numbers(book, "sampling.choices")[row].tolist()
    weights = _numbers(book, "sampling.weights")[row]
    return np.where(np.arange(len(weights)) < kept, weights / total, 0.0)


def _settings_in_use(book: Book) -> Sampling:
    temperature, top_k, top_p, seed = (
        float(_numbers(book, f"used.{name}")[0, 0]) for name in ("temperature", "top_k", "top_p", "seed")
    )
    return Sampling(temperature, int(top_k), top_p, int(seed))


def prompt_and_answer(book: Book) -> tuple[str, str]:
    """The prompt, and the continuation or what the sheet says is wrong with the prompt, as the cells hold them."""
    answer = _message(book) or single(book, "continuation.text")
    return prompt_text(book), "" if answer is None else str(answer)


def prompt_text(book: Book) -> str:
    """The prompt as formulas take it: a number by its digits."""
    typed = single(book, "prompt.text")
    if isinstance(typed, bool):
        return str(typed).upper()
    return number_text(typed) if isinstance(typed, float) else str(typed or "")


def answer_names(book: Book) -> list[str]:
    """The names of the cells that answer, as far as formulas of this file do; of a block, its last step."""
    answers = [name for name in _ANSWERS if name in book.names and _is_calculated(book, name)]
    return answers or [name for name in book.names if name.endswith(".step_16.output")]


def _is_calculated(book: Book, name: str) -> bool:
    sheet, rect = book.locate(name)
    return any(formula.rect.intersect(rect) for formula in book.sheets[sheet].formulas)


def label_of(book: Book, sheet: str, rect: Rect) -> str | None:
    """The defined name of the smallest range that holds `rect`, if any."""
    best: tuple[int, str] | None = None
    for name, target in book.names.items():
        try:
            place, area = book.locate(target)
        except AddressError:
            continue  # a name that stands for no range
        if place == sheet and area.contains(rect) and (best is None or area.size < best[0]):
            best = area.size, name
    return best[1] if best else None


def _message(book: Book) -> str:
    """What the workbook says is wrong with its prompt, if it can tell."""
    return str(single(book, "prompt.message") or "") if "prompt.message" in book.names else ""


def single(book: Book, name: str) -> Value:
    """The value of a named cell; raises WorkbookError if the workbook lacks the name."""
    try:
        sheet, rect = book.locate(name)
    except AddressError:
        raise WorkbookError(f"the workbook lacks the name {name}", "build it again") from None
    return book.sheets[sheet].grid[rect.top, rect.left]


def _numbers(book: Book, name: str, shape: tuple[int, int] | None = None) -> np.ndarray:
    sheet, rect = book.locate(name)
    if shape is not None and rect.shape != shape:
        raise WorkbookError(f"{name} is {rect.rows} x {rect.columns} cells, expected {shape[0]} x {shape[1]}")
    values = book.sheets[sheet].grid.read(rect)
    if values.dtype != np.float64:
        for (row, column), value in zip(rect.cells(), values.flat, strict=True):
            if not isinstance(value, float):
                cell = reference(sheet, Rect(row, column, row, column), absolute=False)
                raise WorkbookError(f"{cell} in {name} holds {value!r}, expected a number")
    return values
