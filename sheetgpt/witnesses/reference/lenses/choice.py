"""What was typed into a lens, and the cells that say so: defined name -> values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.schema.names import single

Values = dict[str, np.ndarray]


def read_whole(book: Book, name: str, least: int, most: int, blank: int) -> int:
    """The whole number that is typed under a name, kept within bounds; `blank` where no number is typed."""
    typed = single(book, name)
    return max(least, min(most, int(np.floor(typed)))) if isinstance(typed, float) else blank


def token_of(typed: object, shown: Sequence[object], blank: int) -> int:
    """The id that is typed as a number or as the text of a token, with or without the space before it; else `blank`."""
    if isinstance(typed, float):
        return max(0, min(len(shown) - 1, int(np.floor(typed))))
    if isinstance(typed, str):
        for text in (typed.replace(" ", "·"), "·" + typed.replace(" ", "·")):
            if text in shown:
                return shown.index(text)
    return blank


def read_token(book: Book, name: str, blank: int) -> int:
    """The token that is typed under a name; `blank` where there is none."""
    return token_of(single(book, name), book.read("vocabulary.shown").ravel().tolist(), blank)


def read_choice(book: Book, activations: Mapping[str, np.ndarray], lens: str) -> tuple[int, int, Values]:
    """Position (from 1) and token that a lens looks at, and the cells that say so."""
    shown = book.read("vocabulary.shown").ravel()
    rows, length = activations["token.ids"].size, int(activations["prompt.length"].item())
    position = read_whole(book, f"{lens}.typed_position", 1, rows, length)
    chosen = int(activations["predicted.ids"].ravel()[position - 1])
    typed = single(book, f"{lens}.typed_token")
    token = token_of(typed, shown.tolist(), chosen)
    found = not isinstance(typed, str) or shown[token] in (f"·{typed}".replace(" ", "·"), typed.replace(" ", "·"))
    cells = {
        "position": float(position),
        "token": float(token),
        "position_shown": activations["token.shown"].ravel()[position - 1],
        "token_shown": shown[token],
        "token_note": "its text or id; blank: the one that comes next there"
        if found
        else "No token has this text. Taken: the one that comes next there",
    }
    return position, token, {f"{lens}.{name}": np.array([[cell]], dtype=object) for name, cell in cells.items()}


def read_word(book: Book, name: str, choices: Sequence[str]) -> str:
    """The word that is typed under a name, in letters of either case; the first choice where it is none of them."""
    typed = single(book, name)
    found = [choice for choice in choices if isinstance(typed, str) and typed.lower() == choice]
    return found[0] if found else choices[0]


def next_tokens(activations: Mapping[str, np.ndarray], lens: str) -> Values:
    """The five best tokens after the prompt and their probabilities, where a lens shows them."""
    row = int(activations["prompt.length"].item()) - 1
    return {f"{lens}.next_{name}": activations[f"top.{name}"][[row], :5] for name in ("shown", "probabilities")}


def single_cells(lens: str, cells: Mapping[str, object]) -> Values:
    """Values of single cells under the names LENS.KEY."""
    return {
        f"{lens}.{name}": np.array([[value]], dtype=float if isinstance(value, float) else object)
        for name, value in cells.items()
    }
