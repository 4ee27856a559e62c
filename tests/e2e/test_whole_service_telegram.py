"""The whole service over Telegram: real aiogram, real python-telegram-bot, real pipeline, a server of our own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta

import pytest

from app.settings import PROJECT, Settings
from app.telegram import open_telegram
from app.wiring import Clock, Minds, Service, Ways, utc_now
from scheduler.reminders import remind
from store.database import Database
from store.messages import Channel
from tests.e2e.bot_api_server import TOKEN, BotApi, Served, Shown, until
from tests.trained_model import MODEL
from tests.unit.scheduler.simulated import Owner, keep, morning

CHAT = 77
QUESTION = "我有一件发明专利，2020年4月15日申请的，年费什么时候交，多少钱？"


@pytest.fixture(scope="module")
def minds() -> Minds:
    return Minds.load(PROJECT / "knowledge", MODEL)


@asynccontextmanager
async def service(
    database: Database, minds: Minds, api_url: str, clock: Clock = utc_now
) -> AsyncIterator[Service]:
    """The service with Telegram as its only channel, polling."""
    settings = Settings(telegram_token=TOKEN, telegram_base_url=api_url)

    opened = []

    def open_channels(pipeline: object) -> Ways:
        channel = open_telegram(settings, database, pipeline, clock)  # type: ignore[arg-type]
        assert channel is not None
        opened.append(channel)
        return Ways([channel.sender])

    built = Service.build(database, minds, clock, open_channels)
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


async def test_a_reminder_is_replaced_and_shows_what_was_said_of_it(database: Database, minds: Minds) -> None:
    """Annuity of the eighth year, due on 2026-12-01: reminded of on the 23rd, and again on the 24th of November."""
    api, began = BotApi(), utc_now()
    start = morning(date(2026, 11, 24), 10)

    def clock() -> datetime:
        return start + (utc_now() - began)

    async with Served(api.app()) as served, service(database, minds, served.url, clock) as built:
        api.offer(api.message("你好", CHAT))
        await until(lambda: "知托" in said(api), 20)
        async with database.reading() as tx:
            person = await tx.people.at(Channel.TELEGRAM, str(CHAT))
            assert person is not None
            assert person.company_id is not None
            owner = Owner(person, await tx.people.company(person.company_id), str(CHAT))
        law, reminded = minds().knowledge.law, date(2026, 11, 23)
        filed = date(2019, 12, 1)
        await keep(
            database, law, owner, "invention", "2019112010001", reminded - timedelta(days=1), filing=filed
        )

        def reminders() -> list[Shown]:
            return [
                shown for shown in api.shown.values() if "年费" in shown.text and "知托" not in shown.text
            ]

        assert await remind(database, law, morning(reminded)) == 1
        built.delivery.wake()
        await until(lambda: len(reminders()) == 1, 20)
        (first,) = reminders()
        assert {"已缴费", "知道了"} <= set(first.buttons)
        api.offer(*(api.press(first.buttons["知道了"], CHAT) for _ in range(2)))
        await until(lambda: "✓ 知道了（2026年11月24日）" in first.text, 20)
        assert "知道了" not in first.buttons
        assert "已缴费" in first.buttons, "it can still be said from here that it was paid"

        assert await remind(database, law, morning(reminded + timedelta(days=1))) == 1
        built.delivery.wake()
        await until(lambda: "已更新" in first.text, 20)
        assert first.buttons == {}
        second = next(shown for shown in reminders() if shown is not first and shown.buttons)
        api.offer(api.press(second.buttons["已缴费"], CHAT))
        await until(lambda: "哪天" in said(api) or "哪一天" in said(api), 20)
        api.offer(api.message("2026年11月24日", CHAT))
        await until(lambda: "✓ 已缴费（2026年11月24日）" in second.text or "收据" in said(api), 20)
        api.offer(api.message("没有", CHAT))
        await until(lambda: "✓ 已缴费（2026年11月24日）" in second.text, 20)
        assert not {"已缴费", "知道了", "放弃这件"} & set(second.buttons)
