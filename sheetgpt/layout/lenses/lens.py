"""What a lens is, and all that there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.lenses.attention import attention
from sheetgpt.layout.lenses.attribution import attribution
from sheetgpt.layout.lenses.depth import depth
from sheetgpt.layout.lenses.embeddings import embeddings, fill_embeddings
from sheetgpt.layout.lenses.endoftext import endoftext
from sheetgpt.layout.lenses.facts import STORED as FACTS
from sheetgpt.layout.lenses.facts import facts, stored_facts
from sheetgpt.layout.lenses.loss import loss
from sheetgpt.layout.lenses.network import network
from sheetgpt.layout.lenses.positions import positions
from sheetgpt.layout.lenses.question import question
from sheetgpt.layout.lenses.quiz import quiz
from sheetgpt.layout.lenses.sizes import sizes
from sheetgpt.layout.lenses.steering import TYPED, steering
from sheetgpt.layout.lenses.story import story
from sheetgpt.layout.lenses.superposition import superposition
from sheetgpt.layout.lenses.switches import STORED, stored_numbers, switches
from sheetgpt.layout.lenses.totals import STORED as TOTALS
from sheetgpt.layout.lenses.totals import stored_totals
from sheetgpt.layout.options import WARM_UP, BuildOptions

SMALL = 4_000_000  # parameters: up to here a build has all lenses unless it is told


@dataclass(frozen=True)
class Lens:
    """One sheet that a build may add.

    sheet: its name.
    about: what the Map says of it, in at most 40 characters.
    lay_out: adds the sheet to a book, whose other sheets are there already, for a window of so many rows.
    inputs: defined names of the cells that a person may type into.
    early: it is laid out before the blocks, because they read its cells.
    stored: defined name -> numbers and texts that are calculated at build, from the model and the ids of the prompt.
    stored_names: the cells of these and of the prompt that they belong to; another prompt leaves them alone.
    fill: puts what comes from the weights and the tokenizer, when all other sheets are there.
    behind: the sheet that it stands behind; else it stands behind those that were laid out before it.
    heavy: it has many cells where the vocabulary or the blocks are many, or takes long to calculate at build.

    What its formula cells should hold says `witnesses.reference.lenses`, in numpy, under the same defined names.
    """

    sheet: str
    about: str
    lay_out: Callable[[Book, Config, int], None]
    inputs: tuple[str, ...] = ()
    early: bool = False
    stored: Callable[[Model, Sequence[int]], Mapping[str, np.ndarray]] | None = None
    stored_names: tuple[str, ...] = ()
    fill: Callable[[Book, Model], None] | None = None
    behind: str = ""
    heavy: bool = False


LENSES = {
    "endoftext": Lens(
        "Endoftext",
        "<|endoftext|> in front of the prompt",
        endoftext,
        ("endoftext.typed", "endoftext.id"),
        early=True,
    ),
    "positions": Lens(
        "Positions",
        "positions on, off, or sinusoids",
        positions,
        ("positions.typed_code",),
        early=True,
    ),
    "story": Lens("Story", "the whole way on one screen", story, behind="Type_Prompt_Here"),
    "steering": Lens(
        "Steering",
        "push the rows in a direction",
        steering,
        tuple(f"steering.typed_{name}" for name in TYPED),
        early=True,
    ),
    "switches": Lens(
        "Switches",
        "take parts of the model out and watch",
        switches,
        tuple(f"switch.typed_{name}" for name in ("position", "token", "instead", "heads", "mlp", "block")),
        early=True,
        stored=stored_numbers,
        stored_names=STORED,
    ),
    "attention": Lens(
        "Attention",
        "which head looked where",
        attention,
        ("attention.typed_block", "attention.typed_head"),
    ),
    "attribution": Lens(
        "Attribution",
        "what each part adds to the answer",
        attribution,
        ("attribution.typed_position", "attribution.typed_token", "attribution.typed_block"),
        stored=stored_totals,
        stored_names=TOTALS,
        heavy=True,
    ),
    "depth": Lens(
        "Depth",
        "what it would say after each block",
        depth,
        ("depth.typed_position", "depth.typed_token"),
        heavy=True,
    ),
    "network": Lens(
        "Network",
        "three units to calculate: a warm-up",
        network,
        ("network.inputs", "network.weights", "network.biases"),
    ),
    "quiz": Lens("Quiz", "sentences with a gap", quiz),
    "loss": Lens(
        "Loss",
        "how much each token surprises the model",
        loss,
        ("loss.typed_start", "loss.typed_choices"),
    ),
    "sizes": Lens(
        "Sizes",
        "where the parameters are, at any size",
        sizes,
        tuple(
            f"sizes.typed_{name}"
            for name in ("blocks", "heads", "d", "hidden", "vocabulary", "positions", "own_head", "tokens")
        ),
    ),
    "embeddings": Lens(
        "Embedding_Map",
        "tokens as directions: cosines, a map",
        embeddings,
        tuple(
            f"embeddings.typed_{name}"
            for name in ("groups", "ids", "first", "second", "token", "a", "b", "c", "expected", "placed")
        ),
        fill=fill_embeddings,
        heavy=True,
    ),
    "superposition": Lens(
        "Superposition",
        "how many directions fit into a space",
        superposition,
        tuple(f"superposition.typed_{name}" for name in ("degrees", "count", "dimensions")),
    ),
    "question": Lens(
        "MLP_Question",
        "a neuron of an MLP as a question",
        question,
        tuple(f"question.typed_{name}" for name in ("input", "up", "bias", "down", "block", "neuron")),
    ),
    "facts": Lens(
        "Facts",
        "which neurons hold a fact",
        facts,
        stored=stored_facts,
        stored_names=FACTS,
        heavy=True,
    ),
}


def choose_lenses(names: Sequence[str]) -> dict[str, Lens]:
    """The lenses of these names, in the order of `LENSES`; "all" is all of them, "none" is none. Raises UsageError."""
    if unknown := [name for name in names if name not in {*LENSES, "all", "none"}]:
        raise UsageError(f"there is no lens {unknown[0]!r}", "they are: " + ", ".join([*LENSES, "all", "none"]))
    if "none" in names and len(set(names)) > 1:
        raise UsageError("--lens none beside other lenses", "leave out none, or the others")
    return {name: lens for name, lens in LENSES.items() if name in names or "all" in names}


def resolve_lenses(options: BuildOptions, config: Config) -> tuple[str, ...]:
    """The lenses of a build: those asked for, else those of the model's size; and what comes with an exercise.

    A build that is not told has all of them up to `SMALL` parameters, beyond it those that are not `heavy`; an exercise
    has its own only, for others show what the learner is to find. Raises UsageError.
    """
    if options.lenses is not None:
        asked = choose_lenses(options.lenses)
    elif options.exercise is not None:
        asked = {}
    else:
        asked = {name: lens for name, lens in LENSES.items() if config.parameters <= SMALL or not lens.heavy}
    return tuple(name for name in LENSES if name in asked or (options.exercise is not None and name in WARM_UP))


def lenses_in(book: Book) -> tuple[str, ...]:
    """The names of the lenses that a book has."""
    return tuple(name for name, lens in LENSES.items() if lens.sheet in book.sheets)


def lay_out_lenses(book: Book, config: Config, rows: int, lenses: Sequence[Lens]) -> None:
    """Add the sheets of these lenses to a book, each where it belongs."""
    for lens in lenses:
        lens.lay_out(book, config, rows)
        if lens.behind:
            _move_behind(book, lens.sheet, lens.behind)


def fill_lenses(book: Book, model: Model) -> None:
    """Put what comes from the weights and the tokenizer into the lenses of a book in which all sheets are there."""
    for name in lenses_in(book):
        if fill := LENSES[name].fill:
            fill(book, model)


def _move_behind(book: Book, sheet: str, place: str) -> None:
    """Let a sheet of a book stand right behind another one."""
    moved = book.sheets.pop(sheet)
    for name in list(book.sheets):
        book.sheets[name] = book.sheets.pop(name)
        if name == place:
            book.sheets[sheet] = moved
