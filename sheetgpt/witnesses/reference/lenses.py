"""What the formula cells of lens sheets should hold: defined name -> values, from the activations of one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.schema.names import single

Values = dict[str, np.ndarray]


def _typed_whole(book: Book, name: str, least: int, most: int, blank: int) -> int:
    """The whole number that is typed under a name, kept within bounds; `blank` where no number is typed."""
    typed = single(book, name)
    return max(least, min(most, int(np.floor(typed)))) if isinstance(typed, float) else blank


def _choice(book: Book, config: Config, activations: Mapping[str, np.ndarray], lens: str) -> tuple[int, int, Values]:
    """Position (from 1) and token that a lens looks at, and the cells that say so."""
    shown = book.read("vocabulary.shown").ravel()
    rows, length = activations["token.ids"].size, int(activations["prompt.length"].item())
    position = _typed_whole(book, f"{lens}.typed_position", 1, rows, length)
    chosen = int(activations["predicted.ids"].ravel()[position - 1])
    token = _typed_whole(book, f"{lens}.typed_token", 0, config.vocab_size - 1, chosen)
    cells = {
        "position": float(position),
        "token": float(token),
        "position_shown": activations["token.shown"].ravel()[position - 1],
        "token_shown": shown[token],
    }
    return position, token, {f"{lens}.{name}": np.array([[cell]], dtype=object) for name, cell in cells.items()}


def read_switches(book: Book) -> forward.Switches | None:
    """The switches of a book, as they were typed; None where it has none."""
    if "switch.typed_heads" not in book.names:
        return None
    heads, mlp, block = (_on(book.read(f"switch.typed_{name}")) for name in ("heads", "mlp", "block"))
    return forward.Switches(heads, mlp.ravel(), block.ravel())


def _on(typed: np.ndarray) -> np.ndarray:
    """Switches as numbers: what is no number counts as on."""
    return np.array([[value if isinstance(value, float) else 1.0 for value in row] for row in typed.tolist()])


def switches(book: Book, config: Config, _: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Switches."""
    position, token, values = _choice(book, config, activations, "switch")
    on = read_switches(book)
    assert on is not None, "the sheet has its names"
    count = sum(int(np.count_nonzero(table != 1.0)) for table in (on.heads, on.mlp, on.block))
    message = f"Not the whole model. Switches that are off or changed: {count} (sheet Switches)." if count else ""
    return values | {
        "switch.message": np.array([[message]], dtype=object),
        "switch.heads": on.heads,
        "switch.mlp": on.mlp[:, None],
        "switch.block": on.block[:, None],
        "switch.probability": activations["probabilities"][[[token]], position - 1],
        "switch.logit": activations["logits"][[[token]], position - 1],
    }


def depth(book: Book, config: Config, tensors: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Depth."""
    shown = book.read("vocabulary.shown").ravel()
    position, token, values = _choice(book, config, activations, "depth")
    states = lenses.residual_states(config, activations)[:, position - 1]  # [L + 1, d]
    final = forward.normalize(states, config.layer_norm_epsilon)
    logits = lenses.logit_lens(config, tensors, states)  # [L + 1, V]
    likely = forward.softmax(logits)
    count = book.locate("depth.best_ids")[1].columns
    best = np.argsort(-logits, axis=1, kind="stable")[:, :count]
    return values | {
        "depth.states": states,
        "depth.normalized": final,
        "depth.ln_f": forward.gain(final, tensors, "ln_f"),
        "depth.logits": logits.T,
        "depth.logit": logits[:, [token]],
        "depth.best_logit": logits.max(axis=1)[:, None],
        "depth.rank": (logits > logits[:, [token]]).sum(axis=1)[:, None].astype(float),
        "depth.probability": likely[:, [token]],
        "depth.total": np.exp(logits - logits.max(axis=1)[:, None]).sum(axis=1)[:, None],
        "depth.best_logits": np.take_along_axis(logits, best, axis=1),
        "depth.best_ids": best.astype(float),
        "depth.best_probabilities": np.take_along_axis(likely, best, axis=1),
        "depth.best_shown": shown[best],
    }


def attribution(book: Book, config: Config, tensors: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Attribution."""
    position, token, values = _choice(book, config, activations, "attribution")
    on = read_switches(book)
    parts = lenses.residual_parts(config, tensors, activations, position - 1, on)
    effects = lenses.direct_effects(config, tensors, activations, position - 1, token, on)
    blocks = np.array([effects[name] for name in parts][2:]).reshape(config.n_layer, config.n_head + 2)
    logit, together = activations["logits"][token, position - 1], sum(effects.values())
    cells = {
        "scale": lenses.final_scale(config, activations, position - 1),
        "constant": effects["constant"],
        "sum": together,
        "logit": logit,
        "difference": together - logit,
    }
    values |= {f"attribution.{name}": np.array([[cell]]) for name, cell in cells.items()}
    return values | {
        "attribution.direction": tensors["ln_f.weight"] * tensors[config.head_name][[token]],
        "attribution.parts": np.stack(list(parts.values())),
        "attribution.embeddings": np.array([[effects["token"], effects["position"]]]),
        "attribution.effects": blocks,
        "attribution.blocks": blocks.sum(axis=1, keepdims=True),
    }


def attention(book: Book, config: Config, _: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Attention."""
    block = _typed_whole(book, "attention.typed_block", 0, config.n_layer - 1, 0)
    head = _typed_whole(book, "attention.typed_head", 0, config.n_head - 1, 0)
    values = {"attention.map": activations[step(f"h.{block}", 7, head)]}
    values |= {"attention.block": np.array([[float(block)]]), "attention.head": np.array([[float(head)]])}
    if activations["token.ids"].size > 1:
        scores = lenses.attention_scores(config, activations)
        values |= {f"attention.{name}": score for name, score in scores.items()}
    rolled = lenses.attention_rollout(config, activations)
    values |= {f"attention.rollout_{layer}": rows for layer, rows in enumerate(rolled[:-1])}
    return values | {"attention.rollout": rolled[-1]}


# By the name of the sheet.
LENS_VALUES: dict[str, Callable[[Book, Config, forward.Tensors, Mapping[str, np.ndarray]], Values]] = {
    "Attention": attention,
    "Attribution": attribution,
    "Depth": depth,
    "Switches": switches,
}


def lens_values(book: Book, config: Config, tensors: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """What all lens sheets of a book should hold."""
    values: Values = {}
    for sheet, lens in LENS_VALUES.items():
        if sheet in book.sheets:
            values |= lens(book, config, tensors, activations)
    return values
