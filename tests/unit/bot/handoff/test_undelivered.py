"""What an owner did not get is told to who said it, where they said it, once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.delivery.delivery import Delivery
from bot.delivery.in_memory import InMemorySender
from bot.delivery.port import Gone, Invalid, NotNow, Outcome, Sent, Unknown
from bot.handoff import flows, undelivered
from bot.handoff import staff as desk
from store.asker import SYSTEM
from store.case_records import Case
from store.messages import Channel
from store.records import OutboxItem, OutboxState
from store.transaction import Transaction
from tests.unit.bot.handoff.conftest import World
from tests.unit.bot.handoff.group_chat import Group


async def in_hand(world: World) -> Case:
    async with world.database.transaction() as tx:
        return await desk.accept(tx, await world.asked(tx), world.staff, world.now)


async def says(world: World, case: Case, text: str) -> Case:
    async with world.database.transaction() as tx:
        return await desk.agent_says(tx, case, world.staff, text, world.now)


def delivery(world: World, sender: InMemorySender, **more: object) -> Delivery:
    return Delivery(
        world.database,
        [sender],
        lambda: world.now,
        may_send=flows.may_send,
        not_delivered=lambda tx, item, state: undelivered.tell(tx, item, state, world.now),
        **more,  # type: ignore[arg-type]
    )


async def told(world: World, channel: Channel = Channel.WECOM) -> list[str]:
    async with world.database.reading() as tx:
        items = await tx.outbox.to_person(world.staff.id)
    return [item.content.plain_text() for item in items if item.channel is channel]


@pytest.fixture
async def member(world: World) -> World:
    """The world, with agency one's first person in WeCom, all that was written before sent."""
    async with world.database.transaction() as tx:
        await tx.people.add_address(world.staff.id, Channel.WECOM, "ZhouGong", world.now)
    return world


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Gone(), "请打电话联系客户"),
        (Invalid("no such user"), "请打电话联系客户"),
        (NotNow("the window is closed"), "请打电话联系客户"),
        (Unknown("cut off"), "请先问客户收到没有"),
    ],
)
async def test_whoever_said_it_is_told_in_their_own_chat(member: World, outcome: Outcome, words: str) -> None:
    case = await in_hand(member)
    sender = InMemorySender(Channel.WEB, repeatable=False)
    await delivery(member, sender).deliver_due()
    before = await told(member)
    await says(member, case, "请发一下缴费通知书")
    failing = delivery(member, InMemorySender(Channel.WEB, outcomes=[outcome], repeatable=False))
    await failing.deliver_due()
    (line,) = (await told(member))[len(before) :]
    assert f"工单{case.id}：小周在2026年11月20日（周五）10:00说的话" in line
    assert words in line
    assert "缴费通知书" not in line
    async with member.database.reading() as tx:
        assert await tx.outbox.to_person(member.colleague.id) == []


async def test_in_the_group_the_topic_reads_it_once(world: World) -> None:
    group = Group(world)
    await group.bind(world.staff)
    await group.member("501", world.staff)
    case = await in_hand(world)
    await group.topic(case.id)
    await delivery(world, InMemorySender(Channel.WEB)).deliver_due()
    await group.say("501", "请发一下缴费通知书", 7)
    failing = InMemorySender(Channel.WEB, outcomes=[Unknown("cut off"), Unknown("cut off")], repeatable=False)
    await delivery(world, failing).deliver_due()
    last = (await group.read())[-1]
    topic = await group.topic(case.id)
    assert last.address == topic.address
    assert "可能没有送到" in last.content.plain_text()
    async with world.database.transaction() as tx:
        assert await flows.may_send(tx, last)
        (dead,) = await tx.dead_letters(world.staff.as_asker()).all()
        assert await tx.dead_letters(world.staff.as_asker()).send_again(dead.id, world.now)
    await delivery(world, failing).deliver_due()
    assert (await group.words()).count("可能没有送到") == 1
    assert await told(world, Channel.TELEGRAM) == [], "the topic is where it is read"


async def test_what_was_held_back_because_the_talk_had_moved_on(member: World) -> None:
    case = await in_hand(member)
    sender = InMemorySender(Channel.WEB)
    await delivery(member, sender).deliver_due()
    case = await says(member, case, "还没有发出的一句")
    async with member.database.transaction() as tx:
        await desk.reassign(tx, case, member.staff, member.colleague, member.now)
    await delivery(member, sender).deliver_due()
    assert "还没有发出的一句" not in "".join(item.content.plain_text() for item in sender.taken)
    assert "请现在办理的人再说一次" in (await told(member))[-1]


async def test_a_sender_that_vanished_leaves_it_unknown_and_told(member: World) -> None:
    case = await in_hand(member)
    await delivery(member, InMemorySender(Channel.WEB)).deliver_due()
    await says(member, case, "请发一下缴费通知书")
    async with member.database.transaction() as tx:
        assert await tx.outbox.claim([Channel.WEB], member.now, timedelta(seconds=30), 1)
    member.now += timedelta(minutes=5)
    await delivery(member, InMemorySender(Channel.WEB, repeatable=False)).tidy()
    assert "请先问客户收到没有" in (await told(member))[-1]


async def test_of_what_arrived_and_of_our_own_lines_nothing_is_said(member: World) -> None:
    case = await in_hand(member)
    before = await told(member)
    await delivery(
        member,
        InMemorySender(Channel.WEB, outcomes=[Unknown("cut off"), Unknown("cut off")], repeatable=False),
    ).deliver_due()
    await says(member, case, "请发一下缴费通知书")
    await delivery(member, InMemorySender(Channel.WEB, outcomes=[Sent("1")])).deliver_due()
    assert await told(member) == before


async def test_where_nobody_can_be_told_the_outcome_is_recorded_all_the_same(member: World) -> None:
    case = await in_hand(member)
    await delivery(member, InMemorySender(Channel.WEB)).deliver_due()
    await says(member, case, "请发一下缴费通知书")

    async def fails(tx: Transaction, item: OutboxItem, _: OutboxState) -> None:
        await tx.outbox.refuse(item.id, "half done")
        await tx.people.add_company("half done", member.now)
        raise RuntimeError("the topic is broken")

    tell: Callable[[Transaction, OutboxItem, OutboxState], Awaitable[None]] = fails
    sender = InMemorySender(Channel.WEB, outcomes=[Invalid("no such user")])
    await Delivery(member.database, [sender], lambda: member.now, not_delivered=tell).deliver_due()
    async with member.database.reading() as tx:
        (dead,) = await tx.dead_letters(SYSTEM).all()
        assert dead.state is OutboxState.INVALID
        assert "half done" not in [company.name for company in await tx.people.companies()]
