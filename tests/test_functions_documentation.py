"""docs/functions.md lists exactly the functions there are, with their numbers of arguments."""

import re

from conftest import ROOT

from sheetgpt.evaluator.compile.known import FORMS, count_text, known_functions
from sheetgpt.functions import FUNCTIONS

PAGE = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")


def count(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"


def test_the_page_lists_every_function_once_with_its_arguments():
    rows = re.findall(r"^\| ([A-Z][A-Z0-9.]*) \| ([^|]*) \|", PAGE, re.MULTILINE)
    assert len(rows) == len(dict(rows))
    plain = {name: count(function.minimum, function.maximum) for name, function in FUNCTIONS.items()}
    forms = {name: count(form.minimum, form.maximum) for name, form in FORMS.items()}
    assert dict(rows) == plain | forms
    assert dict(rows) == {name: count_text(*counts) for name, counts in known_functions().items()}


def test_the_page_counts_the_functions():
    plain, forms = re.search(r"(\d+) plain ones .* and (\d+) special", PAGE.replace("\n", " ")).groups()
    assert int(plain) == len(FUNCTIONS)
    assert int(forms) == len(FORMS)


def test_no_function_that_the_page_says_is_not_offered_is_offered():
    section = PAGE.split("## Not offered")[1].split("\n## ")[0]
    named = set(re.findall(r"\b[A-Z][A-Z0-9.]*[A-Z0-9]\b", section)) - {"A1"}
    assert "RAND" in named
    assert not named & {*FUNCTIONS, *FORMS}


def test_names_and_parameters_are_well_formed():
    for name, function in FUNCTIONS.items():
        assert re.fullmatch(r"[A-Z][A-Z0-9]*(\.[A-Z0-9]+)*", name)
        assert max(function.optional, function.repeats) <= len(function.parameters)
