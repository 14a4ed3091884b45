"""What a lab refuses, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

import sheetgpt
from sheetgpt.book.book import Book
from sheetgpt.errors import UsageError, WorkbookError


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda lab: lab.token("of the"), r"'of the' is not one token: it is made of \d: 'of' \+ ' the'"),
        (lambda lab: lab.token(""), "it is empty"),
        (lambda lab: lab.token(-1), "there is no token -1"),
        (lambda lab: lab.token(99_999), "there is no token 99999"),
        (lambda lab: lab.off(), "no part is named"),
        (lambda lab: lab.off(head=(1, 3)), "there is no part 'h.1.head.3'"),
        (lambda lab: lab.off(head=(1, 2, 0)), "a head is \\(block, head\\)"),
        (lambda lab: lab.off(head=(1, 0.5)), "are whole numbers"),
        (lambda lab: lab.off(head=[(1, 0), 2]), "are whole numbers"),
        (lambda lab: lab.off(mlp=True), "are whole numbers"),
        (lambda lab: lab.off(mlp=-1), "there is no part 'h.-1.mlp'"),
        (lambda lab: lab.off("attention"), "there is no part 'attention'"),
        (lambda lab: lab.scale(mlp=0, by=float("inf")), "no number that a cell can hold"),
        (lambda lab: lab.attention(2, 0), "there is no block 2"),
        (lambda lab: lab.attention(0, 3), "there is no head 3"),
        (lambda lab: lab.top(position=0), "there is no position 0"),
        (lambda lab: lab.top(position=11), "positions are 1 to 10"),
        (lambda lab: lab.ablation("heads"), "there is no kind of part 'heads'"),
        (lambda lab: lab.ablation("head", 9, "odds"), "there is no measure 'odds'"),
        (lambda lab: lab.steer(0, [1.0]), "has no Steering.*\n.*--lens steering"),
        (lambda lab: lab.endoftext(), "has no Endoftext"),
        (lambda lab: lab.positions("off"), "has no Positions"),
        (lambda lab: setattr(lab, "prompt", ""), "the prompt is empty"),
    ],
)
def test_what_cannot_be_is_refused(lab: sheetgpt.Lab, ask: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ask(lab)  # type: ignore[operator]


def test_a_workbook_without_switches_can_be_looked_into(plain_workbook: Path, workbook: Path) -> None:
    plain, other = sheetgpt.Lab(plain_workbook), sheetgpt.Lab(workbook)
    assert plain.attribution(9).values == pytest.approx(other.attribution(9).values, abs=1e-12)
    with pytest.raises(UsageError, match=r"has no Switches.*\n.*build it with --lens switches"):
        plain.off(mlp=0)


def test_other_workbooks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="holds no GPT-2"):
        sheetgpt.Lab(Book())
    with pytest.raises(WorkbookError, match="there is no file"):
        sheetgpt.Lab(tmp_path / "none.xlsx")
