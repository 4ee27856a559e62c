"""One owner on the page and in Telegram: bound by a link, reminded there, then on the page, then by a telephone call.

The real service with both channels over HTTP, a Bot API server of our own, and a clock that is moved by hand.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.settings import PROJECT, Settings
from app.telegram import open_telegram
from app.wiring import Minds, Service, Ways
from bot.channels.web.chat import WebChat
from bot.deep_links import Doors
from bot.delivery.local import LocalSender
from scheduler.contact_tasks import keep_contact_tasks
from scheduler.reminders import remind, rescue
from store.asker import SYSTEM, Role
from store.contact_tasks import WhyNot
from store.database import Database
from store.messages import Channel
from store.records import AddressState, OutboxState
from tests.e2e.bot_api_server import BOT, TOKEN, BotApi, Served, until
from tests.trained_model import MODEL
from tests.unit.scheduler.simulated import morning

CHAT = 77
PATENT = "帮我记下发明专利 ZL202010293847.9，2020年4月15日申请"
START = date(2026, 11, 20)
REMINDED, AGAIN = date(2027, 1, 15), date(2027, 3, 16)  # 90 and 30 days before the annuity's safe day


@dataclass
class Running:
    """The service as it runs, a browser in front of it, and the moment it believes it is."""

    service: Service
    browser: httpx.AsyncClient
    api: BotApi
    now: datetime
    sent: int = 0

    def clock(self) -> datetime:
        return self.now

    async def writes(self, text: str) -> None:
        """Write on the page."""
        await self._post("messages", {"text": text})

    async def opens(self, payload: str) -> None:
        """Open the page by a link."""
        await self._post("start", {"payload": payload})

    async def _post(self, path: str, body: dict[str, str]) -> None:
        self.sent += 1
        answer = await self.browser.post(f"/chat/{path}", json={"id": f"m-{self.sent:08d}", **body})
        assert answer.status_code == 202, answer.text

    async def page(self) -> str:
        """Return what stands on the page."""
        return str((await self.browser.get("/chat/history")).json()["messages"])

    async def until_page_says(self, words: str) -> str:
        await eventually(lambda: self._shows(words))
        return await self.page()

    async def _shows(self, words: str) -> bool:
        return words in await self.page()

    def telegram(self) -> str:
        return "\n".join(call.text for call in self.api.sends(CHAT))


@pytest.fixture(scope="module")
def minds() -> Minds:
    return Minds.load(PROJECT / "knowledge", MODEL)


@asynccontextmanager
async def running(database: Database, minds: Minds) -> AsyncIterator[Running]:
    api, doors = BotApi(), Doors(channels=frozenset({Channel.WEB, Channel.TELEGRAM}))
    here: list[Running] = []

    def clock() -> datetime:
        return here[0].now if here else morning(START)

    async with Served(api.app()) as vendor:
        settings = Settings(telegram_token=TOKEN, telegram_base_url=vendor.url)
        parts = []

        def open_channels(pipeline: object) -> Ways:
            web = WebChat(database, pipeline, clock)  # type: ignore[arg-type]
            telegram = open_telegram(settings, database, pipeline, clock, doors)  # type: ignore[arg-type]
            assert telegram is not None
            parts.extend([web, telegram])
            return Ways([web.sender, telegram.sender, LocalSender(Channel.DESK)], [web.sender.settled])

        service = Service.build(database, minds, clock, open_channels, doors=doors)
        web, telegram = parts
        http = FastAPI()
        http.include_router(web.router)
        tasks = [asyncio.create_task(telegram.receiver.run()), asyncio.create_task(service.delivery.run())]
        try:
            async with Served(http) as ours, httpx.AsyncClient(base_url=ours.url) as browser:
                doors.page = ours.url
                here.append(Running(service, browser, api, morning(START)))
                await browser.post("/chat/session")
                await until(lambda: doors.telegram_name == BOT["username"])
                yield here[0]
                web.close()
        finally:
            service.delivery.stop()
            await telegram.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await service.pipeline.idle()


async def tick(at: Running, database: Database, day: date, hour: int = 9) -> int:
    """Let the clock do its morning's work; return how many contact tasks were opened or cleared."""
    at.now = morning(day, hour)
    await rescue(database, at.now)
    await remind(database, at.service.mind().knowledge.law, at.now)
    at.service.delivery.wake()
    await asyncio.sleep(0.3)
    return await keep_contact_tasks(database, at.now)


