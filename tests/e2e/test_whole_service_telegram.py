"""The whole service over Telegram: real aiogram, real python-telegram-bot, real pipeline, a server of our own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.settings import PROJECT, Settings
from app.telegram import open_telegram
from app.wiring import Minds, Service, Ways, utc_now
from store.database import Database
from tests.e2e.bot_api_server import TOKEN, BotApi, Served, until

CHAT = 77
QUESTION = "我有一件发明专利，2020年4月15日申请的，年费什么时候交，多少钱？"


@pytest.fixture(scope="module")
def minds() -> Minds:
    return Minds.load(PROJECT / "knowledge")


@asynccontextmanager
async def service(database: Database, minds: Minds, api_url: str) -> AsyncIterator[Service]:
    """The service with Telegram as its only channel, polling."""
    settings = Settings(telegram_token=TOKEN, telegram_base_url=api_url)

    opened = []

    def open_channels(pipeline: object) -> Ways:
        channel = open_telegram(settings, database, pipeline, utc_now)  # type: ignore[arg-type]
        assert channel is not None
        opened.append(channel)
        return Ways([channel.sender])

    built = Service.build(database, minds, utc_now, open_channels)
    channel = opened[0]
    tasks = [asyncio.create_task(channel.receiver.run()), asyncio.create_task(built.delivery.run())]
    try:
        yield built
    finally:
        built.delivery.stop()
        await channel.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await built.pipeline.idle()


def said(api: BotApi) -> str:
    return api.words(CHAT)


async def test_the_first_conversation(database: Database, minds: Minds) -> None:
    api = BotApi()
    async with Served(api.app()) as served, service(database, minds, served.url) as built:
        api.offer(api.message(QUESTION, CHAT))
        await until(lambda: "2,000元" in said(api), 20)
        assert "2027年4月15日" in said(api)
        buttons = [
            key
            for call in api.sends(CHAT)
            for row in (call.parameters.get("reply_markup") or {}).get("inline_keyboard", [])
            for key in row
        ]
        keep = next(key for key in buttons if key["text"] == "记下这件专利")
        assert len(keep["callback_data"].encode()) <= 64
        api.offer(*(api.press(keep["callback_data"], CHAT) for _ in range(2)))  # a finger that taps twice
        await until(lambda: "申请号" in said(api), 20)
        await built.pipeline.idle()
        await asyncio.sleep(2.5)
        asked = [shown.text for shown in api.shown.values() if "申请号" in shown.text]
        assert len(asked) == len(set(asked)), "what was pressed twice was done twice"


@pytest.mark.counted
async def test_an_update_delivered_three_times_is_answered_once(database: Database, minds: Minds) -> None:
    api = BotApi()
    async with Served(api.app()) as served, service(database, minds, served.url) as built:
        update = api.message("你好", CHAT)
        for _ in range(3):
            api.offer(update)
            await until(lambda: len(api.sends(CHAT)) >= 1, 20)
        await asyncio.sleep(0.5)
        await built.pipeline.idle()
        assert len(api.sends(CHAT)) == 1


async def test_two_messages_at_once_from_one_person_are_answered_in_order(
    database: Database, minds: Minds
) -> None:
    api = BotApi()
    async with Served(api.app()) as served, service(database, minds, served.url):
        api.offer(api.message("你好", CHAT), api.message("我有哪些期限", CHAT))
        await until(lambda: len(api.sends(CHAT)) >= 2, 20)
        first, second = (call.text for call in api.sends(CHAT)[:2])
        assert "知托" in first
        assert "没有登记" in second
