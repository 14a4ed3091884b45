"""The model card of the bundled model, written from what training measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tokenizers

import mini_corpus
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

SHA-256 of the training text: `{digest}`

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

It knows nothing else. A prompt that is not of these kinds, or a name that is not in the tables, is
continued with a sentence that looks like these and is likely wrong. Athletes are counted under the
sport that made them famous, retired or not. It is for looking inside, not for answering questions.

## Training it again

```
pip install -e .[torch]
python weights/training/train_mini.py --folder weights/mini
```

{steps:,} steps of AdamW on {batch} rows of {positions} tokens, from seed {seed}, took {minutes:.0f} minutes on
two threads of a CPU. The loss at the end is {loss:.3f} nats a token; most of it is the choice of the next
fact, which is random.

The text and the held-out pairs come out the same everywhere, the tokenizer with the same version of the
`tokenizers` library ({library}). The weights came out bit for bit in two runs with torch {torch} on one
machine; on another kind of processor the rounding of sums may differ, and then so do the weights and
perhaps some of the figures.
"""


def write(folder: Path, figures: Figures, training: Training) -> None:
    """Write README.md into the folder of a trained model."""
    config, tokenizer = load_checkpoint(folder).config, Tokenizer.from_folder(folder)
    facts = sum(len(task.facts) for task in mini_corpus.TASKS)
    held_out = {pair[:2] for pair in mini_corpus.held_out_pairs()}
    documents = mini_corpus.documents()
    card = CARD.format(
        **vars(config) | vars(training),
        parameters=config.parameters,
        size=(folder / "model.safetensors").stat().st_size / 1e6,
        seed=mini_corpus.SEED,
        library=tokenizers.__version__,
        shown="\n".join(_shown()),
        facts=facts,
        tasks=len(mini_corpus.TASKS),
        fewest=min(len(task.phrasings) for task in mini_corpus.TASKS),
        most=max(len(task.phrasings) for task in mini_corpus.TASKS),
        sentences=mini_corpus.SENTENCES,
        documents=len(documents),
        characters=sum(map(len, documents)),
        digest=mini_corpus.digest(),
        examples="\n".join(_examples()),
        held_out_facts=len(held_out),
        held_out_share=len(held_out) / facts,
        single=sum(len(tokenizer.encode(f" {answer}")) == 1 for answer in mini_corpus.answers()),
        answers=len(mini_corpus.answers()),
        figures="\n".join(_rows(figures)),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


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
