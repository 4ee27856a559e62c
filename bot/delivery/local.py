"""A channel whose reader looks into the outbox by itself: the terminal, and what staff are told at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.delivery.port import Outcome, Sent, StoredIsDelivered
from store.limits import Window
from store.messages import Channel
from store.records import OutboxItem


class LocalSender(StoredIsDelivered):
    """Takes every message by storing it."""

    repeatable = True
    timeout = timedelta(seconds=5)

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def windows(self, _: OutboxItem) -> Sequence[Window]:
        """Return no limits: there is no vendor."""
        return ()

    async def send(self, item: OutboxItem) -> Outcome:
        """Return that the message has arrived."""
        return Sent(str(item.id))
