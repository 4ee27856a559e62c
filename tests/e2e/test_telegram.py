"""The real aiogram and the real python-telegram-bot against a server that speaks the Bot API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.telegram.receiver import WEBHOOK_PATH, TelegramReceiver
from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.settings import Mode, TelegramSettings
from bot.delivery.delivery import Delivery
from store.asker import SYSTEM
from store.database import Database
from store.messages import Channel, DocumentPart, Incoming, IncomingKind, Outgoing, TextPart
from store.outbox import Letter
from store.records import AddressState, Lane, OutboxItem, OutboxState
from tests.e2e.bot_api_server import TOKEN, BotApi, Served, until
from tests.echo_pipeline import BUTTONS, EchoPipeline

SECRET = "a-secret-of-the-webhook"
CHAT = 77


def clock() -> datetime:
    return datetime.now(UTC)


class Bot:
    """The service's Telegram side with an echo behind it."""

    def __init__(self, database: Database, api: BotApi, settings: TelegramSettings) -> None:
        self.database = database
        self.api = api
        self.settings = settings
        self.sender = TelegramSender(settings, database)
        self.delivery = Delivery(database, [self.sender], clock)
        self.pipeline = EchoPipeline(database, clock, self.delivery.wake)
        self.receiver = TelegramReceiver(settings, database, self.pipeline, clock, long_poll_seconds=1)

    async def write(
        self, key: str, chat: str = str(CHAT), content: Outgoing | None = None, **more: object
    ) -> int:
        letter = Letter(
            dedupe_key=key,
            channel=Channel.TELEGRAM,
            address=chat,
            content=content or Outgoing.say(key),
            **more,  # type: ignore[arg-type]
        )
        async with self.database.transaction() as tx:
            outbox_id = await tx.outbox.write(letter, clock())
        assert outbox_id is not None
        self.delivery.wake()
        return outbox_id

    async def read(self, outbox_id: int) -> OutboxItem:
        async with self.database.reading() as tx:
            item = await tx.outbox.get(outbox_id)
        assert item is not None
        return item

    async def settled(self, outbox_id: int, seconds: float = 10) -> OutboxItem:
        """Return the message when it is neither waiting nor being sent."""
        async with asyncio.timeout(seconds):
            while True:
                item = await self.read(outbox_id)
                if item.state not in (OutboxState.PENDING, OutboxState.SENDING):
                    return item
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(database: Database, api: BotApi, mode: Mode) -> AsyncIterator[Bot]:
    """Run the Bot API server, our webhook's server, the receiver and delivery."""
    ours = FastAPI()
    async with Served(api.app()) as vendor, Served(ours) as service:
        settings = TelegramSettings(TOKEN, vendor.url, SECRET, mode, service.url)
        bot = Bot(database, api, settings)
        ours.include_router(bot.receiver.router)
        tasks = [asyncio.create_task(bot.receiver.run()), asyncio.create_task(bot.delivery.run())]
        await until(lambda: any(call.method == "setMyCommands" for call in api.calls))
        try:
            yield bot
        finally:
            bot.delivery.stop()
            bot.receiver.stop()
            api.offer()
            async with asyncio.timeout(20):
                await asyncio.gather(*tasks)
            await bot.sender.close()


@pytest.fixture
def api() -> BotApi:
    return BotApi()


@pytest.fixture
async def by_webhook(database: Database, api: BotApi) -> AsyncIterator[Bot]:
    async with running(database, api, Mode.WEBHOOK) as bot:
        yield bot


@pytest.fixture
async def by_polling(database: Database, api: BotApi) -> AsyncIterator[Bot]:
    async with running(database, api, Mode.POLLING) as bot:
        yield bot


