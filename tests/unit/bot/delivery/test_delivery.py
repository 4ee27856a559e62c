"""What becomes of a message: every outcome, the limits, the lanes, a sender that vanished."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.delivery.backoff import MAX_ATTEMPTS, wait_seconds
from bot.delivery.delivery import Delivery
from bot.delivery.in_memory import InMemorySender
from bot.delivery.local import LocalSender
from bot.delivery.port import (
    Gone,
    Invalid,
    Outcome,
    Partly,
    Rebind,
    RetryLater,
    Sent,
    Unknown,
    pieces_out,
)
from store.asker import Role
from store.database import Database
from store.limits import Window
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import AddressState, Lane, OutboxItem, OutboxState
from store.transaction import Transaction


class Clock:
    """A clock that the test turns."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


async def write(
    database: Database,
    clock: Clock,
    key: str,
    address: str = "a",
    lane: Lane = Lane.INTERACTIVE,
    **more: object,
) -> int:
    letter = Letter(
        dedupe_key=key,
        channel=Channel.TELEGRAM,
        address=address,
        content=Outgoing.say(key),
        lane=lane,
        **more,  # type: ignore[arg-type]
    )
    async with database.transaction() as tx:
        outbox_id = await tx.outbox.write(letter, clock())
    assert outbox_id is not None
    return outbox_id


async def read(database: Database, outbox_id: int) -> OutboxItem:
    async with database.reading() as tx:
        item = await tx.outbox.get(outbox_id)
    assert item is not None
    return item


def keys(sender: InMemorySender) -> list[str]:
    return [item.dedupe_key for item in sender.taken]


def telegram(*outcomes: Outcome, repeatable: bool = False, **more: object) -> InMemorySender:
    return InMemorySender(Channel.TELEGRAM, outcomes=outcomes, repeatable=repeatable, **more)  # type: ignore[arg-type]


async def test_a_message_is_sent_once_and_its_receipt_kept(database: Database, clock: Clock) -> None:
    sender = telegram(Sent("v7"))
    outbox_id = await write(database, clock, "one")
    delivery = Delivery(database, [sender], clock)
    assert await delivery.deliver_due() == 1
    assert await delivery.deliver_due() == 0
    item = await read(database, outbox_id)
    assert (item.state, item.vendor_id, item.sent_at) == (OutboxState.SENT, "v7", clock())


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Gone(), OutboxState.GONE),
        (Invalid("too strange"), OutboxState.INVALID),
        (Rebind(), OutboxState.INVALID),
        (Unknown("no answer"), OutboxState.UNKNOWN),
        (RetryLater(5, "busy"), OutboxState.PENDING),
        (Partly(1), OutboxState.PENDING),
    ],
)
async def test_every_outcome_has_its_state(
    database: Database, clock: Clock, outcome: Outcome, state: OutboxState
) -> None:
    outbox_id = await write(database, clock, "one")
    delivery = Delivery(database, [telegram(outcome, RetryLater(60))], clock)
    await delivery.deliver_due()
    assert (await read(database, outbox_id)).state is state


async def test_one_who_blocked_us_is_marked_so(database: Database, clock: Clock) -> None:
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, clock())
        await tx.people.add_address(person.id, Channel.TELEGRAM, "a", clock())
    await write(database, clock, "one")
    await Delivery(database, [telegram(Gone())], clock).deliver_due()
    async with database.reading() as tx:
        assert [address.state for address in await tx.people.addresses(person.id)] == [AddressState.BLOCKED]


async def test_what_may_have_arrived_is_not_sent_again_by_itself(database: Database, clock: Clock) -> None:
    sender = telegram(Unknown("cut off"))
    outbox_id = await write(database, clock, "one")
    delivery = Delivery(database, [sender], clock)
    await delivery.deliver_due()
    clock.forward(3600)
    await delivery.tidy()
    assert await delivery.deliver_due() == 0
    async with database.transaction() as tx:
        assert await tx.outbox.send_again(outbox_id, clock())
    await delivery.deliver_due()
    assert keys(sender) == ["one"]


async def test_where_sending_twice_arrives_once_it_is_sent_again(database: Database, clock: Clock) -> None:
    sender = telegram(Unknown("cut off"), repeatable=True)
    await write(database, clock, "one")
    delivery = Delivery(database, [sender], clock)
    await delivery.deliver_due()
    clock.forward(wait_seconds(1))
    await delivery.deliver_due()
    assert keys(sender) == ["one"]


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_sender_that_vanished_leaves_unknown_or_a_second_try(
    database: Database, clock: Clock, repeatable: bool
) -> None:
    outbox_id = await write(database, clock, "one")
    async with database.transaction() as tx:
        assert await tx.outbox.claim([Channel.TELEGRAM], clock(), timedelta(seconds=30), 1)
    delivery = Delivery(database, [telegram(repeatable=repeatable)], clock)
    await delivery.tidy()
    assert (await read(database, outbox_id)).state is OutboxState.SENDING
    clock.forward(31)
    await delivery.tidy()
    assert (await read(database, outbox_id)).state is (
        OutboxState.PENDING if repeatable else OutboxState.UNKNOWN
    )


