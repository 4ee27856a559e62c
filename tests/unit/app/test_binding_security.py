"""Nobody takes over a company by a code: not staff who are told it, not who reads along, not who got in by a stolen one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import structlog

from app.settings import PROJECT
from app.wiring import Minds, Service
from bot.deep_links import Doors
from bot.handoff import dossier, flows, staff
from store.addresses import Place
from store.asker import SYSTEM, Role
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind
from store.one_time_codes import HIDDEN
from store.records import OutboxItem
from tests.trained_model import MODEL

NUMBER = "202010293847.9"
CHANNELS = (Channel.TELEGRAM, Channel.WECOM_KF, Channel.WEB, Channel.EMAIL)
CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}")


@pytest.fixture(scope="module")
def minds() -> Minds:
    return Minds.load(PROJECT / "knowledge", MODEL)


@dataclass
class Town:
    """The service with an owner who has kept a patent in Telegram, and an agency that can take their case."""

    database: Database
    service: Service
    now: datetime
    updates: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    async def says(self, text: str, address: str = "owner", channel: Channel = Channel.TELEGRAM) -> str:
        """Let somebody say something and return what they are told."""
        return await self.does(IncomingKind.TEXT, address, channel, text=text)

    async def opens(self, payload: str, address: str, channel: Channel = Channel.TELEGRAM) -> str:
        return await self.does(IncomingKind.START, address, channel, payload=payload)

    async def does(self, kind: IncomingKind, address: str, channel: Channel, **more: str) -> str:
        await self.service.pipeline.receive_and_answer(self.incoming(kind, address, channel, **more))
        await self.service.deliver()
        return await self.told(address, channel)

    def incoming(self, kind: IncomingKind, address: str, channel: Channel, **more: str) -> Incoming:
        self.updates += 1
        return Incoming(
            channel=channel,
            address=address,
            update_id=str(self.updates),
            kind=kind,
            received_at=self.now,
            **more,  # type: ignore[arg-type]
        )

    async def told(self, address: str, channel: Channel = Channel.TELEGRAM) -> str:
        return "\n".join(item.content.plain_text() for item in await self.messages(address, channel))

    async def messages(self, address: str, channel: Channel = Channel.TELEGRAM) -> list[OutboxItem]:
        async with self.database.reading() as tx:
            items = await tx.outbox.for_address(channel, address, after=self.seen.get(address, 0))
        if items:
            self.seen[address] = items[-1].id
        return items

    async def code(self) -> str:
        found = CODE.search(await self.says("绑定另一个聊天"))
        assert found is not None
        return found[0]

    async def press(self, item: OutboxItem, text: str, address: str = "owner") -> str:
        index = [choice.text for choice in item.content.choices].index(text)
        return await self.does(IncomingKind.PRESS, address, item.channel, pressed=f"{item.id}:{index}")


@pytest.fixture
async def town(database: Database, minds: Minds, now: datetime) -> Town:
    doors = Doors("https://zhituo.example", frozenset(CHANNELS), "zhituo_bot")
    place = Town(database, None, now)  # type: ignore[arg-type]
    place.service = Service.for_terminal(
        database, minds, lambda: place.now, "https://zhituo.example", also=CHANNELS, doors=doors
    )
    async with database.transaction() as tx:
        for agency in minds().agencies:
            worker = await tx.people.add_person(Role.AGENCY, now, agency_id=agency.id, login=agency.id)
            await tx.people.add_address(worker.id, Channel.DESK, agency.id, now)
    await place.says(f"帮我记下发明专利 ZL{NUMBER}，2020年4月15日申请")
    place.now += timedelta(days=1)
    return place


async def handed_over(town: Town) -> int:
    """Let the owner be with a person of an agency; return the case's id."""
    await town.says("转人工")
    await town.says("同意")
    async with town.database.transaction() as tx:
        owner = await tx.people.at(Channel.TELEGRAM, "owner")
        assert owner is not None
        case = await flows.active_case(tx, owner.id)
        assert case is not None
        worker = await tx.people.at(Channel.DESK, case.agency_id or "")
        assert worker is not None
        await staff.accept(tx, case, worker, town.now)
    return case.id


