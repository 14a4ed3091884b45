"""The bundled model is what its card says: text, split, tokenizer, figures, and the same in transformers."""

import json
import re
import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.tokenizer import Tokenizer
from support.paths import MINI, TESTS, TRAINING

FROZEN = TESTS / "frozen" / "mini_transformers.json"

sys.path.append(str(TRAINING))  # the scripts there import each other by name
mini_corpus = import_module("mini_corpus")
mini_measure = import_module("mini_measure")
mini_tokenizer = import_module("mini_tokenizer")

HOW_TO = "needs torch and transformers: pip install sheetgpt[torch]"

# float64 all the way on both sides: sums of at most 256 products of size 10 or so, in another order,
# differ by some 1e-13; an error of float32 would show as 1e-5.
TOLERANCE = 1e-9

NASTY = [
    "",
    " ",
    "   three  spaces ",
    "don't I'll we've",
    "\n\n\ttab\r\n",
    "123 4567",
    "naïve été Ångström",
    "日本語 한국어",
    "👩‍👩‍👧 🙂",
    "\u0000\u200b\ufeff",
    "Michael Jordan",
    "!!?.,;",
    "e\u0301",
    "x" * 200,
]


@pytest.fixture(scope="module")
def figures() -> Any:
    return mini_measure.measure(MINI)


@pytest.fixture(scope="module")
def frozen() -> list[dict]:
    return list(json.loads(FROZEN.read_text(encoding="utf-8")))


def number(pattern: str, card: str) -> float:
    """The first group of the pattern in the card's text, line breaks read as spaces."""
    match = re.search(pattern, " ".join(card.split()))
    assert match, f"the card does not say {pattern}"
    return float(match[1].replace(",", ""))


# The text and its split


def test_the_text_comes_again_as_the_card_says(card: str) -> None:
    documents = mini_corpus.documents()
    assert re.findall(r"`([0-9a-f]{64})`", card)[0] == mini_corpus.digest()
    assert number(r"([\d,]+) documents", card) == len(documents)
    assert number(r"([\d,]+) characters", card) == sum(map(len, documents))


def test_no_prompt_has_two_answers() -> None:
    answers = defaultdict(set)
    for held_out in (False, True):
        for example in mini_corpus.examples(held_out):
            answers[example.prompt].add(example.answer)
    assert {prompt for prompt, known in answers.items() if len(known) > 1} == set()


def test_no_held_out_text_occurs_in_the_training_text() -> None:
    text = "\n".join(mini_corpus.documents())
    assert [e.prompt for e in mini_corpus.examples(held_out=True) if e.prompt in text] == []
    shown = next(iter(mini_corpus.SHOWN))
    assert shown in text  # the search does find what is there


def test_no_held_out_pair_occurs_with_any_name_or_verb() -> None:
    lines = set("\n".join(mini_corpus.documents()).split("\n"))
    facts = mini_corpus.facts
    seen = 0
    for task, key, phrasing in mini_corpus.held_out_pairs():
        if "{name}" not in phrasing:
            continue
        for he, names in (("he", facts.MEN), ("she", facts.WOMEN)):
            for name in names:
                for verb in facts.VERBS:
                    prompt = phrasing.format(key=key, name=name, he=he, He=he.capitalize(), verb=verb)
                    assert f"{prompt} {facts.ADVERBS[key]}." not in lines
                    seen += 1
        assert task == "adverb"
    assert seen > 0


def test_held_out_facts_and_phrasings_are_trained_apart(card: str) -> None:
    trained = {(e.task, e.key, e.phrasing) for e in mini_corpus.examples(held_out=False)}
    held_out = mini_corpus.held_out_pairs()
    assert not trained & held_out
    for task, key, phrasing in held_out:
        assert sum((task, key) == pair[:2] for pair in trained) >= 4  # the fact, in other phrasings
        assert any((task, phrasing) == (pair[0], pair[2]) for pair in trained)  # the phrasing, of other facts
    facts = sum(len(task.facts) for task in mini_corpus.TASKS)
    share = len({pair[:2] for pair in held_out}) / facts
    assert share >= 0.15
    assert number(r"For [\d,]+ of the ([\d,]+) facts", card) == facts
    assert number(r"For ([\d,]+) of the", card) == round(share * facts)


