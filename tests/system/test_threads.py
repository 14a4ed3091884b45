"""Tasks in threads: results in order, and an error that stops the rest."""

from __future__ import annotations

from functools import partial
from time import sleep

import pytest

from sheetgpt.errors import WorkbookError
from sheetgpt.system.threads import in_order


def test_results_come_in_the_order_of_the_tasks() -> None:
    def task(k: int) -> int:
        sleep(0.01 * (k % 3 == 0))
        return k * k

    tasks = ((k, partial(task, k)) for k in range(40))
    assert list(in_order(tasks, 4)) == [(k, k * k) for k in range(40)]


def test_an_error_in_a_task_comes_out_and_the_others_stop() -> None:
    done: list[int] = []

    def task(k: int) -> None:
        if k == 3:
            raise WorkbookError("no")
        done.append(k)

    with pytest.raises(WorkbookError, match="no"):
        list(in_order(((k, partial(task, k)) for k in range(1000)), 2))
    assert len(done) < 20
