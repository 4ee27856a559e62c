"""A message sent again by a person's word: once a press, and it is known whose word it was."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from bot.delivery.delivery import Delivery
from bot.delivery.in_memory import InMemorySender
from bot.delivery.port import Unknown
from store.asker import Role
from store.database import Database
from store.dead_letters import SentAgain
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import Cause, OutboxState, Person


async def dead(database: Database, now: datetime, not_after: datetime | None = None) -> int:
    """Return a message of which nobody knows whether it arrived."""
    async with database.transaction() as tx:
        letter = Letter(
            dedupe_key="k",
            channel=Channel.TELEGRAM,
            address="1",
            content=Outgoing.say("政策"),
            cause=Cause.BROADCAST,
            not_after=not_after,
        )
        number = await tx.outbox.write(letter, now)
    assert number is not None
    sender = InMemorySender(Channel.TELEGRAM, outcomes=[Unknown("cut off")], repeatable=False)
    await Delivery(database, [sender], lambda: now).deliver_due()
    return number


async def editor(database: Database, now: datetime) -> Person:
    async with database.transaction() as tx:
        return await tx.people.add_person(Role.EDITOR, now, name="王编辑", login="wang")


async def test_two_presses_at_once_are_one_message(database: Database, now: datetime) -> None:
    number, person = await dead(database, now), await editor(database, now)

    async def press() -> bool:
        async with database.transaction() as tx:
            return await tx.dead_letters(person.as_asker()).send_again(number, now)

    assert sorted(await asyncio.gather(press(), press())) == [False, True]
    sender = InMemorySender(Channel.TELEGRAM)
    delivery = Delivery(database, [sender], lambda: now)
    assert await delivery.deliver_due() == 1
    assert await delivery.deliver_due() == 0
    assert len(sender.taken) == 1
    async with database.reading() as tx:
        again = await tx.dead_letters(person.as_asker()).sent_again([number])
        assert await tx.outbox.counts() == {OutboxState.SENT: 1}
    assert again == {number: [SentAgain("王编辑", now)]}


async def test_what_is_no_longer_of_use_is_not_sent_again(database: Database, now: datetime) -> None:
    number = await dead(database, now, not_after=now + timedelta(hours=1))
    person, later = await editor(database, now), now + timedelta(hours=2)
    async with database.transaction() as tx:
        assert not await tx.dead_letters(person.as_asker()).send_again(number, later)
        assert await tx.outbox.counts() == {OutboxState.UNKNOWN: 1}
