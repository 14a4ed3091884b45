"""What is imported when: help at once, and for a command only what it needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import sheetgpt
from support.paths import ROOT

HEAVY = {"numpy", "openpyxl", "xlsxwriter", "tokenizers", "safetensors", "ironcalc", "huggingface_hub", "orjson"}
_SHOW = "import json, sys; print(json.dumps(sorted(sys.modules)))"
_COMMAND = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules))))
from sheetgpt.cli.main import main
main(sys.argv[1:])
"""


def imported(code: str, *arguments: object) -> set[str]:
    """The libraries and modules of a Python of its own after it ran some code that prints them at its end."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    output = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return set(json.loads(output.splitlines()[-1]))


def test_the_package_imports_nothing_until_it_is_used() -> None:
    assert not imported("import sheetgpt\n" + _SHOW) & (HEAVY | {"click", "sheetgpt.book.book"})


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["run", "--help"], ["build", "--help"]])
def test_help_imports_no_library_but_click(arguments: list[str]) -> None:
    assert not imported(_COMMAND, *arguments) & HEAVY


def test_run_imports_what_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "small.xlsx"
    sheetgpt.build("mini", path, prompt="Hi", blocks="1", vocab_limit=300, lenses="none")
    strange = {
        "xlsxwriter",
        "safetensors",
        "ironcalc",
        "huggingface_hub",
        "sheetgpt.layout.build_book",
        "sheetgpt.gpt2.forward",
    }
    assert not imported(_COMMAND, "run", path, "--no-cache") & strange


def test_public_names_are_what_they_say() -> None:
    """Also after the modules that they come from were imported."""
    code = "import sheetgpt.commands.build, sheetgpt.verification.workbook\nfrom sheetgpt import build, check, run\n"
    code += "assert all(map(callable, [build, check, run, sheetgpt.build]))\n"
    assert "sheetgpt.commands.build" in imported(code + _SHOW)
    assert {name for name in sheetgpt.__all__ if getattr(sheetgpt, name, None) is None} == set()
    assert set(sheetgpt.__all__) <= set(dir(sheetgpt))
    with pytest.raises(AttributeError, match="no attribute"):
        _ = sheetgpt.nothing