async def test_a_message_of_several_pieces_goes_on_where_it_was(database: Database, clock: Clock) -> None:
    seen: list[int] = []

    class InPieces(InMemorySender):
        async def send(self, item: OutboxItem) -> Outcome:
            seen.append(pieces_out(item))
            if len(seen) == 2:
                return RetryLater(1)
            return Sent("last") if pieces_out(item) == 2 else Partly(pieces_out(item) + 1)

    await write(database, clock, "long")
    later = await write(database, clock, "after")
    delivery = Delivery(database, [InPieces(Channel.TELEGRAM)], clock)
    await delivery.deliver_due()
    assert seen == [0, 1]
    assert (await read(database, later)).state is OutboxState.PENDING
    clock.forward(1)
    await delivery.deliver_due()
    assert seen[2:4] == [1, 2]


async def test_a_message_that_waits_is_not_overtaken(database: Database, clock: Clock) -> None:
    sender = telegram(RetryLater(10, "busy"))
    await write(database, clock, "first")
    await write(database, clock, "second")
    await write(database, clock, "elsewhere", address="b")
    delivery = Delivery(database, [sender], clock)
    await delivery.deliver_due()
    assert keys(sender) == ["elsewhere"]
    clock.forward(10)
    await delivery.deliver_due()
    assert keys(sender) == ["elsewhere", "first", "second"]


async def test_after_enough_attempts_a_person_decides(database: Database, clock: Clock) -> None:
    outbox_id = await write(database, clock, "one")
    delivery = Delivery(database, [telegram(*[RetryLater(0, "busy")] * MAX_ATTEMPTS)], clock)
    for _ in range(MAX_ATTEMPTS):
        await delivery.deliver_due()
        clock.forward(600)
    item = await read(database, outbox_id)
    assert item.state is OutboxState.INVALID
    assert "busy" in item.error


async def test_it_is_refused_when_ownership_has_moved_or_its_time_has_passed(
    database: Database, clock: Clock
) -> None:
    sender = telegram()

    async def not_the_second(_: Transaction, item: OutboxItem) -> bool:
        return item.dedupe_key != "second"

    first = await write(database, clock, "first", not_after=clock() - timedelta(seconds=1))
    second = await write(database, clock, "second")
    await write(database, clock, "third")
    told: list[tuple[str, OutboxState]] = []
    delivery = Delivery(
        database,
        [sender],
        clock,
        may_send=not_the_second,
        settled=[lambda item, state: told.append((item.dedupe_key, state))],
    )
    await delivery.deliver_due()
    assert keys(sender) == ["third"]
    assert (await read(database, first)).state is OutboxState.REFUSED
    assert (await read(database, second)).state is OutboxState.REFUSED
    assert sorted(told) == [
        ("first", OutboxState.REFUSED),
        ("second", OutboxState.REFUSED),
        ("third", OutboxState.SENT),
    ]


def bot_and_chat(item: OutboxItem) -> Sequence[Window]:
    second = timedelta(seconds=1)
    return (
        Window("bot", 3, second, bulk_at_most=2, shared=True),
        Window(f"chat:{item.address}", 1, second),
    )


async def test_a_chat_gets_one_a_second_and_a_bot_three(database: Database, clock: Clock) -> None:
    sender = telegram(windows=bot_and_chat)
    for number in range(3):
        await write(database, clock, f"same{number}")
    for number in range(4):
        await write(database, clock, f"other{number}", address=f"o{number}")
    delivery = Delivery(database, [sender], clock)
    took = []
    for _ in range(4):
        await delivery.deliver_due()
        took.append(len(sender.taken))
        clock.forward(1)
    assert took == [3, 6, 7, 7]
    assert [key for key in keys(sender) if key.startswith("same")] == ["same0", "same1", "same2"]


