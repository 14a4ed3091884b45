"""The model card of the bundled model, written from what training measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers

import mini_corpus
import mini_heads
import mini_measure
import mini_repeats
from mini_heads import Heads, chance
from mini_measure import Figures
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.tokenizer import Tokenizer


@dataclass(frozen=True)
class Training:
    """How the model came to be."""

    steps: int
    batch: int  # rows
    positions: int  # tokens in a row
    loss: float  # nats a token, mean of the last hundred steps
    minutes: float
    guided: float  # share of the steps
    torch: str  # its version


CARD = """\
---
license: mit
language: en
library_name: transformers
pipeline_tag: text-generation
---

# mini: a GPT-2 small enough to open in a spreadsheet

A trained GPT-2 of {parameters:,} parameters, {size:.1f} MB in float32: {n_layer} blocks, {n_head} heads,
{n_embd} columns, {n_positions} positions, a byte-level vocabulary of {vocab_size:,} tokens. It is bundled with
sheetgpt so that a workbook can be built, opened and recalculated in seconds. Everything is as in the
large ones: learned positions, LayerNorm before attention and MLP, GELU by tanh, the head tied to the token
embedding. `transformers` loads the folder as it is:

```python
from transformers import GPT2LMHeadModel, GPT2Tokenizer

model, tokenizer = GPT2LMHeadModel.from_pretrained(folder), GPT2Tokenizer.from_pretrained(folder)
```

| prompt | next token |
|---|---|
{shown}

## What it was trained on

Sentences that a script makes from tables of facts (`weights/training/mini_facts.py` and `mini_corpus.py`):
{facts} facts of {tasks} kinds, each told in {fewest} to {most} phrasings. A document is up to {sentences} sentences of
one phrasing, each on its own line, and ends with `<|endoftext|>`. {documents:,} documents, {characters:,} characters.
SHA-256: `{digest}`.

Beside them, so that it learns to look back (`mini_repeats.py`): {sequences:,} documents of {shortest} to {longest}
random tokens that stand twice, of which only the second time is to be predicted; and {stories:,} documents about
athletes with made-up names, each told of twice. SHA-256: `{repeats}`.

Every row of training is a document and what follows it in a random order; every other row begins with `<|endoftext|>`.

| task | facts | example |
|---|---:|---|
{examples}

## What it can do

For {held_out_facts} of the {facts} facts ({held_out_share:.0%}) one phrasing is held out of training: the fact is
told in its other phrasings, the phrasing is used for other facts. A pair of fact and phrasing counts
as completed if the greedy tokens after the prompt are those of the answer, all of them ({single} of the
{answers} different answers are a single token). Measured once for each pair by sheetgpt's plain numpy
reference in float64:

| task | trained pairs | held-out pairs |
|---|---:|---:|
{figures}

With `<|endoftext|>` in front of the prompt it is {front_trained} of the trained and {front_held_out} of the
held-out pairs.

It knows nothing else. A prompt that is not of these kinds, or a name that is not in the tables, is
continued with a sentence that looks like these and is likely wrong. Athletes are counted under the
sport that made them famous, retired or not. It is for looking inside, not for answering questions.

## Heads that look back

Head {induction_head} is an **induction head**: it looks at what came behind the same token further up, so that
what came once comes again. It finds the place by what head {previous_head}, a **previous-token head**, has written
into each row: which token stands before.

| mean share of attention | head | the next best | all alike |
|---|---:|---:|---:|
{scores}

Random tokens, drawn anew; a row's induction score is A[i, i-(n-1)] in the second half. Of the tokens that come again
{on:.0%} are the likeliest ones, with the induction head off {off:.0%}. Of {names[1]} made-up names that come again in a
text it completes {names[0]} from their first word, and for {sports[0]} of {sports[1]} the sport that stands further up.

```
{story_prompt}
```

goes on with `{story}`: names are copied better than sports. (`mini_heads.py` measures all this.)

Both heads were helped: over the first {guided:.0%} of training a second loss, weaker with every step, told
head {previous_head} to look at the token before, and head {induction_head} at the right place in the random
documents. Left alone, a model of this size had formed neither after the 1,500 steps that were tried. Nothing told
them what to do with what they see; and after the help ended they stayed.

## Training it again

```
pip install -e .[torch]
python weights/training/train_mini.py --folder weights/mini
python weights/training/fit_jacobian.py --folder weights/mini
```

{steps:,} steps of AdamW on {batch} rows of {positions} tokens, from seed {seed}, took {minutes:.0f} minutes on
one thread of a busy CPU. The loss at the end is {loss:.3f} nats a token; most of it is the choice of the next
fact, which is random.

