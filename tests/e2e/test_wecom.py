"""WeCom's application against a server of our own: callbacks in, messages and cards out, every kind of answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
from fastapi import FastAPI

from bot.channels.wecom import client as client_module
from bot.channels.wecom import receiver as receiver_module
from bot.channels.wecom.client import WecomClient
from bot.channels.wecom.errors import WecomApiError, WecomUnreachableError
from bot.channels.wecom.receiver import CALLBACK_PATH, WecomReceiver
from bot.channels.wecom.sender import WecomSender
from bot.channels.wecom.settings import WecomAccount, WecomSettings
from bot.channels.wecom.updates import from_callback
from bot.channels.writers import known_writer
from bot.delivery.delivery import Delivery
from bot.delivery.port import Gone, Invalid, NotNow, Outcome, RetryLater, Sent, Unknown
from store.asker import SYSTEM
from store.database import Database
from store.errors import UnavailableError
from store.messages import Channel, DocumentPart, IncomingKind, Outgoing, TextPart
from store.outbox import Letter
from store.records import AddressState, OutboxItem, OutboxState
from tests.e2e.bot_api_server import until
from tests.e2e.wecom_server import AES_KEY, AGENT, CORP, SECRET, TOKEN, Caller, Served, Wecom
from tests.echo_pipeline import BUTTONS, EchoPipeline
from tests.outbox_items import item

MEMBER = "LiSi"
SAID = {"FromUserName": MEMBER, "AgentID": str(AGENT), "MsgType": "text", "Content": "年费"}


def utc_now() -> datetime:
    return datetime.now(UTC)


def account(url: str, secret: str = SECRET) -> WecomAccount:
    return WecomAccount(CORP, secret, TOKEN, AES_KEY, url)


def to_member(content: Outgoing, outbox_id: int = 7) -> OutboxItem:
    made = item(outbox_id, content, utc_now())
    return made.model_copy(update={"channel": Channel.WECOM, "address": MEMBER})


@pytest.fixture
async def wecom() -> AsyncIterator[tuple[Wecom, str]]:
    api = Wecom()
    async with Served(api.app()) as served:
        yield api, served.url


@asynccontextmanager
async def application(url: str, database: Database) -> AsyncIterator[tuple[EchoPipeline, Caller]]:
    """The application's callback, with what it received."""
    pipeline = EchoPipeline(database, utc_now)
    receiver = WecomReceiver(WecomSettings(account(url), AGENT), database, pipeline, utc_now)
    app = FastAPI()
    app.include_router(receiver.router)
    async with Served(app) as served:
        running = asyncio.create_task(receiver.run())
        yield pipeline, Caller(served.url + CALLBACK_PATH)
        await receiver.close()
        await running


async def test_the_address_is_proved_and_the_menu_set(wecom: tuple[Wecom, str], database: Database) -> None:
    api, url = wecom
    async with application(url, database) as (_, caller):
        assert await caller.verify() == (200, "the secret word")
        await until(lambda: any(call.path == "menu/create" for call in api.calls))
    [menu] = [call for call in api.calls if call.path == "menu/create"]
    assert [button["name"] for button in menu.body["button"]] == ["期限", "补贴", "转人工"]
    assert menu.query["agentid"] == str(AGENT)