async def test_staff_who_have_the_talk_never_see_a_code(town: Town) -> None:
    code = await town.code()
    case_id = await handed_over(town)
    await town.messages("owner")
    told = await town.says(f"绑定 {code}")
    assert "不要把码发给任何人" in told
    async with town.database.reading() as tx:
        events = await tx.cases(SYSTEM).events(case_id)
        owner = await tx.people.at(Channel.TELEGRAM, "owner")
        assert owner is not None
        case = await tx.cases(SYSTEM).get(case_id)
        company = await tx.people.company(case.company_id)
        words = await tx.inbox.of_person(owner.id)
    shown = dossier.compose(case, company, (), words, (), (), events, town.now.date())
    for kept in (events, words, shown):
        assert code not in str(kept)
        assert code.replace("-", "") not in str(kept)
    assert HIDDEN in str(words)


async def test_a_code_that_staff_say_to_the_owner_binds_nothing(town: Town) -> None:
    """The thief's own code, which the owner is talked into saying in their own chat, leads nowhere."""
    await town.says("你好", "thief")
    found = CODE.search(await town.says("绑定另一个聊天", "thief"))
    assert found is not None
    assert "已经有自己的资料" in await town.says(f"绑定 {found[0]}")
    assert "还没有登记" in await town.says("我有哪些期限", "thief")
    assert "2027年4月15日" in await town.says("我有哪些期限")


async def test_a_replayed_link_binds_nobody_else(town: Town) -> None:
    code = (await town.code()).replace("-", "")
    assert "已经连在一起" in await town.opens(f"bind_{code}", "second")
    assert "已经用过" in await town.opens(f"bind_{code}", "third")
    assert "还没有登记" in await town.says("我有哪些期限", "third")


async def test_the_same_update_twice_binds_once(town: Town) -> None:
    code = (await town.code()).replace("-", "")
    again = town.incoming(IncomingKind.START, "second", Channel.TELEGRAM, payload=f"bind_{code}")
    assert await town.service.pipeline.receive_and_answer(again)
    assert not await town.service.pipeline.receive_and_answer(again)
    await town.service.deliver()
    assert (await town.told("second")).count("已经连在一起") == 1
    assert (await town.told("owner")).count("已经连在一起") == 1


async def test_nothing_of_the_company_is_told_by_a_wrong_code(town: Town) -> None:
    await town.code()
    for told in (
        await town.says("绑定 2A2A-2A2A", "stranger"),
        await town.opens("bind_2A2A2A2A", "stranger"),
        await town.opens("join_2A2A2A2A", "stranger"),
        await town.says("我有哪些期限", "stranger"),
    ):
        assert NUMBER not in told
        assert "2027年" not in told


@pytest.mark.parametrize("channel", [Channel.TELEGRAM_FORUM, Channel.WECOM], ids=str)
async def test_a_code_said_in_a_group_or_by_a_member_of_staff(town: Town, channel: Channel) -> None:
    code = await town.code()
    assert "不能用" in await town.says(f"绑定 {code}", "elsewhere", channel)
    async with town.database.reading() as tx:
        there = await tx.people.at(channel, "elsewhere")
        owner = await tx.people.at(Channel.TELEGRAM, "owner")
    assert there is not None
    assert owner is not None
    assert there.id != owner.id


async def test_not_me_shuts_out_at_once_whoever_got_in(town: Town) -> None:
    code = await town.code()
    await town.messages("owner")
    assert "已经连在一起" in await town.says(f"绑定 {code}", "thief")
    (notice,) = await town.messages("owner")
    assert "三天之内不能" in await town.says("邀请同事", "thief")
    assert "三天之内不能" in await town.says("删除我的资料", "thief")
    assert "三天之内不能" in await town.says("关闭提醒", "thief")
    await town.says("订阅日历", "thief")
    assert "断开" in await town.press(notice, "不是我")
    assert "还没有登记" in await town.says("我有哪些期限", "thief")
    async with town.database.reading() as tx:
        owner = await tx.people.at(Channel.TELEGRAM, "owner")
        assert owner is not None
        assert owner.company_id is not None
        assert await tx.feeds(SYSTEM).opened_at(owner.company_id) is None
    assert "2027年4月15日" in await town.says("我有哪些期限")


