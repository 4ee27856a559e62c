"""Two simulated years, day by day: every rung once, one digest a day, downtime, holidays, and what buttons do."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from rules.days import NINGBO
from rules.deadlines.tables import LawTables
from scheduler.docket import AssetDocket
from scheduler.ladder import Course, ladder
from scheduler.law import rest_days
from scheduler.reminders import remind
from store.asker import SYSTEM, Role
from store.database import Database
from store.messages import Channel, Verb
from store.obligation_records import Computed, ObligationDetails, ObligationEventKind
from store.records import AssetStatus, ObligationStatus
from tests.unit.scheduler.simulated import START, Owner, digests, keep, morning, obligation_of, rungs_of, walk


async def test_two_years_see_each_rung_once_and_one_digest_a_day(
    database: Database, law: LawTables, owner: Owner
) -> None:
    docket = AssetDocket(lambda: law)
    assets = [
        await keep(database, law, owner, "invention", "ZL202010293847.9", START,
                   filing=date(2020, 4, 15), grant=date(2022, 8, 2)),
        await keep(database, law, owner, "utility_model", "ZL202120400001.5", START,
                   filing=date(2021, 2, 28), grant=date(2021, 9, 14)),
        await keep(database, law, owner, "design", "ZL202230400002.X", START,
                   filing=date(2022, 4, 15), grant=date(2022, 10, 11)),
        await keep(database, law, owner, "trademark", "17000001", START, registration=date(2017, 3, 14)),
    ]  # fmt: skip
    for ahead in range(731):
        day = START + timedelta(days=ahead)
        if day.day == 1:  # what comes into the horizon is docketed as it is every day in service
            await docket.redocket_all(database, day, morning(day, 5))
        for hour in (9, 15):  # a second tick on the same day writes nothing more
            await remind(database, law, morning(day, hour))

    sent = await digests(database, owner)
    days = Counter(item.created_at.astimezone(NINGBO).date() for item in sent)
    assert max(days.values()) == 1
    is_rest = rest_days(law)
    last = START + timedelta(days=730)
    seen = 0
    for asset in assets:
        async with database.reading() as tx:
            kept = await tx.obligations(SYSTEM).of_asset(asset.id)
        for obligation in kept:
            due = [rung.name for rung in ladder(Course.of(obligation), is_rest) if START < rung.day <= last]
            got = await rungs_of(database, obligation)
            assert got == due, (asset.number, obligation.key)
            seen += len(got)
    assert seen > 80


async def test_the_digest_says_what_to_do_first(database: Database, law: LawTables, owner: Owner) -> None:
    await keep(database, law, owner, "invention", "ZL202010293847.9", START,
               filing=date(2020, 4, 15), grant=date(2022, 8, 2))  # fmt: skip
    await walk(database, law, date(2027, 4, 8), 1)
    (item,) = await digests(database, owner)
    text = item.content.plain_text()
    assert text.index("在2027年4月15日（周四）前缴2,000元") < text.index("法定最后一天") < text.index("依据")
    assert "专利业务办理系统" in text
    assert "2027年10月15日" in text
    assert "实施细则" in text
    verbs = {choice.text: choice.action.verb for choice in item.content.choices}
    assert verbs == {
        "已缴费": Verb.PAID,
        "知道了": Verb.SEEN,
        "以后再说": Verb.LATER,
        "放弃这件": Verb.GIVE_UP,
    }


async def test_after_downtime_only_the_most_urgent_rung_is_sent(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await keep(database, law, owner, "invention", "1", START,
                       filing=date(2020, 4, 15), grant=date(2022, 8, 2))  # fmt: skip
    await walk(database, law, START, 60)  # up to the rung of 90 days
    await walk(database, law, date(2027, 4, 9), 3)  # the service was down until six days before
    year = await obligation_of(database, asset, "annuity:8")
    assert await rungs_of(database, year) == ["d90", "d7"]
    assert len(await digests(database, owner)) == 2


async def test_at_night_only_what_ends_today_is_said(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await keep(database, law, owner, "invention", "1", START,
                       filing=date(2020, 4, 15), grant=date(2022, 8, 2))  # fmt: skip
    assert await remind(database, law, morning(date(2027, 4, 12), 23)) == 0
    assert await remind(database, law, morning(date(2027, 4, 15), 23)) == 1
    assert await rungs_of(database, await obligation_of(database, asset, "annuity:8")) == ["d0"]


async def test_lateness_is_told_with_what_it_costs(database: Database, law: LawTables, owner: Owner) -> None:
    await keep(database, law, owner, "invention", "1", START,
               filing=date(2020, 4, 15), grant=date(2022, 8, 2))  # fmt: skip
    await walk(database, law, date(2027, 6, 10), 1)
    (item,) = await digests(database, owner)
    text = item.content.plain_text()
    assert "在2027年6月15日（周二）前补缴2,100元（含滞纳金100元）" in text
    assert "2027年6月15日以后要缴2,200元" in text
    assert "2027年10月15日是补办的最后一天" in text


async def test_paid_ends_the_ladder_and_can_be_taken_back(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await keep(database, law, owner, "invention", "1", START,
                       filing=date(2020, 4, 15), grant=date(2022, 8, 2))  # fmt: skip
    year = await obligation_of(database, asset, "annuity:8")
    asker = owner.person.as_asker()
    await walk(database, law, date(2027, 1, 15), 1)
    paid_at = morning(date(2027, 1, 20))
    async with database.transaction() as tx:
        receipt = await tx.attachments(asker).keep(b"scan", "r.jpg", "image/jpeg", owner.person.id, paid_at)
        await tx.obligations(asker).paid(year.id, date(2027, 1, 19), owner.person.id, paid_at, receipt.id)
    await AssetDocket(lambda: law).redocket_all(database, date(2027, 2, 1), morning(date(2027, 2, 1)))
    await walk(database, law, date(2027, 2, 1), 40)
    closed = await obligation_of(database, asset, "annuity:8")
    assert (closed.status, closed.paid_on, closed.receipt_id, closed.next_at) == (
        ObligationStatus.PAID,
        date(2027, 1, 19),
        receipt.id,
        None,
    )
    assert await rungs_of(database, year) == ["d90"]
    async with database.transaction() as tx:
        await tx.obligations(asker).reopen(year.id, owner.person.id, morning(date(2027, 3, 14)))
    await walk(database, law, date(2027, 3, 14), 5)
    assert await rungs_of(database, year) == ["d90", "d60", "d30"]
    async with database.reading() as tx:
        kinds = [event.kind for event in await tx.obligations(asker).timeline(year.id)]
    assert kinds[:5] == [
        ObligationEventKind.COMPUTED,
        ObligationEventKind.REMINDED,
        ObligationEventKind.PAID,
        ObligationEventKind.RECEIPT,
        ObligationEventKind.REOPENED,
    ]


async def test_seen_silences_one_rung_only(database: Database, law: LawTables, owner: Owner) -> None:
    asset = await keep(database, law, owner, "invention", "1", START,
                       filing=date(2020, 4, 15), grant=date(2022, 8, 2))  # fmt: skip
    year = await obligation_of(database, asset, "annuity:8")
    await walk(database, law, date(2027, 3, 16), 1)
    async with database.transaction() as tx:
        await tx.obligations(SYSTEM).silence(year.id, owner.person.id, morning(date(2027, 3, 16), 10))
    await walk(database, law, date(2027, 3, 17), 20)
    assert await rungs_of(database, year) == ["d30", "d15"]


async def test_later_reminds_on_its_day_and_never_after_the_urgent_rungs(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await keep(database, law, owner, "invention", "1", START,
                       filing=date(2020, 4, 15), grant=date(2022, 8, 2))  # fmt: skip
    year = await obligation_of(database, asset, "annuity:8")
    await walk(database, law, date(2027, 3, 16), 1)
    until = date(2027, 4, 3)
    async with database.transaction() as tx:
        await tx.obligations(SYSTEM).snooze(year.id, until, owner.person.id, morning(date(2027, 3, 16), 10))
    await walk(database, law, date(2027, 3, 16), 20)
    assert await rungs_of(database, year) == ["d30", "s20270403"]  # the rung of 15 days was held back
    async with database.transaction() as tx:
        far = date(2029, 1, 1)
        await tx.obligations(SYSTEM).snooze(year.id, far, owner.person.id, morning(date(2027, 4, 5), 10))
    await walk(database, law, date(2027, 4, 5), 11)
    assert (await rungs_of(database, year))[2:] == ["d7", "d3", "d1", "d0"]


async def test_given_up_assets_are_silent_and_restored_ones_are_not(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await keep(database, law, owner, "invention", "1", START,
                       filing=date(2020, 4, 15), grant=date(2022, 8, 2))  # fmt: skip
    docket = AssetDocket(lambda: law)
    now = morning(date(2027, 1, 20))

    async def become(status: AssetStatus) -> None:
        async with database.transaction() as tx:
            current = await tx.assets(SYSTEM).get(asset.id)
            await tx.assets(SYSTEM).set_status(current, status, now)
            await docket.docket_asset(tx, await tx.assets(SYSTEM).get(asset.id), now.date(), now)

    await become(AssetStatus.GIVEN_UP)
    await walk(database, law, date(2027, 1, 20), 60)
    assert await digests(database, owner) == []
    await become(AssetStatus.ACTIVE)
    year = await obligation_of(database, asset, "annuity:8")
    assert year.status is ObligationStatus.OPEN
    assert year.next_at is not None
    await become(AssetStatus.REMOVED)
    assert (await obligation_of(database, asset, "annuity:8")).status is ObligationStatus.SUPERSEDED


async def test_a_corrected_day_starts_a_new_revision_with_its_own_rungs(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await keep(database, law, owner, "invention", "1", START,
                       filing=date(2020, 4, 15), grant=date(2022, 8, 2))  # fmt: skip
    await walk(database, law, date(2027, 3, 16), 1)
    await keep(database, law, owner, "invention", "1", date(2027, 3, 17),
               filing=date(2020, 4, 25), grant=date(2022, 8, 2))  # fmt: skip
    year = await obligation_of(database, asset, "annuity:8")
    assert year.due_revision == 2
    assert year.nominal == date(2027, 4, 25)
    await walk(database, law, date(2027, 3, 17), 12)
    assert await rungs_of(database, year) == ["d30", "d60", "d30"]  # the safe day is now 23 April
    texts = [item.content.plain_text() for item in await digests(database, owner)]
    assert ["重新算过" in text for text in texts] == [False, True, False]


async def test_an_overdue_obligation_is_not_closed_by_time(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await keep(database, law, owner, "invention", "1", START,
                       filing=date(2020, 4, 15), grant=date(2022, 8, 2))  # fmt: skip
    later = date(2028, 9, 1)
    await AssetDocket(lambda: law).redocket_all(database, later, morning(later))
    assert (await obligation_of(database, asset, "annuity:8")).status is ObligationStatus.OPEN


@pytest.mark.parametrize("lost", ["person", "address"])
async def test_nobody_to_write_to_is_noted_once_a_rung_and_tried_again(
    database: Database, law: LawTables, now: datetime, lost: str
) -> None:
    async with database.transaction() as tx:
        company = await tx.people.add_company("无人", now)
        if lost == "address":
            await tx.people.add_person(Role.OWNER, now, company_id=company.id)
        asset, _ = await tx.assets(SYSTEM).put(
            company.id, "trademark", "9", now, dates={"registration": date(2017, 3, 14)}
        )
        await AssetDocket(lambda: law).docket_asset(tx, asset, START, now)
    await walk(database, law, date(2027, 2, 12), 3)
    year = await obligation_of(database, asset, "tm_renewal:2027")
    async with database.reading() as tx:
        kinds = [event.kind for event in await tx.obligations(SYSTEM).timeline(year.id)]
    assert kinds.count(ObligationEventKind.UNREACHABLE) == 1
    async with database.transaction() as tx:
        if lost == "person":
            person = await tx.people.add_person(Role.OWNER, now, company_id=company.id)
        else:
            (person,) = await tx.people.owners_of(company.id)
        await tx.people.add_address(person.id, Channel.EMAIL, "a@example.invalid", now)
    await walk(database, law, date(2027, 2, 15), 1)
    async with database.reading() as tx:
        assert len(await tx.outbox.to_person(person.id)) == 1


async def test_a_chance_that_passed_is_not_called_late(
    database: Database, law: LawTables, owner: Owner, now: datetime
) -> None:
    computed = Computed(
        kind="pct_filing",
        key="pct_filing",
        title="国际申请",
        nominal=date(2027, 3, 1),
        legal=date(2027, 3, 1),
        safe=date(2027, 3, 1),
        details=ObligationDetails(optional=True),
    )
    docket = AssetDocket(
        lambda: law, compute=lambda _law, _asset, day: [computed] if day < date(2027, 3, 2) else []
    )
    async with database.transaction() as tx:
        asset, _ = await tx.assets(SYSTEM).put(owner.company.id, "invention", "1", now)
        await docket.docket_asset(tx, asset, START, now)
    await walk(database, law, START, 150)
    chance = await obligation_of(database, asset, "pct_filing")
    assert (await rungs_of(database, chance))[-1] == "d0"
    assert "不是必须办" in (await digests(database, owner))[-1].content.plain_text()
    await docket.redocket_all(database, date(2027, 3, 2), morning(date(2027, 3, 2)))
    assert (await obligation_of(database, asset, "pct_filing")).status is ObligationStatus.SUPERSEDED
