"""The command line: `zhituo --help`. Answers to people are Chinese; what operators read is English."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.cli_deadlines import SaveOutcome, deadlines_app, make_assets_app
from app.cli_eval import app as eval_app
from app.cli_keys import key_app
from app.cli_knowledge import app as knowledge_app
from app.cli_user import user_app
from app.logging import configure_logging
from app.settings import Settings
from knowledge.problems import KnowledgeError
from rules.deadlines.assets import AssetFacts

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="知托: chat assistant and rules service for the intellectual property of small companies in Ningbo.",
)


def _save_assets(assets: Sequence[AssetFacts], company_name: str) -> SaveOutcome:
    from app.asset_saving import save_assets

    return save_assets(assets, company_name)


transcript_app = typer.Typer(
    no_args_is_help=True, help="Conversations as tests: run them, see what they reach."
)
app.add_typer(transcript_app, name="transcript")
app.add_typer(knowledge_app, name="knowledge", help="The knowledge base: check, list, show.")
app.add_typer(user_app, name="user", help="People who sign in at the desk.")
app.add_typer(key_app, name="key", help="Keys of programs that use the rules service.")
app.add_typer(deadlines_app, name="deadlines", help="Statutory days and official fees.")
app.add_typer(
    make_assets_app(_save_assets), name="assets", help="Lists of patents and marks: preview and import."
)
app.add_typer(eval_app, name="eval", help="How well messages are understood.")


@app.callback()
def _set_up() -> None:
    """Prepare what every command needs."""
    configure_logging("WARNING", json=False)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Run everything in one process: owner chat at /, staff desk at /desk, API docs at /api/docs."""
    from app.server import run

    settings = Settings()
    changed = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    run(settings.model_copy(update=changed))


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question, in Chinese.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the answer with its citations as JSON.")
    ] = False,
    today: Annotated[str | None, typer.Option(help="Answer as of this day (YYYY-MM-DD).")] = None,
) -> None:
    """Give one answer with its citations. Needs no server and keeps nothing of what is asked."""
    from app.ask import answer_once

    settings = Settings()
    answer = answer_once(text, settings.knowledge_dir, today, settings.model_file)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    typer.echo(answer["text"])
    if answer["choices"]:
        typer.echo("\n" + "  ".join(f"［{choice}］" for choice in answer["choices"]))


@app.command()
def chat() -> None:
    """Talk in the terminal. Needs no server; what is kept stands in the database of the settings."""
    from app.chat import talk

    asyncio.run(talk(Settings()))


@transcript_app.command("run")
def transcript_run(
    files: Annotated[list[Path], typer.Argument(help="Transcript files.", exists=True, dir_okay=False)],
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print every conversation.")] = False,
    coverage: Annotated[bool, typer.Option(help="List the dialogue steps that none reaches.")] = False,
) -> None:
    """Run transcripts, each on a fresh database, and print `N passed, N failed`."""
    from app.transcripts.report import run_files

    settings = Settings()
    raise typer.Exit(
        run_files(files, settings.knowledge_dir, settings.model_file, verbose=verbose, coverage=coverage)
    )


def main() -> None:
    """Run the command line; what goes wrong ends in one sentence."""
    try:
        app()
    except KnowledgeError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
