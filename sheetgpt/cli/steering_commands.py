"""The commands that bring a direction onto the sheet Steering: steer, fetch-sae."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from sheetgpt.cli.options import answer_text, as_json, cache_option, example
from sheetgpt.errors import UsageError

if TYPE_CHECKING:
    from sheetgpt.schema.answer import Answer

_TOP = 5  # next tokens that are listed


@click.command(
    epilog=example(
        "sheetgpt build mini --lens steering -o steer.xlsx",
        "sheetgpt steer steer.xlsx --plus 'Mike is quick' --minus 'Mike is slow' --block 2 --strength 4 -o pushed.xlsx",
    )
)
@click.argument("book", type=click.Path(path_type=Path))
@click.option("--plus", required=True, metavar="TEXT", help="The prompt to steer to.")
@click.option("--minus", required=True, metavar="TEXT", help="The prompt to steer from.")
@click.option("--block", type=int, required=True, metavar="N", help="The block before which the direction is added.")
@click.option("--strength", type=float, required=True, help="How much of it is added; below 0: away from --plus.")
@click.option(
    "--row",
    type=click.Choice(("last", "mean")),
    default="last",
    show_default=True,
    help="Of each prompt: its last row, or the mean of its rows.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The copy to write.")
@cache_option
@as_json
def steer(
    book: Path,
    output: Path,
    plus: str,
    minus: str,
    block: int,
    strength: float,
    row: Literal["last", "mean"],
    cached: bool,
    as_json: bool,
) -> None:
    """Write a copy of BOOK that is steered by the difference of what two prompts are before a block.

    BOOK needs the sheet Steering (build --lens steering). The difference is calculated by the workbook's own formulas
    and typed into the row of that sheet; the prompt stays.
    """
    from sheetgpt.commands.steer import Contrast
    from sheetgpt.commands.steer import steer as steer_workbook

    _print(steer_workbook(book, output, Contrast(plus, minus, row), block, strength, cached), as_json)


@click.command(
    "fetch-sae", epilog=example("sheetgpt fetch-sae jbloom/GPT2-Small-SAEs-Reformatted blocks.8.hook_resid_pre 123")
)
@click.argument("release", metavar="RELEASE[@REVISION]")
@click.argument("hook")
@click.argument("feature", type=int)
@click.option("--into", type=click.Path(path_type=Path), metavar="BOOK", help="Type it into a copy of BOOK.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The copy to write, with --into.")
@click.option("--block", type=int, metavar="N", help="Before which block; default: where HOOK lies.")
@click.option("--strength", type=float, help="How much of it is added; default: what BOOK has.")
@cache_option
@as_json
def fetch_sae(
    release: str,
    hook: str,
    feature: int,
    into: Path | None,
    output: Path | None,
    block: int | None,
    strength: float | None,
    cached: bool,
    as_json: bool,
) -> None:
    """Read the direction of one FEATURE of a published sparse autoencoder, a row of its W_dec, from the hub.

    RELEASE is a repository, OWNER/NAME, and HOOK a folder in it with cfg.json and sae_weights.safetensors. Of the
    weights only the header and that row are read. Without --into the numbers are printed.
    """
    from sheetgpt.hub.sparse_autoencoder import fetch_feature

    if (into is None) != (output is None):
        raise UsageError("--into and -o go together", "give both or neither")
    if into is None and (block is not None or strength is not None):
        raise UsageError("--block and --strength are for a workbook", "give it with --into BOOK -o OUT")
    found = fetch_feature(release, hook, feature)
    if into is not None and output is not None:
        from sheetgpt.commands.fetch_sae import steer_by_feature

        _print(steer_by_feature(into, output, found, block, strength, cached), as_json)
    elif as_json:
        entries = {"release": found.release, "revision": found.revision, "hook": hook, "feature": feature}
        click.echo(json.dumps(entries | {"features": found.features, "direction": found.direction.tolist()}))
    else:
        about = f"{found.release} at {found.revision[:12]}, {hook}: feature {feature} of {found.features:,}"
        click.echo(f"{about}, {found.direction.size} numbers", err=True)
        click.echo("\t".join(map(repr, found.direction.tolist())))  # to be pasted into one row of a sheet


def _print(answer: Answer, as_json: bool) -> None:
    click.echo(json.dumps(asdict(answer)) if as_json else answer_text(answer, _TOP))


STEERING = (steer, fetch_sae)
