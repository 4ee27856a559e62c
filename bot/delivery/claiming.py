"""Marks as being sent what is due, may be sent and fits the limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import structlog

from bot.delivery.limiter import Admission
from bot.delivery.port import Sender
from store.errors import UnavailableError
from store.limits import Window
from store.records import Lane, OutboxItem, OutboxState
from store.transaction import Transaction

log = structlog.get_logger()

MaySend = Callable[[Transaction, OutboxItem], Awaitable[bool]]

LEASE_MARGIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message to be sent now. `counts` are its places in `windows`: they count from when its sending ended."""

    item: OutboxItem
    windows: Sequence[Window]
    counts: tuple[int, ...]


@dataclass(slots=True)
class Round:
    """What one look at a lane found: messages to send now, and when it is worth looking again."""

    claimed: list[Claimed] = field(default_factory=list)
    refused: list[tuple[OutboxItem, OutboxState]] = field(default_factory=list)
    look_again: datetime | None = None


async def claim(
    tx: Transaction, sender: Sender, lane: Lane, room: int, now: datetime, may_send: MaySend
) -> Round:
    """Return up to `room` messages of the lane, committed to this process with the transaction."""
    found = Round()
    due: list[tuple[OutboxItem, Sequence[Window]]] = []
    for item in await tx.outbox.candidates(sender.channel, lane, now, room):
        state = await refused(tx, item, now, may_send)
        if state is not None:
            found.refused.append((item, state))
        else:
            due.append((item, sender.windows(item)))
    admission = await Admission.open(tx, [window for _, windows in due for window in windows], now)
    admitted: dict[int, Sequence[Window]] = {}
    for item, windows in due:
        wait = admission.admit(item, windows)
        if wait is None:
            admitted[item.id] = windows
            continue
        found.look_again = min(found.look_again or wait.until, wait.until)
        if wait.for_everybody:
            break
        await tx.outbox.postpone(sender.channel, item.address, lane, wait.until)
    counts = iter(await admission.count(tx))
    places = {number: tuple(islice(counts, len(windows))) for number, windows in admitted.items()}
    going = [item for item, _ in due if item.id in admitted]
    for item in await tx.outbox.take(going, now, sender.timeout + LEASE_MARGIN):
        found.claimed.append(Claimed(item, admitted[item.id], places[item.id]))
    return found


async def refused(tx: Transaction, item: OutboxItem, now: datetime, may_send: MaySend) -> OutboxState | None:
    """Return what becomes of a message that is not to be sent any more, and record that; None where it is to be sent.

    Where it cannot be told whether a message may go, it does not go, and keeps no other waiting.
    """
    if item.not_after is not None and item.not_after < now:
        await tx.outbox.refuse(item.id, "its time had passed")
        return OutboxState.REFUSED
    try:
        may_go = await may_send(tx, item)
    except UnavailableError:
        raise
    except Exception as error:
        log.exception("whether a message may go cannot be told", outbox_id=item.id)
        await tx.outbox.set_aside(item.id, f"whether it may go cannot be told: {type(error).__name__}")
        return OutboxState.INVALID
    if not may_go:
        await tx.outbox.refuse(item.id, "ownership of the case has moved")
        return OutboxState.REFUSED
    return None
