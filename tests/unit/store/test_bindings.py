"""One person, several channels, by a one-time code."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.channels.writers import known_writer
from store.asker import SYSTEM, Role
from store.bindings import LASTS, Bound, NotBound
from store.database import Database
from store.messages import Channel
from store.records import Person, StoredFact
from store.transaction import Transaction

KF = (Channel.WECOM_KF, "wm-customer")


async def owner(tx: Transaction, now: datetime, channel: Channel, address: str) -> Person:
    return await known_writer(tx, channel, address, "王", now)


async def test_the_second_channel_becomes_the_same_persons(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        stranger = await owner(tx, now, *KF)
        code = await tx.bindings.issue_code(person.id, now)
        bound = await tx.bindings.bind(*KF, code, now + LASTS - timedelta(seconds=1))
        assert isinstance(bound, Bound)
        assert (bound.person.id, bound.reply_to.address) == (person.id, KF[1])
        assert (await tx.people.at(*KF)) == person
        assert [place.channel for place in await tx.people.addresses(person.id)] == [
            Channel.TELEGRAM,
            Channel.WECOM_KF,
        ]
        assert await tx.people.addresses(stranger.id) == []


async def test_a_code_works_once_and_only_for_its_time(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        code = await tx.bindings.issue_code(person.id, now)
        assert await tx.bindings.bind(*KF, code, now + LASTS) is NotBound.EXPIRED
        assert isinstance(await tx.bindings.bind(*KF, code, now), Bound)
        assert await tx.bindings.bind(Channel.TELEGRAM, "88", code, now) is NotBound.USED
        older = await tx.bindings.issue_code(person.id, now)
        await tx.bindings.issue_code(person.id, now)
        assert await tx.bindings.bind(Channel.TELEGRAM, "88", older, now) is NotBound.UNKNOWN


async def test_one_who_guesses_is_stopped_even_with_the_right_code(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        code = await tx.bindings.issue_code(person.id, now)
        wrong = "2A2A2A2A"
        for _ in range(5):
            assert await tx.bindings.bind(*KF, wrong, now) is NotBound.UNKNOWN
        assert await tx.bindings.bind(*KF, code, now) is NotBound.TOO_MANY
        assert isinstance(await tx.bindings.bind(Channel.TELEGRAM, "other", code, now), Bound)


async def test_many_addresses_do_not_give_many_tries(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        code = await tx.bindings.issue_code(person.id, now)
        for browser in range(500):
            assert await tx.bindings.bind(Channel.WEB, f"b{browser}", "2A2A2A2A", now) is NotBound.UNKNOWN
        assert await tx.bindings.bind(Channel.WEB, "one more", code, now) is NotBound.TOO_MANY
        later = now + timedelta(minutes=10)
        again = await tx.bindings.issue_code(person.id, later)
        assert isinstance(await tx.bindings.bind(Channel.WEB, "one more", again, later), Bound)


@pytest.mark.parametrize(
    "channel", [Channel.TELEGRAM_FORUM, Channel.WECOM, Channel.EMAIL, Channel.DESK], ids=str
)
async def test_no_group_and_no_account_of_staff_is_bound(
    database: Database, now: datetime, channel: Channel
) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        code = await tx.bindings.issue_code(person.id, now)
        assert await tx.bindings.bind(channel, "somewhere", code, now) is NotBound.NOT_HERE


async def test_only_the_hash_of_a_code_is_kept(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        code = await tx.bindings.issue_code(person.id, now, asked_at=(Channel.TELEGRAM, "77"))
        row = (await tx.session.execute(text("SELECT * FROM binding_code"))).one()
        assert code not in str(row)


async def test_a_code_said_where_it_was_asked_for_stays_good(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        code = await tx.bindings.issue_code(person.id, now)
        assert await tx.bindings.bind(Channel.TELEGRAM, "77", code, now) is NotBound.ALREADY
        assert isinstance(await tx.bindings.bind(*KF, code, now), Bound)


async def test_a_colleagues_chat_is_not_taken(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        other = await owner(tx, now, *KF)
        await tx.people.add_person(Role.OWNER, now, company_id=other.company_id)
        code = await tx.bindings.issue_code(person.id, now)
        assert await tx.bindings.bind(*KF, code, now) is NotBound.OTHER_RECORDS


async def test_records_are_never_joined(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        other = await owner(tx, now, *KF)
        assert other.company_id is not None
        known = StoredFact(
            name="注册地", state="value", value="鄞州区", source="said", day=date(2026, 11, 20)
        )
        await tx.facts(SYSTEM).remember(other.company_id, [known], now)
        code = await tx.bindings.issue_code(person.id, now)
        assert await tx.bindings.bind(*KF, code, now) is NotBound.OTHER_RECORDS
        assert (await tx.people.at(*KF)) == other


async def test_staff_are_not_taken_over(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        agent = await tx.people.add_person(Role.AGENCY, now, login="a", agency_id="x")
        await tx.people.add_address(agent.id, Channel.TELEGRAM, "agent", now)
        code = await tx.bindings.issue_code(person.id, now)
        assert await tx.bindings.bind(Channel.TELEGRAM, "agent", code, now) is NotBound.OTHER_RECORDS


async def test_an_e_mail_is_proved_by_the_code_sent_to_it(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        await owner(tx, now, Channel.TELEGRAM, "other")
        mail = (Channel.EMAIL, "wang@example.cn")
        code = await tx.bindings.issue_code(person.id, now, proves=mail)
        assert await tx.bindings.bind(Channel.TELEGRAM, "other", code, now) is NotBound.UNKNOWN
        assert isinstance(await tx.bindings.bind(Channel.TELEGRAM, "77", code, now), Bound)
        assert (await tx.people.at(*mail)) == person


async def test_a_second_browser_reads_what_the_first_reads(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.WEB, "first")
        second = await owner(tx, now, Channel.WEB, "second")
        session = await tx.sessions.open(second.id, now, now + timedelta(days=1))
        code = await tx.bindings.issue_code(person.id, now)
        bound = await tx.bindings.bind(Channel.WEB, "second", code, now)
        assert isinstance(bound, Bound)
        assert bound.reply_to.address == "first"
        assert await tx.sessions.person(session, now) == person
