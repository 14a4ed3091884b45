"""`sheetgpt score`: cross-entropy, choices and last words, against the transformers library."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.address import at
from sheetgpt.commands.build import build
from sheetgpt.commands.recalc import recalc
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.lab.score import windows
from sheetgpt.lab.stop_words import STOP_WORDS
from sheetgpt.lab.texts import read_texts
from sheetgpt.xlsx.reader import read
from support import hooks
from support.command_line import assert_refused, call
from support.lenses import LIBRARY
from support.paths import MINI

SHORT, LONG = "The capital of France", "If today is Tuesday, tomorrow is Wednesday. The capital of France is Paris."
CHOICES = {"context": "plays the sport of bas", "choices": [" is Paris", " is", "ketball"], "answer": 2}


@pytest.fixture(scope="module")
def tokenizer(checkpoint: Path) -> Tokenizer:
    found = load_checkpoint(checkpoint).tokenizer
    assert found is not None
    return found


def log_softmax(library: object, ids: list[int]) -> np.ndarray:
    return np.asarray(np.log(hooks.softmax(hooks.logits(library, ids))))


def scored(workbook: Path, file: Path, *options: object) -> dict:
    result = call("score", workbook, file, "--json", *options)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_a_text_has_the_cross_entropy_of_transformers(
    workbook: Path, checkpoint: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    pytest.importorskip("torch", reason=LIBRARY)
    (tmp_path / "a.txt").write_text(f"{SHORT}\n\nMike is\r\n", encoding="utf-8")
    found = scored(workbook, tmp_path / "a.txt")
    library = hooks.load(checkpoint)
    losses, count, characters = 0.0, 0, 0
    for item, line, text in zip(found["items"], (1, 3), (SHORT, "Mike is"), strict=True):
        ids = tokenizer.encode(text)
        likely = log_softmax(library, ids)  # its own loss is float32
        mean = -float(np.mean([likely[t, token] for t, token in enumerate(ids[1:])]))
        predicted, behind = len(ids) - 1, len(text) - len(tokenizer.decode(ids[:1]))
        assert (item["line"], item["text"], item["predicted"], item["characters"]) == (line, text, predicted, behind)
        assert item["cross_entropy"] == pytest.approx(mean, rel=1e-9)
        assert item["perplexity"] == pytest.approx(np.exp(mean), rel=1e-9)
        assert item["bits_per_character"] == pytest.approx(mean * predicted / np.log(2) / behind, rel=1e-9)
        losses, count, characters = losses + mean * predicted, count + predicted, characters + behind
    summary = found["summary"]
    assert (summary["texts"], summary["predicted"]) == (2, count)
    assert summary["perplexity"] == pytest.approx(np.exp(losses / count), rel=1e-9)
    assert summary["bits_per_character"] == pytest.approx(losses / np.log(2) / characters, rel=1e-9)


def test_a_long_text_is_scored_in_windows_that_overlap_by_half(
    workbook: Path, checkpoint: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    pytest.importorskip("torch", reason=LIBRARY)
    (tmp_path / "a.txt").write_text(LONG, encoding="utf-8")
    (item,) = scored(workbook, tmp_path / "a.txt")["items"]
    ids, library = tokenizer.encode(LONG), hooks.load(checkpoint)
    assert len(ids) > 16
    total = done = 0.0
    for start in [*range(0, len(ids) - 10, 5), len(ids) - 10]:
        likely = log_softmax(library, ids[start : start + 10])
        first = max(int(done), start + 1)
        total -= sum(likely[t - start - 1, ids[t]] for t in range(first, start + 10))
        done = start + 10
    assert item["loss"] == pytest.approx(total, rel=1e-9)
    assert item["predicted"] == len(ids) - 1


@pytest.mark.parametrize("rows", [2, 3, 10, 16])
@pytest.mark.parametrize("count", [2, 3, 9, 10, 11, 15, 16, 17, 40])
def test_windows_score_every_token_once_from_half_a_window_at_least(count: int, rows: int) -> None:
    ids = tuple(range(count))
    seen: list[int] = []
    for window, first in windows(ids, rows):
        assert len(window) <= rows
        assert window == tuple(range(window[0], window[0] + len(window)))
        assert window[first] == 1 or first >= rows // 2
        seen += window[first:]
    assert seen == list(range(1, count))


def test_choices_are_joint_probabilities(
    workbook: Path, checkpoint: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    """Context and choice are cut apart: " basketball" would be another token than " bas" and "ketball"."""
    pytest.importorskip("torch", reason=LIBRARY)
    lines = [CHOICES, {"text": SHORT}, {**CHOICES, "answer": None, "choices": [" of"]}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    found = scored(workbook, tmp_path / "a.jsonl")
    library = hooks.load(checkpoint)
    context = tokenizer.encode(str(CHOICES["context"]))
    expected = []
    for choice in CHOICES["choices"]:  # type: ignore[attr-defined]
        ids = tokenizer.encode(choice)
        likely = log_softmax(library, context + ids)
        expected.append(sum(likely[len(context) + k - 1, token] for k, token in enumerate(ids)))
    first, text, last = found["items"]
    assert tokenizer.encode("plays the sport of basketball") != context + tokenizer.encode("ketball")
    assert first["log_probabilities"] == pytest.approx(expected, rel=1e-9)
    assert first["choice"] == int(np.argmax(expected))
    assert first["right"] == (first["choice"] == 2)
    assert (text["text"], last["choice"]) == (SHORT, 0)
    assert "right" not in last
    assert found["summary"]["choices"] == 2
    assert found["summary"]["choices_accuracy"] == float(first["right"])


def test_last_words(tmp_path: Path) -> None:
    """Of the bundled model, whose likeliest words are words: the likeliest one, the likeliest that is no stop word."""
    pytest.importorskip("torch", reason=LIBRARY)
    library, tokenizer = hooks.load(MINI), Tokenizer.from_folder(MINI)
    words = {token: tokenizer.decode([token]) for token in range(len(tokenizer))}
    stops = [token for token, text in words.items() if text[:1] == " " and text[1:].lower() in STOP_WORDS]
    assert {" the", " of", " He"} <= {words[token] for token in stops}
    texts, expected = [], []
    contexts = ["The capital of France", "Michael Jordan plays", "Michael Jordan plays the sport of", "The plural of"]
    for context in [*contexts, "The opposite of hot", "If today is Tuesday, tomorrow", "The capital of"]:
        row = hooks.logits(library, tokenizer.encode(context))[-1].copy()
        plain = int(row.argmax())
        row[stops] = -np.inf
        filtered = int(row.argmax())
        for token in sorted({plain, filtered}):
            if words[token][:1] == " " and words[token][1:].isalpha():  # a word, as the text's last one is
                texts.append(context + words[token])
                expected.append((token == plain, token == filtered))
    texts.append("The capital zebra")  # a word of several tokens
    expected.append((False, False))
    assert {(True, False), (False, True), (True, True)} <= set(expected)
    book = build("mini", tmp_path / "mini.xlsx")
    (tmp_path / "a.txt").write_text(".\n".join(texts))
    found = scored(book, tmp_path / "a.txt", "--last-word")
    assert [(item["right"], item["right_filtered"]) for item in found["items"]] == expected
    for k, name in enumerate(("last_word_accuracy", "last_word_accuracy_filtered")):
        assert found["summary"][name] == pytest.approx(np.mean([pair[k] for pair in expected]))


def test_last_words_are_cut_off(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text('He said: "It isn\'t a well-known one."\nGo  home\n')
    assert [(item.context, item.word) for item in read_texts(tmp_path / "a.txt", last_word=True)] == [
        ("He said: \"It isn't a well-known", " one"),
        ("Go", " home"),
    ]


def test_processes_give_the_same_numbers(workbook: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, [CHOICES, {"text": LONG}, {"text": SHORT}])))
    assert scored(workbook, tmp_path / "a.jsonl", "--jobs", 2) == scored(workbook, tmp_path / "a.jsonl")


def test_the_text_for_people(workbook: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, [CHOICES, {"text": LONG}])))
    said = call("score", workbook, tmp_path / "a.jsonl").stdout
    assert "1 texts, " in said
    assert "1 choices: " in said
    assert "bits per character" in said
    (tmp_path / "b.txt").write_text("The capital zebra")
    assert (
        "1 last words: 0.0% right, 0.0% without stop words"
        in call("score", workbook, tmp_path / "b.txt", "--last-word").stdout
    )


def test_switches_that_are_off_are_told(workbook: Path, tmp_path: Path) -> None:
    sheet, cells = read(workbook).locate("switch.typed_heads")
    recalc(workbook, tmp_path / "off.xlsx", set={f"{sheet}!{at(cells.top, cells.left)}": 0.0})
    (tmp_path / "a.txt").write_text(SHORT)
    assert scored(tmp_path / "off.xlsx", tmp_path / "a.txt")["switches"] == {"h.0.head.0": 0.0}
    assert "not the whole model" in call("score", tmp_path / "off.xlsx", tmp_path / "a.txt").stdout


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", "", "there are no texts"),
        ("a.txt", "The cat\n,\n", "line 2 is one token"),
        ("a.txt", '{"text": "a b"}\n', "looks like JSON lines"),
        ("a.jsonl", "{\n", "line 1 is no JSON"),
        ("a.jsonl", "[1]\n", "line 1 is not what can be scored"),
        ("a.jsonl", '{"text": 1}\n', "line 1 is not what can be scored"),
        ("a.jsonl", '{"text": "a b", "contxt": "c"}\n', "line 1 is not what can be scored"),
        ("a.jsonl", '{"context": "a", "choices": []}\n', "line 1 is not what can be scored"),
        ("a.jsonl", '{"context": "a", "choices": [1]}\n', "choices must be texts"),
        ("a.jsonl", '{"context": "a", "choices": [""]}\n', "line 1: a choice is empty"),
        ("a.jsonl", '{"context": "", "choices": ["a"]}\n', "line 1: the context is empty"),
        ("a.jsonl", '{"context": "a", "choices": ["b"], "answer": 1}\n', '"answer" is 1'),
        (
            "a.jsonl",
            json.dumps({"context": LONG, "choices": [" a"]}),
            r"line 1 needs \d+ tokens, and the workbook has 10",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused(workbook: Path, tmp_path: Path, name: str, content: str, words: str) -> None:
    (tmp_path / name).write_text(content)
    assert_refused(call("score", workbook, tmp_path / name), words)


def test_last_words_that_cannot_be_are_refused(workbook: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One\n")
    assert_refused(call("score", workbook, tmp_path / "a.txt", "--last-word"), "line 1 has no last word")
    (tmp_path / "a.txt").write_text(LONG)
    assert_refused(call("score", workbook, tmp_path / "a.txt", "--last-word"), r"build with --context \d+ or more")
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe")
    assert_refused(call("score", workbook, tmp_path / "a.txt"), "no text in UTF-8")
    assert_refused(call("score", workbook, tmp_path / "none.txt"), "cannot be read")
    with pytest.raises(UsageError, match="predicts nothing"):
        list(windows((1, 2), 1))
