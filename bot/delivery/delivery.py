"""Carries the outbox to the channels: claims what is due, asks the limits, sends, records the outcome.

One loop a channel, so that a slow vendor delays nobody else's messages, and two lanes in each, so that a broadcast
never delays an answer. A message is marked as being sent before its vendor is called, and its outcome is committed on
its own: killed at any point nothing is lost, and what may have arrived is not sent again by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.delivery import limiter
from bot.delivery.backoff import MAX_ATTEMPTS, wait_seconds
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
    StoredIsDelivered,
    Unknown,
    progress,
)
from bot.delivery.rerouting import reroute
from store.database import Database
from store.limits import LONG_AGO, Window
from store.messages import Channel
from store.records import AddressState, Lane, OutboxItem, OutboxState
from store.transaction import Transaction

log = structlog.get_logger()

MaySend = Callable[[Transaction, OutboxItem], Awaitable[bool]]
Rebinder = Callable[[Transaction, OutboxItem], Awaitable[str | None]]
Settled = Callable[[OutboxItem, OutboxState], None]

IN_FLIGHT: Mapping[Lane, int] = {Lane.INTERACTIVE: 16, Lane.BULK: 4}
POLL = timedelta(seconds=1)  # for what another process wrote, and for what has become due
TIDY = timedelta(seconds=5)
LONGEST_WINDOW = timedelta(minutes=10)  # counts older than this are deleted
LEASE_MARGIN = timedelta(seconds=10)
ARRIVE_AT_ONCE = 100


async def always(_: Transaction, __: OutboxItem) -> bool:
    """Let every message go: where there are no cases."""
    return True


async def cannot_rebind(_: Transaction, __: OutboxItem) -> str | None:
    """Say that a lost place cannot be made anew: where there are no such places."""
    return None


@dataclass(frozen=True, slots=True)
class _Claimed:
    item: OutboxItem
    windows: Sequence[Window]
    counts: tuple[int, ...]


@dataclass(slots=True)
class _Round:
    """What one look at a lane found: messages to send now, and when it is worth looking again."""

    claimed: list[_Claimed] = field(default_factory=list)
    refused: list[OutboxItem] = field(default_factory=list)
    look_again: datetime | None = None


class Delivery:
    """The one way out."""

    def __init__(
        self,
        database: Database,
        senders: Sequence[Sender],
        clock: Callable[[], datetime],
        *,
        may_send: MaySend = always,
        rebind: Rebinder = cannot_rebind,
        settled: Sequence[Settled] = (),
        in_flight: Mapping[Lane, int] = IN_FLIGHT,
    ) -> None:
        self._database = database
        self._senders = {sender.channel: sender for sender in senders}
        self._clock = clock
        self._may_send = may_send
        self._rebind = rebind
        self._settled = tuple(settled)
        self._room = in_flight
        self._written = {channel: asyncio.Event() for channel in self._senders}
        self._sending: dict[tuple[Channel, Lane], set[asyncio.Task[None]]] = {
            (channel, lane): set() for channel in self._senders for lane in Lane
        }
        self._held: dict[Channel, datetime] = {}
        self._stopping = False

    def wake(self) -> None:
        """Look at the outbox now: something was written to it."""
        for event in self._written.values():
            event.set()

    async def run(self) -> None:
        """Deliver until `stop`. Returns when what is being sent has ended."""
        self._stopping = False
        async with asyncio.TaskGroup() as group:
            for sender in self._senders.values():
                group.create_task(self._run_channel(sender))
            group.create_task(self._run_tidying())

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping = True
        self.wake()

    async def deliver_due(self) -> int:
        """Deliver all that is due now, without the loops, and return how many messages were tried."""
        tried = 0
        for sender in self._senders.values():
            if isinstance(sender, StoredIsDelivered):
                tried += await self._arrive(sender)
        remote = {c: s for c, s in self._senders.items() if not isinstance(s, StoredIsDelivered)}
        moved = bool(remote)
        while moved:
            moved = False
            async with self._database.reading() as tx:
                lanes = await tx.outbox.due_lanes(remote, self._clock())
            for channel, lane in sorted(lanes, key=lambda found: (found[1] is Lane.BULK, found[0])):
                sender = remote[channel]
                found = await self._claim(sender, lane, self._room[lane])
                for claimed in found.claimed:
                    await self._send(sender, claimed)
                tried += len(found.claimed)
                moved = moved or bool(found.claimed or found.refused)
        return tried

    async def _arrive(self, sender: Sender) -> int:
        """Deliver what is due in a channel whose reader looks into the outbox, and return how many messages it was."""
        now = self._clock()
        done: list[tuple[OutboxItem, OutboxState]] = []
        async with self._database.transaction() as tx:
            while items := await tx.outbox.candidates(sender.channel, None, now, ARRIVE_AT_ONCE):
                for item in items:
                    refused = await self._refused(tx, item, now)
                    if not refused:
                        await tx.outbox.arrive(item, now)
                    done.append((item, OutboxState.REFUSED if refused else OutboxState.SENT))
        for item, state in done:
            self._tell(item, state)
        return len(done)

    async def tidy(self) -> None:
        """Settle messages whose sender vanished in the middle, and delete counts that no window needs."""
        now = self._clock()
        async with self._database.transaction() as tx:
            for item in await tx.outbox.leases_ended(now):
                sender = self._senders.get(item.channel)
                if sender is None:
                    continue
                if sender.repeatable:
                    await tx.outbox.settle(item, OutboxState.PENDING, now)
                else:
                    log.warning(
                        "outcome unknown: the sender vanished", outbox_id=item.id, channel=item.channel.value
                    )
                    await tx.outbox.settle(item, OutboxState.UNKNOWN, now, error="the sender vanished")
            await tx.limits.forget(now - LONGEST_WINDOW)

    async def _run_channel(self, sender: Sender) -> None:
        written = self._written[sender.channel]
        try:
            while not self._stopping:
                written.clear()
                look_again = await self._look(sender)
                await _first_of(written, look_again)
        finally:
            for lane in Lane:
                await asyncio.gather(*self._sending[sender.channel, lane], return_exceptions=True)

    async def _look(self, sender: Sender) -> float:
        """Begin to send what is due and return for how many seconds nothing more will be."""
        look_again = self._clock() + POLL
        try:
            async with self._database.reading() as tx:
                due = await tx.outbox.due_lanes([sender.channel], self._clock())
            if due and isinstance(sender, StoredIsDelivered):
                await self._arrive(sender)
                due = []
            for lane in Lane:
                tasks = self._sending[sender.channel, lane]
                room = self._room[lane] - len(tasks)
                if room <= 0 or (sender.channel, lane) not in due:
                    continue
                found = await self._claim(sender, lane, room)
                for claimed in found.claimed:
                    task = asyncio.create_task(self._send(sender, claimed))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                    task.add_done_callback(lambda _: self._written[sender.channel].set())
                if found.look_again is not None:
                    look_again = min(look_again, found.look_again)
        except Exception:
            log.exception("looking at the outbox failed", channel=sender.channel.value)
        return max((look_again - self._clock()).total_seconds(), 0.01)

    async def _run_tidying(self) -> None:
        while not self._stopping:
            try:
                await self.tidy()
            except Exception:
                log.exception("tidying the outbox failed")
            for _ in range(int(TIDY / timedelta(milliseconds=250))):
                if self._stopping:
                    return
                await asyncio.sleep(0.25)

    async def _claim(self, sender: Sender, lane: Lane, room: int) -> _Round:
        """Mark as being sent what is due, may be sent and fits the limits."""
        now = self._clock()
        found = _Round()
        async with self._database.transaction() as tx:
            admitted: dict[int, _Claimed] = {}
            for item in await tx.outbox.candidates(sender.channel, lane, now, room):
                if await self._refused(tx, item, now):
                    found.refused.append(item)
                    continue
                windows = sender.windows(item)
                answer = await limiter.admit(tx, item, windows, now)
                if isinstance(answer, limiter.Admitted):
                    admitted[item.id] = _Claimed(item, windows, answer.counts)
                    continue
                found.look_again = min(found.look_again or answer.until, answer.until)
                if answer.for_everybody:
                    break
                await tx.outbox.postpone(item.id, answer.until)
            for item in await tx.outbox.take(list(admitted), now, sender.timeout + LEASE_MARGIN):
                found.claimed.append(_Claimed(item, admitted[item.id].windows, admitted[item.id].counts))
        for item in found.refused:
            self._tell(item, OutboxState.REFUSED)
        return found

    async def _refused(self, tx: Transaction, item: OutboxItem, now: datetime) -> bool:
        if item.not_after is not None and item.not_after < now:
            await tx.outbox.refuse(item.id, "its time had passed")
        elif not await self._may_send(tx, item):
            await tx.outbox.refuse(item.id, "ownership of the case has moved")
        else:
            return False
        return True

    async def _send(self, sender: Sender, claimed: _Claimed) -> None:
        item = claimed.item
        outcome: Outcome
        try:
            async with asyncio.timeout(sender.timeout.total_seconds()):
                outcome = self._on_hold(item) or await sender.send(item)
        except TimeoutError:
            outcome = Unknown("no answer in time")
        except Exception as error:
            log.exception("sending failed", outbox_id=item.id, channel=item.channel.value)
            outcome = Unknown(type(error).__name__)
        if isinstance(outcome, RetryLater) and outcome.hold:
            self._held[item.channel] = self._clock() + timedelta(seconds=outcome.seconds)
        for attempt in range(3):
            try:
                await self._settle(sender, claimed, outcome)
                return
            except Exception:
                log.exception(
                    "recording an outcome failed", outbox_id=item.id, outcome=type(outcome).__name__
                )
                await asyncio.sleep(0.2 * 2**attempt)

    def _on_hold(self, item: OutboxItem) -> RetryLater | None:
        """Return that the message waits, where its vendor asked for it after the message was admitted."""
        left = (self._held.get(item.channel, LONG_AGO) - self._clock()).total_seconds()
        return RetryLater(left, "the vendor asked to wait", hold=True) if left > 0 else None

    async def _settle(self, sender: Sender, claimed: _Claimed, outcome: Outcome) -> None:
        now = self._clock()
        async with self._database.transaction() as tx:
            await limiter.ended(tx, claimed.counts, now)
            state = await self._record(tx, sender, claimed, outcome, now)
        if state not in (OutboxState.SENT, OutboxState.PENDING):
            log.warning("not delivered", outbox_id=claimed.item.id, state=state.value, outcome=repr(outcome))
        self._tell(claimed.item, state)

    async def _record(
        self, tx: Transaction, sender: Sender, claimed: _Claimed, outcome: Outcome, now: datetime
    ) -> OutboxState:
        item = claimed.item
        outbox = tx.outbox
        match outcome:
            case Sent(vendor_id):
                await outbox.settle(item, OutboxState.SENT, now, vendor_id=vendor_id[:100])
                return OutboxState.SENT
            case Partly(pieces):
                await outbox.settle(item, OutboxState.PENDING, now, vendor_id=progress(pieces), untried=True)
                return OutboxState.PENDING
            case RetryLater():
                return await self._put_back(tx, claimed, outcome, now)
            case Unknown(reason) if sender.repeatable:
                return await self._put_back(tx, claimed, RetryLater(0, reason), now)
            case NotNow(reason):
                return await reroute(tx, item, reason, self._senders, now)
            case Gone():
                await tx.people.set_address_state(item.channel, item.address, AddressState.BLOCKED)
                await outbox.settle(item, OutboxState.GONE, now, error="the person blocked us or left")
                return OutboxState.GONE
            case Rebind():
                address = outcome.address or await self._rebind(tx, item)
                if address:
                    await outbox.readdress(item.channel, item.address, address)
                    await outbox.settle(item, OutboxState.PENDING, now, error="address renewed")
                    return OutboxState.PENDING
                await outbox.settle(item, OutboxState.INVALID, now, error="the place no longer exists")
                return OutboxState.INVALID
            case Invalid(reason, address_unknown):
                if address_unknown:
                    await tx.people.set_address_state(item.channel, item.address, AddressState.INVALID)
                await outbox.settle(item, OutboxState.INVALID, now, error=reason)
                return OutboxState.INVALID
            case Unknown(reason):
                await outbox.settle(item, OutboxState.UNKNOWN, now, error=reason)
                return OutboxState.UNKNOWN

    async def _put_back(
        self, tx: Transaction, claimed: _Claimed, outcome: RetryLater, now: datetime
    ) -> OutboxState:
        item = claimed.item
        if outcome.hold:
            await limiter.hold(tx, claimed.windows, now, outcome.seconds)
        elif item.attempts >= MAX_ATTEMPTS:
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

    def _tell(self, item: OutboxItem, state: OutboxState) -> None:
        for listener in self._settled:
            listener(item, state)


async def _first_of(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set or the time has passed."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
