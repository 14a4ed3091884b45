"""A sweep: prompts times parts that are off, one line for each, `sheetgpt sweep` as a library call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.lab.parts import Variant, variants_of
from sheetgpt.lab.passes import Passes, rows_for_tokens
from sheetgpt.lab.tokens import token_id
from sheetgpt.lab.workers import Line, Source, Workers, open_model
from sheetgpt.schema.names import config_of, tokenizer_of
from sheetgpt.schema.prompt import check_prompt, resolve_prompt
from sheetgpt.system.progress import Progress, no_progress

_CHUNK = 16  # variants of one job: one pass with everything on for so many others


@dataclass(frozen=True)
class SweepJob:
    """Some variants of one prompt; `token` is the one of choice, None for the answer with everything on."""

    book: str
    prompt: str
    ids: tuple[int, ...]
    variants: tuple[Variant, ...]
    token: int | None

    def run(self, passes: Passes) -> list[Line]:
        """A line for each variant, compared with everything on."""
        row = len(self.ids) - 1
        passes.all_on()
        passes.start(self.ids)
        whole = passes.predictions(row)
        token = int(whole[0].argmax()) if self.token is None else self.token
        return [self._line(passes, variant, token, whole) for variant in self.variants]

    def _line(self, passes: Passes, variant: Variant, token: int, whole: tuple[np.ndarray, np.ndarray]) -> Line:
        found = whole
        if variant:
            with passes.lab.off(*variant):
                found = passes.predictions(len(self.ids) - 1)
        (logits, probabilities), answer = found, int(found[0].argmax())
        return {
            "book": self.book,
            "prompt": self.prompt,
            "off": list(variant),
            "answer": passes.text(answer),
            "answer_id": answer,
            "token": passes.text(token),
            "token_id": token,
            "logit": float(logits[token]),
            "probability": float(probabilities[token]),
            "logit_change": float(logits[token] - whole[0][token]),
            "probability_change": float(probabilities[token] - whole[1][token]),
        }


@dataclass(frozen=True)
class Sweep:
    """What is to be calculated: each prompt with everything on, then with each variant off."""

    source: Source
    book: Book
    prompts: tuple[tuple[str, tuple[int, ...]], ...]  # texts and their tokens
    variants: tuple[Variant, ...]
    token: int | None

    def __len__(self) -> int:
        return len(self.prompts) * len(self.variants)

    def lines(self, workers: Workers, done: int = 0, progress: Progress = no_progress) -> Iterator[Line]:
        """The lines in their order, without the first `done`. Raises what reading and calculating do."""
        jobs = list(self._jobs())
        skipped = 0
        while jobs and done - skipped >= len(jobs[0].variants):
            skipped += len(jobs.pop(0).variants)
        count, left = done, done - skipped
        if not jobs:
            return
        progress("sweep", count, len(self))
        for lines in workers.run(self.source, self.book, jobs):
            yield from lines[left:]
            count, left = count + len(lines) - left, 0
            progress("sweep", count, len(self))

    def _jobs(self) -> Iterator[SweepJob]:
        for text, ids in self.prompts:
            for start in range(0, len(self.variants), _CHUNK):
                chunk = self.variants[start : start + _CHUNK]
                yield SweepJob(self.source.fingerprint, text, ids, chunk, self.token)

    def verify(self, lines: Sequence[Line], where: str) -> None:
        """Raise UsageError unless these, which stand in a file, are the first lines of this sweep."""
        if len(lines) > len(self):
            raise UsageError(f"{where} has {len(lines)} lines, and this sweep {len(self)}", _OTHER)
        expected = ((text, list(variant)) for text, _ in self.prompts for variant in self.variants)
        token = self.token
        for number, (line, (text, off)) in enumerate(zip(lines, expected, strict=False), 1):
            if self.token is None and not off:
                token = line.get("answer_id")
            same: dict[str, tuple[object, object]] = {}
            same |= {"workbook": (line.get("book"), self.source.fingerprint), "prompt": (line.get("prompt"), text)}
            same |= {"part": (line.get("off"), off), "--token": (line.get("token_id"), token)}
            if different := [what for what, (found, wanted) in same.items() if found != wanted]:
                raise UsageError(f"{where}: line {number} is of another {different[0]} than in this sweep", _OTHER)


def plan_sweep(
    path: Path | str,
    prompts: Sequence[str],
    off: Sequence[str] = (),
    token: str | int | None = None,
    cached: bool = True,
) -> Sweep:
    """A sweep through a workbook, verified before any work: `off` as in `variants_of`, `token` as in `Lab`.

    Raises WorkbookError, and UsageError naming the prompt that does not fit.
    """
    source, book = open_model(path, cached)
    config, tokenizer = config_of(book), tokenizer_of(book)
    if off and "switch.typed_heads" not in book.names:
        raise UsageError(f"{path} has no sheet Switches", "build it with --lens switches, or --lens all")
    if not prompts:
        raise UsageError("there are no prompts", "give a file with one on each line")
    cut = tuple(_cut(tokenizer, text, number, config, rows_for_tokens(book)) for number, text in enumerate(prompts, 1))
    variants = ((), *variants_of(config, off))
    return Sweep(source, book, cut, variants, None if token is None else token_id(tokenizer, config, token))


def _cut(tokenizer: Tokenizer | None, text: str, number: int, config: Config, rows: int) -> tuple[str, tuple[int, ...]]:
    prompt = resolve_prompt(tokenizer, text, None, "this workbook")
    try:
        check_prompt(prompt, rows, config)
    except UsageError as error:
        raise UsageError(f"prompt {number}: {error}") from None
    return text, tuple(prompt.ids)


_OTHER = "choose another file with -o, or remove this one"
