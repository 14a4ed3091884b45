"""Lenses in plain numpy: what can be seen inside a model from the activations of one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.forward import Given, Tensors, gain, normalize
from sheetgpt.gpt2.interventions import Interventions, Switches


def residual_states(config: Config, activations: Mapping[str, np.ndarray]) -> np.ndarray:
    """The residual stream [layers + 1, n, d] after the embedding and after each block."""
    inputs = [activations[step(f"h.{layer}", 1)] for layer in range(config.n_layer)]
    return np.stack([*inputs, activations[step(f"h.{config.n_layer - 1}", 16)]])


def logit_lens(config: Config, tensors: Tensors, states: np.ndarray) -> np.ndarray:
    """The logits [m, V] of states [m, d], as if the model ended there; the last state's are the model's own.

    The final LayerNorm has the statistics of the state itself (nostalgebraist 2020, "interpreting GPT: the logit lens";
    TransformerLens: `accumulated_resid(apply_ln=True)`).
    """
    logits: np.ndarray = (
        gain(normalize(states, config.layer_norm_epsilon), tensors, "ln_f") @ tensors[config.head_name].T
    )
    return logits


def jacobian_lens(config: Config, tensors: Tensors, states: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The logits [m, V] of states [m, d] after one block, brought to the last one by its matrix [d, d].

    It says what a state disposes the model to say, here or in a later row ("Verbalizable Representations Form a Global
    Workspace in Language Models", 2026). With the identity it is the logit lens.
    """
    return logit_lens(config, tensors, states @ matrix.T)


