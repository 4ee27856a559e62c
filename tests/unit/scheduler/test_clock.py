"""The clock: one instance by a lease, daily work once a day, late ticks run, failed ones are heard of."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest

from rules.deadlines.tables import LawTables
from scheduler.clock import Clock, Tick, standard_ticks
from scheduler.faults import Faults, PartlyDoneError
from store.asker import Role
from store.database import Database
from store.messages import Channel


class Hand:
    """A clock's hand that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Work:
    """Counts how often it was done, and fails when told to."""

    def __init__(self) -> None:
        self.at: list[datetime] = []
        self.broken = False

    async def __call__(self, now: datetime) -> int:
        if self.broken:
            raise RuntimeError("broken")
        self.at.append(now)
        return 1


async def test_of_two_processes_one_ticks(database: Database, now: datetime) -> None:
    work, hand = Work(), Hand(now)
    tick = Tick("work", timedelta(minutes=1), work)
    first, second = Clock(database, hand, [tick]), Clock(database, hand, [tick])
    assert await first.run("work") == 1
    assert await second.run("work") == 0
    await first.stop()
    assert await second.run("work") == 1
    hand.now = now + timedelta(minutes=10)  # the second died: its lease has ended
    assert await first.run("work") == 1


async def test_daily_work_is_done_once_a_day_even_when_its_time_was_missed(
    database: Database, now: datetime
) -> None:
    work, hand = Work(), Hand(now)
    clock = Clock(database, hand, [Tick("daily", timedelta(minutes=10), work, daily_at=time(4, 30))])
    for hours in (0, 1, 5, 18, 19, 25):  # from 10:00 in Ningbo
        hand.now = now + timedelta(hours=hours)
        await clock.run("daily")
    assert work.at == [now, now + timedelta(hours=19)]


async def test_daily_work_that_failed_is_done_again(database: Database, now: datetime) -> None:
    work, hand = Work(), Hand(now)
    clock = Clock(database, hand, [Tick("daily", timedelta(minutes=10), work, daily_at=time(4, 30))])
    work.broken = True
    with pytest.raises(RuntimeError):
        await clock.run("daily")
    work.broken = False
    assert await clock.run("daily") == 1
    assert await clock.run("daily") == 0


async def test_what_was_written_wakes_the_delivery(database: Database, now: datetime) -> None:
    woken: list[int] = []
    clock = Clock(database, Hand(now), [Tick("work", timedelta(minutes=1), Work())], lambda: woken.append(1))
    await clock.run("work")
    assert woken == [1]


async def test_it_ticks_by_itself_and_a_failed_tick_is_counted(database: Database) -> None:
    good, bad = Work(), Work()
    bad.broken = True
    clock = Clock(
        database,
        lambda: datetime.now(UTC),
        [Tick("good", timedelta(seconds=1), good), Tick("bad", timedelta(seconds=1), bad)],
    )
    clock.start()
    for _ in range(60):
        await asyncio.sleep(0.05)
        if good.at and clock.health.failed:
            break
    await clock.stop()
    assert good.at
    assert clock.health.failed["bad"] >= 1
    assert "good" in clock.health.last_run


async def test_a_tick_planned_before_the_clock_was_set_back_runs_now(database: Database) -> None:
    work = Work()
    clock = Clock(database, lambda: datetime.now(UTC), [Tick("work", timedelta(hours=1), work)])
    clock.start()
    try:
        clock.wake_late(datetime.now(UTC) - timedelta(minutes=59))  # little: it is waited for
        await asyncio.sleep(0.1)
        assert not work.at
        clock.wake_late(datetime.now(UTC) - timedelta(hours=2))
        for _ in range(60):
            await asyncio.sleep(0.05)
            if work.at:
                break
        assert work.at
    finally:
        await clock.stop()


async def test_daily_work_of_which_a_part_failed_is_done_again_in_an_hour_and_operators_hear_of_it(
    database: Database, now: datetime
) -> None:
    async with database.transaction() as tx:
        operator = await tx.people.add_person(Role.OPERATOR, now, name="值班", login="operator")
    hand, runs, woken = Hand(now), [1, 1, 0], []

    async def work(_: datetime) -> int:
        faults = Faults("daily", failed=runs.pop(0))
        return faults.end(5)

    tick = Tick("daily", timedelta(minutes=10), work, daily_at=time(4, 30))
    clock = Clock(database, hand, [tick], lambda: woken.append(hand.now))
    with pytest.raises(PartlyDoneError, match="5 done, 1 failed"):
        await clock.run("daily")
    assert woken == [now]
    hand.now = now + timedelta(minutes=50)
    assert await clock.run("daily") == 0
    hand.now = now + timedelta(minutes=61)
    with pytest.raises(PartlyDoneError):
        await clock.run("daily")
    hand.now = now + timedelta(minutes=130)
    assert await clock.run("daily") == 5
    hand.now = now + timedelta(minutes=200)
    assert await clock.run("daily") == 0
    async with database.reading() as tx:
        (told,) = await tx.outbox.for_address(Channel.DESK, operator.login or "")
    assert "“daily”有一部分没有做成：做成5件，出错1件" in told.content.plain_text()


async def test_operators_hear_of_a_tick_that_fails_whole_once_a_day(
    database: Database, now: datetime
) -> None:
    async with database.transaction() as tx:
        operator = await tx.people.add_person(Role.OPERATOR, now, name="值班", login="operator")
    work, hand = Work(), Hand(now)
    work.broken = True
    clock = Clock(database, hand, [Tick("work", timedelta(minutes=1), work)])
    for day in (0, 0, 1):
        hand.now = now + timedelta(days=day)
        with pytest.raises(RuntimeError):
            await clock.run("work")
    async with database.reading() as tx:
        told = await tx.outbox.for_address(Channel.DESK, operator.login or "")
    assert [("“work”没有做成" in one.content.plain_text()) for one in told] == [True, True]


async def test_the_standard_ticks_all_run_on_an_empty_database(
    database: Database, now: datetime, law: LawTables
) -> None:
    ticks = standard_ticks(database, lambda: law)
    clock = Clock(database, Hand(now), ticks)
    assert len(ticks) == 7
    for tick in ticks:
        assert await clock.run(tick.name) == 0
