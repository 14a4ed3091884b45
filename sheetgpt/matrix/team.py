"""Tasks done by threads, all cores at once, with their results in the order of the tasks.

Threads, not processes: what takes long (numpy on large blocks, zlib) lets other threads run; nothing is left behind
when the program is stopped; and a script needs no `if __name__ == "__main__"`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_MOST = 8  # threads: each needs some 40 MB, and more than a few wait for one another

Label = TypeVar("Label")
Result = TypeVar("Result")


def in_order(
    tasks: Iterator[tuple[Label, Callable[[], Result]]], workers: int | None = None
) -> Generator[tuple[Label, Result]]:
    """Each task's label and result; a few tasks are under way at once, so that memory stays small.

    To be closed where it may not be used up (contextlib.closing): that waits for the tasks under way.
    """
    workers = workers or min(os.cpu_count() or 1, _MOST)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="sheetgpt")
    waiting: deque[tuple[Label, Future[Result]]] = deque()
    try:
        for label, task in tasks:
            waiting.append((label, pool.submit(task)))
            if len(waiting) > 2 * workers:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(cancel_futures=True)
