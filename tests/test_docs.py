"""The pages for those who change something speak of what is there: paths, names, steps, numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sheetgpt import Calculator, build, read
from sheetgpt.formula import cut
from sheetgpt.gpt2.activations import STEPS, step
from support.paths import ROOT

PACKAGE = ROOT / "sheetgpt"
PAGES = ["docs/architecture.md", "CONTRIBUTING.md"]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))

# Made by a command, and not kept.
MADE = {"docs/api/", "docs/sheets/", "workbooks/mini.xlsx"}


def quoted(page: str) -> list[str]:
    """What stands between backticks, outside of blocks."""
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.findall(r"`([^`\n]+)`", text)


def is_path(word: str) -> bool:
    """Whether a word looks like a file or a folder of the project."""
    return re.fullmatch(r"[\w./-]+", word) is not None and (
        "/" in word or re.search(r"\.(py|md|toml|yaml|csv)$", word) is not None
    )


def test_paths_can_be_told_from_other_words() -> None:
    assert all(map(is_path, ["gpt2/config.py", "gpt2/", "CONTRIBUTING.md", ".ci/run", "../shared/gpt2"]))
    assert not any(map(is_path, ["h.0.step_04.c_attn", "A1:B2", "{=...}", "make test", "--context", "Sheet1!B7"]))


@pytest.mark.parametrize("page", PAGES)
def test_every_path_is_there(page: str) -> None:
    paths = [word for word in quoted(page) if is_path(word) and word not in MADE and not word.startswith("../shared")]
    assert len(paths) >= 10
    assert [word for word in paths if not (ROOT / word).exists() and not (PACKAGE / word).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_class_is_there(page: str) -> None:
    names = [word for word in quoted(page) if re.fullmatch(r"[A-Z][a-z]+[A-Za-z]*", word)]
    assert [name for name in names if not re.search(rf"^(class )?{name}\b(\(|:| =)", SOURCE, re.MULTILINE)] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        assert ((ROOT / page).parent / target).exists(), target


def test_every_package_has_its_question() -> None:
    listed = re.findall(r"^\| `(\w+)/` \|", ARCHITECTURE, re.MULTILINE)
    assert sorted(listed) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def test_every_make_target_is_explained_once_in_each_place() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert sorted(targets) == sorted(re.findall(r"^\| `make ([\w-]+)` \|", page, re.MULTILINE))
    assert targets - {"lint"} == set(re.findall(r"^# make ([\w-]+) ", makefile, re.MULTILINE))


def test_the_steps_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| (`[^|]+) \| [^|]*\|$", ARCHITECTURE, re.MULTILINE)
    assert {int(number): name for number, name, _ in rows} == {number: name for number, (name, _) in STEPS.items()}
    expected = {number: [step("h.0", number)] for number in STEPS}
    expected[5] = [f"h.0.step_05.{part}" for part in "qkv"]
    expected |= {number: [step("h.0", number, 0)] for number in (6, 7)}
    assert {int(number): re.findall(r"`([^`]+)`", names) for number, _, names in rows} == expected


def test_the_deflate_table_is_that_of_the_benchmarks() -> None:
    section = ARCHITECTURE.split("| deflate | cells/s |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| ([^|]*\w) \| ([\d,]+) \| ([\d.]+) \|$", section, re.MULTILINE)
    assert len(rows) >= 5
    measured = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    for name, rate, size in rows:
        assert re.search(rf"^{re.escape(name)} +{rate} +{re.escape(size)}$", measured, re.MULTILINE), name


@pytest.mark.long
def test_the_example_is_what_the_evaluator_does(tmp_path: Path) -> None:
    """Every number of the page's example, from the bundled model's workbook."""
    book = read(build("mini", tmp_path / "mini.xlsx", lenses="none"))
    calculator = Calculator(book, calculated=True)
    graph, workbook = calculator.graph, calculator.workbook
    said = ARCHITECTURE.split("## How the evaluator works")[1].split("\n## ")[0].replace("\n", " ")

    skeletons = {cut(formula.text).skeleton for formula in workbook.formulas}
    assert f"{len(workbook.formulas):,} formulas, but only {len(skeletons)} skeletons" in re.sub(" +", " ", said)

    sheet, rect = book.locate("h.0.step_04.c_attn")
    formulas = workbook.fillers(workbook.sheets.index(sheet), rect)
    for formula in formulas[:2]:
        assert f"{workbook.where(formula)}    {workbook.shown(formula)}" in ARCHITECTURE
    assert f"`{cut(workbook.formulas[formulas[0]].text).skeleton}`" in said
    shapes = [(area.rows, area.columns) for area in map(graph.area, graph.areas_of[formulas[0]])]
    assert shapes == [(1, 64), (64, 192), (1, 192)]
    plans = [plan.number for plan in graph.plan_of]
    assert f"{plans.count(plans[formulas[0]])} formulas use this plan" in said
    group = [formula for formula, number in enumerate(graph.group_of) if number == graph.group_of[formulas[0]]]
    assert group == formulas
    assert f"These {len(group)} formulas are one group" in said

    calculator.set("h.3.mlp.c_proj.bias", 0.0)
    assert "some 3,000 of the 25,407" in said
    assert 2900 < calculator.update() < 3200