async def test_a_message_by_webhook_is_answered_with_buttons(by_webhook: Bot, api: BotApi) -> None:
    assert api.webhook["secret_token"] == SECRET
    assert await api.deliver(api.message("年费什么时候交")) == [200]
    (sent,) = await api.until_sent(1, CHAT)
    assert sent.text == "听到：年费什么时候交"
    rows = sent.parameters["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in rows] == [["记下这件专利", "以后再说"]]
    assert all(len(button["callback_data"].encode()) <= 64 for row in rows for button in row)


async def test_a_pressed_button_comes_back_unchanged(by_webhook: Bot, api: BotApi) -> None:
    await api.deliver(api.message("你好"))
    (sent,) = await api.until_sent(1)
    data = sent.parameters["reply_markup"]["inline_keyboard"][0][1]["callback_data"]
    assert await api.deliver(api.press(data)) == [200]
    assert by_webhook.pipeline.received[-1].pressed == data
    assert by_webhook.pipeline.received[-1].kind is IncomingKind.PRESS
    assert [call.method for call in api.calls].count("answerCallbackQuery") == 1
    outbox_id, _, index = data.partition(":")
    item = await by_webhook.read(int(outbox_id))
    assert item.content.choices[int(index)].text == "以后再说"


async def test_a_message_by_polling_is_acknowledged_after_it_is_stored(by_polling: Bot, api: BotApi) -> None:
    first = api.message("你好")
    stored_when_acknowledged: list[int] = []
    receive = by_polling.pipeline.receive

    async def slowly(incoming):  # type: ignore[no-untyped-def]
        await asyncio.sleep(0.2)
        stored_when_acknowledged.append(len(api.acknowledged))
        return await receive(incoming)

    by_polling.pipeline.receive = slowly  # type: ignore[method-assign]
    api.offer(first)
    await api.until_sent(1)
    await until(lambda: first["update_id"] in api.acknowledged)
    assert stored_when_acknowledged == [0]


async def test_an_update_that_cannot_be_stored_is_not_acknowledged(by_polling: Bot, api: BotApi) -> None:
    receive, failures = by_polling.pipeline.receive, [RuntimeError("disk full")] * 2

    async def failing(incoming):  # type: ignore[no-untyped-def]
        if failures:
            raise failures.pop()
        return await receive(incoming)

    by_polling.pipeline.receive = failing  # type: ignore[method-assign]
    api.offer(api.message("一"), api.message("二"))
    sent = await api.until_sent(2)
    assert [call.text for call in sent] == ["听到：一", "听到：二"]


async def test_the_webhook_says_no_when_it_could_not_store(by_webhook: Bot, api: BotApi) -> None:
    receive = by_webhook.pipeline.receive

    async def failing(_):  # type: ignore[no-untyped-def]
        raise RuntimeError("disk full")

    update = api.message("你好")
    by_webhook.pipeline.receive = failing  # type: ignore[method-assign]
    assert await api.deliver(update) == [500]
    by_webhook.pipeline.receive = receive  # type: ignore[method-assign]
    assert await api.deliver(update) == [200]
    assert len(await api.until_sent(1)) == 1


@pytest.mark.counted
async def test_three_deliveries_of_one_update_are_processed_once(by_webhook: Bot, api: BotApi) -> None:
    assert await api.deliver(api.message("你好"), times=3) == [200, 200, 200]
    await api.until_sent(1)
    await asyncio.sleep(1.3)
    assert len(api.sends()) == 1
    assert len(by_webhook.pipeline.received) == 1


async def test_a_wrong_secret_is_refused_and_nothing_is_stored(by_webhook: Bot, api: BotApi) -> None:
    api.wrong_secret = True
    assert await api.deliver(api.message("你好")) == [403]
    async with httpx.AsyncClient() as client:
        without = await client.post(by_webhook.settings.public_url + WEBHOOK_PATH, json=api.message("你好"))
    assert without.status_code == 403
    assert by_webhook.pipeline.received == []


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b'{"update_id": "x"}', 400), (b"x" * 1_100_000, 413)],
)
async def test_what_is_no_update_is_refused(by_webhook: Bot, body: bytes, status: int) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            by_webhook.settings.public_url + WEBHOOK_PATH,
            content=body,
            headers={"X-Telegram-Bot-Api-Secret-Token": SECRET},
        )
    assert answer.status_code == status
    assert answer.content == b""


