"""Somebody at a terminal, as the pipeline hears them and as they are answered."""

from __future__ import annotations

from datetime import datetime

from store.database import Database
from store.messages import Channel, Incoming, IncomingKind
from store.records import OutboxItem

ADDRESS = "owner"


def said(text: str, number: int, now: datetime, address: str = ADDRESS) -> Incoming:
    """Return what they wrote; `number` makes it another message."""
    return Incoming(
        channel=Channel.TERMINAL,
        address=address,
        update_id=str(number),
        kind=IncomingKind.TEXT,
        received_at=now,
        text=text,
    )


async def answers(database: Database, address: str = ADDRESS) -> list[OutboxItem]:
    """Return everything they were told, in order."""
    async with database.reading() as tx:
        return await tx.outbox.for_address(Channel.TERMINAL, address)
