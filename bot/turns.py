"""Turns: of what is done for one person, or in one group, one thing is done at a time, in the order in which it came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Queue:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    people: int = 0  # who has the turn and who waits for it


class Turns:
    """One queue for each who has something to do now, and none for anybody else."""

    def __init__(self) -> None:
        self._queues: dict[Hashable, _Queue] = {}

    def __len__(self) -> int:
        """Return how many queues there are."""
        return len(self._queues)

    @asynccontextmanager
    async def of(self, whose: Hashable) -> AsyncIterator[None]:
        """Wait until everything asked for earlier is done for `whose`; others are not waited for."""
        queue = self._queues.setdefault(whose, _Queue())
        queue.people += 1  # before anything is waited for: a queue that somebody is in is never replaced
        try:
            async with queue.lock:
                yield
        finally:
            queue.people -= 1
            if queue.people == 0:
                del self._queues[whose]
