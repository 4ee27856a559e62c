"""A message whose address may not be written to now goes to the person's next one, or before a person."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.delivery.delivery import Delivery
from bot.delivery.in_memory import InMemorySender
from bot.delivery.port import Gone, Invalid, NotNow, Outcome
from store.asker import Role
from store.database import Database
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import AddressState, Cause, OutboxItem, OutboxState

CLOSED = NotNow("the reply window has closed")


async def delivered(
    database: Database, now: datetime, places: list[Channel], on: list[Channel]
) -> tuple[OutboxItem, dict[Channel, InMemorySender]]:
    """Deliver one message that WeChat does not take to a person with these places; `on` are the channels with a sender."""
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
        for place in (Channel.WECOM_KF, *places):
            await tx.people.add_address(person.id, place, f"{place}-address", now)
        letter = Letter(
            dedupe_key="x",
            channel=Channel.WECOM_KF,
            address="wecom_kf-address",
            content=Outgoing.say("年费"),
            person_id=person.id,
        )
        outbox_id = await tx.outbox.write(letter, now)
        assert outbox_id is not None
    senders = {channel: InMemorySender(channel) for channel in on}
    closed = InMemorySender(Channel.WECOM_KF, outcomes=[CLOSED])
    await Delivery(database, [closed, *senders.values()], lambda: now).deliver_due()
    async with database.reading() as tx:
        item = await tx.outbox.get(outbox_id)
    assert item is not None
    return item, senders


async def test_the_next_address_gets_it(database: Database, now: datetime) -> None:
    item, senders = await delivered(database, now, [Channel.WEB, Channel.EMAIL], [Channel.WEB, Channel.EMAIL])
    assert (item.state, item.channel) == (OutboxState.SENT, Channel.EMAIL)
    assert len(senders[Channel.EMAIL].taken) == 1
    assert senders[Channel.WEB].taken == []


async def test_our_page_is_taken_where_nothing_else_is_left(database: Database, now: datetime) -> None:
    item, _ = await delivered(database, now, [Channel.WEB], [Channel.WEB])
    assert (item.state, item.channel) == (OutboxState.SENT, Channel.WEB)


@pytest.mark.parametrize("places", [[], [Channel.EMAIL]])
async def test_without_a_channel_that_is_on_it_is_a_dead_letter(
    database: Database, now: datetime, places: list[Channel]
) -> None:
    item, _ = await delivered(database, now, places, [Channel.WEB])
    assert (item.state, item.channel) == (OutboxState.INVALID, Channel.WECOM_KF)
    assert "reply window" in item.error


async def test_a_change_of_a_message_goes_nowhere_else(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
        for place in (Channel.TELEGRAM, Channel.EMAIL):
            await tx.people.add_address(person.id, place, f"{place}-address", now)
        letter = Letter(
            dedupe_key="change",
            channel=Channel.TELEGRAM,
            address="telegram-address",
            content=Outgoing.say("✓ 知道了"),
            person_id=person.id,
            cause=Cause.NOTICE,
            edits_id=1,
        )
        outbox_id = await tx.outbox.write(letter, now)
        assert outbox_id is not None
    blocked = InMemorySender(Channel.TELEGRAM, outcomes=[Gone()])
    mail = InMemorySender(Channel.EMAIL)
    await Delivery(database, [blocked, mail], lambda: now).deliver_due()
    assert mail.taken == []
    async with database.reading() as tx:
        item = await tx.outbox.get(outbox_id)
    assert item is not None
    assert item.state is OutboxState.INVALID


@pytest.mark.parametrize("outcome", [Gone(), Invalid("chat not found", address_unknown=True)])
@pytest.mark.parametrize("cause", [Cause.CASE, Cause.NOTICE])
async def test_an_address_that_is_no_longer_anybodys_does_not_keep_what_somebody_said(
    database: Database, now: datetime, outcome: Outcome, cause: Cause
) -> None:
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
        for channel in (Channel.TELEGRAM, Channel.EMAIL):
            await tx.people.add_address(person.id, channel, f"{channel}-address", now)
        said = Outgoing.say("请发一下缴费通知书")
        letter = Letter(
            dedupe_key="s",
            channel=Channel.TELEGRAM,
            address="telegram-address",
            content=said,
            person_id=person.id,
            cause=cause,
        )
        await tx.outbox.write(letter, now)
    mail = InMemorySender(Channel.EMAIL)
    telegram = InMemorySender(Channel.TELEGRAM, outcomes=[outcome])
    await Delivery(database, [telegram, mail], lambda: now).deliver_due()
    assert [item.content for item in mail.taken] == [said]
    async with database.reading() as tx:
        first, _ = await tx.people.addresses(person.id)
    assert first.state is not AddressState.ACTIVE


@pytest.fixture
async def left(database: Database, now: datetime) -> int:
    """A message due in Telegram, which this installation no longer has, to a person who also reads mail."""
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
        await tx.people.add_address(person.id, Channel.TELEGRAM, "1001", now)
        await tx.people.add_address(person.id, Channel.EMAIL, "a@example.cn", now)
        outbox_id = await tx.outbox.write(
            Letter(
                dedupe_key="r",
                channel=Channel.TELEGRAM,
                address="1001",
                content=Outgoing.say("年费"),
                person_id=person.id,
                cause=Cause.REMINDER,
            ),
            now,
        )
    assert outbox_id is not None
    return outbox_id


async def test_what_waits_for_a_channel_that_was_switched_off_takes_the_next_way(
    database: Database, left: int, now: datetime
) -> None:
    database.channels_on = frozenset({Channel.WEB, Channel.EMAIL})
    mail, times = InMemorySender(Channel.EMAIL), [now + timedelta(minutes=59)]
    delivery = Delivery(database, [mail], lambda: times[-1])
    await delivery.tidy()
    assert await delivery.deliver_due() == 0, "it may be on again in a moment"
    times.append(now + timedelta(minutes=61))
    await delivery.tidy()
    assert await delivery.deliver_due() == 1
    assert [item.id for item in mail.taken] == [left]


async def test_with_no_other_way_it_stands_among_the_undelivered(
    database: Database, left: int, now: datetime
) -> None:
    database.channels_on = frozenset({Channel.WEB})
    told: list[OutboxState] = []
    delivery = Delivery(
        database, [], lambda: now + timedelta(hours=2), settled=[lambda _, state: told.append(state)]
    )
    await delivery.tidy()
    async with database.reading() as tx:
        item = await tx.outbox.get(left)
    assert item is not None
    assert item.state is OutboxState.INVALID
    assert "switched off" in item.error
    assert told == [OutboxState.INVALID]


async def test_one_that_was_out_when_its_channel_was_switched_off_is_unknown(
    database: Database, left: int, now: datetime
) -> None:
    async with database.transaction() as tx:
        assert await tx.outbox.claim([Channel.TELEGRAM], now, timedelta(seconds=30), 10)
    database.channels_on = frozenset({Channel.WEB})
    await Delivery(database, [], lambda: now + timedelta(minutes=2)).tidy()
    async with database.reading() as tx:
        item = await tx.outbox.get(left)
    assert item is not None
    assert item.state is OutboxState.UNKNOWN


async def test_another_process_has_channels_that_this_one_has_not(
    database: Database, left: int, now: datetime
) -> None:
    """As `zhituo chat` beside the service: it is told of no channels and leaves the others' alone."""
    await Delivery(database, [], lambda: now + timedelta(days=2)).tidy()
    async with database.reading() as tx:
        item = await tx.outbox.get(left)
    assert item is not None
    assert item.state is OutboxState.PENDING


async def test_a_message_that_no_place_takes_does_not_go_round_for_ever(
    database: Database, now: datetime
) -> None:
    """Two WeChats of one person, the talk in both with a servicer: each says that the other may be tried."""
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
        for address in ("one", "two"):
            await tx.people.add_address(person.id, Channel.WECOM_KF, address, now)
            await tx.people.heard_from(Channel.WECOM_KF, address, now)
        letter = Letter(
            dedupe_key="r",
            channel=Channel.WECOM_KF,
            address="one",
            content=Outgoing.say("年费"),
            person_id=person.id,
        )
        outbox_id = await tx.outbox.write(letter, now)
    assert outbox_id is not None
    closed = InMemorySender(Channel.WECOM_KF, outcomes=[CLOSED] * 1000)
    async with asyncio.timeout(20):
        assert await Delivery(database, [closed], lambda: now).deliver_due() <= 10
        async with database.transaction() as tx:
            item = await tx.outbox.get(outbox_id)
            assert item is not None
            assert item.state is OutboxState.INVALID
            assert await tx.outbox.send_again(outbox_id, now)
        assert await Delivery(database, [closed], lambda: now).deliver_due() > 1, (
            "a person's word begins anew"
        )
