"""A checkpoint from a Hugging Face hub into weights/: `sheetgpt fetch` as a library call.

Files are collected in a folder beside the target, `.NAME.part`, which a later call goes on with. It takes the
target's name when every file is there and has the hash that the hub gives, so what is found in weights/ is whole.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetgpt.errors import CheckpointError, UsageError
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.foreign_formats import describe_format
from sheetgpt.gpt2.tokenizer_files import JSON, PAIRS, SETTINGS
from sheetgpt.hub.checksums import FILE, Checksums, fits, sha256
from sheetgpt.hub.repository import Remote, Repository
from sheetgpt.system.progress import Progress, no_progress

KNOWN = {
    "gpt2": "openai-community/gpt2",
    "gpt2-medium": "openai-community/gpt2-medium",
    "gpt2-large": "openai-community/gpt2-large",
    "gpt2-xl": "openai-community/gpt2-xl",
    "distilgpt2": "distilbert/distilgpt2",
}
_CONFIG, _SINGLE, _INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
_PART = r"[A-Za-z0-9_][\w.-]*"
_COMMIT = ".commit"  # in the folder of a part: which commit its files are of


@dataclass(frozen=True)
class Fetched:
    """A checkpoint folder that is there and whole; `downloaded` bytes came over the network just now."""

    folder: Path
    origin: Checksums
    downloaded: int

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(size for _, size in self.origin.files.values())


def fetch(model: str, folder: Path | str | None = None, progress: Progress = no_progress) -> Fetched:
    """Download a checkpoint, or check the one that is there; raises UsageError or CheckpointError.

    `model` is one of `KNOWN` or OWNER/NAME, each also with @REVISION (a branch, a tag or a commit). What is there
    and whole is not downloaded again, and what is damaged is. HF_ENDPOINT names another hub, HF_TOKEN opens private
    repositories.
    """
    repository, revision = parse(model)
    target = Path(folder) if folder is not None else Path("weights") / repository.rpartition("/")[2]
    try:
        return _fetch(repository, revision, target, progress)
    except OSError as error:
        raise CheckpointError(
            f"{error.filename or target} cannot be written: {error.strerror}", "choose another place with -o"
        ) from None


def _fetch(repository: str, revision: str | None, target: Path, progress: Progress) -> Fetched:
    known = _find_known(target, repository)
    if known is None:
        return _complete(Repository(repository, revision), target, progress)
    total = sum(size for _, size in known.files.values())
    wrong = known.wrong(target, lambda done: progress("checking", done, total))
    if not wrong and revision in (None, known.revision):
        return Fetched(target, known, 0)
    hub = Repository(repository, revision or known.revision)
    if hub.commit != known.revision:
        hint = "remove it first, or choose another folder with -o"
        raise UsageError(f"{target} holds revision {known.revision}, not {hub.commit}", hint)
    return _repair(hub, target, known, wrong, progress) if wrong else Fetched(target, known, 0)


def parse(model: str) -> tuple[str, str | None]:
    """Cut a name: "gpt2@REVISION" -> (repository, revision or None); raises UsageError."""
    name, mark, revision = model.partition("@")
    name = KNOWN.get(name, name)
    if mark and not revision:
        raise UsageError(f"{model}: no revision after the @", "give a branch, a tag or a commit")
    if not re.fullmatch(f"{_PART}/{_PART}", name):
        hint = f"give OWNER/NAME as on the hub, or one of: {', '.join(KNOWN)}"
        raise UsageError(f"{name!r} is no model that can be fetched", hint)
    return name, revision or None


def _find_known(target: Path, repository: str) -> Checksums | None:
    """What was fetched into a folder before; None if there is nothing yet; raises UsageError if it is another's."""
    known = Checksums.read(target)
    hint = "choose another folder with -o"
    if known is None and target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise UsageError(f"{target} is there already, and sheetgpt did not fetch it", hint)
    if known and known.repository != repository:
        raise UsageError(f"{target} holds {known.repository}, not {repository}", hint)
    return known


def _complete(hub: Repository, target: Path, progress: Progress) -> Fetched:
    """Download every file that a checkpoint needs beside the target, then give the folder its name."""
    part = _Part(hub, target, progress)
    sharded = _SINGLE not in hub.files
    part.take([name for name in (_CONFIG, *[_INDEX] * sharded) if name in hub.files])
    try:
        _refuse_others(hub, part.folder)
        others = _others(hub, part.folder, sharded)
    except CheckpointError:
        shutil.rmtree(part.folder)  # there is nothing to go on with
        raise
    part.take(others)
    origin = Checksums(hub.name, hub.commit, hub.endpoint, part.hashes)
    origin.write(part.folder)
    (part.folder / _COMMIT).unlink()
    if target.exists():
        target.rmdir()  # it is empty
    part.folder.replace(target)
    return Fetched(target, origin, part.downloaded)


