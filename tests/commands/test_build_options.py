"""What `BuildOptions` takes, and what it refuses before any work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sheetgpt.commands.build import build
from sheetgpt.commands.dry_run import dry_run
from sheetgpt.errors import UsageError
from sheetgpt.layout.options import BuildOptions
from sheetgpt.xlsx.writer import write


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"digits": "foo"}, "--digits foo: no such choice"),
        ({"compress": "fast"}, "--compress fast: no such choice"),
        ({"prompt": "a", "token_ids": [1]}, "at once"),
        ({"prompt": b"a"}, "expected a text"),
        ({"context": 2.5}, "context 2.5: expected a whole number"),
        ({"context": "4"}, "expected a whole number"),
        ({"candidates": True}, "expected a whole number"),
        ({"vocab_limit": "300"}, "expected a whole number"),
        ({"max_chars": 1e3}, "expected a whole number"),
        ({"blocks": 2.0}, "a number of blocks"),
        ({"token_ids": "1,2"}, "a list of whole numbers"),
        ({"token_ids": [1.5]}, "a list of whole numbers"),
        ({"token_ids": [True]}, "a list of whole numbers"),
        ({"exercise": 0}, "--exercise 0: no such step"),
        ({"exercise": 17}, "the steps 1 to 16"),
        ({"exercise": "7"}, "expected a whole number"),
        ({"exercise": True}, "expected a whole number"),
        ({"solution": True}, "--solution: there is no exercise"),
        ({"exercise": 7, "solution": 1}, "expected True or False"),
        ({"lenses": [3]}, "names of lenses"),
        ({"lenses": ["depths"]}, "no lens 'depths'"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_written(tmp_path: Path, given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        build("mini", tmp_path / "a.xlsx", **given)
    with pytest.raises(UsageError, match=words):
        dry_run("mini", **given)
    assert list(tmp_path.iterdir()) == []


def test_one_name_and_a_number_are_taken_as_people_write_them() -> None:
    assert BuildOptions(lenses="depth").lenses == ("depth",)
    assert BuildOptions(blocks=2).blocks == "2"  # type: ignore[arg-type]


def test_an_unknown_option_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="nope"):
        build("mini", nope=1)


def test_a_dry_run_refuses_what_a_build_does() -> None:
    with pytest.raises(UsageError, match="has no lenses"):
        dry_run("mini", split=True, lenses=["depth"])
    with pytest.raises(UsageError, match="no exercises"):
        dry_run("mini", split=True, exercise=7)
    with pytest.raises(UsageError, match="there is no token 999999"):
        dry_run("mini", token_ids=[999_999])


def test_write_refuses_an_unknown_compression(tmp_path: Path) -> None:
    from sheetgpt import Book

    with pytest.raises(UsageError, match="no such choice"):
        write(Book(), tmp_path / "a.xlsx", compress="fast")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
