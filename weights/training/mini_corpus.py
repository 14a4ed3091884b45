"""The text that the bundled model is trained on, and the pairs of fact and phrasing that it never sees.

Many small tasks at once, each a table of facts and several phrasings. A phrasing is a sentence up to
its answer, so that the prompt decides the answer. For a quarter of the facts one phrasing is held out:
the fact is told in its other phrasings, the phrasing is used for other facts, and the pair is left for
measuring. Only `random.Random.random()` is used, whose sequence Python promises to keep, so the same
text comes out of every Python version.

    python weights/training/mini_corpus.py          prints figures and the first documents
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TypeVar

import mini_facts as facts

SEED = 20190214  # the day GPT-2 was announced
HELD_OUT_SHARE = 0.25  # of the facts of each task
REPEATS = 5  # documents that start with a given pair
SENTENCES = 4  # in a document, fewer where a chain of facts ends or meets a held-out pair

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Task:
    """Facts (key -> answer) and their phrasings: "{key} plays the sport of" is continued by " basketball.".

    In a `chain` the sentence that follows is about the answer: Monday -> Tuesday, Tuesday -> Wednesday.
    """

    name: str
    facts: Mapping[str, str]
    phrasings: Sequence[str]
    chain: bool = False


@dataclass(frozen=True)
class Example:
    """One sentence, cut before its answer: `prompt` + " " + `answer` + "."."""

    task: str
    key: str
    phrasing: str
    prompt: str
    answer: str

    @property
    def sentence(self) -> str:
        return f"{self.prompt} {self.answer}."


# The prompts that the documentation shows, and their pairs, which are trained.
SHOWN = {
    "Michael Jordan plays the sport of": ("sport", "Michael Jordan", "{key} plays the sport of"),
    "If today is Tuesday, tomorrow is": ("next day", "Tuesday", "If today is {key}, tomorrow is"),
    "Mike is quick. He moves": ("adverb", "quick", "{name} is {key}. {He} {verb}"),
    "Anna is slow. She walks": ("adverb", "slow", "{name} is {key}. {He} {verb}"),
}

TASKS = [
    Task("sport", facts.SPORTS, [
        "{key} plays the sport of", "{key} is famous for playing", "The sport of {key} is", "{key} is a star of",
        "Fans of {key} love", "Which sport does {key} play? It is", "{key} is one of the best players of",
        "If you like {key}, you like",
    ]),
    Task("capital", facts.CAPITALS, [
        "The capital of {key} is", "The capital city of {key} is called", "What is the capital of {key}? It is",
        "{key} has its capital in", "The government of {key} sits in", "If you visit the capital of {key}, you are in",
        "{key} is governed from",
    ]),
    Task("opposite", facts.OPPOSITES, [
        "The opposite of {key} is", "It is not {key} but", "What is the opposite of {key}? It is",
        "I say {key}, you say", "The word {key} is the reverse of", "If it is the contrary of {key}, it is",
        "First it was {key}, then it was",
    ]),
    Task("next day", facts.NEXT_DAY, [
        "If today is {key}, tomorrow is", "The day after {key} is", "After {key} comes", "{key} comes right before",
        "What day follows {key}? It is", "Today is {key}, so tomorrow will be", "{key} is followed by",
    ], chain=True),
    Task("previous day", facts.PREVIOUS_DAY, [
        "If today is {key}, yesterday was", "The day before {key} is", "Before {key} comes", "{key} comes right after",
        "What day precedes {key}? It is", "Today is {key}, so yesterday was", "{key} is preceded by",
    ], chain=True),
    Task("next month", facts.NEXT_MONTH, [
        "If this month is {key}, next month is", "The month after {key} is", "After {key} comes",
        "{key} comes right before", "What month follows {key}? It is", "This month is {key}, so next month will be",
        "{key} is followed by",
    ], chain=True),
    Task("previous month", facts.PREVIOUS_MONTH, [
        "If this month is {key}, last month was", "The month before {key} is", "Before {key} comes",
        "{key} comes right after", "What month precedes {key}? It is", "This month is {key}, so last month was",
        "{key} is preceded by",
    ], chain=True),
    Task("next number", facts.NEXT_NUMBER, [
        "The number after {key} is", "After {key} comes", "I count to {key} and then to",
        "What number follows {key}? It is", "One more than {key} is", "The number {key} is followed by",
    ], chain=True),
    Task("previous number", facts.PREVIOUS_NUMBER, [
        "The number before {key} is", "Before {key} comes", "I count down from {key} to",
        "What number precedes {key}? It is", "One less than {key} is", "The number {key} is preceded by",
    ], chain=True),
    Task("sum", facts.SUMS, [
        "The sum of {a} and {b} is", "If you add {a} and {b}, you get", "What is {a} plus {b}? It is",
        "Take {a} and then {b} more: that makes", "Here are {a}, there are {b}, together they are",
        "I know that {a} plus {b} is",
    ]),
    Task("plural", facts.PLURALS, [
        "The plural of {key} is", "One {key}, two", "I see one {key}, you see many",
        "What is the plural of {key}? It is", "First one {key} came, then came three", "Not just one {key} but all the",
        "Every {key} is one of the",
    ]),
    Task("adverb", facts.ADVERBS, [
        "{name} is {key}. {He} {verb}", "{name} is {key}, so {he} {verb}", "Because {name} is {key}, {he} {verb}",
        "{name}, who is {key}, {verb}", "Look how {key} {name} is! {He} {verb}", "As {key} as {he} is, {name} {verb}",
        "Why is {name} so {key}? {He} always {verb}", "The adverb of {key} is",
    ]),
    Task("french", facts.FRENCH, [
        "The French word for {key} is", "In French, {key} is", "How do you say {key} in French? You say",
        "What is {key} in French? It is", "Translate {key} into French:", "The English word {key} means in French",
        "We say {key}, but in Paris they say",
    ]),
    Task("colour", facts.COLOURS, [
        "The colour of {key} is", "What is the colour of {key}? It is", "Paint {key} in",
        "The right crayon for {key} is", "Everyone knows the colour of {key}: it is", "To draw {key} you need",
        "In a picture book {key} would be",
    ]),
]  # fmt: skip


def pick(random: Random, items: Sequence[_Item]) -> _Item:
    """One of the items, each as likely."""
    return items[int(random.random() * len(items))]


def shuffled(random: Random, items: Sequence[_Item]) -> list[_Item]:
    """The items in a random order."""
    return [item for _, _, item in sorted((random.random(), index, item) for index, item in enumerate(items))]


def example(task: Task, key: str, phrasing: str, random: Random) -> Example:
    """The sentence of a pair; names and verbs, where the phrasing has them, are picked at random."""
    male = random.random() < 0.5
    name, verb = pick(random, facts.MEN if male else facts.WOMEN), pick(random, facts.VERBS)
    he = "he" if male else "she"
    first, _, second = key.partition(" ")  # the two numbers of a sum
    prompt = phrasing.format(key=key, a=first, b=second, name=name, he=he, He=he.capitalize(), verb=verb)
    return Example(task.name, key, phrasing, prompt, task.facts[key])


@cache
def held_out_pairs() -> frozenset[tuple[str, str, str]]:
    """(task, key, phrasing) that training never sees: one phrasing for a quarter of each task's facts."""
    random = Random(SEED)
    pairs = set()
    for task in TASKS:
        keys = shuffled(random, list(task.facts))
        for key in keys[: round(HELD_OUT_SHARE * len(keys))]:
            allowed = [phrasing for phrasing in task.phrasings if (task.name, key, phrasing) not in SHOWN.values()]
            pairs.add((task.name, key, pick(random, allowed)))
    return frozenset(pairs)


