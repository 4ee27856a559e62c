"""Customer service against a server of our own: fetching, the window, failures, sessions with servicers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from fastapi import FastAPI

from bot.channels.patience import TRIES
from bot.channels.wecom.errors import WecomUnreachableError
from bot.channels.wecom.files import FETCH_TRIES
from bot.channels.wecom.settings import WecomAccount
from bot.channels.wecom_kf.limits import ServiceState
from bot.channels.wecom_kf.receiver import CALLBACK_PATH, KfReceiver
from bot.channels.wecom_kf.sender import KfSender
from bot.channels.wecom_kf.sessions import KfSessions, SessionChangeError
from bot.channels.wecom_kf.settings import KfSettings
from bot.delivery.delivery import Delivery
from bot.delivery.in_memory import InMemorySender
from bot.delivery.port import Sent
from bot.handoff import flows
from store.asker import SYSTEM, Role
from store.case_records import CaseEventKind, CaseState
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind, Outgoing
from store.outbox import Letter
from store.records import AddressState, OutboxItem, OutboxState
from tests.e2e.bot_api_server import until
from tests.e2e.wecom_server import AES_KEY, CORP, KF_SECRET, KFID, TOKEN, Caller, Served, Wecom
from tests.echo_pipeline import BUTTONS, EchoPipeline

CUSTOMER = "wmCustomer01"


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Account:
    """One customer service account, with everything of ours that talks to it."""

    api: Wecom
    database: Database
    clock: Clock
    settings: KfSettings
    pipeline: EchoPipeline
    receiver: KfReceiver
    sender: KfSender
    mail: InMemorySender
    delivery: Delivery

    async def write(self, key: str, content: Outgoing | None = None) -> int:
        """Write a message to the customer."""
        async with self.database.transaction() as tx:
            person = await tx.people.at(Channel.WECOM_KF, CUSTOMER)
            letter = Letter(
                dedupe_key=key,
                channel=Channel.WECOM_KF,
                address=CUSTOMER,
                content=content or Outgoing.say(key),
                person_id=None if person is None else person.id,
            )
            written = await tx.outbox.write(letter, self.clock())
        assert written is not None
        return written

    async def item(self, outbox_id: int) -> OutboxItem:
        async with self.database.reading() as tx:
            item = await tx.outbox.get(outbox_id)
        assert item is not None
        return item

    async def deliver(self, outbox_id: int) -> OutboxItem:
        await self.delivery.deliver_due()
        return await self.item(outbox_id)


class Silent(EchoPipeline):
    """Receives and answers nothing: the tests count calls themselves."""

    async def receive(self, incoming: Incoming) -> bool:
        now = self._clock()
        async with self._database.transaction() as tx:
            from bot.channels.writers import known_writer

            person = await known_writer(tx, incoming.channel, incoming.address, "", now)
            await tx.people.heard_from(incoming.channel, incoming.address, now)
            stored = await tx.inbox.receive(incoming, person.id)
        if stored is not None:
            self.received.append(incoming)
        return stored is not None


@pytest.fixture
async def account(database: Database) -> AsyncIterator[Account]:
    api = Wecom()
    async with Served(api.app()) as served:
        clock = Clock()
        settings = KfSettings(WecomAccount(CORP, KF_SECRET, TOKEN, AES_KEY, served.url), KFID)
        pipeline = Silent(database, clock)
        sender = KfSender(settings, database, clock)
        mail = InMemorySender(Channel.EMAIL)
        receiver = KfReceiver(
            settings,
            database,
            pipeline,
            clock,
            channels_on=lambda: (Channel.WECOM_KF, Channel.EMAIL),
        )
        delivery = Delivery(database, [sender, mail], clock)
        yield Account(api, database, clock, settings, pipeline, receiver, sender, mail, delivery)
        await receiver.close()
        await sender.close()


@asynccontextmanager
async def listening(account: Account) -> AsyncIterator[Caller]:
    app = FastAPI()
    app.include_router(account.receiver.router)
    async with Served(app) as served:
        task = asyncio.create_task(account.receiver.run())
        yield Caller(served.url + CALLBACK_PATH)
        account.receiver.stop()
        await task


async def test_a_callback_makes_us_fetch(account: Account) -> None:
    async with listening(account) as caller:
        assert await caller.verify() == (200, "the secret word")
        account.api.customer_writes(CUSTOMER, text="年费什么时候交")
        event = {"MsgType": "event", "Event": "kf_msg_or_event", "Token": "ENC1", "OpenKfId": KFID}
        assert await caller.tell(3, **event, CreateTime="1") == [200, 200, 200]
        await until(lambda: any(body.get("token") == "ENC1" for body in fetches(account)))
        await until(lambda: len(account.pipeline.received) == 1)
    asked = fetches(account)
    assert all(body["open_kfid"] == KFID for body in asked)


def fetches(account: Account) -> list[dict[str, object]]:
    return [call.body for call in account.api.calls if call.path == "kf/sync_msg"]


async def test_the_place_is_kept_and_nothing_is_read_twice(account: Account) -> None:
    account.api.page = 2
    for number in range(5):
        account.api.customer_writes(CUSTOMER, text=f"第{number}条")
    await account.receiver.fetch()
    assert [each.text for each in account.pipeline.received] == [f"第{number}条" for number in range(5)]
    async with account.database.reading() as tx:
        assert await tx.cursors.get(account.settings.cursor) == "5"
    async with account.database.transaction() as tx:  # a crash before the place was moved
        await tx.cursors.move(account.settings.cursor, "0", account.clock())
    await account.receiver.fetch()
    assert len(account.pipeline.received) == 5


async def test_what_cannot_be_stored_is_fetched_again(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.api.customer_writes(CUSTOMER, text="年费")
    receive = account.pipeline.receive

    async def broken(_: Incoming) -> bool:
        raise OSError("the disk is full")

    monkeypatch.setattr(account.pipeline, "receive", broken)
    with pytest.raises(OSError, match="disk"):
        await account.receiver.fetch()
    monkeypatch.setattr(account.pipeline, "receive", receive)
    await account.receiver.fetch()
    assert len(account.pipeline.received) == 1


async def test_one_that_can_never_be_stored_does_not_stop_the_others(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.api.customer_writes(CUSTOMER, text="毒")
    account.api.customer_writes("wmOther", text="年费")
    receive = account.pipeline.receive

    async def choosy(incoming: Incoming) -> bool:
        if incoming.text == "毒":
            raise KeyError(incoming.text)
        return await receive(incoming)

    monkeypatch.setattr(account.pipeline, "receive", choosy)
    for _ in range(TRIES - 1):
        with pytest.raises(KeyError):
            await account.receiver.fetch()
    await account.receiver.fetch()
    assert [each.text for each in account.pipeline.received] == ["年费"]
    async with account.database.reading() as tx:
        assert len(await tx.dead_letters(SYSTEM).unanswered()) == 1


async def test_a_file_that_cannot_be_fetched_does_not_stop_the_other_customers(account: Account) -> None:
    account.api.media_broken = True
    account.api.customer_writes(CUSTOMER, msgtype="image", part={"media_id": "m"})
    account.api.customer_writes("wmOther", text="年费")
    for _ in range(FETCH_TRIES - 1):
        with pytest.raises(WecomUnreachableError):
            await account.receiver.fetch()
    await account.receiver.fetch()
    first, other = account.pipeline.received
    assert (first.kind, first.attachment_id) == (IncomingKind.PHOTO, None), "they are told to send it again"
    assert other.text == "年费"


async def test_a_text_file_is_a_file(account: Account) -> None:
    account.api.media["t"] = ("text/plain", b"{}")
    account.api.customer_writes(CUSTOMER, msgtype="file", part={"media_id": "t", "file_name": "list.txt"})
    await account.receiver.fetch()
    (said,) = account.pipeline.received
    assert said.attachment_id is not None


async def test_every_kind_of_message(account: Account) -> None:
    account.api.media["doc"] = ("application/octet-stream", b"a list of patents")
    account.api.customer_writes(CUSTOMER, text="记下这件专利", menu_id="12:0")
    account.api.customer_writes(CUSTOMER, text="满意", menu_id="not ours")
    account.api.customer_writes(CUSTOMER, msgtype="file", part={"media_id": "doc"})
    account.api.customer_writes(CUSTOMER, msgtype="location", part={"name": "鄞州区政府"})
    account.api.customer_writes(CUSTOMER, msgtype="something_new", part={})
    for wrong in ({}, {"msgid": 5}, {"event": "x", "msgtype": "event"}, {"origin": 3, "external_userid": ""}):
        account.api.happens(**wrong)
    account.api.events.append("no message at all")  # type: ignore[arg-type]
    account.api.event("servicer_status_change", CUSTOMER, status=1)
    await account.receiver.fetch()
    got = [(each.kind, each.text or each.pressed) for each in account.pipeline.received]
    assert got == [
        (IncomingKind.PRESS, "12:0"),
        (IncomingKind.TEXT, "满意"),
        (IncomingKind.DOCUMENT, ""),
        (IncomingKind.OTHER, "鄞州区政府"),
        (IncomingKind.OTHER, ""),
    ]
    assert account.pipeline.received[2].attachment_id is not None


async def test_opening_the_chat_is_greeted_once_and_opens_no_window(account: Account) -> None:
    account.api.welcome_codes.add("W1")
    account.api.event("enter_session", CUSTOMER, welcome_code="W1", scene="card")
    account.api.event("enter_session", CUSTOMER)
    await account.receiver.fetch()
    await account.delivery.deliver_due()
    [greeting] = account.api.sends()
    assert greeting["code"] == "W1"
    assert "知托" in greeting["msgmenu"]["head_content"]
    later = await account.deliver(await account.write("提醒"))
    assert later.state is OutboxState.INVALID
    assert len(account.api.sends()) == 1, "refused before the call"


async def answer_to_link(account: Account) -> int:
    """Let a customer come by a link; return the answer that stands in the outbox."""
    account.api.welcome_codes.add("W1")
    account.api.event("enter_session", CUSTOMER, welcome_code="W1", scene="zhituo", scene_param="c_expo-2026")
    await account.receiver.fetch()
    async with account.database.transaction() as tx:
        (stored,) = await tx.inbox.waiting()
        letter = Letter(
            dedupe_key="answer",
            channel=Channel.WECOM_KF,
            address=CUSTOMER,
            content=Outgoing.say("欢迎"),
            person_id=stored.person_id,
            inbox_id=stored.id,
        )
        written = await tx.outbox.write(letter, account.clock())
    assert written is not None
    return written


async def test_a_link_brings_its_parameter_and_is_answered_without_a_window(account: Account) -> None:
    written = await answer_to_link(account)
    await account.receiver.fetch()
    (opened,) = account.pipeline.received
    assert (opened.kind, opened.payload) == (IncomingKind.START, "c_expo-2026")
    first = await account.item(written)
    async with account.database.transaction() as tx:
        second = Letter(
            dedupe_key="second",
            channel=first.channel,
            address=first.address,
            content=first.content,
            person_id=first.person_id,
            inbox_id=first.inbox_id,
        )
        late = await tx.outbox.write(second, account.clock())
    assert late is not None
    assert (await account.deliver(written)).state is OutboxState.SENT
    assert account.api.sends()[0]["code"] == "W1"
    assert (await account.item(late)).state is OutboxState.INVALID, (
        "the word is good once, and no window is open"
    )


@pytest.mark.parametrize("how", ["answer lost", "killed"])
async def test_an_answer_to_a_link_that_may_have_arrived_is_not_sent_again(
    account: Account, how: str
) -> None:
    """Its word is good once: a second try would go by the window that the customer has opened meanwhile."""
    written = await answer_to_link(account)
    if how == "answer lost":
        account.api.broken.append("lost")
        await account.deliver(written)
    else:
        async with account.database.transaction() as tx:
            (item,) = await tx.outbox.claim([Channel.WECOM_KF], account.clock(), timedelta(seconds=1), 1)
        assert isinstance(await account.sender.send(item), Sent)
        account.clock.now += timedelta(seconds=2)
        await account.delivery.tidy()
    account.api.customer_writes(CUSTOMER, text="年费")
    account.clock.now += timedelta(seconds=5)
    await account.receiver.fetch()
    assert (await account.deliver(written)).state is OutboxState.UNKNOWN
    assert len(account.api.sends()) == 1
    account.clock.now += timedelta(seconds=30)
    async with account.database.transaction() as tx:
        assert await tx.outbox.send_again(written, account.clock())
    assert (await account.deliver(written)).state is OutboxState.SENT, "by a person's word it is"


async def test_an_answer_to_a_link_that_was_refused_for_now_is_tried_again(account: Account) -> None:
    written = await answer_to_link(account)
    account.api.codes.append(-1)
    assert (await account.deliver(written)).state is OutboxState.PENDING
    account.clock.now += timedelta(seconds=5)
    assert (await account.deliver(written)).state is OutboxState.SENT
    assert [call["code"] for call in account.api.sends()] == ["W1", "W1"]


async def test_the_link_for_a_parameter_is_asked_for(account: Account) -> None:
    told: list[str] = []
    receiver = KfReceiver(
        account.settings, account.database, account.pipeline, account.clock, on_link=told.append
    )
    running = asyncio.create_task(receiver.run())
    await until(lambda: bool(told))
    await receiver.close()
    await running
    assert told == ["https://work.weixin.qq.com/kf/kfc1?enc_scene=E"]


async def test_messages_carry_our_id_and_buttons_come_back(account: Account) -> None:
    account.api.customer_writes(CUSTOMER, text="年费")
    await account.receiver.fetch()
    outbox_id = await account.write("x", Outgoing.say("要记下吗？", *BUTTONS))
    assert (await account.deliver(outbox_id)).state is OutboxState.SENT
    [body] = account.api.sends(CUSTOMER)
    assert body["msgid"] == f"zt{outbox_id}-0-0"
    ids = [entry["click"]["id"] for entry in body["msgmenu"]["list"]]
    assert ids == [f"{outbox_id}:0", f"{outbox_id}:1"]


@pytest.mark.counted
async def test_the_sixth_message_is_refused_before_the_call_and_goes_by_mail(account: Account) -> None:
    account.api.customer_writes(CUSTOMER, text="年费")
    await account.receiver.fetch()
    await with_mail(account)
    written = [await account.write(str(number)) for number in range(6)]
    await account.delivery.deliver_due()
    await account.delivery.deliver_due()
    assert len(account.api.sends(CUSTOMER)) == 5
    sixth = await account.item(written[5])
    assert (sixth.state, sixth.channel) == (OutboxState.SENT, Channel.EMAIL)
    account.api.customer_writes(CUSTOMER, text="还有呢")
    account.clock.now += timedelta(seconds=5)
    await account.receiver.fetch()
    assert (await account.deliver(await account.write("7"))).channel is Channel.WECOM_KF


@pytest.mark.counted
async def test_one_after_48_hours_is_refused_before_the_call_and_goes_by_mail(account: Account) -> None:
    account.api.customer_writes(CUSTOMER, text="年费")
    await account.receiver.fetch()
    await with_mail(account)
    account.clock.now += timedelta(hours=48, seconds=1)
    late = await account.deliver(await account.write("x"))
    assert (late.state, late.channel) == (OutboxState.SENT, Channel.EMAIL)
    assert account.api.sends(CUSTOMER) == []


async def test_the_window_counts_from_when_they_wrote_not_from_when_we_read_it(account: Account) -> None:
    message = account.api.customer_writes(CUSTOMER, text="年费")
    message["send_time"] -= 47 * 3600
    await account.receiver.fetch()
    account.clock.now += timedelta(hours=2)
    assert (await account.deliver(await account.write("x"))).state is OutboxState.INVALID
    assert account.api.sends(CUSTOMER) == []


async def test_a_message_that_cannot_be_ended_is_not_begun(account: Account) -> None:
    account.api.customer_writes(CUSTOMER, text="年费")
    await account.receiver.fetch()
    for number in range(4):
        await account.deliver(await account.write(str(number)))
    await with_mail(account)
    long = await account.deliver(await account.write("long", Outgoing.say("很长。" * 400)))
    assert (long.state, long.channel) == (OutboxState.SENT, Channel.EMAIL)
    assert len(account.api.sends(CUSTOMER)) == 4


async def test_an_answer_that_was_lost_does_not_send_twice(account: Account) -> None:
    account.api.customer_writes(CUSTOMER, text="年费")
    await account.receiver.fetch()
    account.api.broken.append("lost")
    outbox_id = await account.write("x")
    assert (await account.deliver(outbox_id)).state is OutboxState.PENDING
    account.clock.now += timedelta(seconds=10)
    assert (await account.deliver(outbox_id)).state is OutboxState.SENT
    assert account.api.left[CUSTOMER] == 4
    async with account.database.reading() as tx:
        assert await tx.reply_windows.left(Channel.WECOM_KF, CUSTOMER, account.clock()) == 4


async def test_a_refused_call_uses_nothing_up(account: Account) -> None:
    account.api.customer_writes(CUSTOMER, text="年费")
    await account.receiver.fetch()
    account.api.codes.append(-1)
    outbox_id = await account.write("x")
    await account.deliver(outbox_id)
    async with account.database.reading() as tx:
        assert await tx.reply_windows.left(Channel.WECOM_KF, CUSTOMER, account.clock()) == 5


async def test_the_vendors_word_about_the_window_counts(account: Account) -> None:
    account.api.customer_writes(CUSTOMER, text="年费")
    await account.receiver.fetch()
    await with_mail(account)
    account.api.left.clear()
    first = await account.deliver(await account.write("1"))
    second = await account.deliver(await account.write("2"))
    assert {first.channel, second.channel} == {Channel.EMAIL}
    assert len(account.api.sends(CUSTOMER)) == 1, "the second is refused before the call"


@pytest.mark.parametrize(
    ("fail_type", "state", "channel", "address"),
    [
        (10, OutboxState.PENDING, Channel.EMAIL, AddressState.BLOCKED),
        (6, OutboxState.PENDING, Channel.EMAIL, AddressState.ACTIVE),
        (0, OutboxState.INVALID, Channel.WECOM_KF, AddressState.ACTIVE),
        (99, OutboxState.INVALID, Channel.WECOM_KF, AddressState.ACTIVE),
    ],
)
async def test_a_message_that_was_taken_and_did_not_arrive(
    account: Account, fail_type: int, state: OutboxState, channel: Channel, address: AddressState
) -> None:
    account.api.customer_writes(CUSTOMER, text="年费")
    await account.receiver.fetch()
    await with_mail(account)
    outbox_id = await account.write("x")
    sent = await account.deliver(outbox_id)
    for _ in range(2):
        account.api.event("msg_send_fail", CUSTOMER, fail_msgid=sent.vendor_id, fail_type=fail_type)
    account.api.event("msg_send_fail", CUSTOMER, fail_msgid="never ours", fail_type=fail_type)
    await account.receiver.fetch()
    failed = await account.item(outbox_id)
    assert (failed.state, failed.channel) == (state, channel)
    async with account.database.reading() as tx:
        person = await tx.people.at(Channel.WECOM_KF, CUSTOMER)
        assert person is not None
        assert (await tx.people.addresses(person.id))[0].state is address


async def test_a_failed_message_sent_again_by_a_persons_word_has_a_new_id(account: Account) -> None:
    account.api.customer_writes(CUSTOMER, text="年费")
    await account.receiver.fetch()
    outbox_id = await account.write("x")
    sent = await account.deliver(outbox_id)
    account.api.event("msg_send_fail", CUSTOMER, fail_msgid=sent.vendor_id, fail_type=0)
    await account.receiver.fetch()
    async with account.database.transaction() as tx:
        assert await tx.outbox.send_again(outbox_id, account.clock())
    assert (await account.deliver(outbox_id)).state is OutboxState.SENT
    assert len({body["msgid"] for body in account.api.sends(CUSTOMER)}) == 2


async def with_mail(account: Account) -> None:
    """Give the customer an e-mail address too."""
    async with account.database.transaction() as tx:
        person = await tx.people.at(Channel.WECOM_KF, CUSTOMER)
        assert person is not None
        await tx.people.add_address(person.id, Channel.EMAIL, "wang@example.cn", account.clock())


# Sessions with servicers.


async def test_a_session_goes_to_a_servicer_and_back_through_its_end(account: Account) -> None:
    sessions = KfSessions(account.settings)
    account.api.customer_writes(CUSTOMER, text="转人工")
    assert await sessions.state(CUSTOMER) == (ServiceState.NEW, "")
    await sessions.queue(CUSTOMER)
    await sessions.hand_over(CUSTOMER, "LiSi")
    assert await sessions.state(CUSTOMER) == (ServiceState.PERSON, "LiSi")
    await account.receiver.fetch()
    refused = await account.deliver(await account.write("x"))
    assert refused.state is OutboxState.INVALID, "WeChat lets only the servicer speak"
    with pytest.raises(SessionChangeError):
        await sessions.queue(CUSTOMER)
    await sessions.end(CUSTOMER)
    with pytest.raises(SessionChangeError):
        await sessions.hand_over(CUSTOMER, "LiSi")
    account.api.customer_writes(CUSTOMER, text="你好")
    account.clock.now += timedelta(seconds=1)
    await account.receiver.fetch()
    assert (await account.deliver(await account.write("y"))).state is OutboxState.SENT
    await sessions.close()


async def test_what_a_servicer_does_in_wecom_is_on_the_case(account: Account) -> None:
    account.api.customer_writes(CUSTOMER, text="转人工")
    await account.receiver.fetch()
    now = account.clock()
    agency = SimpleNamespace(
        id="a1", name="甬江商标代理", scopes=(), districts=(), takes_cases=True, demo=False
    )
    async with account.database.transaction() as tx:
        staff = await tx.people.add_person(Role.AGENCY, now, name="李四", login="lisi", agency_id="a1")
        await tx.people.add_address(staff.id, Channel.WECOM, "LiSi", now)
        owner = await tx.people.at(Channel.WECOM_KF, CUSTOMER)
        assert owner is not None
        consent = flows.Consent(("对话",), now)
        await flows.request(
            tx, owner, topic="", summary="", statutory_day=None, agencies=[agency], now=now, consent=consent
        )
    account.api.event("session_status_change", CUSTOMER, change_type=1, new_servicer_userid="LiSi")
    said = {"origin": 5, "external_userid": CUSTOMER, "servicer_userid": "LiSi", "msgtype": "text"}
    account.api.happens(**said, text={"content": "您好，我来看。"})
    await account.receiver.fetch()
    async with account.database.transaction() as tx:  # told again after a crash
        case = await flows.active_case(tx, owner.id)
        await tx.cursors.move(account.settings.cursor, "0", now)
    assert case is not None
    assert (case.state, case.owner_id) == (CaseState.WAITING_CUSTOMER, staff.id)
    account.api.event("session_status_change", CUSTOMER, change_type=3, old_servicer_userid="LiSi")
    await account.receiver.fetch()
    async with account.database.reading() as tx:
        assert await flows.active_case(tx, owner.id) is None
        kinds = [event.kind for event in await tx.cases(SYSTEM).events(case.id)]
    assert kinds.count(CaseEventKind.AGENT_SAID) == 1
    assert kinds[-2:] == [CaseEventKind.RETURN_STARTED, CaseEventKind.RETURNED]
