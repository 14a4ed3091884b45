"""The files of a tokenizer -> vocabulary and merges; what they say that GPT-2's tokenizer does not do is refused.

As in transformers, tokenizer.json counts before vocab.json and merges.txt (encoder.json and vocab.bpe, as OpenAI named
them). Its parts are those of the `tokenizers` library. transformers takes over only some of them for a GPT2Tokenizer
and all of them for other classes, so a part that would change ids has no one meaning: it is refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetgpt.errors import CheckpointError

JSON = "tokenizer.json"
PAIRS = (("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe"))
SETTINGS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
_BYTE_LEVEL = "ByteLevel"
_CLASSES = {"GPT2Tokenizer", "GPT2TokenizerFast", "PreTrainedTokenizerFast", "PreTrainedTokenizer", "TokenizersBackend"}
_WAY_OUT = "sheetgpt writes GPT-2's byte-level tokenizer; in a folder without the tokenizer's files, --token-ids works"


@dataclass(frozen=True)
class Vocabulary:
    """Tokens in their spelling, by id, and merges, lowest rank first."""

    tokens: list[str]
    merges: list[tuple[str, str]]


def has_tokenizer(folder: Path) -> bool:
    """Whether there are files of a byte-level tokenizer in a folder."""
    return any((folder / name).exists() for name in (JSON, *(name for pair in PAIRS for name in pair)))


def read_vocabulary(folder: Path) -> Vocabulary:
    """What the files in a folder hold; raises CheckpointError."""
    try:
        return _read(folder)
    except OSError as error:
        raise CheckpointError(
            f"{folder}: the tokenizer cannot be read: {error.strerror} ({Path(error.filename).name})",
            "the folder needs vocab.json and merges.txt, or tokenizer.json",
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise CheckpointError(f"{folder}: the tokenizer cannot be read: {error!r}", "download it again") from None


def find_pair(folder: Path) -> tuple[Path, Path] | None:
    """The files of vocabulary and merges; None where neither is there."""
    for vocabulary, merges in PAIRS:
        if (folder / vocabulary).exists() or (folder / merges).exists():
            return folder / vocabulary, folder / merges
    return None


def settings_of(folder: Path) -> dict[str, Any]:
    """What tokenizer_config.json says, special_tokens_map.json where it says nothing; {} without them."""
    return _object(folder / SETTINGS[1]) | _object(folder / SETTINGS[0])


def _read(folder: Path) -> Vocabulary:
    pair, source = find_pair(folder), str(folder)
    listed: list[dict[str, Any]] = []
    ids: dict[str, int] = {}
    merges: list[tuple[str, ...]] = []
    if (folder / JSON).exists():
        description = json.loads((folder / JSON).read_text(encoding="utf-8"))
        _refuse_parts(description, str(folder / JSON))
        ids, merges, listed = *_model(description["model"]), description.get("added_tokens") or []
        if pair and all(file.exists() for file in pair) and _text_files(*pair) != (ids, merges):
            raise CheckpointError(
                f"{folder}: {JSON} holds another vocabulary or other merges than {pair[0].name} and {pair[1].name}",
                "remove those that do not belong to the model; transformers takes tokenizer.json",
            )
    elif pair:
        ids, merges = _text_files(*pair)
    _refuse_settings(folder)
    listed = [*listed, *_added_by_settings(folder)]
    if sorted(ids.values()) != list(range(len(ids))):
        raise CheckpointError(f"{source}: the ids of the vocabulary do not count from 0 without gaps")
    if not all(len(merge) == 2 for merge in merges):
        raise CheckpointError(f"{source}: a line of merges.txt does not hold two tokens")
    tokens = sorted(ids, key=ids.__getitem__)
    return Vocabulary(_with_added(tokens, ids, listed, source), [(left, right) for left, right in merges])


def _text_files(vocabulary: Path, merges: Path) -> tuple[dict[str, int], list[tuple[str, ...]]]:
    lines = merges.read_text(encoding="utf-8-sig").split("\n")
    pairs = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    return dict(json.loads(vocabulary.read_text(encoding="utf-8-sig"))), pairs


def _model(model: Mapping[str, Any]) -> tuple[dict[str, int], list[tuple[str, ...]]]:
    return dict(model["vocab"]), [tuple(m.split(" ") if isinstance(m, str) else m) for m in model["merges"]]


def _refuse_parts(description: Mapping[str, Any], source: str) -> None:
    """Raise CheckpointError for a part of tokenizer.json by which a text has other ids than in GPT-2."""
    model = description["model"]
    if model.get("type", "BPE") != "BPE":
        raise CheckpointError(f"{source}: the model is {model['type']}, expected BPE", _WAY_OUT)
    for name in ("dropout", "continuing_subword_prefix", "end_of_word_suffix", "ignore_merges"):
        if model.get(name):
            raise CheckpointError(f"{source}: {name} of the model is {model[name]!r}", _WAY_OUT)
    _refuse_kinds(description, "normalizer", (), source)
    _refuse_kinds(description, "pre_tokenizer", (_BYTE_LEVEL,), source)
    _refuse_kinds(description, "post_processor", (_BYTE_LEVEL,), source)
    _refuse_kinds(description, "decoder", (_BYTE_LEVEL,), source)
    splits = list(_kinds(description.get("pre_tokenizer")))
    if len(splits) != 1:
        raise CheckpointError(f"{source}: pre_tokenizer has {len(splits)} parts, expected one {_BYTE_LEVEL}", _WAY_OUT)
    if splits[0].get("add_prefix_space", True):  # the default of the library
        raise CheckpointError(f"{source}: add_prefix_space of the pre_tokenizer is true", _PREFIX_HINT)
    if splits[0].get("use_regex", True) is not True:
        raise CheckpointError(f"{source}: use_regex of the pre_tokenizer is false", _WAY_OUT)


_PREFIX_HINT = "set it to false in the tokenizer's files, and begin prompts with a space where the model needs one"


def _refuse_kinds(description: Mapping[str, Any], part: str, known: tuple[str, ...], source: str) -> None:
    for found in _kinds(description.get(part)):
        if found.get("type") not in known and not _adds_nothing(found):
            raise CheckpointError(f"{source}: {part} is {found.get('type')}, which GPT-2's tokenizer lacks", _WAY_OUT)


def _kinds(part: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """A part, or the parts of a sequence of them."""
    if part is None:
        return
    inside = [found for key in _INSIDE if isinstance(found := part.get(key), list)]
    if part.get("type") != "Sequence" or len(inside) != 1:
        yield part
        return
    for other in inside[0]:
        yield from _kinds(other)


_INSIDE = ("normalizers", "pretokenizers", "processors", "decoders")


def _adds_nothing(part: Mapping[str, Any]) -> bool:
    """Whether a part is a template that puts no token around a text."""
    return part.get("type") == "TemplateProcessing" and all("Sequence" in piece for piece in part["single"])


def _refuse_settings(folder: Path) -> None:
    """Raise CheckpointError for settings by which transformers gives a text other ids."""
    settings, source = settings_of(folder), str(folder / SETTINGS[0])
    name = settings.get("tokenizer_class")
    if name is not None and name not in _CLASSES:
        raise CheckpointError(f"{source}: tokenizer_class is {name!r}, expected 'GPT2Tokenizer'", _WAY_OUT)
    if settings.get("add_prefix_space"):
        raise CheckpointError(f"{source}: add_prefix_space is true", _PREFIX_HINT)
    if settings.get("do_lower_case"):
        raise CheckpointError(f"{source}: do_lower_case is true", _WAY_OUT)
    for name in ("add_bos_token", "add_eos_token"):
        if settings.get(name):
            raise CheckpointError(
                f"{source}: {name} is true, so transformers puts a token beside each text",
                "set it to false; --lens endoftext puts <|endoftext|> in front of a prompt",
            )


def _added_by_settings(folder: Path) -> Iterator[dict[str, Any]]:
    """The tokens that the files beside the vocabulary add: with id (None: the next one), content and `special`."""
    settings = settings_of(folder)
    for token, entry in (settings.get("added_tokens_decoder") or {}).items():
        yield entry | {"id": int(token)}
    special = {_content(entry) for key, entry in settings.items() if key.endswith("_token") and _content(entry)}
    for key in ("additional_special_tokens", "extra_special_tokens"):
        more = settings.get(key) or []
        special |= {_content(entry) for entry in (more.values() if isinstance(more, Mapping) else more)}
    for content, token in _object(folder / SETTINGS[2]).items():
        yield {"id": token, "content": content, "special": content in special}


def _content(entry: object) -> str:
    """The spelling of a token: an entry of settings is a text, or a record with "content"."""
    if isinstance(entry, Mapping):
        entry = entry.get("content")
    return entry if isinstance(entry, str) else ""


def _with_added(tokens: list[str], ids: Mapping[str, int], added: list[dict[str, Any]], source: str) -> list[str]:
    """The tokens and those that were added behind them, as far as they follow without a gap.

    Raises CheckpointError for one that ordinary text would be cut by, and for one that contradicts the vocabulary.
    """
    found = {int(entry["id"]): entry for entry in added}
    for entry in added:
        token, content = int(entry["id"]), str(entry["content"])
        if ids.get(content, token) != token or (token < len(tokens) and tokens[token] != content):
            raise CheckpointError(f"{source}: the added token {content!r} has id {token}, which is another's")
        if found[token]["content"] != content:
            raise CheckpointError(f"{source}: id {token} is {content!r} and {found[token]['content']!r}")
        if not entry.get("special") and not found[token].get("special"):
            raise CheckpointError(
                f"{source}: the added token {content!r} is not special: texts that hold it have other ids than GPT-2's "
                "tokenizer gives",
                _WAY_OUT,
            )
    behind = list(tokens)
    while len(behind) in found:
        behind.append(str(found[len(behind)]["content"]))
    return behind


def _object(file: Path) -> dict[str, Any]:
    """A JSON object, {} where there is no such file."""
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}
