"""What a check found, as data, as a table and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from sheetgpt.comparison import Comparison, Group, Groups


@dataclass(frozen=True)
class First:
    """The first difference in the order of calculation: the step it is in, the cell, and what differs."""

    step: str
    cell: str
    what: str


@dataclass
class Report:
    """The comparisons of a workbook's formula cells with each witness, and what else was found."""

    path: str
    cells: int  # formula cells of the workbook
    groups: Groups
    versions: dict[str, str] = field(default_factory=dict)  # witness -> version
    comparisons: dict[str, Comparison] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)  # witness -> why it was not asked
    findings: list[str] = field(default_factory=list)  # changed weights, formulas, labels
    first: First | None = None

    @property
    def agrees(self) -> bool:
        return bool(self.comparisons) and not self.findings and all(c.agrees for c in self.comparisons.values())

    def labels(self) -> list[str]:
        """The labels of all comparisons, in the order of the sheets."""
        sheets = {label: places[0][0] for label, places in self.groups.items()}
        found = {
            group.label for comparison in self.comparisons.values() for group in comparison.groups if _counts(group)
        }
        labels = [label for label in self.groups if label in found]
        for label in sorted(found - set(labels)):  # cells of a sheet without a name come after its names
            places = [k for k, other in enumerate(labels) if sheets.get(other, other) == label]
            labels.insert(places[-1] + 1 if places else len(labels), label)
        return labels

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "file": self.path,
            "agrees": self.agrees,
            "formula_cells": self.cells,
            "findings": self.findings,
            "first_difference": self.first and asdict(self.first),
            "witnesses": {
                name: {"version": self.versions[name]} | comparison.to_dict()
                for name, comparison in self.comparisons.items()
            },
            "absent": self.absent,
        }

    def as_text(self) -> str:
        """The table by sheet and step, the witnesses, the findings, the verdict."""
        lines = [*self._steps(), "", *self._witnesses(), ""]
        lines += [f"! {finding}" for finding in self.findings]
        if self.first:
            lines.append(f"! first difference: {self.first.step}: {self.first.what}")
        lines.append(f"{self.path}: {'every witness agrees' if self.agrees else 'DIFFERENCES FOUND'}")
        return "\n".join(lines)

    def _steps(self) -> list[str]:
        by_label = {name: {group.label: group for group in c.groups} for name, c in self.comparisons.items()}
        table = [("sheet", "step", "cells", *self.comparisons, "largest at")]
        for label in self.labels():
            groups = {name: labelled[label] for name, labelled in by_label.items() if label in labelled}
            worst = max(groups.values(), key=lambda group: group.largest)
            cells = max(group.cells for group in groups.values())
            where = worst.differences[0].address if worst.differing else _address(worst)
            sheet = self.groups[label][0][0] if label in self.groups else label
            step = label if label in self.groups else "(other formulas)"
            table.append((sheet, step, f"{cells:,}", *(_verdict(groups.get(name)) for name in self.comparisons), where))
        return _aligned(table)

    def _witnesses(self) -> list[str]:
        table: list[tuple[str, ...]] = [("witness", "", "cells", "not covered", "differing", "largest difference")]
        for name, comparison in self.comparisons.items():
            largest = max((group.largest for group in comparison.groups), default=0.0)
            counts = (
                f"{comparison.cells:,} of {self.cells:,}",
                f"{comparison.not_covered:,}",
                f"{comparison.differing:,}",
            )
            table.append((name, self.versions[name], *counts, f"{largest:.1e}"))
        return _aligned(table) + [f"{name}: {why}" for name, why in self.absent.items()]


def _counts(group: Group) -> bool:
    return bool(group.cells or group.not_covered)


def _verdict(group: Group | None) -> str:
    """The largest difference of a witness in a step, or that it differs, or that it has no say there."""
    if group is None or not group.cells:
        return "-"
    return f"DIFFERS in {group.differing}" if group.differing else f"{group.largest:.1e}"


def _address(group: Group) -> str:
    return str(group.to_dict()["where"] or "")


def _aligned(table: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in table]
