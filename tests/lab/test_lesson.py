"""docs/lesson.md: every command and every line of Python says what the page says."""

from __future__ import annotations

import re
import runpy

import pytest

from support.paths import ROOT

PAGE = (ROOT / "docs" / "lesson.md").read_text(encoding="utf-8")


def test_the_lesson_says_what_happens() -> None:
    assert runpy.run_path(str(ROOT / "docs" / "lesson.py"))["updated"](PAGE) == PAGE, "make docs"


def test_blocks_are_run_in_order_and_errors_are_seen() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "lesson.py"))
    page = "a\n```pycon\n>>> x = 2\n>>> for k in range(x):\n...     k\n9\n```\nb\n```pycon\n>>> x + 1\n```\n"
    expected = page.replace("9\n", "0\n1\n").replace("x + 1\n", "x + 1\n3\n")
    assert script["updated"](page) == expected
    with pytest.raises(ZeroDivisionError):
        script["updated"]("```pycon\n>>> 1 / 0\n```")
    with pytest.raises(RuntimeError, match="cannot be read"):
        script["updated"]("```console\n$ sheetgpt score none.xlsx none.txt\n```")


def test_it_has_the_form_of_a_lesson() -> None:
    assert [int(number) for number in re.findall(r"^## (\d)\.", PAGE, re.MULTILINE)] == list(range(1, 10))
    assert len(re.findall(r"^>>> ", PAGE, re.MULTILINE)) > 30
