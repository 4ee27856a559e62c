"""`zhituo assets import` keeps what it understood, once, for the right company, with everything that falls due."""

from __future__ import annotations

import asyncio
import csv
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.asset_saving import keep_list
from app.chat import owner_address
from app.cli import app
from app.cli_deadlines import law_tables
from rules.deadlines.assets import AssetFacts, AssetKind
from scheduler.docket import AssetDocket
from store.asker import SYSTEM
from store.database import Database
from store.messages import Channel
from store.obligation_records import ObligationEventKind
from store.records import Asset, AssetStatus, Company, ObligationStatus

HEAD = ["申请号", "专利类型", "专利名称", "申请日", "授权公告日", "案件状态"]
ROWS = [
    ["ZL202010293847.9", "发明", "一种轴承", "2020-04-15", "2022-08-02", "专利权维持"],
    ["202010293847.X", "发明", "校验位不对", "2020-04-15", "", ""],
]
NUMBER = "202010293847.9"


def _file(folder: Path, rows: list[list[str]]) -> Path:
    path = folder / "list.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test alone."""
    monkeypatch.setenv("ZHITUO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("ZHITUO_DATABASE_URL", raising=False)
    return tmp_path


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["assets", "import", *arguments])
    return result.exit_code, result.output


def _docket() -> AssetDocket:
    return AssetDocket(law_tables)


def _facts(**given: object) -> AssetFacts:
    kept = {"kind": AssetKind.INVENTION, "number": NUMBER, "filing": date(2020, 4, 15), **given}
    return AssetFacts.model_validate(kept)


async def _company(database: Database, now: datetime, name: str = "甲") -> Company:
    async with database.transaction() as tx:
        return await tx.people.add_company(name, now)


async def _assets(database: Database, company: Company) -> list[Asset]:
    async with database.reading() as tx:
        return await tx.assets(SYSTEM).of(company.id)


def test_the_command_keeps_rows_once_and_refuses_the_rest(home: Path) -> None:
    file = str(_file(home, ROWS))
    code, shown = _run(file, "--preview")
    assert (code, "新增" in shown) == (0, False)
    assert "第2行  读懂" in shown
    assert "第3行  没有收下  202010293847.X" in shown
    code, shown = _run(file)
    assert (code, "新增1件，更新0件，没有变化0件" in shown, "到时会提醒" in shown) == (0, True, True)
    code, shown = _run(file)
    assert (code, "新增0件，更新0件，没有变化1件" in shown) == (0, True)


async def test_the_rights_are_those_of_the_terminal_owner(home: Path) -> None:
    await asyncio.to_thread(_run, str(_file(home, ROWS)))
    database = Database(f"sqlite+aiosqlite:///{home / 'data' / 'zhituo.sqlite3'}")
    try:
        async with database.reading() as tx:
            owner = await tx.people.at(Channel.TERMINAL, owner_address())
            assert owner is not None
            assert owner.company_id is not None
            kept = await tx.assets(owner.as_asker()).of(owner.company_id)
            due = await tx.obligations(owner.as_asker()).of_company(owner.company_id)
        assert [(asset.number, asset.name) for asset in kept] == [(NUMBER, "一种轴承")]
        assert {one.key for one in due} >= {"annuity:8"}
    finally:
        await database.close()


def test_a_company_that_is_not_known_is_refused(home: Path) -> None:
    code, shown = _run(str(_file(home, ROWS)), "--company", "没有这家")
    assert (code, "没有叫“没有这家”的企业" in shown) == (2, True)


async def test_every_row_is_docketed_with_its_timeline(database: Database, now: datetime) -> None:
    company = await _company(database, now)
    mark = _facts(kind=AssetKind.TRADEMARK, number="18000001", filing=None, registration=date(2017, 3, 14))
    outcome = await keep_list(database, _docket(), company, [_facts(grant=date(2022, 8, 2)), mark], now)
    assert (outcome.added, outcome.changed, outcome.unchanged) == (2, 0, 0)
    async with database.reading() as tx:
        due = await tx.obligations(SYSTEM).of_company(company.id)
        lines = [await tx.obligations(SYSTEM).timeline(one.id) for one in due]
    assert {one.key for one in due} >= {"annuity:8", "tm_renewal:2027"}
    assert all([line.kind for line in timeline] == [ObligationEventKind.COMPUTED] for timeline in lines)
    assert all(one.next_at is not None for one in due)
    assert outcome.obligations == len(due)


async def test_bulk_and_single_docket_are_the_same(database: Database, now: datetime) -> None:
    """Rows kept in bulk have exactly what one right kept by itself has."""
    bulk, single = await _company(database, now), await _company(database, now, "乙")
    facts = _facts(grant=date(2022, 8, 2), reduction=85)
    await keep_list(database, _docket(), bulk, [facts], now)
    async with database.transaction() as tx:
        asset, _ = await tx.assets(SYSTEM).put(
            single.id,
            "invention",
            NUMBER,
            now,
            dates={"filing": date(2020, 4, 15), "grant": date(2022, 8, 2)},
            details={"reduction": 85},
        )
        await _docket().docket_asset(tx, asset, date(2026, 11, 20), now)
        found = [await tx.obligations(SYSTEM).of_company(company.id) for company in (bulk, single)]
    different = {"id", "company_id", "asset_id"}
    first, second = ([one.model_dump(exclude=different) for one in due] for due in found)
    assert first == second
    assert len(first) > 0


