"""PostgreSQL restarted under the running service: it goes on by itself, and nothing is lost, doubled or left unknown."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest

from app.settings import PROJECT
from app.wiring import Minds, Service, Ways, utc_now
from bot.delivery.in_memory import InMemorySender
from bot.delivery.port import Outcome
from store.database import Database
from store.errors import UnavailableError
from store.messages import Channel, Incoming, IncomingKind
from store.records import InboxState, OutboxItem, OutboxState
from tests.e2e.bot_api_server import until
from tests.postgres_server import PostgresServer
from tests.trained_model import MODEL

PEOPLE, MESSAGES = 6, 60
SECONDS_DOWN = 4


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of this test's own: others would not like to lose theirs."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
async def database(server: PostgresServer) -> AsyncIterator[Database]:
    database = Database(server.url(server.create()))
    await database.migrate()
    yield database
    await database.close()


class Slow(InMemorySender):
    """A vendor that needs a moment: the server goes while messages are out."""

    def __init__(self) -> None:
        super().__init__(Channel.TELEGRAM, repeatable=False)

    async def send(self, item: OutboxItem) -> Outcome:
        await asyncio.sleep(0.3)
        return await super().send(item)


async def comes(service: Service, number: int) -> None:
    """Let a message come in, again and again until it is stored, as a vendor does."""
    incoming = Incoming(
        channel=Channel.TELEGRAM,
        address=str(number % PEOPLE),
        update_id=str(number),
        kind=IncomingKind.TEXT,
        received_at=utc_now(),
        text=f"我有一件发明专利，2019年4月{number % 28 + 1}日申请的，第{number % 19 + 1}年年费多少钱",
    )
    while True:
        try:
            await service.pipeline.receive(incoming)
            return
        except UnavailableError:
            await asyncio.sleep(0.5)


async def test_it_goes_on_when_the_database_is_back(server: PostgresServer, database: Database) -> None:
    sender = Slow()
    minds = Minds.load(PROJECT / "knowledge", MODEL)
    service = Service.build(database, minds, utc_now, lambda _: Ways([sender]))
    running = asyncio.create_task(service.delivery.run())
    coming: list[asyncio.Task[None]] = []
    for number in range(MESSAGES):
        coming.append(asyncio.create_task(comes(service, number)))
        await asyncio.sleep(0.05)
        if number == MESSAGES // 2:
            await until(lambda: len(sender.taken) > 3, 20)
            await asyncio.to_thread(server.end)
            back = asyncio.create_task(_later(server))
    await back
    await asyncio.gather(*coming)
    async with asyncio.timeout(60):
        await service.pipeline.idle()
        while await _open(database):  # noqa: ASYNC110 - what is waited for stands in the database
            await asyncio.sleep(0.2)
    assert not running.done()
    service.delivery.stop()
    await running
    assert max(Counter(item.id for item in sender.taken).values()) == 1, "nothing went out twice"
    async with database.reading() as tx:
        assert await tx.inbox.counts() == {InboxState.DONE: MESSAGES}
        states = await tx.outbox.counts()
        answered = await tx.outbox.in_states(list(OutboxState), 1000)
    assert set(states) == {OutboxState.SENT}, "of each message it is known that it was sent"
    assert len({item.inbox_id for item in answered}) == MESSAGES
    assert len(sender.taken) == len(answered)


async def _later(server: PostgresServer) -> None:
    await asyncio.sleep(SECONDS_DOWN)
    await asyncio.to_thread(server.begin)


async def _open(database: Database) -> bool:
    async with database.reading() as tx:
        states = await tx.outbox.counts()
    return OutboxState.PENDING in states or OutboxState.SENDING in states
