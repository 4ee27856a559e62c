"""Staff in WeCom: a case taken from its card, lines to its owner, and never to another company's."""

from __future__ import annotations

from itertools import count

import pytest

from bot.handoff import flows, own_chat
from bot.handoff import staff as desk
from store.asker import SYSTEM, Role
from store.case_records import Case, CaseState
from store.messages import Action, Channel, Incoming, IncomingKind, TextPart
from store.records import OutboxItem, Person
from tests.unit.bot.handoff.conftest import AGENCIES, World

MEMBER = "ZhouGong"
_updates = count(1)


@pytest.fixture
async def member(world: World) -> World:
    """The world, with agency one's first person in WeCom."""
    async with world.database.transaction() as tx:
        await tx.people.add_address(world.staff.id, Channel.WECOM, MEMBER, world.now)
    return world


async def read(world: World, person: Person | None = None) -> list[OutboxItem]:
    async with world.database.reading() as tx:
        return await tx.outbox.to_person((person or world.staff).id)


async def say(
    world: World,
    text: str = "",
    action: Action | None = None,
    *,
    kind: IncomingKind = IncomingKind.TEXT,
    attachment_id: int | None = None,
    person: Person | None = None,
) -> bool:
    """Let the member say or press something; return whether it was about a case. `person` is who they are by now."""
    incoming = Incoming(
        channel=Channel.WECOM,
        address=MEMBER,
        update_id=str(next(_updates)),
        kind=IncomingKind.PRESS if action else kind,
        received_at=world.now,
        text=text,
        attachment_id=attachment_id,
    )
    async with world.database.transaction() as tx:
        item = await tx.inbox.receive(incoming, world.staff.id)
        assert item is not None
        return await own_chat.heard(tx, item, person or world.staff, action, AGENCIES, world.now)


async def test_a_person_who_was_disabled_sees_and_does_nothing_any_more(member: World) -> None:
    world = member
    await ask(world)
    card = next(item for item in await read(world) if item.content.choices)
    shown = {item.id for item in await read(world)}
    dismissed = world.staff.model_copy(update={"disabled": True})
    for choice in card.content.choices:
        assert await say(world, action=choice.action, person=dismissed)
    assert await say(world, "在吗", person=dismissed)
    told = [item for item in await read(world) if item.id not in shown]
    assert {item.content.plain_text()[:12] for item in told} == {"您的经办人账号已经停用，"}
    async with world.database.reading() as tx:
        (case,) = await tx.cases(SYSTEM).queue()
    assert case.state is CaseState.OFFERED


async def press(world: World, text: str) -> None:
    """Press the newest button of this text."""
    for message in reversed(await read(world)):
        for choice in message.content.choices:
            if choice.text == text:
                assert await say(world, action=choice.action)
                return
    raise AssertionError(f"no button {text}")


async def ask(world: World, company: str = "") -> Case:
    """Let the owner ask, or the owner of another company."""
    async with world.database.transaction() as tx:
        if not company:
            return await world.asked(tx)
        found = await tx.people.add_company(company, world.now)
        owner = await tx.people.add_person(Role.OWNER, world.now, name=f"{company}老板", company_id=found.id)
        await tx.people.add_address(owner.id, Channel.WEB, company, world.now)
        case = await tx.cases(SYSTEM).open(found.id, owner.id, "annuity_late", "商标被抢注", None, world.now)
        for event in ("requested", "queued"):
            case = await flows.advance(tx, case, flows.Event(flows.CaseEventKind(event), owner.id), world.now)
        case, _ = await flows.offer(tx, case, [AGENCIES[0]], world.now)
        return case


async def case_now(world: World, case: Case) -> Case:
    async with world.database.reading() as tx:
        return await tx.cases(SYSTEM).get(case.id)


async def test_a_case_is_taken_from_its_card_and_spoken_in(member: World) -> None:
    case = await ask(member)
    news = (await read(member))[-1]
    assert "海天" not in news.content.plain_text()
    assert [choice.text for choice in news.content.choices] == ["看案情", "接单", "婉拒"]
    await press(member, "看案情")
    assert "宁波海天试验有限公司" in (await read(member))[-1].content.plain_text()
    await press(member, "接单")
    assert (await case_now(member, case)).owner_id == member.staff.id
    assert "已由您接手" in (await read(member))[-1].content.plain_text()
    assert await say(member, "您好，请把通知书拍给我")
    assert (await read(member, member.owner))[-1].content.plain_text() == "【小周】您好，请把通知书拍给我"
    async with member.database.transaction() as tx:
        await flows.customer_said(tx, member.owner, member.words("好的"), member.now)
    assert (await read(member))[-1].content.plain_text() == f"工单{case.id} 客户：好的"
    await press(member, "结束")
    await press(member, "事情已经办完")
    assert (await case_now(member, case)).state is CaseState.CLOSED
    assert not await say(member, "年费怎么算"), "the bot answers again"


async def test_the_card_shows_what_came_of_its_press(member: World) -> None:
    await ask(member)
    card = (await read(member))[-1]
    await touch(member, card, "看案情")
    await touch(member, card, "婉拒")
    assert await marks(member) == [], "nothing is settled yet"
    await touch(member, card, "接单")
    await touch(member, card, "接单")
    assert await marks(member) == [(card.id, "接单 · 小周")] * 2
    async with member.database.transaction() as tx:
        case = (await tx.cases(SYSTEM).in_hand())[0]
        await desk.reassign(tx, case, member.staff, member.colleague, member.now)
    await touch(member, card, "接单")
    assert (await marks(member))[-1] == (card.id, "小吴已接单")
    async with member.database.transaction() as tx:
        await tx.people.add_conflict("one", member.company.id, "新接委托", member.now)
    await touch(member, card, "接单")
    assert (await marks(member))[-1] == (card.id, "已不在本机构")
    await touch(member, card, "接单", code="")
    assert len(await marks(member)) == 4, "without WeCom's word for it no card is changed"


