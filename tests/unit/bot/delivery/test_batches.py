"""Many messages at once: one look at the windows, one commit for receipts that come together, and none keeps another back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from bot.delivery.delivery import Delivery
from bot.delivery.in_memory import InMemorySender
from bot.delivery.limiter import Admission, Wait
from bot.delivery.port import Outcome, Rebind, Sent
from store.database import Database
from store.limits import LONG_AGO, Standing, Window
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import Lane, OutboxItem, OutboxState
from store.transaction import Transaction
from tests.outbox_items import item

SECOND = timedelta(seconds=1)
BOT = Window("bot", 3, SECOND, bulk_at_most=2, shared=True)


async def write(database: Database, now: datetime, addresses: Sequence[str]) -> None:
    async with database.transaction() as tx:
        for number, address in enumerate(addresses):
            letter = Letter(
                dedupe_key=str(number),
                channel=Channel.TELEGRAM,
                address=address,
                content=Outgoing.say("好"),
            )
            await tx.outbox.write(letter, now)


async def counts(database: Database) -> dict[str, int]:
    async with database.reading() as tx:
        return await tx.outbox.counts()


class Together(InMemorySender):
    """Lets all its sends end in the same moment."""

    def __init__(self, expected: int) -> None:
        super().__init__(Channel.TELEGRAM, repeatable=False)
        self._all = asyncio.Barrier(expected)

    async def send(self, item: OutboxItem) -> Outcome:
        await self._all.wait()
        return Rebind() if item.address == "lost" else Sent(item.address)


async def test_receipts_that_come_together_share_a_commit(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(database, now, [str(number) for number in range(20)])
    transactions = 0
    begin = database.transaction

    @asynccontextmanager
    async def counted() -> AsyncIterator[Transaction]:
        nonlocal transactions
        transactions += 1
        async with begin() as tx:
            yield tx

    monkeypatch.setattr(database, "transaction", counted)
    delivery = Delivery(database, [Together(20)], lambda: now)
    running = asyncio.create_task(delivery.run())
    async with asyncio.timeout(20):
        while await counts(database) != {OutboxState.SENT: 20}:  # noqa: ASYNC110 - the database sets no event
            await asyncio.sleep(0.02)
    delivery.stop()
    await running
    assert transactions <= 5, "one to claim, one or two to record, one or two to tidy"


async def test_one_that_cannot_be_recorded_keeps_no_other_back(database: Database, now: datetime) -> None:
    await write(database, now, ["1", "lost", "2", "3"])

    async def broken(_: Transaction, __: OutboxItem) -> str | None:
        raise RuntimeError("the place cannot be made anew")

    delivery = Delivery(database, [Together(4)], lambda: now, rebind=broken)
    running = asyncio.create_task(delivery.run())
    async with asyncio.timeout(20):
        while (await counts(database)).get(OutboxState.SENT) != 3:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    delivery.stop()
    await running
    assert await counts(database) == {OutboxState.SENT: 3, OutboxState.SENDING: 1}


async def test_all_that_waits_for_a_full_chat_waits_at_once(database: Database, now: datetime) -> None:
    """Not one message a look: a chat with a hundred messages would be looked at a hundred times a second."""
    await write(database, now, ["a"] * 30 + ["b"])
    sender = InMemorySender(Channel.TELEGRAM, windows=lambda one: (Window(one.address, 1, SECOND),))
    delivery = Delivery(database, [sender], lambda: now)
    await delivery.deliver_due()
    assert [one.address for one in sender.taken] == ["a", "b"]
    async with database.reading() as tx:
        waiting = await tx.outbox.in_states([OutboxState.PENDING])
    assert {one.not_before for one in waiting} == {now + SECOND}


def admission(now: datetime, sent: dict[str, list[datetime]], held: dict[str, datetime]) -> Admission:
    return Admission(Standing(held, sent), now)


def test_each_admitted_message_counts_for_the_next(now: datetime) -> None:
    door = admission(now, {"bot": []}, {})
    answer = item(1, Outgoing.say("x"), now)
    bulk = answer.model_copy(update={"lane": Lane.BULK})
    assert [door.admit(bulk, [BOT]) for _ in range(3)] == [None, None, Wait(now + SECOND, for_everybody=True)]
    assert door.admit(answer, [BOT]) is None, "an answer finds room that a broadcast may not take"
    assert door.admit(answer, [BOT]) == Wait(now + SECOND, for_everybody=True)


def test_a_message_that_waits_takes_no_place(now: datetime) -> None:
    chat = Window("chat", 1, SECOND)
    door = admission(now, {"bot": [], "chat": [now - SECOND / 2]}, {})
    one = item(1, Outgoing.say("x"), now)
    assert door.admit(one, [BOT, chat]) == Wait(now + SECOND / 2, for_everybody=False)
    assert door.standing.sent["bot"] == []


def test_a_hold_is_longer_than_a_window(now: datetime) -> None:
    door = admission(now, {"bot": []}, {"bot": now + 3 * SECOND})
    assert door.admit(item(1, Outgoing.say("x"), now), [BOT]) == Wait(now + 3 * SECOND, for_everybody=True)
    assert Standing({}, {}).free_at(BOT, bulk=False) == LONG_AGO
