"""Progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic

Progress = Callable[[str, int, int], None]  # what is done, how much of it, how much in all: cells, bytes or steps


def no_progress(what: str, done: int, total: int) -> None:
    """Progress that nobody sees."""


class Meter:
    """Progress on stderr: one line that is written over, and only where a person sees it."""

    def __init__(self) -> None:
        self.shown = 0.0
        self.started, self.total = monotonic(), 0

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def __call__(self, what: str, done: int, total: int) -> None:
        now = monotonic()
        if total != self.total:  # something else has begun
            self.started, self.total = now, total
        if not sys.stderr.isatty() or (now - self.shown < 0.1 and 0 < done < total):
            return
        self.shown = now
        part, seconds = done / max(total, 1), now - self.started
        left = f", {seconds * (1 - part) / part:.0f} s left" if part > 0.02 else ""
        print(f"\r\033[K{part:4.0%} {what}{left if total > 1 else ''}", end="", file=sys.stderr, flush=True)
