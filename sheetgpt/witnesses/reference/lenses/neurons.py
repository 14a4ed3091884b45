"""What the tables of neurons and of total effects on the sheet Attribution should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.schema.names import single
from sheetgpt.witnesses.reference.lenses.choice import Values, read_whole, single_cells
from sheetgpt.witnesses.reference.lenses.interventions import fits_stored_prompt, read_interventions

Activations = Mapping[str, np.ndarray]


def neurons(book: Book, config: Config, tensors: forward.Tensors, activations: Activations, token: int) -> Values:
    """The neurons of the chosen block that push the token most, and what they promote and suppress."""
    block = read_whole(book, "attribution.typed_block", 0, config.n_layer - 1, config.n_layer - 1)
    row = read_whole(book, "attribution.typed_position", 1, activations["token.ids"].size, _last(activations)) - 1
    given = read_interventions(book, config, tensors)
    acts = activations[step(f"h.{block}", 14)][row]
    ones = {**activations, step(f"h.{block}", 14): np.ones_like(activations[step(f"h.{block}", 14)])}
    slopes = lenses.neuron_effects(config, tensors, ones, (block, row), token, given)
    effects = lenses.neuron_effects(config, tensors, activations, (block, row), token, given)
    values = single_cells("attribution", {"block": float(block)})
    for name, column in (("acts", acts), ("slopes", slopes), ("effects", effects)):
        values[f"attribution.neuron_{name}"] = column[:, None]
    for name, sign in (("up", -1), ("down", 1)):
        count = book.locate(f"attribution.{name}_neurons")[1].rows
        chosen = np.argsort(sign * effects, kind="stable")[:count]
        listed = {"neurons": chosen.astype(float), "acts": acts[chosen], "adds": effects[chosen]}
        values |= {f"attribution.{name}_{kind}": column[:, None] for kind, column in listed.items()}
        values |= _tokens(book, name, lenses.neuron_logits(config, tensors, block, chosen.tolist()))
        values[f"attribution.{name}_logits_of"] = chosen[None, :].astype(float)
    return values


def _last(activations: Activations) -> int:
    return int(activations["prompt.length"].item())


def _tokens(book: Book, name: str, logits: np.ndarray) -> Values:
    """The tokens that neurons promote and suppress, from how they push every token [neurons, V]."""
    shown = book.read("vocabulary.shown").ravel()
    values = {f"attribution.{name}_logits": logits.T}
    for kind, sign in (("promotes", -1), ("suppresses", 1)):
        count = book.locate(f"attribution.{name}_{kind}")[1].columns
        best = np.argsort(sign * logits, axis=1, kind="stable")[:, :count]
        values[f"attribution.{name}_{kind}"] = shown[best]
        values[f"attribution.{name}_{kind}_ids"] = best.astype(float)
        values[f"attribution.{name}_{kind}_logits"] = np.take_along_axis(logits, best, axis=1)
    return values


def totals(book: Book, activations: Activations, position: int, token: int) -> Values:
    """Whether the total effects, which are numbers of the build, belong to what the sheet shows."""
    answer = int(float(str(single(book, "attribution.stored_token"))))
    fits = token == answer and fits_stored_prompt(book, activations, "attribution", position)
    note = "These are for the answer above." if fits else "NOT for what is shown above: another prompt, token or model."
    shown = book.read("vocabulary.shown").ravel()[answer]
    cells = {"stored_fits": float(fits), "stored_note": note, "stored_shown": shown}
    return single_cells("attribution", cells)
