"""How tests call the command line, in the process of the test."""

from __future__ import annotations

import re

from click.testing import CliRunner, Result

from sheetgpt.cli.main import main


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def assert_refused(result: Result, words: str) -> None:
    """Status 2, one clear sentence on stderr, nothing on stdout, no traceback."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert re.search(words, result.stderr), result.stderr
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)
