"""What the formula cells of a sheetgpt workbook should show, by the numpy reference and never by a formula.

From the file come the weights, the vocabulary and the prompt; everything else is calculated here, the prompt's
tokens by the `tokenizers` library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import floor

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.book.grid import Grid
from sheetgpt.errors import FormulaError
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.sampling import Sampling, choose, draw, rounds
from sheetgpt.schema.names import config_of, tensors_of, tokenizer_of, window
from sheetgpt.schema.prompt import limits_of, prompt_ids, prompt_text, token_in_front
from sheetgpt.schema.sampling import candidates_of, sampling_of
from sheetgpt.witnesses.reference.detokenizer import join_tokens
from sheetgpt.witnesses.reference.exercise import exercise_values
from sheetgpt.witnesses.reference.lenses.interventions import read_interventions
from sheetgpt.witnesses.reference.lenses.lens_values import lens_values
from sheetgpt.witnesses.reference.tokenizer_sheets import tokenization

_COPY = re.compile(r"(TRANSPOSE\()?([a-z_]+\.[a-z_]+)\)?")  # a label: a formula that is a name and nothing else

_TOLD = r"[a-z]+\.message(?:&[a-z]+\.message)*"  # what is done to the model, all of it one after another
# A note; in its place what is done to the model; in place of both what is wrong with the prompt.
_NOTE = re.compile(
    rf'(?:IF\(prompt\.message="",)?(?:IF\({_TOLD}="",)?"((?:[^"]|"")*)"(?:,({_TOLD})\))??(,prompt\.message\))?'
)


BEYOND = "numbers of the model pass what float64 holds"


@contextmanager
def within_float64() -> Iterator[None]:
    """Raise FormulaError where a calculation passes what float64 holds: what comes after it would mean nothing."""
    try:
        with np.errstate(over="raise", divide="raise"):
            yield
    except FloatingPointError:
        raise FormulaError(BEYOND) from None


def expected_values(book: Book) -> tuple[dict[str, Grid], dict[str, list[Rect]]]:
    """The values of formula cells by sheet, and which cells they are."""
    config, rows = config_of(book), window(book)
    tensors, limits, tokenizer = tensors_of(book, config), limits_of(book), tokenizer_of(book)
    text = prompt_text(book)
    prompt = tokenizer.encode(text) if limits and tokenizer else prompt_ids(book)[:rows]
    sampling, k = sampling_of(book), candidates_of(book)

    def pick(logits: np.ndarray, position: int) -> int:
        best = rank_tokens(logits)[:k]
        return int(best[choose(logits[best], sampling, position).rank])

    given, front = read_interventions(book, config, tensors), token_in_front(book)
    own, prompt = prompt, prompt if front is None else [front, *prompt]
    ids = forward.generate(config, tensors, prompt, rows, pick, given)
    named = forward.activations(config, tensors, ids, given)
    named |= choices(named["logits"].T, sampling, k)
    named |= answers(book, config, named, ids, len(prompt))
    named |= join_tokens(book, tokenizer, named["predicted.ids"].ravel().astype(int).tolist(), len(prompt))
    if limits is not None:
        named |= tokenization(book, text, own, limits, rows)
    else:
        named["prompt.message"] = np.array([[""]], dtype=object)
    if front is not None:
        listed = [*book.read("vocabulary.shown").ravel()[own], *[""] * (rows - len(own))]
        named["prompt.shown"] = np.array(listed, dtype=object)[:, None]
    named |= lens_values(book, config, tensors, named)
    named |= exercise_values(book, named)
    return cells_of(book, named)


def cells_of(book: Book, named: dict[str, np.ndarray]) -> tuple[dict[str, Grid], dict[str, list[Rect]]]:
    """The values of those formula cells that arrays under defined names say, and which cells they are."""
    places = {name: book.locate(name) for name in named if name in book.names}
    grids = {name: Grid() for name in book.sheets}
    cells: dict[str, list[Rect]] = {name: [] for name in book.sheets}
    for sheet in book.sheets.values():
        areas = [(rect, named[name]) for name, (place, rect) in places.items() if place == sheet.name]
        for formula in sheet.formulas:
            values = _values(formula.rect, formula.text, areas, named)
            if values is not None and values.dtype != object and not np.isfinite(values).all():
                raise FormulaError(BEYOND)
            if values is not None:
                grids[sheet.name].write(formula.rect, values)
                cells[sheet.name].append(formula.rect)
    return grids, cells


def _values(
    rect: Rect, text: str, areas: list[tuple[Rect, np.ndarray]], named: dict[str, np.ndarray]
) -> np.ndarray | None:
    """The part of a named array that belongs into `rect`; None if no name covers it."""
    for area, values in areas:
        if area.contains(rect):
            part = rect.shift(1 - area.top, 1 - area.left)
            return values[part.top - 1 : part.bottom, part.left - 1 : part.right]
    if note := _NOTE.fullmatch(text):
        refusal = named["prompt.message"][0, 0] if note[3] else ""
        return np.array([[refusal or _join(named, note[2]) or note[1].replace('""', '"')]], dtype=object)
    if re.fullmatch(_TOLD, text):
        return np.array([[_join(named, text)]], dtype=object)
    label = _COPY.fullmatch(text)
    if label is None or label[2] not in named:
        return None
    return named[label[2]].T if label[1] else named[label[2]]


def _join(named: dict[str, np.ndarray], names: str | None) -> str:
    """The texts of cells whose names are joined by "&"."""
    return "".join(str(named[name][0, 0]) for name in (names or "").split("&") if name in named)


def rank_tokens(logits: np.ndarray) -> np.ndarray:
    """Token ids from the largest logit down; of equals the lower id first."""
    return np.argsort(-logits, kind="stable")


def choices(logits: np.ndarray, sampling: Sampling, k: int) -> dict[str, np.ndarray]:
    """What the sheet Sampling holds for logits [n, V]: candidates, weights, generator, the choice in each row."""
    best = np.array([rank_tokens(row)[:k] for row in logits])  # [n, K]
    sorted_logits = np.take_along_axis(logits, best, axis=1)
    made = [choose(row, sampling, t) for t, row in enumerate(sorted_logits, 1)]
    picked = np.array([best[t, choice.rank] for t, choice in enumerate(made)])
    columns = [[draw(sampling.seed, t), c.kept, c.total, c.rank + 1] for t, c in enumerate(made, 1)]
    used = {
        "temperature": sampling.temperature,
        "top_k": sampling.top_k or k,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
    }
    return {
        "candidates.logits": sorted_logits,
        "candidates.ids": best.astype(float),
        "sampling.weights": np.array([c.weights for c in made]),
        "sampling.before": np.array([c.before for c in made]),
        "sampling.rounds": np.array([rounds(sampling.seed, t) for t in range(1, len(made) + 1)], dtype=float),
        "sampling.choices": np.column_stack([np.array(columns, dtype=float), picked]),
        "predicted.ids": picked[:, None].astype(float),
    } | {f"used.{name}": np.array([[float(value)]]) for name, value in used.items()}


def answers(
    book: Book, config: Config, activations: dict[str, np.ndarray], ids: list[int], length: int
) -> dict[str, np.ndarray]:
    """What the sheets around the model show: tokens by their text, and the best next tokens."""
    shown = book.read("vocabulary.shown").ravel()
    best, listed = activations["top.ids"].astype(int), activations["top.probabilities"]
    predicted, last, n = activations["predicted.ids"].ravel().astype(int), length - 1, len(ids)
    probabilities = activations["probabilities"]
    likely = [probabilities[token, t] for t, token in enumerate(predicted)]
    typed = book.read("list.typed")[0, 0]
    row = min(n, max(1, floor(typed))) - 1 if isinstance(typed, float) else last
    by = ["you" if t < length else "the model" for t in range(n)]
    table = {
        "token.ids": ids,
        "token.shown": shown[ids],
        "window.ids": ids,
        "window.shown": shown[ids],
        "window.written_by": by,
        "window.probability": [probabilities[ids[t], t - 1] for t in range(1, n)],
        "prompt.length": [length],
        "next.position": [length],
        "prompt.shown": [*shown[ids[:length]], *[""] * (n - length)],
        "predicted.shown": shown[predicted],
        "predicted.probability": likely,
        "next.shown": [shown[predicted[last]]],
        "next.probability": [likely[last]],
        "next.top.shown": shown[best[row]],
        "next.top.probabilities": listed[row],
        "next.top.ids": best[row],
        "next.top.logits": activations["top.logits"][row],
        "list.position": [row + 1],
        "vocabulary.ids": range(config.vocab_size),
        "vocabulary.shown": shown,
        "map.prompt": [prompt_text(book)],
        "map.next_token": [shown[predicted[last]]],
        "map.probability": [likely[last]],
    }
    columns = {name: np.array(list(values), dtype=object).reshape(-1, 1) for name, values in table.items()}
    return columns | {"top.shown": shown[best]}
