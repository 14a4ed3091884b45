"""A small model in several workbooks: its files, and a value in one of them that was changed."""

from __future__ import annotations

from pathlib import Path

from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read

FILES = ["block_00.xlsx", "block_01.xlsx", "head.xlsx", "prompt.xlsx"]


def damage(file: Path, name: str, value: float | str) -> str:
    """Write a value into the first cell of a named range; the name of its sheet."""
    sheet, rect = read(file).locate(name)
    patch(file, file, {sheet: {(rect.top, rect.left): value}})
    return sheet
