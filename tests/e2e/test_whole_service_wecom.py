"""The whole service over WeCom and customer service: real pipeline, real channels, a server of our own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI

from app.channels import MoreChannels
from app.settings import PROJECT, Settings
from app.wiring import Minds, Service, Ways, utc_now
from bot.channels.wecom.errors import WecomSettingsError
from bot.channels.wecom.receiver import CALLBACK_PATH
from bot.channels.wecom_kf.receiver import CALLBACK_PATH as KF_CALLBACK_PATH
from store.agency_groups import CodePurpose
from store.asker import Role
from store.case_records import CaseState
from store.database import Database
from store.messages import Channel
from tests.e2e.bot_api_server import Served, until
from tests.e2e.wecom_server import AES_KEY, AGENT, CORP, KF_SECRET, KFID, SECRET, TOKEN, Caller, Wecom
from tests.trained_model import MODEL

CUSTOMER = "wmCustomer01"
KEEP = "记下这件专利"
QUESTION = "我有一件发明专利，2020年4月15日申请的，年费什么时候交，多少钱？"


@pytest.fixture(scope="module")
def minds() -> Minds:
    return Minds.load(PROJECT / "knowledge", MODEL)


def settings(url: str = "") -> Settings:
    return Settings(
        _env_file=None,
        wecom_base_url=url,
        wecom_corp_id=CORP,
        wecom_agent_id=AGENT,
        wecom_secret=SECRET,
        wecom_token=TOKEN,
        wecom_aes_key=AES_KEY,
        wecom_kf_id=KFID,
        wecom_kf_secret=KF_SECRET,
        wecom_kf_token=TOKEN,
        wecom_kf_aes_key=AES_KEY,
    )


@asynccontextmanager
async def service(database: Database, minds: Minds, api_url: str) -> AsyncIterator[str]:
    """The service with both as its only channels; yields where its callbacks are."""
    opened = []

    def open_channels(pipeline: object) -> Ways:
        opened.append(MoreChannels.open(settings(api_url), database, pipeline, utc_now, ()))  # type: ignore[arg-type]
        return Ways(opened[0].senders)

    built = Service.build(database, minds, utc_now, open_channels)
    http = FastAPI()
    for router in opened[0].routers:
        http.include_router(router)
    runs = [*opened[0].runs.values(), built.delivery.run]
    async with Served(http) as served:
        tasks = [asyncio.create_task(run()) for run in runs]
        try:
            yield served.url
        finally:
            built.delivery.stop()
            await opened[0].close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await built.pipeline.idle()


def said(api: Wecom, to: str) -> str:
    return "\n".join(str(body) for body in api.sends(to))


async def test_an_owner_in_wechat(database: Database, minds: Minds) -> None:
    api = Wecom()
    async with Served(api.app()) as vendor, service(database, minds, vendor.url) as ours:
        caller = Caller(ours + KF_CALLBACK_PATH)
        event = {"MsgType": "event", "Event": "kf_msg_or_event", "Token": "ENC1", "OpenKfId": KFID}
        api.customer_writes(CUSTOMER, text=QUESTION)
        assert await caller.tell(3, **event) == [200, 200, 200]
        await until(lambda: "2,000元" in said(api, CUSTOMER) and KEEP in said(api, CUSTOMER), 20)
        assert "2027年4月15日" in said(api, CUSTOMER)
        entries = [each for body in api.sends(CUSTOMER) for each in body.get("msgmenu", {}).get("list", [])]
        keep = next(entry["click"] for entry in entries if entry["click"]["content"] == KEEP)
        api.customer_writes(CUSTOMER, text=keep["content"], menu_id=keep["id"])
        await caller.tell(**event)
        await until(lambda: "申请号" in said(api, CUSTOMER), 20)


async def test_a_member_in_wecom(database: Database, minds: Minds) -> None:
    api = Wecom()
    async with Served(api.app()) as vendor, service(database, minds, vendor.url) as ours:
        caller = Caller(ours + CALLBACK_PATH)
        fields = {"FromUserName": "LiSi", "AgentID": str(AGENT), "MsgType": "text", "MsgId": "1"}
        assert await caller.tell(3, **fields, Content=QUESTION) == [200, 200, 200]
        await until(lambda: "2,000元" in said(api, "LiSi") and KEEP in said(api, "LiSi"), 20)
        cards = [body["template_card"] for body in api.sends("LiSi") if body["msgtype"] == "template_card"]
        keep = next(button for card in cards for button in card["button_list"] if button["text"] == KEEP)
        press = {"FromUserName": "LiSi", "AgentID": str(AGENT), "MsgType": "event", "CreateTime": "1"}
        await caller.tell(2, **press, Event="template_card_event", EventKey=keep["key"], TaskId="t")
        await until(lambda: "申请号" in said(api, "LiSi"), 20)


async def test_a_customer_and_an_agencys_member_talk(database: Database, minds: Minds) -> None:
    api = Wecom()
    async with database.transaction() as tx:
        zhou = await tx.people.add_person(
            Role.AGENCY, utc_now(), name="小周", agency_id="demo.haishu", login="zhou"
        )
        code = await tx.agency_groups.issue_code(zhou, CodePurpose.MEMBER, utc_now())
    async with Served(api.app()) as vendor, service(database, minds, vendor.url) as ours:
        staff, owner = Caller(ours + CALLBACK_PATH), Caller(ours + KF_CALLBACK_PATH)
        event = {"MsgType": "event", "Event": "kf_msg_or_event", "Token": "ENC1", "OpenKfId": KFID}

        async def member(number: int, text: str) -> None:
            fields = {"FromUserName": "ZhouGong", "AgentID": str(AGENT), "MsgType": "text"}
            await staff.tell(2, **fields, MsgId=str(number), Content=text)

        async def customer(text: str, menu_id: str | None = None) -> None:
            more = {} if menu_id is None else {"menu_id": menu_id}
            api.customer_writes(CUSTOMER, text=text, **more)
            await owner.tell(**event)

        await member(1, f"/bind {code}")
        await until(lambda: "绑定好了" in said(api, "ZhouGong"), 20)
        await customer(QUESTION)
        await until(lambda: "2,000元" in said(api, CUSTOMER), 20)
        await customer("转人工")
        await until(lambda: "同意" in said(api, CUSTOMER), 20)
        entries = [each for body in api.sends(CUSTOMER) for each in body.get("msgmenu", {}).get("list", [])]
        yes = next(entry["click"] for entry in reversed(entries) if entry["click"]["content"] == "同意")
        await customer(yes["content"], yes["id"])
        await until(lambda: "新工单等待接手" in said(api, "ZhouGong"), 20)
        assert "年费什么时候交" not in said(api, "ZhouGong")
        cards = [body["template_card"] for body in api.sends("ZhouGong") if "template_card" in body]
        accept = next(button for card in cards for button in card["button_list"] if button["text"] == "接单")
        await staff.tell(2, **api.press("ZhouGong", accept["key"]))
        await until(lambda: "已经接手" in said(api, CUSTOMER), 20)
        await until(lambda: "ZhouGong" in api.cards, 20)
        assert api.cards["ZhouGong"]["button"] == {"replace_name": "接单 · 小周"}
        await until(lambda: "年费什么时候交" in said(api, "ZhouGong"), 20)
        await member(2, "您好，我来帮您看")
        await until(lambda: "【小周】您好，我来帮您看" in said(api, CUSTOMER), 20)
        assert said(api, CUSTOMER).count("您好，我来帮您看") == 1
        # The card that could not be changed: what was pressed is done all the same.
        end = next(
            button
            for body in reversed(api.sends("ZhouGong"))
            for button in body.get("template_card", {}).get("button_list", ())
            if button["text"] == "等客户"
        )
        press = api.press("ZhouGong", end["key"], 2)
        api.response_codes.clear()
        await staff.tell(2, **press)
        await until(lambda: "好了" in said(api, "ZhouGong"), 20)
        await until(lambda: [call.path for call in api.calls].count("message/update_template_card") == 2, 20)
        async with database.reading() as tx:
            assert [case.state for case in await tx.cases(zhou.as_asker()).in_hand()] == [
                CaseState.WAITING_CUSTOMER
            ]
            assert await tx.dead_letters(zhou.as_asker()).all() == []
        await customer("谢谢")
        await until(lambda: "客户：谢谢" in said(api, "ZhouGong"), 20)


def test_with_nothing_set_all_is_off(database: Database) -> None:
    more = MoreChannels.open(Settings(_env_file=None), database, None, utc_now, ())  # type: ignore[arg-type]
    assert (more.senders, more.routers, more.runs, more.sessions) == ([], [], {}, None)


def test_settings_that_cannot_work_are_told_at_the_start(database: Database) -> None:
    half = settings("https://example.cn").model_copy(update={"wecom_corp_id": ""})
    with pytest.raises(WecomSettingsError, match="corporation"):
        MoreChannels.open(half, database, None, utc_now, ())  # type: ignore[arg-type]


async def test_all_are_on_where_they_are_set(database: Database) -> None:
    every = settings("https://example.cn").model_copy(
        update={"email_host": "127.0.0.1", "email_tls": "none", "email_sender": "notice@example.cn"}
    )
    more = MoreChannels.open(every, database, None, utc_now, ())  # type: ignore[arg-type]
    assert {sender.channel for sender in more.senders} == {Channel.WECOM, Channel.EMAIL, Channel.WECOM_KF}
    assert set(more.runs) == {"wecom", "wecom_kf"}
    assert KF_SECRET in every.secrets()
    assert AES_KEY in every.secrets()
    await more.close()
