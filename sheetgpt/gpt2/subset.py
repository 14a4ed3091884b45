"""Which part of a model a lighter copy holds: some of its blocks, the first tokens of its vocabulary."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sheetgpt.errors import UsageError


@dataclass(frozen=True)
class Subset:
    """Of `all_blocks` blocks these, by their numbers in the whole model; of `all_tokens` tokens the first ones."""

    blocks: tuple[int, ...]
    all_blocks: int
    tokens: int
    all_tokens: int

    @property
    def facts(self) -> dict[str, object]:
        """How the Map's table of the model says it: "0-1 of 12", "5000 of 50257"."""
        blocks = f"{_format_ranges(self.blocks)} of {self.all_blocks}"
        return {"blocks": blocks, "tokens": f"{self.tokens} of {self.all_tokens}"}

    @classmethod
    def from_facts(cls, blocks: str, tokens: str) -> Subset:
        """The inverse of `facts`; raises UsageError."""
        match = re.fullmatch(r"(\d+) of (\d+)", tokens)
        some, _, every = blocks.partition(" of ")
        if not match or not every.isdigit():
            raise UsageError(f"the Map says blocks {blocks!r}, tokens {tokens!r}", "build the workbook again")
        return cls(parse_blocks(some + ",", int(every)), int(every), int(match[1]), int(match[2]))

    def sentence(self, name: str) -> str:
        """What a reader has to know first."""
        kept = []
        if len(self.blocks) < self.all_blocks:
            few = f" ({_format_ranges(self.blocks)})" if self.blocks[-1] >= len(self.blocks) else ""
            kept.append(f"{len(self.blocks)} of {self.all_blocks} blocks{few}")
        if self.tokens < self.all_tokens:
            kept.append(f"{self.tokens:,} of {self.all_tokens:,} tokens")
        words = f"This copy has {' and '.join(kept)}; its predictions are not those of {name}."
        if self.tokens < self.all_tokens:
            words += " A text is cut into the tokens that are left, so into more and shorter ones."
        return words


def parse_blocks(text: str, blocks: int) -> tuple[int, ...]:
    """Numbers of blocks: "2" -> the first two, "0,5-7" -> these four, "5," or "5-5" -> this one; raises UsageError."""
    hint = f"--blocks 2 keeps the first two, --blocks 0,5-7 these four; this model has blocks 0 to {blocks - 1}"
    if text.strip().isdigit():
        if not 1 <= int(text) <= blocks:
            raise UsageError(f"--blocks {text}: this model has {blocks} blocks", hint)
        return tuple(range(int(text)))
    found: list[int] = []
    for part in text.removesuffix(",").split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if not match or int(match[2] or match[1]) < int(match[1]):
            raise UsageError(f"--blocks {text}: {part!r} is no block and no range of blocks", hint)
        if int(match[2] or match[1]) >= blocks:
            raise UsageError(f"--blocks {text}: there is no block {match[2] or match[1]}", hint)
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
    if found != sorted(set(found)):
        raise UsageError(f"--blocks {text}: blocks come once each, in their order", hint)
    return tuple(found)


def _format_ranges(numbers: tuple[int, ...]) -> str:
    """(0, 5, 6, 7) -> "0,5-7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
