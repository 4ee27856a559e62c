"""The queue and the case page, as agency staff use them."""

from __future__ import annotations

from datetime import timedelta

from bot.handoff import flows
from store.asker import SYSTEM, Role
from store.case_records import CaseState
from store.messages import Channel
from tests.unit.desk.conftest import Office, SignIn, press, said


async def test_an_empty_queue_says_so(office: Office, sign_in: SignIn) -> None:
    user = await sign_in("zhou")
    await user.open("/queue")
    await user.should_see("现在没有等待接手的工单")


async def test_a_case_from_the_queue_to_its_end(office: Office, sign_in: SignIn) -> None:
    case = await office.case("海天试验")
    office.now += timedelta(minutes=5)
    user = await sign_in("zhou")
    await user.open("/queue")
    await user.should_see("海天试验")
    await user.should_see("已等待5分钟")
    await user.open(f"/case/{case.id}")
    await user.should_see("企业名称、本次对话")
    press(user, "接手")
    await user.should_see("回复客户")
    user.find("回复客户").type("您好，请发回执")
    press(user, "发送")
    await user.should_see("等客户")
    await user.should_see("待发送")  # what became of the message
    async with office.database.transaction() as tx:
        assert (
            await flows.customer_said(tx, office.people["海天试验"], said(office, "马上发"), office.now) == []
        )
    await user.should_see("马上发")  # without loading the page again
    press(user, "办结")
    await user.should_see("请写一句结果")
    user.find("请写一句结果，客户会看到").type("已恢复")
    press(user, "确认办结")
    await user.should_see("这个工单已经结束")
    async with office.database.reading() as tx:
        assert (await tx.cases(SYSTEM).get(case.id)).state is CaseState.CLOSED
        words = [item.content.plain_text() for item in await tx.outbox.to_person(case.person_id)]
    assert words[1] == "【zhou先生】您好，请发回执"
    assert "已恢复" in words[-1]
    assert office.woken >= 3


async def test_another_agency_finds_nothing_whatever_it_tries(office: Office, sign_in: SignIn) -> None:
    case = await office.case("海天试验", summary="只给甲机构看的摘要")
    await office.hire("zheng", Role.AGENCY, agency_id="two")
    user = await sign_in("zheng")
    for path in ("/queue", f"/case/{case.id}", "/companies", f"/company/{case.company_id}", "/undelivered"):
        await user.open(path)
        await user.should_not_see("海天试验")
        await user.should_not_see("只给甲机构看的摘要")


async def test_a_conflict_found_while_the_page_is_open_ends_what_can_be_done(
    office: Office, sign_in: SignIn
) -> None:
    case = await office.case("海天试验")
    user = await sign_in("zhou")
    await user.open(f"/case/{case.id}")
    async with office.database.transaction() as tx:
        await tx.people.add_conflict("one", case.company_id, "新接对方委托", office.now)
    press(user, "接手")
    await user.should_see("不在您的范围内")
    async with office.database.reading() as tx:
        assert (await tx.cases(SYSTEM).get(case.id)).owner_id is None


async def test_a_page_left_open_after_signing_out_does_nothing(office: Office, sign_in: SignIn) -> None:
    case = await office.case("海天试验")
    user = await sign_in("zhou")
    await user.open(f"/case/{case.id}")
    async with office.database.transaction() as tx:
        await tx.sessions.end_all_of(office.people["zhou"].id)
    press(user, "接手")
    await user.should_not_see("回复客户")
    async with office.database.reading() as tx:
        assert (await tx.cases(SYSTEM).get(case.id)).state is CaseState.OFFERED


async def test_a_colleague_reads_along_and_cannot_answer(office: Office, sign_in: SignIn) -> None:
    case = await office.case("海天试验")
    await office.hire("wu", Role.AGENCY, agency_id="one")
    first, second = await sign_in("zhou"), await sign_in("wu")
    await first.open(f"/case/{case.id}")
    press(first, "接手")
    await first.should_see("回复客户")
    await second.open(f"/case/{case.id}")
    await second.should_see("由zhou先生在办")
    await second.should_not_see("回复客户")


async def test_the_bureau_sees_no_case_and_no_company(office: Office, sign_in: SignIn) -> None:
    case = await office.case("海天试验")
    await office.hire("wang", Role.EDITOR)
    user = await sign_in("wang")
    for path in ("/queue", f"/case/{case.id}", "/companies", f"/company/{case.company_id}"):
        await user.open(path)
        await user.should_see("不能看这个页面")
        await user.should_not_see("海天试验")


async def test_a_colleague_takes_a_case_over_and_everybody_is_told_once(
    office: Office, sign_in: SignIn
) -> None:
    await office.hire("qian", Role.AGENCY, agency_id="one")
    await office.hire("sun", Role.AGENCY, agency_id="one")
    async with office.database.transaction() as tx:
        await tx.people.add_address(office.people["zhou"].id, Channel.WECOM, "zhou", office.now)
    case = await office.case("海天试验")
    holder, colleague, late = await sign_in("zhou"), await sign_in("qian"), await sign_in("sun")
    for user in (holder, colleague, late):
        await user.open(f"/case/{case.id}")
    press(holder, "接手")
    await holder.should_see("回复客户")
    holder.find("回复客户").type("写了一半")
    for user in (colleague, late):
        await user.should_see("由zhou先生在办")
        press(user, "由我接着办")
        await user.should_see("确定接着办")
    press(colleague, "确定接着办")
    await colleague.should_see("回复客户")
    await colleague.should_see("qian先生接着办（原由zhou先生办）")
    await holder.should_see("由qian先生在办")
    await holder.should_see("写了一半")  # not sent, and not lost
    press(late, "确定接着办")  # of what was on the page when it was asked
    await late.should_see("刚刚有人更新了这个工单")
    async with office.database.reading() as tx:
        now = await tx.cases(SYSTEM).get(case.id)
        to_owner = [item.content.plain_text() for item in await tx.outbox.to_person(case.person_id)]
        to_holder = await tx.outbox.to_person(office.people["zhou"].id)
    assert now.owner_id == office.people["qian"].id
    assert sum("改由qian先生继续跟进" in words for words in to_owner) == 1
    assert sum("改由qian先生接着办" in item.content.plain_text() for item in to_holder) == 1
