"""`zhituo eval`: measures understanding on labelled messages that it was not trained on."""

from __future__ import annotations

import resource
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.understanding.errors import UnderstandingError
from bot.understanding.evaluate import check_not_trained_on, evaluate, read_labelled, rendered
from bot.understanding.understand import Understanding
from knowledge.intent_examples import IntentExamplesError, load_intent_examples

app = typer.Typer(help="Measure parts of 知托 against labelled data.", no_args_is_help=True)

_KNOWLEDGE = Path(__file__).parents[1] / "knowledge"


@app.callback()
def _evaluations() -> None:
    """Keep `understanding` a command of its own, also while it is the only one."""


@app.command()
def understanding(
    file: Annotated[Path, typer.Argument(help="CSV with text, intent (a|b accepts either), optional slots.")],
    knowledge: Annotated[Path, typer.Option(help="The knowledge folder to train from.")] = _KNOWLEDGE,
) -> None:
    """Print accuracy, macro-F1, confusion, refusals, times, load time and memory of understanding on FILE."""
    try:
        rows = read_labelled(file)
        examples = load_intent_examples(knowledge)
        check_not_trained_on(rows, examples)
        before, started = _peak_megabytes(), time.perf_counter()
        loaded = Understanding.load(examples)
        load_seconds = time.perf_counter() - started
    except (UnderstandingError, IntentExamplesError) as error:
        typer.echo(f"not evaluated: {error}", err=True)
        raise typer.Exit(code=1) from error
    typer.echo(rendered(evaluate(loaded, rows, datetime.now(ZoneInfo("Asia/Shanghai")).date())))
    typer.echo(f"load time                   {load_seconds:.2f} s")
    peak = _peak_megabytes()
    typer.echo(f"memory                      peak {peak:.0f} MB, {peak - before:.0f} MB of it by loading")


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
