"""What the bundled model is trained on, as numbers: documents of tokens, and the rows cut out of them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
from tokenizers import Tokenizer

import mini_corpus
import mini_repeats
from mini_tokenizer import END_ID

POSITIONS = 64
UNSCORED = -100  # what cross_entropy leaves out


@dataclass(frozen=True)
class Document:
    """Token ids with an end of text; the first `sequence` of them are random and stand twice (0: it is text)."""

    ids: list[int]
    sequence: int = 0

    @property
    def labels(self) -> list[int]:
        """What is to be predicted: all of a text, of a random sequence only where it comes again."""
        return [UNSCORED] * self.sequence + self.ids[self.sequence :]

    @property
    def back(self) -> list[int]:
        """How far back an induction head looks: from a token to the one behind its first place; 0 where nothing is."""
        n = self.sequence
        return [0] * n + [n - 1] * n + [0] * (len(self.ids) - 2 * n)


def documents(tokenizer: Tokenizer) -> list[Document]:
    """Facts, stories and random sequences in a random order."""
    texts = tokenizer.encode_batch([*mini_corpus.documents(), *mini_repeats.stories()])
    made = [Document([*text.ids, END_ID]) for text in texts]
    made += [Document([*ids, *ids, END_ID], len(ids)) for ids in mini_repeats.sequences()]
    return mini_corpus.shuffled(Random(mini_corpus.SEED + 7), made)


def rows(made: list[Document]) -> np.ndarray:
    """[documents, 3, 64]: ids, labels, back. Row i is document i and what follows it, cut; in front of every other row
    stands an end of text."""
    columns = [(document.ids, document.labels, document.back) for document in [*made, *made]]
    stream = np.array([[x for document in columns for x in document[part]] for part in range(3)])
    starts = np.cumsum([0] + [len(document.ids) for document in made])[:-1]
    end = np.array([[END_ID], [UNSCORED], [0]])
    table = [np.hstack([end, stream[:, start : start + POSITIONS]]) for start in starts]
    return np.stack([row[:, i % 2 : i % 2 + POSITIONS] for i, row in enumerate(table)])