async def test_the_thief_does_not_press_the_owners_button(town: Town) -> None:
    code = await town.code()
    await town.messages("owner")
    await town.says(f"绑定 {code}", "second")
    (notice,) = await town.messages("owner")
    told = await town.does(IncomingKind.PRESS, "stranger", Channel.TELEGRAM, pressed=f"{notice.id}:0")
    assert "不管用" in told
    assert "2027年4月15日" in await town.says("我有哪些期限", "second")


async def test_what_was_written_before_an_address_was_taken_off_is_not_answered_after(town: Town) -> None:
    code = await town.code()
    await town.says(f"绑定 {code}", "second")
    waiting = await town.service.pipeline.store(
        town.incoming(IncomingKind.TEXT, "second", Channel.TELEGRAM, text="我有哪些期限")
    )
    assert waiting is not None
    async with town.database.transaction() as tx:
        owner = await tx.people.at(Channel.TELEGRAM, "owner")
        assert owner is not None
        second = next(each for each in await tx.people.addresses(owner.id) if each.address == "second")
        here = next(each for each in await tx.people.addresses(owner.id) if each.address == "owner")
        place = Place(here.channel, here.address)
        assert await tx.addresses.take_off(owner.id, second.id, place, town.now) is None
    await town.messages("second")
    await town.service.pipeline.answer_waiting()
    await town.service.deliver()
    assert await town.told("second") == ""


async def test_a_code_is_in_no_log(town: Town) -> None:
    with structlog.testing.capture_logs() as logs:
        code = await town.code()
        await town.says(f"绑定 {code}", "second")
        await town.says("绑定 2A2A-2A2A", "second")
        await town.opens(f"bind_{code.replace('-', '')}", "third")
    assert code not in str(logs)
    assert code.replace("-", "") not in str(logs)


async def test_a_code_for_a_mailbox_is_good_only_for_who_asked(town: Town) -> None:
    await town.says("wang@example.cn")
    mail = await town.told("wang@example.cn", Channel.EMAIL)
    found = CODE.search(mail)
    assert found is not None
    assert NUMBER not in mail
    assert "绑定码不对" in await town.says(f"绑定 {found[0]}", "stranger")
    assert "邮箱 wa…@example.cn" in await town.says(found[0])
    async with town.database.reading() as tx:
        at_mail = await tx.people.at(Channel.EMAIL, "wang@example.cn")
        assert at_mail == await tx.people.at(Channel.TELEGRAM, "owner")


async def test_nobodys_mailbox_is_filled_through_us(town: Town) -> None:
    for _ in range(5):
        assert "已经发到" in await town.says("wang@example.cn")
    assert "先不再发了" in await town.says("wang@example.cn")
    assert "先不再发了" in await town.says("WANG@example.cn", "stranger")
    town.now += timedelta(days=1, seconds=1)
    assert "已经发到" in await town.says("wang@example.cn")


async def test_a_number_that_answers_a_question_is_no_code(town: Town) -> None:
    await town.says("帮我记下一件商标，注册日2018年3月23日")
    assert "18000001" in await town.says("18000001")


async def test_a_campaign_is_counted_and_asks_its_question(town: Town) -> None:
    async with town.database.transaction() as tx:
        editor = await tx.people.add_person(Role.EDITOR, town.now, login="lin")
        campaign = await tx.campaigns.add("expo-2026", "鄞州专场", "subsidy", editor.id, town.now)
    told = await town.opens("c_expo-2026", "visitor")
    assert "鄞州专场" in told
    assert "能申请哪些" in told
    await town.opens("c_expo-2026", "visitor")
    await town.opens("c_expo-2026", "owner")
    async with town.database.reading() as tx:
        (counted,) = await tx.campaigns.counted()
    assert (counted.people, counted.new) == (2, 1)
    async with town.database.transaction() as tx:
        await tx.campaigns.end(campaign.id)
    assert "已经结束" in await town.opens("c_expo-2026", "late")
    async with town.database.reading() as tx:
        assert (await tx.campaigns.counted())[0].people == 2
