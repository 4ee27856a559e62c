"""Who speaks is held by one process at a time, and nobody else's work waits for it."""

from __future__ import annotations

import asyncio
from datetime import datetime

from store.asker import Role
from store.database import Database
from store.messages import Channel, Outgoing
from store.outbox import Letter


async def test_a_second_process_waits_until_the_first_has_done(
    database: Database, database_url: str, now: datetime
) -> None:
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
    other, order = Database(database_url), []

    async def second() -> None:
        async with other.transaction() as tx:
            await tx.speakers.hold(person.id)
            order.append("second")

    async with database.transaction() as tx:
        await tx.speakers.hold(person.id)
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.2)
        order.append("first")
    await waiting
    await other.close()
    assert order == ["first", "second"]


async def test_what_refers_to_the_person_is_written_meanwhile(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
    if database.is_sqlite:
        return  # one writer: everybody waits anyway
    letter = Letter(
        dedupe_key="k", channel=Channel.WEB, address="a", content=Outgoing.say("提醒"), person_id=person.id
    )
    async with database.transaction() as tx:
        await tx.speakers.hold(person.id)
        async with asyncio.timeout(5), database.transaction() as reminder:
            assert await reminder.outbox.write(letter, now) is not None
