"""The clock on one machine: a few in-memory ticks that claim what is due. A reminder is never a job of its own.

APScheduler calls `Clock.run(tick)`; everything else is in the database, so that nothing is lost with the process. Of
several processes the one that holds the lease ticks. What the time is, is asked of `now`.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import structlog
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
    JobExecutionEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from rules.days import NINGBO
from rules.deadlines.tables import LawTables
from scheduler import ticks
from scheduler.docket import AssetDocket
from scheduler.faults import PartlyDoneError
from scheduler.hours import today_in_ningbo
from scheduler.staff_notices import operators, tell
from scheduler.wording import texts
from store.database import Database
from store.errors import UnavailableError
from store.messages import Outgoing

log = structlog.get_logger()
LEASE = "clock"
LEASE_FOR = timedelta(minutes=3)
DAILY_WORK_FOR = timedelta(minutes=30)
AGAIN_AFTER = timedelta(hours=1)  # daily work of which a part could not be done
ONE_DAY = timedelta(days=1)
LOOKED_AT_EVERY = 30.0  # seconds
_MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing that is done again and again. `work` takes the moment and returns how much it did.

    One with `daily_at` is looked at as often as the others and done once a day, from that time on: a service that was
    down at that time does it when it is up again.
    """

    name: str
    every: timedelta
    work: Callable[[datetime], Awaitable[int]]
    daily_at: time | None = None


@dataclass
class Health:
    """How the ticks fare: for the operators' page and for metrics."""

    last_run: dict[str, datetime] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)


