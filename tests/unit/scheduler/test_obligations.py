"""Obligations are seen and changed only by those who may."""

from __future__ import annotations

from datetime import date

import pytest

from rules.deadlines.tables import LawTables
from store.asker import SYSTEM, Asker, Role
from store.database import Database
from store.errors import NotVisibleError
from store.records import ObligationStatus
from tests.unit.scheduler.simulated import START, Owner, keep, morning, obligation_of

FILING, GRANT = date(2020, 4, 15), date(2022, 8, 2)
STRANGERS = [
    Asker(Role.OWNER, 77, company_id=4711),
    Asker(Role.OWNER, 77),
    Asker(Role.AGENCY, 77, agency_id="agency-b"),
    Asker(Role.EDITOR, 77),
    Asker(Role.APPROVER, 77),
    Asker(Role.OPERATOR, 77),
]


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda asker: asker.role.value)
async def test_strangers_see_and_change_nothing(
    database: Database, law: LawTables, owner: Owner, stranger: Asker
) -> None:
    asset = await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    year = await obligation_of(database, asset, "annuity:8")
    now = morning(date(2027, 5, 1))
    async with database.transaction() as tx:
        seen = tx.obligations(stranger)
        assert await seen.of_company(owner.company.id) == []
        assert await seen.of_asset(asset.id) == []
        assert await seen.due(now, 100) == []
        assert await seen.companies_due(now) == []
        assert await tx.reminders(stranger).of(year.id) == []
        for attempt in (
            seen.get(year.id),
            seen.timeline(year.id),
            seen.paid(year.id, START, 77, now),
            seen.reopen(year.id, 77, now),
            seen.give_up(year.id, 77, now),
            seen.silence(year.id, 77, now),
            seen.snooze(year.id, START, 77, now),
            seen.attach_receipt(year.id, 1, 77, now),
        ):
            with pytest.raises(NotVisibleError):
                await attempt
    assert (await obligation_of(database, asset, "annuity:8")).status is ObligationStatus.OPEN


async def test_a_receipt_of_somebody_else_proves_nothing(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    year = await obligation_of(database, asset, "annuity:8")
    now = morning(START)
    async with database.transaction() as tx:
        other = await tx.people.add_person(
            Role.OWNER, now, company_id=(await tx.people.add_company("x", now)).id
        )
        foreign = await tx.attachments(SYSTEM).keep(b"scan", "r.jpg", "image/jpeg", other.id, now)
        with pytest.raises(NotVisibleError):
            await tx.obligations(owner.person.as_asker()).attach_receipt(
                year.id, foreign.id, owner.person.id, now
            )


async def test_one_obligation_given_up_stays_so_when_computed_again(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    year = await obligation_of(database, asset, "annuity:8")
    async with database.transaction() as tx:
        await tx.obligations(owner.person.as_asker()).give_up(year.id, owner.person.id, morning(START))
    await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    assert (await obligation_of(database, asset, "annuity:8")).status is ObligationStatus.GIVEN_UP


async def test_the_list_is_open_ones_by_safe_day(database: Database, law: LawTables, owner: Owner) -> None:
    await keep(database, law, owner, "trademark", "2", START, registration=date(2017, 3, 14))
    await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    async with database.reading() as tx:
        listed = await tx.obligations(owner.person.as_asker()).of_company(owner.company.id)
    assert [one.key for one in listed] == ["tm_renewal:2027", "annuity:8", "annuity:9"]