async def test_the_window_slides(database: Database, clock: Clock) -> None:
    sender = telegram(windows=lambda _: (Window("group", 2, timedelta(seconds=60), shared=True),))
    delivery = Delivery(database, [sender], clock)
    for number in range(4):
        await write(database, clock, str(number))
    await delivery.deliver_due()
    assert len(sender.taken) == 2
    for _ in range(59):
        clock.forward(1)
        await delivery.deliver_due()
        assert len(sender.taken) == 2
    clock.forward(1)
    await delivery.deliver_due()
    assert len(sender.taken) == 4


async def test_a_broadcast_leaves_room_for_an_answer(database: Database, clock: Clock) -> None:
    sender = telegram(windows=bot_and_chat)
    delivery = Delivery(database, [sender], clock)
    for number in range(10):
        await write(database, clock, f"bulk{number}", address=f"b{number}", lane=Lane.BULK)
    await delivery.deliver_due()
    assert keys(sender) == ["bulk0", "bulk1"]
    await write(database, clock, "answer", address="asker")
    await delivery.deliver_due()
    assert keys(sender)[-1] == "answer"


async def test_a_hold_is_kept_by_every_process(database: Database, clock: Clock) -> None:
    first, second = (
        telegram(RetryLater(3, "429", hold=True), windows=bot_and_chat),
        telegram(windows=bot_and_chat),
    )
    await write(database, clock, "one")
    await write(database, clock, "two", address="b")
    await Delivery(database, [first], clock).deliver_due()
    other = Delivery(database, [second], clock)
    for _ in range(29):
        assert await other.deliver_due() == 0
        clock.forward(0.1)
    clock.forward(0.1)
    await other.deliver_due()
    assert sorted(keys(second)) == ["one", "two"]
    assert first.taken == []


async def test_a_hold_ends_what_is_already_counted(database: Database, clock: Clock) -> None:
    async with database.transaction() as tx:
        await tx.limits.hold({"bot": clock() + timedelta(seconds=9)})
        await tx.limits.hold({"bot": clock() + timedelta(seconds=3)})
        assert await tx.limits.holds(clock()) == {"bot": clock() + timedelta(seconds=9)}
        await tx.limits.forget(clock() + timedelta(seconds=10))
        assert await tx.limits.holds(clock()) == {}


async def test_the_loop_wakes_at_once_and_stops_when_told(database: Database, clock: Clock) -> None:
    sender = telegram()
    delivery = Delivery(database, [sender], clock)
    running = asyncio.create_task(delivery.run())
    await asyncio.sleep(0.1)
    await write(database, clock, "one")
    delivery.wake()
    for _ in range(50):
        if sender.taken:
            break
        await asyncio.sleep(0.01)
    assert keys(sender) == ["one"]
    delivery.stop()
    await asyncio.wait_for(running, 2)


async def test_a_slow_broadcast_does_not_delay_an_answer(database: Database, clock: Clock) -> None:
    """All bulk places are taken by sends that hang; the answer goes out all the same."""
    hanging = asyncio.Event()

    class Slow(InMemorySender):
        async def send(self, item: OutboxItem) -> Outcome:
            if item.lane is Lane.BULK:
                await hanging.wait()
            return await super().send(item)

    sender = Slow(Channel.TELEGRAM)
    for number in range(8):
        await write(database, clock, f"bulk{number}", address=f"b{number}", lane=Lane.BULK)
    delivery = Delivery(database, [sender], clock)
    running = asyncio.create_task(delivery.run())
    await asyncio.sleep(0.2)
    await write(database, clock, "answer")
    delivery.wake()
    await asyncio.sleep(0.2)
    assert keys(sender) == ["answer"]
    hanging.set()
    delivery.stop()
    await asyncio.wait_for(running, 2)


async def test_a_library_that_raises_does_not_stop_the_loop(database: Database, clock: Clock) -> None:
    class Broken(InMemorySender):
        async def send(self, item: OutboxItem) -> Outcome:
            if item.dedupe_key == "bad":
                raise ValueError("from inside a library")
            return await super().send(item)

    sender = Broken(Channel.TELEGRAM, repeatable=False)
    bad = await write(database, clock, "bad")
    await write(database, clock, "good", address="b")
    await Delivery(database, [sender], clock).deliver_due()
    assert keys(sender) == ["good"]
    assert (await read(database, bad)).state is OutboxState.UNKNOWN


async def test_a_send_that_takes_too_long_is_unknown(database: Database, clock: Clock) -> None:
    class Stuck(InMemorySender):
        async def send(self, item: OutboxItem) -> Outcome:
            await asyncio.sleep(60)
            raise AssertionError("not reached")

    stuck = Stuck(Channel.TELEGRAM, repeatable=False, timeout=timedelta(seconds=0.05))
    outbox_id = await write(database, clock, "one")
    await Delivery(database, [stuck], clock).deliver_due()
    assert (await read(database, outbox_id)).state is OutboxState.UNKNOWN


