"""The deadlines as a file: while it is made nobody waits, and what was asked is answered once."""

from __future__ import annotations

import asyncio
from datetime import datetime
from threading import Event
from typing import Any

import pytest

from app.wiring import Minds, Service
from bot import docket_file
from store.asker import Role
from store.database import Database
from store.messages import DocumentPart
from store.records import InboxState
from tests.unit.app.terminal import answers, said

ANNUITY = "我有一件发明专利，2020年4月15日申请的，年费什么时候交，多少钱？"


@pytest.fixture
def service(database: Database, minds: Minds, now: datetime) -> Service:
    return Service.for_terminal(database, minds, lambda: now)


async def kept_one(service: Service, now: datetime) -> None:
    for number, words in enumerate((ANNUITY, "记下这件专利")):
        await service.pipeline.receive_and_answer(said(words, number, now))


async def test_others_write_while_it_is_made(
    service: Service, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept_one(service, now)
    begun, go_on = Event(), Event()
    make = docket_file.xlsx_docket

    def slow(*what: Any) -> bytes:
        begun.set()
        assert go_on.wait(20)
        return make(*what)

    monkeypatch.setattr(docket_file, "xlsx_docket", slow)
    asked = asyncio.create_task(service.pipeline.receive_and_answer(said("导出期限表", 10, now)))
    await asyncio.to_thread(begun.wait, 20)
    async with asyncio.timeout(5), database.transaction() as tx:
        await tx.people.add_person(Role.OWNER, now)
    before = len(await answers(database))
    go_on.set()
    await asked
    (told,) = (await answers(database))[before:]
    assert any(isinstance(part, DocumentPart) for part in told.content.parts)
    async with database.reading() as tx:
        assert await tx.inbox.counts() == {InboxState.DONE: 3}


async def test_a_file_that_cannot_be_made_is_said_and_nothing_is_half_done(
    service: Service, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept_one(service, now)
    monkeypatch.setattr(docket_file, "xlsx_docket", lambda *_: 1 / 0)
    before = len(await answers(database))
    await service.pipeline.receive_and_answer(said("导出期限表", 10, now))
    (told,) = (await answers(database))[before:]
    assert "没能处理好" in told.content.plain_text()
