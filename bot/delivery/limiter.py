"""Asks whether a vendor's limits take one more message now, and counts it when they do.

The windows stand in the database, so two processes cannot both use the last place of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from store.limits import Window
from store.records import Lane, OutboxItem
from store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Admitted:
    """The message may be sent now. `counts` are its places in the windows: give them to `ended`."""

    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """A window is full or on hold until `until`. `for_everybody`: no other message of the lane passes either."""

    until: datetime
    for_everybody: bool


async def admit(
    tx: Transaction, item: OutboxItem, windows: Sequence[Window], now: datetime
) -> Admitted | Wait:
    """Return `Admitted` and count the message in every window, or `Wait` and count nothing."""
    if not windows:
        return Admitted(())
    await tx.limits.lock([window.scope for window in windows])
    bulk = item.lane is Lane.BULK
    latest: Wait | None = None
    for window in windows:
        free = await tx.limits.free_at(window, now, bulk=bulk)
        if free > now and (latest is None or free > latest.until):
            latest = Wait(free, window.shared)
        elif free > now and latest is not None and window.shared:
            latest = Wait(latest.until, for_everybody=True)
    if latest is not None:
        return latest
    return Admitted(tuple(await tx.limits.take([window.scope for window in windows], now)))


async def ended(tx: Transaction, counts: Sequence[int], now: datetime) -> None:
    """Count the message from when its sending ended: the vendor's clock may have counted it as late as that."""
    await tx.limits.ended(counts, now)


async def hold(tx: Transaction, windows: Sequence[Window], now: datetime, seconds: float) -> None:
    """Let no process send in these windows for so many seconds: a vendor said so."""
    await tx.limits.hold([window.scope for window in windows], now + timedelta(seconds=seconds))