async def test_an_update_of_a_kind_not_known_is_taken_and_left(by_webhook: Bot, api: BotApi) -> None:
    assert await api.deliver(api.update(something_of_next_year={"id": 1})) == [200]
    assert by_webhook.pipeline.received == []


async def test_groups_and_bots_are_not_answered(by_webhook: Bot, api: BotApi) -> None:
    group = api.message("大家好")
    group["message"]["chat"] = {"id": -100, "type": "group", "title": "群"}
    robot = api.message("你好")
    robot["message"]["from"]["is_bot"] = True
    assert [await api.deliver(update) for update in (group, robot)] == [[200], [200]]
    assert by_webhook.pipeline.received == []


async def test_start_carries_its_payload_and_commands_their_words(by_webhook: Bot, api: BotApi) -> None:
    for text in ("/start ningbo2026", "/deadlines", "/person@zhituo_test_bot", "/nothing"):
        await api.deliver(api.message(text))
    received = by_webhook.pipeline.received
    assert (received[0].kind, received[0].payload) == (IncomingKind.START, "ningbo2026")
    assert [incoming.text for incoming in received[1:]] == ["我有哪些期限", "转人工", "/nothing"]
    menu = next(call for call in api.calls if call.method == "setMyCommands").parameters["commands"]
    assert {"command": "deadlines", "description": "我有哪些期限"} in menu


async def test_photos_and_documents_are_kept(by_webhook: Bot, api: BotApi, database: Database) -> None:
    api.files = {"documents/big": b"\xff\xd8\xffphoto", "documents/pdf": b"%PDF receipt"}
    sizes = [
        {"file_id": "small", "file_unique_id": "1", "width": 90, "height": 90, "file_size": 900},
        {"file_id": "big", "file_unique_id": "2", "width": 900, "height": 900, "file_size": 9000},
    ]
    document = {
        "file_id": "pdf",
        "file_unique_id": "3",
        "file_name": "收据.pdf",
        "mime_type": "application/pdf",
    }
    await api.deliver(api.message(photo=sizes, caption="缴费凭证"), times=2)
    await api.deliver(api.message(document=document))
    photo, paper = by_webhook.pipeline.received
    assert (photo.kind, photo.text, paper.kind) == (IncomingKind.PHOTO, "缴费凭证", IncomingKind.DOCUMENT)
    async with database.reading() as tx:
        assert photo.attachment_id is not None
        assert paper.attachment_id is not None
        assert (await tx.attachments(SYSTEM).read(photo.attachment_id))[1] == b"\xff\xd8\xffphoto"
        kept, data = await tx.attachments(SYSTEM).read(paper.attachment_id)
    assert (kept.filename, kept.media_type, data) == ("收据.pdf", "application/pdf", b"%PDF receipt")
    assert [call.method for call in api.calls].count("getFile") == 2


async def test_a_file_that_cannot_be_fetched_is_told_without_it(by_webhook: Bot, api: BotApi) -> None:
    document = {"file_id": "lost", "file_unique_id": "3", "file_name": "a.pdf"}
    huge = document | {"file_size": 11 * 1024 * 1024}
    await api.deliver(api.message(document=document))
    await api.deliver(api.message(document=huge))
    assert [incoming.attachment_id for incoming in by_webhook.pipeline.received] == [None, None]


async def test_voice_contact_and_stickers_have_their_kinds(by_webhook: Bot, api: BotApi) -> None:
    await api.deliver(api.message(voice={"file_id": "v", "file_unique_id": "v", "duration": 3}))
    await api.deliver(
        api.message(contact={"phone_number": "000-0000", "first_name": "明", "last_name": "王"})
    )
    await api.deliver(api.message(dice={"emoji": "🎲", "value": 3}))
    await api.deliver(api.message("\u200b\x00"))
    voice, contact, dice, nothing = by_webhook.pipeline.received
    assert voice.kind is IncomingKind.VOICE
    assert (contact.kind, contact.text) == (IncomingKind.OTHER, "我的联系方式：王明 000-0000")
    assert (dice.kind, nothing.kind) == (IncomingKind.OTHER, IncomingKind.OTHER)


