"""Carries the outbox to the channels: claims what is due, asks the limits, sends, records the outcome.

One loop a channel, so that a slow vendor delays nobody else's messages, and two lanes in each, so that a broadcast
never delays an answer. A message is marked as being sent before its vendor is called, and no place in a lane is free
again before the outcome is committed: killed at any point nothing is lost, and what may have arrived is not sent again
by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count

import structlog

from bot.delivery.claiming import Claimed, MaySend, Round, claim, refused
from bot.delivery.port import Outcome, RetryLater, Sender, StoredIsDelivered, Unknown
from bot.delivery.receipts import NotDelivered, Rebinder, Receipts, Settled
from bot.delivery.rerouting import reroute
from store.database import Database
from store.errors import UnavailableError
from store.limits import LONG_AGO
from store.messages import Channel
from store.outbox import VANISHED
from store.reach import off
from store.records import Lane, OutboxItem, OutboxState
from store.transaction import Transaction

log = structlog.get_logger()

# How many messages of a lane are out at once; after a kill at most as many are `unknown`.
IN_FLIGHT: Mapping[Lane, int] = {Lane.INTERACTIVE: 32, Lane.BULK: 16}
POLL = timedelta(seconds=1)  # for what another process wrote, and for what has become due
TIDY = timedelta(seconds=5)
LONGEST_WINDOW = timedelta(minutes=10)  # counts older than this are deleted
LEFT_BEHIND = timedelta(hours=1)  # a channel switched off by mistake is on again by then
ARRIVE_AT_ONCE = 100
RECORD_TRIES = 3
STEP_BACK = timedelta(minutes=1)  # less than that is waited out
LONGEST_PAUSE = 3.0  # seconds, while a database that is gone is waited for


async def always(_: Transaction, __: OutboxItem) -> bool:
    """Let every message go: where there are no cases."""
    return True


async def cannot_rebind(_: Transaction, __: OutboxItem) -> str | None:
    """Say that a lost place cannot be made anew: where there are no such places."""
    return None


async def nobody(_: Transaction, __: OutboxItem, ___: OutboxState) -> None:
    """Tell nobody what did not arrive: where nobody waits for it."""


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
        not_delivered: NotDelivered = nobody,
        in_flight: Mapping[Lane, int] = IN_FLIGHT,
    ) -> None:
        self._database = database
        self._senders = {sender.channel: sender for sender in senders}
        self._clock = clock
        self._may_send = may_send
        self._receipts = Receipts(database, self._senders, clock, rebind, settled, not_delivered)
        self._room = in_flight
        self._written = {channel: asyncio.Event() for channel in self._senders}
        self._sending: dict[tuple[Channel, Lane], set[asyncio.Task[None]]] = {
            (channel, lane): set() for channel in self._senders for lane in Lane
        }
        self._in_hand: set[int] = set()  # being sent, or sent and not yet recorded, by this process
        self._held: dict[Channel, datetime] = {}
        self._latest = LONG_AGO  # when it was last tidied
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
        remote = [s for s in self._senders.values() if not isinstance(s, StoredIsDelivered)]
        moved = bool(remote)
        while moved:
            moved = False
            async with self._database.reading() as tx:
                due = [
                    (lane, s) for s in remote for lane in await tx.outbox.due_lanes(s.channel, self._clock())
                ]
            for lane, sender in sorted(due, key=lambda found: found[0] is Lane.BULK):
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
            items = None
            while items is None or len(items) == ARRIVE_AT_ONCE:
                items = await tx.outbox.to_arrive(sender.channel, now, ARRIVE_AT_ONCE)
                for item in items:
                    state = await refused(tx, item, now, self._may_send)
                    if state is not None:
                        await self._receipts.report(tx, item, state)
                        done.append((item, state))
                        continue
                    await tx.outbox.arrive(item, now)
                    done.append((item, OutboxState.SENT))
        for item, state in done:
            self._receipts.tell(item, state)
        return len(done)

    async def tidy(self) -> None:
        """Settle messages whose sender vanished in the middle, and delete counts that no window needs.

        What waits for a channel that was switched off goes to the person's next one, or before a person.
        A clock that was set back is noticed here: what was due before is due now, not when it has come so far again.
        """
        now, latest = self._clock(), self._latest
        unsendable = off(self._database.channels_on)
        moved: list[tuple[OutboxItem, OutboxState]] = []
        async with self._database.transaction() as tx:
            if now < latest - STEP_BACK:
                due = await tx.outbox.due_again(now, latest)
                await tx.limits.clock_set_back(now, latest)
                log.error("the clock was set back", seconds=(latest - now).total_seconds(), due_again=due)
            for item in await tx.outbox.leases_ended(now):
                sender = self._senders.get(item.channel)
                if (sender is None and item.channel not in unsendable) or item.id in self._in_hand:
                    continue
                if sender is not None and sender.repeatable:
                    await tx.outbox.settle(item, OutboxState.PENDING, now)
                else:
                    log.warning(
                        "outcome unknown: the sender vanished", outbox_id=item.id, channel=item.channel.value
                    )
                    if await tx.outbox.settle(item, OutboxState.UNKNOWN, now, error=VANISHED):
                        await self._receipts.report(tx, item, OutboxState.UNKNOWN)
            for item in await tx.outbox.left_behind(unsendable, now - LEFT_BEHIND):
                state = await reroute(tx, item, "its channel is switched off", self._senders, now)
                await self._receipts.report(tx, item, state)
                moved.append((item, state))
            await tx.limits.forget(now - LONGEST_WINDOW)
        for item, state in moved:
            self._receipts.tell(item, state)
        if moved:
            self.wake()
        if now < latest - STEP_BACK:
            self._held.clear()
            self.wake()
        self._latest = now

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
        room = {lane: self._room[lane] - len(self._sending[sender.channel, lane]) for lane in Lane}
        if not any(room.values()):
            return POLL.total_seconds()
        try:
            async with self._database.reading() as tx:
                due = await tx.outbox.due_lanes(sender.channel, self._clock())
            if due and isinstance(sender, StoredIsDelivered):
                await self._arrive(sender)
                due = []
            for lane in due:
                if room[lane]:
                    found = await self._claim(sender, lane, room[lane])
                    self._begin(sender, lane, found)
                    look_again = min(look_again, found.look_again or look_again)
        except UnavailableError as error:
            log.warning("the outbox waits for the database", channel=sender.channel.value, error=str(error))
        except Exception:
            log.exception("looking at the outbox failed", channel=sender.channel.value)
        return max((look_again - self._clock()).total_seconds(), 0.01)

    def _begin(self, sender: Sender, lane: Lane, found: Round) -> None:
        tasks = self._sending[sender.channel, lane]
        for claimed in found.claimed:
            task = asyncio.create_task(self._send(sender, claimed))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            task.add_done_callback(lambda _: self._written[sender.channel].set())

    async def _run_tidying(self) -> None:
        while not self._stopping:
            try:
                await self.tidy()
            except UnavailableError as error:
                log.warning("tidying the outbox waits for the database", error=str(error))
            except Exception:
                log.exception("tidying the outbox failed")
            for _ in range(int(TIDY / timedelta(milliseconds=250))):
                if self._stopping:
                    return
                await asyncio.sleep(0.25)

    async def _claim(self, sender: Sender, lane: Lane, room: int) -> Round:
        async with self._database.transaction() as tx:
            found = await claim(tx, sender, lane, room, self._clock(), self._may_send)
            for item, state in found.refused:
                await self._receipts.report(tx, item, state)
        for item, state in found.refused:
            self._receipts.tell(item, state)
        return found

    async def _send(self, sender: Sender, claimed: Claimed) -> None:
        item = claimed.item
        self._in_hand.add(item.id)
        try:
            with self._receipts.expected():
                outcome = await self._outcome(sender, item)
            await self._record(sender, claimed, outcome)
        finally:
            self._in_hand.discard(item.id)

    async def _record(self, sender: Sender, claimed: Claimed, outcome: Outcome) -> None:
        """Record the outcome. A database that is gone is waited for: what is known now nobody can find out later."""
        for attempt in count():
            try:
                await self._receipts.record(sender, claimed, outcome)
                return
            except Exception as error:
                known = {"outbox_id": claimed.item.id, "outcome": type(outcome).__name__}
                if isinstance(error, UnavailableError) and not self._stopping:
                    log.warning("an outcome waits for the database", error=str(error), **known)
                else:
                    log.exception("recording an outcome failed", **known)
                    if attempt + 1 >= RECORD_TRIES:
                        return
                await asyncio.sleep(min(0.2 * 2 ** min(attempt, 10), LONGEST_PAUSE))

    async def _outcome(self, sender: Sender, item: OutboxItem) -> Outcome:
        outcome: Outcome
        try:
            async with asyncio.timeout(sender.timeout.total_seconds()):
                outcome = self._on_hold(item) or await sender.send(item)
        except TimeoutError:
            outcome = Unknown("no answer in time")
        except UnavailableError as error:  # senders ask the database while their message is certainly not out
            outcome = RetryLater(1, f"the database was gone: {error}")
        except Exception as error:
            log.exception("sending failed", outbox_id=item.id, channel=item.channel.value)
            outcome = Unknown(type(error).__name__)
        if isinstance(outcome, RetryLater) and outcome.hold:
            self._held[item.channel] = self._clock() + timedelta(seconds=outcome.seconds)
        return outcome

    def _on_hold(self, item: OutboxItem) -> RetryLater | None:
        """Return that the message waits, where its vendor asked for it after the message was admitted."""
        left = (self._held.get(item.channel, LONG_AGO) - self._clock()).total_seconds()
        return RetryLater(left, "the vendor asked to wait", hold=True) if left > 0 else None


async def _first_of(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set or the time has passed."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
