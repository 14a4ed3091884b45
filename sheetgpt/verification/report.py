"""What a check found, as data, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import Enum

from sheetgpt.book.fold import range_list
from sheetgpt.comparison.compare import Cell, Comparison, Group, Groups
from sheetgpt.comparison.grid_pair import format_value
from sheetgpt.schema.answer import switches_text
from sheetgpt.schema.exercise import Progress


class Outcome(Enum):
    """What a check comes to: every witness that was asked agrees, something differs, or there is no telling."""

    AGREE = "agree"
    DIFFER = "differ"
    NOT_COMPARED = "not compared"

    @property
    def status(self) -> int:
        """The exit status of the command: 0, 1, 2."""
        return list(Outcome).index(self)


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
    failed: dict[str, str] = field(default_factory=dict)  # witness -> why it could not compare, though asked
    absent: dict[str, str] = field(default_factory=dict)  # witness -> why it was not asked
    left_out: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # witness -> why no verdict -> ranges
    findings: list[str] = field(default_factory=list)  # changed weights, formulas, labels
    first: First | None = None
    obstacle: str = ""  # why no witness could be asked
    blanks: list[Cell] = field(default_factory=list, repr=False)  # formula cells without a value in the file
    unrepeatable: list[Cell] = field(default_factory=list, repr=False)  # that depend on the clock, chance, the machine
    unrepeatable_anyway: list[Cell] = field(default_factory=list, repr=False)  # even if clock and seed are known
    zero: bool = False  # all formula cells hold 0
    blank: int = 0  # how many cells were not compared for that reason
    prompt: str | None = None  # of a workbook of sheetgpt, and what it answers, as its cells hold them
    answer: str | None = None
    switches: dict[str, float] = field(default_factory=dict)  # those that are not 1, see `Answer`
    interventions: list[str] = field(default_factory=list)  # what else is done to the model, see `Answer`
    exercise: Progress | None = None  # how far the learner is, where the workbook is an exercise

    @property
    def outcome(self) -> Outcome:
        """Differ if anything does; agree if all witnesses that were asked could compare; else not compared."""
        if self.findings or any(comparison.differing for comparison in self.comparisons.values()):
            return Outcome.DIFFER
        return Outcome.NOT_COMPARED if self.failed or not self.comparisons else Outcome.AGREE

    @property
    def agrees(self) -> bool:
        return self.outcome is Outcome.AGREE

    @property
    def reason(self) -> str:
        """Why the outcome is "not compared", or ""."""
        if self.outcome is not Outcome.NOT_COMPARED:
            return ""
        if self.failed:
            agreeing = f"{_and(self.comparisons)} agree{'s' * (len(self.comparisons) == 1)}, but "
            return f"{agreeing if self.comparisons else ''}{_and(self.failed)} could not compare"
        return self.obstacle or "no witness was asked"

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

    def as_dict(self, steps: bool = False) -> dict[str, object]:
        """For JSON; with `steps` each witness has its groups of cells."""
        return {
            "file": self.path,
            "agrees": self.agrees,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "prompt": self.prompt,
            "answer": self.answer,
            "switches": self.switches,
            "interventions": self.interventions,
            "exercise": self.exercise and asdict(self.exercise),
            "formula_cells": self.cells,
            "no_stored_value": self.blank,
            "unrepeatable": len(self.unrepeatable),
            "findings": self.findings,
            "first_difference": self.first and asdict(self.first),
            "witnesses": {
                name: {"version": self.versions[name]} | _without_groups(comparison.to_dict(), steps)
                for name, comparison in self.comparisons.items()
            },
            "left_out": {name: reasons for name, reasons in self.left_out.items() if reasons},
            "could_not_compare": self.failed,
            "absent": self.absent,
        }

    def as_text(self, steps: bool = False) -> str:
        """Prompt and answer, a line for each witness, the findings, the verdict; before it, with `steps`, a table."""
        lines = [*self.step_lines(), ""] if steps else []
        lines += [
            *answer_lines(self.prompt, self.answer, self.switches, self.interventions, self.exercise),
            *witness_lines([self]),
        ]
        return "\n".join([*lines, *self.finding_lines(), self._verdict()])

    def finding_lines(self) -> list[str]:
        """What is wrong with the workbook, and how much of it could not be compared."""
        lines = [f"! {finding}" for finding in self.findings]
        if self.first:
            lines.append(f"! first difference: {self.first.step}: {self.first.what}")
        for witness, reasons in self.left_out.items():
            lines += [f"{witness} left out {range_list(ranges)}: {reason}" for reason, ranges in reasons.items()]
        if self.blank and not self.obstacle:
            lines.append(f"{self.blank:,} of {self.cells:,} formula cells hold no value in the file: not compared")
        if self.unrepeatable and not self.obstacle:
            what = "formula cells depend on the clock, random numbers or the machine"
            lines.append(f"{len(self.unrepeatable):,} of {self.cells:,} {what}: {self._who_compared()}")
        return lines

    def _who_compared(self) -> str:
        """What became of the cells that depend on more than cells."""
        left = len(self.unrepeatable_anyway)
        if left == len(self.unrepeatable):
            return "left out"
        return "compared by the evaluator alone" + (f", {left:,} of them by nobody" if left else "")

    def _with_values(self) -> str:
        return f"sheetgpt recalc {self.path} -o OTHER.xlsx writes a copy with values"

    def _verdict(self) -> str:
        hint = zeros = ""
        if self.obstacle and self.blank:
            hint = f"\nHint: {self._with_values()}"
        elif self.failed and self.comparisons:
            hint = "\nHint: --skip NAME leaves a witness out"
        if self.zero and self.outcome is Outcome.DIFFER:
            what = "every formula cell holds 0, as libraries write them that calculate nothing"
            zeros = f"\nHint: {what}: {self._with_values()}"
        partly = self.blank or self.unrepeatable or any(self.left_out.values())
        agree = "every witness agrees" + (" where it could compare" if partly else "")
        told = verdict(self.outcome, agree, self.reason + hint, bool(self.comparisons))
        return f"{self.path}: {told}{zeros}"

    def step_lines(self) -> list[str]:
        """The table by sheet and step."""
        by_label = {name: {group.label: group for group in c.groups} for name, c in self.comparisons.items()}
        table = [("sheet", "step", "cells", *self.comparisons, "largest at")]
        for label in self.labels():
            groups = {name: labelled[label] for name, labelled in by_label.items() if label in labelled}
            worst = max(groups.values(), key=lambda group: group.largest)
            cells = max(group.cells for group in groups.values())
            where = worst.differences[0].address if worst.differing else _address(worst)
            sheet = self.groups[label][0][0] if label in self.groups else label
            step = label if label in self.groups else "(other formulas)"
            table.append(
                (sheet, step, f"{cells:,}", *(_largest_text(groups.get(name)) for name in self.comparisons), where)
            )
        return _align(table)


def answer_lines(
    prompt: str | None,
    answer: str | None,
    switches: Mapping[str, float] = {},
    interventions: Sequence[str] = (),
    exercise: Progress | None = None,
) -> list[str]:
    """The prompt and the answer of a workbook of sheetgpt, what is done to its model, the exercise; a blank line."""
    if prompt is None:
        return []
    off = [f"switches  {switches_text(switches)}: not the whole model"] if switches else []
    told = [f"changed  {message}" for message in interventions]
    task = [f"exercise  {exercise}: what the learner wrote is no difference"] if exercise else []
    return [f"prompt  {format_value(prompt)}", f"answer  {format_value(answer or '')}", *off, *told, *task, ""]


def witness_lines(reports: Sequence[Report], files: Sequence[str] = ()) -> list[str]:
    """A line for each witness, over all reports, and a blank line; `files` name the reports where there are several."""
    table: list[tuple[str, ...]] = [("witness", "", "cells", "not covered", "differing", "largest difference")]
    cells = sum(report.cells for report in reports)
    for name in dict.fromkeys(name for report in reports for name in report.comparisons):
        found = [report.comparisons[name] for report in reports if name in report.comparisons]
        version = next(report.versions[name] for report in reports if name in report.versions)
        counts = (
            f"{sum(comparison.cells for comparison in found):,} of {cells:,}",
            f"{sum(comparison.not_covered for comparison in found):,}",
            f"{sum(comparison.differing for comparison in found):,}",
        )
        table.append((name, version, *counts, f"{max(comparison.largest for comparison in found):.1e}"))
    lines = _align(table) if len(table) > 1 else []
    for name in dict.fromkeys(name for report in reports for name in report.failed):
        why = [(k, report.failed[name]) for k, report in enumerate(reports) if name in report.failed]
        where = f"{files[why[0][0]]}: " if files else ""
        more = f" (and {len(why) - 1} more files)" if len(why) > 1 else ""
        lines.append(f"{name}: could not compare: {where}{why[0][1]}{more}")
    absent = {name: why for report in reports for name, why in report.absent.items()}
    lines += [f"{name}: not asked: {why}" for name, why in absent.items()]
    return [*lines, ""] if lines else []


def verdict(outcome: Outcome, agreed: str, reason: str, partly: bool) -> str:
    """The last line of a report: `agreed` for the best outcome; a `reason` if not, or `partly`, compared."""
    return {
        Outcome.AGREE: agreed,
        Outcome.DIFFER: "DIFFERENCES FOUND",
        Outcome.NOT_COMPARED: f"{'NOT FULLY COMPARED' if partly else 'COULD NOT BE COMPARED'}: {reason}",
    }[outcome]


def _and(names: Iterable[str]) -> str:
    """Witnesses in a sentence: "the evaluator, LibreOffice and IronCalc"."""
    *first, last = map(the, names)
    return f"{', '.join(first)} and {last}" if first else last


def the(name: str) -> str:
    """A witness in a sentence: "the evaluator", "IronCalc"."""
    return f"the {name}" if name.islower() else name


def _without_groups(entries: dict[str, object], steps: bool) -> dict[str, object]:
    return entries if steps else {key: entry for key, entry in entries.items() if key != "groups"}


def _counts(group: Group) -> bool:
    return bool(group.cells or group.not_covered)


def _largest_text(group: Group | None) -> str:
    """The largest difference of a witness in a step, or that it differs, or that it has no say there."""
    if group is None or not group.cells:
        return "-"
    return f"DIFFERS in {group.differing}" if group.differing else f"{group.largest:.1e}"


def _address(group: Group) -> str:
    return str(group.to_dict()["where"] or "")


def _align(table: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in table]
