"""Pictures of the sheets of a workbook, as LibreOffice shows them in a window of 1440 x 900: `make pictures`.

    python tests/pictures.py WORKBOOK FOLDER [--prompt TEXT] [SHEET[!CELL] ...]

Writes FOLDER/NAME.png for each sheet named, default all: the window as it is when the sheet has just been opened, or
with CELL scrolled to. With --prompt, the text is put into its cell first.
"""

from __future__ import annotations

from pathlib import Path

import click

from sheetgpt.book.address import parse_a1
from sheetgpt.xlsx.reader import read
from support.window import Window


@click.command()
@click.argument("workbook", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("places", nargs=-1)
@click.option("--prompt")
def main(workbook: Path, folder: Path, places: tuple[str, ...], prompt: str | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with Window(workbook) as window:
        if prompt:
            sheet, rect = read(workbook).locate("prompt.text")
            window.session.set(sheet, (rect.top, rect.left), prompt)
        for number, place in enumerate(places or window.session.sheets(), 1):
            sheet, mark, cell = place.partition("!")
            rect = parse_a1(cell) if mark else parse_a1("A1")
            window.show(sheet, (rect.top, rect.left))
            path = folder / f"{number:02d}_{sheet}{'_' * bool(mark)}{cell}.png"
            window.picture(path)
            click.echo(path)


if __name__ == "__main__":
    main()
