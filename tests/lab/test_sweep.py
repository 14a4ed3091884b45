"""`sheetgpt sweep`: its lines against the transformers library; the same to the last bit in whatever way it is run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sheetgpt.book.address import at
from sheetgpt.cli.main import main
from sheetgpt.commands.recalc import recalc
from sheetgpt.errors import UsageError, WorkbookError
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.lab import workers
from sheetgpt.lab.parts import variants_of
from sheetgpt.lab.sweep import plan_sweep
from sheetgpt.lab.workers import Source, Workers
from support import hooks
from support.command_line import assert_refused, call
from support.lenses import LIBRARY

PROMPTS = ["The capital of France", "Mike is quick. He", "Michael Jordan plays the sport of"]
OFF = ["head:all", "h.0.mlp", "h.1+h.0.head.2", "h.0.mlp"]


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sweep") / "prompts.txt"
    path.write_text("\n".join(PROMPTS) + "\n\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def options(workbook: Path, prompts: Path) -> list[object]:
    return [workbook, *(word for parts in OFF for word in ("--off", parts)), "--prompts", prompts]


@pytest.fixture(scope="module")
def serial(options: list[object]) -> str:
    result = call("sweep", *options)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_lines_are_those_of_transformers_in_order(serial: str, checkpoint: Path) -> None:
    pytest.importorskip("transformers", reason=LIBRARY)
    tokenizer = load_checkpoint(checkpoint).tokenizer
    assert tokenizer is not None
    heads = [[f"h.{layer}.head.{head}"] for layer in range(2) for head in range(3)]
    variants = [[], *heads, ["h.0.mlp"], ["h.1", "h.0.head.2"]]
    lines = [json.loads(line) for line in serial.splitlines()]
    assert [(line["prompt"], line["off"]) for line in lines] == [(p, off) for p in PROMPTS for off in variants]
    for off in variants:
        switches = hooks.switches_of(dict.fromkeys(off, 0.0))
        for line in (line for line in lines if line["off"] == off):
            ids = tokenizer.encode(line["prompt"])
            whole, truth = (hooks.hooked_logits(checkpoint, ids, **given)[-1] for given in ({}, switches))
            token = int(whole.argmax())
            assert (line["token_id"], line["answer_id"]) == (token, int(truth.argmax()))
            assert line["answer"] == tokenizer.decode([line["answer_id"]])
            likely, before = hooks.softmax(truth)[token], hooks.softmax(whole)[token]
            expected = [truth[token], likely, truth[token] - whole[token], likely - before]
            found = [line[name] for name in ("logit", "probability", "logit_change", "probability_change")]
            assert found == pytest.approx(expected, abs=1e-9)


def test_processes_give_the_same_bytes(options: list[object], serial: str, tmp_path: Path) -> None:
    result = call("sweep", *options, "--jobs", 2, "-o", tmp_path / "a.jsonl")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == serial
    assert result.stdout == ""


@pytest.mark.filterwarnings("ignore")  # those of the cluster are not ours
def test_a_dask_cluster_gives_the_same_bytes(options: list[object], serial: str) -> None:
    distributed = pytest.importorskip("distributed", reason='needs distributed: pip install "sheetgpt[dask]"')
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        result = call("sweep", *options, "--dask", cluster.scheduler_address)
        assert result.exit_code == 0, result.output
        assert result.stdout == serial
        scored = call("score", options[0], options[-1], "--json")
        assert (
            call("score", options[0], options[-1], "--json", "--dask", cluster.scheduler_address).stdout
            == scored.stdout
        )


def test_a_cluster_that_is_not_there_is_told(options: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason='needs distributed: pip install "sheetgpt[dask]"')
    monkeypatch.setattr(workers, "_PATIENCE", "0.2s")
    assert_refused(call("sweep", *options, "--dask", "tcp://127.0.0.1:9"), "there is no Dask cluster at tcp://127")
    assert_refused(call("sweep", *options, "--dask", "nonsense://x"), "there is no Dask cluster at nonsense")
    assert_refused(call("sweep", *options, "--dask", "tcp://x:1", "--jobs", 2), "--jobs and --dask at once")


@pytest.mark.parametrize("cut", [150, 4000, -1, None])
def test_an_output_is_continued(options: list[object], serial: str, tmp_path: Path, cut: int | None) -> None:
    path = tmp_path / "a.jsonl"
    whole = serial.encode()
    path.write_bytes(whole[:cut])
    result = call("sweep", *options, "-o", path)
    assert result.exit_code == 0, result.output
    assert path.read_bytes() == whole
    assert f"{whole[:cut].count(10)} of them from before" in result.stderr


def test_nothing_is_calculated_twice(options: list[object], serial: str, workbook: Path) -> None:
    plan = plan_sweep(workbook, PROMPTS, OFF)
    assert len(list(plan.lines(Workers(), done=len(plan)))) == 0
    assert [json.dumps(line) for line in plan.lines(Workers(), done=20)] == serial.splitlines()[20:]


def test_an_output_of_something_else_stays_as_it_is(
    options: list[object], serial: str, workbook: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    other = tmp_path / "other.xlsx"
    recalc(workbook, other, set={"ln_f.bias!B4": 0.5})
    (tmp_path / "turned.txt").write_text("\n".join(PROMPTS[::-1]), encoding="utf-8")
    book, *rest = options
    for content, arguments, words in (
        (serial, [other, *rest], "line 1 is of another workbook"),
        (serial, [book, *rest[:-1], tmp_path / "turned.txt"], "line 1 is of another prompt"),
        (serial, [book, "--off", "mlp:all", *rest], "line 2 is of another part"),
        (serial, [*options, "--token", " of"], "line 1 is of another --token"),
        (serial, [book, "--prompts", rest[-1]], "has 27 lines, and this sweep 3"),
        ("a line\n", options, "line 1 is no result of a sweep"),
        ("[1]\n", options, "line 1 is no result of a sweep"),
    ):
        path.write_text(content, encoding="utf-8")
        assert_refused(call("sweep", *arguments, "-o", path), words)
        assert path.read_text(encoding="utf-8") == content


@pytest.mark.parametrize("text", ["my notes, one line", '{"a": 1}', '{"book": "x"}\nmy notes'])
def test_a_file_of_something_else_without_a_line_end_is_not_touched(
    workbook: Path, prompts: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "notes.txt").write_text(text)
    result = call("sweep", workbook, "--prompts", prompts, "-o", tmp_path / "notes.txt")
    assert_refused(result, "sweep")
    assert (tmp_path / "notes.txt").read_text() == text


def test_a_token_of_choice(workbook: Path) -> None:
    plan = plan_sweep(workbook, PROMPTS[:1], ["h.0.mlp"], token=" of")
    assert {line["token"] for line in plan.lines(Workers())} == {" of"}


def test_switches_of_the_file_do_not_count(workbook: Path, tmp_path: Path, serial: str) -> None:
    """Everything on is everything on; steering and the like stay as the file has them."""
    sheet, cells = plan_sweep(workbook, PROMPTS[:1]).book.locate("switch.typed_mlp")
    recalc(workbook, tmp_path / "off.xlsx", set={f"{sheet}!{at(cells.top, cells.left)}": 0.0})
    found = next(iter(plan_sweep(tmp_path / "off.xlsx", PROMPTS[:1]).lines(Workers())))
    assert found["logit"] == json.loads(serial.splitlines()[0])["logit"]


def test_variants() -> None:
    config = Config(vocab_size=10, n_positions=4, n_embd=4, n_layer=2, n_head=2)
    assert variants_of(config, ["mlp:all", "h.1.mlp", "block:all"]) == [("h.0.mlp",), ("h.1.mlp",), ("h.0",), ("h.1",)]
    for wrong in ("heads:all", "head:1", "h.2", "h.0.mlp+", "all"):
        with pytest.raises(UsageError):
            variants_of(config, [wrong])


def test_what_cannot_be_is_refused(workbook: Path, plain_workbook: Path, prompts: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    (tmp_path / "long.txt").write_text("The\n" + "word " * 20)
    assert_refused(call("sweep", plain_workbook, "--off", "mlp:all", "--prompts", prompts), "has no sheet Switches")
    assert_refused(call("sweep", workbook, "--off", "h.7", "--prompts", prompts), "no part 'h.7'")
    assert_refused(call("sweep", workbook, "--prompts", tmp_path / "empty.txt"), "there are no prompts")
    assert_refused(call("sweep", workbook, "--prompts", tmp_path / "long.txt"), "prompt 2: the prompt has .* tokens")
    assert_refused(call("sweep", workbook, "--prompts", prompts, "--token", " of the"), "is not one token")
    assert_refused(call("sweep", workbook, "--prompts", tmp_path / "latin.txt"), "latin.txt is no text in UTF-8")
    assert_refused(call("sweep", tmp_path, "--prompts", prompts), "is a folder, not a workbook")
    assert_refused(call("sweep", tmp_path / "no.xlsx", "--prompts", prompts), "there is no file")
    with pytest.raises(UsageError, match="at least one process"):
        Workers(0)


def test_prompts_from_stdin_and_with_a_byte_order_mark(workbook: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfThe capital of \r\n\r\n the\n")
    found = call("sweep", workbook, "--prompts", tmp_path / "a.txt").stdout
    assert [json.loads(line)["prompt"] for line in found.splitlines()] == ["The capital of ", " the"]
    piped = CliRunner().invoke(main, ["sweep", str(workbook), "--prompts", "-"], input="The capital of \n the")
    assert piped.stdout == found


def test_a_worker_refuses_another_file(workbook: Path, tmp_path: Path) -> None:
    source = Source.of(workbook, cached=True)
    path = tmp_path / "other.xlsx"
    recalc(workbook, path, set={"ln_f.bias!B4": 0.5})
    job = next(plan_sweep(workbook, PROMPTS[:1])._jobs())
    with pytest.raises(WorkbookError, match="another workbook here"):
        workers.run_job(Source(str(path), source.fingerprint, cached=True), job)
    assert np.isfinite(workers.run_job(source, job)[0]["logit"])