def test_there_are_many_facts() -> None:
    sizes = {task.name: len(task.facts) for task in mini_corpus.TASKS}
    assert sizes["sport"] >= 60
    assert len(set(mini_corpus.facts.SPORTS.values())) >= 5
    assert min(len(task.phrasings) for task in mini_corpus.TASKS) >= 4


# What the model can do


def test_the_figures_are_those_of_the_card(figures: Any, card: str) -> None:
    table = list(figures.table())
    assert len(table) == 2 * (len(mini_corpus.TASKS) + 1)  # trained and held out; of all tasks together at the end
    for task, held_out, right, count in table:
        name = r"\*\*all\*\*" if task == "all" else task
        row = re.search(rf"^\| {name} \| ([\d,]+) of ([\d,]+).*?\| ([\d,]+) of ([\d,]+)", card, re.MULTILINE)
        assert row, f"the card has no figures for {task}"
        stated = [int(cell.replace(",", "")) for cell in row.groups()]
        assert stated[2:] == [right, count] if held_out else stated[:2] == [right, count], f"{task}: {figures.wrong}"


def test_the_model_completes_what_it_was_trained_on_and_what_was_held_out(figures: Any) -> None:
    for held_out, least in ((False, 0.98), (True, 0.90)):
        right, count = figures.total(held_out)
        assert right / count >= least, figures.wrong


def test_a_wrong_answer_is_not_completed(model: Model, tokenizer: Tokenizer) -> None:
    prompt = "Michael Jordan plays the sport of"
    assert mini_measure.completes(model, tokenizer, prompt, "basketball")
    assert not mini_measure.completes(model, tokenizer, prompt, "golf")
    assert not mini_measure.completes(model, tokenizer, prompt, "basketball golf")


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Michael Jordan plays the sport of", " basketball"),
        ("If today is Tuesday, tomorrow is", " Wednesday"),
        ("Mike is quick. He moves", " quickly"),
        ("Anna is slow. She walks", " slowly"),
    ],
)
def test_the_shown_prompts_are_short_and_go_on_sensibly(
    model: Model, tokenizer: Tokenizer, prompt: str, answer: str
) -> None:
    ids = tokenizer.encode(prompt)
    tokens = forward.generate(model.config, model.tensors, ids, len(ids) + 3)
    assert len(ids) <= 14  # so that a sheet of 16 rows shows the prompt and what follows
    assert len(tokenizer.encode(answer)) == 1
    assert tokenizer.decode(tokens[len(ids) :]) == answer + ".\n"


def test_the_adverb_is_a_rule_for_every_name_and_verb(model: Model, tokenizer: Tokenizer) -> None:
    """Of 200 combinations drawn apart from the text, at least 98 in 100 are right: no memorised lines."""
    random = mini_corpus.Random(5)
    task = next(task for task in mini_corpus.TASKS if task.name == "adverb")
    phrasing = task.phrasings[0]
    keys = [key for key, trained in mini_corpus.pairs(task, held_out=False) if trained == phrasing]
    drawn = [mini_corpus.example(task, mini_corpus.pick(random, keys), phrasing, random) for _ in range(200)]
    lines = set("\n".join(mini_corpus.documents()).split("\n"))
    new = [example for example in drawn if example.sentence not in lines]
    right = [mini_measure.completes(model, tokenizer, example.prompt, example.answer) for example in new]
    assert len(new) >= 50
    assert np.mean(right) >= 0.98


# The files


def test_the_folder_is_small_and_a_plain_gpt2(model: Model, card: str) -> None:
    config = json.loads((MINI / "config.json").read_text(encoding="utf-8"))
    assert (config["activation_function"], config["layer_norm_epsilon"]) == ("gelu_new", 1e-5)
    assert config["bos_token_id"] == config["eos_token_id"] == model.config.vocab_size - 1
    assert "transformers_version" not in config
    assert number(r"GPT-2 of ([\d,]+) parameters", card) == model.config.parameters
    assert sum(tensor.size for tensor in model.tensors.values()) == model.config.parameters <= 1_000_000
    size = (MINI / "model.safetensors").stat().st_size
    assert size < 5_000_000
    assert number(r"([\d.]+) MB in float32", card) == round(size / 1e6, 1)
    assert card.startswith("---\nlicense: mit\n")


