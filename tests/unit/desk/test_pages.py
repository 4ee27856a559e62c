"""Dockets, undelivered messages, the library and the dashboard."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from rules.days import format_day
from store.asker import SYSTEM, Role
from store.cases import Cases
from store.messages import Channel, Incoming, IncomingKind, Outgoing
from store.obligation_records import Computed, LateStep, ObligationDetails
from store.outbox import Letter
from store.records import Cause, InboxState, OutboxState
from tests.unit.desk.conftest import Office, SignIn, press


async def undelivered(office: Office, key: str, cause: Cause, state: OutboxState, case_id: int | None) -> int:
    async with office.database.transaction() as tx:
        letter = Letter(
            dedupe_key=key,
            channel=Channel.WEB,
            address=f"at {key}",
            content=Outgoing.say(f"内容{key}"),
            cause=cause,
            case_id=case_id,
        )
        number = await tx.outbox.write(letter, office.now)
        assert number is not None
        claimed = await tx.outbox.claim([Channel.WEB], office.now, timedelta(seconds=30), 10)
        await tx.outbox.settle(claimed[-1], state, office.now, error="blocked")
    return number


async def test_an_agency_sees_the_dockets_of_its_cases_only(office: Office, sign_in: SignIn) -> None:
    await office.company("别家企业")
    async with office.database.transaction() as tx:
        for name in ("海天试验", "别家企业"):
            await tx.assets(SYSTEM).put(
                office.companies[name].id,
                "invention",
                f"2020{name}",
                office.now,
                dates={"filing": date(2020, 4, 15)},
            )
    case = await office.case("海天试验")
    user = await sign_in("zhou")
    await user.open("/companies")
    await user.should_see("海天试验")
    await user.should_see("1项权利")
    await user.should_not_see("别家企业")
    await user.open(f"/company/{case.company_id}")
    await user.should_see("发明专利 2020海天试验")
    await user.open(f"/company/{office.companies['别家企业'].id}")
    await user.should_see("不在您的范围内")


@pytest.mark.parametrize(
    ("legal", "shown"),
    [
        (-30, ["前，2,100元（今天补交）", "还有30天"]),
        (30, ["前，2,000元", "还有30天"]),
    ],
)
async def test_what_is_late_is_shown_with_what_it_costs_today(
    office: Office, sign_in: SignIn, legal: int, shown: list[str]
) -> None:
    day = office.now.date() + timedelta(days=legal)
    end = day + timedelta(days=60)
    steps = (LateStep(first=day, last=end, surcharge_fen=100_00, total_fen=2_100_00),)
    case = await office.case("海天试验")
    async with office.database.transaction() as tx:
        asset, _ = await tx.assets(SYSTEM).put(
            case.company_id, "invention", "2020", office.now, dates={"filing": date(2020, 4, 15)}
        )
        computed = Computed(
            kind="annuity",
            key="annuity:8",
            title="第8年度年费",
            nominal=day,
            legal=day,
            safe=day,
            grace_end=end,
            amount_fen=2_000_00,
            details=ObligationDetails(late_steps=steps if legal < 0 else ()),
        )
        await tx.obligations(SYSTEM).upsert_all([(asset, [computed])], lambda _: None, office.now)
    user = await sign_in("zhou")
    await user.open(f"/company/{case.company_id}")
    last = format_day(end if legal < 0 else day)
    await user.should_see(f"{last}{shown[0]}")
    await user.should_see(shown[1])


async def test_undelivered_messages_by_who_looks(office: Office, sign_in: SignIn) -> None:
    case = await office.case("海天试验")
    number = await undelivered(office, "案", Cause.CASE, OutboxState.GONE, case.id)
    await undelivered(office, "推", Cause.BROADCAST, OutboxState.INVALID, None)
    for login, role in {"wang": Role.EDITOR, "li": Role.OPERATOR}.items():
        await office.hire(login, role)
    agency, editor, operator = await sign_in("zhou"), await sign_in("wang"), await sign_in("li")
    await agency.open("/undelivered")
    await agency.should_see("没有送不出去的消息")  # the case is offered, not yet in hand
    await editor.open("/undelivered")
    await editor.should_see("内容推")
    await editor.should_not_see("内容案")
    await operator.open("/undelivered")
    await operator.should_see(f"编号{number}")
    await operator.should_not_see("内容案")
    await editor.open("/undelivered")
    press(editor, "重发")
    await editor.should_see("没有送不出去的消息")
    async with office.database.reading() as tx:
        assert await tx.outbox.counts() == {OutboxState.PENDING: 1, OutboxState.GONE: 1}


async def test_what_nobody_answered_is_answered_again_by_an_operators_word(
    office: Office, sign_in: SignIn
) -> None:
    await office.hire("li", Role.OPERATOR)
    await office.hire("wang", Role.EDITOR)
    async with office.database.transaction() as tx:
        item = await tx.inbox.receive(
            Incoming(
                channel=Channel.WEB,
                address="visitor",
                update_id="1",
                kind=IncomingKind.TEXT,
                received_at=office.now,
                text="我的商标被抢注了",
            ),
            None,
        )
        assert item is not None
        assert [await tx.inbox.failed(item.id, "KeyError") for _ in range(3)] == [False, False, True]
    operator, editor = await sign_in("li"), await sign_in("wang")
    await editor.open("/undelivered")
    await editor.should_see("没有送不出去的消息")
    await operator.open("/undelivered")
    await operator.should_see("处理失败")
    await operator.should_not_see("抢注")
    press(operator, "重新处理")
    await operator.should_see("没有送不出去的消息")
    async with office.database.reading() as tx:
        assert await tx.inbox.counts() == {InboxState.WAITING: 1}


async def test_the_dashboard_counts_and_names_no_company(office: Office, sign_in: SignIn) -> None:
    await office.case("海天试验")
    await office.hire("wang", Role.APPROVER)
    user = await sign_in("wang")
    await user.open("/dashboard")
    await user.should_see("待接手1")
    await user.should_see("甲机构1")
    await user.should_not_see("海天试验")


async def test_an_empty_library_says_so(office: Office, sign_in: SignIn) -> None:
    user = await sign_in("zhou")
    await user.open("/library")
    await user.should_see("还没有规则")


async def test_a_number_that_no_row_has_is_a_sentence_not_an_error(office: Office, sign_in: SignIn) -> None:
    await office.hire("wang", Role.EDITOR)
    agency, editor = await sign_in("zhou"), await sign_in("wang")
    for user, path in ((agency, "/case/"), (agency, "/company/"), (editor, "/broadcast/")):
        for number in (2**31, 10**20):
            await user.open(f"{path}{number}")
            await user.should_see("找不到这一条")


async def test_a_page_that_fails_says_so_without_its_insides(
    office: Office, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> list[int]:
        raise RuntimeError("secret of the database")

    user = await sign_in("zhou")
    monkeypatch.setattr(Cases, "company_ids", broken)
    await user.open("/companies")
    await user.should_see("刚才没有做成")
    await user.should_not_see("secret of the database")


@pytest.mark.parametrize("path", ["/queue", "/dashboard", "/contacts", "/undelivered", "/case/1", "/group"])
async def test_a_page_left_open_leads_to_the_door_when_the_session_has_ended(
    office: Office, sign_in: SignIn, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.dashboard.EVERY", 0.2)
    await office.case("海天试验")
    user = await sign_in("zhou")
    await user.open(path)
    led: list[str] = []
    monkeypatch.setattr(user.navigate, "to", led.append)
    office.now += timedelta(hours=13)
    for _ in range(40):
        if led:
            break
        await asyncio.sleep(0.1)
    assert led[:1] == ["/login?said=ended"]
