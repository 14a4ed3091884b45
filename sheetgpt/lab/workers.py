"""Workers: the same jobs one after the other, in processes of this machine, or on a Dask cluster.

A worker opens the workbook once and keeps it. Large weights come memory-mapped from the cache (`xlsx.grid_cache`), so
all processes of a machine share them. A job's result depends on the workbook and the job only, not on who does it nor
on what was done before.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from zipfile import BadZipFile, ZipFile

from sheetgpt.book.book import Book
from sheetgpt.errors import UsageError, WorkbookError
from sheetgpt.lab.lab import Lab
from sheetgpt.lab.passes import Passes
from sheetgpt.schema.names import config_of, part_of
from sheetgpt.system.threads import Inline, each
from sheetgpt.xlsx.reader import read

Line = dict[str, Any]  # what becomes one line of JSON
_PATIENCE = "10s"  # to reach a cluster


class Job(Protocol):
    """A piece of work; to be pickled."""

    def run(self, passes: Passes) -> list[Line]:
        """Its results, from an open workbook."""


@dataclass(frozen=True)
class Source:
    """A workbook as all workers find it: the same path, the same content."""

    path: str
    fingerprint: str
    cached: bool

    @classmethod
    def of(cls, path: Path | str, cached: bool) -> Source:
        """Raises WorkbookError where there is no workbook."""
        return cls(str(Path(path).resolve()), fingerprint(path), cached)


def open_model(path: Path | str, cached: bool) -> tuple[Source, Book]:
    """A workbook with a whole model, for a plan; raises WorkbookError where it is none."""
    source, book = Source.of(path, cached), read(path, cached)
    config_of(book)
    if part := part_of(book):
        raise WorkbookError(f"{path} is one of several workbooks of a model ({part})", "build it without --split")
    return source, book


@dataclass(frozen=True)
class Workers:
    """Who works: so many processes (1: this one), or the Dask cluster at an address; raises UsageError."""

    jobs: int = 1
    dask: str | None = None

    def __post_init__(self) -> None:
        if self.jobs < 1:
            raise UsageError(f"--jobs {self.jobs}: at least one process is needed")
        if self.dask and self.jobs > 1:
            raise UsageError("--jobs and --dask at once", "the cluster has its own workers: leave --jobs out")

    def run(self, source: Source, book: Book, jobs: Iterable[Job]) -> Iterator[list[Line]]:
        """The results of jobs, in their order. `book` is the workbook, for work in this process."""
        if self.jobs == 1 and not self.dask:
            _KEPT.clear()
            _KEPT[source] = Passes(Lab(book))
        with self._executor() as (executor, ahead):
            try:
                yield from each(executor, partial(run_job, source), jobs, ahead)
            except BrokenProcessPool:
                raise WorkbookError(
                    "a worker process has died", "is the memory large enough? try fewer --jobs"
                ) from None

    @contextmanager
    def _executor(self) -> Iterator[tuple[Executor, int]]:
        """An executor, and how many jobs it is given ahead."""
        if self.dask:
            with _cluster(self.dask) as (executor, threads):
                yield executor, 2 * threads + 1
        elif self.jobs > 1:
            context = multiprocessing.get_context("spawn")  # a fork would copy locks that threads of numpy hold
            with ProcessPoolExecutor(self.jobs, context, initializer=_begin) as pool:
                yield pool, 2 * self.jobs + 1
        else:
            yield Inline(), 1


def fingerprint(path: Path | str) -> str:
    """12 hexadecimal digits for the content of a workbook: names, sizes and checksums of what is in the zip archive."""
    try:
        with ZipFile(path) as archive:
            entries = [(entry.filename, entry.file_size, entry.CRC) for entry in archive.infolist()]
    except IsADirectoryError:
        raise WorkbookError(f"{path} is a folder, not a workbook", "build the model without --split") from None
    except FileNotFoundError:
        raise WorkbookError(f"there is no file {path}", "sheetgpt build -o FILE makes one") from None
    except (OSError, BadZipFile) as error:
        raise WorkbookError(f"{path} is no workbook that sheetgpt can read: {error}") from None
    return hashlib.sha256(repr(entries).encode()).hexdigest()[:12]


def run_job(source: Source, job: Job) -> list[Line]:
    """Do a job in this process, with the workbook that it keeps open. One at a time: threads of a worker wait."""
    with _ALONE:
        if source not in _KEPT:
            if fingerprint(source.path) != source.fingerprint:
                raise WorkbookError(f"{source.path} is another workbook here", "give all workers the same file")
            _KEPT.clear()
            _KEPT[source] = Passes(Lab(read(source.path, source.cached)))
        return job.run(_KEPT[source])


_KEPT: dict[Source, Passes] = {}
_ALONE = threading.Lock()


def _begin() -> None:
    """What a worker process does first: leave Ctrl-C to the main process, and end when that one ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """An executor of a running Dask cluster, and how many threads it has."""
    try:
        import distributed
    except ImportError:
        raise UsageError("--dask needs the library distributed", 'pip install "sheetgpt[dask]"') from None
    open_client: Any = distributed.Client  # whose types are not told
    try:
        client = open_client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:  # TimeoutError is an OSError
        raise UsageError(f"there is no Dask cluster at {address}: {error}", "write --dask tcp://HOST:PORT") from None
    with client:
        if not (threads := sum(client.nthreads().values())):
            raise UsageError(f"the Dask cluster at {address} has no workers", "start some: dask worker ADDRESS")
        with client.get_executor(pure=False) as executor:
            yield executor, threads
