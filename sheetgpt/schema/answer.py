"""The answer of a calculated workbook: its continuation, and the tokens that could come next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.errors import UsageError, WorkbookError
from sheetgpt.gpt2.sampling import Sampling
from sheetgpt.schema.exercise import Progress, exercise_progress
from sheetgpt.schema.names import messages_of, read_numbers, single, window
from sheetgpt.schema.prompt import prompt_text

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

    `sampling` are the settings that it used, as the sheet understands them. `switches` are those that are not 1: the
    answer is not that of the whole model then.
    """

    prompt: str
    ids: list[int]
    length: int
    continuation: str
    top: list[Candidate]  # the best tokens after the prompt
    sampling: Sampling
    switches: dict[str, float] = field(default_factory=dict)  # "h.1.head.3" -> 0.0
    interventions: list[str] = field(default_factory=list)  # what else is done to the model, in sentences
    exercise: Progress | None = None  # how far the learner is, where the workbook is an exercise


def answer_of(book: Book) -> Answer:
    """Prediction and continuation as the cells hold them; raises WorkbookError if they are not calculated."""
    length = single(book, "prompt.length")
    if message := _message(book):
        raise UsageError(f"the workbook says: {message}", "type another prompt")
    if not isinstance(length, float) or not 1 <= length <= window(book):
        raise WorkbookError(f"prompt.length is {length!r}, expected 1 to {window(book)}", "type a prompt")
    row = int(length) - 1
    ids = read_numbers(book, "top.ids")[row].astype(int).tolist()
    probabilities, logits = read_numbers(book, "top.probabilities")[row], read_numbers(book, "top.logits")[row]
    texts = book.read("vocabulary.text").ravel()
    shown, drawn = book.read("top.shown")[row], _draw_probabilities(book, row)
    return Answer(
        prompt=prompt_text(book),
        ids=read_numbers(book, "token.ids").ravel().astype(int).tolist(),
        length=int(length),
        continuation=str(single(book, "continuation.text") or ""),
        top=[
            Candidate(token, str(texts[token] or ""), str(shown[k]), *map(float, numbers))
            for k, (token, *numbers) in enumerate(zip(ids, probabilities, logits, drawn, strict=False))
        ],
        sampling=_settings_in_use(book),
        switches=switches_in_use(book),
        interventions=interventions_in_use(book),
        exercise=exercise_progress(book),
    )


def interventions_in_use(book: Book) -> list[str]:
    """What is done to the model besides switches, as the sheets say it: steering, other positions ..."""
    told = [str(single(book, name) or "") for name in messages_of(book) if name != "switch.message"]
    means = "switch.mean_in_use" in book.names and single(book, "switch.mean_in_use") == 1.0 and switches_in_use(book)
    return [*["Switches: means in place of what is off."] * bool(means), *(t.strip() for t in told if t)]


def switches_in_use(book: Book) -> dict[str, float]:
    """The switches of that lens that are not 1, by the part of the model: "h.1.head.3", "h.2.mlp", "h.0"."""
    found: dict[str, float] = {}
    for kind, ending in (("heads", ".head."), ("mlp", ".mlp"), ("block", "")):
        table = read_numbers(book, f"switch.{kind}") if f"switch.{kind}" in book.names else np.ones((0, 0))
        for layer, head in np.argwhere(table != 1.0).tolist():
            found[f"h.{layer}{ending}{head if kind == 'heads' else ''}"] = float(table[layer, head])
    return found


def switches_text(switches: Mapping[str, float]) -> str:
    """Switches in words: "h.1.head.3 at 0, h.2.mlp at 0.5"."""
    return ", ".join(f"{part} at {value:g}" for part, value in switches.items())


def _draw_probabilities(book: Book, row: int) -> np.ndarray:
    """The probability with which each candidate is chosen in a row, from 0: its weight's share of those kept, [K]."""
    _, kept, total, *_ = read_numbers(book, "sampling.choices")[row].tolist()
    weights = read_numbers(book, "sampling.weights")[row]
    return np.where(np.arange(len(weights)) < kept, weights / total, 0.0)


def _settings_in_use(book: Book) -> Sampling:
    temperature, top_k, top_p, seed = (
        float(read_numbers(book, f"used.{name}")[0, 0]) for name in ("temperature", "top_k", "top_p", "seed")
    )
    return Sampling(temperature, int(top_k), top_p, int(seed))


def prompt_and_answer(book: Book) -> tuple[str, str]:
    """The prompt, and the continuation or what the sheet says is wrong with the prompt, as the cells hold them."""
    answer = _message(book) or single(book, "continuation.text")
    return prompt_text(book), "" if answer is None else str(answer)


def answer_names(book: Book) -> list[str]:
    """The names of the cells that answer, as far as formulas of this file do; of a block, its last step."""
    answers = [name for name in _ANSWERS if name in book.names and _is_calculated(book, name)]
    return answers or [name for name in book.names if name.endswith(".step_16.output")]


def _is_calculated(book: Book, name: str) -> bool:
    sheet, rect = book.locate(name)
    return any(formula.rect.intersect(rect) for formula in book.sheets[sheet].formulas)


def _message(book: Book) -> str:
    """What the workbook says is wrong with its prompt, if it can tell."""
    return str(single(book, "prompt.message") or "") if "prompt.message" in book.names else ""
