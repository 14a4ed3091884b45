"""Downloads from a hub on loopback: whole, interrupted, damaged, cut short; what is there is not downloaded again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sheetgpt.errors import CheckpointError, SheetgptError
from sheetgpt.gpt2.checkpoint import find_checkpoint, load_checkpoint
from sheetgpt.hub import repository as hub_module
from sheetgpt.hub.checksums import Checksums
from sheetgpt.hub.download import fetch
from support.loopback_hub import COMMIT, Hub
from support.paths import ROOT, names

pytest.importorskip("huggingface_hub")


def test_a_fetched_model_is_whole_recorded_and_found(hub: Hub, checkpoint: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    found = fetch("gpt2", progress=lambda *step: seen.append(step))
    assert found.folder == Path("weights/gpt2")
    assert names(found.folder) == {"config.json", "model.safetensors", "vocab.json", "merges.txt", "SHA256SUMS"}
    assert names(Path("weights")) == {"gpt2"}
    for name in found.origin.files:
        assert (found.folder / name).read_bytes() == (checkpoint / name).read_bytes()
    assert find_checkpoint("gpt2") == found.folder
    assert load_checkpoint(find_checkpoint("gpt2")).config.n_layer == 2
    assert found.origin == Checksums.read(found.folder)
    assert (found.origin.repository, found.origin.revision) == ("openai-community/gpt2", COMMIT)
    assert found.origin.endpoint == hub.url
    assert found.downloaded == found.size == sum(path.stat().st_size for path in checkpoint.iterdir())
    done = [(what, number, total) for what, number, total in seen if what == "model.safetensors"]
    assert len(done) > 3
    assert done == sorted(done)
    assert done[-1][1] == done[-1][2]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_the_checksum_file_is_one_that_sha256sum_reads(hub: Hub) -> None:
    folder = fetch("gpt2").folder
    done = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == 4


def test_what_is_there_is_checked_and_not_downloaded_again(hub: Hub) -> None:
    fetch("gpt2")
    hub.seen.clear()
    assert fetch("gpt2").downloaded == 0
    assert fetch(f"openai-community/gpt2@{COMMIT}").downloaded == 0
    assert hub.seen == []  # not even asked
    assert fetch("gpt2@v1").downloaded == 0
    assert [line.split("?")[0] for line in hub.seen] == ["GET /api/models/openai-community/gpt2/revision/v1"]


@pytest.mark.parametrize("damage", [b"", b"short", None, "flip"])
def test_a_damaged_file_is_downloaded_again_and_no_other(
    hub: Hub, checkpoint: Path, damage: bytes | str | None
) -> None:
    folder = fetch("gpt2").folder
    path, good = folder / "model.safetensors", (checkpoint / "model.safetensors").read_bytes()
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(bytes([good[0], good[1] ^ 1]) + good[2:] if isinstance(damage, str) else damage)
    hub.seen.clear()
    assert fetch("gpt2").downloaded == len(good)
    assert path.read_bytes() == good
    assert hub.downloads() == ["model.safetensors"]
    assert names(Path("weights")) == {"gpt2"}


def test_an_interrupted_download_goes_on_where_it_stopped(hub: Hub, checkpoint: Path) -> None:
    size = (checkpoint / "model.safetensors").stat().st_size

    def interrupt(what: str, done: int, total: int) -> None:
        if what == "model.safetensors" and done > 3 * total // 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("gpt2", progress=interrupt)
    assert names(Path("weights")) == {".gpt2.part"}
    with pytest.raises(CheckpointError, match="no model 'gpt2'"):
        find_checkpoint("gpt2")
    hub.seen.clear()
    found = fetch("gpt2")
    assert found.downloaded < size // 2
    assert (found.folder / "model.safetensors").read_bytes() == (checkpoint / "model.safetensors").read_bytes()
    assert names(Path("weights")) == {"gpt2"}
    assert [line for line in hub.seen if "vocab.json" in line and line.startswith("GET")] == []
    ranges = [line for line in hub.seen if line.startswith("GET /cdn/") and "bytes=" in line]
    assert len(ranges) == 1


def test_a_killed_program_leaves_what_the_next_one_goes_on_with(hub: Hub, checkpoint: Path) -> None:
    """The process dies without a chance to clean up."""
    script = (
        "import os, huggingface_hub.constants as c; c.DOWNLOAD_CHUNK_SIZE = 1000\n"
        "from sheetgpt.hub.download import fetch\n"
        "fetch('gpt2', progress=lambda w, d, t: os._exit(9) if w == 'model.safetensors' and d > t // 2 else None)"
    )
    done = subprocess.run([sys.executable, "-c", script], env={**__import__("os").environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 9
    assert names(Path("weights")) == {".gpt2.part"}
    found = fetch("gpt2")
    assert 0 < found.downloaded < found.size * 3 // 4
    assert (found.folder / "model.safetensors").read_bytes() == (checkpoint / "model.safetensors").read_bytes()


def test_a_server_that_hangs_up_is_asked_for_the_rest(hub: Hub, checkpoint: Path) -> None:
    hub.cut["model.safetensors"] = [9000, 15000]
    found = fetch("gpt2")
    assert (found.folder / "model.safetensors").read_bytes() == (checkpoint / "model.safetensors").read_bytes()
    assert len(hub.downloads()) == 3
    assert sum("bytes=" in line for line in hub.seen if "/cdn/" in line) == 2


def test_a_server_that_keeps_hanging_up_is_an_error_that_keeps_what_came(hub: Hub) -> None:
    hub.cut["model.safetensors"] = [9000] * 20
    with pytest.raises(CheckpointError, match=r"model.safetensors could not be read: .*\nHint: .*goes on where it"):
        fetch("gpt2")
    assert names(Path("weights")) == {".gpt2.part"}
    hub.cut.clear()
    found = fetch("gpt2")
    assert found.size - found.downloaded >= 8000


def test_a_server_without_ranges_starts_again(hub: Hub, checkpoint: Path) -> None:
    hub.cut["model.safetensors"] = [9000]
    hub.no_ranges = True
    found = fetch("gpt2")
    assert (found.folder / "model.safetensors").read_bytes() == (checkpoint / "model.safetensors").read_bytes()


def test_a_started_download_of_another_revision_is_begun_anew(hub: Hub, checkpoint: Path) -> None:
    hub.cut["model.safetensors"] = [9000] * 20
    with pytest.raises(CheckpointError):
        fetch("gpt2")
    hub.cut.clear()
    hub.revisions["main"] = "e" * 40
    assert fetch("gpt2").downloaded == sum(path.stat().st_size for path in checkpoint.iterdir())


@pytest.mark.parametrize("name", ["model.safetensors", "vocab.json"])
def test_wrong_bytes_are_refused(hub: Hub, checkpoint: Path, name: str) -> None:
    good = (checkpoint / name).read_bytes()
    hub.other_bytes[name] = good[:-1] + bytes([good[-1] ^ 1])
    with pytest.raises(CheckpointError, match=rf"{name} of openai-community/gpt2 arrived damaged"):
        fetch("gpt2")
    assert not Path("weights/gpt2").exists()
    hub.other_bytes.clear()
    assert (fetch("gpt2").folder / name).read_bytes() == good


def test_a_mirror_that_knows_no_hashes_is_recorded_all_the_same(hub: Hub) -> None:
    hub.plain_etags = True
    found = fetch("gpt2")
    assert Checksums.read(found.folder) == found.origin
    (found.folder / "vocab.json").write_text("{}")
    assert found.origin.wrong(found.folder) == ["vocab.json"]


def test_a_file_that_is_listed_and_missing(hub: Hub) -> None:
    hub.lost.add("model.safetensors")
    with pytest.raises(CheckpointError, match=r"gpt2 on .* lists model.safetensors and does not have it"):
        fetch("gpt2")
    assert not Path("weights/gpt2").exists()


def test_no_network(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(CheckpointError, match=r"http://127.0.0.1:1: .* could not be read: .*\nHint: check the network"):
        fetch("gpt2")
    assert not Path("weights").exists()
    monkeypatch.setenv("HF_ENDPOINT", hub.url + "/")  # read when it is needed, not when the library is loaded
    fetch("gpt2")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    assert fetch("gpt2").downloaded == 0  # what is there needs no network


def test_a_disk_that_takes_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("weights").write_text("a file where the folder should be")
    with pytest.raises(SheetgptError, match="cannot be written"):
        fetch("gpt2")
    Path("weights").unlink()

    def full(self: object, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    class Full:
        def __init__(self, stream: object) -> None:
            self.stream = stream

        write = full

        def __getattr__(self, name: str) -> object:
            return getattr(self.stream, name)

    counted = hub_module.Counted
    monkeypatch.setattr(hub_module, "Counted", lambda stream, count: counted(Full(stream), count))  # type: ignore[arg-type]
    with pytest.raises(CheckpointError, match=r"cannot be written: No space left on device\nHint: is the disk full"):
        fetch("gpt2")
    assert not Path("weights/gpt2").exists()
