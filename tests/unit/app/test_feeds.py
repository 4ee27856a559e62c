"""The calendar feed: the company's own deadlines to whoever has its link, and nothing at all to anybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from icalendar import Calendar

from app.asset_saving import keep_list
from app.cli_deadlines import law_tables
from app.feeds import feeds_router
from rules.deadlines.assets import AssetFacts, AssetKind
from scheduler.docket import AssetDocket
from store.asker import SYSTEM, Role
from store.database import Database
from store.records import AssetStatus, Company

MINE, THEIRS = "202010293847.9", "201930123456.7"


def _patent(number: str, title: str = "一种轴承", filing: date = date(2020, 4, 15)) -> AssetFacts:
    kind = AssetKind.INVENTION if number == MINE else AssetKind.DESIGN
    return AssetFacts(kind=kind, number=number, title=title, filing=filing)


async def _company(database: Database, now: datetime, name: str, *assets: AssetFacts) -> tuple[Company, str]:
    async with database.transaction() as tx:
        company = await tx.people.add_company(name, now)
        token = await tx.feeds(SYSTEM).open(company.id, now)
    await keep_list(database, AssetDocket(law_tables), company, assets, now)
    return company, token


@pytest.fixture
async def calendar(database: Database, now: datetime) -> AsyncIterator[httpx.AsyncClient]:
    """A calendar program that asks this service."""
    http = FastAPI()
    http.include_router(feeds_router(database, lambda: now))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(http), base_url="http://here") as client:
        yield client


async def _events(calendar: httpx.AsyncClient, token: str) -> dict[str, object]:
    answer = await calendar.get(f"/feeds/{token}/deadlines.ics")
    assert answer.status_code == 200
    return {str(event["uid"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}


async def test_the_link_gives_the_companys_deadlines(
    database: Database, now: datetime, calendar: httpx.AsyncClient
) -> None:
    company, token = await _company(database, now, "甬江精密", _patent(MINE))
    answer = await calendar.get(f"/feeds/{token}/deadlines.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"].startswith("private")
    read = Calendar.from_ical(answer.content)
    assert (read["version"], read["method"]) == ("2.0", "PUBLISH")
    assert "甬江精密" in read["x-wr-calname"]
    async with database.reading() as tx:
        due = await tx.obligations(SYSTEM).of_company(company.id)
    events = read.walk("VEVENT")
    assert sorted(event["dtstart"].dt for event in events) == [one.safe for one in due]
    assert all(len(event.walk("VALARM")) == 3 for event in events)
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))


async def test_no_company_sees_anothers(
    database: Database, now: datetime, calendar: httpx.AsyncClient
) -> None:
    _, mine = await _company(database, now, "甲", _patent(MINE, "我的秘密"))
    _, theirs = await _company(database, now, "乙", _patent(THEIRS, "别人的秘密"))
    first = (await calendar.get(f"/feeds/{mine}/deadlines.ics")).text.replace("\r\n ", "")
    second = (await calendar.get(f"/feeds/{theirs}/deadlines.ics")).text.replace("\r\n ", "")
    assert MINE in first
    assert THEIRS in second
    assert not any(words in first for words in (THEIRS, "别人的秘密", "乙的"))
    assert not any(words in second for words in (MINE, "我的秘密", "甲的"))
    assert not set(await _events(calendar, mine)) & set(await _events(calendar, theirs))


async def test_wrong_ended_and_replaced_links_are_answered_alike(
    database: Database, now: datetime, calendar: httpx.AsyncClient
) -> None:
    company, old = await _company(database, now, "甲", _patent(MINE))
    ended, closed = await _company(database, now, "乙", _patent(THEIRS))
    async with database.transaction() as tx:
        new = await tx.feeds(SYSTEM).open(company.id, now)
        await tx.feeds(SYSTEM).close(ended.id)
    wrong = [old, closed, "x", "x" * 5000, new[:-1], new.swapcase(), "1", "%00", "' OR 1=1 --"]
    answers = [await calendar.get(f"/feeds/{token}/deadlines.ics") for token in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.content for answer in answers} == {b""}
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert (await calendar.get(f"/feeds/{new}/deadlines.ics")).status_code == 200


async def test_an_entry_keeps_its_identity_when_its_day_moves(
    database: Database, now: datetime, calendar: httpx.AsyncClient
) -> None:
    company, token = await _company(database, now, "甲", _patent(MINE, filing=date(2020, 4, 10)))
    before = await _events(calendar, token)
    await keep_list(database, AssetDocket(law_tables), company, [_patent(MINE)], now)
    after = await _events(calendar, token)
    assert set(before) == set(after)
    assert all(before[uid]["dtstart"].dt != after[uid]["dtstart"].dt for uid in before)  # type: ignore[index]


async def test_what_is_paid_or_given_up_leaves_the_calendar(
    database: Database, now: datetime, calendar: httpx.AsyncClient
) -> None:
    company, token = await _company(database, now, "甲", _patent(MINE), _patent(THEIRS))
    async with database.transaction() as tx:
        payer = await tx.people.add_person(Role.OWNER, now, company_id=company.id)
        asset, other = await tx.assets(SYSTEM).of(company.id)
        due = await tx.obligations(SYSTEM).of_company(company.id)
        for one in due:
            if one.asset_id == asset.id:
                await tx.obligations(SYSTEM).paid(one.id, now.date(), payer.id, now)
    assert await _events(calendar, token)
    async with database.transaction() as tx:
        await tx.assets(SYSTEM).set_status(other, AssetStatus.GIVEN_UP, now)
        given_up = await tx.assets(SYSTEM).get(other.id)
        await AssetDocket(law_tables).docket_asset(tx, given_up, now.date(), now)
    assert await _events(calendar, token) == {}


async def test_a_company_with_nothing_due_has_an_empty_calendar(
    database: Database, now: datetime, calendar: httpx.AsyncClient
) -> None:
    _, token = await _company(database, now, "")
    assert await _events(calendar, token) == {}


async def test_head_tells_no_more_than_get(
    database: Database, now: datetime, calendar: httpx.AsyncClient
) -> None:
    _, token = await _company(database, now, "甲", _patent(MINE))
    assert (await calendar.head(f"/feeds/{token}/deadlines.ics")).status_code == 200
    assert (await calendar.head("/feeds/x/deadlines.ics")).status_code == 404
    assert (await calendar.post(f"/feeds/{token}/deadlines.ics")).status_code == 405


async def test_calendars_are_told_how_often_to_look(
    database: Database, now: datetime, calendar: httpx.AsyncClient
) -> None:
    _, token = await _company(database, now, "甲")
    read = Calendar.from_ical((await calendar.get(f"/feeds/{token}/deadlines.ics")).content)
    assert read["refresh-interval"].dt == timedelta(hours=12)


async def test_the_end_of_the_grace_period_of_what_is_late_stands_in_the_calendar(
    database: Database, now: datetime, calendar: httpx.AsyncClient
) -> None:
    """The seventh year was due on 15 June 2026; with the surcharge it can be paid until 15 December."""
    _, token = await _company(database, now, "甲", _patent(MINE, filing=date(2020, 6, 15)))
    events = {
        event["dtstart"].dt: str(event["summary"]) for event in (await _events(calendar, token)).values()
    }  # type: ignore[index]
    assert events[date(2026, 12, 15)].startswith("补交的最后期限：")
    assert date(2026, 6, 15) in events
    assert date(2027, 12, 15) not in events
