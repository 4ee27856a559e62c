"""The clock: one instance by a lease, daily work once a day, late ticks run, failed ones are heard of."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest

from rules.deadlines.tables import LawTables
from scheduler.clock import Clock, Tick, standard_ticks
from store.database import Database


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


async def test_the_standard_ticks_all_run_on_an_empty_database(
    database: Database, now: datetime, law: LawTables
) -> None:
    ticks = standard_ticks(database, lambda: law)
    clock = Clock(database, Hand(now), ticks)
    assert len(ticks) == 7
    for tick in ticks:
        assert await clock.run(tick.name) == 0