async def test_from_the_page_to_telegram_back_to_the_page_and_to_a_telephone(
    database: Database, minds: Minds
) -> None:
    async with database.transaction() as tx:
        await tx.people.add_person(Role.EDITOR, morning(START), name="林", login="lin")
    async with running(database, minds) as at:
        await at.writes(PATENT)
        await at.until_page_says("记下了")
        await at.writes("绑定Telegram")
        shown = await at.until_page_says("绑定码")
        link = re.search(rf"https://t\.me/{BOT['username']}\?start=(bind_[A-Z2-9]{{8}})", shown)
        assert link is not None
        at.api.offer(at.api.message(f"/start {link[1]}", CHAT))
        await until(lambda: "已经连在一起" in at.telegram(), 20)
        assert "202010293847" not in at.telegram()
        assert "不是我" in await at.until_page_says("刚刚用您的绑定码连到了贵公司")

        assert await tick(at, database, REMINDED) == 0
        await until(lambda: "第8年度年费" in at.telegram(), 20)
        assert "还有90天" not in await at.page()

        at.api.offer(at.api.blocks(CHAT))
        await eventually(lambda: _telegram_is(database, AddressState.BLOCKED))
        at.now = morning(AGAIN, 8)
        assert await tick(at, database, AGAIN) == 0
        await eventually(lambda: _is_on_page(database, "还有30天"))
        assert "还有30天" not in at.telegram()

        assert await tick(at, database, AGAIN + timedelta(days=3), 10) == 1
        async with database.reading() as tx:
            (task,) = await tx.contact_tasks(SYSTEM).all_open()
        assert (task.why, task.agency_id) == (WhyNot.BLOCKED, None)

        await at.page()  # they open the page: what waited there is seen
        assert await tick(at, database, AGAIN + timedelta(days=3), 11) == 1
        at.api.blocked.clear()
        at.api.offer(at.api.message("/start", CHAT))
        await eventually(lambda: _telegram_is(database, AddressState.ACTIVE))


async def test_a_second_browser_reads_what_the_first_does(database: Database, minds: Minds) -> None:
    async with running(database, minds) as at:
        await at.writes(PATENT)
        await at.until_page_says("记下了")
        await at.writes("换个手机聊")
        link = re.search(r"/\?start=(bind_[A-Z2-9]{8})", await at.until_page_says("绑定码"))
        assert link is not None
        async with httpx.AsyncClient(base_url=at.browser.base_url) as phone:
            await phone.post("/chat/session")
            first, at.browser = at.browser, phone
            await at.opens(link[1])
            await at.until_page_says("已经连在一起")
            await at.writes("我有哪些期限")
            assert "2027年4月15日" in await at.until_page_says("最急的是")
            at.browser = first
            await at.until_page_says("刚刚用您的绑定码连到了贵公司")


async def eventually(look: Callable[[], Awaitable[bool]]) -> None:
    """Return when it is so. Raises TimeoutError when it does not come to be."""
    async with asyncio.timeout(20):
        while not await look():  # noqa: ASYNC110 - the other side is another task of the service
            await asyncio.sleep(0.05)


async def _telegram_is(database: Database, state: AddressState) -> bool:
    async with database.reading() as tx:
        person = await tx.people.at(Channel.TELEGRAM, str(CHAT))
        addresses = [] if person is None else await tx.people.addresses(person.id)
    return any(each.channel is Channel.TELEGRAM and each.state is state for each in addresses)


async def _is_on_page(database: Database, words: str) -> bool:
    """Look without opening the page: opening it is seeing it."""
    async with database.reading() as tx:
        items = await tx.outbox.in_states([OutboxState.SENT])
    return any(item.channel is Channel.WEB and words in item.content.plain_text() for item in items)
