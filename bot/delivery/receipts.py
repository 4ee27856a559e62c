"""Records what became of messages: as many in one transaction as have come in while the last one was committed.

A receipt counts when it is committed, not before. Where one of them cannot be recorded, each is tried on its own, so
that it keeps nobody else's from being recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.delivery.backoff import MAX_ATTEMPTS, wait_seconds
from bot.delivery.claiming import Claimed
from bot.delivery.port import (
    Gone,
    Invalid,
    NotNow,
    Outcome,
    Partly,
    Rebind,
    RetryLater,
    Sender,
    Sent,
    Unknown,
    progress,
)
from bot.delivery.rerouting import reroute
from store.database import Database
from store.errors import UnavailableError
from store.messages import Channel
from store.outbox import READ_BY_TIME, Receipt
from store.records import AddressState, Cause, OutboxItem, OutboxState
from store.transaction import Transaction

log = structlog.get_logger()

Rebinder = Callable[[Transaction, OutboxItem], Awaitable[str | None]]
Settled = Callable[[OutboxItem, OutboxState], None]
NotDelivered = Callable[[Transaction, OutboxItem, OutboxState], Awaitable[None]]

_GOES_ON = frozenset({Cause.CASE, Cause.NOTICE})
"""What is tried at the person's next place at once; a reminder is chosen its way anew, a broadcast can be missed."""
AT_ONCE = 200
# So long receipts wait for others while more messages are out: what one transaction saves is far more.
GATHER = timedelta(milliseconds=10)


@dataclass(frozen=True, slots=True)
class _Ended:
    """A message whose sending ended, and who waits for that to be recorded."""

    sender: Sender
    claimed: Claimed
    outcome: Outcome
    at: datetime
    recorded: asyncio.Future[None]


