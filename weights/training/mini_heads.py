"""Which heads of the bundled model repeat what came before, by the plain numpy reference.

    python weights/training/mini_heads.py [folder]        prints the figures that the card states

Scores are means of attention, step 7 of a block. Previous: from each token to the one before. Induction: in n random
tokens that stand twice, from each token of the second time to the one behind its first place: A[i, i-(n-1)]. (Olsson
et al., "In-context Learning and Induction Heads", 2022.)
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

import mini_corpus
import mini_repeats
from mini_documents import POSITIONS
from mini_measure import completes, in_memory
from mini_tokenizer import END_ID
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.tokenizer import Tokenizer

DRAWS = 20  # sequences for each length
LENGTHS = (8, 16, 31)  # 8 twice fill a workbook's 16 rows, 31 twice and an end of text nearly the model's 64
STORIES = 50
STORY = "Tavo Miru plays the sport of golf.\nSelu Dorin plays the sport of tennis.\nFans of Tavo"


@dataclass(frozen=True)
class Heads:
    """What was measured: scores [layers, heads], by (length, end of text in front?) for random tokens."""

    previous: np.ndarray
    induction: dict[tuple[int, bool], np.ndarray]
    names: np.ndarray  # the induction score in made-up names that come again
    repeated: dict[str, float]  # share of the tokens that come again that are foretold: "on", "off" without the head
    completed: dict[str, tuple[int, int]]  # (right, all) of made-up names and of their sports, where they come again
    story: str  # how STORY goes on, to the end of its line

    @property
    def previous_head(self) -> tuple[int, int]:
        """(block, head) with the largest previous-token score."""
        return _largest(self.previous)

    @property
    def induction_head(self) -> tuple[int, int]:
        """(block, head) with the largest induction score, of all lengths together."""
        return _largest(np.mean(list(self.induction.values()), axis=0))


def _largest(scores: np.ndarray) -> tuple[int, int]:
    layer, head = np.unravel_index(scores.argmax(), scores.shape)
    return int(layer), int(head)


def attention(model: Model, ids: list[int]) -> np.ndarray:
    """[layers, heads, n, n]: where each token looks."""
    config = model.config
    found = forward.activations(config, model.tensors, ids)
    layers = range(config.n_layer)
    return np.array([[found[step(f"h.{layer}", 7, head)] for head in range(config.n_head)] for layer in layers])


def previous_score(weights: np.ndarray) -> np.ndarray:
    """[..., n, n] -> [...]: the mean of A[i, i-1]."""
    return np.asarray(np.diagonal(weights, -1, -2, -1).mean(axis=-1))


def induction_score(weights: np.ndarray, n: int) -> np.ndarray:
    """[..., m, m] -> [...]: the mean of A[i, i-(n-1)] over the last n rows, where n tokens stand the second time."""
    rows = np.arange(weights.shape[-1] - n, weights.shape[-1])
    return np.asarray(weights[..., rows, rows - (n - 1)].mean(axis=-1))


def repetitions(n: int, front: bool) -> list[list[int]]:
    """Random sequences of n tokens, each twice, drawn apart from the training text."""
    random = Random(mini_corpus.SEED + 8)
    drawn = [mini_repeats.sequence(random, n) for _ in range(DRAWS)]
    return [[END_ID] * front + ids + ids for ids in drawn]


def name_places(tokenizer: Tokenizer, story: mini_repeats.Story) -> tuple[list[int], list[tuple[int, int]]]:
    """The ids of a story, and (row, place): within a second word of a name that comes again, from a token to the one
    that followed it the first time."""
    ids = tokenizer.encode("\n".join(story.sentences))
    places = []
    for name in story.names:
        part = tokenizer.encode(f" {name.split()[1]}")
        first, *later = [i for i in range(len(ids)) if ids[i : i + len(part)] == part]
        places += [(again + k, first + k + 1) for again in later for k in range(len(part) - 1)]
    return ids, places


def name_score(model: Model, tokenizer: Tokenizer, stories: list[mini_repeats.Story]) -> np.ndarray:
    """[layers, heads]: the mean attention over all `name_places`."""
    looks = []
    for story in stories:
        ids, places = name_places(tokenizer, story)
        weights = attention(model, ids)
        looks += [weights[:, :, row, place] for row, place in places]
    return np.asarray(np.mean(looks, axis=0))


def foretold(model: Model, head: tuple[int, int] | None) -> float:
    """Share of the repeated tokens (all but the first) that are the likeliest ones; `head` is off."""
    off = forward.Switches.off(model.config, *([f"h.{head[0]}.head.{head[1]}"] if head else []))
    right = []
    for n in LENGTHS:
        for ids in repetitions(n, front=False):
            best = forward.logits(model.config, model.tensors, ids, off).argmax(axis=1)
            right += (best[n:-1] == ids[n + 1 :]).tolist()
    return float(np.mean(right))


def recalled(model: Model, tokenizer: Tokenizer, stories: list[mini_repeats.Story]) -> dict[str, tuple[int, int]]:
    """(right, all) of the second words of names, and of the sports, in the last two sentences of each story."""
    right: dict[str, list[bool]] = {"name": [], "sport": []}
    for story in stories:
        for i in (2, 3):
            before, prompt = "".join(f"{sentence}\n" for sentence in story.sentences[:i]), story.prompts[i]
            first, second = story.names[story.order[i]].split()
            start = prompt[: prompt.index(first) + len(first)]
            right["name"].append(completes(model, tokenizer, before + start, second))
            right["sport"].append(completes(model, tokenizer, before + prompt, story.sports[story.order[i]]))
    return {what: (sum(found), len(found)) for what, found in right.items()}


def continuation(model: Model, tokenizer: Tokenizer, prompt: str) -> str:
    """What the model writes after a prompt, to the end of the line or of its 64 rows."""
    ids = tokenizer.encode(prompt)
    tokens = forward.generate(model.config, model.tensors, ids, POSITIONS)
    return tokenizer.decode(tokens[len(ids) :]).split("\n")[0]


def measure(folder: Path) -> Heads:
    """All figures, with the model in `folder`."""
    model, tokenizer = in_memory(folder), Tokenizer.from_folder(folder)
    induction: dict[tuple[int, bool], np.ndarray] = {}
    previous = []
    for n in LENGTHS:
        for front in (False, True):
            weights = [attention(model, ids) for ids in repetitions(n, front)]
            induction[n, front] = np.mean([induction_score(w, n) for w in weights], axis=0)
            previous += [previous_score(w) for w in weights]
    drawn = mini_repeats.new_stories(2 * STORIES)
    stories = [story for story in drawn if len(name_places(tokenizer, story)[0]) <= POSITIONS][:STORIES]
    names = name_score(model, tokenizer, stories)
    goes_on = continuation(model, tokenizer, STORY)
    heads = Heads(np.mean(previous, axis=0), induction, names, {}, recalled(model, tokenizer, stories), goes_on)
    heads.repeated.update(on=foretold(model, None), off=foretold(model, heads.induction_head))
    return heads


def chance(n: int) -> float:
    """The induction score of a head that looks at all tokens alike: the mean of 1/(i+1) over the second n rows."""
    return float(np.mean(1 / (np.arange(n, 2 * n) + 1)))


def lines(heads: Heads) -> Iterator[str]:
    """The figures as text."""
    yield f"previous-token head {heads.previous_head}, induction head {heads.induction_head}"
    yield f"previous\n{heads.previous.round(3)}"
    for (n, front), scores in heads.induction.items():
        yield f"induction, {n} tokens, end of text in front: {front}; chance {chance(n):.3f}\n{scores.round(3)}"
    yield f"induction in names\n{heads.names.round(3)}"
    yield f"repeated tokens foretold {heads.repeated}, completed {heads.completed}"


def main() -> None:
    """Print the figures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "mini"
    print(*lines(measure(folder)), sep="\n")


if __name__ == "__main__":
    main()
