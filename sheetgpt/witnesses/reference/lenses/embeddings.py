"""What the sheet Embedding_Map should hold. The mean and the axes of the map are numbers in the file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.embedding_map import analogy, cosines, nearest, project, rank_of
from sheetgpt.schema.names import read_numbers
from sheetgpt.witnesses.reference.lenses.choice import Values, read_token, token_of

_CHOSEN = ("first", "second", "token", "a", "b", "c", "expected", "placed")
_POSITIONS = (1, 3, 4, 5, 6, 7, 8)


def embeddings(book: Book, _config: Config, tensors: forward.Tensors, _: Mapping[str, np.ndarray]) -> Values:
    """The sheet Embedding_Map."""
    wte, shown = tensors["wte.weight"], book.read("vocabulary.shown").ravel()
    chosen = {name: read_token(book, f"embeddings.typed_{name}", 0) for name in _CHOSEN}
    values: dict[str, np.ndarray] = {"cosine": cosines(wte[[chosen["first"]]], wte[chosen["second"]])[:, None]}
    for name, token in chosen.items():
        values |= {name: np.array([[float(token)]]), f"{name}_shown": shown[[[token]]]}
    values |= _map(book, wte, shown) | _neighbours(book, wte, shown, chosen) | _placed(book, tensors, chosen["placed"])
    return {f"embeddings.{name}": value for name, value in values.items()}


def _map(book: Book, wte: np.ndarray, shown: np.ndarray) -> Values:
    """Tokens in use (an emptied cell repeats the one above), points, squared distances from the mean, their share."""
    ids: list[int] = []
    listed = shown.tolist()
    for typed in book.read("embeddings.typed_ids").ravel().tolist():
        ids.append(token_of(typed, listed, ids[-1] if ids else 0))
    mean, axes = _plane(book)
    points, spread = project(wte[ids], mean, axes), ((wte[ids] - mean) ** 2).sum(axis=1)
    share = (points**2).sum() / spread.sum() if spread.sum() > 0 else 0.0
    return {
        "ids": np.array(ids, dtype=float)[:, None],
        "shown": shown[ids][:, None],
        "points": points,
        "spread": spread[:, None],
        "share": np.array([[share]]),
    }


def _plane(book: Book) -> tuple[np.ndarray, np.ndarray]:
    return read_numbers(book, "embeddings.mean")[0], read_numbers(book, "embeddings.axes")


def _neighbours(book: Book, wte: np.ndarray, shown: np.ndarray, chosen: Mapping[str, int]) -> Values:
    """Cosines of all tokens with one, and with b - a + c; the largest of each."""
    a, b, c, expected = (chosen[name] for name in ("a", "b", "c", "expected"))
    near, sums = cosines(wte, wte[chosen["token"]]), analogy(wte, a, b, c)
    values: Values = {
        "all_shown": shown[:, None],
        "norms": np.sqrt((wte**2).sum(axis=1))[:, None],
        "cosines": near[:, None],
        "analogy_cosines": sums[:, None],
        "sum": wte[[b]] - wte[[a]] + wte[[c]],
        "expected_cosine": sums[[[expected]]],
        "rank": np.array([[float(rank_of(sums, expected, (a, b, c)))]]),
    }
    for name, cosine, without in (("nearest", near, (chosen["token"],)), ("answer", sums, (a, b, c))):
        if f"embeddings.{name}_ids" in book.names:
            best = nearest(cosine, without, book.locate(f"embeddings.{name}_ids")[1].rows)
            values[f"{name}_ids"] = best[:, None].astype(float)
            values[f"{name}_shown"], values[f"{name}_cosines"] = shown[best][:, None], cosine[best][:, None]
    return values


def _placed(book: Book, tensors: forward.Tensors, token: int) -> Values:
    """One token without a position and at some: rows, cosines with the first two of them, points."""
    wpe, row = tensors["wpe.weight"], tensors["wte.weight"][[token]]
    places = [position - 1 for position in _POSITIONS if position <= len(wpe)]
    rows = np.concatenate([row, row + wpe[places]])
    return {
        "placed_rows": rows,
        "placed_cosines": np.column_stack([cosines(rows, rows[0]), cosines(rows, rows[1])]),
        "placed_points": project(rows, *_plane(book)),
    }