async def test_what_members_do_is_received_once(wecom: tuple[Wecom, str], database: Database) -> None:
    api, url = wecom
    api.media["photo"] = ("image/jpeg", b"\xff\xd8\xff a photo")
    api.media["voice"] = ("audio/amr", b"#!AMR voice")
    common = {"FromUserName": MEMBER, "CreateTime": "1764000000", "AgentID": str(AGENT)}
    async with application(url, database) as (pipeline, caller):
        text = {"MsgType": "text", "Content": "年费什么时候交 <&>", "MsgId": "1"}
        assert await caller.tell(3, **common, **text) == [200, 200, 200]
        await caller.tell(**common, MsgType="image", MediaId="photo", MsgId="2")
        await caller.tell(**common, MsgType="voice", MediaId="voice", MsgId="3")
        await caller.tell(**common, MsgType="image", MediaId="gone", MsgId="4")
        await caller.tell(**common, MsgType="video", MediaId="x", MsgId="5")
        click = {"MsgType": "event", "Event": "click", "EventKey": "deadlines"}
        assert await caller.tell(2, **common, **click) == [200, 200]
        await caller.tell(**common, MsgType="event", Event="template_card_event", EventKey="12:0", TaskId="t")
        await caller.tell(2, **common, MsgType="event", Event="enter_agent")
        await caller.tell(**{**common, "FromUserName": "New"}, MsgType="event", Event="enter_agent")
        await caller.tell(**common, MsgType="event", Event="template_card_event", EventKey="evil")
        await caller.tell(**common, MsgType="event", Event="something_new", EventKey="x")
        await caller.tell(**{**common, "AgentID": "1"}, MsgType="text", Content="another's", MsgId="6")
        got = [(each.kind, each.text or each.pressed) for each in pipeline.received]
    assert got == [
        (IncomingKind.TEXT, "年费什么时候交 <&>"),
        (IncomingKind.PHOTO, ""),
        (IncomingKind.VOICE, ""),
        (IncomingKind.PHOTO, ""),
        (IncomingKind.OTHER, ""),
        (IncomingKind.TEXT, "我有哪些期限"),
        (IncomingKind.PRESS, "12:0"),
        (IncomingKind.START, ""),
    ]
    kept = [each.attachment_id is not None for each in pipeline.received[1:4]]
    assert kept == [True, True, False]
    async with database.reading() as tx:
        _, data = await tx.attachments(SYSTEM).read(pipeline.received[1].attachment_id or 0)
    assert data == b"\xff\xd8\xff a photo"


async def test_one_who_leaves_is_not_written_to(wecom: tuple[Wecom, str], database: Database) -> None:
    _, url = wecom
    common = {"FromUserName": MEMBER, "AgentID": str(AGENT), "MsgType": "event"}
    async with application(url, database) as (pipeline, caller):
        await caller.tell(**common, Event="subscribe", CreateTime="1")
        await caller.tell(2, **common, Event="unsubscribe", CreateTime="2")
        assert [each.kind for each in pipeline.received] == [IncomingKind.START, IncomingKind.STOP]
    async with database.reading() as tx:
        person = await tx.people.at(Channel.WECOM, MEMBER)
        assert person is not None
        [address] = await tx.people.addresses(person.id)
    assert address.state is AddressState.BLOCKED


async def test_what_is_not_wecoms_is_refused_with_the_right_status(
    wecom: tuple[Wecom, str], database: Database
) -> None:
    _, url = wecom
    message = f"<xml><FromUserName>{MEMBER}</FromUserName><MsgType>text</MsgType><Content>x</Content></xml>"
    async with application(url, database) as (pipeline, caller):
        assert await caller.send(message.encode(), msg_signature="0" * 40) == [403]
        assert await caller.send(message.encode(), timestamp="1409659814") == [403]
        assert await caller.send(message.encode(), nonce="é") == [403]
        assert await caller.raw(b"not xml", {}) == [400]
        assert await caller.raw(b"<xml></xml>", {}) == [403]
        assert await caller.raw(b"<xml>" + b" " * 300_000 + b"</xml>", {}) == [413]
        assert await caller.send(b"sealed, but no xml") == [400]
        bomb = b'<!DOCTYPE xml [<!ENTITY a "aa">]><xml><Content>&a;</Content></xml>'
        assert await caller.send(bomb) == [400]
        assert pipeline.received == []


