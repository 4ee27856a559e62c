"""A company's second person: by a one-time invitation and the inviter's word."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.channels.writers import known_writer
from store.asker import SYSTEM, Role
from store.database import Database
from store.invites import LASTS, Invite, NotInvited
from store.messages import Channel
from store.records import Person, StoredFact
from store.transaction import Transaction

GUEST = (Channel.WECOM_KF, "guest")


async def inviter_and_guest(tx: Transaction, now: datetime) -> tuple[Person, Person]:
    owner = await known_writer(tx, Channel.TELEGRAM, "77", "王", now)
    await tx.people.rename_company(owner.company_id or 0, "甬江精密")
    return owner, await known_writer(tx, *GUEST, "小李", now)


async def test_the_inviter_decides(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        owner, guest = await inviter_and_guest(tx, now)
        code = await tx.invites.make(owner, now)
        asked = await tx.invites.open(*GUEST, guest, code, now)
        assert isinstance(asked, Invite)
        assert (await tx.people.person(guest.id)).company_id == guest.company_id, "nothing before the yes"
        assert await tx.invites.decide(asked.id, guest, True, now) is None, "the guest does not decide"
        joined = await tx.invites.decide(asked.id, owner, True, now)
        assert joined is not None
        assert joined.guest.company_id == owner.company_id
        assert await tx.invites.decide(asked.id, owner, True, now) is None, "once"
        assert [member.id for member in await tx.invites.let_in_by(owner)] == [guest.id]


async def test_a_no_leaves_everything_as_it_was(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        owner, guest = await inviter_and_guest(tx, now)
        asked = await tx.invites.open(*GUEST, guest, await tx.invites.make(owner, now), now)
        assert isinstance(asked, Invite)
        assert await tx.invites.decide(asked.id, owner, False, now) is not None
        assert (await tx.people.person(guest.id)).company_id == guest.company_id


async def test_an_invitation_is_for_one_and_for_its_time(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        owner, guest = await inviter_and_guest(tx, now)
        code = await tx.invites.make(owner, now)
        assert await tx.invites.open(*GUEST, guest, code, now + LASTS) is NotInvited.EXPIRED
        assert isinstance(await tx.invites.open(*GUEST, guest, code, now), Invite)
        second = await known_writer(tx, Channel.TELEGRAM, "88", "", now)
        assert await tx.invites.open(Channel.TELEGRAM, "88", second, code, now) is NotInvited.UNKNOWN
        older = await tx.invites.make(owner, now)
        await tx.invites.make(owner, now)
        assert await tx.invites.open(Channel.TELEGRAM, "88", second, older, now) is NotInvited.UNKNOWN


async def test_guessing_ends_after_five_tries(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        owner, guest = await inviter_and_guest(tx, now)
        code = await tx.invites.make(owner, now)
        for _ in range(5):
            assert await tx.invites.open(*GUEST, guest, "2A2A2A2A", now) is NotInvited.UNKNOWN
        assert await tx.invites.open(*GUEST, guest, code, now) is NotInvited.TOO_MANY


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_who_has_records_of_their_own_joins_nobody(
    database: Database, now: datetime, when: str
) -> None:
    known = StoredFact(name="注册地", state="value", value="鄞州区", source="said", day=date(2026, 11, 20))
    async with database.transaction() as tx:
        owner, guest = await inviter_and_guest(tx, now)
        code = await tx.invites.make(owner, now)
        if when == "before":
            await tx.facts(SYSTEM).remember(guest.company_id or 0, [known], now)
            assert await tx.invites.open(*GUEST, guest, code, now) is NotInvited.OTHER_RECORDS
            return
        asked = await tx.invites.open(*GUEST, guest, code, now)
        assert isinstance(asked, Invite)
        await tx.facts(SYSTEM).remember(guest.company_id or 0, [known], now)
        assert await tx.invites.decide(asked.id, owner, True, now) is None
        assert (await tx.people.person(guest.id)).company_id == guest.company_id


async def test_staff_and_groups_are_not_invited(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        owner, guest = await inviter_and_guest(tx, now)
        agent = await tx.people.add_person(Role.AGENCY, now, login="a", agency_id="x")
        code = await tx.invites.make(owner, now)
        assert await tx.invites.open(Channel.TELEGRAM, "99", agent, code, now) is NotInvited.NOT_HERE
        assert await tx.invites.open(Channel.TELEGRAM_FORUM, "1", guest, code, now) is NotInvited.NOT_HERE
        with pytest.raises(ValueError, match="speaks for no company"):
            await tx.invites.make(agent, now)


async def test_only_whom_one_let_in_can_be_put_out(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        owner, guest = await inviter_and_guest(tx, now)
        asked = await tx.invites.open(*GUEST, guest, await tx.invites.make(owner, now), now)
        assert isinstance(asked, Invite)
        joined = await tx.invites.decide(asked.id, owner, True, now + timedelta(minutes=1))
        assert joined is not None
        own = await tx.people.add_company("", now)
        assert await tx.invites.put_out(owner.id, joined.guest, own.id) is None, "the guest puts nobody out"
        gone = await tx.invites.put_out(guest.id, owner, own.id)
        assert gone is not None
        assert gone.company_id == own.id
        assert await tx.invites.put_out(guest.id, owner, own.id) is None
        assert await tx.invites.let_in_by(owner) == []