async def test_one_who_blocks_us_is_not_written_to(by_webhook: Bot, api: BotApi, database: Database) -> None:
    await api.deliver(api.message("你好"))
    await api.until_sent(1)
    await api.deliver(api.blocks())
    assert by_webhook.pipeline.received[-1].kind is IncomingKind.STOP
    person = None
    async with database.reading() as tx:
        person = await tx.people.at(Channel.TELEGRAM, str(CHAT))
        assert person is not None
        assert (await tx.people.addresses(person.id))[0].state is AddressState.BLOCKED
    outbox_id = await by_webhook.write("提醒")
    assert (await by_webhook.settled(outbox_id)).state is OutboxState.GONE
    await api.deliver(api.message("我回来了"))
    async with database.reading() as tx:
        assert (await tx.people.addresses(person.id))[0].state is AddressState.ACTIVE


async def test_a_chat_that_telegram_does_not_know_is_a_dead_letter(by_webhook: Bot, api: BotApi) -> None:
    api.unknown.add("404")
    item = await by_webhook.settled(await by_webhook.write("提醒", "404"))
    assert item.state is OutboxState.INVALID
    assert "not found" in item.error


async def test_a_topic_is_written_to_and_a_lost_one_is_seen(by_webhook: Bot, api: BotApi) -> None:
    api.topics["-1005"] = {9}
    good = await by_webhook.settled(await by_webhook.write("一", "-1005:9"))
    lost = await by_webhook.settled(await by_webhook.write("二", "-1005:8"))
    assert (good.state, lost.state) == (OutboxState.SENT, OutboxState.INVALID)
    assert api.sends("-1005")[0].parameters["message_thread_id"] in (9, "9")


@pytest.mark.parametrize("how", ["500", "html", "cut"])
async def test_what_cannot_be_told_is_unknown_and_not_sent_twice(
    by_webhook: Bot, api: BotApi, how: str
) -> None:
    api.broken.append(how)
    item = await by_webhook.settled(await by_webhook.write("提醒"))
    assert item.state is OutboxState.UNKNOWN
    assert TOKEN not in item.error
    await asyncio.sleep(1.2)
    assert len(api.sends()) == 1


async def test_where_nobody_listens_it_is_certainly_not_sent(database: Database, free_port: int) -> None:
    settings = TelegramSettings(TOKEN, f"http://127.0.0.1:{free_port}")
    bot = Bot(database, BotApi(), settings)
    outbox_id = await bot.write("提醒")
    await bot.delivery.deliver_due()
    item = await bot.read(outbox_id)
    assert (item.state, item.attempts) == (OutboxState.PENDING, 1)
    await bot.sender.close()


async def test_a_refused_token_holds_everything(database: Database, api: BotApi) -> None:
    async with Served(api.app()) as vendor:
        bot = Bot(database, api, TelegramSettings("1:another-token", vendor.url))
        outbox_id = await bot.write("提醒")
        await bot.delivery.deliver_due()
        item = await bot.read(outbox_id)
        await bot.sender.close()
    assert (item.state, "token" in item.error) == (OutboxState.PENDING, True)


@pytest.mark.counted
async def test_after_a_429_nobody_sends_until_it_is_over(
    by_webhook: Bot, api: BotApi, database: Database
) -> None:
    """Two deliveries stand for two processes: both honour the hold that one of them was given."""
    other = Bot(database, api, by_webhook.settings)
    task = asyncio.create_task(other.delivery.run())
    api.floods.append(3)
    await by_webhook.write("第一条")
    (refused,) = await api.until_sent(1)
    await asyncio.sleep(0.3)
    for number in range(4):
        await by_webhook.write(f"之后{number}", str(1000 + number))
        other.delivery.wake()
    sent = await api.until_sent(6)
    other.delivery.stop()
    await task
    await other.sender.close()
    assert min(call.at for call in sent[1:]) - refused.at >= 3
    assert sorted(call.text for call in sent) == sorted(["第一条", "第一条", *(f"之后{n}" for n in range(4))])


