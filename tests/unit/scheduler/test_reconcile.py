"""The second look finds what the first one missed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from rules.deadlines.tables import LawTables
from scheduler.daily_count import daily_count
from scheduler.docket import AssetDocket
from scheduler.reconcile import Problem, reconcile
from store.asker import SYSTEM, Role
from store.database import Database
from store.messages import Channel
from store.models import ObligationEventRow, ObligationRow
from store.records import Cause, OutboxState
from tests.unit.scheduler.simulated import START, Owner, keep, morning, obligation_of, walk

FILING, GRANT = date(2020, 4, 15), date(2022, 8, 2)


async def problems(database: Database, law: LawTables, now: datetime) -> set[Problem]:
    return {finding.problem for finding in await reconcile(database, law, now)}


async def spoil(database: Database, **values: Any) -> None:
    async with database.transaction() as tx:
        await tx.session.execute(
            update(ObligationRow).where(ObligationRow.key == "annuity:8").values(**values)
        )


async def test_a_docket_in_order_has_no_findings(database: Database, law: LawTables, owner: Owner) -> None:
    await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    await keep(database, law, owner, "trademark", "2", START, registration=date(2017, 3, 14))
    await keep(database, law, owner, "design", "3", START, filing=date(2024, 2, 29), grant=date(2024, 9, 1))
    for ahead in range(0, 200, 3):
        day = START + timedelta(days=ahead)
        await AssetDocket(lambda: law).redocket_all(database, day, morning(day, 5))
        await walk(database, law, day, 1)
        async with database.transaction() as tx:
            # Within one address a message is due when the one before it is out: a digest, then the changes of older ones.
            while items := await tx.outbox.claim([Channel.TELEGRAM], morning(day), timedelta(minutes=1), 50):
                for item in items:
                    await tx.outbox.settle(item, OutboxState.SENT, morning(day))
        assert await problems(database, law, morning(day, 12)) == set(), day


async def test_an_asset_with_nothing_docketed_is_found(
    database: Database, law: LawTables, owner: Owner
) -> None:
    await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    async with database.transaction() as tx:
        await tx.session.execute(delete(ObligationEventRow))
        await tx.session.execute(delete(ObligationRow))
    assert await problems(database, law, morning(START)) == {Problem.NOTHING_DOCKETED}


async def test_an_asset_without_its_first_day_is_found(
    database: Database, law: LawTables, owner: Owner
) -> None:
    await keep(database, law, owner, "invention", "1", START)
    await keep(database, law, owner, "tractor", "2", START, filing=FILING)
    found = await reconcile(database, law, morning(START))
    assert [(one.problem, one.detail) for one in found] == [
        (Problem.NOT_COMPUTABLE, "filing"),
        (Problem.NOT_COMPUTABLE, "right_type"),
    ]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"safe": date(2027, 4, 14)}, Problem.WRONG_DAYS),
        ({"grace_end": None}, Problem.WRONG_DAYS),
        ({"next_at": None}, Problem.NO_NEXT_LOOK),
        ({"next_at": morning(date(2026, 11, 1))}, Problem.LOOK_OVERDUE),
        ({"status": "superseded"}, Problem.NOT_DOCKETED),
        ({"status": "paid", "closed_at": morning(date(2026, 11, 1))}, Problem.NO_PROOF),
    ],
)
async def test_what_was_spoilt_is_found(
    database: Database, law: LawTables, owner: Owner, values: dict[str, Any], problem: Problem
) -> None:
    await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    await spoil(database, **values)
    assert problem in await problems(database, law, morning(START))


async def test_an_annuity_lost_by_the_engine_is_found_by_counting_anniversaries(
    database: Database, law: LawTables, owner: Owner
) -> None:
    await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    async with database.transaction() as tx:
        await tx.obligations(SYSTEM).supersede_asset(1, "test", morning(START))
    found = {finding.problem for finding in await reconcile(database, law, morning(START), lambda *_: [])}
    assert Problem.ANNIVERSARY in found


async def test_a_rung_that_was_never_written_or_never_left_is_found(
    database: Database, law: LawTables, owner: Owner
) -> None:
    await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    due = date(2027, 1, 15)
    await spoil(database, next_at=morning(date(2027, 3, 1)))  # somebody set the clock forward by hand
    assert Problem.NOT_SENT in await problems(database, law, morning(due + timedelta(days=3)))
    await spoil(database, next_at=morning(due))
    await walk(database, law, due + timedelta(days=3), 1)
    assert await problems(database, law, morning(due + timedelta(days=4))) == set()
    assert Problem.NOT_SENT in await problems(database, law, morning(due + timedelta(days=6)))


async def test_operators_get_a_report_without_company_data_and_a_daily_count(
    database: Database, law: LawTables, owner: Owner
) -> None:
    await keep(database, law, owner, "invention", "ZL202010293847.9", START, filing=FILING, grant=GRANT)
    await spoil(database, safe=date(2027, 4, 14))
    now = morning(START)
    async with database.transaction() as tx:
        operator = await tx.people.add_person(Role.OPERATOR, now, login="root")
    assert await daily_count(database, law, now) == 1
    assert await daily_count(database, law, now + timedelta(hours=1)) == 0
    async with database.reading() as tx:
        said = await tx.outbox.to_person(operator.id)
    assert [item.cause for item in said] == [Cause.NOTICE, Cause.NOTICE]
    report, count = (item.content.plain_text() for item in said)
    assert "记下的日子和重新计算的不一样" in report
    assert "对账发现问题1处" in count
    assert "开着的期限事项2件" in count
    year = await obligation_of(database, (await _assets(database))[0], "annuity:8")
    assert year.title not in report
    assert "甬江" not in report + count
    assert "ZL2020" not in report + count


async def _assets(database: Database) -> list[Any]:
    async with database.reading() as tx:
        return await tx.assets(SYSTEM).all_active()
