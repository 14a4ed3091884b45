"""Arrays in a temporary file, and builds that use them; builds that are stopped."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import numpy as np
import pytest

import sheetgpt
from sheetgpt.commands import build
from sheetgpt.errors import WorkbookError
from sheetgpt.system.mapped_arrays import Store, release
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.paths import ROOT


def test_arrays_keep_their_numbers_and_the_folder_stays_empty(tmp_path: Path) -> None:
    store = Store(tmp_path / "new")
    arrays = [store.array(rows, 50) for rows in (3, 400, 1)]
    for k, array in enumerate(arrays):
        assert not array.any()
        array[:] = k + 1
        release(array)
        release(array[1:, ::2])
    del store
    assert [set(array.ravel().tolist()) for array in arrays] == [{1.0}, {2.0}, {3.0}]
    if os.name == "posix":
        assert list((tmp_path / "new").iterdir()) == []


def test_a_full_disk_is_an_error_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(WorkbookError, match=r"has no room for 8 MB of weights: No space left"):
        Store(tmp_path).array(1000, 1000)


def test_release_leaves_other_arrays_alone() -> None:
    numbers = np.arange(5.0)
    release(numbers)
    assert numbers.tolist() == [0, 1, 2, 3, 4]


def test_a_build_with_its_weights_in_a_file_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = random_checkpoint(tmp_path / "model")
    sheetgpt.build(str(model), tmp_path / "a.xlsx", prompt="a", lenses="none")
    monkeypatch.setattr(build, "IN_MEMORY", 0)
    monkeypatch.setattr("sheetgpt.layout.tensors._AT_ONCE", 50)
    monkeypatch.setattr("sheetgpt.layout.tensors._STORED", 100)
    sheetgpt.build(str(model), tmp_path / "b.xlsx", prompt="a", lenses="none")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx", "model"]


def test_a_model_that_is_too_large_is_refused_before_its_weights_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = random_checkpoint(tmp_path / "model")
    monkeypatch.setattr("sheetgpt.xlsx.writer.ARCHIVE_LIMIT", 10_000)
    monkeypatch.setattr("sheetgpt.commands.build.build_book", lambda *_: pytest.fail("laid out"))
    with pytest.raises(WorkbookError, match="--split"):
        sheetgpt.build(str(model), tmp_path / "a.xlsx", prompt="a", lenses="none")


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_stopped_leaves_the_old_file_and_nothing_else(tmp_path: Path, number: int) -> None:
    model = random_checkpoint(tmp_path / "model", n_embd=120, n_layer=3)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.xlsx").write_bytes(b"old")
    program = (
        "import signal, sys, time, sheetgpt.commands.build\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore it
        "from sheetgpt.xlsx.encode import row_chunks\n"
        "sheetgpt.commands.build.IN_MEMORY = 0\n"
        "row_chunks._LEAST = row_chunks._CELLS = 2000\n"
        "whole = row_chunks.Stretch.piece\n"
        "row_chunks.Stretch.piece = lambda *given: time.sleep(0.2) or whole(*given)\n"
        "from sheetgpt.cli.main import main\n"
        "main()\n"
    )
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            program,
            "build",
            str(model),
            "-o",
            str(tmp_path / "out" / "a.xlsx"),
            "--prompt",
            "a",
            "--lens",
            "none",
        ],
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    with process:
        while not list((tmp_path / "out").glob(".a.xlsx*.part")):
            assert process.poll() is None, process.communicate()
            sleep(0.05)
        process.send_signal(number)
        process.communicate()
    assert process.returncode != 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.xlsx"]
    assert (tmp_path / "out" / "a.xlsx").read_bytes() == b"old"


def test_compress_is_an_option_of_the_command_line(tmp_path: Path) -> None:
    model = random_checkpoint(tmp_path / "model")
    run = [sys.executable, "-m", "sheetgpt", "build", str(model), "--prompt", "a", "--lens", "none", "--compress"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for how in ("faster", "smaller"):
        subprocess.run([*run, how, "-o", str(tmp_path / f"{how}.xlsx")], check=True, env=environment)
    assert read(tmp_path / "faster.xlsx") == read(tmp_path / "smaller.xlsx")
    assert (tmp_path / "faster.xlsx").stat().st_size > (tmp_path / "smaller.xlsx").stat().st_size
