"""The bundled model looks back as its card says: previous-token head, induction head, end of text in front."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.tokenizer import Tokenizer
from support.lenses import LIBRARY
from support.paths import MINI, TRAINING

sys.path.append(str(TRAINING))  # the scripts there import each other by name
mini_corpus = import_module("mini_corpus")
mini_documents = import_module("mini_documents")
mini_heads = import_module("mini_heads")
mini_measure = import_module("mini_measure")
mini_repeats = import_module("mini_repeats")

END = 1199
PREVIOUS, INDUCTION = (0, 0), (1, 0)


@pytest.fixture(scope="module")
def heads() -> Any:
    return mini_heads.measure(MINI)


# Scores


def test_scores_are_those_of_the_definition() -> None:
    """Cell by cell: five tokens that stand twice behind another one, and a head that looks at random."""
    weights = np.random.default_rng(0).random((11, 11))
    cells = [(6, 2), (7, 3), (8, 4), (9, 5), (10, 6)]  # row 6 is the first token again, row 1 its first place
    assert mini_heads.induction_score(weights, 5) == pytest.approx(np.mean([weights[cell] for cell in cells]))
    before = [weights[i, i - 1] for i in range(1, 11)]
    assert mini_heads.previous_score(weights) == pytest.approx(np.mean(before))
    alike = np.tril(np.ones((16, 16))) / np.arange(1, 17)[:, None]
    assert mini_heads.induction_score(alike, 8) == pytest.approx(mini_heads.chance(8))
    assert mini_heads.chance(8) == pytest.approx(0.083, abs=0.0005)


@pytest.mark.parametrize("front", [False, True])
@pytest.mark.parametrize("n", [8, 20, 31])
def test_a_head_looks_behind_the_same_token(model: Model, n: int, front: bool) -> None:
    """Of ten sequences drawn by another generator; a head that looks at all alike would have 0.08 at most."""
    random = np.random.default_rng(n)
    drawn = [random.integers(0, END, n).tolist() for _ in range(10)]
    weights = np.array([mini_heads.attention(model, [END] * front + ids + ids) for ids in drawn])
    assert mini_heads.induction_score(weights, n).mean(axis=0)[INDUCTION] > 0.5
    assert mini_heads.previous_score(weights).mean(axis=0)[PREVIOUS] > 0.9


def test_attention_in_transformers_has_the_same_scores(model: Model) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    library = transformers.GPT2LMHeadModel.from_pretrained(MINI, attn_implementation="eager").double()
    ids = mini_heads.repetitions(8, front=True)[0]
    with torch.no_grad():
        found = library(torch.tensor([ids]), output_attentions=True).attentions
    theirs = np.array([weights[0].numpy() for weights in found])  # [layers, heads, n, n]
    ours = np.nan_to_num(mini_heads.attention(model, ids))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
    cells = [(i, i - 7) for i in range(9, 17)]
    score = np.mean([theirs[1, 0, row, place] for row, place in cells])
    assert mini_heads.induction_score(ours, 8)[INDUCTION] == pytest.approx(score)


def test_names_that_come_again_are_found_where_they_stood(tokenizer: Tokenizer) -> None:
    story = mini_repeats.new_stories(1)[0]
    ids, places = mini_heads.name_places(tokenizer, story)
    assert len(places) >= 2
    for row, place in places:
        assert place < row
        assert ids[place] == ids[row + 1]  # what it copies is what comes next
        assert ids[place - 1] == ids[row]
    text = "\n".join(mini_repeats.stories()) + "\n".join(mini_corpus.documents())
    assert not any(name in text for name in story.names)


# What training is given


def test_random_documents_are_scored_where_they_repeat() -> None:
    document = mini_documents.Document([7, 8, 9, 7, 8, 9, END], 3)
    assert document.labels == [-100, -100, -100, 7, 8, 9, END]
    assert document.back == [0, 0, 0, 2, 2, 2, 0]
    text = mini_documents.Document([7, 8, END])
    assert (text.labels, text.back) == ([7, 8, END], [0, 0, 0])


def test_every_other_row_begins_with_an_end_of_text() -> None:
    made = [mini_documents.Document([i, *range(100, 170), END]) for i in range(4)]
    rows = mini_documents.rows(made)
    assert rows.shape == (4, 3, 64)
    assert rows[:, 0, :2].tolist() == [[END, 0], [1, 100], [END, 2], [3, 100]]
    assert rows[1, 1].tolist() == [1, *range(100, 163)]


def test_the_repeated_texts_come_again_as_the_card_says(card: str) -> None:
    assert mini_repeats.digest() in re.findall(r"`([0-9a-f]{64})`", card)
    assert f"{len(mini_repeats.sequences()):,} documents of 4 to 31" in card
    assert f"{len(mini_repeats.stories()):,} documents about" in card


# The card


def test_the_heads_are_those_of_the_card(heads: Any, card: str) -> None:
    assert (heads.previous_head, heads.induction_head) == (PREVIOUS, INDUCTION)
    text = " ".join(card.split())
    assert "Head 0 of block 1 is an **induction head**" in text
    assert "head 0 of block 0, a **previous-token head**" in text
    rows = re.findall(r"^\| (?:induction|the token before).*?\| ([\d.]+) \| ([\d.]+) \|", card, re.MULTILINE)
    scores = [heads.previous, *heads.induction.values(), heads.names]
    assert len(rows) == len(scores) == 8
    for (stated, next_best), score in zip(rows, scores, strict=True):
        assert float(stated) == pytest.approx(np.sort(score.flatten())[-1], abs=0.005)
        assert float(next_best) == pytest.approx(np.sort(score.flatten())[-2], abs=0.005)
    assert min(score[INDUCTION] for score in scores[1:]) > 0.5


def test_without_the_induction_head_little_is_foretold(heads: Any, card: str) -> None:
    on, off = heads.repeated["on"], heads.repeated["off"]
    assert f"{on:.0%} are the likeliest ones, with the induction head off {off:.0%}" in " ".join(card.split())
    assert on > 3 * off


def test_names_are_completed_as_the_card_says(heads: Any, card: str) -> None:
    (names, all_names), (sports, all_sports) = heads.completed["name"], heads.completed["sport"]
    text = " ".join(card.split())
    assert f"Of {all_names} made-up names that come again in a text it completes {names}" in text
    assert f"for {sports} of {all_sports} the sport" in text
    assert names / all_names > 0.8
    assert mini_heads.STORY in card
    assert f"goes on with `{heads.story}`" in card


def test_an_end_of_text_in_front_changes_no_answer(card: str) -> None:
    """All held-out pairs, and each eighth of the trained ones: the card says that none of those is wrong."""
    figures = mini_measure.measure(MINI, front=True, step=8)
    (right, count), (held_out, of) = figures.total(False), figures.total(True)
    sentence = r"in front of the prompt it is ([\d,]+) of ([\d,]+) of the trained and (\d+) of (\d+) of"
    stated = re.search(sentence, " ".join(card.split()))
    assert stated
    assert stated[1] == stated[2]
    assert right == count > 400
    assert (held_out, of) == (int(stated[3]), int(stated[4]))
    assert held_out / of >= 0.9


@pytest.mark.parametrize("front", [False, True])
def test_shown_prompts_with_and_without_an_end_of_text(model: Model, tokenizer: Tokenizer, front: bool) -> None:
    answers = {task.name: task.facts for task in mini_corpus.TASKS}
    for prompt, (task, key, _) in mini_corpus.SHOWN.items():
        assert mini_measure.completes(model, tokenizer, prompt, answers[task][key], front)
