"""`zhituo chat`: a conversation in the terminal, through the same pipeline, without a server."""

from __future__ import annotations

import getpass

import typer

from app.second_opinion import open_second_opinion
from app.settings import Settings
from app.wiring import Minds, Service, open_knowledge, utc_now
from bot.channels.terminal import Terminal
from store.database import Database

ADDRESS = "local"


def owner_address() -> str:
    """Return the address of whoever sits at this terminal: `zhituo assets import` keeps rights for the same owner."""
    return f"{ADDRESS}:{getpass.getuser()}"


async def talk(settings: Settings) -> None:
    """Read lines and answer them until the input ends."""
    database = Database(settings.database)
    await database.migrate()
    opinion = None
    try:
        knowledge = open_knowledge(settings.knowledge_dir, settings.revisions_file, utc_now())
        minds = Minds.of(knowledge.content, settings.model_file)
        opinion = open_second_opinion(settings, minds())
        service = Service.for_terminal(database, minds, utc_now, settings.base_url, opinion)
        terminal = Terminal(
            database, service.pipeline.receive_and_answer, service.deliver, utc_now, owner_address()
        )
        await terminal.run(typer.echo)
    finally:
        if opinion is not None:
            await opinion.close()
        await database.close()
