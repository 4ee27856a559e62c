"""Inbox and outbox: stored once, claimed once, in order."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.dialects import postgresql

from bot.channels.writers import known_writer
from store.asker import Role
from store.database import Database
from store.errors import EarlierWaitsError
from store.messages import Channel, Incoming, IncomingKind, Outgoing
from store.models import InboxRow
from store.outbox import _CANDIDATES, Letter
from store.records import Lane, OutboxState
from tests.postgres_server import PostgresServer

LEASE = timedelta(seconds=30)


def text(update_id: str, now: datetime) -> Incoming:
    return Incoming(
        channel=Channel.WEB,
        address="a",
        update_id=update_id,
        kind=IncomingKind.TEXT,
        received_at=now,
        text="你好",
    )


def letter(key: str, address: str = "a", lane: Lane = Lane.INTERACTIVE) -> Letter:
    return Letter(dedupe_key=key, channel=Channel.WEB, address=address, content=Outgoing.say(key), lane=lane)


async def test_an_update_delivered_three_times_is_one_row(database: Database, now: datetime) -> None:
    received = []
    for _ in range(3):
        async with database.transaction() as tx:
            received.append(await tx.inbox.receive(text("u1", now), None))
    assert [item is not None for item in received] == [True, False, False]
    async with database.reading() as tx:
        assert len(await tx.inbox.waiting()) == 1


async def test_a_message_is_done_once(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        item = await tx.inbox.receive(text("u1", now), None)
        assert item is not None
        assert await tx.inbox.done(item, now)
        assert not await tx.inbox.done(item, now)


async def test_a_failed_transaction_leaves_nothing(database: Database, now: datetime) -> None:
    try:
        async with database.transaction() as tx:
            await tx.outbox.write(letter("x"), now)
            raise RuntimeError("in the middle")
    except RuntimeError:
        pass
    async with database.reading() as tx:
        assert await tx.outbox.counts() == {}


async def test_the_same_cause_is_written_once(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        assert await tx.outbox.write(letter("k"), now) is not None
        assert await tx.outbox.write(letter("k"), now) is None


async def test_claiming_keeps_the_order_of_an_address_and_prefers_answers(
    database: Database, now: datetime
) -> None:
    async with database.transaction() as tx:
        await tx.outbox.write(letter("bulk", "b", Lane.BULK), now)
        await tx.outbox.write(letter("1"), now)
        await tx.outbox.write(letter("2"), now)
        claimed = await tx.outbox.claim([Channel.WEB], now, LEASE, 10)
        assert [item.dedupe_key for item in claimed] == ["1", "bulk"]
        assert await tx.outbox.claim([Channel.WEB], now, LEASE, 10) == []
        await tx.outbox.settle(claimed[0], OutboxState.SENT, now)
        claimed = await tx.outbox.claim([Channel.WEB], now, LEASE, 10)
        assert [item.dedupe_key for item in claimed] == ["2"]


async def test_a_lease_is_taken_by_one(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        assert await tx.leases.take("clock", "one", now, LEASE)
        assert not await tx.leases.take("clock", "two", now, LEASE)
        assert await tx.leases.take("clock", "one", now, LEASE)
        assert await tx.leases.take("clock", "two", now + LEASE * 2, LEASE)


async def test_a_lease_taken_before_the_clock_was_set_back_is_not_waited_for(
    database: Database, now: datetime
) -> None:
    async with database.transaction() as tx:
        assert await tx.leases.take("clock", "one", now, LEASE)
        assert not await tx.leases.take("clock", "two", now - LEASE / 2, LEASE)  # two machines' clocks differ
        assert await tx.leases.take("clock", "two", now - timedelta(hours=1), LEASE)
        assert await tx.leases.take("day", "one", now, timedelta(hours=20), timedelta(days=1))
        assert not await tx.leases.take("day", "two", now, LEASE, timedelta(days=1))


async def test_a_session_is_known_by_its_token_until_it_ends(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
        token = await tx.sessions.open(person.id, now, now + timedelta(hours=1))
        assert (found := await tx.sessions.person(token, now)) is not None
        assert found.id == person.id
        assert await tx.sessions.person(token, now + timedelta(hours=2)) is None
        assert await tx.sessions.person("wrong", now) is None


async def test_any_text_is_stored_on_either_database(database: Database, now: datetime) -> None:
    strange = "年费\ud83d 一\x00二 \U0001f600 反斜\\u0000"
    async with database.transaction() as tx:
        item = await tx.inbox.receive(text("u1", now).model_copy(update={"text": strange}), None)
    assert item is not None
    async with database.reading() as tx:
        kept = (await tx.inbox.get(item.id)).content.text
    assert kept == "年费\ufffd 一二 \U0001f600 反斜\\u0000"


async def test_a_table_without_figures_is_not_read_through_for_each_message(
    postgres: PostgresServer, now: datetime
) -> None:
    # As after a broadcast was written, before PostgreSQL has counted: half of all delivery's time went into a bad plan.
    database = Database(postgres.url(postgres.create()))
    await database.migrate()
    async with database.transaction() as tx:
        for number in range(40):
            await tx.outbox.write(letter(str(number), address=str(number)), now)
    query = _CANDIDATES[Lane.INTERACTIVE].params(channel=Channel.WEB, now=now, at_most=10)
    words = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    async with database.reading() as tx:
        plan = await (await tx.session.connection()).exec_driver_sql(f"EXPLAIN ANALYZE {words}")
        lines = [row[0] for row in plan]
    await database.close()
    assert any("Index Cond" in line and "(outbox.address)" in line for line in lines), lines
    assert not any("Rows Removed by Join Filter" in line for line in lines), lines


async def test_what_was_said_earlier_comes_first(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await known_writer(tx, Channel.WEB, "a", "", now)
        first = await tx.inbox.receive(text("u1", now), person.id)
        other = await tx.inbox.receive(text("u2", now), None)
        second = await tx.inbox.receive(text("u3", now), person.id)
        assert first is not None
        assert other is not None
        assert second is not None
        with pytest.raises(EarlierWaitsError):
            await tx.inbox.done(second, now)
        assert await tx.inbox.done(other, now), "somebody else's"
        assert await tx.inbox.done(first, now)
        assert await tx.inbox.done(second, now)


async def test_what_cannot_be_read_is_not_waited_for(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await known_writer(tx, Channel.WEB, "a", "", now)
        first = await tx.inbox.receive(text("u1", now), person.id)
        second = await tx.inbox.receive(text("u2", now), person.id)
        assert first is not None
        assert second is not None
        await tx.session.execute(update(InboxRow).where(InboxRow.id == first.id).values(content={"kind": 7}))
        assert await tx.inbox.done(second, now)
        assert not await tx.inbox.done(second, now)
