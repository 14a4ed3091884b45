"""Where a model keeps a fact: which MLP and which neurons bring the sport of one athlete, and not that of others.

The example is the one of 3Blue1Brown, "How might LLMs store facts" (2024): "Michael Jordan plays the sport of" is
continued by " basketball". A neuron is switched off by taking its activation (step 14) for 0 in all rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.interventions import Switches
from sheetgpt.gpt2.tokenizer import Tokenizer

SUBJECTS = {  # the first one is the one whose fact is looked for
    "Michael Jordan": " basketball",
    "LeBron James": " basketball",
    "Kobe Bryant": " basketball",
    "Roger Federer": " tennis",
    "Lionel Messi": " soccer",
    "Babe Ruth": " baseball",
    "Tiger Woods": " golf",
    "Wayne Gretzky": " hockey",
}
TEXT = " plays the sport of"
NEURONS = 8  # that are switched off together
_CANDIDATES = 40  # neurons of each block that are tried
_WATCHED = 3  # other texts that they are to leave alone when they are chosen; the rest is only measured
_STRIDES = (1, 3, 5, 7, 11, 13, 17, 19)  # of the ids that stand for the texts where there is no tokenizer
_STAND_IN = (2, 6)  # so many ids of a subject, and in all


@dataclass(frozen=True)
class Text:
    """A text, its tokens, of which the first `subject` are the name, and the token that should come next."""

    words: str
    ids: list[int]
    subject: int
    answer: int | None


def subject_texts(config: Config, tokenizer: Tokenizer | None) -> list[Text]:
    """The texts on all subjects, as far as the model has positions; without a tokenizer some ids in their place."""
    if tokenizer is None:
        every = [[(7 + k * stride) % config.vocab_size for k in range(_STAND_IN[1])] for stride in _STRIDES]
        return [
            Text(f"ids {ids[0]}, {ids[1]} ...", ids[: config.n_positions], min(_STAND_IN[0], config.n_positions), None)
            for ids in every
        ]
    texts = []
    for name, answer in SUBJECTS.items():
        ids, subject = tokenizer.encode(name + TEXT), len(tokenizer.encode(name))
        subject = min(subject, config.n_positions)
        texts.append(Text(name, ids[: config.n_positions], subject, tokenizer.encode(answer)[0]))
    return texts


class Pass(NamedTuple):
    """A text's activations, its answer, and the row in which its subject ends."""

    activations: Mapping[str, np.ndarray]
    answer: int
    row: int


@dataclass(frozen=True)
class Facts:
    """What was measured.

    probabilities [texts, layers + 2]: of the answers, by the whole model, without the MLP of each block, and without
    the neurons; block, neurons: those, in the order in which they were chosen; answers: the tokens.
    """

    probabilities: np.ndarray
    block: int
    neurons: list[int]
    answers: list[int]


def measure_facts(config: Config, tensors: forward.Tensors, texts: Sequence[Text]) -> Facts:
    """Find the neurons that the first text's answer needs and others' do not, and measure what they do."""
    passes = [_pass(config, tensors, text) for text in texts]
    layers = range(config.n_layer)
    columns = [[chance(p.activations["logits"][:, -1], p.answer) for p in passes]]
    for layer in layers:
        off = Switches.off(config, f"h.{layer}.mlp")
        logits = [forward.logits(config, tensors, text.ids, off)[-1] for text in texts]
        columns.append([chance(one, p.answer) for one, p in zip(logits, passes, strict=True)])
    found = [_choose(config, tensors, layer, passes) for layer in layers]
    without = [_chances(config, tensors, layer, chosen, passes) for layer, chosen in enumerate(found)]
    block = int(np.argmin([chances[0] - min(chances[1 : _WATCHED + 1], default=0.0) for chances in without]))
    return Facts(np.array([*columns, without[block]]).T, block, found[block], [p.answer for p in passes])


def _pass(config: Config, tensors: forward.Tensors, text: Text) -> Pass:
    activations = forward.activations(config, tensors, text.ids)
    likeliest = int(activations["logits"][:, -1].argmax())
    return Pass(activations, likeliest if text.answer is None else text.answer, text.subject - 1)


def logits_without(
    config: Config, tensors: forward.Tensors, layer: int, neurons: Sequence[int], activations: Mapping[str, np.ndarray]
) -> np.ndarray:
    """The last row's logits [V] of a pass with neurons off, calculated from the block on that they are in."""
    name = f"h.{layer}"
    acts = activations[step(name, 14)].copy()
    acts[:, list(neurons)] = 0.0
    x = activations[step(name, 10)] + forward.linear(acts, tensors, f"{name}.mlp.c_proj")
    for after in range(layer + 1, config.n_layer):
        x = forward.block(config, tensors, after, x)[step(f"h.{after}", 16)]
    return np.asarray(lenses.logit_lens(config, tensors, x[-1:])[0])


def _chances(
    config: Config, tensors: forward.Tensors, layer: int, neurons: Sequence[int], passes: Sequence[Pass]
) -> list[float]:
    """The probability of each answer with neurons off."""
    return [chance(logits_without(config, tensors, layer, neurons, p.activations), p.answer) for p in passes]


def _choose(config: Config, tensors: forward.Tensors, layer: int, passes: Sequence[Pass]) -> list[int]:
    """Neurons of a block, one after the other: each time the one without which the first text loses most, with those
    before off, and the texts that are watched lose least.

    Tried are the neurons that differ most between the first subject's last row and those of the others.
    """
    acts = np.array([p.activations[step(f"h.{layer}", 14)][p.row] for p in passes])
    size = np.linalg.norm(tensors[f"h.{layer}.mlp.c_proj.weight"], axis=1)
    tried = np.argsort(-np.abs(acts[0] - acts[1:].mean(axis=0)) * size, kind="stable")[:_CANDIDATES].tolist()

    def lead(neurons: Sequence[int], one: Pass) -> float:
        return _lead(logits_without(config, tensors, layer, neurons, one.activations), one.answer)

    watched = passes[1 : _WATCHED + 1]
    whole = [lead([], one) for one in watched]
    harm = {n: max(0.0, *(was - lead([n], one) for was, one in zip(whole, watched, strict=True))) for n in tried}
    chosen: list[int] = []
    while len(chosen) < min(NEURONS, len(tried)):
        left = [neuron for neuron in tried if neuron not in chosen]
        chosen.append(min(left, key=lambda neuron: lead([*chosen, neuron], passes[0]) + harm[neuron]))
    return chosen


def _lead(logits: np.ndarray, token: int) -> float:
    """By how much a token's logit is above the best other one's."""
    return float(logits[token] - np.delete(logits, token).max())


def chance(logits: np.ndarray, token: int) -> float:
    """The probability of a token."""
    return float(1 / np.exp(logits - logits[token]).sum())
