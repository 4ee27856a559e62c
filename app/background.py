"""What runs beside the requests: delivery, the clock, polling."""

from __future__ import annotations

import asyncio

import structlog

from app.settings import Settings
from app.telegram import TelegramChannel
from app.wiring import Service
from scheduler.clock import ServiceClock

log = structlog.get_logger()


class Background:
    """Starts and ends the tasks of one process."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._clock = ServiceClock(
            service.database,
            lambda: service.mind().knowledge,
            service.docket,
            service.clock,
            service.delivery.wake,
            reminder_hour=settings.reminder_hour,
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, telegram: TelegramChannel | None) -> None:
        """Start delivery, the clock, and Telegram where it is set up."""
        self._tasks.append(asyncio.create_task(self._service.delivery.run(), name="delivery"))
        if telegram is not None:
            self._tasks.append(asyncio.create_task(telegram.run(), name="telegram"))
        for task in self._tasks:
            task.add_done_callback(_report)
        self._clock.start()

    async def stop(self) -> None:
        """End everything; what is being sent is waited for."""
        self._clock.stop()
        self._service.delivery.stop()
        for task in self._tasks:
            if task.get_name() != "delivery":
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _report(task: asyncio.Task[None]) -> None:
    """A task that ends by an error is an operator's business at once: nothing would be sent any more."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("background task ended", task=task.get_name(), exc_info=task.exception())
