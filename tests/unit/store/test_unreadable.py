"""A row that a newer version wrote, or that was damaged by hand: set aside, while everything else goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bot.delivery.delivery import Delivery
from bot.delivery.in_memory import InMemorySender
from bot.delivery.local import LocalSender
from store.asker import SYSTEM, Role
from store.database import Database
from store.errors import NotVisibleError
from store.messages import Channel, Incoming, IncomingKind, Outgoing
from store.outbox import Letter
from store.records import Cause, InboxState, OutboxState

NEWER = '{"parts": [{"kind": "hologram", "text": "年费"}]}'
DAMAGED = '{"parts": [{"kind": "te'


@pytest.fixture(params=["newer", "damaged"])
def content(request: pytest.FixtureRequest, kind_of_database: str) -> str:
    """What nobody here can read. PostgreSQL keeps nothing that is no JSON: there it is JSON of something else."""
    if request.param == "newer":
        return NEWER
    return DAMAGED if kind_of_database == "sqlite" else '["a list"]'


async def write(database: Database, key: str, now: datetime, channel: Channel = Channel.TELEGRAM) -> int:
    letter = Letter(
        dedupe_key=key, channel=channel, address="a", content=Outgoing.say(key), cause=Cause.BROADCAST
    )
    async with database.transaction() as tx:
        number = await tx.outbox.write(letter, now)
    assert number is not None
    return number


async def spoil(database: Database, table: str, number: int, content: str) -> None:
    async with database.transaction() as tx:
        words = text(f"UPDATE {table} SET content = :content WHERE id = :id")
        if not database.is_sqlite:
            words = text(f"UPDATE {table} SET content = CAST(:content AS jsonb) WHERE id = :id")
        await tx.session.execute(words, {"content": content, "id": number})


async def test_it_does_not_stop_its_lane(database: Database, now: datetime, content: str) -> None:
    bad = await write(database, "bad", now)
    good = await write(database, "good", now)
    await spoil(database, "outbox", bad, content)
    sender = InMemorySender(Channel.TELEGRAM)
    delivery = Delivery(database, [sender], lambda: now)
    for _ in range(2):  # the second message waits behind the first until that is set aside
        await delivery.deliver_due()
    assert [item.id for item in sender.taken] == [good]
    async with database.reading() as tx:
        assert await tx.outbox.counts() == {OutboxState.UNREADABLE: 1, OutboxState.SENT: 1}
        assert await tx.outbox.get(bad) is None
        (dead,) = await tx.dead_letters(SYSTEM).all()
    assert (dead.id, dead.text) == (bad, "")
    assert dead.error.startswith("unreadable: content")
    assert "年费" not in dead.error


async def test_it_does_not_stop_a_page(database: Database, now: datetime, content: str) -> None:
    read = await write(database, "read", now, Channel.WEB)
    delivery = Delivery(database, [LocalSender(Channel.WEB)], lambda: now)
    await delivery.deliver_due()
    await spoil(database, "outbox", read, content)
    bad = await write(database, "bad", now, Channel.WEB)
    good = await write(database, "good", now, Channel.WEB)
    await spoil(database, "outbox", bad, content)
    assert await delivery.deliver_due() == 1
    async with database.reading() as tx:
        assert [item.id for item in await tx.outbox.sent_to(Channel.WEB, "a", None)] == [good]
        assert [item.id for item in await tx.outbox.for_address(Channel.WEB, "a")] == [good]
        assert await tx.outbox.counts() == {OutboxState.UNREADABLE: 1, OutboxState.SENT: 2}


async def test_what_was_being_sent_may_have_arrived(database: Database, now: datetime, content: str) -> None:
    bad = await write(database, "bad", now)
    async with database.transaction() as tx:
        assert await tx.outbox.claim([Channel.TELEGRAM], now, timedelta(seconds=30), 5)
    await spoil(database, "outbox", bad, content)
    sender = InMemorySender(Channel.TELEGRAM)
    await Delivery(database, [sender], lambda: now + timedelta(minutes=5)).tidy()
    async with database.reading() as tx:
        assert await tx.outbox.counts() == {OutboxState.UNKNOWN: 1}


async def test_mended_it_is_sent_by_a_persons_word(database: Database, now: datetime, content: str) -> None:
    bad = await write(database, "bad", now)
    await spoil(database, "outbox", bad, content)
    sender = InMemorySender(Channel.TELEGRAM)
    delivery = Delivery(database, [sender], lambda: now)
    await delivery.deliver_due()
    await spoil(database, "outbox", bad, '{"parts": [{"kind": "text", "text": "可以读了"}]}')
    async with database.transaction() as tx:
        assert await tx.dead_letters(SYSTEM).send_again(bad, now)
    await delivery.deliver_due()
    assert [item.content.plain_text() for item in sender.taken] == ["可以读了"]


async def received(database: Database, number: int, now: datetime) -> int:
    incoming = Incoming(
        channel=Channel.WEB,
        address="a",
        update_id=str(number),
        kind=IncomingKind.TEXT,
        received_at=now,
        text="你好",
    )
    async with database.transaction() as tx:
        item = await tx.inbox.receive(incoming, None)
    assert item is not None
    return item.id


async def test_a_message_that_came_in_does_not_stop_the_others(
    database: Database, now: datetime, content: str
) -> None:
    bad, good = [await received(database, number, now) for number in (1, 2)]
    await spoil(database, "inbox", bad, content)
    async with database.transaction() as tx:
        assert [item.id for item in await tx.inbox.waiting()] == [good]
        assert [aside.inbox_id for aside in await tx.inbox.set_aside_unreadable()] == [bad]
        assert await tx.inbox.set_aside_unreadable() == []
        assert await tx.inbox.get(bad) is None
        assert await tx.inbox.counts() == {InboxState.UNREADABLE: 1, InboxState.WAITING: 1}


async def test_an_operator_lets_it_be_answered_and_nobody_else(
    database: Database, now: datetime, content: str
) -> None:
    bad = await received(database, 1, now)
    await spoil(database, "inbox", bad, content)
    async with database.transaction() as tx:
        await tx.inbox.set_aside_unreadable()
        operator = await tx.people.add_person(Role.OPERATOR, now)
        editor = await tx.people.add_person(Role.EDITOR, now)
        (one,) = await tx.dead_letters(operator.as_asker()).unanswered()
        assert (one.id, one.state) == (bad, InboxState.UNREADABLE)
        assert one.error.startswith("unreadable: content")
        assert await tx.dead_letters(editor.as_asker()).unanswered() == []
        with pytest.raises(NotVisibleError):
            await tx.dead_letters(editor.as_asker()).answer_again(bad)
        assert await tx.dead_letters(operator.as_asker()).answer_again(bad)
        assert not await tx.dead_letters(operator.as_asker()).answer_again(bad)
        assert await tx.inbox.counts() == {InboxState.WAITING: 1}
