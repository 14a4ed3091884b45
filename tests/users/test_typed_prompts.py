"""The workbook as its users drive it: LibreOffice has it open, a prompt is typed into the cell, the answer is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgpt.commands.build import build
from sheetgpt.evaluator import Calculator
from sheetgpt.witnesses import libreoffice
from sheetgpt.xlsx.reader import read
from support.library import greedy
from support.paths import MINI

PROMPTS = [
    "Michael Jordan plays the sport of",
    "If today is Tuesday, tomorrow is",
    "Mike is quick. He moves",
    "The capital of France is",
    "The capital of Japan is",
    "The opposite of hot is",
    "The plural of cat is",
    "The French word for cat is",
    "The colour of grass is",
    "The number after one is",
    "If this month is May, next month is",
    "Anna is slow. She walks",
    "Serena Williams plays the sport of",
    "=1+1",
    "Hello, world!",
    "né 日本 😀",
    "  two  spaces",
    "he'll, we've, IT'S",
    "1234567890 and 3.14",
    "A",
    "\ttab",
    "<|endoftext|>",
]


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(
        "mini", tmp_path_factory.mktemp("driven") / "mini.xlsx", prompt="The sum of one and two is", context=20
    )


def test_typing_prompts_into_libreoffice(mini: Path) -> None:
    """Token ids, prediction and continuation are those of the evaluator after the same key strokes."""
    if libreoffice.available() is None:
        pytest.skip(f"needs LibreOffice: {libreoffice.how_to_install}")
    book = read(mini)
    calculator = Calculator(book)
    names = ("token.ids", "prompt.length", "next.shown", "continuation.text", "prompt.message")
    sheet, cell = book.locate("prompt.text")
    with libreoffice.Session() as session:
        session.open(mini)
        for prompt in PROMPTS:
            session.set(sheet, (cell.top, cell.left), prompt)
            calculator.set("prompt.text", prompt)
            calculator.update()
            for name in names:
                place, rect = book.locate(name)
                typed = session.read(place, rect).tolist()
                expected = [
                    [value or None if value == "" else value for value in row] for row in book.read(name).tolist()
                ]
                actual = [[value or None if value == "" else value for value in row] for row in typed]
                assert actual == expected, f"{prompt!r}: {name}"


def test_typing_prompts_continues_like_transformers(mini: Path) -> None:
    reason = "needs torch and transformers: pip install torch==2.13.0 'sheetgpt[torch]'"
    pytest.importorskip("torch", reason=reason)
    transformers = pytest.importorskip("transformers", reason=reason)
    library = transformers.GPT2LMHeadModel.from_pretrained(MINI).double().eval()
    tokenizer = transformers.GPT2TokenizerFast.from_pretrained(MINI)
    book = read(mini)
    calculator = Calculator(book)
    for prompt in PROMPTS:
        if prompt == "<|endoftext|>":
            continue  # there a special token, here text: sheetgpt has special tokens off
        calculator.set("prompt.text", prompt)
        calculator.update()
        ids = tokenizer(prompt)["input_ids"]
        assert book.read("token.ids").ravel().tolist() == greedy(library, ids, 20), prompt


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("", "empty"),
        ("x" * 65, "too long: this workbook takes 64 characters"),
        ("1234567890" * 6, "too long: this workbook takes 20 tokens"),
        ("日本語日本語" * 8, "too long: this workbook takes 96 bytes"),
    ],
)
def test_prompts_that_do_not_fit_show_a_message_and_no_answer(mini: Path, prompt: str, words: str) -> None:
    book = read(mini)
    calculator = Calculator(book)
    calculator.set("prompt.text", prompt)
    calculator.update()
    assert words in book.read("prompt.message")[0, 0]
    assert not isinstance(book.read("next.probability")[0, 0], float)
    assert book.read("continuation.text")[0, 0] == ""
