"""A process that does nothing but deliver: the real `Delivery` and the real Telegram sender, until its input ends.

Run: `python -m tests.e2e.delivering_process DATABASE API [lifted]`; `lifted` counts the limits and never finds them full.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.settings import TelegramSettings
from bot.delivery.delivery import Delivery
from store.database import Database
from store.limits import Window
from store.records import OutboxItem
from tests.e2e.counting_bot_api import TOKEN

_NEVER_FULL = 1_000_000


class Lifted(TelegramSender):
    """The real sender; its windows are counted and never full."""

    def windows(self, item: OutboxItem) -> Sequence[Window]:
        return [replace(one, at_most=_NEVER_FULL, bulk_at_most=None) for one in super().windows(item)]


async def _deliver(database_url: str, api: str, *, lifted: bool) -> None:
    database = Database(database_url)
    sender = (Lifted if lifted else TelegramSender)(TelegramSettings(TOKEN, api), database)
    delivery = Delivery(database, [sender], lambda: datetime.now(UTC))
    running = asyncio.create_task(delivery.run())
    print("delivering", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    delivery.stop()
    await running
    await sender.close()
    await database.close()


def start(database_url: str, api: str, *, lifted: bool = False) -> subprocess.Popen[str]:
    """Return such a process when it delivers."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, database_url, api, *(["lifted"] if lifted else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() != "delivering":
        raise RuntimeError(f"the delivering process ended: {process.wait(10)}")
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Let the process end by itself, or kill it when it does not."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(60)
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


@contextmanager
def delivering(database_url: str, api: str, *, lifted: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Run such a process for as long as the block lasts."""
    process = start(database_url, api, lifted=lifted)
    try:
        yield process
    finally:
        end(process)


if __name__ == "__main__":
    asyncio.run(_deliver(sys.argv[1], sys.argv[2], lifted=sys.argv[3:] == ["lifted"]))
