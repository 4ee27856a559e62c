"""The agency's group at the desk: codes, who is bound, and the end of a binding."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.handoff.group_binding import bind_member
from store.agency_groups import CodePurpose, Taken
from store.asker import Role
from store.messages import Channel
from tests.unit.desk.conftest import AGENCIES, Office, SignIn, press


@pytest.fixture(autouse=True)
def _on(office: Office) -> None:
    office.doors.channels = frozenset({Channel.WEB, Channel.TELEGRAM, Channel.TELEGRAM_FORUM})
    office.doors.telegram_name = "zhituo_test_bot"


async def test_where_telegram_is_off_no_code_is_given(office: Office, sign_in: SignIn) -> None:
    office.doors.channels = frozenset({Channel.WEB})
    user = await sign_in("zhou")
    await user.open("/group")
    await user.should_see("没有开通 Telegram")
    await user.should_not_see("领取群绑定码")
    await user.should_not_see("绑定我的聊天账号")


async def bound(office: Office) -> None:
    async with office.database.transaction() as tx:
        code = await tx.agency_groups.issue_code(office.people["zhou"], CodePurpose.GROUP, office.now)
        taken = await tx.agency_groups.take_code(code, CodePurpose.GROUP, "-1001", office.now)
        assert isinstance(taken, Taken)
        await tx.agency_groups.bind("one", "-1001", "甲机构工单群", taken.person.id, office.now)


async def test_without_a_group_it_says_what_to_do_and_gives_a_code(office: Office, sign_in: SignIn) -> None:
    user = await sign_in("zhou")
    await user.open("/group")
    await user.should_see("还没有绑定群")
    press(user, "领取群绑定码")
    await user.should_see("请群管理员在群里发送")
    await user.should_see("@zhituo_test_bot")
    line = next(iter(user.find("/bind").elements)).text  # type: ignore[attr-defined]
    async with office.database.transaction() as tx:
        taken = await tx.agency_groups.take_code(
            line.removeprefix("/bind "), CodePurpose.GROUP, "-1001", office.now
        )
    assert isinstance(taken, Taken)
    assert taken.person.id == office.people["zhou"].id


async def test_the_page_follows_and_the_binding_is_ended(office: Office, sign_in: SignIn) -> None:
    user = await sign_in("zhou")
    await user.open("/group")
    await user.should_see("还没有绑定群")
    await bound(office)
    await user.should_see("甲机构工单群")
    press(user, "解除绑定")
    await user.should_see("进行中的工单要到工作台办理")
    press(user, "确定解除")
    await user.should_see("还没有绑定群")
    await user.should_see("用过的群（1）")
    async with office.database.reading() as tx:
        assert await tx.agency_groups.of_agency("one") is None


async def test_ones_own_account_is_bound_and_let_go(office: Office, sign_in: SignIn) -> None:
    user = await sign_in("zhou")
    await user.open("/group")
    await user.should_see("未绑定")
    async with office.database.transaction() as tx:
        code = await tx.agency_groups.issue_code(office.people["zhou"], CodePurpose.MEMBER, office.now)
        said = await bind_member(tx, Channel.TELEGRAM, "501", code, list(AGENCIES.values()), office.now)
        assert "甲机构" in said
        again = await bind_member(tx, Channel.TELEGRAM, "502", code, list(AGENCIES.values()), office.now)
        assert "用过" in again
    await user.should_see("解除我的绑定")
    press(user, "解除我的绑定")
    await user.should_see("绑定我的聊天账号")
    async with office.database.reading() as tx:
        assert await tx.people.at(Channel.TELEGRAM, "501") is None


async def test_an_account_with_records_of_its_own_is_not_taken(office: Office) -> None:
    async with office.database.transaction() as tx:
        await tx.people.add_address(office.people["海天试验"].id, Channel.TELEGRAM, "77", office.now)
        code = await tx.agency_groups.issue_code(office.people["zhou"], CodePurpose.MEMBER, office.now)
        said = await bind_member(tx, Channel.TELEGRAM, "77", code, list(AGENCIES.values()), office.now)
        assert "已经有自己的企业资料" in said
        owner = await tx.people.at(Channel.TELEGRAM, "77")
    assert owner is not None
    assert owner.id == office.people["海天试验"].id


async def test_another_agency_sees_its_own_group_only(office: Office, sign_in: SignIn) -> None:
    await bound(office)
    await office.hire("zheng", Role.AGENCY, agency_id="two")
    user = await sign_in("zheng")
    await user.open("/group")
    await user.should_see("还没有绑定群")
    await user.should_not_see("甲机构工单群")


async def test_a_code_ends_when_its_person_does(office: Office) -> None:
    async with office.database.transaction() as tx:
        code = await tx.agency_groups.issue_code(office.people["zhou"], CodePurpose.GROUP, office.now)
        later = office.now + timedelta(minutes=10)
        refused = await tx.agency_groups.take_code(code, CodePurpose.GROUP, "-1001", later)
    assert not isinstance(refused, Taken)
