"""Asks whether vendors' limits take messages now, and counts those that they take.

The windows stand in the database and are locked while messages are admitted, so two processes cannot both use the last
place of one. A whole batch is admitted with one look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from store.limits import Standing, Window
from store.records import Lane, OutboxItem
from store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Wait:
    """A window is full or on hold until `until`. `for_everybody`: no other message of the lane passes either."""

    until: datetime
    for_everybody: bool


@dataclass(slots=True)
class Admission:
    """Admits messages one after the other, each counting for the next, as the windows stood when it was opened."""

    standing: Standing
    now: datetime
    _admitted: list[Window] = field(default_factory=list)

    @classmethod
    async def open(cls, tx: Transaction, windows: Sequence[Window], now: datetime) -> Admission:
        """Return the admission to all of these windows; nobody else is admitted to them until the transaction ends."""
        if windows:
            await tx.limits.lock([window.scope for window in windows])
        return cls(await tx.limits.standing(windows, now), now)

    def admit(self, item: OutboxItem, windows: Sequence[Window]) -> Wait | None:
        """Return None and count the message in every window, or why it waits, and count nothing."""
        bulk = item.lane is Lane.BULK
        full = [
            (free, window.shared)
            for window in windows
            if (free := self.standing.free_at(window, bulk=bulk)) > self.now
        ]
        if full:
            return Wait(max(free for free, _ in full), any(shared for _, shared in full))
        for window in windows:
            self.standing.count(window, self.now)
        self._admitted += windows
        return None

    async def count(self, tx: Transaction) -> list[int]:
        """Return the counts' ids of all that was admitted, message by message and window by window."""
        scopes = [window.scope for window in self._admitted]
        return await tx.limits.take(scopes, self.now, under_way=True)