def attention_scores(config: Config, activations: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """How much each head [layers, heads] looks at the first token, the one before, and itself: means over rows from 1.

    "previous" is the previous-token score of the literature.
    """
    found = {name: np.empty((config.n_layer, config.n_head)) for name in ("first", "previous", "self")}
    for layer in range(config.n_layer):
        for head in range(config.n_head):
            weights = activations[step(f"h.{layer}", 7, head)]
            found["first"][layer, head] = weights[1:, 0].mean()
            found["previous"][layer, head] = np.diagonal(weights, -1).mean()
            found["self"][layer, head] = np.diagonal(weights)[1:].mean()
    return found


def token_repeats(ids: Sequence[int]) -> np.ndarray:
    """[n, n]: 1 in row i for each place right behind an earlier occurrence of token i."""
    tokens = np.asarray(ids)
    same = np.tril(tokens[:, None] == tokens[None, :], -1)  # [i, j]: token i was at j < i
    return np.pad(same, ((0, 0), (1, 0)))[:, :-1].astype(float)


def induction_scores(config: Config, activations: Mapping[str, np.ndarray], ids: Sequence[int]) -> np.ndarray:
    """How much each head [layers, heads] looks behind earlier occurrences of a token; NaN where no token comes again.

    The mean, over the rows whose token occurred before, of the attention to the tokens right behind those places. For
    n different tokens twice that is the mean of A[i, i - (n - 1)] over the second half, the induction score of Olsson
    and others, "In-context Learning and Induction Heads", 2022. (TransformerLens: `head_detector`, without its first
    cell.)
    """
    behind = token_repeats(ids)
    again, found = np.count_nonzero(behind.any(axis=1)), np.full((config.n_layer, config.n_head), np.nan)
    for layer in range(config.n_layer if again else 0):
        for head in range(config.n_head):
            weights = np.nan_to_num(activations[step(f"h.{layer}", 7, head)])
            found[layer, head] = (weights * behind).sum() / again
    return found


def attention_rollout(config: Config, activations: Mapping[str, np.ndarray]) -> np.ndarray:
    """Attention rollout [layers, n, n]: R_l = (mean of the heads of block l / 2 + 1/2) R_(l-1).

    Abnar and Zuidema, "Quantifying Attention Flow in Transformers", 2020. A picture, not a cause.
    """
    rolled: list[np.ndarray] = []
    for layer in range(config.n_layer):
        heads = [np.nan_to_num(activations[step(f"h.{layer}", 7, head)]) for head in range(config.n_head)]
        mixed = np.mean(heads, axis=0) / 2 + np.eye(len(heads[0])) / 2
        rolled.append(mixed @ rolled[-1] if rolled else mixed)
    return np.stack(rolled)


def residual_parts(
    config: Config, tensors: Tensors, activations: Mapping[str, np.ndarray], row: int, interventions: Given = None
) -> dict[str, np.ndarray]:
    """The parts [d] that add up to a row of the last residual stream: "token", "position", and for each block L
    "L.head.H" (its z times its rows of c_proj), "L.bias" and "L.mlp". `interventions` are those of the pass: where a
    direction is added it is "steering", after "position"; what stands in place of step 9 counts as bias.
    """
    given = Interventions.of(interventions)
    on = given.switches or Switches.off(config)
    blocks = on.block
    parts = {"token": activations["embedding.token"][row], "position": activations["embedding.position"][row]}
    if given.steering:
        parts["steering"] = given.steering.added(given.steering.block, row + 1)[row]
    for layer in range(config.n_layer):
        name = f"h.{layer}"
        z, weight = activations[step(name, 8)][row], tensors[f"{name}.attn.c_proj.weight"]
        for head in range(config.n_head):
            own = slice(head * config.width, (head + 1) * config.width)
            parts[f"{layer}.head.{head}"] = z[own] @ weight[own] * blocks[layer]
        parts[f"{layer}.bias"] = tensors[f"{name}.attn.c_proj.bias"][0] * blocks[layer] + on.instead_of_attention(layer)
        parts[f"{layer}.mlp"] = activations[step(name, 15)][row]
    return parts


def final_scale(config: Config, activations: Mapping[str, np.ndarray], row: int) -> float:
    """What the final LayerNorm divides a row by: sqrt(variance + epsilon)."""
    x = activations[step(f"h.{config.n_layer - 1}", 16)][row]
    return float(np.sqrt(x.var() + config.layer_norm_epsilon))


def direct_effects(
    config: Config,
    tensors: Tensors,
    activations: Mapping[str, np.ndarray],
    row: int,
    token: int,
    interventions: Given = None,
) -> dict[str, float]:
    """Direct logit attribution: what each of the `residual_parts` of a row adds to the logit of a token.

    A part c adds ((c - mean c) / s * g) . w, with the scale s of the final LayerNorm for the whole row, its gain g, and
    the token's row w of the head. They and "constant", its bias times w, add up to the logit. A direct effect is not
    the total effect. (TransformerLens: `ActivationCache.logit_attrs`.)
    """
    parts = residual_parts(config, tensors, activations, row, interventions)
    return effects_of_parts(config, tensors, parts, final_scale(config, activations, row), token)


def effects_of_parts(
    config: Config, tensors: Tensors, parts: Mapping[str, np.ndarray], scale: float, token: int
) -> dict[str, float]:
    """The effects of parts [d] of a row on the logit of a token, with the scale of the final LayerNorm for that row."""
    w = tensors[config.head_name][token]
    direction = tensors["ln_f.weight"][0] * w / scale
    effects = {name: float((part - part.mean()) @ direction) for name, part in parts.items()}
    return effects | {"constant": float(tensors["ln_f.bias"][0] @ w)}


def neuron_effects(
    config: Config,
    tensors: Tensors,
    activations: Mapping[str, np.ndarray],
    place: tuple[int, int],
    token: int,
    interventions: Given = None,
) -> np.ndarray:
    """What each neuron of a block's MLP adds to the logit of a token, [inner]; `place` is block and row.

    With the activation a of step 14 and w, its row of mlp.c_proj: a ((w - mean w) / s * g) . wte[token]. With the bias
    of c_proj they add up to the effect of the MLP.
    """
    layer, row = place
    on = Interventions.of(interventions).switches
    share = on.mlp[layer] * on.block[layer] if on else 1.0
    slopes = tensors[f"h.{layer}.mlp.c_proj.weight"] @ _centred(
        tensors["ln_f.weight"][0] * tensors[config.head_name][token]
    )
    acts = activations[step(f"h.{layer}", 14)][row]
    return np.asarray(acts * slopes / final_scale(config, activations, row) * share)


def neuron_logits(config: Config, tensors: Tensors, layer: int, neurons: Sequence[int]) -> np.ndarray:
    """How neurons push each token [neurons, V] when they are on: ((w - mean w) * g) . wte, before the scale of ln_f."""
    w = tensors[f"h.{layer}.mlp.c_proj.weight"][list(neurons)]
    pushed = (w - w.mean(axis=1, keepdims=True)) * tensors["ln_f.weight"]
    return np.asarray(pushed @ tensors[config.head_name].T)


def _centred(x: np.ndarray) -> np.ndarray:
    """x minus its mean: (w - mean w) . x = w . (x - mean x)."""
    return np.asarray(x - x.mean())
