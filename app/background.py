"""What runs beside the requests: delivery, the clock, polling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta

import structlog

from app.settings import Settings
from app.telegram import TelegramChannel
from app.wiring import Service
from bot.handoff.day_queue import say_day_queues
from bot.handoff.overdue import expire_leases
from scheduler.clock import Clock, Tick, standard_ticks

log = structlog.get_logger()

Run = Callable[[], Coroutine[None, None, None]]


class Background:
    """Starts and ends the tasks of one process."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        ticks = standard_ticks(service.database, lambda: service.mind().knowledge.law, settings.reminder_hour)
        cases = Tick("cases", timedelta(minutes=1), self._expire_cases)
        waiting = Tick("waiting", timedelta(minutes=1), self._answer_waiting)
        queues = Tick("queues", timedelta(minutes=5), self._say_queues)
        ticks = (*ticks, cases, waiting, queues)
        self.clock = Clock(service.database, service.clock, ticks, service.delivery.wake)
        self._tasks: list[asyncio.Task[None]] = []

    async def _expire_cases(self, now: datetime) -> int:
        """Move on the cases whose promise or lease has run out; return how many."""
        async with self._service.database.transaction() as tx:
            return len(await expire_leases(tx, now, self._service.mind().agencies))

    async def _answer_waiting(self, _: datetime) -> int:
        """Answer what was stored and never answered, as after a fault of the database; return how many."""
        return await self._service.pipeline.answer_waiting()

    async def _say_queues(self, now: datetime) -> int:
        """Say the day's queue in agencies' groups; return in how many."""
        async with self._service.database.transaction() as tx:
            return await say_day_queues(tx, now)

    @property
    def ended(self) -> list[str]:
        """Return the tasks that have ended though they should not: the service is then not healthy."""
        return [task.get_name() for task in self._tasks if task.done()]

    async def start(self, telegram: TelegramChannel | None, runs: Mapping[str, Run] | None = None) -> None:
        """Start delivery, the clock, Telegram where it is set up, and what other channels run, by name."""
        self._tasks.append(asyncio.create_task(self._service.delivery.run(), name="delivery"))
        if telegram is not None:
            self._tasks.append(asyncio.create_task(telegram.receiver.run(), name="telegram"))
        for name, run in (runs or {}).items():
            self._tasks.append(asyncio.create_task(run(), name=name))
        for task in self._tasks:
            task.add_done_callback(_report)
        self.clock.start()

    async def stop(self) -> None:
        """End everything; what is being sent is waited for."""
        await self.clock.stop()
        self._service.delivery.stop()
        for task in self._tasks:
            if task.get_name() != "delivery":
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _report(task: asyncio.Task[None]) -> None:
    """A task that ends by an error is an operator's business at once: nothing would be sent any more."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("background task ended", task=task.get_name(), exc_info=task.exception())
