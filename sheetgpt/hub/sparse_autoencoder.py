"""One row of W_dec of a published sparse autoencoder, by ranged reads: `sheetgpt fetch-sae`.

A release holds a folder for each place of a model, such as blocks.8.hook_resid_pre, with cfg.json and
sae_weights.safetensors, in which W_dec is [features, d]. Such a file has hundreds of megabytes and a row of it some
thousand bytes, so only the header of the file and the row are read. (Format of safetensors: 8 bytes with the length of
the header, the header as JSON with dtype, shape and place of each tensor, then the numbers.)
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetgpt.errors import CheckpointError, UsageError
from sheetgpt.gpt2.checkpoint import NUMBERS
from sheetgpt.hub.download import parse
from sheetgpt.hub.repository import Repository

_CONFIG, _WEIGHTS = "cfg.json", "sae_weights.safetensors"
_LENGTH = 8  # bytes that say how long the header is
_LONGEST = 1 << 20  # bytes of a header; those of these files have some hundred
_LARGEST_CONFIG = 1 << 20


@dataclass(frozen=True)
class Feature:
    """A row of W_dec [d], float64, and where it comes from; `hook` is the place in the model, as cfg.json says it."""

    direction: np.ndarray
    release: str
    revision: str
    hook: str
    number: int
    features: int  # how many the autoencoder has

    @property
    def block(self) -> int | None:
        """The block before which its place lies, of a place in the residual stream; else None."""
        match = re.fullmatch(r"blocks\.(\d+)\.hook_resid_(pre|post)", self.hook)
        return int(match[1]) + (match[2] == "post") if match else None


def fetch_feature(release: str, hook: str, feature: int) -> Feature:
    """Row `feature` of W_dec of the autoencoder in the folder `hook` of a repository, OWNER/NAME[@REVISION].

    Raises UsageError for a name or number that makes no sense, CheckpointError where the hub does not give it, or the
    file is not what it should be.
    """
    name, revision = parse(release)
    hub = Repository(name, revision)
    folder = hook.strip("/")
    missing = [file for file in (_CONFIG, _WEIGHTS) if f"{folder}/{file}" not in hub.files]
    if missing:
        places = sorted({file.rpartition("/")[0] for file in hub.files if file.endswith(f"/{_WEIGHTS}")})
        hint = "it has: " + ", ".join(places[:12]) if places else "it holds no sparse autoencoders in this layout"
        raise CheckpointError(f"{name} has no {folder}/{missing[0]}", hint)
    file = f"{folder}/{_WEIGHTS}"
    size = hub.remote(file).size
    if size is None or size < _LENGTH:
        raise CheckpointError(f"{hub.endpoint} does not say how large {file} of {name} is, or it is empty")
    begin, dtype, (features, width) = _decoder(hub, file, size)
    config = _config(hub, f"{folder}/{_CONFIG}")
    _check_config(config, folder, features, width)
    if not 0 <= feature < features:
        raise UsageError(f"there is no feature {feature}", f"those of {hook} go from 0 to {features - 1}")
    item = np.dtype(NUMBERS[dtype]).itemsize * width
    row = np.frombuffer(hub.read_range(file, begin + feature * item, item), NUMBERS[dtype]).astype(np.float64)
    if not np.isfinite(row).all():
        raise CheckpointError(f"feature {feature} of {file} of {name} holds NaN or infinity")
    place = str(config.get("hook_name") or config.get("hook_point") or folder.rpartition("/")[2])
    return Feature(row, name, hub.commit, place, feature, features)


def _decoder(hub: Repository, file: str, size: int) -> tuple[int, str, tuple[int, int]]:
    """Where W_dec begins in a file, its type, and its shape; raises CheckpointError where the header makes no sense."""
    length = int.from_bytes(hub.read_range(file, 0, _LENGTH), "little")
    if not 2 <= length <= min(_LONGEST, size - _LENGTH):
        raise CheckpointError(f"{file} of {hub.name} has a header of {length:,} bytes: it is no safetensors file")
    header = _json(hub.read_range(file, _LENGTH, length), f"the header of {file}")
    entry: Any = header.get("W_dec")
    try:
        dtype, (features, width), (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        expected = features * width * np.dtype(NUMBERS[dtype]).itemsize
        whole = all(type(number) is int for number in (features, width, start, end))
        fits = whole and start >= 0 and end - start == expected > 0 and _LENGTH + length + end <= size
    except (KeyError, TypeError, ValueError, OverflowError):
        fits = False
    if not fits:
        raise CheckpointError(
            f"{file} of {hub.name} has no W_dec of two axes within its {size:,} bytes: {json.dumps(entry)}",
            f"types that can be read are {', '.join(NUMBERS)}",
        )
    return _LENGTH + length + start, dtype, (features, width)


def _config(hub: Repository, file: str) -> dict[str, Any]:
    size = hub.remote(file).size
    if not size or size > _LARGEST_CONFIG:
        raise CheckpointError(f"{file} of {hub.name} has {size} bytes, expected some hundred")
    return _json(hub.read_range(file, 0, size), file)


def _check_config(config: dict[str, Any], hook: str, features: int, width: int) -> None:
    """Raise CheckpointError where cfg.json says something else than the weights."""
    for name, found in (("d_in", width), ("d_sae", features)):
        if config.get(name, found) != found:
            raise CheckpointError(f"{hook}/{_CONFIG} says {name} {config[name]!r}, and W_dec has {found}")


def _json(data: bytes, what: str) -> dict[str, Any]:
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{what} is no JSON: {error}") from None
    if not isinstance(entries, dict):
        raise CheckpointError(f"{what} should hold a JSON object")
    return entries
