"""Broadcasts: counted, approved by a second person, frozen, sent once to each, resumed after a kill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from knowledge.base import KnowledgeBase
from rules.deadlines.tables import LawTables
from rules.document import RuleDocument, parse_document
from rules.facts import FactDictionary
from rules.yaml_text import read_yaml
from scheduler.broadcasts import approve, audience_of, broadcast, preview, submit
from scheduler.faults import PartlyDoneError
from store.asker import SYSTEM, Asker, Role
from store.broadcast_records import (
    WRITE_TRIES,
    Broadcast,
    BroadcastState,
    ContentChangedError,
    Draft,
    NobodyError,
    NotApproverError,
    NothingToSayError,
    RecipientState,
    SamePersonError,
    WrongStateError,
)
from store.database import Database
from store.errors import NotVisibleError
from store.messages import Channel, Verb
from store.models import BroadcastRecipientRow
from store.records import OutboxState, StoredFact
from store.transaction import Transaction

DOCUMENTS = Path(__file__).parents[1] / "rules" / "documents"
RULE = "subsidy.pledge-interest"
FITTING = {
    "注册地": "示例市甲区",
    "企业规模": "小型",
    "经营异常": False,
    "质押物": ["发明专利"],
    "质押登记日": "2025-06-01",
    "贷款本金": 3000000,
    "实付利息": 120000,
    "曾获同项补贴": False,
}
MAY = {name: value for name, value in FITTING.items() if name != "实付利息"} | {"质押登记日": None}


@pytest.fixture
def knowledge(law: LawTables) -> KnowledgeBase:
    """A knowledge base of one fictitious rule."""
    facts = read_yaml((DOCUMENTS / "facts.yaml").read_text(encoding="utf-8"), "facts.yaml").data
    rule = parse_document((DOCUMENTS / "pledge-interest.yaml").read_text(encoding="utf-8"), "x.yaml")
    assert isinstance(rule, RuleDocument)
    return KnowledgeBase(
        hash="revision-1",
        facts=FactDictionary.parse(facts),
        rules={rule.id: rule},
        tables={},
        scores={},
        faq={},
        agencies={},
        offices={},
        guides={},
        sources={},
        law=law,
    )


@dataclass(frozen=True)
class Bureau:
    """An editor and an approver, and the companies they write to."""

    editor: Asker
    approver: Asker
    companies: dict[str, int]


async def company(
    tx: Transaction,
    name: str,
    facts: dict[str, Any],
    now: datetime,
    *,
    address: bool = True,
    wanted: bool = True,
) -> int:
    made = await tx.people.add_company(name, now)
    person = await tx.people.add_person(Role.OWNER, now, name=f"{name}负责人", company_id=made.id)
    if address:
        await tx.people.add_address(person.id, Channel.TELEGRAM, f"tg-{made.id}", now)
    if not wanted:
        await tx.people.set_broadcasts_wanted(person.id, wanted=False)
    stored = [
        StoredFact(name=key, state="value", value=value, source="企业自报", day=now.date())
        for key, value in facts.items()
        if value is not None
    ]
    await tx.facts(SYSTEM).remember(made.id, stored, now)
    return made.id


@pytest.fixture
async def bureau(database: Database, now: datetime) -> Bureau:
    """Two who fit, one who may, one who does not, one who cannot be reached, one who does not want it."""
    async with database.transaction() as tx:
        editor = await tx.people.add_person(Role.EDITOR, now, login="editor")
        approver = await tx.people.add_person(Role.APPROVER, now, login="approver")
        companies = {
            "fits": await company(tx, "甲企业", FITTING, now),
            "fits too": await company(tx, "乙企业", FITTING | {"实付利息": 50000}, now),
            "may fit": await company(tx, "丙企业", MAY, now),
            "does not": await company(tx, "丁企业", FITTING | {"注册地": "外地"}, now),
            "no address": await company(tx, "戊企业", FITTING, now, address=False),
            "unsubscribed": await company(tx, "己企业", FITTING, now, wanted=False),
        }
    return Bureau(editor.as_asker(), approver.as_asker(), companies)


async def written(database: Database, bureau: Bureau, draft: Draft, now: datetime) -> Broadcast:
    async with database.transaction() as tx:
        return await tx.broadcasts(bureau.editor).create(draft, bureau.editor.person_id or 0, now)


async def approved(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, draft: Draft, now: datetime
) -> Broadcast:
    made = await written(database, bureau, draft, now)
    async with database.transaction() as tx:
        asked = await submit(tx, bureau.editor, made.id, knowledge, now)
        return await approve(tx, bureau.approver, made.id, asked.content_hash, knowledge, now)


async def state_of(database: Database, broadcast_id: int) -> BroadcastState:
    async with database.reading() as tx:
        return (await tx.broadcasts(SYSTEM).get(broadcast_id)).state


async def fates(database: Database, broadcast_id: int) -> dict[str, str]:
    async with database.reading() as tx:
        listed = await tx.broadcasts(SYSTEM).outcomes(broadcast_id)
    return {
        one.company_name: one.recipient.state.value if one.outcome is None else one.outcome.value
        for one in listed
    }


async def send_all(database: Database, now: datetime) -> int:
    async with database.transaction() as tx:
        items = await tx.outbox.claim([Channel.TELEGRAM], now, timedelta(minutes=1), 1000)
        for item in items:
            await tx.outbox.settle(item, OutboxState.SENT, now)
    return len(items)


ABOUT_RULE = Draft(title="质押贴息第二批", rule_id=RULE)


async def test_the_audience_is_counted_before_anything_is_frozen(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    async with database.reading() as tx:
        found = await audience_of(tx, ABOUT_RULE, knowledge, now)
    assert found.counts() == {
        "fits": 4,
        "may_fit": 1,
        "does_not_fit": 1,
        "unreachable": 1,
        "unsubscribed": 1,
    }
    details = {member.company_id: member.detail for member in found.members}
    assert details[bureau.companies["fits"]]["amount"] == 6_000_000
    assert set(details[bureau.companies["may fit"]]["missing"]) >= {"实付利息", "质押登记日"}
    assert details[bureau.companies["does not"]] == {}


async def test_each_company_reads_its_own_amount_and_what_is_missing(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    made = await written(database, bureau, ABOUT_RULE, now)
    async with database.reading() as tx:
        shown = {
            name: await preview(tx, made, company_id, knowledge, now)
            for name, company_id in bureau.companies.items()
        }
    assert "60,000元" in shown["fits"].plain_text()
    assert "25,000元" in shown["fits too"].plain_text()
    assert "还要知道：" in shown["may fit"].plain_text()
    assert "第三条" in shown["fits"].plain_text()
    assert shown["does not"].parts == ()
    check, stop = shown["fits"].choices
    assert (check.action.verb, check.action.about, check.action.value) == (Verb.START, "subsidy", RULE)
    assert stop.text == "不再接收"


async def test_nobody_approves_their_own(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    draft = await written(database, bureau, ABOUT_RULE, now)
    both = replace(bureau.approver)
    async with database.transaction() as tx:
        own = await tx.broadcasts(both).create(ABOUT_RULE, both.person_id or 0, now)
        asked = await submit(tx, both, own.id, knowledge, now)
        with pytest.raises(SamePersonError):
            await approve(tx, both, own.id, asked.content_hash, knowledge, now)
        asked = await submit(tx, bureau.editor, draft.id, knowledge, now)
        with pytest.raises(NotApproverError):
            await approve(tx, bureau.editor, draft.id, asked.content_hash, knowledge, now)


@pytest.mark.parametrize("role", [Role.OWNER, Role.AGENCY, Role.OPERATOR])
async def test_people_outside_the_bureau_see_none(
    database: Database, bureau: Bureau, now: datetime, role: Role
) -> None:
    made = await written(database, bureau, ABOUT_RULE, now)
    stranger = Asker(role, 999, company_id=1, agency_id="a")
    async with database.reading() as tx:
        assert await tx.broadcasts(stranger).all() == []
        with pytest.raises(NotVisibleError):
            await tx.broadcasts(stranger).get(made.id)
        with pytest.raises(NotVisibleError):
            await tx.broadcasts(stranger).outcomes(made.id)
        with pytest.raises(NotVisibleError):
            await tx.broadcasts(stranger).create(ABOUT_RULE, 1, now)


async def test_an_edit_voids_the_approval(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    done = await approved(database, bureau, knowledge, ABOUT_RULE, now)
    changed = ABOUT_RULE.model_copy(update={"title": "换了标题"})
    async with database.transaction() as tx:
        edited = await tx.broadcasts(bureau.editor).edit(done.id, changed, bureau.editor.person_id or 0, now)
    assert (edited.state, edited.approver_id, edited.audience_hash) == (BroadcastState.DRAFT, None, "")
    assert await broadcast(database, now) == 0
    assert await fates(database, done.id) == {}
    async with database.transaction() as tx:
        await submit(tx, bureau.editor, done.id, knowledge, now)
        with pytest.raises(ContentChangedError):
            await approve(tx, bureau.approver, done.id, done.content_hash, knowledge, now)


async def test_a_new_revision_between_submission_and_approval_voids_it(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    made = await written(database, bureau, ABOUT_RULE, now)
    async with database.transaction() as tx:
        asked = await submit(tx, bureau.editor, made.id, knowledge, now)
        with pytest.raises(ContentChangedError):
            await approve(
                tx, bureau.approver, made.id, asked.content_hash, replace(knowledge, hash="revision-2"), now
            )


async def test_nothing_to_say_and_nobody_to_say_it_to(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    empty = await written(database, bureau, Draft(title="空"), now)
    made = await written(database, bureau, ABOUT_RULE, now)
    after = datetime(2031, 6, 1, 2, tzinfo=UTC)  # the rule has expired: it fits nobody
    async with database.transaction() as tx:
        with pytest.raises(NothingToSayError):
            await submit(tx, bureau.editor, empty.id, knowledge, now)
        asked = await submit(tx, bureau.editor, made.id, knowledge, after)
        with pytest.raises(NobodyError):
            await approve(tx, bureau.approver, made.id, asked.content_hash, knowledge, after)


async def test_it_goes_to_exactly_those_who_fit_and_every_outcome_is_listed(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    made = await approved(database, bureau, knowledge, ABOUT_RULE, now)
    assert await broadcast(database, now) == 2
    assert await broadcast(database, now) == 0
    assert await fates(database, made.id) == {
        "甲企业": "pending",
        "乙企业": "pending",
        "戊企业": "unreachable",
        "己企业": "unsubscribed",
    }
    assert await state_of(database, made.id) is BroadcastState.SENDING
    assert await send_all(database, now) == 2
    await broadcast(database, now)
    assert await state_of(database, made.id) is BroadcastState.DONE
    async with database.reading() as tx:
        counts = await tx.broadcasts(bureau.editor).counts(made.id)
    assert counts == {"written:sent": 2, "unreachable": 1, "unsubscribed": 1}


async def test_those_who_may_fit_are_written_to_only_where_wanted(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    draft = ABOUT_RULE.model_copy(update={"include_may_fit": True, "text": "第二批开始受理。"})
    made = await approved(database, bureau, knowledge, draft, now)
    assert await broadcast(database, now) == 3
    async with database.reading() as tx:
        (item,) = await tx.outbox.for_address(Channel.TELEGRAM, f"tg-{bureau.companies['may fit']}")
    assert item.broadcast_id == made.id
    assert "第二批开始受理。" in item.content.plain_text()
    assert "可能符合" in item.content.plain_text()


async def test_an_audience_damaged_since_its_approval_goes_back_to_its_author(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    made = await approved(database, bureau, knowledge, ABOUT_RULE, now)
    async with database.transaction() as tx:
        await tx.session.execute(update(BroadcastRecipientRow).values(detail=["of another version"]))
    assert await broadcast(database, now) == 0
    assert await state_of(database, made.id) is BroadcastState.DRAFT


async def test_a_recipient_whose_message_cannot_be_written_keeps_neither_others_nor_other_broadcasts_waiting(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    first = await approved(database, bureau, knowledge, ABOUT_RULE, now)
    second = await approved(database, bureau, knowledge, Draft(title="座谈会", text="周五下午两点座谈"), now)
    async with database.transaction() as tx:
        await tx.broadcasts(SYSTEM).start(first.id, now)
        bad = (await tx.broadcasts(SYSTEM).outcomes(first.id))[0]
        await _set_detail(tx, bad.recipient.id, ["of another version"])
    with pytest.raises(PartlyDoneError):
        await broadcast(database, now, batch=1)
    while await send_all(database, now):
        pass
    assert (await fates(database, first.id)) == {
        "甲企业": "waiting",
        "乙企业": "sent",
        "戊企业": "unreachable",
        "己企业": "unsubscribed",
    }
    assert (await fates(database, second.id))["甲企业"] == "sent"
    for _ in range(2, WRITE_TRIES):
        with pytest.raises(PartlyDoneError):
            await broadcast(database, now)
    assert await state_of(database, first.id) is BroadcastState.SENDING, "what passes by itself is waited for"
    assert await state_of(database, second.id) is BroadcastState.DONE
    with pytest.raises(PartlyDoneError):
        await broadcast(database, now)
    assert (await fates(database, first.id))["甲企业"] == "failed"
    await broadcast(database, now)
    assert await state_of(database, first.id) is BroadcastState.DONE
    async with database.reading() as tx:
        listed = await tx.broadcasts(bureau.editor).outcomes(first.id)
    assert [one.error for one in listed if one.company_name == "甲企业"] == ["KeyError"]


async def test_those_left_out_are_tried_again_by_a_persons_word_and_nobody_else_is(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    made = await approved(database, bureau, knowledge, ABOUT_RULE, now)
    async with database.transaction() as tx:
        await tx.broadcasts(SYSTEM).start(made.id, now)
        bad = (await tx.broadcasts(SYSTEM).outcomes(made.id))[0].recipient
        await _set_detail(tx, bad.id, ["of another version"])
    for _ in range(WRITE_TRIES):
        with pytest.raises(PartlyDoneError):
            await broadcast(database, now)
    while await send_all(database, now):
        pass
    await broadcast(database, now)
    assert await state_of(database, made.id) is BroadcastState.DONE
    async with database.transaction() as tx:
        await _set_detail(tx, bad.id, bad.detail)
        (owner,) = await tx.people.owners_of(bureau.companies["no address"])
        await tx.people.add_address(owner.id, Channel.TELEGRAM, "tg-now", now)
        assert await tx.broadcasts(bureau.editor).write_left_out(made.id, now) == 2
    assert await state_of(database, made.id) is BroadcastState.SENDING
    assert await broadcast(database, now) == 2
    while await send_all(database, now):
        pass
    await broadcast(database, now)
    assert await state_of(database, made.id) is BroadcastState.DONE
    assert await fates(database, made.id) == {
        "甲企业": "sent",
        "乙企业": "sent",
        "戊企业": "sent",
        "己企业": "unsubscribed",
    }
    async with database.transaction() as tx:
        assert await tx.broadcasts(bureau.editor).write_left_out(made.id, now) == 0
        assert (await tx.outbox.counts()) == {"sent": 3}
    assert await state_of(database, made.id) is BroadcastState.DONE, "with nobody left out it stays done"


async def test_after_its_time_nobody_is_tried_again(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    draft = ABOUT_RULE.model_copy(update={"not_after": now + timedelta(hours=1)})
    made = await approved(database, bureau, knowledge, draft, now)
    await broadcast(database, now)
    while await send_all(database, now):
        pass
    await broadcast(database, now)
    async with database.transaction() as tx:
        with pytest.raises(WrongStateError):
            await tx.broadcasts(bureau.editor).write_left_out(made.id, now + timedelta(hours=1))
    assert await state_of(database, made.id) is BroadcastState.DONE


async def _set_detail(tx: Transaction, recipient_id: int, detail: object) -> None:
    await tx.session.execute(
        update(BroadcastRecipientRow).where(BroadcastRecipientRow.id == recipient_id).values(detail=detail)
    )


class Killed(BaseException):
    """The process ended here."""


async def test_killed_anywhere_it_resumes_with_nobody_skipped_and_nobody_twice(
    database: Database,
    bureau: Bureau,
    knowledge: KnowledgeBase,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with database.transaction() as tx:
        for number in range(40):
            await company(tx, f"企业{number}", FITTING, now)
    made = await approved(database, bureau, knowledge, ABOUT_RULE, now)
    whole = Database.transaction
    left = 0

    @asynccontextmanager
    async def mortal(self: Database) -> AsyncIterator[Transaction]:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed("before the transaction")
        async with whole(self) as tx:
            yield tx
            if left == 1:
                raise Killed("before the commit")

    monkeypatch.setattr(Database, "transaction", mortal)
    kills = 0
    for deaths in range(1, 30):
        left = deaths % 5 + 1
        try:
            await broadcast(database, now, batch=3)
        except Killed:
            kills += 1
    monkeypatch.undo()
    await broadcast(database, now, batch=3)
    assert kills >= 10
    assert await send_all(database, now) == 42
    async with database.reading() as tx:
        listed = await tx.broadcasts(SYSTEM).outcomes(made.id)
    assert [one.recipient.state for one in listed].count(RecipientState.WRITTEN) == 42
    assert len({one.recipient.outbox_id for one in listed if one.recipient.outbox_id}) == 42


async def test_paused_nothing_leaves_and_resumed_everything_does(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    made = await approved(database, bureau, knowledge, ABOUT_RULE, now)
    await broadcast(database, now)
    async with database.transaction() as tx:
        await tx.broadcasts(bureau.editor).pause(made.id, now)
    later = now + timedelta(hours=2)
    await broadcast(database, later)
    assert await send_all(database, later) == 0
    async with database.transaction() as tx:
        await tx.broadcasts(bureau.editor).resume(made.id, later)
    assert await send_all(database, later) == 2


async def test_cancelled_messages_are_taken_back(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    made = await approved(database, bureau, knowledge, ABOUT_RULE, now)
    await broadcast(database, now)
    async with database.transaction() as tx:
        await tx.broadcasts(bureau.editor).cancel(made.id, "写错了", now)
        with pytest.raises(WrongStateError):
            await tx.broadcasts(bureau.editor).resume(made.id, now)
    assert await send_all(database, now) == 0
    assert set((await fates(database, made.id)).values()) == {"cancelled", "unreachable", "unsubscribed"}


async def test_hours_and_dates_are_kept(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    draft = ABOUT_RULE.model_copy(
        update={"not_before": now + timedelta(days=1), "not_after": now + timedelta(days=2)}
    )
    made = await approved(database, bureau, knowledge, draft, now)
    assert await broadcast(database, now) == 0
    night = now + timedelta(days=1, hours=12)  # 22:00 in Ningbo
    assert await broadcast(database, night) == 0
    assert await broadcast(database, now + timedelta(days=3)) == 0
    assert set((await fates(database, made.id)).values()) == {"expired"}


async def test_what_is_not_sent_by_evening_waits_for_the_morning(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    await approved(database, bureau, knowledge, ABOUT_RULE, now)
    await broadcast(database, now)
    evening = now + timedelta(hours=11)
    await broadcast(database, evening)
    assert await send_all(database, evening) == 0
    assert await send_all(database, now + timedelta(hours=23)) == 2


async def test_a_text_goes_to_everybody_who_wants_it(
    database: Database, bureau: Bureau, knowledge: KnowledgeBase, now: datetime
) -> None:
    made = await approved(database, bureau, knowledge, Draft(title="讲座通知", text="周五下午两点。"), now)
    assert await broadcast(database, now) == 4
    async with database.reading() as tx:
        (item,) = await tx.outbox.for_address(Channel.TELEGRAM, f"tg-{bureau.companies['does not']}")
    assert "讲座通知\n周五下午两点。" in item.content.plain_text()
    assert [choice.text for choice in item.content.choices] == ["不再接收"]
    assert made.audience_hash
