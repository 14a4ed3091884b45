"""Scores of texts: perplexity, choices, last words, `sheetgpt score` as a library call.

A row's prediction is the workbook's column of logits; the log-softmax is taken here, because a probability of 1e-400
is 0 in its cell. Texts are cut into tokens by the tokenizer on the sheets Vocabulary and Merges.

- A text longer than the window is scored in windows, each beginning half a window after the one before; each of its
  tokens but the first is predicted once, from at least half a window of tokens before it.
- A context with a choice behind it, or with its last word, must fit the window. They are cut apart.
- A text's first token is predicted from nothing and not scored; bits per character count the characters behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from sheetgpt.errors import UsageError
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.lab.passes import Passes, rows_for_tokens
from sheetgpt.lab.stop_words import STOP_WORDS
from sheetgpt.lab.texts import Item
from sheetgpt.lab.workers import Line, Workers, open_model
from sheetgpt.schema.answer import interventions_in_use, switches_in_use
from sheetgpt.schema.names import tokenizer_of
from sheetgpt.system.progress import Progress, no_progress


def log_probabilities(passes: Passes, ids: Sequence[int], first: int) -> list[float]:
    """log p of each token from the one of index `first` (1 or more) on, given all before it; one pass."""
    passes.start(ids)
    logits = passes.logits(first - 1, len(ids) - 1)
    best = logits.max(axis=0)
    totals = best + np.log(np.exp(logits - best).sum(axis=0))
    return [float(logits[token, k] - totals[k]) for k, token in enumerate(ids[first:])]


@dataclass(frozen=True)
class TextJob:
    """Cross-entropy of one text: its windows of tokens, each with the index of the first token that it scores."""

    line: int
    windows: tuple[tuple[tuple[int, ...], int], ...]
    characters: int  # behind the first token

    def run(self, passes: Passes) -> list[Line]:
        scored = [value for ids, first in self.windows for value in log_probabilities(passes, ids, first)]
        loss = -float(np.sum(scored))
        return [{"line": self.line, "predicted": len(scored), "characters": self.characters, "loss": loss}]


@dataclass(frozen=True)
class ChoiceJob:
    """Joint log probability of each choice behind a context."""

    line: int
    context: tuple[int, ...]
    choices: tuple[tuple[int, ...], ...]

    def run(self, passes: Passes) -> list[Line]:
        start = len(self.context)
        joint = [float(np.sum(log_probabilities(passes, self.context + choice, start))) for choice in self.choices]
        return [{"line": self.line, "log_probabilities": joint, "choice": int(np.argmax(joint))}]


@dataclass(frozen=True)
class LastWordJob:
    """Whether each token of the last word is the likeliest one behind those before it.

    With the filter, tokens that are a stop word by themselves cannot be its first one.
    """

    line: int
    context: tuple[int, ...]
    word: tuple[int, ...]
    stop_tokens: tuple[int, ...]

    def run(self, passes: Passes) -> list[Line]:
        start = len(self.context)
        passes.start(self.context + self.word)
        logits = passes.logits(start - 1, start + len(self.word) - 1).copy()
        plain = logits.argmax(axis=0).tolist()
        logits[list(self.stop_tokens), 0] = -np.inf
        filtered = [int(logits[:, 0].argmax()), *plain[1:]]
        texts = {"predicted": passes.text(plain[0]), "predicted_filtered": passes.text(filtered[0])}
        right = {"right": plain == list(self.word), "right_filtered": filtered == list(self.word)}
        return [{"line": self.line, **texts, **right}]


Job = TextJob | ChoiceJob | LastWordJob


@dataclass(frozen=True)
class Scores:
    """What a file of texts has scored: an entry for each text, and a summary.

    `switches` are those of the workbook that are not 1, `interventions` what else is done to the model, in sentences.
    """

    items: list[Line]
    summary: Line
    switches: dict[str, float]
    interventions: list[str]

    def as_dict(self) -> Line:
        return asdict(self)


def score(
    path: Path | str,
    items: Sequence[Item],
    workers: Workers | None = None,
    cached: bool = True,
    progress: Progress = no_progress,
) -> Scores:
    """Score texts (see `texts.read_texts`) by a workbook as it is, switches and all.

    Raises WorkbookError, and UsageError naming the line that does not fit.
    """
    source, book = open_model(path, cached)
    tokenizer = tokenizer_of(book)
    if tokenizer is None:
        raise UsageError(f"{path} has no tokenizer", "texts can be scored by a workbook with one only")
    if not items:
        raise UsageError("there are no texts", "give a file with one on each line")
    jobs = [_job(item, tokenizer, rows_for_tokens(book)) for item in items]
    found: list[Line] = []
    for lines in (workers or Workers()).run(source, book, jobs):
        found += lines
        progress("score", len(found), len(jobs))
    entries = [finish(item, line) for item, line in zip(items, found, strict=True)]
    return Scores(entries, summarize(entries), switches_in_use(book), interventions_in_use(book))


def finish(item: Item, line: Line) -> Line:
    """An entry with what is derived from its numbers."""
    if "loss" in line:
        return {"line": line["line"], "text": item.text, "tokens": line["predicted"] + 1} | _means([line])
    if "choice" in line:
        right = {} if item.answer is None else {"answer": item.answer, "right": line["choice"] == item.answer}
        return line | {"context": item.context, "choices": list(item.choices)} | right
    return line | {"context": item.context, "word": item.word}


def _means(lines: Sequence[Line]) -> Line:
    """Of texts: totals, cross-entropy in nats for each predicted token, perplexity, bits per character."""
    predicted, characters, loss = (sum(line[name] for line in lines) for name in ("predicted", "characters", "loss"))
    mean = loss / predicted
    return {
        "predicted": predicted,
        "characters": characters,
        "loss": loss,
        "cross_entropy": mean,
        "perplexity": float(np.exp(min(mean, 700.0))),
        "bits_per_character": loss / np.log(2) / characters if characters else None,
    }


def summarize(entries: Sequence[Line]) -> Line:
    """All texts together: means over tokens and characters, shares of right answers."""
    texts = [entry for entry in entries if "loss" in entry]
    summary: Line = {"texts": len(texts)} | _means(texts) if texts else {}
    known = [entry["right"] for entry in entries if "choice" in entry and "right" in entry]
    if any("choice" in entry for entry in entries):
        summary["choices"] = sum("choice" in entry for entry in entries)
        summary["choices_accuracy"] = sum(known) / len(known) if known else None
    words = [entry for entry in entries if "word" in entry]
    if words:
        summary["last_words"] = len(words)
        for name in ("right", "right_filtered"):
            summary[name.replace("right", "last_word_accuracy")] = sum(entry[name] for entry in words) / len(words)
    return summary


def _job(item: Item, tokenizer: Tokenizer, rows: int) -> Job:
    """The work for one text; raises UsageError naming its line where it does not fit."""
    if item.choices:
        context = _encode(tokenizer, item.context, item.line, "the context")
        choices = tuple(_encode(tokenizer, choice, item.line, "a choice") for choice in item.choices)
        _check_room(len(context) + max(map(len, choices)), rows, item.line)
        return ChoiceJob(item.line, context, choices)
    if item.word:
        context, word = (_encode(tokenizer, text, item.line, "a part") for text in (item.context, item.word))
        _check_room(len(context) + len(word), rows, item.line)
        return LastWordJob(item.line, context, word, stop_tokens(tokenizer))
    ids = _encode(tokenizer, item.text, item.line, "the text")
    if len(ids) < 2:
        raise UsageError(f"line {item.line} is one token, and nothing is predicted", "give longer texts")
    characters = len(item.text) - len(tokenizer.decode(ids[:1]))
    return TextJob(item.line, tuple(windows(ids, rows)), characters)


def windows(ids: tuple[int, ...], rows: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Windows of up to `rows` tokens and the index in each of the first token that no window before has scored."""
    if rows < 2:
        raise UsageError("a window of one token predicts nothing of a text", "build with a larger --context")
    yield ids[:rows], 1
    done = rows
    while done < len(ids):
        start = min(done - (rows + 1) // 2, len(ids) - rows)
        yield ids[start : start + rows], done - start
        done = start + rows


def stop_tokens(tokenizer: Tokenizer) -> tuple[int, ...]:
    """The tokens that are a stop word by themselves, after a space."""
    texts = ((token, tokenizer.decode([token])) for token in range(len(tokenizer)))
    return tuple(token for token, text in texts if text[:1] == " " and text[1:].lower() in STOP_WORDS)


def _encode(tokenizer: Tokenizer, text: str, line: int, what: str) -> tuple[int, ...]:
    ids = tuple(tokenizer.encode(text))
    if not ids:
        raise UsageError(f"line {line}: {what} is empty")
    return ids


def _check_room(count: int, rows: int, line: int) -> None:
    if count > rows:
        raise UsageError(
            f"line {line} needs {count} tokens, and the workbook has {rows} rows for tokens",
            f"shorten it, or build with --context {count} or more",
        )
