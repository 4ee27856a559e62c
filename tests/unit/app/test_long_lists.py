"""A long list of rights: others write meanwhile, and it is told as kept only when all of it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select

from app.wiring import Minds, Service
from bot import docket_effects, long_lists
from bot.docket_effects import BATCH
from rules.deadlines.numbers import check_digit
from store.asker import SYSTEM
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind
from store.models import AssetRow
from store.records import InboxState
from store.transaction import Transaction
from tests.unit.app.terminal import ADDRESS, answers, said

ROWS = 2 * BATCH + 50


class KilledError(BaseException):
    """The process ended here."""


@pytest.fixture
def service(database: Database, minds: Minds, now: datetime) -> Service:
    return Service.for_terminal(database, minds, lambda: now)


def a_list(rows: int) -> bytes:
    bodies = [f"20201{number:07d}" for number in range(rows)]
    lines = [f"ZL{body}.{check_digit(body)},一种轴承,2020-04-15,2022-08-02" for body in bodies]
    return "\n".join(["专利号,名称,申请日,授权日", *lines]).encode()


async def send_list(service: Service, database: Database, now: datetime, rows: int = ROWS) -> Incoming:
    """Send the list and return 全部登记, not said yet."""
    await service.pipeline.receive_and_answer(said("您好", 1, now))
    async with database.transaction() as tx:
        speaker = await tx.speakers.at(Channel.TERMINAL, ADDRESS)
        assert speaker is not None
        person = speaker.person
        kept = await tx.attachments(person.as_asker()).keep(
            a_list(rows), "清单.csv", "text/csv", person.id, now
        )
    sent = said("", 2, now).model_copy(update={"kind": IncomingKind.DOCUMENT, "attachment_id": kept.id})
    await service.pipeline.receive_and_answer(sent)
    shown = (await answers(database))[-1]
    assert f"新的{rows}件" in shown.content.plain_text()
    return said("", 3, now).model_copy(update={"kind": IncomingKind.PRESS, "pressed": f"{shown.id}:0"})


async def told(database: Database) -> list[str]:
    return [item.content.plain_text() for item in await answers(database)]


async def rights(database: Database) -> int:
    async with database.reading() as tx:
        return len(await tx.assets(SYSTEM).all_active())


def breaking_at(turn: int, error: BaseException) -> Any:
    """Return `keep_some` that breaks at its nth call, after it has written and before that is committed."""
    calls = 0
    keep_some = docket_effects.keep_some

    async def breaking(*what: Any) -> None:
        nonlocal calls
        calls += 1
        await keep_some(*what)
        if calls == turn:
            raise error

    return breaking


async def test_it_is_kept_in_parts_and_told_when_it_is_whole(
    service: Service, database: Database, now: datetime
) -> None:
    keep = await send_list(service, database, now)
    await service.pipeline.receive_and_answer(keep)
    first, last = (await told(database))[-2:]
    assert f"正在登记，一共{ROWS}件" in first
    assert f"登记好了：新增{ROWS}件" in last
    assert "2027年4月15日" in last
    assert await rights(database) == ROWS
    before = len(await told(database))
    await service.pipeline.receive_and_answer(keep.model_copy(update={"update_id": "4"}))
    assert "没有需要登记的新内容" in (await told(database))[-1]
    assert len(await told(database)) == before + 1
    assert await rights(database) == ROWS


@pytest.mark.parametrize("part", [1, 2, 3])
async def test_killed_in_the_middle_it_is_finished_at_the_next_start(
    service: Service, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    keep = await send_list(service, database, now)
    with monkeypatch.context() as broken:
        broken.setattr(long_lists, "keep_some", breaking_at(part, KilledError()))
        with pytest.raises(KilledError):
            await service.pipeline.receive_and_answer(keep)
    before = BATCH * (part - 1)
    assert await rights(database) == before
    assert not any("登记好了" in words for words in await told(database))

    assert await service.pipeline.answer_waiting() == 1
    assert await rights(database) == ROWS
    words = await told(database)
    assert sum("正在登记" in each for each in words) == 1
    counts = f"新增{ROWS - before}件" + (f"，没有变化{before}件" if before else "")
    assert f"登记好了：{counts}" in words[-1]


async def test_a_list_that_cannot_be_kept_whole_is_said_to_be_half_kept(
    service: Service, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = await send_list(service, database, now)
    keep_some = docket_effects.keep_some

    async def breaking(tx: Transaction, person: Any, kept: Any, some: Sequence[Any], *more: Any) -> None:
        if len(some) < BATCH:
            raise RuntimeError("a fault of ours")
        await keep_some(tx, person, kept, some, *more)

    with monkeypatch.context() as broken:
        broken.setattr(long_lists, "keep_some", breaking)
        broken.setattr("bot.carry_out.docket_effects.keep_some", breaking)
        await service.pipeline.receive_and_answer(keep)
    words = await told(database)
    assert "没有登记完" in words[-1]
    assert not any("登记好了" in each for each in words)
    assert await rights(database) == 2 * BATCH
    async with database.reading() as tx:
        assert (await tx.inbox.counts())[InboxState.FAILED] == 1
    again = keep.model_copy(update={"update_id": "4"})
    await service.pipeline.receive_and_answer(again)
    assert f"新增50件，没有变化{2 * BATCH}件" in (await told(database))[-1]


async def test_two_processes_that_keep_the_same_list_keep_it_once(
    service: Service, database: Database, minds: Minds, now: datetime
) -> None:
    keep = await send_list(service, database, now)
    other = Service.for_terminal(database, minds, lambda: now)
    stored = await service.pipeline.store(keep)
    assert stored is not None
    await asyncio.gather(service.pipeline.answer_waiting(), other.pipeline.answer_waiting())
    words = await told(database)
    assert sum("登记好了" in each for each in words) == 1
    assert await rights(database) == ROWS
    async with database.reading() as tx:
        assert await tx.inbox.counts() == {InboxState.DONE: 3}


async def test_no_transaction_of_it_lasts_long(
    service: Service, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is bounded is how many rights are written at once."""
    keep = await send_list(service, database, now, 6 * BATCH)
    standing = [0]  # how many rights there are after each transaction
    transaction = database.transaction

    @asynccontextmanager
    async def counted() -> AsyncIterator[Transaction]:
        async with transaction() as tx:
            yield tx
            standing.append(await tx.session.scalar(select(func.count()).select_from(AssetRow)) or 0)

    monkeypatch.setattr(database, "transaction", counted)
    await service.pipeline.receive_and_answer(keep)
    assert standing[-1] == 6 * BATCH
    assert max(after - before for before, after in pairwise(standing)) <= BATCH
