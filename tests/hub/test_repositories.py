"""Which repositories of a hub on loopback are fetched, into which folders, and which are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sheetgpt.errors import CheckpointError, UsageError
from sheetgpt.hub import repository as hub_module
from sheetgpt.hub.download import KNOWN, fetch, parse
from support.loopback_hub import COMMIT, Hub
from support.paths import names

pytest.importorskip("huggingface_hub")


def test_names() -> None:
    assert parse("gpt2-xl") == ("openai-community/gpt2-xl", None)
    assert parse("distilgpt2@v1") == ("distilbert/distilgpt2", "v1")
    assert parse("me/my-gpt2@refs/pr/1") == ("me/my-gpt2", "refs/pr/1")
    assert set(KNOWN) == {"gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "distilgpt2"}
    for wrong in ("gpt9", "", "a/b/c", "../x", "me/..", "gpt2@", "me/-x"):
        with pytest.raises(UsageError):
            parse(wrong)


def test_revisions_are_pinned(hub: Hub, checkpoint: Path) -> None:
    newer = "f" * 40
    hub.revisions["main"] = newer
    assert fetch("gpt2@v1").origin.revision == COMMIT
    assert all(f"/{COMMIT}/" in line for line in hub.seen if "/resolve/" in line)
    assert fetch("gpt2").downloaded == 0  # what is there stays
    with pytest.raises(UsageError, match=f"holds revision {COMMIT}, not {newer}"):
        fetch("gpt2@main")
    assert fetch("gpt2@main", "elsewhere").origin.revision == newer
    with pytest.raises(CheckpointError, match="has no revision 'v9'"):
        fetch("gpt2@v9", "third")
    assert not Path("third").exists()


def test_folders_that_are_not_ours_stay_as_they_are(hub: Hub) -> None:
    mine = Path("weights/gpt2")
    mine.mkdir(parents=True)
    (mine / "notes.txt").write_text("precious")
    with pytest.raises(UsageError, match=r"weights/gpt2 is there already, and sheetgpt did not fetch it\nHint: .*-o"):
        fetch("gpt2")
    assert names(mine) == {"notes.txt"}
    hub.add("someone/gpt2", Path(fetch("gpt2", "other").folder))
    with pytest.raises(UsageError, match="other holds openai-community/gpt2, not someone/gpt2"):
        fetch("someone/gpt2", "other")
    Path("empty").mkdir()
    assert fetch("gpt2", "empty").downloaded
    (mine / "SHA256SUMS").write_text("nonsense\n")
    with pytest.raises(CheckpointError, match="SHA256SUMS is damaged"):
        fetch("gpt2")


def test_shards_and_a_tokenizer_in_one_file(hub: Hub, checkpoint: Path) -> None:
    data = (checkpoint / "model.safetensors").read_bytes()
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    files = {
        "config.json": (checkpoint / "config.json").read_bytes(),
        "tokenizer.json": b"{}",
        "merges.txt": b"",
        "model.safetensors.index.json": json.dumps(index).encode(),
        "model-00001-of-00002.safetensors": data,
        "model-00002-of-00002.safetensors": data[:500],
    }
    hub.repositories["me/sharded"] = files
    assert names(fetch("me/sharded").folder) == {*files, "SHA256SUMS"} - {"merges.txt"}
    for strange in ("../../evil.safetensors", "config.json/../x", "missing.safetensors"):
        index["weight_map"]["b"] = strange
        files["model.safetensors.index.json"] = json.dumps(index).encode()
        with pytest.raises(CheckpointError, match="which it does not hold"):
            fetch("me/sharded", "strange")


def test_what_is_no_gpt2_is_refused_before_its_weights_are_downloaded(hub: Hub, checkpoint: Path) -> None:
    whole = dict(hub.repositories["openai-community/gpt2"])

    def refused(words: str, *without: str, config: bytes | None = None) -> None:
        files = {} if config is None else {"config.json": config}
        hub.repositories["me/odd"] = {name: data for name, data in (whole | files).items() if name not in without}
        hub.seen.clear()
        with pytest.raises(CheckpointError, match=words):
            fetch("me/odd")
        assert hub.downloads() == []
        assert not Path("weights/odd").exists()

    refused("model_type is 'llama', expected 'gpt2'", config=b'{"model_type": "llama"}')
    refused("is no JSON", config=b"{")
    refused("should hold a JSON object", config=b"[]")
    refused("holds no config.json", "config.json")
    refused("pytorch_model.bin only, which .* can run code", "model.safetensors")
    refused("holds no model.safetensors", "model.safetensors", "pytorch_model.bin")
    whole["adapter_config.json"] = b"{}"
    refused("a LoRA or another adapter")
    refused("a LoRA or another adapter", "config.json", "model.safetensors")
    del whole["adapter_config.json"]
    whole["model-q4.gguf"] = b"GGUF"
    refused("a model in GGUF", "config.json", "model.safetensors", "pytorch_model.bin")
    refused("a model in GGUF", "model.safetensors", "pytorch_model.bin")


def test_the_files_that_change_what_a_tokenizer_does_come_too(hub: Hub) -> None:
    more = dict.fromkeys(("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "training.json"), b"{}")
    hub.repositories["me/whole"] = hub.repositories["openai-community/gpt2"] | more
    found = names(fetch("me/whole").folder)
    assert more.keys() - found == {"training.json"}
    assert {"vocab.json", "merges.txt"} < found


def test_repositories_that_are_not_there_or_locked(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        CheckpointError, match=r"there is no repository me/none on http.*, or it is private\nHint:.*HF_"
    ):
        fetch("me/none")
    hub.token = "hf_right"
    for status, code, words in (
        (403, "GatedRepo", "is gated"),
        (401, "GatedRepo", "is gated"),
        (403, "", "status 403"),
        (401, "RepoNotFound", "or it is private"),
        (500, "", "status 500"),
    ):
        hub.gated["openai-community/gpt2"] = status, code
        with pytest.raises(CheckpointError, match=words):
            fetch("gpt2")
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    hub.gated["openai-community/gpt2"] = 403, "GatedRepo"
    with pytest.raises(CheckpointError, match="is gated"):
        fetch("gpt2")
    assert not Path("weights").exists()
    monkeypatch.setenv("HF_TOKEN", "hf_right")
    assert fetch("gpt2").downloaded


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hub_module, "_package", None)
    with pytest.raises(UsageError, match=r'huggingface_hub\nHint: pip install "sheetgpt\[hub\]"'):
        fetch("gpt2")
    assert list(tmp_path.iterdir()) == []
