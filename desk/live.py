"""Pages that follow what happens without being loaded again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import ui

from desk.visit import SignedOutError

EVERY: Final = 2.0  # seconds between two looks of an open page


class Live:
    """Looks every few seconds, and at once after a step of one's own, and shows what was seen.

    `look` reads, `show` draws what has changed. One look at a time: an older one never covers a newer.
    """

    def __init__(
        self, look: Callable[[], Awaitable[object]], show: Callable[[], object], *, every: float = EVERY
    ) -> None:
        self._look, self._show, self._every = look, show, every
        self._turn = asyncio.Lock()

    async def begin(self) -> None:
        """Look and show for the first time, and follow from now on. What cannot be seen at first is not followed.

        Raises whatever `look` raises.
        """
        await self._look()
        self._show()
        self.follow()

    def follow(self) -> None:
        """Follow from now on what is shown already."""
        client = ui.context.client

        async def look_again() -> None:
            if client.has_socket_connection:  # nobody sees a page whose connection is broken
                await self.now()

        ui.timer(self._every, look_again, immediate=False)

    async def now(self) -> None:
        """Look and show; lead to the door whose session has ended."""
        async with self._turn:
            try:
                await self._look()
            except SignedOutError:
                ui.navigate.to("/login?said=ended")
            else:
                self._show()