def test_the_tensors_are_float32_named_as_save_pretrained_does(model: Model) -> None:
    header = (MINI / "model.safetensors").read_bytes()
    entries = json.loads(header[8 : 8 + int.from_bytes(header[:8], "little")])
    assert entries.pop("__metadata__") == {"format": "pt"}
    assert {entry["dtype"] for entry in entries.values()} == {"F32"}
    assert set(entries) == {f"transformer.{name}" for name in model.config.tensors()}


def test_the_tokenizer_comes_again(tmp_path: Path) -> None:
    mini_tokenizer.save(mini_tokenizer.train(), tmp_path)
    for file in ("vocab.json", "merges.txt"):
        assert (tmp_path / file).read_bytes() == (MINI / file).read_bytes()


def test_every_byte_and_every_answer_survives_the_tokenizer(tokenizer: Tokenizer, card: str) -> None:
    assert len(tokenizer) == mini_tokenizer.VOCABULARY
    assert tokenizer.tokens[mini_tokenizer.END_ID] == mini_tokenizer.END
    for text in [*NASTY, *mini_corpus.answers()]:
        assert tokenizer.decode(tokenizer.encode(text)) == text
    single = sum(len(tokenizer.encode(f" {answer}")) == 1 for answer in mini_corpus.answers())
    assert number(r"\(([\d,]+) of the [\d,]+ different answers", card) == single


# The transformers library


def test_the_reference_equals_what_transformers_calculated(model: Model, frozen: list[dict]) -> None:
    assert len(frozen) >= 6
    for output in frozen:
        last = forward.logits(model.config, model.tensors, output["ids"])[-1]
        np.testing.assert_allclose(last, output["logits"], rtol=0, atol=TOLERANCE)
        length = len(output["ids"]) + len(output["greedy"])
        tokens = forward.generate(model.config, model.tensors, output["ids"], length)
        assert tokens[len(output["ids"]) :] == output["greedy"]


def test_the_frozen_ids_are_those_of_our_tokenizer(tokenizer: Tokenizer, frozen: list[dict]) -> None:
    assert mini_tokenizer.END in [output["prompt"] for output in frozen]
    for output in frozen:
        end = output["prompt"] == mini_tokenizer.END  # the token there, not the characters
        assert output["ids"] == ([mini_tokenizer.END_ID] if end else tokenizer.encode(output["prompt"]))


def test_transformers_still_calculates_what_is_frozen(frozen: list[dict]) -> None:
    pytest.importorskip("torch", reason=HOW_TO)
    pytest.importorskip("transformers", reason=HOW_TO)
    live = import_module("freeze_mini").outputs(MINI)
    assert len(live) == len(frozen)
    for now, then in zip(live, frozen, strict=True):
        assert {k: now[k] for k in ("prompt", "ids", "greedy")} == {k: then[k] for k in ("prompt", "ids", "greedy")}
        np.testing.assert_allclose(now["logits"], then["logits"], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", ["GPT2Tokenizer", "GPT2TokenizerFast", "AutoTokenizer"])
def test_the_tokenizer_of_transformers_agrees(tokenizer: Tokenizer, name: str) -> None:
    transformers = pytest.importorskip("transformers", reason=HOW_TO)
    theirs = getattr(transformers, name).from_pretrained(MINI)
    assert theirs.eos_token_id == mini_tokenizer.END_ID
    for text in NASTY + [example.sentence for example in mini_corpus.examples(held_out=True)]:
        ids = tokenizer.encode(text)
        assert theirs.encode(text) == ids
        assert theirs.decode(ids, clean_up_tokenization_spaces=False) == text


def test_transformers_loads_the_folder_without_missing_or_unknown_tensors() -> None:
    transformers = pytest.importorskip("transformers", reason=HOW_TO)
    pytest.importorskip("torch", reason=HOW_TO)
    _, report = transformers.GPT2LMHeadModel.from_pretrained(MINI, output_loading_info=True)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert not report["mismatched_keys"]
