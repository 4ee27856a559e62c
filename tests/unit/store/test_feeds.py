"""The link of a company's calendar feed: only its hash is kept, one at a time, and nobody else's."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pytest

from store.asker import SYSTEM, Asker, Role
from store.database import Database
from store.errors import NotVisibleError


async def _owner(database: Database, now: datetime, name: str) -> Asker:
    async with database.transaction() as tx:
        company = await tx.people.add_company(name, now)
        person = await tx.people.add_person(Role.OWNER, now, company_id=company.id)
    return person.as_asker()


async def test_a_token_leads_to_its_own_company_only(database: Database, now: datetime) -> None:
    first, second = await _owner(database, now, "甲"), await _owner(database, now, "乙")
    async with database.transaction() as tx:
        mine = await tx.feeds(first).open(first.company_id or 0, now)
        theirs = await tx.feeds(second).open(second.company_id or 0, now)
    async with database.reading() as tx:
        assert await tx.feeds(SYSTEM).company_of(mine) == first.company_id
        assert await tx.feeds(SYSTEM).company_of(theirs) == second.company_id
        assert await tx.feeds(SYSTEM).company_of("") is None
        assert await tx.feeds(SYSTEM).company_of(mine[:-1]) is None
        assert await tx.feeds(second).company_of(mine) is None


async def test_only_the_hash_is_kept(database: Database, now: datetime) -> None:
    owner = await _owner(database, now, "甲")
    async with database.transaction() as tx:
        token = await tx.feeds(owner).open(owner.company_id or 0, now)
        kept = (await tx.session.connection()).exec_driver_sql
        row = (await kept("SELECT * FROM feed")).mappings().one()
    assert token not in str(dict(row))
    assert row["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) >= 43  # 256 bits


async def test_a_new_link_ends_the_old_one(database: Database, now: datetime) -> None:
    owner = await _owner(database, now, "甲")
    company_id = owner.company_id or 0
    later = now + timedelta(days=1)
    async with database.transaction() as tx:
        old = await tx.feeds(owner).open(company_id, now)
        new = await tx.feeds(owner).open(company_id, later)
        assert await tx.feeds(owner).opened_at(company_id) == later
        assert await tx.feeds(SYSTEM).company_of(old) is None
        assert await tx.feeds(SYSTEM).company_of(new) == company_id


async def test_closed_is_closed(database: Database, now: datetime) -> None:
    owner = await _owner(database, now, "甲")
    company_id = owner.company_id or 0
    async with database.transaction() as tx:
        token = await tx.feeds(owner).open(company_id, now)
    async with database.transaction() as tx:
        assert await tx.feeds(owner).close(company_id)
        assert not await tx.feeds(owner).close(company_id)
        assert await tx.feeds(owner).opened_at(company_id) is None
        assert await tx.feeds(SYSTEM).company_of(token) is None


@pytest.mark.parametrize("role", [Role.AGENCY, Role.EDITOR, Role.APPROVER, Role.OPERATOR, Role.OWNER])
async def test_nobody_else_opens_sees_or_closes_it(database: Database, now: datetime, role: Role) -> None:
    owner, other = await _owner(database, now, "甲"), await _owner(database, now, "乙")
    company_id = owner.company_id or 0
    asker = other if role is Role.OWNER else Asker(role, 99, None, "agency-1")
    async with database.transaction() as tx:
        token = await tx.feeds(owner).open(company_id, now)
        with pytest.raises(NotVisibleError):
            await tx.feeds(asker).open(company_id, now)
        assert await tx.feeds(asker).opened_at(company_id) is None
        assert not await tx.feeds(asker).close(company_id)
        assert await tx.feeds(SYSTEM).company_of(token) == company_id