class Receipts:
    """The one place where outcomes are written."""

    def __init__(
        self,
        database: Database,
        channels: Collection[Channel],
        clock: Callable[[], datetime],
        rebind: Rebinder,
        settled: Sequence[Settled],
        not_delivered: NotDelivered,
    ) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._rebind = rebind
        self._settled = tuple(settled)
        self._not_delivered = not_delivered
        self._out = 0
        self._all_in = asyncio.Event()
        self._waiting: list[_Ended] = []
        self._writing: asyncio.Task[None] | None = None

    @contextmanager
    def expected(self) -> Iterator[None]:
        """Know that a message is being sent, whose receipt will soon be here."""
        self._out += 1
        self._all_in.clear()
        try:
            yield
        finally:
            self._out -= 1
            if self._out == 0:
                self._all_in.set()

    async def record(self, sender: Sender, claimed: Claimed, outcome: Outcome) -> None:
        """Return when the outcome is committed. Raises what keeps it from being so."""
        recorded = asyncio.get_running_loop().create_future()
        self._waiting.append(_Ended(sender, claimed, outcome, self._clock(), recorded))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await recorded

    def tell(self, item: OutboxItem, state: OutboxState) -> None:
        """Tell those who want to know what became of a message."""
        for listener in self._settled:
            listener(item, state)

    async def _write(self) -> None:
        try:
            while self._waiting:
                if self._out and len(self._waiting) < AT_ONCE:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._all_in.wait(), GATHER.total_seconds())
                batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                if not await self._commit(batch, last_try=len(batch) == 1):
                    for one in batch:
                        await self._commit([one], last_try=True)
        finally:
            self._writing = None

    async def _commit(self, batch: Sequence[_Ended], *, last_try: bool) -> bool:
        """Return whether the batch need not be tried again; on the last try whoever waits is told why it is not committed."""
        try:
            async with self._database.transaction() as tx:
                states = await self._record(tx, batch)
        except Exception as error:  # noqa: BLE001 - whatever the store or a hook raises is told to whoever waits
            last_try = last_try or isinstance(error, UnavailableError)  # alone it would be gone, too
            if not last_try:
                log.warning("recording outcomes together failed", outcomes=len(batch), error=repr(error))
            for one in batch if last_try else ():
                if not one.recorded.done():
                    one.recorded.set_exception(error)
            return last_try
        for one, state in zip(batch, states, strict=True):
            if state not in (OutboxState.SENT, OutboxState.PENDING):
                log.warning(
                    "not delivered",
                    outbox_id=one.claimed.item.id,
                    state=state.value,
                    outcome=repr(one.outcome),
                )
            self.tell(one.claimed.item, state)
            if not one.recorded.done():
                one.recorded.set_result(None)
        return True

    async def _record(self, tx: Transaction, batch: Sequence[_Ended]) -> list[OutboxState]:
        """Return the new state of each message, in the order of the batch."""
        await tx.limits.ended([count for one in batch for count in one.claimed.counts], self._clock())
        await tx.limits.hold(_holds(batch))
        await tx.outbox.sent(
            [
                Receipt(one.claimed.item.id, one.outcome.vendor_id, one.at)
                for one in batch
                if isinstance(one.outcome, Sent) and one.sender.channel not in READ_BY_TIME
            ]
        )
        states = [await self._state(tx, one) for one in batch]
        for one, state in zip(batch, states, strict=True):
            await self.report(tx, one.claimed.item, state)
        return states

    async def report(self, tx: Transaction, item: OutboxItem, state: OutboxState) -> None:
        """Let those who wait for the message know, in the same transaction, that it did not arrive or may not have.

        Where they cannot be told, what became of the message is recorded all the same.
        """
        if state in (OutboxState.SENT, OutboxState.PENDING):
            return
        try:
            async with tx.apart():
                await self._not_delivered(tx, item, state)
        except Exception:
            log.exception("nobody was told that a message did not arrive", outbox_id=item.id)

    async def _state(self, tx: Transaction, one: _Ended) -> OutboxState:
        item, outbox, now = one.claimed.item, tx.outbox, one.at
        match one.outcome:
            case Sent(vendor_id):
                if one.sender.channel in READ_BY_TIME:
                    await outbox.settle(item, OutboxState.SENT, now, vendor_id=vendor_id[:100])
                return OutboxState.SENT
            case Partly(pieces):
                await outbox.settle(item, OutboxState.PENDING, now, vendor_id=progress(pieces), untried=True)
                return OutboxState.PENDING
            case RetryLater() as later:
                return await _put_back(tx, item, later, now)
            case Unknown(reason, once=False) if one.sender.repeatable:
                return await _put_back(tx, item, RetryLater(0, reason), now)
            case NotNow(reason):
                return await reroute(tx, item, reason, self._channels, now)
            case Gone():
                await tx.people.set_address_state(item.channel, item.address, AddressState.BLOCKED)
                if item.cause in _GOES_ON:
                    return await reroute(tx, item, "the person blocked us or left", self._channels, now)
                await outbox.settle(item, OutboxState.GONE, now, error="the person blocked us or left")
                return OutboxState.GONE
            case Rebind(moved_to):
                return await self._readdress(tx, item, moved_to, now)
            case Invalid(reason, address_unknown):
                if address_unknown:
                    await tx.people.set_address_state(item.channel, item.address, AddressState.INVALID)
                    if item.cause in _GOES_ON:
                        return await reroute(tx, item, reason, self._channels, now)
                await outbox.settle(item, OutboxState.INVALID, now, error=reason)
                return OutboxState.INVALID
            case Unknown(reason):
                await outbox.settle(item, OutboxState.UNKNOWN, now, error=reason)
                return OutboxState.UNKNOWN

    async def _readdress(
        self, tx: Transaction, item: OutboxItem, moved_to: str, now: datetime
    ) -> OutboxState:
        address = moved_to or await self._rebind(tx, item)
        if address:
            await tx.outbox.readdress(item.channel, item.address, address)
            await tx.outbox.settle(item, OutboxState.PENDING, now, error="address renewed")
            return OutboxState.PENDING
        await tx.outbox.settle(item, OutboxState.INVALID, now, error="the place no longer exists")
        return OutboxState.INVALID


def _holds(batch: Sequence[_Ended]) -> dict[str, datetime]:
    """Return until when vendors asked everybody to wait, by the scopes of the windows they said so of."""
    holds: dict[str, datetime] = {}
    for one in batch:
        if isinstance(one.outcome, RetryLater) and one.outcome.hold:
            until = one.at + timedelta(seconds=one.outcome.seconds)
            for window in one.claimed.windows:
                holds[window.scope] = max(until, holds.get(window.scope, until))
    return holds


async def _put_back(tx: Transaction, item: OutboxItem, outcome: RetryLater, now: datetime) -> OutboxState:
    if not outcome.hold and item.attempts >= MAX_ATTEMPTS:
        reason = f"{item.attempts} attempts: {outcome.reason}"
        await tx.outbox.settle(item, OutboxState.INVALID, now, error=reason)
        return OutboxState.INVALID
    seconds = outcome.seconds if outcome.hold else max(outcome.seconds, wait_seconds(item.attempts))
    await tx.outbox.settle(
        item,
        OutboxState.PENDING,
        now,
        error=outcome.reason,
        retry_at=now + timedelta(seconds=seconds),
        untried=outcome.hold,
    )
    return OutboxState.PENDING
