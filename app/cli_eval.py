"""`zhituo eval`: measures understanding on labelled messages that it was not trained on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.understanding.cost import measured
from bot.understanding.errors import UnderstandingError
from bot.understanding.evaluate import (
    check_not_trained_on,
    compared,
    evaluate,
    read_labelled,
    rendered,
    retyped,
)
from bot.understanding.perturbation import Perturbation, Typist
from bot.understanding.understand import Understanding
from knowledge.intent_examples import IntentExamplesError, load_intent_examples
from rules.days import NINGBO

app = typer.Typer(help="Measure parts of 知托 against labelled data.", no_args_is_help=True)

_KNOWLEDGE = Path(__file__).parents[1] / "knowledge"


@app.callback()
def _evaluations() -> None:
    """Keep `understanding` a command of its own, also while it is the only one."""


@app.command()
def understanding(
    file: Annotated[Path, typer.Argument(help="CSV with text, intent (a|b accepts either), optional slots.")],
    knowledge: Annotated[Path, typer.Option(help="The knowledge folder to train from.")] = _KNOWLEDGE,
    perturb: Annotated[bool, typer.Option(help="Also measure the messages typed otherwise.")] = True,
) -> None:
    """Print accuracy, macro-F1, confusion, refusals, times, load time and memory of understanding on FILE.

    The same messages are then typed otherwise (homophone slips, traditional script, no particles) and compared.
    """
    today = datetime.now(NINGBO).date()
    try:
        rows = read_labelled(file)
        examples = load_intent_examples(knowledge)
        check_not_trained_on(rows, examples)
        loaded = Understanding.load(examples)
        plain = evaluate(loaded, rows, today)
        typist = Typist(text for group in examples for text in group.examples)
        texts = [row.text for row in rows]
        otherwise = {
            how.value: evaluate(loaded, retyped(rows, typist.retyped(texts, how)), today)
            for how in (Perturbation if perturb else ())
        }
        cost = measured(knowledge)
    except (UnderstandingError, IntentExamplesError) as error:
        typer.echo(f"not evaluated: {error}", err=True)
        raise typer.Exit(code=1) from error
    typer.echo(rendered(plain))
    if otherwise:
        typer.echo(compared(plain, otherwise))
    typer.echo(f"load time                   {cost.seconds:.2f} s")
    typer.echo(f"memory                      {cost.megabytes:.0f} MB at its peak, all included")
