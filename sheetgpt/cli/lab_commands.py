"""The commands for experiments: sweep, score."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from sheetgpt.cli.options import as_json, cache_option, example
from sheetgpt.system.progress import Meter
from sheetgpt.system.threads import one_blas_thread

jobs_option = click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="Calculate in N processes."
)
dask_option = click.option("--dask", metavar="ADDRESS", help="Calculate on the Dask cluster at tcp://HOST:PORT.")


@click.command(
    epilog=example(
        "sheetgpt build mini --lens switches -o lenses.xlsx",
        "sheetgpt sweep lenses.xlsx --off mlp:all --prompts prompts.txt -o mlps.jsonl",
    )
)
@click.argument("book", type=click.Path(path_type=Path))
@click.option(
    "--off",
    multiple=True,
    metavar="PARTS",
    help="What to take out, each part in turn: head:all, mlp:all, block:all, h.1.head.3, h.1.mlp, h.1; "
    "h.1.head.3+h.2.mlp: both at once. May come several times.",
)
@click.option("--prompts", type=click.Path(path_type=Path), required=True, help="A prompt on each line; -: stdin.")
@click.option("--token", help="The token of choice; default: the answer to each prompt with everything on.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write, or to go on with.")
@jobs_option
@dask_option
@cache_option
def sweep(
    book: Path,
    off: tuple[str, ...],
    prompts: Path,
    token: str | None,
    output: Path | None,
    jobs: int,
    dask: str | None,
    cached: bool,
) -> None:
    """Answer every prompt with everything on, then with each of the parts off, as JSON lines in this order.

    Each line has the prompt, what is off, the answer, and of the token of choice the logit, the probability, and how
    they differ from those with everything on. It needs a workbook with the lens switches. An OUTPUT that an earlier
    call left unfinished is continued. However many processes there are, the lines are the same to the last digit.
    """
    one_blas_thread()
    from sheetgpt.lab.json_lines import append_lines, as_line, read_whole_lines
    from sheetgpt.lab.sweep import plan_sweep
    from sheetgpt.lab.texts import read_prompts
    from sheetgpt.lab.workers import Workers
    from sheetgpt.schema.answer import interventions_in_use

    workers = Workers(jobs, dask)
    plan = plan_sweep(book, read_prompts(prompts), off, token, cached)
    for told in interventions_in_use(plan.book):
        click.echo(f"{book} as it is: {told}", err=True)
    done = read_whole_lines(output) if output else []
    plan.verify(done, str(output))
    with Meter() as meter:
        lines = plan.lines(workers, len(done), meter)
        if output:
            append_lines(output, lines)
            click.echo(f"{output}: {len(plan)} lines, {len(done)} of them from before", err=True)
            return
        for line in lines:
            sys.stdout.buffer.write(as_line(line))
            sys.stdout.buffer.flush()


@click.command(epilog=example("sheetgpt score mini.xlsx texts.txt"))
@click.argument("book", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--last-word", is_flag=True, help="Is the last word of each text the likeliest one?")
@jobs_option
@dask_option
@cache_option
@as_json
def score(book: Path, file: Path, last_word: bool, jobs: int, dask: str | None, cached: bool, as_json: bool) -> None:
    """Score the texts of FILE by BOOK: cross-entropy, perplexity, bits per character; choices; last words.

    FILE has a text on each line; or, if its name ends in .jsonl, {"text": ...} or {"context": ..., "choices": [...]},
    with "answer", the number of the right choice from 0, if it is known. A text longer than the window is scored in
    windows that overlap by half; a context with a choice or with a last word must fit the window. With --last-word each
    text is cut before its last word, which is right if each of its tokens is the likeliest; filtered: without stop
    words.
    """
    one_blas_thread()
    from sheetgpt.lab.score import score as score_texts
    from sheetgpt.lab.score_report import scores_text
    from sheetgpt.lab.texts import read_texts
    from sheetgpt.lab.workers import Workers

    with Meter() as meter:
        scores = score_texts(book, read_texts(file, last_word), Workers(jobs, dask), cached, meter)
    click.echo(json.dumps(scores.as_dict(), ensure_ascii=False) if as_json else scores_text(scores))


EXPERIMENTS = (sweep, score)
