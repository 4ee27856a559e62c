"""The whole service and agencies' Telegram groups: an owner asks for a person, the agency answers in the case's topic."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from app.settings import PROJECT, Settings
from app.telegram import TelegramChannel, open_telegram
from app.wiring import Minds, Service, Ways, utc_now
from bot.channels.telegram import limits
from store.agency_groups import CodePurpose, EndedHow
from store.asker import SYSTEM, Role
from store.case_records import Case, CaseState
from store.database import Database
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import OutboxState, Person
from tests.e2e.bot_api_server import TOKEN, BotApi, Served, until
from tests.trained_model import MODEL

OWNER, ZHOU, ZHENG, STRANGER, BOSS = 77, 501, 502, 666, 99
OURS, THEIRS = -1001, -1002
QUESTION = "我有一件发明专利，2020年4月15日申请的，年费什么时候交，多少钱？"
SECONDS = 30


@pytest.fixture(scope="module")
def minds() -> Minds:
    return Minds.load(PROJECT / "knowledge", MODEL)


@dataclass
class Office:
    """Two agencies with a group each, and what their people do."""

    api: BotApi
    service: Service
    database: Database
    zhou: Person
    zheng: Person

    async def bind(self, chat: int, person: Person) -> None:
        async with self.database.transaction() as tx:
            code = await tx.agency_groups.issue_code(person, CodePurpose.GROUP, utc_now())
        self.api.administrators[str(chat)] = {BOSS}
        self.api.offer(self.api.in_group(f"/bind@zhituo_test_bot {code}", chat, BOSS))
        await self.until(lambda: "绑定好了" in self.api.words(chat))

    async def bind_person(self, account: int, person: Person) -> None:
        async with self.database.transaction() as tx:
            code = await tx.agency_groups.issue_code(person, CodePurpose.MEMBER, utc_now())
        self.api.offer(self.api.message(f"/bind {code}", account))
        await self.until(lambda: "接单、回复客户" in self.api.words(account))

    async def owner_says(self, text: str) -> None:
        self.api.offer(self.api.message(text, OWNER))

    async def owner_presses(self, text: str) -> None:
        await self.until(lambda: text in self.api.buttons(OWNER))
        self.api.offer(self.api.press(self.api.buttons(OWNER)[text], OWNER))

    async def ask_for_a_person(self) -> Case:
        await self.owner_says(QUESTION)
        await self.until(lambda: "2027年4月15日" in self.api.words(OWNER))
        await self.owner_says("转人工")
        await self.owner_presses("同意")
        await self.until(lambda: "取消转人工" in self.api.buttons(OWNER))
        return await self.case()

    async def case(self) -> Case:
        async with self.database.reading() as tx:
            owner = await tx.people.at(Channel.TELEGRAM, str(OWNER))
            assert owner is not None
            return await tx.cases(SYSTEM).get(1)

    def topics(self, chat: int = OURS) -> list[int]:
        return [number for where, number in self.api.forum if where == str(chat)]

    async def press(self, text: str, sender: int = ZHOU, chat: int = OURS) -> None:
        await self.until(lambda: text in self.api.buttons(chat))
        data = self.api.buttons(chat)[text]
        self.api.offer(self.api.press_in_group(data, chat, sender, self.topics(chat)[-1]))

    async def say(self, text: str | None, sender: int = ZHOU, **more: object) -> None:
        self.api.offer(self.api.in_group(text, OURS, sender, self.topics()[-1], **more))

    async def until(self, condition: object) -> None:
        await until(condition, SECONDS)  # type: ignore[arg-type]


@asynccontextmanager
async def running(database: Database, minds: Minds, api: BotApi) -> AsyncIterator[Office]:
    """The service with Telegram as its only channel, polling, and an agency's person for each of two agencies."""
    await database.migrate()
    async with database.transaction() as tx:
        zhou = await tx.people.add_person(
            Role.AGENCY, utc_now(), name="小周", agency_id="demo.haishu", login="zhou"
        )
        zheng = await tx.people.add_person(
            Role.AGENCY, utc_now(), name="小郑", agency_id="demo.yongjiang", login="zheng"
        )
    opened: list[TelegramChannel] = []
    async with Served(api.app()) as served:
        settings = Settings(telegram_token=TOKEN, telegram_base_url=served.url)

        def open_channels(pipeline: object) -> Ways:
            channel = open_telegram(settings, database, pipeline, utc_now)  # type: ignore[arg-type]
            assert channel is not None
            opened.append(channel)
            return Ways(channel.senders)

        built = Service.build(database, minds, utc_now, open_channels)
        (channel,) = opened
        tasks = [asyncio.create_task(channel.receiver.run()), asyncio.create_task(built.delivery.run())]
        try:
            yield Office(api, built, database, zhou, zheng)
        finally:
            built.delivery.stop()
            await channel.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await built.pipeline.idle()


