"""One person, several channels, by a one-time code."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.channels.writers import known_writer
from store.asker import SYSTEM, Role
from store.bindings import LASTS, Bound, NotBound, said_code
from store.database import Database
from store.messages import Channel
from store.records import Person, StoredFact
from store.transaction import Transaction

KF = (Channel.WECOM_KF, "wm-customer")


async def owner(tx: Transaction, now: datetime, channel: Channel, address: str) -> Person:
    return await known_writer(tx, channel, address, "王", now)


@pytest.mark.parametrize(
    "text", ["12345678", "1234 5678", "绑定 1234-5678", "绑定：12345678", " 验证码12345678 "]
)
def test_a_code_is_read_however_it_is_said(text: str) -> None:
    assert said_code(text) == "12345678"


@pytest.mark.parametrize("text", ["", "1234567", "123456789", "我的专利号是12345678", "绑定", "１２３"])
def test_other_numbers_are_no_code(text: str) -> None:
    assert said_code(text) is None


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
        assert await tx.bindings.bind(*KF, code, now + LASTS) is NotBound.UNKNOWN
        assert isinstance(await tx.bindings.bind(*KF, code, now), Bound)
        assert await tx.bindings.bind(Channel.EMAIL, "a@example.cn", code, now) is NotBound.UNKNOWN
        older = await tx.bindings.issue_code(person.id, now)
        await tx.bindings.issue_code(person.id, now)
        assert await tx.bindings.bind(Channel.EMAIL, "a@example.cn", older, now) is NotBound.UNKNOWN


async def test_one_who_guesses_is_stopped_even_with_the_right_code(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        code = await tx.bindings.issue_code(person.id, now)
        wrong = f"{(int(code) + 1) % 10**8:08d}"
        for _ in range(5):
            assert await tx.bindings.bind(*KF, wrong, now) is NotBound.UNKNOWN
        assert await tx.bindings.bind(*KF, code, now) is NotBound.TOO_MANY
        assert isinstance(await tx.bindings.bind(Channel.WECOM, "other", code, now), Bound)


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
        await tx.people.add_address(agent.id, Channel.WECOM, "agent", now)
        code = await tx.bindings.issue_code(person.id, now)
        assert await tx.bindings.bind(Channel.WECOM, "agent", code, now) is NotBound.OTHER_RECORDS
        mine = await tx.bindings.issue_code(agent.id, now)
        assert isinstance(await tx.bindings.bind(Channel.TELEGRAM, "88", mine, now), Bound)
        assert await tx.bindings.bind(Channel.TELEGRAM, "77", mine, now) is NotBound.UNKNOWN


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


async def test_the_chosen_first_channel(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await owner(tx, now, Channel.TELEGRAM, "77")
        mail = await tx.people.add_address(person.id, Channel.EMAIL, "wang@example.cn", now)
        assert await tx.bindings.put_first(person.id, mail.id)
        assert [place.channel for place in await tx.people.addresses(person.id)] == [
            Channel.EMAIL,
            Channel.TELEGRAM,
        ]
        assert not await tx.bindings.put_first(person.id + 1, mail.id)
