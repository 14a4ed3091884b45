"""The command line: parses, calls the library, prints.

Results go to stdout, progress and errors to stderr. Exit status: 0 done or equal, 1 different, 2 trouble.

Each command imports what it needs when it is called, so that --version, --help and mistakes are answered at once.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetgpt.defaults import CANDIDATES, COMPRESSIONS
from sheetgpt.meter import Meter
from sheetgpt.threads import spare_threads
from sheetgpt.verbs import Verbs, as_json, cache_option, example, file_itself_option, ids_option, prompt_option
from sheetgpt.version import __version__

if TYPE_CHECKING:
    from sheetgpt.workbook import Answer


@click.group(
    cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]}, epilog=example("sheetgpt build -o mini.xlsx")
)
@click.version_option(__version__, prog_name="sheetgpt")
def main() -> None:
    """GPT-2 in an Excel workbook: build it, recalculate it, check it cell by cell.

    Exit status: 0 done or equal, 1 different, 2 trouble.
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
    from sheetgpt.fetch import fetch as fetch_model

    with Meter() as meter:
        found = fetch_model(model, output, meter)
    origin = found.origin
    if as_json:
        files = {name: {"sha256": digest, "bytes": size} for name, (digest, size) in origin.files.items()}
        entries = {"folder": str(found.folder), "repository": origin.repository, "revision": origin.revision,
                   "endpoint": origin.endpoint, "downloaded": found.downloaded, "files": files}  # fmt: skip
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
    type=click.Choice(["auto", "exact", "float32"]),
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
@as_json
def build(
    model: str,
    output: Path | None,
    prompt: str | None,
    token_ids: str | None,
    context: int | None,
    max_chars: int | None,
    digits: str,
    candidates: int,
    blocks: str | None,
    vocab_limit: int | None,
    split: bool,
    dry_run: bool,
    compress: str,
    as_json: bool,
) -> None:
    """Write the workbook of MODEL: a checkpoint folder, or the name of one in weights/."""
    from sheetgpt.arguments import numbers
    from sheetgpt.build import build as build_workbook
    from sheetgpt.plan import plan
    from sheetgpt.split import build_split
    from sheetgpt.verify import is_read_whole

    if dry_run:
        estimate = plan(
            model, prompt, context, numbers(token_ids), digits, candidates, max_chars, blocks, vocab_limit, split
        )  # fmt: skip
        click.echo(json.dumps(estimate.as_dict()) if as_json else estimate.as_text())
        return
    with Meter() as meter:
        path = (build_split if split else build_workbook)(
            model, output, prompt, context, numbers(token_ids), digits, meter, candidates, max_chars,
            blocks, vocab_limit, compress,
        )  # fmt: skip
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
@cache_option
@as_json
def run(
    book: Path,
    prompt: str | None,
    token_ids: str | None,
    top: int,
    output: Path | None,
    cached: bool,
    as_json: bool,
    **sampling: float | None,
) -> None:
    """Recalculate BOOK with a new prompt; print the continuation and the likeliest next tokens.

    BOOK may be a folder that build --split made; then -o names a new folder.
    Temperature, top-k, top-p and seed set the cells of that name; those not given stay as they are in the file.
    """
    spare_threads(book)
    from sheetgpt.arguments import numbers

    given = {name: value for name, value in sampling.items() if value is not None}
    if book.is_dir():
        from sheetgpt.split_run import run_split

        with Meter() as meter:
            answer = run_split(book, prompt, numbers(token_ids), output, meter, cached, **given)
    else:
        from sheetgpt.run import run as run_workbook

        answer = run_workbook(book, prompt, numbers(token_ids), output, cached, **given)
    if as_json:
        entries = asdict(answer)
        entries["top"] = entries["top"][:top]
        click.echo(json.dumps(entries))
    else:
        print_answer(answer, top)


def print_answer(answer: Answer, top: int) -> None:
    click.echo(f"{answer.prompt}{click.style(answer.continuation, bold=True)}\n")
    click.echo("next token       probability      logit     id")
    for candidate in answer.top[:top]:
        click.echo(f"{candidate.shown:<16} {candidate.probability:>11.2%} {candidate.logit:>10.4f} {candidate.id:>6}")


@main.command(epilog=example("sheetgpt check mini.xlsx"))
@click.argument("book", type=click.Path(path_type=Path))
@click.option("--model", help="Also compare the weights with this checkpoint, cell by cell.")
@click.option(
    "--skip",
    multiple=True,
    metavar="WITNESS",
    help="Leave a witness out (evaluator, reference, LibreOffice, IronCalc).",
)
@file_itself_option
@as_json
def check(book: Path, model: str | None, skip: tuple[str, ...], cached: bool, as_json: bool) -> None:
    """Compare every formula cell of BOOK with every witness: evaluator, numpy reference, LibreOffice, IronCalc.

    BOOK may be a folder that build --split made: then what the workbooks hand on is compared too.
    """
    from sheetgpt.check import check as check_workbook
    from sheetgpt.split_check import check_split

    with Meter() as meter:
        report = (check_split if book.is_dir() else check_workbook)(book, model, skip, meter, cached)
    click.echo(json.dumps(report.as_dict()) if as_json else report.as_text())
    sys.exit(0 if report.agrees else 1)


