"""What fills a vendor's window: sends that have ended, and those under way."""

from __future__ import annotations

from datetime import datetime, timedelta

from store.database import Database
from store.limits import HELD_UP, Window

SECOND = timedelta(seconds=1)
BOT = Window("bot", 2, SECOND)


async def test_a_send_counts_from_its_end(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        first, _ = await tx.limits.take(["bot", "bot"], now, under_way=True)
        await tx.limits.ended([first], now + SECOND / 2)
        assert await tx.limits.free_at(BOT, now + SECOND / 2, bulk=False) == now + 1.5 * SECOND


async def test_a_send_under_way_holds_its_place_however_long_its_window_is_past(
    database: Database, now: datetime
) -> None:
    """Its process may be held up: what it has not sent yet reaches the vendor together with what is sent now."""
    async with database.transaction() as tx:
        taken = await tx.limits.take(["bot", "bot"], now, under_way=True)
        later = now + 3 * SECOND
        assert await tx.limits.free_at(BOT, later, bulk=False) == later + SECOND
        await tx.limits.ended(taken, later)
        assert await tx.limits.free_at(BOT, later + SECOND, bulk=False) <= later + SECOND


async def test_a_process_that_is_gone_holds_up_nobody_for_long(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        await tx.limits.take(["bot", "bot"], now, under_way=True)
        assert await tx.limits.free_at(BOT, now + HELD_UP, bulk=False) <= now + HELD_UP


async def test_those_that_ended_and_those_under_way_fill_one_window(
    database: Database, now: datetime
) -> None:
    async with database.transaction() as tx:
        await tx.limits.take(["bot"], now)
        await tx.limits.take(["bot"], now - 2 * SECOND, under_way=True)
        await tx.limits.take(["chat"], now, under_way=True)
        assert await tx.limits.free_at(BOT, now, bulk=False) == now + SECOND
