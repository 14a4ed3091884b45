"""docs/functions.md and the README say what functions there are; docs/functions.py writes the page."""

import re
import runpy
from typing import get_args

from sheetgpt.evaluator.compile.known import FORMS, count_text, known_functions
from sheetgpt.functions import FUNCTIONS, TOPICS
from sheetgpt.functions.core.signature import ArgumentKind
from support.paths import ROOT

PAGE = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SPECS = {**FUNCTIONS, **FORMS}


def test_page_and_readme_are_as_make_docs_writes_them() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "functions.py"))
    assert script["updated"](PAGE) == PAGE, "make docs"
    assert script["recounted"](README) == README, "make docs"


def test_the_page_lists_every_function_once_with_its_arguments() -> None:
    rows = re.findall(r"^\| ([A-Z][A-Z0-9.]*) \| ([^|]*) \|", PAGE, re.MULTILINE)
    assert len(rows) == len(dict(rows))
    assert dict(rows) == {name: count_text(*counts) for name, counts in known_functions().items()}


def test_page_and_readme_count_the_functions() -> None:
    told = re.search(r"(\d+) functions: (\d+) plain ones .* and (\d+) special", PAGE.replace("\n", " "))
    assert told
    assert [int(count) for count in told.groups()] == [len(SPECS), len(FUNCTIONS), len(FORMS)]
    assert re.findall(r"(\d+) with IF", README) == [str(len(SPECS))]


def test_no_function_that_the_page_says_is_not_offered_is_offered() -> None:
    section = PAGE.split("## Not offered")[1].split("\n<!--")[0]
    named = set(re.findall(r"\b[A-Z][A-Z0-9.]*[A-Z0-9]\b", section)) - {"A1"}
    assert "PHONETIC" in named
    assert not named & {*SPECS}


def test_each_name_stands_in_one_table() -> None:
    assert len(SPECS) == len(FORMS) + sum(map(len, TOPICS.values()))


def test_names_and_specifications_are_well_formed() -> None:
    for name, spec in SPECS.items():
        assert re.fullmatch(r"[A-Z][A-Z0-9]*(\.[A-Z0-9]+)*", name)
        assert {*spec.parameters} <= {*get_args(ArgumentKind)}
        assert max(spec.optional, spec.repeats) <= len(spec.parameters)
        assert not re.search(r"[|\n]", spec.note)
    assert not {kind for spec in FUNCTIONS.values() for kind in spec.parameters} & {"branch", "cells", "reference"}


def test_kinds_of_arguments_repeat() -> None:
    assert FUNCTIONS["MATCH"].kinds(2) == ("value", "array")
    assert FUNCTIONS["SUMIFS"].kinds(5) == ("array", "array", "value", "array", "value")
    assert FORMS["CHOOSE"].kinds(4) == ("value", "branch", "branch", "branch")
