"""The commands that take any workbook: check, show, recalc; and what goes with them: functions, cache."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetgpt.cli.options import as_json, cache_option, example, file_itself_option, now_option, seed_option, set_option
from sheetgpt.system.progress import Meter

if TYPE_CHECKING:
    from sheetgpt.verification.report import Report
    from sheetgpt.verification.split import SplitReport

_NOT_ALL_CALCULATED = 3  # the exit status of recalc


@click.command(epilog=example("sheetgpt check mini.xlsx"))
@click.argument("book", type=click.Path(path_type=Path))
@click.option("--model", help="Also compare weights, tokenizer and settings with this checkpoint.")
@click.option(
    "--skip",
    multiple=True,
    metavar="WITNESS",
    help="Leave a witness out: evaluator, reference, LibreOffice (with 'LibreOffice as used'), IronCalc.",
)
@now_option
@click.option("--seed", type=int, help="What RAND and its kin drew by when the file was calculated.")
@click.option("--steps", is_flag=True, help="Also print what each witness says of each step (in --json: the groups).")
@file_itself_option
@as_json
def check(
    book: Path,
    model: str | None,
    skip: tuple[str, ...],
    now: datetime | None,
    seed: int | None,
    steps: bool,
    cached: bool,
    as_json: bool,
) -> None:
    """Compare every formula cell of BOOK with every witness: evaluator, numpy reference, LibreOffice, IronCalc.

    BOOK may be a folder that build --split made: then what the workbooks hand on is compared too.

    What depends on the clock, on random numbers or on the machine is left out, and said so; the evaluator compares it
    too with the --now or --seed with which the file was calculated.

    Cells that a witness cannot calculate (it lacks a function, say) are left out for it, and named with the reason.

    Exit status: 0 if all witnesses that were asked agree; 1 if anything differs; else 2, if one of them could not
    compare any cell, or the file holds no values to compare with. What is not installed, was skipped or cannot open a
    file of another program was not asked.
    """
    from sheetgpt.verification.split import check_split
    from sheetgpt.verification.workbook import check as check_workbook

    with Meter() as meter:
        if book.is_dir():
            report: Report | SplitReport = check_split(book, model, skip, meter, cached)
        else:
            report = check_workbook(book, model, skip, meter, cached, now, seed)
    click.echo(json.dumps(report.as_dict(steps)) if as_json else report.as_text(steps))
    sys.exit(report.outcome.status)


@click.command(epilog=example("sheetgpt show mini.xlsx Block_0!C10", "sheetgpt show mini.xlsx continuation.text"))
@click.argument("book", type=click.Path(path_type=Path))
@click.argument("cell")
@cache_option
@as_json
def show(book: Path, cell: str, cached: bool, as_json: bool) -> None:
    """Explain a CELL (Sheet!A1, or a defined name): value, formula, step, and the cells that it reads."""
    from sheetgpt.commands.show import show as show_cell
    from sheetgpt.xlsx.reader import read

    shown = show_cell(read(book, cached), cell)
    click.echo(json.dumps(shown.as_dict()) if as_json else shown.as_text())


@click.command(epilog=example("sheetgpt recalc mini.xlsx -o new.xlsx --set 'wte.weight!B4=0.5'"))
@click.argument("book", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="The file to write; may be BOOK itself."
)
@set_option
@now_option
@seed_option
@click.option("--strict", is_flag=True, help="Refuse a workbook with formulas that cannot be calculated.")
@cache_option
@as_json
def recalc(
    book: Path,
    output: Path,
    inputs: tuple[str, ...],
    now: datetime | None,
    seed: int,
    strict: bool,
    cached: bool,
    as_json: bool,
) -> None:
    """Write a copy of BOOK, any workbook, with the values that its formulas give now; all else stays as it is.

    A formula that cannot be calculated (its function is lacking, it is no formula, it goes in a circle) keeps the value
    that BOOK holds, and so does what depends on it; everything else is calculated. What was kept is printed, by reasons
    and ranges. NOT KNOWN are formulas with a value of before a change: what they depend on has changed, and cannot be
    calculated.

    Exit status: 0 if everything was calculated; 3 if the copy is written, but some formulas were not calculated, or
    circles did not come to rest; 2 trouble, nothing is written.

    A VALUE is a number such as 1.5 or -2e-3, TRUE or FALSE, an error such as #N/A, nothing (the cell becomes blank), or
    text. What Excel would take for another number, a date or a formula ("1,5", "5%", "=B2") is refused; an apostrophe
    in front makes it text.
    """
    from sheetgpt.cli.arguments import assignment
    from sheetgpt.commands.recalc import recalc as recalc_workbook

    done = recalc_workbook(book, output, dict(map(assignment, inputs)), cached, now, seed, strict)
    if as_json:
        click.echo(json.dumps({"file": str(output), **done.as_dict()}))
    else:
        click.echo("\n".join([f"{output}: {done.text()}", *done.taken_over.lines(), *done.sources.lines()]))
    sys.exit(0 if done.complete else _NOT_ALL_CALCULATED)


@click.command(epilog=example("sheetgpt functions"))
@as_json
def functions(as_json: bool) -> None:
    """List the functions that formulas may use, with their numbers of arguments."""
    from sheetgpt.evaluator.compile.known import functions_text, known_functions

    click.echo(json.dumps(known_functions()) if as_json else functions_text())


@click.command(epilog=example("sheetgpt cache --clear"))
@click.option("--clear", is_flag=True, help="Empty it.")
@as_json
def cache(clear: bool, as_json: bool) -> None:
    """Say where weights of workbooks that were read are kept, so that the next time is fast, and how large that is.

    Least recently used ones go first when there are more than 8 GB. The environment variable SHEETGPT_CACHE names
    another folder; --no-cache of the other commands leaves it alone.
    """
    from sheetgpt.xlsx import grid_cache as cache_folder

    place, dropped = cache_folder.folder(), cache_folder.clear() if clear else 0
    sizes = [status.st_size for _, status in cache_folder.files()]
    if as_json:
        entries = {"folder": str(place), "files": len(sizes), "bytes": sum(sizes), "dropped": dropped}
        click.echo(json.dumps(entries))
    elif clear:
        click.echo(f"{place}: {dropped / 1e6:.1f} MB dropped")
    else:
        sheets = f"{len(sizes)} sheet{'' if len(sizes) == 1 else 's'}"
        click.echo(f"{place}: {sheets}, {sum(sizes) / 1e6:.1f} MB of at most {cache_folder.LIMIT / 1e6:,.0f} MB")


COMMANDS = (check, show, recalc, functions, cache)
