"""Thread pools: work done on all cores at once, with the results in order.

Threads, not processes: what takes long (numpy on large blocks, zlib) lets other threads run; nothing is left behind
when the program is stopped; and a script needs no `if __name__ == "__main__"`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

_MOST = 8  # threads: each needs some 40 MB, and more than a few wait for one another

Item = TypeVar("Item")
Label = TypeVar("Label")
Result = TypeVar("Result")


_LITTLE = 64_000_000  # bytes of a workbook


def spare_threads(book: Path) -> None:
    """Let numpy multiply the matrices of a small workbook in one thread: others would only wait for work, and busily.

    Only before numpy is imported; whoever has set the variable is heeded.
    """
    if book.is_file() and book.stat().st_size < _LITTLE:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def one_blas_thread() -> None:
    """Let numpy multiply matrices in one thread, in this process and those that it starts: the same sums everywhere.

    Only before numpy is imported; whoever has set the variable is heeded.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def cores() -> int:
    """How many threads can run at once."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1


class Inline(Executor):
    """An executor that does its work where it is given: for little work, threads cost more than they bring."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        future: Future[Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def each(executor: Executor, work: Callable[[Item], Result], items: Iterable[Item], ahead: int) -> Iterator[Result]:
    """The results of `work` on each item, in order, while up to `ahead` items are made and worked on already."""
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(executor.submit(work, item))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def in_order(
    tasks: Iterator[tuple[Label, Callable[[], Result]]], workers: int | None = None
) -> Generator[tuple[Label, Result]]:
    """Each task's label and result; a few tasks are under way at once, so that memory stays small.

    To be closed where it may not be used up (contextlib.closing): that waits for the tasks under way.
    """
    workers = workers or min(cores(), _MOST)
    with ThreadPoolExecutor(workers, thread_name_prefix="sheetgpt") as pool:
        yield from each(pool, _done, tasks, 2 * workers + 1)


def _done(task: tuple[Label, Callable[[], Result]]) -> tuple[Label, Result]:
    label, call = task
    return label, call()
