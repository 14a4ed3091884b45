"""Training documents in which something comes again: what an induction head is for.

Two kinds, beside the facts of `mini_corpus`. In one, a sequence of random tokens stands twice; its length varies, so
that no fixed distance leads to the earlier place. In the other, two athletes with made-up names are told of twice, so
that the rest of a name, and its sport, stand further up in the document and nowhere else.

    python weights/training/mini_repeats.py          prints some of them
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from random import Random

import mini_corpus
import mini_facts as facts
from mini_corpus import SEED, pick, shuffled
from mini_tokenizer import END_ID

SEQUENCES = 6000  # documents of random tokens
SHORTEST, LONGEST = 4, 31  # tokens of a sequence, which stands twice in 64 rows
STORIES = 3000  # documents with made-up names

_ONSETS = [*"BDFGHJKLMNPRSTVWZ", "Br", "Dr", "Gl", "Kr", "Pl", "Sh", "St", "Tr"]
_CODAS = ["", *"nrlskmtx"]
_PHRASINGS = next(task.phrasings for task in mini_corpus.TASKS if task.name == "sport")


@dataclass(frozen=True)
class Story:
    """Two athletes with made-up names: a sentence each in one phrasing, then each in another one, in either order."""

    names: list[str]
    sports: list[str]
    phrasings: list[str]
    order: list[int]  # of names, sentence by sentence: 0, 1, and then 0, 1 or 1, 0

    @property
    def prompts(self) -> list[str]:
        """The four sentences without their last word."""
        return [self.phrasings[i // 2].format(key=self.names[who]) for i, who in enumerate(self.order)]

    @property
    def sentences(self) -> list[str]:
        return [f"{prompt} {self.sports[who]}." for prompt, who in zip(self.prompts, self.order, strict=True)]


def sequence(random: Random, length: int) -> list[int]:
    """Random tokens, each as likely; never the end of text."""
    return [int(random.random() * END_ID) for _ in range(length)]


def word(random: Random) -> str:
    """A made-up word of two syllables, such as Gomak."""
    second = f"{pick(random, _ONSETS).lower()}{pick(random, 'aeiou')}{pick(random, _CODAS)}"
    return f"{pick(random, _ONSETS)}{pick(random, 'aeiou')}{second}"


def story(random: Random) -> Story:
    """A new story: names, sports and phrasings drawn at random."""
    sports = sorted(set(facts.SPORTS.values()))
    names = [f"{word(random)} {word(random)}" for _ in range(2)]
    theirs, phrasings = [pick(random, sports) for _ in names], shuffled(random, _PHRASINGS)[:2]
    return Story(names, theirs, phrasings, [0, 1, *shuffled(random, [0, 1])])


@cache
def sequences() -> list[list[int]]:
    """The random sequences, each once; training repeats them."""
    random = Random(SEED + 4)
    return [sequence(random, pick(random, range(SHORTEST, LONGEST + 1))) for _ in range(SEQUENCES)]


@cache
def stories() -> list[str]:
    """The documents with made-up names, one sentence a line."""
    random = Random(SEED + 5)
    return ["\n".join(story(random).sentences) for _ in range(STORIES)]


def new_stories(count: int) -> list[Story]:
    """Stories for measuring, none of whose names is in the training text."""
    random, text = Random(SEED + 6), "\n".join(stories())
    drawn = (story(random) for _ in range(2 * count))
    return [one for one in drawn if not any(name in text for name in one.names)][:count]


def digest() -> str:
    """SHA-256 of both kinds: the sequences as numbers, the stories as text, documents apart by an empty line."""
    numbers = [" ".join(map(str, ids)) for ids in sequences()]
    return hashlib.sha256("\n\n".join([*numbers, *stories()]).encode()).hexdigest()


def main() -> None:
    """Print some of both kinds."""
    print(f"{SEQUENCES} sequences, {STORIES} stories; sha256 {digest()}", *sequences()[:3], *stories()[:5], sep="\n\n")


if __name__ == "__main__":
    main()
