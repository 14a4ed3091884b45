"""GPT-2 in plain numpy against the transformers library, in float64."""

import numpy as np
import pytest

from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from support.library import greedy

LIBRARY = "needs torch and transformers: pip install torch==2.13.0 'sheetgpt[torch]'"


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"n_head": 1, "n_embd": 5, "n_inner": 7},
        {"n_head": 5, "n_embd": 35, "n_layer": 3, "scale_attn_by_inverse_layer_idx": True},
        {"scale_attn_weights": False, "layer_norm_epsilon": 0.01},
        {"tie_word_embeddings": False, "n_layer": 1},
    ],
)
def test_logits_of_transformers(entries: dict) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    torch.manual_seed(7)
    settings = {
        "vocab_size": 60,
        "n_positions": 20,
        "n_embd": 24,
        "n_layer": 2,
        "n_head": 3,
        "bos_token_id": 0,
        "eos_token_id": 0,
    } | entries
    library = transformers.GPT2LMHeadModel(transformers.GPT2Config(**settings)).double().eval()
    with torch.no_grad():
        for parameter in library.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    config = Config.from_json(library.config.to_dict(), "transformers")
    state = {name.removeprefix("transformer."): value.numpy() for name, value in library.state_dict().items()}
    tensors = {name: state[name].reshape(shape) for name, shape in config.tensors().items()}
    ids = np.random.default_rng(1).integers(0, 60, 9).tolist()
    with torch.no_grad():
        expected = library(torch.tensor([ids]), output_hidden_states=True)
    actual = forward.activations(config, tensors, ids)
    # Both calculate in float64; sums of 35 terms of size 10 in another order differ by some 1e-14.
    np.testing.assert_allclose(actual["logits"].T, expected.logits[0].numpy(), rtol=0, atol=1e-11)
    for layer, state_after in enumerate(expected.hidden_states[1:-1]):
        np.testing.assert_allclose(actual[f"h.{layer}.step_16.output"], state_after[0].numpy(), rtol=0, atol=1e-11)
    assert forward.generate(config, tensors, ids, 20) == greedy(library, ids, 20)


def test_activations_have_the_names_and_shapes_of_the_specification(small_model: Model) -> None:
    activations = forward.activations(small_model.config, small_model.tensors, [1, 2, 3, 4, 5])
    assert {name: a.shape for name, a in activations.items()} == small_model.config.activations(5)


def test_rows_depend_on_earlier_rows_only(small_model: Model) -> None:
    config, tensors = small_model.config, small_model.tensors
    long = forward.activations(config, tensors, [1, 2, 3, 4, 5])
    short = forward.activations(config, tensors, [1, 2, 3])
    assert long.keys() == short.keys() >= {"logits", "probabilities", "h.1.step_16.output"}
    for name, activation in short.items():
        part = long[name][:, :3] if name in ("logits", "probabilities") else long[name][:3, : activation.shape[1]]
        # A product of 5 rows sums in another order than one of 3 rows: a few units in the last place.
        np.testing.assert_allclose(part, activation, rtol=1e-12, atol=1e-12, equal_nan=True)


def test_softmax_adds_up_to_one_and_leaves_the_future_blank() -> None:
    x = np.array([[1e4, np.nan], [-1e4, 1e4]])
    weights = forward.softmax(x)
    assert np.isnan(weights[0, 1])
    assert np.nansum(weights, axis=1).tolist() == [1.0, 1.0]


def test_of_equal_logits_the_lower_id_is_predicted(small_model: Model) -> None:
    tensors = dict(small_model.tensors)
    tensors["wte.weight"] = np.repeat(tensors["wte.weight"][:1], small_model.config.vocab_size, axis=0)
    activations = forward.activations(small_model.config, tensors, [3, 4])
    assert activations["predicted.ids"].tolist() == [[0.0], [0.0]]
    assert activations["top.ids"][0].tolist() == list(range(10))
