"""`zhituo knowledge replay`: compute a given answer again under the revision it was given with."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer

from app.settings import Settings
from bot.replay import Replayed, replay
from knowledge.problems import KnowledgeError
from knowledge.revisions import Revisions, UnknownRevisionError
from knowledge.service import read_content
from store.asker import SYSTEM
from store.database import Database
from store.errors import NotVisibleError
from store.records import Answer


def replay_answer(
    answer_id: Annotated[int, typer.Argument(help="Number of the answer in the database.")],
    show_facts: Annotated[bool, typer.Option("--facts", help="Print the company's facts too.")] = False,
) -> None:
    """Compute an answer again with its own revision, day and facts; exit code 1 when anything differs."""
    settings = Settings()
    try:
        answer = asyncio.run(_answer(settings.database, answer_id))
        revision = Revisions(settings.revisions_file).get(answer.revision)
        results = replay(answer, read_content(revision.documents).knowledge)
    except (NotVisibleError, UnknownRevisionError, KnowledgeError) as error:
        typer.echo(f"not replayed: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(
        f"answer {answer.id}: {answer.intent}, as of {answer.as_of}, revision {revision.number} {revision.hash}"
    )
    if show_facts:
        typer.echo(json.dumps(answer.facts, ensure_ascii=False, indent=2))
    for result in results:
        _print(result)
    if not results:
        typer.echo("nothing was computed for this answer")
    raise typer.Exit(0 if all(result.same for result in results) else 1)


async def _answer(address: str, answer_id: int) -> Answer:
    database = Database(address)
    try:
        async with database.reading() as tx:
            return await tx.answers(SYSTEM).get(answer_id)
    finally:
        await database.close()


def _print(result: Replayed) -> None:
    if result.same:
        typer.echo(f"  {result.name}: the same")
        return
    typer.echo(f"  {result.name}: DIFFERENT")
    for field in result.differing:
        now = None if result.computed is None else result.computed.get(field)
        typer.echo(f"    {field}: kept {result.stored.get(field)!r}, computed {now!r}")
