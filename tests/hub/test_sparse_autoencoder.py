"""One row of W_dec of a sparse autoencoder, from a hub on loopback: what is read, and what is refused."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from sheetgpt.commands.build import build
from sheetgpt.errors import CheckpointError, UsageError
from sheetgpt.hub.sparse_autoencoder import fetch_feature
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.command_line import assert_refused, call
from support.loopback_hub import COMMIT, Hub

pytest.importorskip("huggingface_hub")

HOOK, D, FEATURES = "blocks.1.hook_resid_pre", 12, 40
RELEASE = "someone/saes"
WEIGHTS = np.random.default_rng(3).normal(size=(FEATURES, D)).astype(np.float32)


def weights(decoder: np.ndarray = WEIGHTS) -> bytes:
    others = {"W_enc": np.ones((D, FEATURES), np.float32), "b_enc": np.zeros(FEATURES, np.float32)}
    return save(others | {"W_dec": decoder, "b_dec": np.zeros(D, np.float32)})


def publish(hub: Hub, data: bytes | None = None, config: dict | None = None, hook: str = HOOK) -> None:
    entries = {"d_in": D, "d_sae": FEATURES, "hook_name": hook} if config is None else config
    files = {f"{hook}/cfg.json": json.dumps(entries).encode()}
    hub.add_files(RELEASE, files | {f"{hook}/sae_weights.safetensors": weights() if data is None else data})


def ranges(hub: Hub) -> list[int]:
    """The sizes of the parts that were asked of large files."""
    parts = [line.rpartition("bytes=")[2].split("-") for line in hub.seen if "/cdn/" in line and "bytes=" in line]
    return [int(last) - int(first) + 1 for first, last in parts]


def test_one_row_is_read_and_nothing_else(hub: Hub) -> None:
    publish(hub)
    found = fetch_feature(f"{RELEASE}@v1", HOOK, 39)
    assert found.direction.tolist() == WEIGHTS[39].astype(float).tolist()
    assert (found.release, found.revision, found.hook, found.number, found.features) == (
        RELEASE,
        COMMIT,
        HOOK,
        39,
        FEATURES,
    )
    assert found.block == 1
    header = struct.unpack("<Q", weights()[:8])[0]
    assert ranges(hub) == [8, header, 4 * D]
    assert not [line for line in hub.seen if line.startswith("GET /cdn/") and "bytes=" not in line]


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_other_types(hub: Hub, dtype: type) -> None:
    publish(hub, weights(WEIGHTS.astype(dtype)))
    assert fetch_feature(RELEASE, HOOK, 2).direction.tolist() == WEIGHTS[2].astype(dtype).astype(float).tolist()


def test_bfloat16(hub: Hub) -> None:
    halves = (WEIGHTS.view(np.uint32) >> 16).astype("<u2")
    header = json.dumps({"W_dec": {"dtype": "BF16", "shape": [FEATURES, D], "data_offsets": [0, halves.nbytes]}})
    publish(hub, struct.pack("<Q", len(header)) + header.encode() + halves.tobytes())
    expected = (halves[5].astype(np.uint32) << 16).view(np.float32).astype(float)
    assert fetch_feature(RELEASE, HOOK, 5).direction.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("hook", "block"),
    [("blocks.3.hook_resid_pre", 3), ("blocks.3.hook_resid_post", 4), ("blocks.3.hook_mlp_out", None)],
)
def test_before_which_block_a_place_lies(hub: Hub, hook: str, block: int | None) -> None:
    publish(hub, hook=hook)
    assert fetch_feature(RELEASE, hook, 0).block == block


def test_what_makes_no_sense_is_refused(hub: Hub) -> None:
    publish(hub)
    for feature in (-1, FEATURES):
        with pytest.raises(UsageError, match="from 0 to 39"):
            fetch_feature(RELEASE, HOOK, feature)
    with pytest.raises(UsageError, match="no model that can be fetched"):
        fetch_feature("saes", HOOK, 0)
    with pytest.raises(CheckpointError, match=f"no blocks.9/cfg.json\nHint: it has: {HOOK}"):
        fetch_feature(RELEASE, "blocks.9", 0)
    with pytest.raises(CheckpointError, match="no repository someone/other"):
        fetch_feature("someone/other", HOOK, 0)


def header_of(**entry: object) -> bytes:
    header = json.dumps({"W_dec": {"dtype": "F32", "shape": [FEATURES, D], "data_offsets": [0, 1920]} | entry}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4 * FEATURES * D)


def test_a_file_that_is_not_what_it_should_be_is_refused(hub: Hub) -> None:
    nan = WEIGHTS.copy()
    nan[7, 3] = np.nan
    cases = [
        (weights(nan), None, "NaN"),
        (save({"W_enc": WEIGHTS}), None, "no W_dec"),
        (header_of(dtype="I32"), None, "no W_dec of two axes"),
        (header_of(shape=[FEATURES, D, 1]), None, "no W_dec of two axes"),
        (header_of(shape=[FEATURES, D + 1]), None, "no W_dec of two axes"),
        (header_of(data_offsets=[4, 1924]), None, "no W_dec of two axes"),
        (header_of(data_offsets=None), None, "no W_dec of two axes"),
        (struct.pack("<Q", 1 << 60) + bytes(100), None, "no safetensors file"),
        (struct.pack("<Q", 4) + b"abcd", None, "no JSON"),
        (b"abc", None, "or it is empty"),
        (weights(), {"d_in": 13}, "says d_in 13"),
        (weights(), {"d_sae": 41}, "says d_sae 41"),
    ]
    for data, config, words in cases:
        publish(hub, data, config)
        with pytest.raises(CheckpointError, match=words):
            fetch_feature(RELEASE, HOOK, 7)


def test_a_hub_that_gives_no_parts_or_hangs_up_is_refused(hub: Hub) -> None:
    publish(hub)
    hub.no_ranges = True
    with pytest.raises(CheckpointError, match="gives no parts of files"):
        fetch_feature(RELEASE, HOOK, 7)
    hub.no_ranges = False
    hub.cut[f"{HOOK}/sae_weights.safetensors"] = [4]
    with pytest.raises(CheckpointError, match="sae_weights"):
        fetch_feature(RELEASE, HOOK, 7)


def test_command(hub: Hub, tmp_path: Path) -> None:
    publish(hub)
    result = call("fetch-sae", RELEASE, HOOK, 4)
    assert [float(number) for number in result.stdout.split("\t")] == WEIGHTS[4].astype(float).tolist()
    assert json.loads(call("fetch-sae", RELEASE, HOOK, 4, "--json").stdout)["direction"] == WEIGHTS[4].tolist()
    book = build(
        str(random_checkpoint(tmp_path / "m")), tmp_path / "a.xlsx", token_ids=[5], context=3, lenses=["steering"]
    )
    out = tmp_path / "b.xlsx"
    done = call("fetch-sae", RELEASE, HOOK, 4, "--into", book, "-o", out, "--strength", "3")
    assert done.exit_code == 0, done.output
    assert "Steering: before block 1." in done.stdout
    steered = read(out)
    assert steered.read("steering.direction").tolist() == [WEIGHTS[4].astype(float).tolist()]
    assert steered.read("steering.typed_note").item() == f"{RELEASE}, {HOOK}, feature 4"
    assert_refused(call("fetch-sae", RELEASE, HOOK, 4, "--into", book), "go together")
    assert_refused(call("fetch-sae", RELEASE, HOOK, 4, "--block", 1), "for a workbook")
    assert_refused(call("fetch-sae", RELEASE, HOOK, 4, "--into", book, "-o", out, "--block", 2), "no block 2")
    publish(hub, weights(WEIGHTS[:, :6].copy()), {})
    assert_refused(call("fetch-sae", RELEASE, HOOK, 4, "--into", book, "-o", out), "6 numbers")
