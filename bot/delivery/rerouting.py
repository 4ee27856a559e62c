"""A message that its address may not take now goes to the person's next one; with none left a person must act."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import structlog

from store.messages import Channel
from store.records import OutboxItem, OutboxState
from store.transaction import Transaction

log = structlog.get_logger()

MOST_WAYS = (
    8  # places that a message is taken on to; two that each say "not now" would pass it to and fro for ever
)


async def reroute(
    tx: Transaction, item: OutboxItem, reason: str, channels: Collection[Channel] | None, now: datetime
) -> OutboxState:
    """Return `PENDING` when the message now goes elsewhere among `channels` (None: all), else `INVALID`: a dead letter of the desk.

    A place where it only waits to be looked at (our page) is taken last. A change of a message goes nowhere else: the
    message is not there.
    """
    elsewhere = None
    if item.person_id is not None and item.edits_id is None and item.rerouted < MOST_WAYS:
        elsewhere = await tx.reach.of(
            item.person_id, now, besides=(item.channel, item.address), among=channels
        )
    if elsewhere is None:
        error = f"{reason}, and there is no other way to this person now"
        if not (
            await tx.outbox.settle(item, OutboxState.INVALID, now, error=error)
            or await tx.outbox.bounced(item.id, OutboxState.INVALID, error)
        ):
            await tx.outbox.set_aside(item.id, error)
        return OutboxState.INVALID
    to = elsewhere.address
    log.info("rerouted", outbox_id=item.id, came_from=item.channel.value, to=to.channel.value, reason=reason)
    await tx.outbox.reroute(item.id, to.channel, to.address, now)
    return OutboxState.PENDING