async def test_a_place_that_moved_is_followed(database: Database, clock: Clock) -> None:
    sender = telegram(Rebind("new"))
    await write(database, clock, "one", address="old")
    await write(database, clock, "two", address="old")
    await Delivery(database, [sender], clock).deliver_due()
    assert [(item.address, item.dedupe_key) for item in sender.taken] == [("new", "one"), ("new", "two")]


async def test_a_clock_set_back_by_an_hour_stops_nothing(database: Database, clock: Clock) -> None:
    window = Window("bot", 2, timedelta(seconds=60), shared=True)
    sender = InMemorySender(Channel.TELEGRAM, windows=lambda _: [window])
    delivery = Delivery(database, [sender], clock)
    for number in range(2):
        await write(database, clock, f"before {number}", address=str(number))
    assert await delivery.deliver_due() == 2
    clock.forward(-3600)
    for number in range(3):
        await write(database, clock, f"after {number}", address=str(number))
    assert await delivery.deliver_due() == 2, "the window as it is now"
    clock.forward(61)
    assert await delivery.deliver_due() == 1
    assert len({item.id for item in sender.taken}) == len(sender.taken) == 5
    clock.forward(-30)
    await write(database, clock, "soon after", address="9")
    assert await delivery.deliver_due() == 0, "a step back within the window forgets nothing"
    clock.forward(120)
    assert await delivery.deliver_due() == 1


async def test_a_hold_lasts_as_long_as_the_vendor_asked_though_the_clock_is_set_back(
    database: Database, clock: Clock
) -> None:
    window = Window("bot", 9, timedelta(seconds=1), shared=True)
    flood = RetryLater(30, "asked to wait", hold=True)
    sender = InMemorySender(Channel.TELEGRAM, outcomes=[flood], windows=lambda _: [window])
    delivery, other = (Delivery(database, [sender], clock) for _ in range(2))
    for each in (delivery, other):
        await each.tidy()
    await write(database, clock, "held", address="a")
    assert await delivery.deliver_due() == 1
    clock.forward(10)
    for each in (delivery, other):
        await each.tidy()
    clock.forward(-3600)
    for each in (delivery, other):
        await each.tidy()
    clock.forward(19)
    assert await other.deliver_due() == 0
    clock.forward(2)
    assert await other.deliver_due() == 1
    assert len(sender.taken) == 1


async def test_what_was_due_before_the_clock_was_set_back_is_due_now(
    database: Database, clock: Clock
) -> None:
    sender = InMemorySender(Channel.TELEGRAM, outcomes=[RetryLater(5, "busy")])
    delivery = Delivery(database, [sender], clock)
    await delivery.tidy()
    await write(database, clock, "retried", address="a")
    assert await delivery.deliver_due() == 1
    await write(database, clock, "not yet sent", address="b")
    await write(database, clock, "tomorrow", address="c", not_before=clock() + timedelta(days=1))
    clock.forward(30)
    await delivery.tidy()
    clock.forward(-3600)
    assert await delivery.deliver_due() == 0
    await delivery.tidy()
    assert await delivery.deliver_due() == 2
    assert sorted(item.dedupe_key for item in sender.taken) == ["not yet sent", "retried"]
    await delivery.tidy()
    assert await delivery.deliver_due() == 0, "what is for tomorrow is for tomorrow"


@pytest.mark.parametrize("channel", [Channel.TELEGRAM, Channel.WEB])
async def test_where_it_cannot_be_told_whether_one_may_go_the_others_go(
    database: Database, clock: Clock, channel: Channel
) -> None:
    async def may_send(_: Transaction, item: OutboxItem) -> bool:
        if item.dedupe_key == "broken":
            raise KeyError("a state that nobody knows")
        return True

    told: list[tuple[str, OutboxState]] = []
    async with database.transaction() as tx:
        for key in ("broken", "sound"):
            await tx.outbox.write(
                Letter(dedupe_key=key, channel=channel, address="a", content=Outgoing.say(key)), clock()
            )
    sender = LocalSender(channel) if channel is Channel.WEB else InMemorySender(channel)
    delivery = Delivery(
        database,
        [sender],
        clock,
        may_send=may_send,
        settled=[lambda item, state: told.append((item.dedupe_key, state))],
    )
    await delivery.deliver_due()
    assert sorted(told) == [("broken", OutboxState.INVALID), ("sound", OutboxState.SENT)]
    async with database.reading() as tx:
        assert await tx.outbox.counts() == {OutboxState.INVALID: 1, OutboxState.SENT: 1}
