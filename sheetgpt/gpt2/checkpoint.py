"""A checkpoint folder in Hugging Face's layout -> configuration, tensors, tokenizer.

Reads config.json and safetensors (one file or shards) in float64, float32, float16 or bfloat16. Tensors stay in
their file until they are asked for, one at a time, so that a large model needs no more memory than its largest
tensor. What it does not do: pickled pytorch_model.bin files, which run code when they are opened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import ml_dtypes  # noqa: F401  gives numpy the type that safetensors returns bfloat16 tensors in
import numpy as np
from safetensors import SafetensorError, safe_open

from sheetgpt.errors import CheckpointError
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.foreign_formats import refuse_adapter, refuse_file, refuse_format
from sheetgpt.gpt2.model import Model, Tensors
from sheetgpt.gpt2.tensor_names import HEAD, TOKENS, is_mask, own_name, refuse_shape, refuse_unknown
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.gpt2.tokenizer_files import has_tokenizer

Place = tuple[Path, str]  # a file, and the name of a tensor in it

_SINGLE, _INDEX = "model.safetensors", "model.safetensors.index.json"
_AT_ONCE = 1 << 20  # numbers that are read from a file
NUMBERS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "bfloat16"}  # by the words of safetensors
_PACKAGE = Path(__file__).parent.parent
_BUNDLED = [_PACKAGE / "models", _PACKAGE.parent / "weights"]


def find_checkpoint(name: str) -> Path:
    """The folder of a model: a path, or the name of a folder in weights/; raises CheckpointError."""
    places = [Path(name), Path("weights") / name, *(folder / name for folder in _BUNDLED)]
    for folder in places:
        if (folder / "config.json").exists():
            return folder
    if Path(name).is_dir():
        return Path(name)  # `load` says what it lacks
    if Path(name).is_file():
        refuse_file(Path(name))
    known = sorted({entry.parent.name for folder in _BUNDLED for entry in folder.glob("[!.]*/config.json")})
    raise CheckpointError(
        f"there is no model {name!r}: no such folder, and none of that name in weights/",
        f"give the folder of a Hugging Face GPT-2 checkpoint, or one of: {', '.join(known) or 'none bundled'}; "
        "sheetgpt fetch downloads others",
    )


def load_checkpoint(folder: Path | str) -> Model:
    """Read the checkpoint in `folder`; raises CheckpointError naming what is missing, does not fit or would be lost.

    Where config.json says that the head is tied and both tensors are stored, a head that differs is the head, as in
    transformers 5 (`PreTrainedModel.tie_weights`); a head alone is the table of tokens too.
    """
    folder = Path(folder)
    config = read_config(folder)
    places = _find_tensors(folder, config)
    config = _settle_head(config, places)
    expected = config.tensors()
    missing = [name for name in expected if name not in places]
    if missing:
        rows, columns = expected[missing[0]]
        raise CheckpointError(
            f"{folder}: tensor {missing[0]} is missing, expected shape {stored_shape(missing[0], rows, columns)}"
            + (f" (and {len(missing) - 1} more are missing)" if len(missing) > 1 else ""),
            "check n_layer and tie_word_embeddings in config.json against the file",
        )
    tokenizer = read_tokenizer(folder)
    if tokenizer and len(tokenizer) > config.vocab_size:
        raise CheckpointError(
            f"{folder}: the tokenizer has {len(tokenizer)} tokens, but wte.weight only {config.vocab_size} rows"
        )
    tensors = Tensors(list(expected), lambda name, rows: _read(*places[name], name, expected[name], rows))
    return Model(folder.resolve().name, config, tensors, tokenizer)


def read_config(folder: Path) -> Config:
    """What config.json in a folder says; raises CheckpointError."""
    refuse_adapter(folder)
    if not (folder / "config.json").exists() and not (folder / "model.safetensors").exists():
        refuse_format(folder)
    return Config.from_json(_json(folder / "config.json"), str(folder / "config.json"))


def read_stored_config(folder: Path) -> Config:
    """What config.json says, and which head the weights have, where they are in the folder; raises CheckpointError."""
    config = read_config(folder)
    there = any((folder / name).exists() for name in (_SINGLE, _INDEX))
    if not there or not all(file.exists() for file in _files(folder)):
        return config
    return _settle_head(config, _find_tensors(folder, config))


def read_tokenizer(folder: Path) -> Tokenizer | None:
    """The tokenizer in a folder, None if there are no files of one; raises CheckpointError."""
    return Tokenizer.from_folder(folder) if has_tokenizer(folder) else None


def _find_tensors(folder: Path, config: Config) -> dict[str, Place]:
    """Where each tensor lies, by its own name; raises CheckpointError for one that is there twice."""
    expected = config.tensors()
    expected.setdefault(HEAD, expected[TOKENS])
    places: dict[str, Place] = {}
    for file in _files(folder):
        for name, place in _places(file, expected):
            if name in places:
                first = f"{places[name][1]} in {places[name][0].name}"
                raise CheckpointError(f"{file}: tensor {name} is there twice, as {first} and as {place[1]}")
            places[name] = place
    return places


def _settle_head(config: Config, places: dict[str, Place]) -> Config:
    """The configuration with the head that is stored; `places` lose a head that is the same as the table of tokens."""
    if not config.tie_word_embeddings or HEAD not in places:
        return config
    places.setdefault(TOKENS, places[HEAD])
    if _same_numbers(places[TOKENS], places[HEAD], (config.vocab_size, config.n_embd)):
        del places[HEAD]
        return config
    return replace(config, tie_word_embeddings=False)


def _same_numbers(one: Place, other: Place, shape: tuple[int, int]) -> bool:
    """Whether two stored matrices are equal; read in parts."""
    step = max(1, _AT_ONCE // shape[1])
    parts = (slice(top, min(top + step, shape[0])) for top in range(0, shape[0], step))
    return one == other or all(np.array_equal(_part(one, rows), _part(other, rows)) for rows in parts)


def _part(place: Place, rows: slice) -> np.ndarray:
    """Some rows of a stored matrix, in its own type."""
    file, stored = place
    with _open(file) as tensors:
        return np.asarray(tensors.get_slice(stored)[rows.start : rows.stop])


def _places(file: Path, expected: dict[str, tuple[int, int]]) -> Iterator[tuple[str, Place]]:
    """Name -> (file, name in it) of the tensors in a file, checked as far as its header says."""
    with _open(file) as tensors:
        for stored in tensors.keys():  # noqa: SIM118  not a dict
            name = own_name(stored)
            if is_mask(name):
                continue
            if name not in expected:
                refuse_unknown(file, name)
            part = tensors.get_slice(stored)
            shape, kind = tuple(part.get_shape()), part.get_dtype()
            wanted = stored_shape(name, *expected[name])
            if kind not in NUMBERS:
                raise CheckpointError(
                    f"{file}: tensor {name} holds {kind} numbers, expected one of {tuple(NUMBERS)}",
                    "quantized weights are not written: give the checkpoint that they were made of",
                )
            if shape != wanted:
                refuse_shape(file, name, shape, wanted)
            yield name, (file, stored)


def _read(file: Path, stored: str, name: str, shape: tuple[int, int], rows: slice) -> np.ndarray:
    """Some rows of a tensor [rows, columns]. The file is opened again and again, or all of it would stay in memory."""
    first, last, _ = rows.indices(shape[0])
    found = np.empty((max(last - first, 0), shape[1]))
    step = max(1, _AT_ONCE // shape[1])
    for top in range(first, last, step):
        with _open(file) as tensors:
            part = tensors.get_slice(stored)
            whole = len(part.get_shape()) < len(shape)  # a vector
            numbers = part[:] if whole else part[top : min(top + step, last)]
            found[top - first : top - first + step] = numbers.astype(np.float64)
    if not np.isfinite(found).all():
        raise CheckpointError(f"{file}: tensor {name} holds NaN or infinity, which no cell can")
    return found


def read_tensors(file: Path) -> dict[str, np.ndarray]:
    """All tensors of a safetensors file by name, float64; raises CheckpointError."""
    with _open(file) as tensors:
        return {name: tensors.get_tensor(name).astype(np.float64) for name in tensors.keys()}  # noqa: SIM118


@contextmanager
def _open(file: Path) -> Iterator[Any]:
    """A safetensors file; what goes wrong with it becomes a CheckpointError."""
    try:
        with safe_open(file, framework="np") as tensors:
            yield tensors
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{file} cannot be read as safetensors: {error}", "download it again") from None


def stored_shape(name: str, rows: int, columns: int) -> tuple[int, ...]:
    """The shape in a checkpoint: vectors have one dimension."""
    vector = name.endswith(".bias") or ".ln_" in name or name.startswith("ln_f")
    return (columns,) if vector else (rows, columns)


def _files(folder: Path) -> list[Path]:
    single, index = folder / _SINGLE, folder / _INDEX
    if single.exists():
        return [single]
    if index.exists():
        shards = _json(index).get("weight_map")
        if not isinstance(shards, dict) or not shards or not all(isinstance(name, str) for name in shards.values()):
            raise CheckpointError(f"{index} has no weight_map from tensors to files", "download it again")
        return [folder / name for name in sorted(set(shards.values()))]
    refuse_format(folder)
    raise CheckpointError(f"{folder} holds no model.safetensors", "give the folder of a Hugging Face GPT-2 checkpoint")


def _json(file: Path) -> dict[str, Any]:
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(
            f"{file} cannot be read: {error.strerror}", "give the folder of a Hugging Face GPT-2 checkpoint"
        ) from None
    except ValueError as error:
        raise CheckpointError(f"{file} is no JSON: {error}", "download it again") from None
    if not isinstance(entries, dict):
        raise CheckpointError(f"{file} should hold a JSON object")
    return entries
