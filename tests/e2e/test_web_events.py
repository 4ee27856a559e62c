"""The chat page's events over real HTTP: at once while the page is open, and whole again after it was not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.web import limits, stream
from bot.channels.web.chat import WebChat
from bot.channels.web.limits import MESSAGES
from bot.delivery.delivery import Delivery
from store.database import Database
from tests.e2e.bot_api_server import Served
from tests.echo_pipeline import EchoPipeline


def clock() -> datetime:
    return datetime.now(UTC)


class Browser:
    """One browser with a session."""

    def __init__(self, client: httpx.AsyncClient, chat: WebChat) -> None:
        self.client = client
        self.chat = chat

    async def say(self, text: str, number: int = 0) -> None:
        answer = await self.client.post("/chat/messages", json={"id": f"message-{number:04}", "text": text})
        assert answer.status_code == 202

    async def events(self, last: str = "") -> AsyncIterator[tuple[str, str, dict[str, Any]]]:
        """Yield event name, id and data as they come, until the server ends the stream."""
        headers = {"last-event-id": last} if last else {}
        async with self.client.stream("GET", "/chat/events", headers=headers, timeout=20) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            fields: dict[str, str] = {}
            async for line in stream.aiter_lines():
                if line:
                    key, _, value = line.partition(": ")
                    fields[key] = value
                    continue
                if "data" in fields:
                    yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
                fields = {}

    async def answers(self, count: int, last: str = "") -> list[tuple[str, str]]:
        """Return the next answers: event id and the words that were heard."""
        got: list[tuple[str, str]] = []
        async with asyncio.timeout(15), aclosing(self.events(last)) as events:  # type: ignore[type-var]
            async for name, event_id, data in events:
                if name == "message":
                    got.append((event_id, data["parts"][0]["text"]))
                if len(got) == count:
                    break
        return got


@asynccontextmanager
async def serving(database: Database) -> AsyncIterator[Browser]:
    pipeline = EchoPipeline(database, clock)
    chat = WebChat(database, pipeline, clock)
    delivery = Delivery(database, [chat.sender], clock, settled=[chat.sender.settled])
    pipeline.wake = delivery.wake
    app = FastAPI()
    app.include_router(chat.router)
    running = asyncio.create_task(delivery.run())
    async with Served(app) as server, httpx.AsyncClient(base_url=server.url) as client:
        assert (await client.post("/chat/session")).status_code == 200
        yield Browser(client, chat)
        chat.close()
    delivery.stop()
    await running


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[Browser]:
    async with serving(database) as browser:
        yield browser


async def test_an_open_page_gets_its_answer_at_once(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told of each, and does not wait until it looks by itself."""
    monkeypatch.setattr(stream, "POLL_SECONDS", 600)
    reading = asyncio.create_task(browser.answers(5))
    await asyncio.sleep(0.3)
    for number in range(5):
        await browser.say(f"第{number}句", number)
    async with asyncio.timeout(60):
        answers = await reading
    assert [words for _, words in answers] == [f"听到：第{number}句" for number in range(5)]


async def test_a_page_that_reconnects_all_the_time_misses_nothing_and_sees_nothing_twice(
    browser: Browser,
) -> None:
    async def talk() -> None:
        for number in range(MESSAGES):  # as many as the page takes from one visitor at once
            await browser.say(f"第{number}句", number)
            await asyncio.sleep(0.01)

    talking = asyncio.create_task(talk())
    seen: list[str] = []
    last = ""
    while len(seen) < MESSAGES:
        ((last, words),) = await browser.answers(1, last)
        seen.append(words)
    await talking
    assert seen == [f"听到：第{number}句" for number in range(MESSAGES)]


async def test_two_tabs_see_the_same(browser: Browser) -> None:
    tabs = [asyncio.create_task(browser.answers(3)) for _ in range(2)]
    await asyncio.sleep(0.3)
    for number in range(3):
        await browser.say(str(number), number)
    first, second = await asyncio.gather(*tabs)
    assert first == second


async def test_one_visitor_holds_no_more_streams_than_tabs_and_the_newest_are_read(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each looks into the database by itself: a script that opens thousands must not slow the others down."""
    monkeypatch.setattr(limits, "OPEN_PAGES", 3)

    async def until_it_ends() -> int:
        return len([name async for name, _, _ in browser.events()])

    oldest = [asyncio.create_task(until_it_ends()) for _ in range(2)]
    await asyncio.sleep(0.3)
    newer = [asyncio.create_task(browser.answers(1)) for _ in range(3)]
    async with asyncio.timeout(5):
        await asyncio.gather(*oldest)
    await browser.say("你好")
    assert {answers[0][1] for answers in await asyncio.gather(*newer)} == {"听到：你好"}


async def test_open_pages_do_not_keep_the_server_from_stopping(browser: Browser) -> None:
    await browser.say("你好")

    async def until_it_ends() -> int:
        return len([name async for name, _, _ in browser.events()])

    reading = asyncio.create_task(until_it_ends())
    await asyncio.sleep(0.5)
    browser.chat.close()
    async with asyncio.timeout(2):
        assert await reading >= 1
