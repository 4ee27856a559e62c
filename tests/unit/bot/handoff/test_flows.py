"""From the owner's request to the bot's return, through the database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.handoff import overdue
from bot.handoff import staff as desk
from bot.handoff.errors import CannotReachError, EmptyMessageError, IllegalTransitionError, NotYoursError
from bot.handoff.flows import (
    Consent,
    active_case,
    advance,
    cancel,
    customer_said,
    may_send,
    owner_returns,
    request,
)
from bot.handoff.overdue import expire_leases
from bot.handoff.states import Event, read_back, replay
from store.asker import SYSTEM, Role
from store.case_records import Case, CaseEventKind, CaseState
from store.errors import ChangedMeanwhileError, NotVisibleError
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import AddressState, Cause, OutboxItem
from store.transaction import Transaction
from tests.unit.bot.handoff.conftest import AGENCIES, World


async def letters(tx: Transaction, world: World) -> list[OutboxItem]:
    return await tx.outbox.to_person(world.owner.id)


async def in_hand(tx: Transaction, world: World) -> Case:
    return await desk.accept(tx, await world.asked(tx), world.staff, world.now, agency_name="甲机构")


async def test_a_request_is_promised_for_a_dated_hour_and_keeps_the_consent(world: World) -> None:
    async with world.database.transaction() as tx:
        (letter,) = await world.ask(tx, statutory_day=date(2026, 11, 22))
        case = await active_case(tx, world.owner.id)
        assert case is not None
        events = await tx.cases(SYSTEM).events(case.id)
    assert case.state is CaseState.OFFERED
    assert case.agency_id == "one"
    text = letter.content.plain_text()
    assert "最晚2026年11月20日（周五）12:00前" in text
    assert "只剩2天" in text
    assert [choice.text for choice in letter.content.choices] == ["取消转人工"]
    assert events[0].data["consent"]["data"] == ["企业名称", "本次对话"]


async def test_the_stored_state_is_what_the_events_say(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await in_hand(tx, world)
        case = await desk.agent_says(tx, case, world.staff, "您好", world.now)
        events = await tx.cases(SYSTEM).events(case.id)
    standing = replay(read_back(event) for event in events)
    assert (standing.state, standing.agency_id, standing.staff_id, standing.ownership) == (
        case.state,
        case.agency_id,
        case.owner_id,
        case.ownership,
    )
    assert [event.seq for event in events] == list(range(1, case.version + 1))


async def test_a_second_request_joins_the_first(world: World) -> None:
    async with world.database.transaction() as tx:
        first = await world.asked(tx)
        (letter,) = await world.ask(tx)
        assert await active_case(tx, world.owner.id) == first
    assert "不用重复提交" in letter.content.plain_text()


async def test_an_agency_in_conflict_is_never_asked_and_never_sees_the_case(world: World) -> None:
    async with world.database.transaction() as tx:
        await tx.people.add_conflict("one", world.company.id, "对方当事人", world.now)
        case = await world.asked(tx)
        assert case.agency_id == "two"
        with pytest.raises(NotVisibleError):
            await tx.cases(world.staff.as_asker()).get(case.id)
        with pytest.raises(NotYoursError):
            await desk.accept(tx, case, world.staff, world.now)


async def test_a_conflict_found_later_hides_the_case_at_once(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await in_hand(tx, world)
        await tx.people.add_conflict("one", world.company.id, "新接对方委托", world.now)
        asker = world.staff.as_asker()
        assert await tx.cases(asker).in_hand() == []
        assert await tx.cases(asker).events(case.id) == []
        with pytest.raises(NotYoursError):
            await desk.agent_says(tx, case, world.staff, "在吗", world.now)


async def test_where_no_agency_fits_the_request_is_returned_with_a_reason(world: World) -> None:
    async with world.database.transaction() as tx:
        for agency in ("one", "two"):
            await tx.people.add_conflict(agency, world.company.id, "对方当事人", world.now)
        (letter,) = await world.ask(tx)
        assert await active_case(tx, world.owner.id) is None
        assert (await tx.cases(SYSTEM).ended())[0].state is CaseState.BOT
    assert "没有能接手" in letter.content.plain_text()


async def test_the_owner_reads_the_agent_and_the_agent_reads_the_owner(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await in_hand(tx, world)
        assert case.with_person
        assert await active_case(tx, world.owner.id) == case
        case = await desk.agent_says(tx, case, world.staff, "请发缴费回执", world.now)
        assert case.state is CaseState.WAITING_CUSTOMER
        assert await customer_said(tx, world.owner, world.words("好的"), world.now) == []
        case = await tx.cases(SYSTEM).get(case.id)
        assert case.state is CaseState.HUMAN
        sent = await letters(tx, world)
        events = await tx.cases(world.staff.as_asker()).events(case.id)
    assert ["甲机构的小周已经接手" in sent[0].content.plain_text(), sent[1].content.plain_text()] == [
        True,
        "【小周】请发缴费回执",
    ]
    assert all(item.cause is Cause.CASE and item.case_id == case.id for item in sent)
    assert events[-1].data["text"] == "好的"
    assert sent[1].content.choices[0].text == "回到机器人"


async def test_only_the_holder_speaks(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await in_hand(tx, world)
        for other in (world.colleague, world.rival, world.owner):
            with pytest.raises(NotYoursError):
                await desk.agent_says(tx, case, other, "我来说", world.now)
        with pytest.raises(EmptyMessageError):
            await desk.agent_says(tx, case, world.staff, "  ", world.now)


async def test_two_who_accept_at_once_are_one(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await world.asked(tx)
        await desk.accept(tx, case, world.staff, world.now)
        with pytest.raises(ChangedMeanwhileError):
            await desk.accept(tx, case, world.colleague, world.now)
        seen = await tx.cases(world.colleague.as_asker()).get(case.id)
        with pytest.raises(IllegalTransitionError):
            await desk.accept(tx, seen, world.colleague, world.now)


async def test_a_message_whose_speaker_has_changed_is_refused(world: World) -> None:
    async with world.database.transaction() as tx:
        answer = Letter(
            dedupe_key="a",
            channel=Channel.WEB,
            address="browser",
            person_id=world.owner.id,
            content=Outgoing.say("机器人的回答"),
        )
        await tx.outbox.write(answer, world.now)
        notice = Letter(
            dedupe_key="n",
            channel=Channel.WEB,
            address="browser",
            person_id=world.owner.id,
            content=Outgoing.say("年费提醒"),
            cause=Cause.REMINDER,
        )
        await tx.outbox.write(notice, world.now)
        case = await in_hand(tx, world)
        case = await desk.agent_says(tx, case, world.staff, "您好", world.now)
        bot, reminder, accepted, agent = await letters(tx, world)
        assert [await may_send(tx, item) for item in (bot, reminder, accepted, agent)] == [
            False,
            True,
            True,
            True,
        ]
        await customer_said(tx, world.owner, world.words("嗯"), world.now)
        assert await may_send(tx, agent)  # an event that moves nobody refuses nothing
        (letter,) = await owner_returns(tx, world.owner, world.now)
        assert "机器人继续" in letter.content.plain_text()
        assert [await may_send(tx, item) for item in (bot, reminder, accepted, agent)] == [
            True,
            True,
            False,
            False,
        ]


async def test_the_last_words_of_a_person_who_hands_back_still_arrive(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await in_hand(tx, world)
        case = await desk.agent_says(tx, case, world.staff, "已为您办好", world.now)
        claimed = await tx.outbox.claim([Channel.WEB], world.now, timedelta(seconds=30), 1)
        case = await desk.close(tx, case, world.staff, "恢复请求已提交", world.now)
        sent = await letters(tx, world)
        assert [await may_send(tx, item) for item in (*claimed, *sent)] == [True, True, True, True]
    assert case.state is CaseState.CLOSED
    assert (
        sent[-1].content.plain_text()
        == "这件事已经办结：恢复请求已提交。 对话交还给机器人，有新的问题请继续问我。"
    )


async def test_returned_to_the_bot_with_a_reason(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await in_hand(tx, world)
        case = await desk.return_to_bot(tx, case, world.staff, "材料已齐", world.now)
        assert await active_case(tx, world.owner.id) is None
        assert "材料已齐。" in (await letters(tx, world))[-1].content.plain_text()
        # the agency no longer sees the company's data, the case itself stays in its history
        assert await tx.cases(world.staff.as_asker()).company_ids() == []
        assert [ended.id for ended in await tx.cases(world.staff.as_asker()).ended()] == [case.id]
        assert await tx.cases(world.staff.as_asker()).evidence(case.id) == []


async def test_cancelling_ends_the_wait_and_the_agency_sees_nothing(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await world.asked(tx)
        assert await cancel(tx, world.staff, world.now) == []
        (letter,) = await cancel(tx, world.owner, world.now)
        assert "已取消" in letter.content.plain_text()
        assert (await tx.cases(SYSTEM).get(case.id)).state is CaseState.CLOSED
        with pytest.raises(NotVisibleError):
            await tx.cases(world.staff.as_asker()).get(case.id)
        assert await cancel(tx, world.owner, world.now) == []


async def test_an_owner_who_cannot_be_reached_is_said_to_be_so(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await in_hand(tx, world)
        await tx.people.set_address_state(Channel.WEB, "browser", AddressState.BLOCKED)
        with pytest.raises(CannotReachError):
            await desk.agent_says(tx, case, world.staff, "您好", world.now)
        assert (await tx.cases(SYSTEM).get(case.id)).version == case.version


async def test_the_answer_goes_where_the_owner_last_wrote_from(world: World) -> None:
    async with world.database.transaction() as tx:
        await tx.people.add_address(world.owner.id, Channel.TELEGRAM, "55", world.now)
        await tx.people.heard_from(Channel.WEB, "browser", world.now - timedelta(days=1))
        await tx.people.heard_from(Channel.TELEGRAM, "55", world.now)
        case = await in_hand(tx, world)
        await desk.agent_says(tx, case, world.staff, "您好", world.now)
        assert {item.channel for item in await letters(tx, world)} == {Channel.TELEGRAM}


async def test_staff_hear_of_a_new_case_without_the_companys_name(world: World) -> None:
    async with world.database.transaction() as tx:
        await tx.people.add_address(world.staff.id, Channel.WECOM, "zhou", world.now)
        await world.ask(tx, statutory_day=date(2026, 11, 25))
        (told,) = await tx.outbox.to_person(world.staff.id)
    assert "还有5天" in told.content.plain_text()
    assert world.company.name not in told.content.plain_text()


async def test_colleagues_pass_a_case_on_and_agencies_decline(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await in_hand(tx, world)
        with pytest.raises(NotYoursError):
            await desk.reassign(tx, case, world.staff, world.rival, world.now)
        case = await desk.reassign(tx, case, world.staff, world.colleague, world.now)
        assert case.owner_id == world.colleague.id
        with pytest.raises(NotYoursError):
            await desk.return_to_bot(tx, case, world.staff, "", world.now)
        case = await desk.pass_on(tx, case, world.colleague, "超出范围", AGENCIES, world.now)
        assert (case.state, case.agency_id) == (CaseState.OFFERED, "two")
        case = await desk.pass_on(tx, case, world.rival, "忙", AGENCIES, world.now)
        assert (case.state, case.agency_id) == (CaseState.BOT, None)
        assert "没有机构能及时接手" in (await letters(tx, world))[-1].content.plain_text()


async def test_accepting_can_be_undone(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await in_hand(tx, world)
        case = await desk.put_back(tx, case, world.staff, AGENCIES, world.now)
        assert (case.state, case.agency_id, case.owner_id) == (CaseState.OFFERED, "one", None)
        assert case.promised_by is not None


async def test_a_broken_promise_asks_another_agency_and_then_ends(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await world.asked(tx)
        assert await expire_leases(tx, world.now + timedelta(hours=2), AGENCIES) == []
        later = world.now + timedelta(hours=2, minutes=1)
        (moved,) = await expire_leases(tx, later, AGENCIES)
        assert (moved.id, moved.agency_id) == (case.id, "two")
        assert "改请乙机构" in (await letters(tx, world))[-1].content.plain_text()
        (ended,) = await expire_leases(tx, later + timedelta(days=4), AGENCIES)
        assert ended.state is CaseState.BOT
        assert await expire_leases(tx, later + timedelta(days=9), AGENCIES) == []


async def test_whoever_does_not_answer_loses_the_case_to_their_agencys_queue(world: World) -> None:
    async with world.database.transaction() as tx:
        await in_hand(tx, world)
        (moved,) = await expire_leases(tx, world.now + timedelta(days=1), AGENCIES)
        assert (moved.state, moved.agency_id, moved.owner_id) == (CaseState.OFFERED, "one", None)


async def test_an_owner_who_falls_silent_is_given_back_to_the_bot(world: World) -> None:
    async with world.database.transaction() as tx:
        case = await in_hand(tx, world)
        await desk.agent_says(tx, case, world.staff, "还需要什么吗", world.now)
        assert await expire_leases(tx, world.now + timedelta(days=2), AGENCIES) == []
        (moved,) = await expire_leases(tx, world.now + timedelta(days=4), AGENCIES)
        assert moved.state is CaseState.BOT
        events = await tx.cases(SYSTEM).events(case.id)
        assert events[-1].kind is CaseEventKind.RETURNED
        assert events[-1].data["reason"] == "silent"


async def test_the_queue_is_ordered_by_statutory_days_left(world: World, now: datetime) -> None:
    async with world.database.transaction() as tx:
        cases = tx.cases(SYSTEM)
        made = {}
        for name, day in {"none": None, "far": date(2027, 3, 1), "near": date(2026, 11, 22)}.items():
            made[name] = (await cases.open(world.company.id, world.owner.id, "x", name, day, now)).id
            row = await cases.get(made[name])
            for event in (
                Event(CaseEventKind.REQUESTED, world.owner.id),
                Event(CaseEventKind.QUEUED),
                Event(CaseEventKind.OFFERED, agency_id="one"),
            ):
                row = await advance(tx, row, event, now)
        queue = await tx.cases(world.staff.as_asker()).queue()
        assert [case.summary for case in queue] == ["near", "far", "none"]
        assert await tx.cases(world.rival.as_asker()).queue() == []
        assert await cases.load() == {"one": 3}


async def test_an_overdue_case_that_is_broken_keeps_no_other_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.database.transaction() as tx:
        case = await world.asked(tx)
        company = await tx.people.add_company("宁波另一家有限公司", world.now)
        owner = await tx.people.add_person(Role.OWNER, world.now, company_id=company.id)
        await tx.people.add_address(owner.id, Channel.WEB, "other", world.now)
        await request(
            tx, owner, topic="x", summary="y", statutory_day=None, agencies=AGENCIES, now=world.now,
            consent=Consent((), world.now),
        )  # fmt: skip
    move = overdue.queue_again

    async def choosy(tx: Transaction, one: Case, *rest: Any, **more: Any) -> Case:
        moved = await move(tx, one, *rest, **more)
        if one.id == case.id:
            raise KeyError("half done")
        return moved

    monkeypatch.setattr(overdue, "queue_again", choosy)
    async with world.database.transaction() as tx:
        moved = await expire_leases(tx, world.now + timedelta(days=1), AGENCIES)
        assert [one.person_id for one in moved] == [owner.id]
        assert (await tx.cases(SYSTEM).get(case.id)).version == case.version, "nothing of it is half done"