def _repair(hub: Repository, target: Path, known: Checksums, wrong: list[str], progress: Progress) -> Fetched:
    """Download those files of a fetched checkpoint that are missing or damaged."""
    part = _Part(hub, target, progress)
    part.take(wrong)
    for name in wrong:
        if part.hashes[name] != known.files[name]:
            raise CheckpointError(f"{hub.endpoint} has another {name} than {target / FILE} says", "remove the folder")
        (part.folder / name).replace(target / name)
    shutil.rmtree(part.folder)
    return Fetched(target, known, part.downloaded)


class _Part:
    """The folder beside the target in which files are collected, and what is known of those that are whole."""

    def __init__(self, hub: Repository, target: Path, progress: Progress) -> None:
        self.hub, self.progress = hub, progress
        self.folder = target.with_name(f".{target.name}.part")
        self.hashes: dict[str, tuple[str, int]] = {}
        self.downloaded = 0
        mark = self.folder / _COMMIT
        if self.folder.exists() and not (mark.exists() and mark.read_text().strip() == hub.commit):
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        mark.write_text(hub.commit + "\n")

    def take(self, names: list[str]) -> None:
        """Bring files into the folder, or the rest of them, and check them; raises CheckpointError."""
        remotes = {name: self.hub.remote(name) for name in names}
        total, done = sum(remote.size or 0 for remote in remotes.values()), 0
        for name, remote in remotes.items():
            if not (self.folder / name).exists():
                self._download(name, remote, done, total)
            self.hashes[name] = self._verified(name, remote)
            done += self.hashes[name][1]

    def _download(self, name: str, remote: Remote, done: int, total: int) -> None:
        partial = self.folder / f"{name}.part"
        there = partial.stat().st_size if partial.exists() else 0
        if remote.size is not None and there > remote.size:
            partial.unlink()
            there = 0
        self.hub.download(name, remote.size, partial, lambda size: self.progress(name, done + size, total))
        self.downloaded += max(0, partial.stat().st_size - there)
        partial.replace(self.folder / name)

    def _verified(self, name: str, remote: Remote) -> tuple[str, int]:
        """(SHA-256, bytes) of a downloaded file; removes it and raises CheckpointError if it is not the hub's."""
        path = self.folder / name
        digest, size = sha256(path), path.stat().st_size
        if remote.size not in (None, size) or not fits(path, remote.etag, digest):
            path.unlink()
            raise CheckpointError(
                f"{name} of {self.hub.name} arrived damaged: its checksum is not that of {self.hub.endpoint}",
                "run the command again; what arrived whole is kept",
            )
        return digest, size


def _refuse_others(hub: Repository, part: Path) -> None:
    """Before the large files: raise CheckpointError for a repository that holds no GPT-2 in safetensors."""
    place = f"{hub.name} on {hub.endpoint}"
    other = describe_format(hub.files)
    if other and ("adapter_config.json" in hub.files or not {_CONFIG, _SINGLE, _INDEX} & set(hub.files)):
        raise CheckpointError(f"{place} holds {other[0]}", other[1])
    if _CONFIG not in hub.files:
        raise CheckpointError(f"{place} holds no config.json", "it needs to be a GPT-2 in the layout of transformers")
    Config.from_json(_object(part / _CONFIG), f"config.json of {hub.name}")
    if _SINGLE in hub.files or _INDEX in hub.files:
        return
    if any(name.endswith(".bin") for name in hub.files):
        raise CheckpointError(
            f"{place} holds weights as pytorch_model.bin only, which sheetgpt does not open because it can run code",
            "look for a revision with model.safetensors, or convert it: "
            "GPT2LMHeadModel.from_pretrained(NAME).save_pretrained(FOLDER), then sheetgpt build FOLDER",
        )
    what, hint = other or ("no model.safetensors", "choose a repository that has one")
    raise CheckpointError(f"{place} holds {what}", hint)


def _others(hub: Repository, part: Path, sharded: bool) -> list[str]:
    """The files to fetch besides config.json: those of the tokenizer, then the weights."""
    words = [name for pair in PAIRS if set(pair) <= set(hub.files) for name in pair][:2]
    words += [name for name in (JSON, *SETTINGS) if name in hub.files]
    if not sharded:
        return [*words, _SINGLE]
    shards = sorted({str(name) for name in _object(part / _INDEX).get("weight_map", {}).values()})
    strange = [name for name in shards if name not in hub.files or not re.fullmatch(_PART, name)]
    if strange or not shards:
        raise CheckpointError(f"{_INDEX} of {hub.name} names {strange[:1] or 'no files'}, which it does not hold")
    return [*words, *shards]


def _object(path: Path) -> dict[str, Any]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointError(f"{path.name} is no JSON: {error}", "try another revision") from None
    if not isinstance(entries, dict):
        raise CheckpointError(f"{path.name} should hold a JSON object", "try another revision")
    return entries
