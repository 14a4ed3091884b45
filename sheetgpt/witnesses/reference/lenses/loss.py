"""What the sheet Loss should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.loss import bits_per_character, joint_log_probability, log_softmax, perplexity, token_losses
from sheetgpt.schema.names import tokenizer_of
from sheetgpt.schema.prompt import prompt_text, reads_text, token_in_front
from sheetgpt.witnesses.reference.lenses.choice import Values, read_whole, token_of


def loss(book: Book, _config: Config, _: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Loss."""
    values = _choices(book, activations)
    rows, length = activations["token.ids"].size, int(activations["prompt.length"].item())
    if rows > 1:
        losses = token_losses(activations["logits"].T[:length], _ids(activations)[:length])
        values |= _table(activations, losses, rows) | _text(book, activations, losses)
        values |= _continuation(book, activations, losses, rows)
    return values


def _ids(activations: Mapping[str, np.ndarray]) -> list[int]:
    return [int(token) for token in activations["token.ids"].ravel()]


def _cell(value: object) -> np.ndarray:
    return np.array([[value]], dtype=object)


def _table(activations: Mapping[str, np.ndarray], losses: np.ndarray, rows: int) -> Values:
    """A row for each token but the first; "" beyond the prompt."""
    following = _ids(activations)[1 : len(losses) + 1]
    before = np.arange(len(losses))
    logits = activations["logits"].T[before, following]
    columns = {
        "probability": activations["probabilities"].T[before, following],
        "nats": losses,
        "logit": logits,
        "log_total": logits + losses,
        "best_shown": activations["top.shown"][before, 0],
        "best_probability": activations["top.probabilities"][before, 0],
    }
    blank = [""] * (rows - 1 - len(losses))
    shown = [*activations["token.shown"].ravel()[: len(losses) + 1], *blank]
    return {"loss.shown": np.array(shown, dtype=object)[:, None]} | {
        f"loss.{name}": np.array([*column.tolist(), *blank], dtype=object)[:, None] for name, column in columns.items()
    }


def _text(book: Book, activations: Mapping[str, np.ndarray], losses: np.ndarray) -> Values:
    """Mean, perplexity and bits per character of the whole prompt; "" where nothing was predicted."""
    values = {
        "tokens": float(len(losses)),
        "mean": losses.mean() if losses.size else "",
        "perplexity": perplexity(losses) if losses.size else "",
    }
    tokenizer = tokenizer_of(book)
    if reads_text(book) and tokenizer:
        first = 0 if token_in_front(book) is not None else len(tokenizer.decode(_ids(activations)[:1]))
        characters = len(prompt_text(book)) - first
        values["characters"] = float(characters)
        values["bits_per_character"] = bits_per_character(losses, characters) if characters > 0 else ""
    return {f"loss.{name}": _cell(value) for name, value in values.items()}


def _continuation(book: Book, activations: Mapping[str, np.ndarray], losses: np.ndarray, rows: int) -> Values:
    start = read_whole(book, "loss.typed_start", 2, rows, 2)
    count = len(losses) + 2 - start
    shown = activations["token.shown"].ravel()[start - 1] if count > 0 else ""
    joint = joint_log_probability(losses, start) if count > 0 else ""
    values = {
        "start": float(start),
        "start_shown": shown,
        "joint": joint,
        "per_token": joint / count if isinstance(joint, float) else "",
    }
    return {f"loss.{name}": _cell(value) for name, value in values.items()}


def _choices(book: Book, activations: Mapping[str, np.ndarray]) -> Values:
    """Tokens of choice after the prompt; where none is typed, the likeliest ones."""
    last = int(activations["prompt.length"].item()) - 1
    typed, best = book.read("loss.typed_choices").ravel().tolist(), activations["top.ids"][last]
    all_shown = book.read("vocabulary.shown").ravel()
    listed = all_shown.tolist()
    ids = [token_of(value, listed, int(best[k])) for k, value in enumerate(typed)]
    logits = activations["logits"].T[last : last + 1]
    log_p = log_softmax(logits)[0, ids]
    shown, likely = all_shown[ids], np.exp(log_p)
    columns = {"ids": np.array(ids, dtype=float), "shown": shown, "log_p": log_p, "probability": likely}
    columns["share"] = likely / likely.sum()
    return {f"loss.choice_{name}": column[:, None] for name, column in columns.items()} | {
        "loss.chosen": _cell(shown[int(log_p.argmax())]),
        "loss.last_total": _cell(float(logits[0, ids[0]] - log_p[0])),
    }
