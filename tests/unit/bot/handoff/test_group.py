"""An agency's group: bound by a code, a topic a case, both ways, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.handoff import flows, topics
from bot.handoff import staff as desk
from bot.handoff.day_queue import say_day_queues
from store.agency_groups import AgencyGroup, CodePurpose, EndedHow
from store.asker import SYSTEM, Asker, Role
from store.case_records import Case, CaseEventKind, CaseState
from store.messages import Channel, DocumentPart, IncomingKind
from store.records import AddressState, OutboxItem, OutboxState
from tests.unit.bot.handoff.conftest import AGENCIES, World
from tests.unit.bot.handoff.group_chat import Group

ZHOU, WU, STRANGER, ZHENG = "501", "502", "666", "503"
TOPIC = 7


@pytest.fixture
async def group(world: World) -> Group:
    """The group of agency one, with both of its people in it."""
    group = Group(world)
    assert "甲机构" in await group.bind(world.staff)
    await group.member(ZHOU, world.staff)
    await group.member(WU, world.colleague)
    return group


async def offered(world: World, group: Group) -> Case:
    async with world.database.transaction() as tx:
        case = await world.asked(tx)
    await group.topic(case.id, thread=TOPIC)
    return case


async def accepted(world: World, group: Group) -> Case:
    case = await offered(world, group)
    await group.press(ZHOU, "接单", TOPIC)
    return await now_of(world, case)


async def now_of(world: World, case: Case) -> Case:
    async with world.database.reading() as tx:
        return await tx.cases(SYSTEM).get(case.id)


async def to_owner(world: World) -> list[OutboxItem]:
    async with world.database.reading() as tx:
        return await tx.outbox.to_person(world.owner.id)


async def test_an_offered_case_opens_a_topic_with_its_card(world: World, group: Group) -> None:
    async with world.database.transaction() as tx:
        case = await world.asked(tx)
        topic = await tx.case_topics.of_case(case.id, "one")
    assert topic is not None
    assert topic.name == f"工单{case.id}·没有法定期限"
    assert "海天" not in topic.name
    card = (await group.read())[-1]
    text = card.content.plain_text()
    assert card.address == f"-1001:#{topic.id}"
    for words in ("宁波海天试验有限公司", "年费忘了交", "企业名称、本次对话", "12:00前接单"):
        assert words in text
    assert [choice.text for choice in card.content.choices] == ["接单", "婉拒"]


async def test_a_talk_in_the_topic_from_acceptance_to_its_end(world: World, group: Group) -> None:
    case = await accepted(world, group)
    assert case.owner_id == world.staff.id
    await group.say(ZHOU, "您好，请发一下缴费通知书", TOPIC)
    letters = await to_owner(world)
    assert [letter.content.plain_text() for letter in letters][1:] == ["【小周】您好，请发一下缴费通知书"]
    assert letters[-1].case_version == case.ownership
    async with world.database.transaction() as tx:
        await flows.customer_said(tx, world.owner, world.words("好的，马上"), world.now)
    line = (await group.read())[-1]
    assert line.content.plain_text() == "客户：好的，马上"
    assert line.case_id == case.id
    await group.press(ZHOU, "结束", TOPIC)
    asked = (await group.read())[-1]
    assert asked.edits_id is not None
    await group.press(ZHOU, "事情已经办完", TOPIC)
    case = await now_of(world, case)
    assert case.state is CaseState.CLOSED
    assert "这件事已经办结：事情已经办完。" in (await to_owner(world))[-1].content.plain_text()
    async with world.database.reading() as tx:
        topic = await tx.case_topics.of_case(case.id, "one")
    assert topic is not None
    assert topic.closed
    bare = (await group.read())[-1]
    assert (bare.edits_id, bare.case_id) == (topic.card_id, None)
    assert "海天" not in bare.content.plain_text()
    await group.say(ZHOU, "还有一句", TOPIC)
    assert (await group.read())[-1].content.plain_text() == "这句没有发给客户：工单已经结束。"


async def test_a_button_pressed_twice_does_nothing_twice(world: World, group: Group) -> None:
    case = await accepted(world, group)
    before = (await group.read())[-1].id
    await group.say(ZHOU, "", TOPIC, kind=IncomingKind.PRESS, pressed=await button_of_the_card(world, case))
    assert (await group.read())[-1].id == before
    assert (await now_of(world, case)).version == case.version
    await group.say(WU, "", TOPIC, kind=IncomingKind.PRESS, pressed=await button_of_the_card(world, case))
    assert (await group.read())[-1].content.plain_text() == "小周已经接单。"


async def test_a_colleague_takes_over_by_a_button_never_by_a_line(world: World, group: Group) -> None:
    case = await accepted(world, group)
    before = len(await to_owner(world))
    await group.say(WU, "小周不在，我来说", TOPIC)
    assert len(await to_owner(world)) == before, "a line alone changes nothing"
    refused = (await group.read())[-1]
    assert "由小周在办" in refused.content.plain_text()
    world.now += timedelta(minutes=30)
    await group.press(WU, "由我接着办", TOPIC)
    await group.press(WU, "由我接着办", TOPIC)
    case = await now_of(world, case)
    assert case.owner_id == world.colleague.id
    assert case.leased_until is not None
    assert case.leased_until > world.now + timedelta(hours=1), "a new person has the whole time to answer"
    await group.say(WU, "您好，小周出差，由我接着办", TOPIC)
    words = [letter.content.plain_text() for letter in (await to_owner(world))[before:]]
    assert words == [
        "您的事情改由小吴继续跟进，前面的对话已经看到，您不用再说一遍。",
        "【小吴】您好，小周出差，由我接着办",
    ]
    assert "改由小吴办理" in await group.words()
    async with world.database.reading() as tx:
        shown = await tx.edits.as_shown(refused)
    assert shown.choices == ()
    await group.say(ZHOU, "我回来了", TOPIC)
    assert "由小吴在办" in (await group.read())[-1].content.plain_text()
    assert len(await to_owner(world)) == before + 2


async def test_an_old_button_takes_nothing_from_whoever_has_it_now(world: World, group: Group) -> None:
    case = await accepted(world, group)
    await group.say(WU, "一", TOPIC)
    old = (await group.read())[-1]
    async with world.database.transaction() as tx:
        case = await desk.reassign(tx, case, world.staff, world.colleague, world.now)
        case = await desk.reassign(tx, case, world.colleague, world.staff, world.now)
    before = len(await to_owner(world))
    await group.say(WU, "", TOPIC, kind=IncomingKind.PRESS, pressed=f"{old.id}:0")
    assert "现在由小周在办" in (await group.read())[-1].content.plain_text()
    assert (await now_of(world, case)).owner_id == world.staff.id
    async with world.database.transaction() as tx:
        await desk.return_to_bot(tx, case, world.staff, "答复了", world.now)
    await group.say(WU, "", TOPIC, kind=IncomingKind.PRESS, pressed=f"{old.id}:0")
    assert (await now_of(world, case)).state is CaseState.BOT
    assert len(await to_owner(world)) == before + 1


async def test_nobody_takes_over_for_another_agency(world: World, group: Group) -> None:
    case = await accepted(world, group)
    await group.say(WU, "一", TOPIC)
    await Group(world).member(ZHENG, world.rival)
    await group.press(ZHENG, "由我接着办", TOPIC)
    await group.press(STRANGER, "由我接着办", TOPIC)
    assert (await now_of(world, case)).owner_id == world.staff.id


async def test_whoever_had_it_is_told_in_their_own_chat(world: World, group: Group) -> None:
    async with world.database.transaction() as tx:
        account = (await tx.people.addresses(world.staff.id))[0]
        await tx.people.set_address_state(Channel.TELEGRAM, account.address, AddressState.BLOCKED)
        await tx.people.add_address(world.staff.id, Channel.WECOM, "ZhouGong", world.now)
        case = await desk.accept(tx, await world.asked(tx), world.staff, world.now)
        case = await desk.take_over(tx, case, world.colleague, world.now)
        told = await tx.outbox.to_person(world.staff.id)
    assert told[-1].content.plain_text() == f"工单{case.id}改由小吴接着办，您之后写的话不会再发给这位客户。"


async def button_of_the_card(world: World, case: Case) -> str:
    async with world.database.reading() as tx:
        topic = await tx.case_topics.of_case(case.id, "one")
    assert topic is not None
    return f"{topic.card_id}:0"


@pytest.mark.parametrize("sender", [STRANGER, ZHENG, ""])
async def test_who_is_not_bound_is_told_once_and_does_nothing(
    world: World, group: Group, sender: str
) -> None:
    await Group(world).member(ZHENG, world.rival)
    case = await offered(world, group)
    before = len(await group.read())
    await group.press(sender, "接单", TOPIC)
    await group.say(sender, "我来办", TOPIC)
    await group.say(sender, "/note 记一下", TOPIC)
    assert (await now_of(world, case)).state is CaseState.OFFERED
    assert len(await to_owner(world)) == 0
    told = (await group.read())[before:]
    assert len(told) == 1
    assert "不会发给客户" in told[0].content.plain_text() or "没有发给客户" in told[0].content.plain_text()


async def test_only_who_has_the_case_speaks_and_others_are_told_each_time(world: World, group: Group) -> None:
    await accepted(world, group)
    sent = len(await to_owner(world))
    for text in ("我补充一句", "再补一句"):
        await group.say(WU, text, TOPIC)
        assert "由小周在办" in (await group.read())[-1].content.plain_text()
    assert len(await to_owner(world)) == sent


async def test_before_acceptance_nothing_is_sent_to_the_owner(world: World, group: Group) -> None:
    await offered(world, group)
    await group.say(ZHOU, "这家我熟", TOPIC)
    assert "还没有人接单" in (await group.read())[-1].content.plain_text()
    assert await to_owner(world) == []


async def test_a_note_never_reaches_the_owner_nor_another_agency(world: World, group: Group) -> None:
    case = await accepted(world, group)
    lease = case.leased_until
    await group.say(WU, "/note 对方是老客户，注意语气", TOPIC)
    async with world.database.reading() as tx:
        events = await tx.cases(Asker(Role.AGENCY, agency_id="one")).events(case.id)
        owners = await tx.cases(world.owner.as_asker()).events(case.id)
    assert events[-1].kind is CaseEventKind.NOTED
    assert all(event.kind is not CaseEventKind.NOTED for event in owners)
    assert "老客户" not in "".join(letter.content.plain_text() for letter in await to_owner(world))
    assert (await now_of(world, case)).leased_until == lease
    await group.say(ZHOU, "/note", TOPIC)
    assert "写在命令后面" in (await group.read())[-1].content.plain_text()
    async with world.database.transaction() as tx:
        await desk.pass_on(tx, await tx.cases(SYSTEM).get(case.id), world.staff, "忙", AGENCIES, world.now)
        theirs = await tx.cases(world.rival.as_asker()).events(case.id)
    assert theirs
    assert all(event.kind is not CaseEventKind.NOTED for event in theirs)


async def test_what_is_done_at_the_desk_is_read_in_the_topic(world: World, group: Group) -> None:
    case = await offered(world, group)
    async with world.database.transaction() as tx:
        case = await desk.accept(tx, case, world.staff, world.now)
        case = await desk.agent_says(tx, case, world.staff, "在工作台说的", world.now)
        case = await desk.note(tx, case, world.colleague, "工作台备注", world.now)
        case = await desk.reassign(tx, case, world.staff, world.colleague, world.now)
    words = await group.words()
    assert "小周（在别处回复）：在工作台说的" in words
    assert "内部备注（小吴）：工作台备注" in words
    assert "改由小吴办理" in words
    await group.say(WU, "我接着办", TOPIC)
    assert (await to_owner(world))[-1].content.plain_text() == "【小吴】我接着办"


async def test_declining_with_a_conflict_is_remembered_and_passed_on(world: World, group: Group) -> None:
    case = await offered(world, group)
    await group.press(ZHOU, "婉拒", TOPIC)
    await group.press(ZHOU, "利益冲突（已代理对方）", TOPIC)
    case = await now_of(world, case)
    assert case.agency_id == "two"
    async with world.database.reading() as tx:
        assert await tx.people.conflicted_agencies(world.company.id) == {"one"}
        rows = [item for item in await group.read() if item.case_id == case.id]
        assert [await flows.may_send(tx, row) for row in rows] == [False] * len(rows)
        left = [item for item in await group.read() if "已经不在本机构" in item.content.plain_text()]
        assert [await flows.may_send(tx, row) for row in left] == [True]
    await group.press(ZHOU, "接单", TOPIC)
    assert (await now_of(world, case)).agency_id == "two"


async def test_a_case_put_back_is_offered_again_in_the_same_topic(world: World, group: Group) -> None:
    case = await accepted(world, group)
    async with world.database.transaction() as tx:
        await desk.put_back(tx, case, world.staff, AGENCIES, world.now)
        topic = await tx.case_topics.of_case(case.id, "one")
    assert topic is not None
    assert (topic.thread, topic.closed) == (TOPIC, False)
    assert topic.name == f"工单{case.id}·没有法定期限"
    card = (await group.read())[-1]
    assert card.id == topic.card_id
    assert [choice.text for choice in card.content.choices] == ["接单", "婉拒"]
    words = await group.words()
    assert f"工单{case.id}回到本机构的队列" in words
    assert "已经不在本机构" not in words
    await group.press(WU, "接单", TOPIC)
    assert (await now_of(world, case)).owner_id == world.colleague.id


async def test_the_way_back_from_the_reasons(world: World, group: Group) -> None:
    case = await offered(world, group)
    await group.press(ZHOU, "婉拒", TOPIC)
    await group.press(ZHOU, "先不选", TOPIC)
    assert [choice.text for choice in (await group.read())[-1].content.choices] == ["接单", "婉拒"]
    assert (await now_of(world, case)).version == case.version
    await group.press(ZHOU, "接单", TOPIC)
    assert (await now_of(world, case)).owner_id == world.staff.id


async def test_commands_return_wait_and_close_with_their_own_words(world: World, group: Group) -> None:
    case = await accepted(world, group)
    await group.say(ZHOU, "/等客户", TOPIC)
    assert (await now_of(world, case)).state is CaseState.WAITING_CUSTOMER
    await group.say(WU, "/return 我来还", TOPIC)
    assert "不在您手上" in (await group.read())[-1].content.plain_text()
    await group.say(ZHOU, "/return@zhituo_bot 后面您可以自己缴", TOPIC)
    assert (await now_of(world, case)).state is CaseState.BOT
    assert "后面您可以自己缴。" in (await to_owner(world))[-1].content.plain_text()


async def test_a_file_of_staff_becomes_the_owners(world: World, group: Group) -> None:
    await accepted(world, group)
    async with world.database.transaction() as tx:
        kept = await tx.attachments(SYSTEM).keep(b"%PDF", "报价.pdf", "application/pdf", None, world.now)
    await group.say(ZHOU, "报价在这里", TOPIC, kind=IncomingKind.DOCUMENT, attachment_id=kept.id)
    letter = (await to_owner(world))[-1]
    assert isinstance(letter.content.parts[1], DocumentPart)
    async with world.database.reading() as tx:
        assert (await tx.attachments(world.owner.as_asker()).about(kept.id)).filename == "报价.pdf"
    sent = len(await to_owner(world))
    for kind, words in ((IncomingKind.PHOTO, "太大"), (IncomingKind.VOICE, "不能转发")):
        await group.say(ZHOU, "", TOPIC, kind=kind)
        assert words in (await group.read())[-1].content.plain_text()
    assert len(await to_owner(world)) == sent


async def test_a_file_of_the_owner_comes_into_the_topic(world: World, group: Group) -> None:
    await accepted(world, group)
    async with world.database.transaction() as tx:
        kept = await tx.attachments(SYSTEM).keep(b"x", "通知书.jpg", "image/jpeg", world.owner.id, world.now)
        photo = world.words("").model_copy(update={"kind": IncomingKind.PHOTO, "attachment_id": kept.id})
        await flows.customer_said(tx, world.owner, photo, world.now)
        voice = world.words("", "u2").model_copy(update={"kind": IncomingKind.VOICE})
        await flows.customer_said(tx, world.owner, voice, world.now)
    picture, sound = (await group.read())[-2:]
    assert isinstance(picture.content.parts[-1], DocumentPart)
    assert "语音" in sound.content.plain_text()


async def test_an_edited_line_is_kept_and_its_writer_told(world: World, group: Group) -> None:
    case = await accepted(world, group)
    sent = len(await to_owner(world))
    await group.say(ZHOU, "改成9000元", TOPIC, edited=True)
    assert len(await to_owner(world)) == sent
    async with world.database.reading() as tx:
        assert (await tx.cases(SYSTEM).events(case.id))[-1].data["note"] == "改成9000元"
    assert "再发一句" in (await group.read())[-1].content.plain_text()
    before = (await group.read())[-1].id
    for sender, text in ((WU, "同事改的"), (ZHOU, ""), (ZHOU, "/note 改备注")):
        await group.say(sender, text, TOPIC, edited=True)
    assert (await group.read())[-1].id == before, "only a line that was sent is worth a word"


async def test_another_agencys_group_reads_nothing(world: World, group: Group) -> None:
    theirs = Group(world, chat="-1002", title="乙机构群")
    await theirs.bind(world.rival)
    await theirs.member(ZHENG, world.rival)
    await accepted(world, group)
    await group.say(ZHOU, "您好", TOPIC)
    words = await theirs.words()
    assert "海天" not in words
    assert "年费" not in words
    pressed = next(item for item in await group.read() if item.content.choices)
    await theirs.say(ZHENG, "", kind=IncomingKind.PRESS, pressed=f"{pressed.id}:0")
    await theirs.say(ZHENG, "/queue")
    assert "没有等待接单" in (await theirs.read())[-1].content.plain_text()


async def test_a_conflicted_agency_is_shown_nothing(world: World, group: Group) -> None:
    async with world.database.transaction() as tx:
        await tx.people.add_conflict("one", world.company.id, "对方代理人", world.now)
        case = await world.asked(tx)
    assert case.agency_id == "two"
    assert "海天" not in await group.words()
    assert [item for item in await group.read() if item.case_id is not None] == []


async def test_a_conflict_found_later_stops_what_is_not_sent_yet(world: World, group: Group) -> None:
    await accepted(world, group)
    async with world.database.transaction() as tx:
        await flows.customer_said(tx, world.owner, world.words("还在吗"), world.now)
        await tx.people.add_conflict("one", world.company.id, "新接委托", world.now)
        rows = [item for item in await group.read() if item.case_id is not None]
        assert len(rows) >= 3
        assert not any([await flows.may_send(tx, row) for row in rows])
    await group.say(ZHOU, "在的", TOPIC)
    assert "已经不在本机构" in (await group.read())[-1].content.plain_text()


async def test_a_lost_topic_keeps_its_address_and_its_card_comes_first(world: World, group: Group) -> None:
    case = await accepted(world, group)
    async with world.database.transaction() as tx:
        topic = await tx.case_topics.of_case(case.id, "one")
        assert topic is not None
        while due := await tx.outbox.claim([Channel.TELEGRAM_FORUM], world.now, timedelta(seconds=30), 50):
            for item in due:
                await tx.outbox.settle(item, OutboxState.SENT, world.now, vendor_id=str(item.id))
        await flows.customer_said(tx, world.owner, world.words("第一句"), world.now)
        await flows.customer_said(tx, world.owner, world.words("第二句"), world.now)
        (line,) = await tx.outbox.claim([Channel.TELEGRAM_FORUM], world.now, timedelta(seconds=30), 5)
        assert await topics.make_again(tx, line, world.now) == topic.address
        await tx.outbox.settle(line, OutboxState.PENDING, world.now)
        said = []
        while due := await tx.outbox.claim([Channel.TELEGRAM_FORUM], world.now, timedelta(seconds=30), 50):
            for item in due:
                said.append(item.content.plain_text())
                await tx.outbox.settle(item, OutboxState.SENT, world.now)
        again = await tx.case_topics.get(topic.id)
    assert again is not None
    assert again.thread is None
    assert "小周在办" in said[0]
    assert "宁波海天试验有限公司" in said[0]
    assert said[1:] == ["客户：第一句", "客户：第二句"]


async def test_binding_says_what_is_missing_before_the_code_is_used(world: World) -> None:
    group = Group(world)
    async with world.database.transaction() as tx:
        code = await tx.agency_groups.issue_code(world.staff, CodePurpose.GROUP, world.now)
    ready = {"administrator": True, "topics_allowed": True}
    for lacking, words in (
        ({**ready, "has_topics": False}, "打开话题"),
        ({**ready, "administrator": False}, "只有群管理员"),
        ({**ready, "topics_allowed": False}, "管理话题"),
    ):
        await group.say("99", f"/bind {code}", **lacking)  # type: ignore[arg-type]
        assert words in (await group.read())[-1].content.plain_text()
    await group.say("99", f"/bind {code.lower()}", **ready)  # type: ignore[arg-type]
    assert "甲机构的工单群" in (await group.read())[-1].content.plain_text()
    await group.say("99", f"/bind {code}", **ready)  # type: ignore[arg-type]
    assert "已经过期、用过" in (await group.read())[-1].content.plain_text()


async def test_a_code_ends_is_of_one_kind_and_cannot_be_guessed(world: World) -> None:
    group = Group(world)
    ready = {"administrator": True, "topics_allowed": True}
    async with world.database.transaction() as tx:
        of_member = await tx.agency_groups.issue_code(world.staff, CodePurpose.MEMBER, world.now)
    await group.say("99", f"/bind {of_member}", **ready)  # type: ignore[arg-type]
    assert "绑定码不对" in (await group.read())[-1].content.plain_text()
    async with world.database.transaction() as tx:
        late = await tx.agency_groups.issue_code(world.staff, CodePurpose.GROUP, world.now)
    world.now += timedelta(minutes=10)
    await group.say("99", f"/bind {late}", **ready)  # type: ignore[arg-type]
    assert "绑定码不对" in (await group.read())[-1].content.plain_text()
    for _ in range(4):
        await group.say("99", "/bind K7MP-3WXN", **ready)  # type: ignore[arg-type]
    async with world.database.transaction() as tx:
        good = await tx.agency_groups.issue_code(world.staff, CodePurpose.GROUP, world.now)
    await group.say("99", f"/bind {good}", **ready)  # type: ignore[arg-type]
    assert "10分钟后再试" in (await group.read())[-1].content.plain_text()


async def test_another_group_takes_over_open_cases_and_the_old_topics_say_so(
    world: World, group: Group
) -> None:
    case = await accepted(world, group)
    new = Group(world, chat="-1003", title="甲机构新群")
    assert "甲机构" in await new.bind(world.staff)
    async with world.database.reading() as tx:
        topic = await tx.case_topics.of_case(case.id, "one")
        assert topic is not None
        assert (topic.chat, topic.thread) == ("-1003", None)
        assert [old.ended_how for old in await tx.agency_groups.history("one")] == [EndedHow.REPLACED]
    assert "宁波海天试验有限公司" in await new.words()
    told = [(item.address, item.content.plain_text()) for item in await group.read()][-2:]
    assert told[0][0] == "-1001"
    assert told[1][0] == f"-1001:{TOPIC}"
    assert "移到新群" in told[1][1]
    before = len(await to_owner(world))
    await group.say(ZHOU, "在老群里说", TOPIC)
    assert len(await to_owner(world)) == before


async def test_a_group_that_another_agency_binds_is_lost_to_the_first(world: World, group: Group) -> None:
    await accepted(world, group)
    assert "乙机构" in await group.bind(world.rival)
    async with world.database.reading() as tx:
        assert await tx.agency_groups.of_agency("one") is None
        rows = [item for item in await group.read() if item.case_id is not None]
        assert not any([await flows.may_send(tx, row) for row in rows])
        notices = await tx.outbox.to_person(world.staff.id)
    assert "另一家机构" in notices[-1].content.plain_text()
    await group.say(ZHOU, "在吗", TOPIC)
    assert "不属于本机构" in (await group.read())[-1].content.plain_text()


async def test_a_group_bound_again_shows_how_each_case_stands(world: World, group: Group) -> None:
    case = await accepted(world, group)
    await group.say("99", "/unbind", administrator=True)
    async with world.database.transaction() as tx:
        await flows.customer_said(tx, world.owner, world.words("没人看到的一句"), world.now)
    world.now += timedelta(seconds=1)
    await group.bind(world.staff)
    card = next(item for item in reversed(await group.read()) if item.content.choices)
    assert "宁波海天试验有限公司" in card.content.plain_text()
    assert [choice.text for choice in card.content.choices] == ["等客户", "交还机器人", "结束"]
    async with world.database.reading() as tx:
        topic = await tx.case_topics.of_case(case.id, "one")
    assert topic is not None
    assert (topic.thread, topic.card_id) == (TOPIC, card.id)


async def test_a_group_taken_from_us_ends_and_staff_are_told(world: World, group: Group) -> None:
    await accepted(world, group)
    await group.say("99", "", kind=IncomingKind.STOP)
    async with world.database.transaction() as tx:
        assert await group.in_use(tx) is None
        rows = [item for item in await group.read() if item.case_id is not None]
        assert not any([await flows.may_send(tx, row) for row in rows])
        notices = await tx.outbox.to_person(world.staff.id)
        assert "被移出群" in notices[-1].content.plain_text()
        await flows.customer_said(tx, world.owner, world.words("还在吗"), world.now)
        assert "有客户新消息" in (await tx.outbox.to_person(world.staff.id))[-1].content.plain_text()


async def test_while_a_group_is_bound_staff_are_not_told_twice_on_telegram(
    world: World, group: Group
) -> None:
    await accepted(world, group)
    async with world.database.transaction() as tx:
        await flows.customer_said(tx, world.owner, world.words("还在吗"), world.now)
        assert await tx.outbox.to_person(world.staff.id) == []


async def test_the_days_queue_is_said_once_a_working_morning(world: World, group: Group) -> None:
    await accepted(world, group)
    async with world.database.transaction() as tx:
        assert await say_day_queues(tx, world.now) == 1
        assert await say_day_queues(tx, world.now + timedelta(hours=3)) == 0
        saturday = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
        assert await say_day_queues(tx, saturday) == 0
        assert await say_day_queues(tx, datetime(2026, 11, 23, 0, 59, tzinfo=UTC)) == 0  # 8:59
    text = (await group.read())[-1].content.plain_text()
    assert "小周，等我们回复" in text
    assert "海天" not in text


async def test_a_group_whose_queue_cannot_be_said_keeps_no_other_from_its_queue(
    world: World, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accepted(world, group)
    said = []

    async def breaking(tx: object, one: object, now: datetime) -> bool:
        said.append(one)
        if len(said) == 1:
            raise RuntimeError("a fault of ours")
        return True

    monkeypatch.setattr("bot.handoff.day_queue._say", breaking)
    async with world.database.transaction() as tx:
        groups = await tx.agency_groups.all_in_use()
        monkeypatch.setattr(tx.agency_groups, "all_in_use", _both(groups))
        assert await say_day_queues(tx, world.now) == 1


def _both(groups: Sequence[AgencyGroup]) -> Callable[[], Awaitable[Sequence[AgencyGroup]]]:
    async def twice() -> Sequence[AgencyGroup]:
        return (*groups, *groups)

    return twice


async def test_words_in_a_group_of_nobody_are_left_alone(world: World) -> None:
    group = Group(world)
    await group.say("99", "大家中午吃什么")
    await group.say("99", "/note 吃面")
    assert await group.read() == []
    await group.say("99", "/help")
    await group.say("99", "/unbind", administrator=True)
    assert "设为管理员" in (await group.read())[0].content.plain_text()
    assert "还没有绑定" in (await group.read())[1].content.plain_text()


async def test_unbinding_needs_an_administrator(world: World, group: Group) -> None:
    await group.say(STRANGER, "/unbind", administrator=False)
    async with world.database.reading() as tx:
        assert await group.in_use(tx) is not None
    await group.say("99", "/unbind", administrator=True)
    async with world.database.reading() as tx:
        assert await group.in_use(tx) is None
