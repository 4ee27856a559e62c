"""One right, company, recipient or member of staff that breaks the clock's work keeps nobody else's deadlines silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from rules.deadlines.tables import LawTables
from scheduler import call_list, contact_tasks, reminders
from scheduler.call_list import call
from scheduler.compute import compute_obligations
from scheduler.contact_tasks import keep_contact_tasks
from scheduler.daily_count import daily_count
from scheduler.digest import Item, compose
from scheduler.docket import AssetDocket
from scheduler.faults import PartlyDoneError
from scheduler.reconcile import Finding, Problem, reconcile
from scheduler.reminders import remind, rescue
from store.asker import SYSTEM, Asker, Role
from store.database import Database
from store.docket_rows import open_docket
from store.messages import Channel, Outgoing
from store.obligation_records import Computed
from store.records import Asset, Cause, OutboxItem, Person
from store.transaction import Transaction
from tests.unit.scheduler.simulated import START, Owner, digests, keep, morning, obligation_of

FILING = date(2020, 4, 15)
FIRST = date(2027, 1, 15)  # 90 days before the safe day of the eighth year's annuity, 2027-04-15
LATER = date(2027, 3, 16)  # 30 days before it
KEY = "annuity:8"


@pytest.fixture
async def other(database: Database, now: datetime) -> Owner:
    """A second company with its owner."""
    async with database.transaction() as tx:
        company = await tx.people.add_company("余姚模具", now)
        person = await tx.people.add_person(Role.OWNER, now, name="王经理", company_id=company.id)
        await tx.people.add_address(person.id, Channel.TELEGRAM, "2002", now)
    return Owner(person, company, "2002")


async def annuity(database: Database, law: LawTables, owner: Owner, number: str) -> Asset:
    return await keep(database, law, owner, "invention", number, START, filing=FILING)


async def damage(database: Database, table: str, column: str, row_id: int) -> None:
    """Leave in a column what no version of ours writes: on SQLite, what is not even JSON."""
    wrong = "{half of it" if database.is_sqlite else '"a word"'
    value = ":wrong" if database.is_sqlite else "CAST(:wrong AS json)"
    async with database.transaction() as tx:
        await tx.session.execute(
            text(f"UPDATE {table} SET {column} = {value} WHERE id = :id"),
            {"wrong": wrong, "id": row_id},
        )


def failing_for(asset_id: int) -> Any:
    def compute(tables: LawTables, asset: Asset, today: date) -> Sequence[Computed]:
        if asset.id == asset_id:
            raise RuntimeError("a fault of ours")
        return compute_obligations(tables, asset, today)

    return compute


async def test_an_asset_that_cannot_be_computed_ends_the_nights_run_for_no_other(
    database: Database, law: LawTables, owner: Owner, other: Owner
) -> None:
    now = morning(START, 8)
    async with database.transaction() as tx:
        assets = [
            (
                await tx.assets(SYSTEM).put(
                    whose.company.id, "invention", number, now, dates={"filing": FILING}
                )
            )[0]
            for whose, number in ((owner, "1"), (owner, "2"), (other, "3"))
        ]
    broken = AssetDocket(lambda: law, compute=failing_for(assets[0].id))
    with capture_logs() as logged, pytest.raises(PartlyDoneError) as told:
        await broken.redocket_all(database, START, now)
    assert (told.value.done, told.value.failed) == (2, 1)
    assert [(line["work"], line["asset_id"]) for line in logged if line["log_level"] == "error"] == [
        ("redocket", assets[0].id)
    ]
    for asset, there in zip(assets, (False, True, True), strict=True):
        async with database.reading() as tx:
            assert bool(await tx.obligations(SYSTEM).of_asset(asset.id)) is there
    assert await AssetDocket(lambda: law).redocket_all(database, START, now) == 3
    assert await obligation_of(database, assets[0], KEY)


async def test_an_obligation_that_cannot_be_said_silences_neither_its_company_nor_the_next(
    database: Database, law: LawTables, owner: Owner, other: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good, theirs = [
        await annuity(database, law, whose, number)
        for whose, number in ((owner, "1"), (owner, "2"), (other, "3"))
    ]

    def breaking(items: Sequence[Item], name: str, today: date) -> Outgoing:
        if any(item.asset.id == bad.id for item in items):
            raise RuntimeError("a fault of ours")
        return compose(items, name, today)

    monkeypatch.setattr(reminders, "compose", breaking)
    with pytest.raises(PartlyDoneError) as told:
        await remind(database, law, morning(FIRST))
    assert (told.value.done, told.value.failed) == (2, 1)
    ((mine,), (theirs_,)) = await digests(database, owner), await digests(database, other)
    assert (await obligation_of(database, good, KEY)).next_at != (
        await obligation_of(database, bad, KEY)
    ).next_at
    assert "2" in mine.content.plain_text()
    assert theirs_.person_id == other.person.id
    assert (await obligation_of(database, theirs, KEY)).next_at > morning(FIRST)  # type: ignore[operator]
    still_due = (await obligation_of(database, bad, KEY)).next_at
    assert still_due is not None
    assert still_due <= morning(FIRST)

    monkeypatch.setattr(reminders, "compose", compose)  # mended: said the next morning, one digest a day
    await remind(database, law, morning(FIRST, 12))
    await remind(database, law, morning(date(2027, 1, 16)))
    assert len(await digests(database, owner)) == 2
    assert len(await digests(database, other)) == 1


@pytest.mark.parametrize("column", ["details", "citations"])
async def test_what_is_damaged_beside_the_days_does_not_keep_them_from_being_said_and_is_written_again_at_night(
    database: Database, law: LawTables, owner: Owner, column: str
) -> None:
    asset = await annuity(database, law, owner, "1")
    whole = await obligation_of(database, asset, KEY)
    await damage(database, "obligation", column, whole.id)
    assert await remind(database, law, morning(FIRST)) == 1
    (said,) = await digests(database, owner)
    assert "2027年4月15日" in said.content.plain_text()
    asker = Asker(Role.OWNER, owner.person.id, owner.company.id)
    async with database.reading() as tx:
        assert whole.title in [
            row.obligation.title_zh for row in await open_docket(tx, asker, owner.company.id)
        ]
    await AssetDocket(lambda: law).redocket_all(database, START, morning(FIRST, 10))
    mended = await obligation_of(database, asset, KEY)
    assert (mended.details, mended.citations) == (whole.details, whole.citations)


async def test_of_a_damaged_asset_nothing_is_computed_and_what_was_docketed_is_reminded_of(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await annuity(database, law, owner, "1")
    good = await annuity(database, law, owner, "2")
    await damage(database, "asset", "dates", asset.id)
    assert await AssetDocket(lambda: law).redocket_all(database, START, morning(START, 5)) == 2
    assert await obligation_of(database, asset, KEY)
    found = await reconcile(database, law, morning(START))
    assert found == [Finding(Problem.NOT_COMPUTABLE, asset.id, detail="filing")]
    await remind(database, law, morning(FIRST))
    (said,) = await digests(database, owner)
    assert "2件" in said.content.plain_text()
    # What the owner says again mends it.
    async with database.transaction() as tx:
        put, new = await tx.assets(SYSTEM).put(
            owner.company.id, "invention", "1", morning(FIRST), dates={"filing": FILING}
        )
    assert (put.id, new, put.dates) == (asset.id, False, good.dates)


async def test_an_asset_that_cannot_be_compared_is_found_and_the_count_is_told(
    database: Database, law: LawTables, owner: Owner, now: datetime
) -> None:
    bad, good = await annuity(database, law, owner, "1"), await annuity(database, law, owner, "2")
    async with database.transaction() as tx:
        await tx.people.add_person(Role.OPERATOR, now, name="值班", login="operator")
        await tx.obligations(SYSTEM).supersede(
            (await tx.obligations(SYSTEM).of_asset(good.id))[0].id, "", now
        )
    found = await reconcile(database, law, morning(START), failing_for(bad.id))
    assert Finding(Problem.NOT_COMPARED, bad.id) in found
    assert Problem.NOT_DOCKETED in {finding.problem for finding in found if finding.asset_id == good.id}
    assert await daily_count(database, law, morning(START), failing_for(bad.id)) == 1


async def test_a_reminder_whose_obligation_was_closed_is_not_looked_at_again(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await annuity(database, law, owner, "1")
    await remind(database, law, morning(FIRST))
    one = await obligation_of(database, asset, KEY)
    async with database.transaction() as tx:
        await tx.obligations(SYSTEM).paid(one.id, FIRST, owner.person.id, morning(FIRST))
        await tx.session.execute(text("UPDATE outbox SET state = 'gone'"))
    at = (await obligation_of(database, asset, KEY)).next_at
    assert await rescue(database, morning(FIRST, 10)) == 1
    assert (await obligation_of(database, asset, KEY)).next_at == at


async def test_a_company_of_which_it_cannot_be_told_keeps_its_task_and_the_others_get_theirs(
    database: Database,
    law: LawTables,
    owner: Owner,
    other: Owner,
    monkeypatch: pytest.MonkeyPatch,
    now: datetime,
) -> None:
    async with database.transaction() as tx:
        await tx.people.add_person(Role.EDITOR, now, name="林", login="lin")
        for address in ("1001", "2002"):
            await tx.session.execute(
                text("UPDATE address SET state = 'blocked' WHERE address = :address"), {"address": address}
            )
    await annuity(database, law, owner, "1")
    await remind(database, law, morning(FIRST))
    assert await keep_contact_tasks(database, morning(FIRST)) == 1
    await annuity(database, law, other, "2")
    await remind(database, law, morning(LATER))
    owners_of = contact_tasks._owners

    async def breaking(tx: Transaction, company_id: int) -> Any:
        if company_id == owner.company.id:
            raise RuntimeError("a fault of ours")
        return await owners_of(tx, company_id)

    monkeypatch.setattr(contact_tasks, "_owners", breaking)
    with pytest.raises(PartlyDoneError):
        await keep_contact_tasks(database, morning(LATER))
    async with database.reading() as tx:
        open_ones = await tx.contact_tasks(SYSTEM).all_open()
    assert {task.company_id for task in open_ones} == {owner.company.id, other.company.id}


async def test_one_of_the_staff_who_cannot_be_told_keeps_no_call_list_from_the_others(
    database: Database, law: LawTables, owner: Owner, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    async with database.transaction() as tx:
        first = await tx.people.add_person(Role.EDITOR, now, name="林", login="lin")
        await tx.people.add_person(Role.EDITOR, now, name="周", login="zhou")
    await annuity(database, law, owner, "1")
    await remind(database, law, morning(date(2027, 4, 8)))
    tell = call_list.tell

    async def breaking(tx: Transaction, person: Person, key: str, content: Outgoing, at: datetime) -> bool:
        if person.id == first.id:
            raise RuntimeError("a fault of ours")
        return await tell(tx, person, key, content, at)

    monkeypatch.setattr(call_list, "tell", breaking)
    with pytest.raises(PartlyDoneError) as told:
        await call(database, morning(date(2027, 4, 9), 10))
    assert (told.value.done, told.value.failed) == (1, 1)
    async with database.reading() as tx:
        notices: list[OutboxItem] = [
            one for one in await tx.outbox.for_address(Channel.DESK, "zhou") if one.cause is Cause.NOTICE
        ]
    assert len(notices) == 1
