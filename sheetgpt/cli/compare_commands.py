"""The commands that compare workbooks, and those by which git does: diff, git-diff, text."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from sheetgpt.cli.options import as_json, cache_option, example


@click.command(epilog=example("sheetgpt diff mini.xlsx other.xlsx --tolerance 1e-9"))
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option(
    "--tolerance", type=float, default=0.0, show_default=True, help="Numbers agree within this, relative or absolute."
)
@click.option("--values/--no-values", default=True, help="Compare the values that formulas had when saved.")
@click.option("--formulas/--no-formulas", default=True, help="Compare formulas.")
@click.option("--looks/--no-looks", default=True, help="Compare formats, comments, charts and their kind.")
@click.option("--effects", is_flag=True, help="Print the values too that follow from other changes.")
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
    looks: bool,
    effects: bool,
    ignore: tuple[str, ...],
    limit: int,
    cached: bool,
    as_json: bool,
) -> None:
    """Compare two workbooks, any two: what was changed, and then the values that follow from it.

    Formulas differ if they do not mean the same: spaces, capital letters and the like do not count. Rows and columns
    put in or taken out are one line each, and what they shift is no change. Never compared are widths, views and what
    is set for printing; parts of the files that cannot be compared are named. /dev/null stands for no workbook.

    Exit status: 0 equal, 1 different, 2 trouble.
    """
    from sheetgpt.commands.diff import diff as diff_workbooks
    from sheetgpt.comparison.sheet_diff import Wanted

    wanted = Wanted(values=values, formulas=formulas, rel_tol=tolerance, abs_tol=tolerance)
    found = diff_workbooks(a, b, wanted, ignore, looks, cached)
    if as_json:
        click.echo(json.dumps(found.as_dict(limit)))
    elif found.changes:
        click.echo(found.as_text(str(a), str(b), limit, effects))
    else:
        for note in found.notes():
            click.echo(f"equal, but {note}", err=True)
    sys.exit(1 if found.changes else 0)


@click.command(
    "git-diff", epilog=example("sheetgpt git-diff mini.xlsx mini.xlsx 0000000 100644 other.xlsx 0000001 100644")
)
@click.argument("path")
@click.argument("files", nargs=-1)
def git_diff(path: str, files: tuple[str, ...]) -> None:
    """What git calls to show a changed workbook: PATH, and of the old and the new one FILE, hash and mode.

    Tell git so with the line "*.xlsx diff=xlsx" in .gitattributes, and "git config diff.xlsx.command 'sheetgpt
    git-diff'". The exit status is 0 where the workbooks differ too, as git asks for, and where a file is no workbook:
    it is said, and git goes on with the other files.
    """
    from sheetgpt.commands.diff import diff as diff_workbooks
    from sheetgpt.errors import SheetgptError, UsageError

    if not files:
        click.echo(f"{path}: not merged yet")
        return
    if len(files) < 4:
        raise UsageError("git calls this with a path and for each side a file, a hash and a mode")
    old, new = files[0], files[3]
    if len(files) > 7:  # what git says of a file that has another name now
        click.echo(files[7].strip())
    try:
        found = diff_workbooks(old, new, cached=False)
    except SheetgptError as error:
        click.echo(f"{path}: not compared: {error}")
        return
    text = found.as_text(f"a/{path}" if old != "/dev/null" else old, f"b/{path}" if new != "/dev/null" else new)
    click.echo(text or "\n".join([f"{path}: no difference in what is compared", *found.notes()]))


@click.command(epilog=example("sheetgpt text mini.xlsx"))
@click.argument("book", type=click.Path(path_type=Path))
@click.option("--values/--no-values", default=True, help="Print the values that formulas had when saved.")
@cache_option
def text(book: Path, values: bool, cached: bool) -> None:
    """Print all that BOOK holds as lines of text, a cell in each: for programs that compare text, such as git.

    What a line shows: the cell, its value, and before that its formula if it has one. Looks are not printed. For git:
    the line "*.xlsx diff=xlsx" in .gitattributes, and "git config diff.xlsx.textconv 'sheetgpt text'".
    """
    from sheetgpt.commands.text import lines
    from sheetgpt.xlsx.reader import read

    for line in lines(read(book, cached), values):
        click.echo(line)


COMPARING = (diff, git_diff, text)