@main.command(epilog=example("sheetgpt diff mini.xlsx other.xlsx --tolerance 1e-9"))
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option(
    "--tolerance", type=float, default=0.0, show_default=True, help="Numbers agree within this, relative or absolute."
)
@click.option("--values/--no-values", default=True, help="Compare the values that formulas had when saved.")
@click.option("--formulas/--no-formulas", default=True, help="Compare formulas.")
@click.option("--ignore", multiple=True, metavar="PLACE", help="A sheet, range or defined name to leave out.")
@click.option("--limit", type=int, default=100, show_default=True, help="Print at most so many differences.")
@cache_option
@as_json
def diff(
    a: Path,
    b: Path,
    tolerance: float,
    values: bool,
    formulas: bool,
    ignore: tuple[str, ...],
    limit: int,
    cached: bool,
    as_json: bool,
) -> None:
    """Compare two workbooks, any two: sheets, formulas, values, defined names.

    Exit status: 0 equal, 1 different, 2 trouble.
    """
    from sheetgpt.diff import diff_books
    from sheetgpt.diff_report import change_to_dict, diff_text
    from sheetgpt.reader import read

    books = read(a, cached), read(b, cached)
    changes = diff_books(*books, rel_tol=tolerance, abs_tol=tolerance, values=values, formulas=formulas, ignore=ignore)
    if as_json:
        listed = [change_to_dict(change) for change in changes[:limit]]
        click.echo(json.dumps({"equal": not changes, "differences": len(changes), "listed": listed}))
    elif changes:
        click.echo(diff_text(changes, str(a), str(b), limit))
    sys.exit(1 if changes else 0)


@main.command(epilog=example("sheetgpt show mini.xlsx Block_0!C10", "sheetgpt show mini.xlsx continuation.text"))
@click.argument("book", type=click.Path(path_type=Path))
@click.argument("cell")
@cache_option
@as_json
def show(book: Path, cell: str, cached: bool, as_json: bool) -> None:
    """Explain a CELL (Sheet!A1, or a defined name): value, formula, step, and the cells that it reads."""
    from sheetgpt.reader import read
    from sheetgpt.show import show as show_cell

    shown = show_cell(read(book, cached), cell)
    click.echo(json.dumps(shown.as_dict()) if as_json else shown.as_text())


@main.command(epilog=example("sheetgpt recalc mini.xlsx -o new.xlsx --set 'wte.weight!B4=0.5'"))
@click.argument("book", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="The file to write; may be BOOK itself."
)
@click.option("--set", "inputs", multiple=True, metavar="CELL=VALUE", help="Type a value into a cell before.")
@cache_option
@as_json
def recalc(book: Path, output: Path, inputs: tuple[str, ...], cached: bool, as_json: bool) -> None:
    """Write a copy of BOOK, any workbook, with the values that its formulas give now."""
    from sheetgpt.arguments import assignment
    from sheetgpt.run import recalculate_file

    count = recalculate_file(book, output, dict(map(assignment, inputs)), cached)
    click.echo(
        json.dumps({"file": str(output), "formulas": count}) if as_json else f"{output}: {count} formulas calculated"
    )


@main.command(epilog=example("sheetgpt cache --clear"))
@click.option("--clear", is_flag=True, help="Empty it.")
@as_json
def cache(clear: bool, as_json: bool) -> None:
    """Say where weights of workbooks that were read are kept, so that the next time is fast, and how large that is.

    Least recently used ones go first when there are more than 8 GB. The environment variable SHEETGPT_CACHE names
    another folder; --no-cache of the other commands leaves it alone.
    """
    from sheetgpt import cache as cache_folder

    place, dropped = cache_folder.folder(), cache_folder.clear() if clear else 0
    sizes = [status.st_size for _, status in cache_folder.files()]
    if as_json:
        entries = {"folder": str(place), "files": len(sizes), "bytes": sum(sizes), "dropped": dropped}
        click.echo(json.dumps(entries))
    elif clear:
        click.echo(f"{place}: {dropped / 1e6:.1f} MB dropped")
    else:
        sheets = f"{len(sizes)} sheet{'' if len(sizes) == 1 else 's'}"
        click.echo(f"{place}: {sheets}, {sum(sizes) / 1e6:.1f} MB of at most {cache_folder.LIMIT / 1e6:.0f}")
