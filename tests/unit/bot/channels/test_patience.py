"""An update that can never be stored is set aside after some tries; one that only came at a bad time is waited for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from bot.channels.patience import Patience
from bot.channels.writers import known_writer
from store.asker import SYSTEM
from store.database import Database
from store.errors import UnavailableError
from store.messages import Channel
from store.records import InboxState


@pytest.fixture
def patience(database: Database, now: datetime) -> Patience:
    return Patience(database, Channel.WECOM_KF, lambda: now, passing=(ConnectionResetError,), tries=3)


def failing(error: Exception) -> Callable[[], Awaitable[object]]:
    async def action() -> object:
        raise error

    return action


async def test_what_never_succeeds_is_set_aside_and_its_writer_told(
    patience: Patience, database: Database, now: datetime
) -> None:
    async with database.transaction() as tx:
        person = await known_writer(tx, Channel.WECOM_KF, "wm1", "", now)
    poison = failing(KeyError("海天试验"))
    for _ in range(2):
        with pytest.raises(KeyError):
            await patience.store("u1", "wm1", poison)
    await patience.store("u1", "wm1", poison)
    async with database.reading() as tx:
        (lost,) = await tx.dead_letters(SYSTEM).unanswered()
        assert lost.state is InboxState.UNREADABLE
        assert lost.error == "it could not be stored: KeyError"
        (told,) = await tx.outbox.to_person(person.id)
        assert "没能处理好" in told.content.plain_text()
        assert await tx.inbox.has(Channel.WECOM_KF, "u1")


async def test_nobody_is_told_of_an_event_or_twice(patience: Patience, database: Database) -> None:
    for _ in range(2):
        for _ in range(2):
            with pytest.raises(KeyError):
                await patience.store("u1", "", failing(KeyError("x")))
        await patience.store("u1", "", failing(KeyError("x")))
    async with database.reading() as tx:
        assert len(await tx.dead_letters(SYSTEM).unanswered()) == 1
        assert await tx.outbox.counts() == {}


@pytest.mark.parametrize("error", [UnavailableError("gone"), OSError("full"), ConnectionResetError()])
async def test_what_passes_is_waited_for(patience: Patience, database: Database, error: Exception) -> None:
    for _ in range(10):
        with pytest.raises(type(error)):
            await patience.store("u1", "wm1", failing(error))
    async with database.reading() as tx:
        assert await tx.inbox.counts() == {}


async def test_a_success_in_between_is_a_new_beginning(patience: Patience, database: Database) -> None:
    async def stored() -> object:
        return True

    for _ in range(3):
        for _ in range(2):
            with pytest.raises(KeyError):
                await patience.store("u1", "wm1", failing(KeyError("x")))
        await patience.store("u1", "wm1", stored)
    async with database.reading() as tx:
        assert await tx.inbox.counts() == {}
