"""The command line: parses, calls the library, prints.

Results go to stdout, progress and errors to stderr. Exit status: 0 done or equal, 1 different, 2 trouble, 3 done
but for some formulas (recalc).

Each command imports what it needs when it is called, so that --version, --help and mistakes are answered at once.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from sheetgpt.cli.compare_commands import COMPARING
from sheetgpt.cli.lab_commands import EXPERIMENTS
from sheetgpt.cli.options import (
    Verbs,
    answer_text,
    as_json,
    cache_option,
    example,
    ids_option,
    prompt_option,
    set_option,
)
from sheetgpt.cli.steering_commands import STEERING
from sheetgpt.cli.workbook_commands import COMMANDS
from sheetgpt.errors import UsageError
from sheetgpt.layout.options import CANDIDATES, DIGITS, BuildOptions
from sheetgpt.system.progress import Meter
from sheetgpt.version import __version__
from sheetgpt.xlsx.compression import COMPRESSIONS


@click.group(
    cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]}, epilog=example("sheetgpt build -o mini.xlsx")
)
@click.version_option(__version__, prog_name="sheetgpt")
def main() -> None:
    """GPT-2 in an Excel workbook: build it, recalculate it, check it cell by cell.

    Exit status: 0 done or equal, 1 different, 2 trouble, 3 done but for some formulas (recalc).
    """


@main.command(epilog=example("sheetgpt fetch gpt2"))
@click.argument("model", metavar="MODEL[@REVISION]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The folder to make; default: weights/NAME.")
@as_json
def fetch(model: str, output: Path | None, as_json: bool) -> None:
    """Download MODEL, one of gpt2, gpt2-medium, gpt2-large, gpt2-xl, distilgpt2, or OWNER/NAME, into weights/.

    Goes on where an earlier call stopped; a model that is there is checked against its checksums. HF_ENDPOINT names
    another hub, HF_TOKEN opens private repositories.
    """
    from sheetgpt.hub.download import fetch as fetch_model

    with Meter() as meter:
        found = fetch_model(model, output, meter)
    origin = found.origin
    if as_json:
        files = {name: {"sha256": digest, "bytes": size} for name, (digest, size) in origin.files.items()}
        entries = {
            "folder": str(found.folder),
            "repository": origin.repository,
            "revision": origin.revision,
            "endpoint": origin.endpoint,
            "downloaded": found.downloaded,
            "files": files,
        }
        click.echo(json.dumps(entries))
    else:
        came = f"{found.downloaded / 1e6:.1f} MB downloaded" if found.downloaded else "nothing to download"
        click.echo(
            f"{found.folder}: {origin.repository} at {origin.revision[:12]}, {len(origin.files)} files, "
            f"{found.size / 1e6:.1f} MB, checked; {came}"
        )


@main.command(epilog=example("sheetgpt build mini -o mini.xlsx --prompt 'The capital of France is'"))
@click.argument("model", default="mini")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write; default: MODEL.xlsx here.")
@prompt_option
@ids_option
@click.option("--context", type=int, metavar="N", help="Rows for tokens, prompt and continuation; default 16.")
@click.option("--max-chars", type=int, metavar="N", help="Longest prompt that formulas cut into tokens; default 64.")
@click.option(
    "--digits",
    type=click.Choice(DIGITS),
    default="auto",
    help="Weights exactly, or as the shortest decimals that give back the same float32; auto: exact up to 4 million.",
)
@click.option(
    "--candidates",
    type=int,
    default=CANDIDATES,
    show_default=True,
    metavar="K",
    help="How many tokens to draw the next one from.",
)
@click.option("--blocks", metavar="N|LIST", help="A lighter copy: the first N blocks, or those in a list like 0,5-7.")
@click.option("--vocab-limit", type=int, metavar="N", help="A lighter copy: the first N tokens of the vocabulary.")
@click.option("--split", is_flag=True, help="Write a folder of workbooks: the prompt, each block, the head.")
@click.option("--dry-run", is_flag=True, help="Say how large it would be, without weights and without writing it.")
@click.option(
    "--compress",
    type=click.Choice(COMPRESSIONS),
    default="balanced",
    show_default=True,
    help="Of a large model: a file in less time, or a smaller one.",
)
@click.option(
    "--lens",
    "lenses",
    multiple=True,
    metavar="NAME",
    callback=lambda context, parameter, names: names or None,
    help="A sheet that shows what goes on inside (README lists them), all, or none; may come several times. Without "
    "it: all for a small model, those that cost little for a large one (--dry-run lists them).",
)
@click.option("--exercise", type=int, metavar="N", help="Leave step N of block 0 to a learner, whose cells turn green.")
@click.option("--solution", is_flag=True, help="The workbook of the exercise with everything filled in.")
@click.option(
    "--jacobian",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Matrices of the Jacobian lens for the lens depth: safetensors, or .pt as jacobian-lens saves them.",
)
@click.option("--manual", is_flag=True, help="A workbook that is calculated on request (F9), not at every change.")
@as_json
def build(
    model: str, output: Path | None, token_ids: str | None, split: bool, dry_run: bool, as_json: bool, **given: Any
) -> None:
    """Write the workbook of MODEL: a checkpoint folder, or the name of one in weights/."""
    from sheetgpt.cli.arguments import numbers
    from sheetgpt.commands.build import build as build_workbook
    from sheetgpt.commands.dry_run import dry_run as estimate_size
    from sheetgpt.split.build import build_split
    from sheetgpt.xlsx.readback import is_read_whole

    options = BuildOptions(token_ids=numbers(token_ids), **given)
    if dry_run:
        estimate = estimate_size(model, options, split=split)
        click.echo(json.dumps(estimate.as_dict()) if as_json else estimate.as_text())
        return
    with Meter() as meter:
        path = (build_split if split else build_workbook)(model, output, options, progress=meter)
    files = sorted(path.iterdir()) if split else [path]
    size = sum(file.stat().st_size for file in files)
    if as_json:
        click.echo(json.dumps({"folder" if split else "file": str(path), "bytes": size}))
    else:
        many = f"{len(files)} workbooks, " if split else ""
        whole = all(map(is_read_whole, files))
        how = "read back and found equal" if whole else "unpacked, formulas and samples found equal"
        click.echo(f"{path}: {many}{size / 1e6:.1f} MB, written, {how}")


@main.command(epilog=example("sheetgpt run mini.xlsx --prompt 'Mike is quick. He moves' --top 3"))
@click.argument("book", type=click.Path(path_type=Path))
@prompt_option
@ids_option
@click.option("--top", type=click.IntRange(1, 10), default=5, show_default=True, help="How many next tokens to list.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write a copy with the new prompt and values.")
@click.option("--temperature", type=float, help="0: the likeliest token; 1: as the model says; more: wilder.")
@click.option("--top-k", type=int, help="Draw from the K best tokens.")
@click.option("--top-p", type=float, help="Draw from the likeliest tokens that make up this share.")
@click.option("--seed", type=int, help="Another whole number, another text.")
@set_option
@cache_option
@as_json
def run(
    book: Path,
    prompt: str | None,
    token_ids: str | None,
    top: int,
    output: Path | None,
    inputs: tuple[str, ...],
    cached: bool,
    as_json: bool,
    **sampling: float | None,
) -> None:
    """Recalculate BOOK with a new prompt; print the continuation and the likeliest next tokens.

    BOOK may be a folder that build --split made; then -o names a new folder.
    Temperature, top-k, top-p and seed set the cells of that name; those not given stay as they are in the file.
    With a temperature each token has two probabilities: the model's own, and the one with which it is drawn.
    """
    from sheetgpt.system.threads import spare_threads

    spare_threads(book)
    from sheetgpt.cli.arguments import assignment, numbers

    given = {name: value for name, value in sampling.items() if value is not None}
    if book.is_dir():
        from sheetgpt.split.run import run_split

        if inputs:
            raise UsageError(
                "--set: a model in several workbooks has no lenses to set", "recalc sets cells of one file"
            )
        with Meter() as meter:
            answer = run_split(book, prompt, numbers(token_ids), output, meter, cached, **given)
    else:
        from sheetgpt.commands.run import run as run_workbook

        typed = dict(map(assignment, inputs))
        answer = run_workbook(book, prompt, numbers(token_ids), output, cached, typed, **given)
    if as_json:
        click.echo(json.dumps(asdict(replace(answer, top=answer.top[:top]))))
    else:
        click.echo(answer_text(answer, top))


for command in (*COMMANDS, *COMPARING, *STEERING, *EXPERIMENTS):
    main.add_command(command)
