"""A channel that keeps what it was given: the adapter that tests look into."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from bot.delivery.port import Outcome, Sent
from store.limits import Window
from store.messages import Channel
from store.records import OutboxItem


class InMemorySender:
    """Takes every message, or answers with the outcomes it was told to answer with, in turn."""

    def __init__(
        self,
        channel: Channel,
        *,
        outcomes: Iterable[Outcome] = (),
        windows: Callable[[OutboxItem], Sequence[Window]] = lambda _: (),
        repeatable: bool = True,
        timeout: timedelta = timedelta(seconds=5),
    ) -> None:
        self.channel = channel
        self.repeatable = repeatable
        self.timeout = timeout
        self.taken: list[OutboxItem] = []
        self._outcomes = deque(outcomes)
        self._windows = windows

    def windows(self, item: OutboxItem) -> Sequence[Window]:
        """Return the limits it was made with."""
        return self._windows(item)

    async def send(self, item: OutboxItem) -> Outcome:
        """Keep the message, unless another outcome is next."""
        outcome = self._outcomes.popleft() if self._outcomes else Sent(str(item.id))
        if isinstance(outcome, Sent):
            self.taken.append(item)
        return outcome
