"""The prompt of a workbook: what it says, what may be typed instead, what does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import NamedTuple

from sheetgpt.book.address import MAX_TEXT
from sheetgpt.book.book import Book
from sheetgpt.book.edits import CellEdits
from sheetgpt.book.number_text import number_text
from sheetgpt.book.values import Value
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.schema.names import config_of, single, tokenizer_of, window
from sheetgpt.schema.prompt_limits import Limits, too_many_beside

_SHORTEN = "shorten it, or build with a larger --max-chars or --context"


class Prompt(NamedTuple):
    """A prompt that was given as a text or as token ids, and what the other one is."""

    text: str
    ids: list[int]
    given_as_ids: bool = False


def resolve_prompt(
    tokenizer: Tokenizer | None, prompt: str | None, token_ids: Sequence[int] | None, whose: str
) -> Prompt:
    """The prompt that is given as either; a text is cut into tokens here and nowhere else. `whose` is for the error.

    Raises UsageError where both are given, and for a text without a tokenizer.
    """
    if token_ids is not None:
        if prompt is not None:
            raise UsageError("a prompt and token ids at once", "give one of them")
        text = tokenizer.decode(token_ids) if tokenizer else " ".join(map(str, token_ids))
        return Prompt(text, list(token_ids), given_as_ids=True)
    if tokenizer is None or prompt is None:
        raise UsageError(f"{whose} has no tokenizer", "give the prompt as --token-ids 1,2,3")
    return Prompt(prompt, tokenizer.encode(prompt))


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


def token_in_front(book: Book) -> int | None:
    """The token that the sheet Endoftext puts in front of the prompt, as it is typed there; None: none is."""
    if "endoftext.typed" not in book.names:
        return None
    on, token = single(book, "endoftext.typed"), single(book, "endoftext.id")
    if not isinstance(on, float) or not isinstance(token, float) or on == 0:
        return None
    return max(0, min(config_of(book).vocab_size - 1, floor(token)))


def prompt_cells(book: Book, prompt: Prompt) -> CellEdits:
    """What to type into a workbook for another prompt; raises UsageError if it does not fit.

    That is the text alone where formulas read it. They take no ids that are not the tokens of the text.
    """
    front = token_in_front(book) is not None
    check_prompt(prompt, window(book), config_of(book))
    text_sheet, text = book.locate("prompt.text")
    edits = CellEdits()
    edits.set(text_sheet, (text.top, text.left), prompt.text)
    limits, tokenizer = limits_of(book), tokenizer_of(book)
    if limits and tokenizer:
        check_text(tokenizer, prompt, limits, window(book), front)
        return edits
    if front and len(prompt.ids) == window(book):
        raise UsageError(too_many_beside(window(book)), _SHORTEN)
    ids_sheet, cells = book.locate("prompt.ids")
    typed: list[Value] = [*map(float, prompt.ids), *[None] * (cells.rows - len(prompt.ids))]
    edits.fill(ids_sheet, cells, typed)
    return edits


def check_text(tokenizer: Tokenizer, prompt: Prompt, limits: Limits, rows: int, front: bool = False) -> None:
    """Raise UsageError for a prompt that the formulas of a workbook do not take, or take for other tokens.

    `front`: a token stands in front of it.
    """
    tokens = tokenizer.encode(prompt.text) if prompt.given_as_ids else prompt.ids
    if refusal := limits.refusal(tokenizer, prompt.text, rows, tokens, front):
        raise UsageError(refusal, _SHORTEN)
    if prompt.ids != tokens:
        raise UsageError(
            "these token ids are not what their own text is cut into, and formulas of this workbook cut the text",
            "build a workbook with --token-ids: there the ids are numbers to change",
        )


def check_prompt(prompt: Prompt, rows: int, config: Config) -> None:
    """Raise UsageError for a prompt that is empty, too long for `rows` token rows, or not of this vocabulary."""
    text, ids, _ = prompt
    if len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
        raise UsageError(f"the prompt has {len(text):,} characters, and a cell holds {MAX_TEXT:,}", "shorten it")
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


def prompt_text(book: Book) -> str:
    """The prompt as formulas take it: a number by its digits."""
    typed = single(book, "prompt.text")
    if isinstance(typed, bool):
        return str(typed).upper()
    return number_text(typed) if isinstance(typed, float) else str(typed or "")