def pairs(task: Task, held_out: bool) -> list[tuple[str, str]]:
    """(key, phrasing) of a task, either those that are trained or those that are held out."""
    every = [(key, phrasing) for key in task.facts for phrasing in task.phrasings]
    return [pair for pair in every if ((task.name, *pair) in held_out_pairs()) == held_out]


@cache
def examples(held_out: bool) -> list[Example]:
    """One sentence for each pair, for measuring; names and verbs are drawn apart from those of the text."""
    random = Random(SEED + 1 + held_out)
    return [example(task, *pair, random) for task in TASKS for pair in pairs(task, held_out)]


def document(task: Task, key: str, phrasing: str, random: Random) -> list[Example]:
    """Up to four sentences of one phrasing, the first about `key`, none of them a held-out pair."""
    usable = [k for k in task.facts if (task.name, k, phrasing) not in held_out_pairs()]
    sentences: list[Example] = []
    while key in usable and len(sentences) < SENTENCES:
        sentences.append(example(task, key, phrasing, random))
        usable.remove(key)
        key = task.facts[key] if task.chain else pick(random, usable)
    return sentences


@cache
def documents() -> list[str]:
    """The training text: documents of one sentence per line, in a random order."""
    random = Random(SEED + 3)
    texts = []
    for task in TASKS:
        for key, phrasing in pairs(task, held_out=False):
            for _ in range(REPEATS):
                texts.append("\n".join(e.sentence for e in document(task, key, phrasing, random)))  # noqa: PERF401
    return shuffled(random, texts)


def digest() -> str:
    """SHA-256 of the training text, documents apart by an empty line."""
    return hashlib.sha256("\n\n".join(documents()).encode()).hexdigest()


def answers() -> list[str]:
    """Every answer once, sorted."""
    return sorted({answer for task in TASKS for answer in task.facts.values()})


def main() -> None:
    """Print how much there is of everything, and some documents."""
    for task in TASKS:
        print(f"{task.name:16} {len(task.facts):4} facts x {len(task.phrasings)} phrasings")
    print(f"{len(examples(False))} trained pairs, {len(examples(True))} held out; sha256 {digest()}")
    print(f"{len(documents())} documents, {sum(map(len, documents()))} characters", *documents()[:8], sep="\n\n")


if __name__ == "__main__":
    main()
