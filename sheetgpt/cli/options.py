"""What the commands of the command line share: options, the end of a help page, errors as sentences."""

from __future__ import annotations

import atexit
import gc
import signal
import threading
from typing import TYPE_CHECKING

import click

from sheetgpt.errors import SheetgptError

if TYPE_CHECKING:
    from sheetgpt.schema.answer import Answer

# Objects made before Python looks for circles of them that nobody uses: a workbook has hundreds of thousands, without
# circles, and one command makes few. At Python's own 700 the looking takes a sixth of the time of `run`.
_COLLECTED_AFTER = 1_000_000


class Verbs(click.Group):
    """Turns the project's errors into a sentence on stderr and exit status 2."""

    def invoke(self, context: click.Context) -> object:
        if threading.current_thread() is threading.main_thread():  # elsewhere Python allows no handlers
            signal.signal(signal.SIGTERM, exit_on_signal)
        gc.set_threshold(_COLLECTED_AFTER, 50, 100)
        atexit.register(gc.freeze)  # what there is at the end goes with the process
        try:
            return super().invoke(context)
        except SheetgptError as error:
            click.echo(f"sheetgpt: {error}", err=True)
        except MemoryError:
            click.echo("sheetgpt: the memory of this machine is too small for that", err=True)
        context.exit(2)


def exit_on_signal(*_: object) -> None:
    """Leave as from any error, so that nothing half-written stays behind."""
    raise SystemExit(128 + signal.SIGTERM)


def example(*lines: str) -> str:
    """The end of a help page: a command that works."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def answer_text(answer: Answer, top: int) -> str:
    """The text that a workbook writes, and the `top` likeliest next tokens with what each is drawn with."""
    sampling = answer.sampling
    draws = sampling.temperature > 0  # else the likeliest one is taken
    lines = [f"{answer.prompt}{click.style(answer.continuation, bold=True)}", ""]
    lines.append(f"next token       probability {'     drawn' * draws}     logit     id")
    for candidate in answer.top[:top]:
        drawn = f" {candidate.drawn:>9.2%}" * draws
        chances = f"{candidate.probability:>11.2%}{drawn}"
        lines.append(f"{candidate.shown:<16} {chances} {candidate.logit:>10.4f} {candidate.id:>6}")
    if answer.switches:
        from sheetgpt.schema.answer import switches_text  # here, for it brings numpy

        lines.append(f"\nnot the whole model, switches: {switches_text(answer.switches)}")
    lines += [f"\n{message}" for message in answer.interventions]
    if answer.exercise:
        lines.append(f"\nexercise: {answer.exercise}; the model goes on with the right values")
    if draws:
        how = f"temperature {sampling.temperature:g}, top-k {sampling.top_k}, top-p {sampling.top_p:g}"
        lines.append(f"\nprobability: the model's own; drawn: with which the token is drawn, at {how}")
    return "\n".join(lines)


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
prompt_option = click.option("--prompt", metavar="TEXT", help="The text to continue.")
set_option = click.option(
    "--set", "inputs", multiple=True, metavar="CELL=VALUE", help="Type a value into a cell before; 'VALUE is a text."
)
cache_option = click.option(
    "--cache/--no-cache", "cached", default=True, help="Keep large weights that were read for the next time."
)
file_itself_option = click.option(
    "--cache/--no-cache", "cached", default=False, help="Take weights that were read before; default: read the file."
)
now_option = click.option(
    "--now",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="The time for NOW and TODAY, such as 2026-01-31T12:00; default: the present.",
)
seed_option = click.option(
    "--seed", type=int, default=0, show_default=True, help="What RAND, RANDBETWEEN and RANDARRAY draw by."
)
ids_option = click.option("--token-ids", metavar="ID,ID,...", help="The prompt as token ids instead of text.")
