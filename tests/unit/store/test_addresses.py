"""The places of a person: which is first, and taking one off. Whoever got in by a stolen code does not stay."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.channels.writers import known_writer
from store.addresses import SETTLES, NotTakenOff, Place
from store.bindings import Bound, NotBound
from store.database import Database
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import Address, OutboxState, Person
from store.transaction import Transaction

TELEGRAM, KF = Place(Channel.TELEGRAM, "77"), Place(Channel.WECOM_KF, "wm")


async def bound_twice(tx: Transaction, now: datetime) -> tuple[Person, Address, Address]:
    """An owner in Telegram since a month, to whom WeChat was bound a moment ago."""
    person = await known_writer(tx, TELEGRAM.channel, TELEGRAM.address, "王", now - timedelta(days=30))
    code = await tx.bindings.issue_code(person.id, now)
    assert isinstance(await tx.bindings.bind(KF.channel, KF.address, code, now), Bound)
    first, second = await tx.people.addresses(person.id)
    return person, first, second


async def test_the_chosen_first_place(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person, _, second = await bound_twice(tx, now)
        assert await tx.addresses.put_first(person.id, second.id)
        assert [place.channel for place in await tx.people.addresses(person.id)] == [
            Channel.WECOM_KF,
            Channel.TELEGRAM,
        ]
        assert not await tx.addresses.put_first(person.id + 1, second.id)


async def test_what_is_taken_off_leads_nowhere(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person, _, second = await bound_twice(tx, now)
        letter = Letter(
            dedupe_key="r",
            channel=KF.channel,
            address=KF.address,
            content=Outgoing.say("年费"),
            person_id=person.id,
        )
        outbox_id = await tx.outbox.write(letter, now)
        code = await tx.bindings.issue_code(person.id, now)
        assert await tx.addresses.take_off(person.id, second.id, TELEGRAM, now) is None
        assert await tx.people.at(KF.channel, KF.address) is None
        assert outbox_id is not None
        waiting = await tx.outbox.get(outbox_id)
        assert waiting is not None
        assert waiting.state is OutboxState.CANCELLED
        assert await tx.bindings.bind(KF.channel, KF.address, code, now) is NotBound.UNKNOWN
        fresh = await known_writer(tx, KF.channel, KF.address, "", now)
        assert fresh.company_id != person.company_id


async def test_a_new_place_does_not_take_off_an_older_one(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person, first, second = await bound_twice(tx, now)
        soon = now + SETTLES - timedelta(seconds=1)
        assert await tx.addresses.take_off(person.id, first.id, KF, soon) is NotTakenOff.TOO_NEW
        assert not await tx.addresses.may_decide(person.id, KF, soon)
        assert await tx.addresses.may_decide(person.id, TELEGRAM, soon)
        assert await tx.addresses.take_off(person.id, second.id, KF, soon) is None
    async with database.transaction() as tx:
        code = await tx.bindings.issue_code(person.id, now)
        assert isinstance(await tx.bindings.bind(KF.channel, KF.address, code, now), Bound)
        assert await tx.addresses.may_decide(person.id, KF, now + SETTLES)
        assert await tx.addresses.take_off(person.id, first.id, KF, now + SETTLES) is None


async def test_the_last_place_stays(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await known_writer(tx, TELEGRAM.channel, TELEGRAM.address, "", now)
        (only,) = await tx.people.addresses(person.id)
        assert await tx.addresses.take_off(person.id, only.id, TELEGRAM, now) is NotTakenOff.LAST


async def test_nobody_takes_off_anothers_place(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person, first, _ = await bound_twice(tx, now)
        stranger = await known_writer(tx, Channel.TELEGRAM, "88", "", now)
        there = Place(Channel.TELEGRAM, "88")
        assert await tx.addresses.take_off(stranger.id, first.id, there, now) is NotTakenOff.UNKNOWN
        assert await tx.addresses.take_off(person.id, first.id, there, now) is NotTakenOff.UNKNOWN


@pytest.mark.parametrize("has_page", [True, False])
async def test_a_browser_that_was_not_me_is_out_at_once(
    database: Database, now: datetime, has_page: bool
) -> None:
    mine = Place(Channel.WEB, "mine") if has_page else TELEGRAM
    async with database.transaction() as tx:
        person = await known_writer(tx, mine.channel, mine.address, "", now - timedelta(days=30))
        own = await tx.sessions.open(person.id, now, now + timedelta(days=9), address="mine")
        thief = await known_writer(tx, Channel.WEB, "thief", "", now)
        token = await tx.sessions.open(thief.id, now, now + timedelta(days=9), address="thief")
        code = await tx.bindings.issue_code(person.id, now)
        bound = await tx.bindings.bind(Channel.WEB, "thief", code, now)
        assert isinstance(bound, Bound)
        assert await tx.sessions.person(token, now) == person
        assert await tx.sessions.bound_at(token) == now
        assert await tx.sessions.bound_at(own) is None
        feed = await tx.feeds(person.as_asker()).open(person.company_id or 0, now)
        browser = Place(Channel.WEB, bound.reply_to.address, now)
        assert not await tx.addresses.may_decide(person.id, browser, now)
        assert await tx.addresses.take_off(person.id, bound.bound.id, mine, now) is None
        assert await tx.sessions.person(token, now) is None
        assert (await tx.sessions.person(own, now) is not None) is has_page
        assert await tx.feeds(person.as_asker()).opened_at(person.company_id or 0) is None, feed