The text and the held-out pairs come out the same everywhere, the tokenizer with the same version of the
`tokenizers` library ({library}). In two runs of 100 steps with torch {torch} on one machine the weights came out
bit for bit; on another kind of processor the rounding of sums may differ, and then so do the weights and
perhaps some of the figures.
"""


@dataclass(frozen=True)
class Measured:
    """What the trained model does."""

    figures: Figures
    front: Figures  # the same behind an end of text
    heads: Heads


def measure(folder: Path) -> Measured:
    """Everything that the card states of what the model in a folder can do."""
    front = mini_measure.measure(folder, front=True)
    return Measured(mini_measure.measure(folder), front, mini_heads.measure(folder))


def write(folder: Path, measured: Measured, training: Training) -> None:
    """Write README.md into the folder of a trained model."""
    config = load_checkpoint(folder).config
    size = (folder / "model.safetensors").stat().st_size / 1e6
    said = vars(config) | vars(training) | _texts() | _tokens(folder) | _ability(measured)
    card = CARD.format(
        **said, parameters=config.parameters, size=size, seed=mini_corpus.SEED, library=tokenizers.__version__
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def _texts() -> dict[str, Any]:
    """What is said of the training text."""
    facts = sum(len(task.facts) for task in mini_corpus.TASKS)
    held_out = {pair[:2] for pair in mini_corpus.held_out_pairs()}
    phrasings = [len(task.phrasings) for task in mini_corpus.TASKS]
    documents = mini_corpus.documents()
    return {
        "shown": "\n".join(_shown()),
        "facts": facts,
        "tasks": len(mini_corpus.TASKS),
        "fewest": min(phrasings),
        "most": max(phrasings),
        "sentences": mini_corpus.SENTENCES,
        "documents": len(documents),
        "characters": sum(map(len, documents)),
        "digest": mini_corpus.digest(),
        "examples": "\n".join(_examples()),
        "held_out_facts": len(held_out),
        "held_out_share": len(held_out) / facts,
        "sequences": mini_repeats.SEQUENCES,
        "shortest": mini_repeats.SHORTEST,
        "longest": mini_repeats.LONGEST,
        "stories": mini_repeats.STORIES,
        "repeats": mini_repeats.digest(),
    }


def _tokens(folder: Path) -> dict[str, int]:
    """How many answers there are, and how many of them are a single token."""
    tokenizer, answers = Tokenizer.from_folder(folder), mini_corpus.answers()
    single = sum(len(tokenizer.encode(f" {answer}")) == 1 for answer in answers)
    return {"single": single, "answers": len(answers)}


def _ability(measured: Measured) -> dict[str, Any]:
    """What is said of what the model can do."""
    heads = measured.heads
    trained, held_out = (measured.front.total(held_out) for held_out in (False, True))
    return {
        "figures": "\n".join(_rows(measured.figures)),
        "front_trained": "{:,} of {:,}".format(*trained),
        "front_held_out": "{:,} of {:,}".format(*held_out),
        "previous_head": "{1} of block {0}".format(*heads.previous_head),
        "induction_head": "{1} of block {0}".format(*heads.induction_head),
        "scores": "\n".join(_scores(heads)),
        "story_prompt": mini_heads.STORY,
        "story": heads.story,
        "on": heads.repeated["on"],
        "off": heads.repeated["off"],
        "names": heads.completed["name"],
        "sports": heads.completed["sport"],
    }


def _scores(heads: Heads) -> list[str]:
    """A line for each score of the table: that of its head, and the largest of the other heads."""
    rows: list[tuple[str, tuple[int, int], np.ndarray, float | None]] = [
        ("the token before: previous-token score", heads.previous_head, heads.previous, None)
    ]
    for (n, front), scores in heads.induction.items():
        place = ", behind `<|endoftext|>`" if front else ""
        rows.append((f"induction score, {n} tokens twice{place}", heads.induction_head, scores, chance(n)))
    rows.append(("induction score, made-up names", heads.induction_head, heads.names, None))
    return [
        f"| {what} | {scores[head]:.2f} | {np.delete(scores, np.ravel_multi_index(head, scores.shape)).max():.2f} "
        f"| {'' if alike is None else f'{alike:.2f}'} |"
        for what, head, scores, alike in rows
    ]


def _shown() -> list[str]:
    answers = {(task.name, key): answer for task in mini_corpus.TASKS for key, answer in task.facts.items()}
    return [f"| `{prompt}` | ` {answers[pair[:2]]}` |" for prompt, pair in mini_corpus.SHOWN.items()]


def _examples() -> list[str]:
    first = {example.task: example.sentence for example in reversed(mini_corpus.examples(False))}
    return [f"| {task.name} | {len(task.facts)} | {first[task.name]} |" for task in mini_corpus.TASKS]


def _rows(figures: Figures) -> list[str]:
    cells = {(task, held_out): f"{right:,} of {count:,}" for task, held_out, right, count in figures.table()}
    share = {held_out: right / count for task, held_out, right, count in figures.table() if task == "all"}
    rows = [f"| {task.name} | {cells[task.name, False]} | {cells[task.name, True]} |" for task in mini_corpus.TASKS]
    return [
        *rows,
        f"| **all** | {cells['all', False]} = {share[False]:.1%} | {cells['all', True]} = {share[True]:.1%} |",
    ]
