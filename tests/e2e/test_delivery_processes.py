"""Real processes deliver from one database, of either kind, and a server counts what arrives."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.settings import TelegramSettings
from bot.delivery.delivery import IN_FLIGHT, Delivery
from store.database import Database
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import Lane, OutboxState
from tests.e2e.bot_api_server import BotApi, Served, until
from tests.e2e.counting_bot_api import TOKEN, counting_bot_api, seen
from tests.e2e.delivering_process import delivering, end, start

pytestmark = pytest.mark.counted

MESSAGES, CHATS = 400, 160
KILLS = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def kind_of_database(request: pytest.FixtureRequest) -> str:
    """Both: what two processes do to one another differs."""
    return str(request.param)


async def write(database: Database, messages: int, chats: int, lane: Lane = Lane.BULK) -> None:
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        for number in range(messages):
            letter = Letter(
                dedupe_key=str(number),
                channel=Channel.TELEGRAM,
                address=str(1000 + number % chats),
                content=Outgoing.say(str(number)),
                lane=lane,
            )
            await tx.outbox.write(letter, now)


async def states(database: Database) -> dict[str, int]:
    async with database.reading() as tx:
        return await tx.outbox.counts()


async def until_only(database: Database, *ends: OutboxState, seconds: float = 120) -> None:
    """Return when every message stands in one of these states."""
    async with asyncio.timeout(seconds):
        while set(await states(database)) - set(ends):  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.1)


def in_order(arrived: list[tuple[str, str]]) -> bool:
    of_chat: dict[str, list[int]] = defaultdict(list)
    for chat, text in arrived:
        of_chat[chat].append(int(text))
    return all(numbers == sorted(numbers) for numbers in of_chat.values())


async def test_two_processes_send_each_message_once_and_in_order(
    database: Database, database_url: str
) -> None:
    await write(database, MESSAGES, CHATS)
    with (
        counting_bot_api() as api,
        delivering(database_url, api, lifted=True),
        delivering(database_url, api, lifted=True),
    ):
        await until_only(database, OutboxState.SENT)
        arrived = await asyncio.to_thread(seen, api)
    assert sorted(int(text) for _, text in arrived) == list(range(MESSAGES))
    assert in_order(arrived)


async def test_killed_in_the_middle_nothing_is_lost_and_nothing_sent_twice(
    database: Database, database_url: str
) -> None:
    """SIGKILL at random points of a broadcast, again and again; another process takes over."""
    await write(database, MESSAGES, CHATS)
    chance = random.Random(20261128)
    with counting_bot_api() as api:
        for _ in range(KILLS):
            process = start(database_url, api, lifted=True)
            before = len(await asyncio.to_thread(seen, api))
            enough = before + chance.randint(1, MESSAGES // (KILLS + 2))
            while len(await asyncio.to_thread(seen, api)) < enough:  # noqa: ASYNC110 - neither does this one
                await asyncio.sleep(chance.random() * 0.02)
            process.kill()
            end(process)
            await settle_what_was_in_flight(database, api)
        with delivering(database_url, api, lifted=True):
            await until_only(database, OutboxState.SENT, OutboxState.UNKNOWN)
        arrived = await asyncio.to_thread(seen, api)
    async with database.reading() as tx:
        unknown = {item.dedupe_key for item in await tx.outbox.in_states([OutboxState.UNKNOWN], MESSAGES)}
        sent = {item.dedupe_key for item in await tx.outbox.in_states([OutboxState.SENT], MESSAGES)}
    times = Counter(text for _, text in arrived)
    assert len(unknown) + len(sent) == MESSAGES
    assert sent <= set(times), "what is SENT has arrived"
    assert set(times.values()) == {1}, "nothing arrived twice"
    assert len(unknown) <= KILLS * IN_FLIGHT[Lane.BULK], "no more than was in flight"
    assert in_order(arrived)


async def settle_what_was_in_flight(database: Database, api: str) -> None:
    """Do what tidying does when the leases of a vanished process have ended, without waiting for that."""
    sender = TelegramSender(TelegramSettings(TOKEN, api), database)
    ended = datetime.now(UTC) + sender.timeout + timedelta(minutes=1)
    await Delivery(database, [sender], lambda: ended).tidy()
    await sender.close()


async def test_after_a_429_no_process_sends_within_its_three_seconds(
    database: Database, database_url: str
) -> None:
    server = BotApi()
    async with Served(server.app()) as vendor:
        with delivering(database_url, vendor.url), delivering(database_url, vendor.url):
            server.floods.append(3)
            await write(database, 1, 1, Lane.INTERACTIVE)
            await until(lambda: len(server.sends()) == 1, 20)
            refused = server.sends()[0].at
            async with database.transaction() as tx:  # written when both processes look once a second
                for number in range(6):
                    letter = Letter(
                        dedupe_key=f"after{number}",
                        channel=Channel.TELEGRAM,
                        address=str(2000 + number),
                        content=Outgoing.say("之后"),
                    )
                    await tx.outbox.write(letter, datetime.now(UTC))
            await until(lambda: len(server.sends()) == 8, 30)
    assert min(call.at for call in server.sends()[1:]) - refused >= 3


async def test_two_processes_keep_one_limit(database: Database, database_url: str) -> None:
    """Thirty a second for the bot, twenty of them for a broadcast, however many processes send."""
    server = BotApi()
    await write(database, 50, 50)
    async with Served(server.app()) as vendor:
        with delivering(database_url, vendor.url), delivering(database_url, vendor.url):
            await until(lambda: len(server.sends()) == 50, 60)
    times = sorted(call.at for call in server.sends())
    assert max(sum(1 for at in times if begin <= at < begin + 0.95) for begin in times) <= 20