async def test_a_corrected_day_moves_the_deadline(database: Database, now: datetime) -> None:
    company = await _company(database, now)
    await keep_list(database, _docket(), company, [_facts(filing=date(2020, 4, 14))], now)
    outcome = await keep_list(database, _docket(), company, [_facts()], now)
    assert (outcome.added, outcome.changed, outcome.unchanged) == (0, 1, 0)
    async with database.reading() as tx:
        due = {one.key: one for one in await tx.obligations(SYSTEM).of_company(company.id)}
    assert due["annuity:8"].nominal == date(2027, 4, 15)
    assert due["annuity:8"].due_revision == 2


async def test_a_list_takes_back_nothing_it_does_not_speak_of(database: Database, now: datetime) -> None:
    company = await _company(database, now)
    full = _facts(title="一种轴承", grant=date(2022, 8, 2), reduction=85, paid_through=7)
    await keep_list(database, _docket(), company, [full], now)
    outcome = await keep_list(database, _docket(), company, [_facts()], now)
    assert (outcome.changed, outcome.unchanged) == (0, 1)
    (asset,) = await _assets(database, company)
    assert (asset.name, asset.details["reduction"], asset.details["paid_through"]) == ("一种轴承", 85, 7)


async def test_a_row_completes_the_right_that_had_no_number(database: Database, now: datetime) -> None:
    company = await _company(database, now)
    async with database.transaction() as tx:
        await tx.assets(SYSTEM).put(company.id, "invention", "", now, dates={"filing": date(2020, 4, 15)})
    outcome = await keep_list(database, _docket(), company, [_facts()], now)
    assert (outcome.added, outcome.changed) == (0, 1)
    assert [asset.number for asset in await _assets(database, company)] == [NUMBER]


async def test_given_up_stays_given_up_and_removed_comes_back(database: Database, now: datetime) -> None:
    company = await _company(database, now)
    await keep_list(database, _docket(), company, [_facts(), _facts(number="201930123456.7")], now)
    first, second = await _assets(database, company)
    async with database.transaction() as tx:
        await tx.assets(SYSTEM).set_status(first, AssetStatus.GIVEN_UP, now)
        await tx.assets(SYSTEM).set_status(second, AssetStatus.REMOVED, now)
        for asset in (first, second):
            kept = await tx.assets(SYSTEM).get(asset.id)
            await _docket().docket_asset(tx, kept, date(2026, 11, 20), now)
    outcome = await keep_list(database, _docket(), company, [_facts(), _facts(number="201930123456.7")], now)
    assert (outcome.given_up, outcome.changed, outcome.added) == (1, 1, 0)
    statuses = {asset.number: asset.status for asset in await _assets(database, company)}
    assert statuses == {NUMBER: AssetStatus.GIVEN_UP, "201930123456.7": AssetStatus.ACTIVE}
    async with database.reading() as tx:
        assert {one.asset_id for one in await tx.obligations(SYSTEM).of_company(company.id)} == {second.id}


async def test_the_register_says_it_has_ended(database: Database, now: datetime) -> None:
    company = await _company(database, now)
    await keep_list(database, _docket(), company, [_facts(active=True)], now)
    outcome = await keep_list(database, _docket(), company, [_facts(active=False)], now)
    assert outcome.changed == 1
    (asset,) = await _assets(database, company)
    assert asset.status is AssetStatus.LAPSED
    async with database.reading() as tx:
        every = await tx.obligations(SYSTEM).of_asset(asset.id)
    assert {one.status for one in every} == {ObligationStatus.SUPERSEDED}
    silent = await keep_list(database, _docket(), company, [_facts()], now)
    assert silent.unchanged == 1


async def test_what_contradicts_is_refused_by_name(database: Database, now: datetime) -> None:
    """Joint owners get at most 70 percent: an 85 kept before and two owners now cannot both be so."""
    company = await _company(database, now)
    await keep_list(database, _docket(), company, [_facts(reduction=85)], now)
    outcome = await keep_list(database, _docket(), company, [_facts(owners=2)], now)
    assert (outcome.changed, len(outcome.contradicting)) == (0, 1)
    assert NUMBER in outcome.contradicting[0]
    (asset,) = await _assets(database, company)
    assert "owners" not in asset.details


async def test_two_companies_may_list_the_same_number(database: Database, now: datetime) -> None:
    first, second = await _company(database, now), await _company(database, now, "乙")
    for company in (first, second):
        outcome = await keep_list(database, _docket(), company, [_facts(title=company.name)], now)
        assert outcome.added == 1
    assert [asset.name for asset in await _assets(database, first)] == ["甲"]
