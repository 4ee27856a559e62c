"""Outbox rows made by hand, for what needs no database."""

from __future__ import annotations

from datetime import datetime

from store.messages import Channel, Outgoing
from store.records import Cause, Lane, OutboxItem, OutboxState


def item(outbox_id: int, content: Outgoing, now: datetime) -> OutboxItem:
    """Return a message as it stands in the outbox."""
    return OutboxItem(
        id=outbox_id,
        dedupe_key=str(outbox_id),
        channel=Channel.TERMINAL,
        address="terminal",
        person_id=1,
        lane=Lane.INTERACTIVE,
        cause=Cause.ANSWER,
        content=content,
        state=OutboxState.SENT,
        not_before=now,
        not_after=None,
        attempts=1,
        vendor_id="",
        error="",
        case_id=None,
        case_version=None,
        broadcast_id=None,
        inbox_id=None,
        created_at=now,
        sent_at=now,
    )
