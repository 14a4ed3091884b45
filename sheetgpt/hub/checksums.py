"""SHA256SUMS beside a fetched checkpoint: where it came from, and a hash and size for each file.

`sha256sum -c SHA256SUMS` reads the same file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sheetgpt.errors import CheckpointError

FILE = "SHA256SUMS"
_BLOCK = 1 << 20
_ENTRY = re.compile(r"([0-9a-f]{64}) [ *](.+)")

Count = Callable[[int], None]  # bytes read so far


@dataclass(frozen=True)
class Checksums:
    """The origin of a checkpoint (commit of a repository on an endpoint), and (SHA-256, bytes) of its files."""

    repository: str
    revision: str
    endpoint: str
    files: Mapping[str, tuple[str, int]]

    def write(self, folder: Path) -> None:
        """Write SHA256SUMS into the folder."""
        lines = [f"# repository {self.repository}", f"# revision {self.revision}", f"# endpoint {self.endpoint}"]
        lines += [f"# size {size} {name}" for name, (_, size) in self.files.items()]
        lines += [f"{digest}  {name}" for name, (digest, _) in self.files.items()]
        (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Checksums | None:
        """What SHA256SUMS in the folder says; None where there is no such file; raises CheckpointError."""
        path = folder / FILE
        if not path.exists():
            return None
        facts, sizes, digests = {}, {}, {}
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("# size "):
                _, _, size, name = line.split(" ", 3)
                sizes[name] = int(size) if size.isdigit() else -1
            elif line.startswith("# "):
                key, _, value = line[2:].partition(" ")
                facts[key] = value
            elif match := _ENTRY.fullmatch(line):
                digests[match[2]] = match[1]
        if not digests or digests.keys() != sizes.keys() or not {"repository", "revision", "endpoint"} <= facts.keys():
            raise CheckpointError(f"{path} is damaged", "remove the folder and fetch it again")
        files = {name: (digest, sizes[name]) for name, digest in digests.items()}
        return cls(facts["repository"], facts["revision"], facts["endpoint"], files)

    def wrong(self, folder: Path, count: Count = lambda _: None) -> list[str]:
        """The files that are missing or not what they were: sizes first, and only if these fit every byte."""
        sized = [name for name, (_, size) in self.files.items() if _size(folder / name) != size]
        if sized:
            return sized
        found, done = [], 0
        for name, (digest, size) in self.files.items():
            before = done
            if sha256(folder / name, lambda read, before=before: count(before + read)) != digest:  # type: ignore[misc]
                found.append(name)
            done += size
        return found


def sha256(path: Path, count: Count = lambda _: None) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return _hash(path, hashlib.sha256(), count)


def git_blob(path: Path) -> str:
    """The SHA-1 by which git, and the hub for small files, knows a file."""
    return _hash(path, hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False))


def fits(path: Path, etag: str, digest: str) -> bool:
    """Whether a file with this SHA-256 is the one that the hub's etag stands for; etags of other kinds say nothing."""
    if re.fullmatch(r"[0-9a-f]{64}", etag):
        return etag == digest
    return not re.fullmatch(r"[0-9a-f]{40}", etag) or etag == git_blob(path)


def _hash(path: Path, digest: hashlib._Hash, count: Count = lambda _: None) -> str:
    read = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            read += len(block)
            count(read)
    return digest.hexdigest()


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
