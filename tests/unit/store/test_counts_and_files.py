"""Counts of attempts, and which of some files somebody may see."""

from __future__ import annotations

from datetime import datetime, timedelta

from store.asker import SYSTEM, Asker, Role
from store.database import Database


async def test_the_nth_latest_count_says_when_there_is_room_again(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        for minute in (1, 3, 2):
            await tx.limits.take(["door"], now + timedelta(minutes=minute))
        await tx.limits.take(["another door"], now + timedelta(minutes=9))
    async with database.reading() as tx:
        assert await tx.limits.latest("door", 1, now) == now + timedelta(minutes=3)
        assert await tx.limits.latest("door", 3, now) == now + timedelta(minutes=1)
        assert await tx.limits.latest("door", 4, now) is None
        assert await tx.limits.latest("door", 3, now + timedelta(minutes=2)) is None
        assert await tx.limits.latest("no door", 1, now) is None


async def test_clearing_a_scope_clears_those_below_it_and_no_other(database: Database, now: datetime) -> None:
    scopes = ["a_b", "a_b:1", "a_b:2:3", "a_bc", "a_bc:1", "axb:1"]
    async with database.transaction() as tx:
        await tx.limits.take(scopes, now)
        await tx.limits.clear("a_b")
    async with database.reading() as tx:
        left = [scope for scope in scopes if await tx.limits.latest(scope, 1, now) is not None]
    assert left == ["a_bc", "a_bc:1", "axb:1"]


async def test_of_some_files_those_are_given_that_the_asker_may_see(
    database: Database, now: datetime
) -> None:
    async with database.transaction() as tx:
        owners = []
        for name in ("甲", "乙"):
            company = await tx.people.add_company(name, now)
            owners.append(await tx.people.add_person(Role.OWNER, now, company_id=company.id))
        files = tx.attachments(SYSTEM)
        first, second = [
            await files.keep(b"x", f"{owner.id}.txt", "text/plain", owner.id, now) for owner in owners
        ]
    async with database.reading() as tx:
        both = [first.id, second.id, second.id, 999]
        assert await tx.attachments(SYSTEM).seen_among(both) == {first.id: first, second.id: second}
        assert await tx.attachments(owners[0].as_asker()).seen_among(both) == {first.id: first}
        assert await tx.attachments(Asker(Role.AGENCY, agency_id="one")).seen_among(both) == {}
        assert await tx.attachments(SYSTEM).seen_among([]) == {}
