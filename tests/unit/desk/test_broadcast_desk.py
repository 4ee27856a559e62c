"""Broadcasts: written by one person, approved by another, sent, and every outcome listed."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from nicegui import ui
from nicegui.testing import User

from desk.broadcast_form import day_begins, day_ends
from desk.broadcast_view import samples
from desk.words import TEXTS
from scheduler import broadcasts as flow
from store.asker import SYSTEM, Role
from store.broadcast_records import BroadcastState, Draft, RecipientState
from store.messages import Channel
from store.records import Cause, OutboxState
from tests.unit.desk.conftest import Office, SignIn, press


async def bureau(office: Office) -> None:
    await office.hire("lin", Role.EDITOR)
    await office.hire("shen", Role.APPROVER)


async def draft(office: Office, author: str = "lin") -> int:
    async with office.database.transaction() as tx:
        broadcasts = tx.broadcasts(office.people[author].as_asker())
        made = await broadcasts.create(
            Draft(title="年费减缴新规", text="请留意减缴备案。"), office.people[author].id, office.now
        )
    return made.id


async def submitted(office: Office, author: str = "lin") -> int:
    number = await draft(office, author)
    async with office.database.transaction() as tx:
        asker = office.people[author].as_asker()
        await flow.submit(tx, asker, number, office.deps.knowledge(), office.now)
    return number


async def state_of(office: Office, number: int) -> BroadcastState:
    async with office.database.reading() as tx:
        return (await tx.broadcasts(SYSTEM).get(number)).state


async def see(user: User, text: str) -> None:
    await user.should_see(text)


async def test_from_a_text_to_every_outcome(office: Office, sign_in: SignIn) -> None:
    await bureau(office)
    await office.company("不要推送的企业")
    async with office.database.transaction() as tx:
        await tx.people.set_broadcasts_wanted(office.people["不要推送的企业"].id, wanted=False)
    editor, approver = await sign_in("lin"), await sign_in("shen")
    await editor.open("/broadcasts")
    await editor.should_see("还没有政策推送")
    await editor.open("/broadcast/new")
    press(editor, "保存草稿")
    await editor.should_see("请先写标题")
    editor.find("标题").type("年费减缴新规")
    press(editor, "看看适合哪些企业")
    await see(editor, "请先选一条规则，或者写一段正文")
    editor.find("正文（选了规则时放在规则答案上面）").type("请留意减缴备案。")
    editor.find("最晚哪天发（可不填）").type("2020-01-01")
    press(editor, "看看适合哪些企业")
    await see(editor, "最晚发送日已经过去了")
    editor.find("最晚哪天发（可不填）").clear()
    press(editor, "看看适合哪些企业")
    await see(editor, "符合的企业（2）")
    await editor.should_see("已退订的企业（1）")
    await editor.should_see("每家企业会看到")
    press(editor, "保存草稿")
    await see(editor, "已保存")
    await editor.open("/broadcast/1")
    press(editor, "提交审批")
    await see(editor, "待审批")
    await editor.should_not_see(kind=ui.button, content="批准")
    await approver.open("/broadcasts")
    await approver.should_see("等待审批（1）")
    await approver.open("/broadcast/1")
    press(approver, "批准")
    await see(approver, "名单冻结，并马上按这份内容和名单自动发出")
    press(approver, "确定批准")
    await see(approver, "shen先生，名单2家")
    await see(approver, "自动发出")
    await approver.should_not_see(kind=ui.button, content="开始发送")  # nothing waits for a second press
    await flow.broadcast(office.database, office.now)
    async with office.database.transaction() as tx:
        (item,) = await tx.outbox.claim([Channel.WEB], office.now, timedelta(seconds=30), 10)
        await tx.outbox.settle(item, OutboxState.SENT, office.now)
    await flow.broadcast(office.database, office.now)
    await see(approver, "已发完")
    table = next(iter(approver.find(kind=ui.table).elements))
    assert {row["company"]: row["state"] for row in cast(ui.table, table).rows} == {
        "海天试验": "已送出",
        "不要推送的企业": "已退订",
    }
    async with office.database.reading() as tx:
        (letter,) = await tx.outbox.to_person(office.people["海天试验"].id)
    assert letter.cause is Cause.BROADCAST
    assert "请留意减缴备案" in letter.content.plain_text()


async def test_a_broadcast_that_missed_some_says_whom_why_and_what_to_do(
    office: Office, sign_in: SignIn
) -> None:
    await bureau(office)
    await office.company("停用的企业")
    await office.company("不要推送的企业")
    async with office.database.transaction() as tx:
        await tx.people.set_broadcasts_wanted(office.people["不要推送的企业"].id, wanted=False)
        nowhere = await tx.people.add_company("没有联系方式的企业", office.now)
        owner = await tx.people.add_person(Role.OWNER, office.now, company_id=nowhere.id)
    number = await submitted(office)
    async with office.database.transaction() as tx:
        approver = office.people["shen"].as_asker()
        seen = (await tx.broadcasts(approver).get(number)).content_hash
        await flow.approve(tx, approver, number, seen, office.deps.knowledge(), office.now)
    await flow.broadcast(office.database, office.now)
    async with office.database.transaction() as tx:
        for item in await tx.outbox.claim([Channel.WEB], office.now, timedelta(seconds=30), 10):
            gone = item.person_id == office.people["停用的企业"].id
            await tx.outbox.settle(item, OutboxState.GONE if gone else OutboxState.SENT, office.now)
    await flow.broadcast(office.database, office.now)
    editor = await sign_in("lin")
    await editor.open("/broadcasts")
    await see(editor, "没有送到3家")
    await editor.open(f"/broadcast/{number}")
    await see(editor, "已发完")
    await see(editor, "共4家：送出1家，没有送到3家。")
    for label, company, what_next in (
        ("对方已停用", "1家：停用的企业", "对方停用了这个联系方式"),
        ("已退订", "1家：不要推送的企业", "企业自己退订了政策推送"),
        ("收不到", "1家：没有联系方式的企业", "企业没有现在能收消息的联系方式"),
    ):
        await see(editor, label)
        await see(editor, company)
        await see(editor, what_next)
    async with office.database.transaction() as tx:
        await tx.people.add_address(owner.id, Channel.WEB, "now", office.now)
    press(editor, "再试没发出的企业（1）")
    await see(editor, "发送中")
    await editor.should_not_see("再试没发出的企业（")
    await flow.broadcast(office.database, office.now)
    async with office.database.transaction() as tx:
        (item,) = await tx.outbox.claim([Channel.WEB], office.now, timedelta(seconds=30), 10)
        assert item.address == "now"
        await tx.outbox.settle(item, OutboxState.SENT, office.now)
    await flow.broadcast(office.database, office.now)
    await see(editor, "共4家：送出2家，没有送到2家。")


def test_every_way_to_miss_one_says_what_to_do() -> None:
    prefix = "broadcasts.next."
    told = {key.removeprefix(prefix) for key in TEXTS.in_order() if key.startswith(prefix)}
    on_its_way = {RecipientState.WAITING, OutboxState.PENDING, OutboxState.SENDING, OutboxState.SENT}
    assert told == {state.value for state in (*RecipientState, *OutboxState)} - {
        one.value for one in on_its_way
    }


async def test_nobody_approves_their_own(office: Office, sign_in: SignIn) -> None:
    await bureau(office)
    number = await submitted(office, author="shen")
    user = await sign_in("shen")
    await user.open(f"/broadcast/{number}")
    await user.should_see("要由另一位同事审批")
    await user.should_not_see(kind=ui.button, content="批准")


async def test_what_changed_after_it_was_read_is_not_approved(office: Office, sign_in: SignIn) -> None:
    await bureau(office)
    number = await submitted(office)
    user = await sign_in("shen")
    await user.open(f"/broadcast/{number}")
    press(user, "批准")
    await see(user, "名单冻结")
    lin = office.people["lin"]
    async with office.database.transaction() as tx:
        await tx.broadcasts(lin.as_asker()).edit(
            number, Draft(title="年费减缴新规", text="换了一句话。"), lin.id, office.now
        )
        await flow.submit(tx, lin.as_asker(), number, office.deps.knowledge(), office.now)
    press(user, "确定批准")
    await see(user, "原来的审核作废")
    assert await state_of(office, number) is BroadcastState.SUBMITTED


async def test_a_broadcast_is_sent_back_with_a_reason(office: Office, sign_in: SignIn) -> None:
    await bureau(office)
    number = await submitted(office)
    user = await sign_in("shen")
    await user.open(f"/broadcast/{number}")
    press(user, "退回")
    await see(user, "请写明要改什么")
    press(user, "确认退回")
    assert await state_of(office, number) is BroadcastState.SUBMITTED  # a reason is needed
    user.find("请写明要改什么").type("请写明截止日")
    press(user, "确认退回")
    await see(user, "草稿")
    assert await state_of(office, number) is BroadcastState.DRAFT
    editor = await sign_in("lin")
    await editor.open("/broadcasts")
    await editor.should_see("请写明截止日")


async def test_agencies_and_operators_see_no_broadcast(office: Office, sign_in: SignIn) -> None:
    await bureau(office)
    await office.hire("li", Role.OPERATOR)
    number = await draft(office)
    for login in ("zhou", "li"):
        user = await sign_in(login)
        for path in ("/broadcasts", "/broadcast/new", f"/broadcast/{number}", f"/broadcast/{number}/edit"):
            await user.open(path)
            await user.should_see("不能看这个页面")
            await user.should_not_see("年费减缴新规")


async def test_a_preview_uses_no_companys_data(office: Office) -> None:
    await bureau(office)
    number = await draft(office)
    async with office.database.reading() as tx:
        found = samples(await tx.broadcasts(SYSTEM).get(number), office.deps.knowledge(), office.deps.today())
    ((label, outgoing),) = found
    assert label == "每家企业会看到"
    assert "海天试验" not in outgoing.plain_text()


def test_days_typed_into_the_form_are_days_of_ningbo() -> None:
    begins, ends = day_begins("2026-11-20"), day_ends("2026-11-20")
    assert begins is not None
    assert ends is not None
    assert begins.isoformat() == "2026-11-20T00:00:00+08:00"
    assert ends.isoformat() == "2026-11-21T00:00:00+08:00"
    assert day_begins("") is day_ends(None) is None


async def test_a_broadcast_that_is_not_there_is_not_looked_for_again(office: Office, sign_in: SignIn) -> None:
    await bureau(office)
    user = await sign_in("lin")
    await user.open("/broadcast/99")
    await user.should_see("找不到这一条")
    await user.should_not_see(kind=ui.timer)
    await user.open(f"/broadcast/{await draft(office)}")
    await user.should_see("提交审批")
    assert len(user.find(kind=ui.timer).elements) == 1