async def test_what_could_not_be_stored_comes_again(
    wecom: tuple[Wecom, str], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = wecom
    fields = {**SAID, "MsgId": "1"}
    async with application(url, database) as (pipeline, caller):
        receive = pipeline.receive

        async def broken(_: object) -> bool:
            raise OSError("the disk is full")

        monkeypatch.setattr(pipeline, "receive", broken)
        assert await caller.tell(**fields) == [500]
        monkeypatch.setattr(pipeline, "receive", receive)
        assert await caller.tell(**fields) == [200]
        assert len(pipeline.received) == 1


async def test_what_came_while_the_database_was_gone_is_stored_when_it_is_back(
    wecom: tuple[Wecom, str], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = wecom
    async with application(url, database) as (pipeline, caller):
        receive = pipeline.receive

        async def gone(_: object) -> bool:
            raise UnavailableError("gone")

        monkeypatch.setattr(pipeline, "receive", gone)
        assert await caller.tell(3, **SAID, MsgId="1") == [500, 500, 500]
        assert await caller.tell(3, **SAID, MsgId="2") == [500, 500, 500]
        monkeypatch.setattr(pipeline, "receive", receive)
        await until(lambda: len(pipeline.received) == 2, 20)
        assert await caller.tell(**SAID, MsgId="1") == [200]
        assert len(pipeline.received) == 2, "stored once, however often it comes"


@pytest.mark.parametrize("comes_back", [True, False])
async def test_a_file_that_cannot_be_fetched_loses_no_message(
    wecom: tuple[Wecom, str], database: Database, monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    """WeCom brings the message three times within seconds, and its files' server may take longer to come back."""
    api, url = wecom
    monkeypatch.setattr(receiver_module, "_FIRST_LOOK", 0.05)
    api.media["m"], api.media_broken = ("image/jpeg", b"a photo"), True
    photo = {**SAID, "MsgType": "image", "MediaId": "m", "MsgId": "1"}
    async with application(url, database) as (pipeline, caller):
        assert await caller.tell(3, **photo) == [500, 500, 500]
        api.media_broken = not comes_back
        await until(lambda: len(pipeline.received) == 1, 20)
        assert (pipeline.received[0].attachment_id is not None) is comes_back
        assert pipeline.received[0].kind is IncomingKind.PHOTO
        assert await caller.tell(**photo) == [200]
        assert len(pipeline.received) == 1


async def test_one_that_can_never_be_stored_is_shown_to_an_operator(
    wecom: tuple[Wecom, str], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = wecom
    fields = {**SAID, "MsgId": "1"}
    async with application(url, database) as (pipeline, caller):

        async def broken(_: object) -> bool:
            raise KeyError("never")

        monkeypatch.setattr(pipeline, "receive", broken)
        assert await caller.tell(3, **fields) == [500, 500, 200]
    async with database.reading() as tx:
        assert len(await tx.dead_letters(SYSTEM).unanswered()) == 1


async def test_a_token_is_fetched_once_and_again_when_it_was_taken_back(wecom: tuple[Wecom, str]) -> None:
    api, url = wecom
    client = WecomClient(account(url))
    body = {"touser": MEMBER, "agentid": AGENT, "msgtype": "text", "text": {"content": "年费"}}
    await asyncio.gather(*(client.call("message/send", body) for _ in range(10)))
    assert api.tokens_given == 1
    api.expire_tokens()
    await asyncio.gather(*(client.call("message/send", body) for _ in range(10)))
    assert api.tokens_given == 2
    api.codes.append(42001)
    await client.call("message/send", body)
    assert api.tokens_given == 3
    api.codes.extend([40014, 40014])
    with pytest.raises(WecomApiError):
        await client.call("message/send", body)
    await client.close()


async def test_those_who_waited_for_a_token_that_did_not_come_do_not_wait_again_one_after_the_other(
    wecom: tuple[Wecom, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would ask for its own: the last ones would be given up in the queue, and nobody know that nothing was sent."""
    api, url = wecom
    monkeypatch.setattr(client_module, "_TIMEOUT", aiohttp.ClientTimeout(sock_read=0.3))
    client = WecomClient(account(url))
    api.seconds_until_a_token = 1.0
    async with asyncio.timeout(1.5):
        failed = await asyncio.gather(
            *(client.call("message/send", {}) for _ in range(32)), return_exceptions=True
        )
    assert all(isinstance(error, WecomUnreachableError) and error.never_sent for error in failed)
    assert api.tokens_asked == 1
    api.seconds_until_a_token = 0.0
    body = {"touser": MEMBER, "agentid": AGENT, "msgtype": "text", "text": {"content": "年费"}}
    await asyncio.gather(*(client.call("message/send", body) for _ in range(10)))
    assert api.tokens_asked == 2
    await client.close()


async def test_a_file_is_uploaded_again_with_a_new_token(wecom: tuple[Wecom, str]) -> None:
    api, url = wecom
    client = WecomClient(account(url))
    await client.upload("file", "期限表.xlsx", "application/x", b"a sheet")
    api.expire_tokens()
    assert await client.upload("file", '表"1".xlsx', "application/x", b"another sheet") == "media1"
    assert list(api.uploads.values()) == [("期限表.xlsx", b"a sheet"), ('表"1".xlsx', b"another sheet")]
    await client.close()


async def test_a_wrong_secret_and_a_server_out_of_reach_are_never_sent(wecom: tuple[Wecom, str]) -> None:
    _, url = wecom
    wrong = WecomClient(account(url, "wrong"))
    with pytest.raises(WecomApiError, match="40001"):
        await wrong.call("message/send", {})
    nowhere = WecomClient(account("http://127.0.0.1:1"))
    with pytest.raises(WecomUnreachableError) as caught:
        await nowhere.call("message/send", {})
    assert caught.value.never_sent
    assert SECRET not in str(caught.value)
    await wrong.close()
    await nowhere.close()


async def test_words_files_and_cards(wecom: tuple[Wecom, str], database: Database) -> None:
    api, url = wecom
    now = utc_now()
    async with database.transaction() as tx:
        kept = await tx.attachments(SYSTEM).keep(b"a picture", "图.png", "image/png", None, now)
        sheet = await tx.attachments(SYSTEM).keep(
            b"a sheet of cells", "期限表.xlsx", "application/x", None, now
        )
    content = Outgoing(
        parts=(
            TextPart(text="年费" * 400 + "。\n" + '点<a href="http://evil.example">知托</a>'),
            DocumentPart(attachment_id=kept.id, filename="图.png", media_type="image/png"),
            DocumentPart(attachment_id=sheet.id, filename="期限表.xlsx", media_type="application/x"),
        ),
        choices=BUTTONS * 4,
    )
    sender = WecomSender(WecomSettings(account(url), AGENT), database)
    message = to_member(content)
    for pieces in range(1, 8):
        outcome = await sender.send(message)
        if isinstance(outcome, Sent):
            break
        message = message.model_copy(update={"vendor_id": f"pieces:{pieces}"})
    bodies = api.sends(MEMBER)
    assert [body["msgtype"] for body in bodies] == ["text", "text", "image", "file", *["template_card"] * 2]
    assert "<a" not in bodies[1]["text"]["content"]
    assert api.uploads["media1"] == ("期限表.xlsx", b"a sheet of cells")
    keys = [button["key"] for body in bodies[4:] for button in body["template_card"]["button_list"]]
    assert keys == [f"7:{place}" for place in range(8)]
    await sender.close()


async def test_a_short_question_stands_on_its_card(wecom: tuple[Wecom, str], database: Database) -> None:
    api, url = wecom
    sender = WecomSender(WecomSettings(account(url), AGENT), database)
    assert isinstance(await sender.send(to_member(Outgoing.say("记下吗？\n2020年4月15日", *BUTTONS))), Sent)
    [body] = api.sends(MEMBER)
    assert body["template_card"]["main_title"] == {"title": "记下吗？"}
    assert body["template_card"]["sub_title_text"] == "2020年4月15日"
    again = to_member(Outgoing.say("记下吗？", *BUTTONS)).model_copy(update={"attempts": 2})
    assert isinstance(await sender.send(again), Sent), "a person's word sends a card again"
    await sender.close()


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (-1, RetryLater),
        (45009, RetryLater),
        (45033, RetryLater),
        (48002, RetryLater),
        (60020, RetryLater),
        (81013, Gone),
        (60111, Invalid),
        (45002, Invalid),
        (12345, Invalid),
        (95001, NotNow),
    ],
)
async def test_error_codes(
    wecom: tuple[Wecom, str], database: Database, code: int, outcome: type[Outcome]
) -> None:
    api, url = wecom
    api.codes.append(code)
    sender = WecomSender(WecomSettings(account(url), AGENT), database)
    got = await sender.send(to_member(Outgoing.say("年费")))
    assert isinstance(got, outcome)
    if isinstance(got, RetryLater):
        assert got.hold is (code not in (-1, 45033))
    await sender.close()


@pytest.mark.parametrize("how", ["500", "html", "empty", "cut"])
async def test_an_answer_not_of_wecoms_form_leaves_it_unknown(
    wecom: tuple[Wecom, str], database: Database, how: str
) -> None:
    api, url = wecom
    api.broken.append(how)
    sender = WecomSender(WecomSettings(account(url), AGENT), database)
    assert isinstance(await sender.send(to_member(Outgoing.say("年费"))), Unknown)
    await sender.close()


async def test_members_named_in_a_success_were_not_written_to(
    wecom: tuple[Wecom, str], database: Database
) -> None:
    api, url = wecom
    sender = WecomSender(WecomSettings(account(url), AGENT), database)
    api.gone.add(MEMBER)
    assert await sender.send(to_member(Outgoing.say("年费"))) == Gone()
    api.gone.clear()
    api.unlicensed.add(MEMBER)
    outcome = await sender.send(to_member(Outgoing.say("年费")))
    assert isinstance(outcome, Invalid)
    assert not outcome.address_unknown
    await sender.close()


async def test_the_31st_message_to_a_member_within_a_minute_waits(
    wecom: tuple[Wecom, str], database: Database, now: datetime
) -> None:
    from datetime import timedelta

    api, url = wecom
    sender = WecomSender(WecomSettings(account(url), AGENT), database)
    async with database.transaction() as tx:
        for number in range(31):
            letter = Letter(
                dedupe_key=str(number),
                channel=Channel.WECOM,
                address=MEMBER,
                content=Outgoing.say(str(number)),
            )
            await tx.outbox.write(letter, now)
    moment = now
    delivery = Delivery(database, [sender], lambda: moment)
    await delivery.deliver_due()
    assert len(api.sends(MEMBER)) == 30
    moment = now + timedelta(seconds=59)
    await delivery.deliver_due()
    assert len(api.sends(MEMBER)) == 30
    moment = now + timedelta(seconds=61)
    await delivery.deliver_due()
    await until(lambda: len(api.sends(MEMBER)) == 31)
    await sender.close()


async def test_a_pressed_card_is_changed_once(wecom: tuple[Wecom, str], database: Database) -> None:
    api, url = wecom
    sender = WecomSender(WecomSettings(account(url), AGENT), database)
    now = utc_now()
    card = Outgoing.say("第8年年费快到期了", *BUTTONS)
    async with database.transaction() as tx:
        person = await known_writer(tx, Channel.WECOM, MEMBER, "", now)
        letter = Letter(
            dedupe_key="card", channel=Channel.WECOM, address=MEMBER, content=card, person_id=person.id
        )
        number = await tx.outbox.write(letter, now)
    delivery = Delivery(database, [sender], utc_now)
    await delivery.deliver_due()
    [shown] = api.sends(MEMBER)
    key = shown["template_card"]["button_list"][0]["key"]

    async def change(content: Outgoing, update_id: int, known: bool = True) -> OutboxState:
        fields = api.press(MEMBER, key, update_id)
        read = from_callback(fields, AGENT, now)
        assert read is not None
        if not known:
            api.response_codes.clear()
        async with database.transaction() as tx:
            press = await tx.inbox.receive(read[0], person.id)
            assert press is not None
            message = await tx.edits.pressed(press)
            assert message is not None
            assert message.id == number
            assert tx.edits.letter(message, content, "x") is None, "no change without a press"
            change = tx.edits.letter(message, content, str(press.id), press=press)
            assert change is not None
            written = await tx.outbox.write(change, now)
            assert written is not None
        await delivery.deliver_due()
        async with database.reading() as tx:
            item = await tx.outbox.get(written)
            assert item is not None
            return item.state

    line = TextPart(text="改到2026年12月1日再提醒")
    left = card.model_copy(update={"parts": (line, *card.parts), "choices": card.choices[:1]})
    assert await change(left, 1) is OutboxState.SENT
    changed = api.cards[MEMBER]["template_card"]
    assert "改到2026年12月1日再提醒" in changed["main_title"]["title"]
    assert [button["text"] for button in changed["button_list"]] == [card.choices[0].text]
    assert changed["button_list"][0]["key"] != key, "its buttons are those of the change"
    bare = left.model_copy(update={"choices": ()})
    assert await change(bare, 2) is OutboxState.SENT
    assert api.cards[MEMBER]["button"] == {"replace_name": "改到2026年12月1日再提醒"}
    assert await change(bare, 3, known=False) is OutboxState.INVALID
    api.broken.append("500")
    assert await change(bare, 4) is OutboxState.UNKNOWN
    assert len(api.sends(MEMBER)) == 1, "a change is no second message"
    async with database.reading() as tx:
        assert await tx.dead_letters(SYSTEM).all() == []
        assert (await tx.people.addresses(person.id))[0].state is AddressState.ACTIVE
    await sender.close()
