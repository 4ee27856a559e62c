"""Two processes that answer one person's messages at the same moment: none lost, none twice, in order, one state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from app.wiring import Minds, Service
from bot.channels.writers import known_writer
from bot.dialogue.conversation import Conversation
from store.asker import SYSTEM
from store.database import Database
from store.errors import UnavailableError
from store.messages import Channel, Incoming
from store.records import InboxItem, InboxState, OutboxItem
from tests.unit.app.terminal import ADDRESS, said

MESSAGES = 24


@pytest.fixture
async def two(database_url: str, minds: Minds, now: datetime) -> AsyncIterator[list[Service]]:
    """Two services that share nothing but the database: each has its own pool and its own turns."""
    databases = [Database(database_url) for _ in range(2)]
    yield [Service.for_terminal(database, minds, lambda: now) for database in databases]
    for database in databases:
        await database.close()


def asked(number: int, now: datetime, address: str = "owner") -> Incoming:
    day, year = number % 28 + 1, number % 19 + 1
    return said(f"我有一件发明专利，2019年4月{day}日申请的，第{year}年年费多少钱", number, now, address)


async def outcome(service: Service) -> tuple[list[OutboxItem], Conversation, int]:
    async with service.database.reading() as tx:
        answers = await tx.outbox.for_address(Channel.TERMINAL, ADDRESS)
        speaker = await tx.speakers.at(Channel.TERMINAL, "owner")
        assert await tx.inbox.counts() == {InboxState.DONE: MESSAGES}
        assert speaker is not None
        assert speaker.conversation is not None
        recorded = await tx.answers(SYSTEM).of_person(speaker.person.id, 1000)
    conversation = Conversation.model_validate(speaker.conversation.state)
    assert len(recorded) == MESSAGES, "each question is answered once"
    return answers, conversation, speaker.conversation.version


async def test_messages_that_both_take_at_once(
    two: list[Service], now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    await asyncio.gather(
        *(two[number % 2].pipeline.receive_and_answer(asked(number, now)) for number in range(MESSAGES))
    )
    answers, _, version = await outcome(two[0])
    assert len({item.inbox_id for item in answers}) == MESSAGES
    assert version == MESSAGES + 1, "every turn saw the one before it"
    assert "answering failed" not in capsys.readouterr().out, "nobody was in anybody's way"


async def test_one_person_at_two_places_is_one_talk(
    two: list[Service], now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ("owner", "owner's other phone")
    async with two[0].database.transaction() as tx:
        person = await known_writer(tx, Channel.TERMINAL, places[0], "", now)
        await tx.people.add_address(person.id, Channel.TERMINAL, places[1], now)
    await asyncio.gather(
        *(
            two[number % 2].pipeline.receive_and_answer(asked(number, now, places[number % 2]))
            for number in range(MESSAGES)
        )
    )
    _, _, version = await outcome(two[0])
    assert version == MESSAGES + 1
    assert "answering failed" not in capsys.readouterr().out, "nobody was in anybody's way"


async def test_what_was_said_earlier_is_answered_earlier_whoever_answers(
    two: list[Service], now: datetime
) -> None:
    stored: list[InboxItem] = []
    for number in range(MESSAGES):
        item = await two[0].pipeline.store(asked(number, now))
        assert item is not None
        stored.append(item)
    # Both find all of it waiting, and one of them begins with the last message.
    await asyncio.gather(
        two[0].pipeline.answer_waiting(),
        two[1].pipeline._answer_in_order(stored[-1]),
        two[1].pipeline.answer_waiting(),
    )
    answers, conversation, version = await outcome(two[0])
    order = [item.inbox_id for item in answers]
    assert order == sorted(order, key=lambda number: number or 0)
    assert len(set(order)) == MESSAGES
    assert conversation.last_question == stored[-1].content.text
    assert version == MESSAGES + 1


async def test_the_same_update_at_both_is_answered_once(two: list[Service], now: datetime) -> None:
    for number in range(MESSAGES):
        stored = await asyncio.gather(
            *(service.pipeline.receive_and_answer(asked(number, now)) for service in two)
        )
        assert sorted(stored) == [False, True]
    answers, _, version = await outcome(two[0])
    assert len({item.inbox_id for item in answers}) == MESSAGES
    assert version == MESSAGES + 1


async def test_a_database_that_is_gone_is_no_fault_of_the_message(
    two: list[Service], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = two[0]
    item = await service.pipeline.store(asked(1, now))
    assert item is not None
    begin, tries = Database.transaction, []

    def gone(self: Database) -> Any:
        tries.append(self)
        if len(tries) <= 4:
            raise UnavailableError("gone")
        return begin(self)

    monkeypatch.setattr(Database, "transaction", gone)
    assert not await service.pipeline._answer_in_order(item, pauses=(0.0,))
    async with service.database.reading() as tx:
        (waits,) = await tx.inbox.waiting()
        assert waits.attempts == 0
    assert await service.pipeline._answer_in_order(item, pauses=(0.0, 0.0, 0.0))
    async with service.database.reading() as tx:
        assert await tx.inbox.counts() == {InboxState.DONE: 1}
