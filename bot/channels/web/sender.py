"""The page's way out: a message is delivered when it is stored as sent, and open pages are told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from bot.channels.web import limits
from bot.delivery.port import Outcome, Sent, StoredIsDelivered
from store.limits import Window
from store.messages import Channel
from store.records import OutboxItem, OutboxState


class OpenPages:
    """The pages that are open in this process, by address. Those of other processes look at the database."""

    def __init__(self) -> None:
        self._pages: defaultdict[str, dict[asyncio.Event, None]] = defaultdict(dict)  # the oldest first
        self.closing = False

    @contextmanager
    def page(self, address: str) -> Iterator[asyncio.Event]:
        """Yield an event that is set whenever there may be something new for the address."""
        event = asyncio.Event()
        self._pages[address][event] = None
        if len(self._pages[address]) > limits.OPEN_PAGES:
            oldest = next(iter(self._pages[address]))
            del self._pages[address][oldest]
            oldest.set()
        try:
            yield event
        finally:
            self._pages[address].pop(event, None)
            if not self._pages[address]:
                del self._pages[address]

    def is_open(self, address: str, page: asyncio.Event) -> bool:
        """Return whether the page is still to be told anything: else it ends."""
        return not self.closing and page in self._pages.get(address, ())

    def tell(self, address: str) -> None:
        """Let the open pages of the address look."""
        for event in self._pages.get(address, ()):
            event.set()

    def close(self) -> None:
        """Let all open pages end, so that the server can stop: they connect again by themselves."""
        self.closing = True
        for events in self._pages.values():
            for event in events:
                event.set()


class WebSender(StoredIsDelivered):
    """Takes every message: what is stored as sent is read by the page from the database."""

    channel = Channel.WEB
    repeatable = True
    timeout = timedelta(seconds=5)

    def __init__(self, pages: OpenPages) -> None:
        self._pages = pages

    def windows(self, item: OutboxItem) -> Sequence[Window]:
        """Return no limits: it is our own page."""
        return ()

    async def send(self, item: OutboxItem) -> Outcome:
        """Return that the message is delivered."""
        return Sent(str(item.id))

    def settled(self, item: OutboxItem, state: OutboxState) -> None:
        """Tell the open pages: what was sent is committed now. Delivery calls it."""
        if item.channel is Channel.WEB and state is OutboxState.SENT:
            self._pages.tell(item.address)