async def touch(world: World, card: OutboxItem, text: str, code: str = "code") -> None:
    """Press a button on a card, as WeCom tells of it."""
    index = [choice.text for choice in card.content.choices].index(text)
    incoming = Incoming(
        channel=Channel.WECOM,
        address=MEMBER,
        update_id=str(next(_updates)),
        kind=IncomingKind.PRESS,
        received_at=world.now,
        pressed=f"{card.id}:{index}",
        card_code=code,
    )
    async with world.database.transaction() as tx:
        item = await tx.inbox.receive(incoming, world.staff.id)
        assert item is not None
        action = card.content.choices[index].action
        assert await own_chat.heard(tx, item, world.staff, action, AGENCIES, world.now)


async def marks(world: World) -> list[tuple[int, str]]:
    """Return which cards were changed, and what they say now."""
    changes = [item for item in await read(world) if item.edits_id is not None]
    assert all(item.content.choices == () and item.inbox_id is not None for item in changes)
    said = [part for item in changes for part in item.content.parts[-1:]]
    return [
        (item.edits_id or 0, part.text)
        for item, part in zip(changes, said, strict=True)
        if isinstance(part, TextPart)
    ]


async def test_words_without_a_case_are_the_bots(member: World) -> None:
    assert not await say(member, "年费怎么算")
    assert await say(member, "/note 记一下")
    assert "没有在办的工单" in (await read(member))[-1].content.plain_text()


async def test_with_several_cases_a_line_goes_only_where_the_person_said(member: World) -> None:
    first, second = await ask(member), await ask(member, "宁波另一家有限公司")
    for case in (first, second):
        async with member.database.transaction() as tx:
            await desk.accept(tx, await tx.cases(SYSTEM).get(case.id), member.staff, member.now)
    assert await say(member, "您好")
    assert "先选一个" in (await read(member))[-1].content.plain_text()
    sent = len(await read(member, member.owner))
    await press(member, f"工单{second.id}")
    assert await say(member, "给另一家的话")
    assert len(await read(member, member.owner)) == sent
    assert await say(member, f"/切换 {first.id}")
    assert "宁波海天试验有限公司" in (await read(member))[-1].content.plain_text()
    assert await say(member, "给海天的话")
    assert (await read(member, member.owner))[-1].content.plain_text() == "【小周】给海天的话"
    async with member.database.transaction() as tx:
        await flows.owner_returns(tx, member.owner, member.now)
    sent = len(await read(member, await owner_of(member, second)))
    assert await say(member, "这句是写给海天的")
    assert "先选一个" in (await read(member))[-1].content.plain_text()
    assert len(await read(member, await owner_of(member, second))) == sent


async def owner_of(world: World, case: Case) -> Person:
    async with world.database.reading() as tx:
        return await tx.people.person(case.person_id)


async def test_declining_asks_why_and_a_conflict_is_remembered(member: World) -> None:
    case = await ask(member)
    await press(member, "婉拒")
    await press(member, "利益冲突（已代理对方）")
    assert (await case_now(member, case)).agency_id == "two"
    async with member.database.reading() as tx:
        assert await tx.people.conflicted_agencies(member.company.id) == {"one"}
    await press(member, "接单")
    assert "已经不在您的机构" in (await read(member))[-1].content.plain_text()
    assert (await case_now(member, case)).agency_id == "two"


async def test_what_is_not_sent_yet_stops_with_a_conflict(member: World) -> None:
    await ask(member)
    await press(member, "接单")
    async with member.database.transaction() as tx:
        await flows.customer_said(tx, member.owner, member.words("还在吗"), member.now)
        rows = [item for item in await tx.outbox.to_person(member.staff.id) if item.case_id is not None]
        assert all([await flows.may_send(tx, row) for row in rows])
        await tx.people.add_conflict("one", member.company.id, "新接委托", member.now)
        assert len(rows) >= 3
        assert not any([await flows.may_send(tx, row) for row in rows])


async def test_files_notes_and_what_cannot_be_sent_on(member: World) -> None:
    case = await ask(member)
    await press(member, "接单")
    async with member.database.transaction() as tx:
        kept = await tx.attachments(SYSTEM).keep(
            b"x", "表.pdf", "application/pdf", member.staff.id, member.now
        )
    assert await say(member, kind=IncomingKind.DOCUMENT, attachment_id=kept.id)
    assert "表.pdf" in (await read(member, member.owner))[-1].content.plain_text()
    sent = len(await read(member, member.owner))
    assert await say(member, kind=IncomingKind.VOICE)
    assert "不能转发" in (await read(member))[-1].content.plain_text()
    assert await say(member, "/note 老客户")
    assert await say(member, "/wait")
    assert len(await read(member, member.owner)) == sent
    assert (await case_now(member, case)).state is CaseState.WAITING_CUSTOMER
    await press(member, "等客户")  # already: nothing is done twice
    assert (await case_now(member, case)).state is CaseState.WAITING_CUSTOMER


async def test_an_owner_and_other_channels_are_not_concerned(member: World) -> None:
    await ask(member)
    async with member.database.transaction() as tx:
        item = await tx.inbox.receive(member.words("你好", "u9"), member.owner.id)
        assert item is not None
        assert not await own_chat.heard(tx, item, member.owner, None, AGENCIES, member.now)
        assert not await own_chat.heard(tx, item, member.staff, None, AGENCIES, member.now)
