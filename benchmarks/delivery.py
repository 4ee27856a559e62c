"""Messages a second from the outbox through a real sender to a local server; then a hundred owners who chat at once.

Limits are lifted: every message is still counted in the windows of its bot and its chat, but none is ever full. Each
run is checked before its figure counts: every message arrived exactly once and, within a chat, in the order of
writing; every row says SENT. Both databases write to disk at every commit.

Run: `PYTHONPATH=. python benchmarks/delivery.py [messages] [seconds of chatting]`; on a machine that does nothing else.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import owners
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from app.settings import Settings
from app.wiring import Minds, utc_now
from bot.channels.telegram.settings import TelegramSettings
from bot.delivery.delivery import Delivery
from bot.delivery.port import Outcome, Sent
from store.database import Database
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import Lane, OutboxItem, OutboxState
from tests.e2e.counting_bot_api import TOKEN, counting_bot_api, seen
from tests.e2e.delivering_process import Lifted
from tests.postgres_server import PostgresServer

AIM, AIM_P95 = 1000.0, 300.0
OWNERS, THINK = 100, (2.0, 6.0)
DATABASES = ("SQLite", "PostgreSQL")
EACH = 4  # messages to one chat
IN_FLIGHT = {Lane.INTERACTIVE: 64, Lane.BULK: 64}


class LibrarysTransport(Lifted):
    """The same over the transport that python-telegram-bot brings."""

    def __init__(self, settings: TelegramSettings, database: Database) -> None:
        super().__init__(settings, database)
        request = HTTPXRequest(connection_pool_size=IN_FLIGHT[Lane.BULK])
        self._bot = ExtBot(settings.token, base_url=f"{settings.api}/bot", request=request)


class BareHttpx(Lifted):
    """The same call without the vendor's library: one JSON request of httpx."""

    def __init__(self, settings: TelegramSettings, database: Database) -> None:
        super().__init__(settings, database)
        self._url = f"{settings.api}/bot{settings.token}/sendMessage"
        self._client = httpx.AsyncClient(limits=httpx.Limits(max_connections=IN_FLIGHT[Lane.BULK]))

    async def send(self, item: OutboxItem) -> Outcome:
        body = {"chat_id": item.address, "text": item.content.plain_text()}
        answer = await self._client.post(self._url, json=body)
        return Sent(str(answer.json()["result"]["message_id"]))

    async def close(self) -> None:
        await self._client.aclose()
        await super().close()


SENDERS: dict[str, Callable[[TelegramSettings, Database], Lifted]] = {
    "Telegram (ExtBot, our transport)": Lifted,
    "Telegram (ExtBot, its own transport)": LibrarysTransport,
    "bare httpx, no vendor library": BareHttpx,
}


@dataclass(frozen=True)
class Measured:
    """One run that was found right."""

    messages: int
    seconds: float
    processor_seconds: float

    @property
    def rate(self) -> float:
        """Return messages a second."""
        return self.messages / self.seconds


async def _fill(database: Database, messages: int) -> None:
    now = utc_now()
    for start in range(0, messages, 1000):
        async with database.transaction() as tx:
            for number in range(start, min(start + 1000, messages)):
                letter = Letter(
                    dedupe_key=f"bench:{number}",
                    channel=Channel.TELEGRAM,
                    address=str(1000 + number % (messages // EACH)),
                    content=Outgoing.say(f"第{number}条：您的第8年年费2027年4月15日前要交，2,000元。"),
                    lane=Lane.BULK,
                )
                await tx.outbox.write(letter, now)


async def _sent(database: Database) -> int:
    async with database.reading() as tx:
        return (await tx.outbox.counts()).get(OutboxState.SENT, 0)


def _check(messages: int, arrived: list[tuple[str, str]], sent: int) -> None:
    if sent != messages:
        raise SystemExit(f"only {sent} of {messages} rows are SENT")
    if len(arrived) != messages or len(set(arrived)) != messages:
        raise SystemExit(f"{len(arrived)} arrivals, {len(set(arrived))} different, of {messages} messages")
    of_chat: dict[str, list[int]] = defaultdict(list)
    for chat, text in arrived:
        of_chat[chat].append(int(text.removeprefix("第").partition("条")[0]))
    if any(numbers != sorted(numbers) for numbers in of_chat.values()):
        raise SystemExit("a chat got its messages in another order than they were written")


async def _measure(url: str, make: Callable[[TelegramSettings, Database], Lifted], messages: int) -> Measured:
    database = Database(url)
    await database.migrate()
    await _fill(database, messages)
    with counting_bot_api() as api:
        sender = make(TelegramSettings(TOKEN, api), database)
        left = messages
        done = asyncio.Event()

        def settled(_: OutboxItem, state: OutboxState) -> None:
            nonlocal left
            left -= state is OutboxState.SENT
            if left == 0:
                done.set()

        delivery = Delivery(database, [sender], utc_now, settled=[settled], in_flight=IN_FLIGHT)
        began, worked = time.perf_counter(), time.process_time()
        running = asyncio.create_task(delivery.run())
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), timedelta(minutes=5).total_seconds())
        measured = Measured(messages, time.perf_counter() - began, time.process_time() - worked)
        delivery.stop()
        await running
        await sender.close()
        _check(messages, await asyncio.to_thread(seen, api), await _sent(database))
    await database.close()
    return measured


def _throughput(messages: int, postgres: PostgresServer) -> None:
    print(f"{messages} messages to {messages // EACH} chats, {IN_FLIGHT[Lane.BULK]} in flight, one process")
    print(f"{'sender':<38}{'database':<12}{'messages/s':>11}{'CPU ms each':>13}   aim")
    for name, make in SENDERS.items():
        for kind in DATABASES:
            with _fresh(kind, postgres) as url:
                one = asyncio.run(_measure(url, make, messages))
            each = one.processor_seconds / one.messages * 1000
            print(f"{name:<38}{kind:<12}{one.rate:>11,.0f}{each:>13.2f}   >= {AIM:,.0f}/s", flush=True)


def _chatting(seconds: float, postgres: PostgresServer) -> None:
    minds = Minds.load(Settings().knowledge_dir)
    print(f"\n{OWNERS} owners at once for {seconds:.0f} s, whole conversations, the whole pipeline")
    print(f"{'between messages':<24}{'database':<12}{'answers/s':>10}{'p50 ms':>9}{'p95 ms':>9}   aim")
    for kind in DATABASES:
        for think, words in (
            (THINK, f"{THINK[0]:.0f} to {THINK[1]:.0f} s"),
            ((0.0, 0.0), "nothing: closed loop"),
        ):
            with _fresh(kind, postgres) as url:
                waits = asyncio.run(owners.chat(url, minds, OWNERS, seconds, think))
            aim = f"p95 < {AIM_P95:.0f}" if think == THINK else ""
            p50, p95 = waits.percentile(50), waits.percentile(95)
            print(f"{words:<24}{kind:<12}{waits.rate:>10.0f}{p50:>9.0f}{p95:>9.0f}   {aim}", flush=True)


@contextmanager
def _fresh(kind: str, postgres: PostgresServer) -> Iterator[str]:
    """Yield the address of a new database without tables."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "SQLite":
            yield f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite3'}"
        else:
            yield postgres.url(postgres.create())


def main() -> None:
    """Print the tables."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 30.0
    postgres = PostgresServer(durable=True)
    try:
        if messages:
            _throughput(messages, postgres)
        if seconds:
            _chatting(seconds, postgres)
    finally:
        postgres.stop()


if __name__ == "__main__":
    main()
