"""One revision of a repository on a Hugging Face hub: its files, their hashes, their bytes.

The only place that knows huggingface_hub. HF_ENDPOINT and HF_TOKEN are read when a `Repository` is opened. Newer
versions of the library throw a partial download away when the program ends, so `download` goes on from one itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

from sheetgpt.errors import CheckpointError, UsageError

_package: ModuleType | None
try:
    import huggingface_hub as _package
except ImportError:  # an extra of this project, not a dependency
    _package = None

DEFAULT_ENDPOINT = "https://huggingface.co"
_WHOLE = 200  # the status of an answer that is a whole file
_NETWORK_HINT = "check the network (or HF_ENDPOINT) and run the command again: it goes on where it stopped"


@dataclass(frozen=True)
class Remote:
    """What the hub says of a file: bytes (None if it does not say), and its etag.

    The etag is the SHA-256 of a large file, the git blob's SHA-1 of a small one, and may be anything on a mirror.
    """

    size: int | None
    etag: str


class Repository:
    """A revision of a model repository, pinned to a commit; its errors are CheckpointError and UsageError."""

    def __init__(self, name: str, revision: str | None) -> None:
        if _package is None:
            raise UsageError("sheetgpt fetch needs the package huggingface_hub", 'pip install "sheetgpt[hub]"')
        self.name = name
        self.endpoint = (os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")
        self._headers: dict[str, str] = import_module("huggingface_hub.utils").build_hf_headers()
        with self._explained(f"revision {revision!r}" if revision else "repository"):
            info = _package.HfApi(endpoint=self.endpoint).model_info(name, revision=revision)
        if not info.sha:
            raise CheckpointError(f"{self.endpoint} does not say which commit of {name} it holds")
        self.commit = str(info.sha)
        self.files = [str(file.rfilename) for file in info.siblings or []]

    def remote(self, file: str) -> Remote:
        """Size and etag of a file."""
        assert _package is not None
        with self._explained(file):
            found = _package.get_hf_file_metadata(self._url(file), headers=self._headers)
        if found.commit_hash not in (None, self.commit):
            raise CheckpointError(f"{self.endpoint} gave {file} of commit {found.commit_hash}, not of {self.commit}")
        return Remote(found.size, str(found.etag or ""))

    def download(self, file: str, size: int | None, path: Path, count: Callable[[int], None]) -> None:
        """Append to `path` what it lacks of a file; `count` gets the bytes that are there, again and again."""
        http_get = import_module("huggingface_hub.file_download").http_get
        headers = self._headers | {"Accept-Encoding": "identity"}  # a packed answer has no place to go on from
        with self._explained(file), _quiet(), _open_for_append(path) as stream:
            there = stream.seek(0, os.SEEK_END)
            http_get(self._url(file), Counted(stream, count), resume_size=there, headers=headers, expected_size=size)

    def read_range(self, file: str, start: int, size: int) -> bytes:
        """Some bytes of a file, and no others; raises CheckpointError where the hub gives anything else."""
        utils = import_module("huggingface_hub.utils")
        asked = f"bytes {start}-{start + size - 1}/"
        headers = self._headers | {"Range": f"bytes={start}-{start + size - 1}", "Accept-Encoding": "identity"}
        with (
            self._explained(file),
            utils.get_session().stream("GET", self._url(file), headers=headers, follow_redirects=True) as answer,
        ):
            utils.hf_raise_for_status(answer)
            whole = answer.status_code == _WHOLE and start == 0 and answer.headers.get("Content-Length") == str(size)
            if not whole and not str(answer.headers.get("Content-Range", "")).startswith(asked):
                raise CheckpointError(f"{self.endpoint} gives no parts of files: {file} was asked for {asked[:-1]}")
            data = b"".join(answer.iter_bytes())
        if len(data) != size:
            raise CheckpointError(f"{file} of {self.name}: {len(data)} bytes came of {size}", "try again")
        return data

    def _url(self, file: str) -> str:
        assert _package is not None
        return str(_package.hf_hub_url(self.name, file, revision=self.commit, endpoint=self.endpoint))

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        """Turn the library's errors into the project's."""
        errors: Any = import_module("huggingface_hub.errors")
        # The HTTP library is another one in each generation of huggingface_hub; its errors are among these bases.
        network = tuple(
            base for base in errors.HfHubHTTPError.__mro__ if base not in (BaseException, Exception, object)
        )
        place = f"{self.name} on {self.endpoint}"
        try:
            yield
        except errors.GatedRepoError as error:
            hint = f"accept its terms at {self.endpoint}/{self.name} and set HF_TOKEN to a token of yours"
            raise CheckpointError(f"{place} is gated", hint) from error
        except errors.RepositoryNotFoundError as error:
            hint = "check the spelling (OWNER/NAME); for a private one set HF_TOKEN to a token that may read it"
            raise CheckpointError(f"there is no repository {place}, or it is private", hint) from error
        except errors.RevisionNotFoundError as error:
            raise CheckpointError(f"{place} has no {what}", "give a branch, a tag or a commit of it") from error
        except errors.EntryNotFoundError as error:
            raise CheckpointError(f"{place} lists {what} and does not have it", "try another revision") from error
        except errors.HFValidationError as error:
            raise UsageError(f"{self.name!r} is no name of a repository", "write it as OWNER/NAME") from error
        except network as error:
            status = getattr(getattr(error, "response", None), "status_code", None)
            if status in (401, 403):
                hint = "set HF_TOKEN to a token that may read it"
                raise CheckpointError(f"{place}: not allowed to read {what} (status {status})", hint) from error
            if status is not None:
                raise CheckpointError(f"{place}: {what}: the hub answered with status {status}", "try again") from error
            words = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise CheckpointError(f"{place}: {what} could not be read: {words}", _NETWORK_HINT) from error


class Counted:
    """A file that reports its size after each write; errors of the disk do not look like errors of the network."""

    def __init__(self, stream: BinaryIO, count: Callable[[int], None]) -> None:
        self.stream, self.count = stream, count

    def write(self, data: bytes) -> int:
        try:
            written = self.stream.write(data)
        except OSError as error:
            raise CheckpointError(
                f"{self.stream.name} cannot be written: {error.strerror}", "is the disk full?"
            ) from None
        self.count(self.stream.tell())
        return written

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


@contextmanager
def _open_for_append(path: Path) -> Iterator[BinaryIO]:
    """A file to append to, which may be cut as well."""
    try:
        stream = path.open("r+b" if path.exists() else "w+b")
    except OSError as error:
        raise CheckpointError(f"{path} cannot be written: {error.strerror}", "choose another place with -o") from None
    with stream:
        yield stream


@contextmanager
def _quiet() -> Iterator[None]:
    """The library's own progress bars and warnings off: sheetgpt shows its own."""
    utils: Any = import_module("huggingface_hub.utils")
    shown, level = not utils.are_progress_bars_disabled(), utils.logging.get_verbosity()
    utils.disable_progress_bars()
    utils.logging.set_verbosity_error()
    try:
        yield
    finally:
        utils.logging.set_verbosity(level)
        if shown:
            utils.enable_progress_bars()
