"""Who may be written to when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from store.asker import Role
from store.database import Database
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.reach import RULES, First
from store.records import AddressState, Person


async def person_at(database: Database, now: datetime, *channels: Channel) -> Person:
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
        for channel in channels:
            await tx.people.add_address(person.id, channel, f"{channel}-address", now)
    return person


async def reached(database: Database, person: Person, now: datetime) -> tuple[Channel, bool] | None:
    async with database.reading() as tx:
        found = await tx.reach.of(person.id, now)
    return None if found is None else (found.address.channel, found.sure)


def test_every_channel_has_a_rule_with_its_source() -> None:
    assert set(RULES) == set(Channel)
    assert all(rule.source for rule in RULES.values())
    assert all((rule.window is None) is (rule.first is not First.WINDOW) for rule in RULES.values())


async def test_the_first_address_in_the_persons_order_is_taken(database: Database, now: datetime) -> None:
    person = await person_at(database, now, Channel.EMAIL, Channel.TELEGRAM)
    assert await reached(database, person, now) == (Channel.EMAIL, True)


async def test_a_page_that_may_be_closed_comes_after_everything_else(
    database: Database, now: datetime
) -> None:
    person = await person_at(database, now, Channel.WEB, Channel.TELEGRAM)
    assert await reached(database, person, now) == (Channel.TELEGRAM, True)
    async with database.transaction() as tx:
        await tx.people.set_address_state(Channel.TELEGRAM, "telegram-address", AddressState.BLOCKED)
    assert await reached(database, person, now) == (Channel.WEB, False)


@pytest.mark.parametrize("channels", [(), (Channel.TELEGRAM_FORUM,), (Channel.WECOM_KF,)])
async def test_without_a_way_there_is_none(
    database: Database, now: datetime, channels: tuple[Channel, ...]
) -> None:
    person = await person_at(database, now, *channels)
    assert await reached(database, person, now) is None


async def test_wechat_takes_five_messages_within_two_days_of_the_last_word(
    database: Database, now: datetime
) -> None:
    person = await person_at(database, now, Channel.WECOM_KF, Channel.EMAIL)
    kf = (Channel.WECOM_KF, True)
    async with database.transaction() as tx:
        await tx.people.heard_from(Channel.WECOM_KF, "wecom_kf-address", now)
    assert await reached(database, person, now + timedelta(hours=47)) == kf
    assert await reached(database, person, now + timedelta(hours=48)) == (Channel.EMAIL, True)
    for number in range(5):
        assert await reached(database, person, now + timedelta(minutes=number)) == kf
        async with database.transaction() as tx:
            letter = Letter(
                dedupe_key=str(number),
                channel=Channel.WECOM_KF,
                address="wecom_kf-address",
                content=Outgoing.say("一"),
            )
            await tx.outbox.write(letter, now + timedelta(minutes=number))
    assert await reached(database, person, now + timedelta(minutes=6)) == (Channel.EMAIL, True)
    async with database.transaction() as tx:  # they wrote again: the window opens anew
        await tx.people.heard_from(Channel.WECOM_KF, "wecom_kf-address", now + timedelta(minutes=7))
    assert await reached(database, person, now + timedelta(minutes=8)) == kf


async def test_a_channel_that_is_off_leads_nowhere_and_a_page_that_is_opened_some_day_does(
    database: Database, now: datetime
) -> None:
    database.channels_on = frozenset({Channel.TELEGRAM})
    person = await person_at(database, now, Channel.EMAIL, Channel.TERMINAL, Channel.TELEGRAM)
    assert await reached(database, person, now) == (Channel.TELEGRAM, True)
    database.channels_on = frozenset({Channel.WECOM})
    assert await reached(database, person, now) == (Channel.TERMINAL, False)
