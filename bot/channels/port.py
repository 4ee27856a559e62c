"""What a channel needs from the rest: one place that stores what came in."""

from __future__ import annotations

from typing import Protocol

from store.messages import Incoming


class Intake(Protocol):
    """Where updates of every channel go. A channel acknowledges to its vendor only after `receive` returned."""

    async def receive(self, incoming: Incoming) -> bool:
        """Store the update; return False when it was already stored, because the vendor sent it again."""
        ...
