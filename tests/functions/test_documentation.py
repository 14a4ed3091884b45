"""docs/functions.md lists exactly the functions there are, with their numbers of arguments."""

import re

from sheetgpt.evaluator.compile.compiler import FORMS
from sheetgpt.evaluator.compile.known import count_text, known_functions
from sheetgpt.functions import FUNCTIONS
from support.paths import ROOT

PAGE = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")

# Written as IF before anything is calculated, so they have no entry of their own.
REWRITTEN = {"IFS": "2 or more", "SWITCH": "3 or more"}


def count(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least} to {most}"


def test_the_page_lists_every_function_once_with_its_arguments() -> None:
    rows = re.findall(r"^\| ([A-Z][A-Z0-9.]*) \| ([^|]*) \|", PAGE, re.MULTILINE)
    assert len(rows) == len(dict(rows))
    plain = {name: count(function.required, function.most) for name, function in FUNCTIONS.items()}
    forms = {name: count(form.least, form.most) for name, form in FORMS.items() if name.isupper()}
    assert dict(rows) == plain | forms | REWRITTEN
    assert dict(rows) == {name: count_text(*counts) for name, counts in known_functions().items()}


def test_the_page_counts_the_functions() -> None:
    told = re.search(r"(\d+) plain ones .* and (\d+) special", PAGE.replace("\n", " "))
    assert told
    plain, forms = told.groups()
    assert int(plain) == len(FUNCTIONS)
    assert int(forms) == len(REWRITTEN) + sum(name.isupper() for name in FORMS)


def test_no_function_that_the_page_says_is_not_offered_is_offered() -> None:
    section = PAGE.split("## Not offered")[1].split("\n## ")[0]
    named = set(re.findall(r"\b[A-Z][A-Z0-9.]*[A-Z0-9]\b", section)) - {"A1"}
    assert "RAND" in named
    assert not named & {*FUNCTIONS, *FORMS, *REWRITTEN}


def test_names_and_parameters_are_well_formed() -> None:
    for name, function in FUNCTIONS.items():
        assert re.fullmatch(r"[A-Z][A-Z0-9]*(\.[A-Z0-9]+)*", name)
        assert re.fullmatch(r"[av]*(a\*|v\*|\([av]+\)\*)?", function.parameters)
        assert function.most is None or function.required <= function.most
