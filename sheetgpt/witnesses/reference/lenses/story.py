"""What the sheet Story should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.schema.prompt import prompt_text
from sheetgpt.witnesses.reference.lenses.choice import Values, single_cells
from sheetgpt.witnesses.reference.lenses.interventions import read_interventions

Activations = Mapping[str, np.ndarray]


def story(book: Book, config: Config, tensors: forward.Tensors, activations: Activations) -> Values:
    """The sheet Story: everything of the row of the prompt's last token, and of the token that comes next there."""
    row = int(activations["prompt.length"].item()) - 1
    token = int(activations["predicted.ids"].ravel()[row])
    answer, chance = (activations[f"next.{name}"].item() for name in ("shown", "probability"))
    cells = {"prompt": prompt_text(book), "answer": answer, "probability": chance, "token": float(token)}
    values = single_cells("story", cells)
    values |= _maps(config, activations, book.locate("story.tokens.0")[1].rows)
    return values | _says(book, config, tensors, activations) | _adds(book, config, tensors, activations, token)


def _maps(config: Config, activations: Activations, size: int) -> Values:
    """The maps of each block side by side, with an empty column behind each, and their tokens."""
    tokens = activations["token.shown"].ravel()[:size]
    values: Values = {"story.tokens_across": np.array([[*tokens, ""] * config.n_head], dtype=object)}
    for layer in range(config.n_layer):
        values[f"story.tokens.{layer}"] = tokens[:, None]
        maps = [activations[step(f"h.{layer}", 7, head)][:size, :size] for head in range(config.n_head)]
        values[f"story.maps.{layer}"] = np.hstack([np.pad(weights, ((0, 0), (0, 1))) for weights in maps])
    return values


def _says(book: Book, config: Config, tensors: forward.Tensors, activations: Activations) -> Values:
    """What the model would say after the embedding and after each block."""
    row = int(activations["prompt.length"].item()) - 1
    states = lenses.residual_states(config, activations)[:, row]  # [L + 1, d]
    final = forward.normalize(states, config.layer_norm_epsilon)
    logits = lenses.logit_lens(config, tensors, states)  # [L + 1, V]
    best, chances = logits.argmax(axis=1), forward.softmax(logits).max(axis=1)
    shown = book.read("vocabulary.shown").ravel()[best]
    says = {
        f"story.says.{depth}": np.array([[shown[depth], chances[depth]]], dtype=object) for depth in range(len(best))
    }
    return says | {
        "story.states": states,
        "story.normalized": final,
        "story.ln_f": forward.gain(final, tensors, "ln_f"),
        "story.best_logit": logits.max(axis=1)[:, None],
        "story.best_id": best[:, None].astype(float),
        "story.total": np.exp(logits - logits.max(axis=1)[:, None]).sum(axis=1)[:, None],
    }


def _adds(book: Book, config: Config, tensors: forward.Tensors, activations: Activations, token: int) -> Values:
    """What the embeddings, and attention and MLP of each block, add to the logit of the answer."""
    row = int(activations["prompt.length"].item()) - 1
    given = read_interventions(book, config, tensors)
    effects = lenses.direct_effects(config, tensors, activations, row, token, given)
    adds = [effects["token"] + effects["position"]]
    for layer in range(config.n_layer):
        heads = sum(effects[f"{layer}.head.{head}"] for head in range(config.n_head))
        adds += [heads + effects[f"{layer}.bias"], effects[f"{layer}.mlp"]]
    values = {
        f"story.{name}.{number}": np.array([[value]]) for number, value in enumerate(adds) for name in ("adds", "bar")
    }
    cells = {"scale": lenses.final_scale(config, activations, row), "constant": effects["constant"]}
    cells |= {"steering": effects["steering"]} if "steering" in effects else {}
    values |= single_cells("story", cells | {"logit": sum(effects.values())})
    return values | {"story.direction": tensors["ln_f.weight"] * tensors[config.head_name][[token]]}
