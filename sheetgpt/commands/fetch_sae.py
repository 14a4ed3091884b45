"""A row of a published sparse autoencoder in a workbook: `sheetgpt fetch-sae --into` as a library call."""

from __future__ import annotations

from pathlib import Path

from sheetgpt.commands.calculation import calculate, values_of
from sheetgpt.errors import UsageError
from sheetgpt.hub.sparse_autoencoder import Feature
from sheetgpt.schema.answer import Answer, answer_of
from sheetgpt.schema.steering import steering_cells
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read


def steer_by_feature(
    path: Path | str,
    output: Path | str,
    feature: Feature,
    block: int | None = None,
    strength: float | None = None,
    cached: bool = True,
) -> Answer:
    """Write a copy of a workbook with a feature's direction on the sheet Steering; returns what it answers then.

    Without `block` it is the one before which the autoencoder's place lies. Raises UsageError where that is none, for a
    workbook without the sheet, and for a feature of another width; else what `run` raises.
    """
    block = feature.block if block is None else block
    if block is None:
        raise UsageError(f"{feature.hook} is no place before a block", "say before which block with --block")
    book = read(path, cached)
    note = f"{feature.release}, {feature.hook}, feature {feature.number}"
    edits = steering_cells(book, feature.direction, block, strength, note)
    calculate(book, edits)
    patch(path, output, values_of(book, edits))
    return answer_of(book)