@pytest.mark.counted
async def test_ten_messages_to_one_chat_take_nine_seconds(by_webhook: Bot, api: BotApi) -> None:
    for number in range(10):
        await by_webhook.write(str(number))
    sent = await api.until_sent(10, seconds=15)
    assert [call.text for call in sent] == [str(number) for number in range(10)]
    assert sent[-1].at - sent[0].at >= 9
    gaps = [after.at - before.at for before, after in pairwise(sent)]
    assert min(gaps) >= 1


@pytest.mark.counted
async def test_the_21st_message_to_a_group_waits(by_webhook: Bot, api: BotApi) -> None:
    for number in range(22):
        await by_webhook.write(str(number), "-1005")
    await api.until_sent(20, seconds=15)
    await asyncio.sleep(2)
    assert len(api.sends("-1005")) == 20


@pytest.mark.counted
async def test_a_broadcast_does_not_delay_answers(by_webhook: Bot, api: BotApi) -> None:
    api.seconds_until_an_answer = 0.05
    for number in range(150):
        await by_webhook.write(f"政策{number}", str(2000 + number), lane=Lane.BULK)
    await api.until_sent(10)
    waits = []
    for number in range(20):
        chat = 9000 + number
        began = asyncio.get_running_loop().time()
        await api.deliver(api.message("年费", chat=chat))
        await api.until_sent(1, chat)
        waits.append(asyncio.get_running_loop().time() - began)
    assert sorted(waits)[18] < 0.5, "95 of 100 within half a second"
    times = [call.at for call in api.sends()]
    assert all(sum(1 for at in times if begin <= at < begin + 1) <= 30 for begin in times)


async def test_a_long_answer_comes_in_pieces_with_its_file_and_buttons(by_webhook: Bot, api: BotApi) -> None:
    async with by_webhook.database.transaction() as tx:
        kept = await tx.attachments(SYSTEM).keep(
            b"BEGIN:VCALENDAR", "期限.ics", "text/calendar", None, clock()
        )
    long = "\n\n".join(f"第{number}段：" + "专利😀" * 300 for number in range(6))
    file = DocumentPart(attachment_id=kept.id, filename="期限.ics", media_type="text/calendar")
    content = Outgoing(parts=(TextPart(text=long), file), choices=BUTTONS[:1])
    outbox_id = await by_webhook.write("长", content=content)
    item = await by_webhook.settled(outbox_id, 15)
    sent = api.sends()
    assert item.state is OutboxState.SENT
    assert [call.method for call in sent] == ["sendMessage"] * (len(sent) - 1) + ["sendDocument"]
    assert all(len(call.text.encode("utf-16-le")) // 2 <= 4096 for call in sent)
    assert "".join(call.text for call in sent).count("专利") == 1800
    assert sent[-1].files["document"] == b"BEGIN:VCALENDAR"
    assert ["reply_markup" in call.parameters for call in sent] == [False] * (len(sent) - 1) + [True]
    assert min(after.at - before.at for before, after in pairwise(sent)) >= 1


async def test_the_token_is_in_no_log(
    by_webhook: Bot,
    api: BotApi,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level("INFO")
    api.broken.append("cut")
    await by_webhook.settled(await by_webhook.write("提醒"))
    own = [record.getMessage() for record in caplog.records if record.name not in ("httpx", "uvicorn.access")]
    assert TOKEN not in "\n".join(own)
    assert TOKEN not in capsys.readouterr().out


async def test_an_update_that_can_never_be_stored_does_not_stop_the_others(
    by_polling: Bot, api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = by_polling.pipeline.receive

    async def choosy(incoming: Incoming) -> bool:
        if incoming.text == "毒":
            raise KeyError(incoming.text)
        return await receive(incoming)

    monkeypatch.setattr(by_polling.pipeline, "receive", choosy)
    api.offer(api.message("毒"), api.message("年费"))
    await api.until_sent(1, CHAT, 30)
    async with by_polling.database.reading() as tx:
        (lost,) = await tx.dead_letters(SYSTEM).unanswered()
    assert lost.channel == Channel.TELEGRAM
