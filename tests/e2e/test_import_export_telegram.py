"""A list of patents sent to the bot in Telegram, and the deadlines sent back as a calendar: the whole service, a file each way."""

from __future__ import annotations

from typing import Any

import pytest
from icalendar import Calendar

from app.settings import PROJECT
from app.wiring import Minds
from store.database import Database
from tests.e2e.bot_api_server import BotApi, Call, Served, until
from tests.e2e.test_whole_service_telegram import CHAT, said, service
from tests.trained_model import MODEL

LIST = "申请号,专利名称,申请日,授权公告日\nZL202010293847.9,一种轴承,2020-04-15,2022-08-02\n202010293847.X,错的,2020-04-15,\n"


@pytest.fixture(scope="module")
def minds() -> Minds:
    return Minds.load(PROJECT / "knowledge", MODEL)


def _button(api: BotApi, text: str) -> str:
    keys: list[dict[str, Any]] = [
        key
        for call in reversed(api.sends(CHAT))
        for row in (call.parameters.get("reply_markup") or {}).get("inline_keyboard", [])
        for key in row
    ]
    return str(next(key for key in keys if key["text"] == text)["callback_data"])


def _documents(api: BotApi) -> list[Call]:
    return [call for call in api.sends(CHAT) if call.method == "sendDocument"]


async def test_a_list_in_and_a_calendar_out(database: Database, minds: Minds) -> None:
    api = BotApi()
    api.files["documents/list-1"] = LIST.encode("gb18030")
    document = {"file_id": "list-1", "file_unique_id": "l1", "file_name": "清单.csv", "file_size": len(LIST)}
    async with Served(api.app()) as served, service(database, minds, served.url):
        api.offer(api.message(None, CHAT, document=document))
        await until(lambda: "新的1件" in said(api), 20)
        assert "应当是9" in said(api)
        api.offer(api.press(_button(api, "全部登记"), CHAT))
        await until(lambda: "登记好了" in said(api), 20)
        assert "2027年4月15日" in said(api)
        api.offer(api.press(_button(api, "导出日历(.ics)"), CHAT))
        await until(lambda: len(_documents(api)) == 1, 20)
        (calendar,) = _documents(api)
        events = Calendar.from_ical(calendar.files["document"]).walk("VEVENT")
        assert "2027-04-15" in {str(event["dtstart"].dt) for event in events}
        api.offer(api.press(_button(api, "导出表格(.xlsx)"), CHAT))
        await until(lambda: len(_documents(api)) == 2, 20)
        assert _documents(api)[1].files["document"].startswith(b"PK")


async def test_a_file_that_cannot_be_fetched_is_said_so(database: Database, minds: Minds) -> None:
    api = BotApi()
    document = {"file_id": "gone", "file_unique_id": "g", "file_name": "清单.csv", "file_size": 10}
    async with Served(api.app()) as served, service(database, minds, served.url):
        api.offer(api.message(None, CHAT, document=document))
        await until(lambda: "没有收到" in said(api), 20)
