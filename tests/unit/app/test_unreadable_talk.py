"""A talk or a message that cannot be read makes nobody unanswerable."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update

from app.wiring import Minds, Service
from bot import pipeline
from bot.dialogue.conversation import Conversation
from bot.dialogue.respond import respond as answer
from bot.dialogue.turn import Response
from store.asker import SYSTEM
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind, InGroup
from store.models import ConversationRow, InboxRow
from store.records import InboxState
from tests.unit.app.terminal import answers, said

ANNUITY = "我有一件发明专利，2019年4月15日申请的，第8年年费多少钱"


@pytest.fixture
def service(database: Database, minds: Minds, now: datetime) -> Service:
    return Service.for_terminal(database, minds, lambda: now)


async def words(database: Database) -> list[str]:
    return [item.content.plain_text() for item in await answers(database)]


@pytest.mark.parametrize(
    "state",
    [
        {"goals": "of an older version"},
        {"goals": [{"kind": "no such kind", "subject": "x"}]},
        {"choices": [{"text": "好", "action": {"verb": "no such verb"}}]},
        # of the right form, but nothing that the dialogue can go on with
        {"goals": [{"kind": "assess", "subject": "补贴", "targets": ["no-such-rule"], "values": {"x": {}}}]},
        {"goals": [{"kind": "deadline", "subject": "no such deadline"}]},
        {"goals": [{"kind": "add_asset", "subject": "no such right", "values": {"filing": ["?"]}}]},
        {"goals": [{"kind": "paid", "subject": "no number"}]},
        {"goals": [{"kind": "consent", "subject": "x"}, {"kind": "confirm", "subject": "no such step"}]},
        [],
        "a word",
    ],
)
async def test_the_talk_begins_anew_and_facts_are_kept(
    service: Service, database: Database, now: datetime, state: Any
) -> None:
    await service.pipeline.receive_and_answer(said("我们注册在鄞州区，能申请什么补贴", 1, now))
    async with database.transaction() as tx:
        company = (await tx.people.companies())[-1]
        known = await tx.facts(SYSTEM).of(company.id)
        await tx.session.execute(update(ConversationRow).values(state=state))
    assert known
    before = len(await words(database))
    await service.pipeline.receive_and_answer(said("好", 2, now))
    await service.pipeline.receive_and_answer(said(ANNUITY, 3, now))
    assert "2,000元" in "".join((await words(database))[before:])
    async with database.reading() as tx:
        assert await tx.inbox.counts() == {InboxState.DONE: 3}
        assert await tx.facts(SYSTEM).of(company.id) == known
        speaker = await tx.speakers.at(Channel.TERMINAL, "owner")
    assert speaker is not None
    assert speaker.conversation is not None
    Conversation.model_validate(speaker.conversation.state)


async def test_a_talk_that_cannot_be_gone_on_with_begins_anew(
    service: Service, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def respond(conversation: Conversation, *rest: Any) -> Response:
        if conversation.last_question == "你好":
            raise KeyError("of an older version")
        return answer(conversation, *rest)

    await service.pipeline.receive_and_answer(said("你好", 1, now))
    monkeypatch.setattr(pipeline, "respond", respond)
    await service.pipeline.receive_and_answer(said(ANNUITY, 2, now))
    assert "2,000元" in (await words(database))[-1]
    async with database.reading() as tx:
        assert await tx.inbox.counts() == {InboxState.DONE: 2}


async def test_a_group_is_told_that_its_line_reached_nobody(
    service: Service, database: Database, now: datetime
) -> None:
    line = Incoming(
        channel=Channel.TELEGRAM_FORUM,
        address="-1001:7",
        update_id="1",
        kind=IncomingKind.TEXT,
        received_at=now,
        text="您好",
        group=InGroup(chat="-1001", thread=7, sender="501"),
    )
    assert await service.pipeline.store(line) is not None
    async with database.transaction() as tx:
        await tx.session.execute(update(InboxRow).values(content={"new": 1}))
    assert await service.pipeline.answer_waiting() == 0
    async with database.reading() as tx:
        (told,) = await tx.outbox.for_address(Channel.TELEGRAM_FORUM, "-1001:7")
    assert "没有发给客户" in told.content.plain_text()


async def test_who_wrote_what_cannot_be_read_is_told_and_the_others_are_answered(
    service: Service, database: Database, now: datetime
) -> None:
    bad = await service.pipeline.store(said("？", 1, now))
    good = await service.pipeline.store(said(ANNUITY, 2, now))
    assert bad is not None
    assert good is not None
    async with database.transaction() as tx:
        await tx.session.execute(update(InboxRow).where(InboxRow.id == bad.id).values(content={"new": 1}))
    assert await service.pipeline.answer_waiting() == 1
    sorry, answer = await words(database)
    assert "没能处理好" in sorry
    assert "2,000元" in answer
    async with database.transaction() as tx:
        await tx.session.execute(
            update(InboxRow)
            .where(InboxRow.id == bad.id)
            .values(content=said(ANNUITY, 1, now).model_dump(mode="json"))
        )
        assert await tx.dead_letters(SYSTEM).answer_again(bad.id)
    assert await service.pipeline.answer_waiting() == 1
    assert "2,000元" in (await words(database))[-1], "the apology is not taken for the answer"