@pytest.fixture
async def office(database: Database, minds: Minds, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """Both groups bound, both people known, and Telegram in no hurry: the limits have tests of their own."""
    monkeypatch.setattr(limits, "GROUP_MESSAGES", 1000)
    monkeypatch.setattr(limits, "PRIVATE_MESSAGES", 1000)
    async with running(database, minds, BotApi()) as office:
        await office.bind(OURS, office.zhou)
        await office.bind(THEIRS, office.zheng)
        await office.bind_person(ZHOU, office.zhou)
        await office.bind_person(ZHENG, office.zheng)
        yield office


async def test_from_the_request_through_a_lost_topic_to_the_bot_again(office: Office) -> None:
    api = office.api
    case = await office.ask_for_a_person()
    assert case.agency_id == "demo.haishu"
    await office.until(lambda: "接单" in api.buttons(OURS))
    (first,) = office.topics()
    card = api.words(OURS, first)
    assert "年费什么时候交" in card
    assert "最近的话和答复" in card  # the consent
    assert api.forum[str(OURS), first].name.startswith("工单1·")

    await office.say("我先看看", STRANGER)
    await office.say("我再看看", STRANGER)
    await office.until(lambda: "还没有绑定到本机构的账号" in api.words(OURS, first))
    await office.press("接单", STRANGER)
    await office.press("接单")
    await office.until(lambda: "小周已经接手" in api.words(OWNER))
    await office.until(lambda: "等客户" in api.buttons(OURS))
    await office.until(lambda: "接单" not in api.buttons(OURS))
    assert api.words(OURS, first).count("还没有绑定到本机构的账号") == 1
    assert "小周" in api.forum[str(OURS), first].name

    await office.say("您好，我来帮您看年费")
    await office.until(lambda: "【小周】您好，我来帮您看年费" in api.words(OWNER))
    await office.say("/note 老客户")
    await office.until(lambda: "已记入工单备注" in api.words(OURS, first))
    await office.owner_says("谢谢，缴费通知在这里")
    await office.until(lambda: "客户：谢谢，缴费通知在这里" in api.words(OURS, first))

    api.delete_topic(OURS, first)
    await office.owner_says("还在吗")
    await office.owner_says("第二句")
    await office.until(lambda: "客户：第二句" in api.words(OURS))
    (second,) = office.topics()
    assert second != first
    shown = api.words(OURS, second)
    assert shown.index("工单1") < shown.index("客户：还在吗") < shown.index("客户：第二句")
    for line in ("客户：还在吗", "客户：第二句"):
        assert shown.count(line) == 1
    assert "年费什么时候交" in shown  # the card again

    api.files = {"documents/quote": b"%PDF quote"}
    document = {
        "file_id": "quote",
        "file_unique_id": "q",
        "file_name": "报价.pdf",
        "mime_type": "application/pdf",
    }
    await office.say(None, document=document, caption="报价单")
    await office.until(lambda: any(call.method == "sendDocument" for call in api.sends(OWNER)))
    sent = next(call for call in api.sends(OWNER) if call.method == "sendDocument")
    assert b"%PDF quote" in sent.files.values()

    await office.press("交还机器人")
    await office.press("问题已经答复，后续可以继续问机器人")
    await office.until(lambda: "已经把对话交还给机器人" in api.words(OWNER))
    assert (await office.case()).state is CaseState.BOT
    await office.until(lambda: api.forum[str(OURS), second].closed)
    await office.until(lambda: "企业资料不再显示" in api.words(OURS, second))
    assert api.forum[str(OURS), second].name == "✓工单1·已结束"
    assert "年费什么时候交" not in api.words(OURS, second)
    assert not set(api.buttons(OURS)) & {"接单", "等客户", "交还机器人"}
    await office.owner_says("你好")
    await office.until(lambda: api.words(OWNER).count("知托") >= 1)

    assert "老客户" not in api.words(OWNER)
    assert "我先看看" not in api.words(OWNER)
    theirs = api.words(THEIRS)
    assert office.topics(THEIRS) == []
    assert "年费" not in theirs
    async with office.database.reading() as tx:
        counts = await tx.outbox.counts()
    assert not set(counts) & {OutboxState.UNKNOWN, OutboxState.GONE}, counts


async def test_an_agency_in_conflict_reads_nothing_and_the_other_is_asked(office: Office) -> None:
    await office.owner_says(QUESTION)
    await office.until(lambda: "2027年4月15日" in office.api.words(OWNER))
    async with office.database.transaction() as tx:
        owner = await tx.people.at(Channel.TELEGRAM, str(OWNER))
        assert owner is not None
        assert owner.company_id is not None
        await tx.people.add_conflict("demo.haishu", owner.company_id, "对方代理人", utc_now())
    await office.owner_says("转人工")
    await office.owner_presses("同意")
    await office.until(lambda: office.topics(THEIRS) or "没有能接手" in office.api.words(OWNER))
    await asyncio.sleep(0.5)
    assert office.topics(OURS) == []
    assert "年费" not in office.api.words(OURS)


async def test_added_bound_and_taken_out(office: Office) -> None:
    api = office.api
    api.offer(api.membership(-1007, "left", "member"))
    await office.until(lambda: "管理话题" in api.words(-1007))
    menus = [call.parameters for call in api.calls if call.method == "setMyCommands"]
    scopes = {str(menu["scope"]["type"]): {each["command"] for each in menu["commands"]} for menu in menus}
    assert "deadlines" in scopes["all_private_chats"]
    assert {"note", "return", "bind"} <= scopes["all_group_chats"]
    api.offer(api.membership(OURS, "administrator", "kicked"))
    await office.until(lambda: "已经解除绑定" in api.words(ZHOU))
    async with office.database.reading() as tx:
        assert await tx.agency_groups.of_agency("demo.haishu") is None
        (old,) = await tx.agency_groups.history("demo.haishu")
    assert old.ended_how is EndedHow.REMOVED


async def test_only_an_administrator_binds_and_only_with_the_right_to_make_topics(
    database: Database, minds: Minds
) -> None:
    async with running(database, minds, BotApi()) as office:
        api = office.api
        async with database.transaction() as tx:
            code = await tx.agency_groups.issue_code(office.zhou, CodePurpose.GROUP, utc_now())
        api.offer(api.in_group(f"/bind {code}", OURS, ZHOU))
        await office.until(lambda: "只有群管理员" in api.words(OURS))
        api.administrators[str(OURS)] = {BOSS}
        api.topics_allowed = False
        api.offer(api.in_group(f"/bind {code}", OURS, BOSS))
        await office.until(lambda: "打开“管理话题”" in api.words(OURS))
        api.topics_allowed = True
        api.offer(api.in_group("大家中午吃什么", OURS, ZHOU))
        api.offer(api.in_group(f"/bind {code}", OURS, BOSS))
        await office.until(lambda: "绑定好了" in api.words(OURS))
        async with database.reading() as tx:
            stored = [await tx.inbox.get(number) for number in range(1, 4)]
        assert all(item.content.text.startswith("/bind") for item in stored), (
            "chatter of nobody's group is not kept"
        )


@pytest.mark.counted
async def test_twenty_calls_a_minute_for_all_topics_of_a_group_together(
    database: Database, minds: Minds
) -> None:
    async with running(database, minds, BotApi()) as office:
        api = office.api
        await office.bind(OURS, office.zhou)
        async with database.transaction() as tx:
            company = await tx.people.add_company("试验", utc_now())
            owner = await tx.people.add_person(Role.OWNER, utc_now(), company_id=company.id)
            for number in range(12):
                case = await tx.cases(SYSTEM).open(company.id, owner.id, "x", "x", None, utc_now())
                topic = await tx.case_topics.open(
                    case.id, "demo.haishu", str(OURS), f"话题{number}", utc_now()
                )
                await tx.outbox.write(
                    Letter(
                        dedupe_key=f"line {number}",
                        channel=Channel.TELEGRAM_FORUM,
                        address=topic.address,
                        content=Outgoing.say("一句"),
                    ),
                    utc_now(),
                )
        office.service.delivery.wake()
        to_group = {"sendMessage", "createForumTopic", "editForumTopic"}

        def calls() -> int:
            return sum(call.method in to_group and call.chat == str(OURS) for call in api.calls)

        await office.until(lambda: calls() >= 20)
        await asyncio.sleep(3)
        assert calls() == 20
        async with database.reading() as tx:
            assert (await tx.outbox.counts())[OutboxState.PENDING] > 0