class Clock:
    """Runs the ticks while this process holds the lease."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        ticks_: Sequence[Tick],
        on_written: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._now = now
        self._ticks = {tick.name: tick for tick in ticks_}
        self._on_written = on_written
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._scheduler: AsyncIOScheduler | None = None
        self._watch: asyncio.Task[None] | None = None
        self.health = Health()

    def start(self) -> None:
        """Start ticking on the running event loop."""
        scheduler = AsyncIOScheduler(
            timezone=NINGBO,
            # Without these a tick that is late is dropped, late ones pile up, or one overtakes itself.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        scheduler.add_listener(self._listen, EVENT_JOB_MISSED | EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
        for tick in self._ticks.values():
            every = IntervalTrigger(seconds=int(tick.every.total_seconds()), timezone=NINGBO)
            scheduler.add_job(self.run, every, args=[tick.name], id=tick.name, name=tick.name)
        scheduler.start()
        self._scheduler = scheduler
        self._watch = asyncio.create_task(self._watch_the_clock(), name="clock")

    async def _watch_the_clock(self) -> None:
        while True:
            await asyncio.sleep(LOOKED_AT_EVERY)
            self.wake_late(datetime.now(UTC))

    def wake_late(self, now: datetime) -> None:
        """Run at once what waits longer than it ever does: the machine's clock was set back since it was planned."""
        for job in [] if self._scheduler is None else self._scheduler.get_jobs():
            at = job.next_run_time
            if at is not None and at > now + 2 * self._ticks[job.id].every:
                log.warning("the clock was set back: a tick runs now", tick=job.id, planned=at.isoformat())
                job.modify(next_run_time=now)

    async def stop(self) -> None:
        """Stop ticking and let another process take over."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
        try:
            async with self._database.transaction() as tx:
                await tx.leases.give_back(LEASE, self._holder)
        except UnavailableError as error:  # the lease ends by itself; whoever stops us has more to end
            log.warning("the clock's lease was not given back", error=str(error))

    async def run(self, name: str) -> int:
        """Run one tick now and return how much it did; nothing while another process holds the lease.

        What fails is raised, when those who run the machine have been told, once a day for each tick.
        """
        now = self._now()
        async with self._database.transaction() as tx:
            if not await tx.leases.take(LEASE, self._holder, now, LEASE_FOR):
                return 0
        tick = self._ticks[name]
        try:
            done = await (
                tick.work(now) if tick.daily_at is None else self._once_a_day(tick, tick.daily_at, now)
            )
        except UnavailableError:
            raise  # nobody could be told now
        except Exception as error:
            await self._tell_operators(name, error, now)
            raise
        self.health.last_run[name] = now
        if done:
            log.info("tick", tick=name, done=done)
            self._on_written()
        return done

    async def _once_a_day(self, tick: Tick, at: time, now: datetime) -> int:
        """Do the day's work if it is not done. Killed in the middle, it is done again when the short lease has ended.

        Where a part of it could not be done, all is looked at again in an hour.
        """
        today = now.astimezone(NINGBO).date()
        begins = datetime.combine(today, at, NINGBO)
        lease, holder = f"daily:{tick.name}", secrets.token_hex(8)
        if now < begins:
            return 0
        async with self._database.transaction() as tx:
            if not await tx.leases.take(lease, holder, now, DAILY_WORK_FOR, ONE_DAY):
                return 0
        try:
            done = await tick.work(now)
        except PartlyDoneError:
            async with self._database.transaction() as tx:
                await tx.leases.take(lease, holder, now, AGAIN_AFTER)
            raise
        except BaseException:
            async with self._database.transaction() as tx:
                await tx.leases.give_back(lease, holder)
            raise
        async with self._database.transaction() as tx:
            await tx.leases.take(lease, holder, now, begins + ONE_DAY - now - _MOMENT)
        return done

    async def _tell_operators(self, name: str, error: Exception, now: datetime) -> None:
        """Tell once a day that a tick fails; what it wrote all the same is sent."""
        if isinstance(error, PartlyDoneError):
            words = texts().say("fault.partly", tick=name, done=error.done, failed=error.failed)
        else:
            words = texts().say("fault.whole", tick=name)
        async with self._database.transaction() as tx:
            for person in await operators(tx):
                key = f"fault:{name}:{today_in_ningbo(now).isoformat()}"
                await tell(tx, person, key, Outgoing.say(words), now)
        self._on_written()

    def _listen(self, event: JobEvent) -> None:
        name = str(event.job_id)
        if isinstance(event, JobExecutionEvent) and event.code == EVENT_JOB_ERROR:
            self.health.failed[name] = self.health.failed.get(name, 0) + 1
            log.error(
                "a tick failed", tick=name, error=type(event.exception).__name__, exc_info=event.exception
            )
            return
        self.health.missed[name] = self.health.missed.get(name, 0) + 1
        log.warning("a tick was missed", tick=name)


def standard_ticks(
    database: Database,
    law: Callable[[], LawTables],
    reminder_hour: int = 9,
) -> tuple[Tick, ...]:
    """Return the ticks of one installation. `law` is asked at each, because a revision may have been published."""
    docket = AssetDocket(law, reminder_hour)

    async def redocket(now: datetime) -> int:
        return await docket.redocket_all(database, today_in_ningbo(now), now)

    async def remind(now: datetime) -> int:
        return await ticks.remind(database, law(), now, reminder_hour)

    async def rescue(now: datetime) -> int:
        return await ticks.rescue(database, now)

    async def broadcast(now: datetime) -> int:
        return await ticks.broadcast(database, now)

    async def call(now: datetime) -> int:
        return await ticks.call(database, now)

    async def contacts(now: datetime) -> int:
        return await ticks.keep_contact_tasks(database, now)

    async def daily_count(now: datetime) -> int:
        return await ticks.daily_count(database, law(), now)

    return (
        Tick("remind", timedelta(minutes=1), remind),
        Tick("rescue", timedelta(minutes=5), rescue),
        Tick("broadcast", timedelta(seconds=10), broadcast),
        Tick("call", timedelta(minutes=30), call),
        Tick("contacts", timedelta(minutes=5), contacts),
        Tick("redocket", timedelta(minutes=10), redocket, daily_at=time(4, 30)),
        Tick("daily_count", timedelta(minutes=10), daily_count, daily_at=time(8, 30)),
    )
