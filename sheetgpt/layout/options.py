"""What a build is asked for (`BuildOptions`), and what the layout makes of that for one model (`LayoutOptions`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from sheetgpt.errors import UsageError
from sheetgpt.gpt2.activations import STEPS
from sheetgpt.xlsx.compression import COMPRESSIONS, Compression

if TYPE_CHECKING:
    from sheetgpt.gpt2.jacobian import Jacobian
    from sheetgpt.schema.prompt_limits import Limits

WARM_UP = ("network", "quiz")  # the lenses that come with every exercise
CANDIDATES = 40  # how many of the best tokens a row lists, unless a build says otherwise

Digits = Literal["auto", "exact", "float32"]
DIGITS: tuple[Digits, ...] = get_args(Digits)


_KINDS = (
    ("prompt", str, "a text"),
    ("blocks", str, "a number of blocks or a list like 0,5-7"),
    ("context", int, "a whole number"),
    ("max_chars", int, "a whole number"),
    ("vocab_limit", int, "a whole number"),
    ("candidates", int, "a whole number"),
    ("exercise", int, "a whole number"),
    ("solution", bool, "True or False"),
)


def _are_all(values: object, kind: type) -> bool:
    """Whether something is a list, or the like, of values of one kind."""
    if isinstance(values, str) or not isinstance(values, Sequence):
        return False
    return all(isinstance(value, kind) and not isinstance(value, bool) for value in values)


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """What to build besides the model, checked before any work; raises UsageError.

    prompt: the text that stands in the workbook; formulas cut it into tokens.
    token_ids: the prompt as ids instead, which then are typed numbers.
    context: rows for tokens, of the prompt and its continuation; None: 16, or as many as the model has positions.
    max_chars: the longest prompt that the formulas cut into tokens, in characters as Excel counts them; None: 64.
    digits: "exact" keeps every weight as it is, "float32" takes the shortest decimal that gives back the same float32
        (a smaller file), "auto" is "exact" up to 4 million parameters.
    candidates: how many of the best tokens the sheet draws the next one from.
    blocks: a lighter copy with some blocks ("2": the first two, "0,5-7": these); None: all.
    vocab_limit: a lighter copy with the first tokens of the vocabulary; None: all.
    compress: a file in less time ("faster") or a smaller one ("smaller"); it counts for large models.
    manual: a workbook that is calculated on request, and says so.
    lenses: sheets that show what goes on inside, by name; "all" is all of them, "none" none; None: all of them for a
        small model, those that cost little for a large one (`layout.lenses.lens.resolve_lenses`).
    exercise: a step of block 0, 1 to 16, whose formulas are left to the learner; the lenses Network and Quiz come too.
    solution: the workbook of the exercise with everything filled in.
    jacobian: a file with matrices of the Jacobian lens, for the lens depth; None: those in the model's folder, if any.
    """

    prompt: str | None = None
    token_ids: Sequence[int] | None = None
    context: int | None = None
    max_chars: int | None = None
    digits: Digits = "auto"
    candidates: int = CANDIDATES
    blocks: str | None = None
    vocab_limit: int | None = None
    compress: Compression = "balanced"
    manual: bool = False
    lenses: Sequence[str] | None = None
    exercise: int | None = None
    solution: bool = False
    jacobian: Path | str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.lenses, str):
            object.__setattr__(self, "lenses", (self.lenses,))
        if isinstance(self.blocks, int) and not isinstance(self.blocks, bool):
            object.__setattr__(self, "blocks", str(self.blocks))
        for name, kind, words in _KINDS:
            value = getattr(self, name)
            if value is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
                raise UsageError(f"{name} {value!r}: expected {words}")
        for name, kind, words in (("token_ids", int, "whole numbers"), ("lenses", str, "names of lenses")):
            values = getattr(self, name)
            if values is not None and not _are_all(values, kind):
                raise UsageError(f"{name} {values!r}: expected a list of {words}")
        if self.exercise is not None and self.exercise not in STEPS:
            raise UsageError(f"--exercise {self.exercise}: no such step", f"a block has the steps 1 to {max(STEPS)}")
        if self.solution and self.exercise is None:
            raise UsageError("--solution: there is no exercise", "say which step with --exercise N")
        if self.jacobian is not None and not isinstance(self.jacobian, (Path, str)):
            raise UsageError(f"jacobian {self.jacobian!r}: expected a file")
        if self.jacobian is not None and self.lenses is not None and not {"depth", "all"} & set(self.lenses):
            raise UsageError("--jacobian is for the lens depth", "add --lens depth")
        if self.prompt is not None and self.token_ids is not None:
            raise UsageError("a prompt and token ids at once", "give one of them")
        for option, value, choices in (
            ("--digits", self.digits, DIGITS),
            ("--compress", self.compress, COMPRESSIONS),
        ):
            if value not in choices:
                raise UsageError(f"{option} {value}: no such choice", f"give one of {', '.join(choices)}")


@dataclass(frozen=True, kw_only=True)
class LayoutOptions:
    """What the layout of a workbook needs to know besides the model.

    With `ids` None formulas cut the prompt into tokens, within `limits`; else the ids stand there as numbers. The
    window has `rows` tokens and begins with the prompt. `digits` is what the Map says of the weights.
    `jacobian`: matrices of the Jacobian lens, by block.
    """

    prompt: str
    ids: Sequence[int] | None
    rows: int
    digits: str = "exact"
    candidates: int = CANDIDATES
    limits: Limits | None = None
    manual: bool = False
    lenses: tuple[str, ...] = ()
    exercise: int | None = None
    solution: bool = False
    jacobian: Jacobian = field(default_factory=dict)
