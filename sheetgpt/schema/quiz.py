"""The quiz: sentences with a gap, what is taken for right, and the digest by which a sheet tells without saying.

The digest of an answer is a sum over its characters: the place of each in `ALPHABET`, times a factor of its position.
Small letters count as capitals; spaces and hyphens count nowhere, other characters as nothing at their position.
"""

from __future__ import annotations

from dataclasses import dataclass

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
LONGEST = 32  # characters that count
FACTORS = [pow(48271, k, 2**31 - 1) for k in range(1, LONGEST + 1)]  # of a random number generator


@dataclass(frozen=True)
class Question:
    """A sentence with a gap, the answers that are right (the usual one first), and where it can be seen.

    `place` is a sheet, or a step of block 0, or "" where `fact`, a paragraph below the quiz, says it.
    """

    sentence: str
    answers: tuple[str, ...]
    place: str | int = ""
    fact: str = ""


QUESTIONS = (
    Question("A text is cut into ___ before the model sees it.", ("tokens", "token"), "Prompt_to_Tokens"),
    Question(
        "How much of a direction a vector has is measured by the ___ product of the two.",
        ("dot", "dot product", "scalar", "scalar product", "inner", "inner product"),
        6,
    ),
    Question(
        "A column of the first MLP matrix acts as a ___ put to the row of a token.",
        ("question", "query", "questions", "queries"),
        fact="Step 13 takes the dot product of a token's row with each column of the first MLP matrix: each column "
        "asks how much of one direction is there. It is a question, and step 14 keeps the answers that are yes.",
    ),
    Question(
        "Between the two MLP matrices ReLU turns negative numbers into ___, GELU almost.",
        ("zero", "zeros", "zeroes", "0", "nought"),
        14,
    ),
    Question(
        "Two random directions in a space of many dimensions meet at about ___ degrees.",
        ("90", "ninety", "90 degrees", "ninety degrees"),
        fact="The more dimensions, the nearer to 90 degrees the angle between two random directions: its standard "
        "deviation is 57.3 / sqrt(d) degrees.",
    ),
    Question(
        "The lemma on nearly perpendicular directions is by Johnson and ___.",
        ("Lindenstrauss", "Lindenstraus"),
        fact="By the lemma of Johnson and Lindenstrauss the number of directions that are all nearly perpendicular "
        "grows exponentially with the number of dimensions.",
    ),
    Question(
        "Nearly perpendicular directions let a model hold more ___ than it has dimensions.",
        ("features", "feature", "concepts"),
        fact="A direction stands for a feature: that a text is French, say. With directions that are only nearly "
        "perpendicular there is room for many more features than dimensions.",
    ),
    Question(
        "To hold more of them than there are dimensions is called ___.",
        ("superposition",),
        fact="Features lie over one another in the same numbers: superposition. So a single number, or neuron, rarely "
        "means one thing.",
    ),
    Question(
        "What pulls them apart again is a ___ autoencoder.",
        ("sparse",),
        fact="A sparse autoencoder has many more features than the row has numbers, and few of them are on at a time.",
    ),
    Question(
        "After pretraining, people's comparisons are used for ___ learning.",
        ("reinforcement", "RL", "RLHF"),
        fact="Chat models are trained on: by examples, and by reinforcement learning from human feedback, in which "
        "people say which of two answers is better. Nothing of that is in this workbook: GPT-2 is pretrained only.",
    ),
)


def normalize(text: str) -> str:
    """What counts of an answer: capitals, one for each letter as in Excel, without spaces and hyphens."""
    capitals = "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in text)
    return capitals.replace(" ", "").replace("-", "")


def digest(text: str) -> int:
    """The digest of an answer."""
    places = [ALPHABET.find(letter) + 1 for letter in normalize(text)[:LONGEST]]
    return sum(place * factor for place, factor in zip(places, FACTORS, strict=False))
