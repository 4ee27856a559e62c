"""Companies to be telephoned, by whose task it is; links for posters, and what came of them."""

from __future__ import annotations

from datetime import date

import pytest

from bot.understanding.intents import Intent
from desk.campaigns import topics
from store.asker import SYSTEM, Role
from store.contact_tasks import Cleared, WhyNot
from store.messages import Channel
from tests.unit.desk.conftest import Office, SignIn, press


async def unreachable(office: Office, name: str, agency_id: str | None, why: WhyNot) -> None:
    async with office.database.transaction() as tx:
        await tx.contact_tasks(SYSTEM).open(
            office.companies[name].id, agency_id, why, "第8年度年费", date(2026, 11, 30), 2, office.now
        )


async def test_each_sees_whom_they_must_telephone_and_why(office: Office, sign_in: SignIn) -> None:
    await office.company("甬江精密")
    await unreachable(office, "海天试验", "one", WhyNot.BLOCKED)
    await unreachable(office, "甬江精密", None, WhyNot.WINDOW)
    await office.hire("wang", Role.EDITOR)
    agency, editor = await sign_in("zhou"), await sign_in("wang")
    await agency.open("/contacts")
    await agency.should_see("海天试验")
    await agency.should_see("已停用聊天")
    await agency.should_see("第8年度年费：安全日2026年11月30日，另有2件")
    await agency.should_not_see("甬江精密")
    await editor.open("/contacts")
    await editor.should_see("甬江精密")
    await editor.should_see("48小时")
    await editor.should_not_see("海天试验")


async def test_who_has_called_says_so_and_the_task_is_gone(office: Office, sign_in: SignIn) -> None:
    await unreachable(office, "海天试验", "one", WhyNot.BLOCKED)
    user = await sign_in("zhou")
    await user.open("/contacts")
    press(user, "已联系")
    await user.should_see("已经联系上了")
    user.find("和谁、怎么联系上的，对方怎么说").type("和陈经理通了电话，明天缴")
    press(user, "记下")
    await user.should_see("现在没有联系不上的企业")
    async with office.database.reading() as tx:
        (ended,) = await tx.contact_tasks(SYSTEM).cleared()
    assert (ended.cleared_how, ended.note) == (Cleared.CALLED, "和陈经理通了电话，明天缴")


async def test_an_operator_sees_no_company(office: Office, sign_in: SignIn) -> None:
    await unreachable(office, "海天试验", None, WhyNot.BLOCKED)
    await office.hire("li", Role.OPERATOR)
    user = await sign_in("li")
    await user.open("/contacts")
    await user.should_see("不能看这个页面")
    await user.should_not_see("海天试验")


async def test_a_link_is_made_counted_and_ended(office: Office, sign_in: SignIn) -> None:
    await office.hire("wang", Role.EDITOR)
    user = await sign_in("wang")
    await user.open("/campaigns")
    await user.should_see("还没有推广链接")
    user.find("名称（客户会看到）").type("鄞州专场")
    user.find("链接里的编号").type("yinzhou-expo-2026")
    press(user, "生成链接")
    await user.should_see("0人来过")
    async with office.database.transaction() as tx:
        campaign = await tx.campaigns.at("yinzhou-expo-2026")
        assert campaign is not None
        visitor = office.people["海天试验"]
        assert await tx.campaigns.visited(campaign.id, visitor.id, Channel.WEB, office.now, first_visit=True)
        assert not await tx.campaigns.visited(
            campaign.id, visitor.id, Channel.WEB, office.now, first_visit=False
        )
    await user.open("/campaigns")
    await user.should_see("1人来过，其中1人第一次用知托")
    await user.open("/dashboard")
    await user.should_see("鄞州专场1")
    await user.open("/campaigns")
    press(user, "结束")
    await user.should_see("重新打开")


@pytest.mark.parametrize(
    ("title", "slug", "says"),
    [("", "a-b", "请先写名称"), ("一", "有空 格", "编号只能用小写字母"), ("一", "taken", "已经用过")],
)
async def test_a_link_that_cannot_be_is_said_so(
    office: Office, sign_in: SignIn, title: str, slug: str, says: str
) -> None:
    await office.hire("wang", Role.EDITOR)
    async with office.database.transaction() as tx:
        await tx.campaigns.add("taken", "旧的", "", office.people["wang"].id, office.now)
    user = await sign_in("wang")
    await user.open("/campaigns")
    user.find("名称（客户会看到）").type(title)
    user.find("链接里的编号").type(slug)
    press(user, "生成链接")
    await user.should_see(says)


def test_what_a_link_can_ask_is_what_the_talk_can_answer() -> None:
    assert topics().keys() - {""} <= {intent.value for intent in Intent}
