"""Tokenizers in all forms of their files, against the `tokenizers` library on the same files; others are refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken, Regex, decoders, models, normalizers, pre_tokenizers, processors
from tokenizers import Tokenizer as Library

from sheetgpt.errors import CheckpointError
from sheetgpt.gpt2.own_tokenizer import own_encoder
from sheetgpt.gpt2.tokenizer import Tokenizer
from support.paths import MINI

TEXTS = ["It is", " two  spaces\n\tand TABS", "naïve 東京 e\u0301 😀", "it's 1234567", "<|endoftext|> and <pad>"]
VOCABULARY = json.loads((MINI / "vocab.json").read_text())
MERGES = Tokenizer.from_folder(MINI).merges
Edit = Callable[[Any], object]


def library() -> Any:
    found = Library(models.BPE(vocab=VOCABULARY, merges=MERGES))
    found.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = decoders.ByteLevel()
    return found


def write(folder: Path, *edits: Edit, **entries: object) -> Path:
    """tokenizer.json of a library after these edits, entries of its model changed."""
    found = library()
    for edit in edits:
        edit(found)
    found.save(str(folder / "tokenizer.json"))
    description = json.loads((folder / "tokenizer.json").read_text())
    description["model"] |= entries
    (folder / "tokenizer.json").write_text(json.dumps(description))
    return folder


def set_part(part: str, value: object) -> Edit:
    return lambda found: setattr(found, part, value)


def pair(folder: Path, names: tuple[str, str] = ("vocab.json", "merges.txt"), settings: object = None) -> Path:
    for source, name in zip(("vocab.json", "merges.txt"), names, strict=True):
        shutil.copy(MINI / source, folder / name)
    if settings:
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


TEMPLATE = processors.TemplateProcessing(single="$A", pair="$A $B", special_tokens=[])
BEFORE = processors.TemplateProcessing("<|endoftext|> $A", "$A $B", [("<|endoftext|>", VOCABULARY["<|endoftext|>"])])


@pytest.mark.parametrize(
    "edits",
    [
        [],
        [set_part("post_processor", processors.ByteLevel(trim_offsets=True))],
        [set_part("post_processor", TEMPLATE)],
        [set_part("normalizer", normalizers.Sequence([]))],
        [set_part("pre_tokenizer", pre_tokenizers.Sequence([pre_tokenizers.ByteLevel(add_prefix_space=False)]))],
        [lambda found: found.add_special_tokens(["<|endoftext|>", "<pad>"])],
        [lambda found: found.enable_truncation(2), lambda found: found.enable_padding(length=9)],
    ],
)
def test_ids_are_those_of_the_library_on_the_same_file(tmp_path: Path, edits: list[Edit]) -> None:
    ours = Tokenizer.from_folder(write(tmp_path, *edits))
    theirs = Library.from_file(str(tmp_path / "tokenizer.json"))
    theirs.encode_special_tokens = True  # as it is written in docs/text-functions.md
    theirs.no_truncation()
    theirs.no_padding()
    for text in TEXTS:
        assert ours.encode(text) == theirs.encode(text).ids
        assert ours.decode(ours.encode(text)) == text


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (set_part("normalizer", normalizers.Lowercase()), "normalizer is Lowercase"),
        (set_part("normalizer", normalizers.NFKC()), "normalizer is NFKC"),
        (set_part("normalizer", normalizers.Sequence([normalizers.Strip()])), "normalizer is Strip"),
        (set_part("pre_tokenizer", pre_tokenizers.Whitespace()), "pre_tokenizer is Whitespace"),
        (set_part("pre_tokenizer", None), "pre_tokenizer has 0 parts"),
        (set_part("pre_tokenizer", pre_tokenizers.ByteLevel(add_prefix_space=True)), "add_prefix_space .* is true"),
        (set_part("pre_tokenizer", pre_tokenizers.ByteLevel(False, use_regex=False)), "use_regex .* is false"),
        (
            set_part(
                "pre_tokenizer",
                pre_tokenizers.Sequence(
                    [pre_tokenizers.Split(Regex(r"\d"), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)]
                ),
            ),
            "pre_tokenizer is Split",
        ),
        (set_part("decoder", decoders.Metaspace()), "decoder is Metaspace"),
        (set_part("post_processor", BEFORE), "post_processor is TemplateProcessing"),
        (set_part("post_processor", processors.BertProcessing(("a", 1), ("b", 2))), "post_processor is BertProcessing"),
        (lambda found: found.add_tokens(["covid"]), "added token 'covid' is not special"),
        (lambda found: found.add_tokens([AddedToken("It", normalized=False)]), "added token 'It' is not special"),
        (set_part("model", models.WordPiece(VOCABULARY, unk_token="!")), "model is WordPiece, expected BPE"),
    ],
)
def test_parts_that_gpt2_lacks_are_refused_by_name(tmp_path: Path, edit: Edit, sentence: str) -> None:
    """Beside vocab.json and merges.txt too: transformers takes tokenizer.json."""
    write(tmp_path, edit)
    for more in (False, True):
        if more:
            pair(tmp_path)
        with pytest.raises(CheckpointError, match=rf"tokenizer.json|{tmp_path}") as caught:
            Tokenizer.from_folder(tmp_path)
        assert caught.match(sentence)


@pytest.mark.parametrize(
    "entries", [{"dropout": 0.1}, {"ignore_merges": True}, {"end_of_word_suffix": "</w>"}, {"type": "Unigram"}]
)
def test_models_of_other_kinds_are_refused(tmp_path: Path, entries: dict[str, object]) -> None:
    with pytest.raises(CheckpointError, match=next(iter(entries)) if "type" not in entries else "Unigram"):
        Tokenizer.from_folder(write(tmp_path, **entries))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"add_prefix_space": True}, "add_prefix_space is true"),
        ({"add_bos_token": True}, r"add_bos_token is true[\s\S]*endoftext"),
        ({"do_lower_case": True}, "do_lower_case is true"),
        ({"tokenizer_class": "T5Tokenizer"}, "tokenizer_class is 'T5Tokenizer'"),
        ({"added_tokens_decoder": {"1200": {"content": "covid", "special": False}}}, "'covid' is not special"),
        ({"added_tokens_decoder": {"3": {"content": "covid", "special": True}}}, "has id 3, which is another's"),
    ],
)
def test_settings_beside_the_vocabulary_are_refused_by_name(
    tmp_path: Path, settings: dict[str, object], sentence: str
) -> None:
    with pytest.raises(CheckpointError, match=sentence):
        Tokenizer.from_folder(pair(tmp_path, settings=settings))


def test_settings_that_change_nothing_are_taken(tmp_path: Path) -> None:
    end = {"content": "<|endoftext|>", "special": True, "__type": "AddedToken"}
    settings = {"add_prefix_space": False, "add_bos_token": False, "tokenizer_class": "GPT2Tokenizer", "eos_token": end}
    ours = Tokenizer.from_folder(pair(tmp_path, settings=settings | {"added_tokens_decoder": {"1199": end}}))
    assert ours.tokens == Tokenizer.from_folder(MINI).tokens


def test_what_transformers_saves_is_taken(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="needs transformers: pip install 'sheetgpt[torch]'")
    saved = transformers.GPT2Tokenizer.from_pretrained(MINI)
    saved.add_special_tokens({"pad_token": "<pad>"})
    saved.save_pretrained(tmp_path)
    ours = Tokenizer.from_folder(tmp_path)
    assert ours.decode([1200]) == "<pad>"
    for text in TEXTS[:-1]:
        assert ours.encode(text) == saved(text)["input_ids"]
    saved.add_tokens(["covid"])
    saved.save_pretrained(tmp_path)
    with pytest.raises(CheckpointError, match="'covid' is not special"):
        Tokenizer.from_folder(tmp_path)


def test_files_under_the_names_of_openai(tmp_path: Path) -> None:
    ours = Tokenizer.from_folder(pair(tmp_path, ("encoder.json", "vocab.bpe")))
    assert (ours.tokens, ours.merges) == (Tokenizer.from_folder(MINI).tokens, MERGES)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("head", ["", "#version: 0.2\n", "\ufeff#version: 0.2\n"])
def test_merges_are_read_in_all_spellings(tmp_path: Path, head: str, end: str) -> None:
    pair(tmp_path)
    lines = head + "\n".join(" ".join(merge) for merge in MERGES) + "\n\n"
    (tmp_path / "merges.txt").write_bytes(lines.replace("\n", end).encode())
    assert Tokenizer.from_folder(tmp_path).merges == MERGES


def test_two_vocabularies_that_differ_are_refused(tmp_path: Path) -> None:
    pair(write(tmp_path))
    assert Tokenizer.from_folder(tmp_path).merges == MERGES
    lines = (tmp_path / "merges.txt").read_text().split("\n")
    (tmp_path / "merges.txt").write_text("\n".join([lines[0], lines[2], lines[1], *lines[3:]]))
    with pytest.raises(CheckpointError, match="holds another vocabulary or other merges"):
        Tokenizer.from_folder(tmp_path)
    (tmp_path / "merges.txt").unlink()  # one that is not whole says nothing
    assert Tokenizer.from_folder(tmp_path).merges == MERGES


def test_special_tokens_behind_the_vocabulary_are_shown_by_their_text(tmp_path: Path) -> None:
    added = {"<pad>": 1200, "<|user text|>": 1201}
    pair(tmp_path, settings={"pad_token": "<pad>", "additional_special_tokens": ["<|user text|>"]})
    (tmp_path / "added_tokens.json").write_text(json.dumps(added))
    ours = Tokenizer.from_folder(tmp_path)
    assert ours.decode([1200, 1201]) == "<pad><|user text|>"
    assert max(ours.encode("<pad>")) < 1200
    (tmp_path / "added_tokens.json").write_text(json.dumps(added | {"covid": 1202}))
    with pytest.raises(CheckpointError, match="'covid' is not special"):
        Tokenizer.from_folder(tmp_path)


def test_what_is_no_description_is_told(tmp_path: Path) -> None:
    for text in ("{", "[]", "{}", '{"model": 3}', '{"model": {"vocab": 1, "merges": []}}'):
        (tmp_path / "tokenizer.json").write_text(text)
        with pytest.raises(CheckpointError):
            Tokenizer.from_folder(tmp_path)
        with pytest.raises(CheckpointError):
            own_encoder(tmp_path, special=False)


def test_the_library_reads_the_files_by_itself(tmp_path: Path) -> None:
    ours = Tokenizer.from_folder(MINI)
    for folder in (MINI, write(tmp_path, lambda found: found.add_special_tokens(["<|endoftext|>"]))):
        plain, whole = own_encoder(folder, special=False), own_encoder(folder, special=True)
        assert plain
        assert whole
        assert [plain(text) for text in TEXTS] == [ours.encode(text) for text in TEXTS]
        assert whole("<|endoftext|>") == [VOCABULARY["<|endoftext|>"]]
