"""Writes the outputs of lesson.md as they are now: `make docs`. `updated` runs every command and every line of it."""

from __future__ import annotations

import doctest
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from click.testing import CliRunner

from sheetgpt.cli.main import main

PAGE = Path(__file__).with_suffix(".md")
_BLOCK = re.compile(r"```(pycon|console)\n(.*?)```", re.DOTALL)
_SILENT = ("build",)  # commands whose output is not shown: the size of a file is not the same everywhere


def updated(page: str) -> str:
    """The page with what its commands and its Python say, in a folder of their own."""
    names: dict[str, object] = {}

    def run(match: re.Match[str]) -> str:
        kind, text = match.groups()
        return f"```{kind}\n{python(text, names) if kind == 'pycon' else console(text)}```"

    with new_folder():
        return _BLOCK.sub(run, page)


def python(block: str, names: dict[str, object]) -> str:
    """A block of an interactive session with its outputs; errors are raised."""
    lines = []
    for example in doctest.DocTestParser().get_examples(block):
        first, *more = example.source.rstrip("\n").split("\n")
        lines += [f">>> {first}", *(f"... {line}".rstrip() for line in more)]
        output = io.StringIO()
        with redirect_stdout(output):
            exec(compile(example.source, PAGE.name, "single"), names)
        lines += output.getvalue().splitlines()
    return "\n".join(lines) + "\n"


def console(block: str) -> str:
    """A block of commands with their outputs; raises RuntimeError for one that fails."""
    lines = []
    for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
        _, verb, *arguments = shlex.split(command)
        result = CliRunner().invoke(main, [verb, *arguments])
        if result.exit_code:
            raise RuntimeError(f"{command}\n{result.output}")
        lines += [f"$ {command}", *(() if verb in _SILENT else result.stdout.splitlines())]
    return "\n".join(lines) + "\n"


@contextmanager
def new_folder() -> Iterator[None]:
    """Work in an empty folder, which is removed afterwards."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
