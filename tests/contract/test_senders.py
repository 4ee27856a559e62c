"""What every way out promises, whatever vendor is behind it. A new channel is one more line in `ADAPTERS`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from pytest_socket import enable_socket, socket_allow_hosts

from bot.channels.email.sender import EmailSender
from bot.channels.email.settings import EmailSettings, Tls
from bot.channels.telegram.forum_sender import ForumSender
from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.web.sender import OpenPages, WebSender
from bot.channels.wecom.sender import WecomSender
from bot.channels.wecom.settings import WecomAccount, WecomSettings
from bot.channels.wecom_kf.sender import KfSender
from bot.channels.wecom_kf.settings import KfSettings
from bot.delivery.delivery import Delivery
from bot.delivery.in_memory import InMemorySender
from bot.delivery.port import Gone, Invalid, NotNow, Outcome, Partly, Sender, Sent, StoredIsDelivered
from store.asker import Role
from store.database import Database
from store.messages import (
    Action,
    Channel,
    ChartPart,
    Choice,
    CitationPart,
    Incoming,
    IncomingKind,
    Outgoing,
    TablePart,
    TextPart,
    Verb,
)
from store.outbox import Letter
from store.records import OutboxItem, OutboxState
from tests.e2e import wecom_server
from tests.e2e.bot_api_server import TOKEN, BotApi, Served
from tests.e2e.smtp_server import SmtpServer
from tests.echo_pipeline import BUTTONS, echo
from tests.outbox_items import item

pytestmark = pytest.mark.loopback
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


PARAGRAPHS = tuple(f"第{number}段：{'先看金额再看怎么缴。' * 3}" for number in range(1, 9))
ROWS = tuple((f"第{year}年", f"{2020 + year}年4月15日", f"{year}00元", f"{year}5元") for year in range(4, 12))
LONG = Outgoing(
    parts=(
        CitationPart(citations=("专利法实施细则 第一百一十四条",), as_of="2026年11月20日"),
        TextPart(text="\n\n".join(PARAGRAPHS)),
        TablePart(title="以后每年的年费", columns=("年度", "最稳妥的一天", "官费", "减缴后"), rows=ROWS),
        ChartPart(
            shape="radar",
            title="价值",
            labels=("法律", "技术", "经济"),
            values=(81, 62, 93),
            alt="法律81分、技术62分、经济93分",
        ),
    ),
    choices=tuple(
        Choice(text=f"选项{number}号", action=Action(verb=Verb.SAY, value=str(number)))
        for number in range(13)
    ),
)


def _json(shown: object) -> str:
    return json.dumps(shown, ensure_ascii=False, default=str)


@dataclass
class Adapter:
    """One sender and what its vendor has been given by it."""

    sender: Sender
    address: str
    arrived: Callable[[], Awaitable[int]]
    shown: Callable[[], str]  # everything that the vendor was given to show, buttons too
    let_block: Callable[[], None] | None = None
    pictures: Callable[[], int] | None = None  # how many the vendor has taken; None: the channel sends none
    refuse_pictures: Callable[[], None] = lambda: None


@asynccontextmanager
async def in_memory(_: Database) -> AsyncIterator[Adapter]:
    sender = InMemorySender(Channel.TERMINAL)

    async def arrived() -> int:
        return len(sender.taken)

    yield Adapter(
        sender, "terminal", arrived, lambda: _json([item.content.model_dump() for item in sender.taken])
    )


@asynccontextmanager
async def web(database: Database) -> AsyncIterator[Adapter]:
    async def arrived() -> int:
        async with database.reading() as tx:
            return len(await tx.outbox.sent_to(Channel.WEB, "visitor", None))

    # The page draws what stands in the outbox: all parts and buttons, whatever this sender does.
    yield Adapter(WebSender(OpenPages()), "visitor", arrived, lambda: _json([LONG.model_dump()]))


@asynccontextmanager
async def telegram(database: Database) -> AsyncIterator[Adapter]:
    api = BotApi()
    async with Served(api.app()) as vendor:
        sender = TelegramSender(TelegramSettings(TOKEN, vendor.url), database)
        yield _of_bot_api(api, sender, "77", lambda: api.blocked.add("77"))
        await sender.close()


@asynccontextmanager
async def telegram_forum(database: Database) -> AsyncIterator[Adapter]:
    api = BotApi()
    async with Served(api.app()) as vendor:
        sender = ForumSender(TelegramSettings(TOKEN, vendor.url), database)
        yield _of_bot_api(api, sender, "-1001", lambda: api.kicked.add("-1001"))
        await sender.close()


def _of_bot_api(api: BotApi, sender: Sender, address: str, let_block: Callable[[], None]) -> Adapter:
    async def arrived() -> int:
        return len(api.sends())

    def shown() -> str:
        return _json([call.parameters for call in api.sends()])

    def pictures() -> int:
        return 0 if api.refuse_pictures else sum(call.method == "sendPhoto" for call in api.sends())

    def refuse() -> None:
        api.refuse_pictures = True

    return Adapter(sender, address, arrived, shown, let_block, pictures, refuse)


def _pictures_of(api: wecom_server.Wecom) -> tuple[Callable[[], int], Callable[[], None]]:
    def refuse() -> None:
        api.refuse_pictures = True

    return lambda: sum(body["msgtype"] == "image" for body in api.sends()), refuse


def wecom_account(url: str, secret: str) -> WecomAccount:
    return WecomAccount(wecom_server.CORP, secret, wecom_server.TOKEN, wecom_server.AES_KEY, url)


@asynccontextmanager
async def wecom(database: Database) -> AsyncIterator[Adapter]:
    api = wecom_server.Wecom()
    async with Served(api.app()) as vendor:
        account = wecom_account(vendor.url, wecom_server.SECRET)
        sender = WecomSender(WecomSettings(account, wecom_server.AGENT), database)

        async def arrived() -> int:
            return len(api.sends("LiSi"))

        yield Adapter(
            sender,
            "LiSi",
            arrived,
            lambda: _json(api.sends("LiSi")),
            lambda: api.gone.add("LiSi"),
            *_pictures_of(api),
        )
        await sender.close()


@asynccontextmanager
async def wecom_kf(database: Database) -> AsyncIterator[Adapter]:
    api = wecom_server.Wecom()
    api.customer_writes("wmCustomer")
    api.left["wmCustomer"] = 1000  # this suite is not about the window
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, NOW)
        await tx.people.add_address(person.id, Channel.WECOM_KF, "wmCustomer", NOW)
        await tx.people.heard_from(Channel.WECOM_KF, "wmCustomer", NOW)
    async with Served(api.app()) as vendor:
        account = wecom_account(vendor.url, wecom_server.KF_SECRET)
        sender = KfSender(KfSettings(account, wecom_server.KFID), database, lambda: NOW)

        async def arrived() -> int:
            return len(api.msgids)  # a call with one that was used is refused

        yield Adapter(
            sender, "wmCustomer", arrived, lambda: _json(api.sends("wmCustomer")), None, *_pictures_of(api)
        )
        await sender.close()


@asynccontextmanager
async def email(database: Database) -> AsyncIterator[Adapter]:
    async with SmtpServer() as server:
        settings = EmailSettings("127.0.0.1", "notice@example.cn", server.port, tls=Tls.NONE)

        async def arrived() -> int:
            return len(server.mails)

        def shown() -> str:
            plain = [mail.message.get_body(("plain",)) for mail in server.mails]
            return "".join(body.get_content() for body in plain if body is not None)

        yield Adapter(EmailSender(settings, database, lambda: NOW), "wang@example.cn", arrived, shown)


ADAPTERS: dict[str, Callable[[Database], AbstractAsyncContextManager[Adapter]]] = {
    "in memory": in_memory,
    "web": web,
    "telegram": telegram,
    "telegram forum": telegram_forum,
    "wecom": wecom,
    "wecom_kf": wecom_kf,
    "email": email,
}


@pytest.fixture(params=ADAPTERS)
async def adapter(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Adapter]:
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    async with ADAPTERS[request.param](database) as adapter:
        yield adapter


def to(adapter: Adapter, content: Outgoing, outbox_id: int = 7) -> OutboxItem:
    return item(outbox_id, content, NOW).model_copy(
        update={"channel": adapter.sender.channel, "address": adapter.address}
    )


async def test_it_says_what_it_is(adapter: Adapter) -> None:
    assert adapter.sender.channel in Channel
    assert isinstance(adapter.sender.repeatable, bool)
    assert timedelta(0) < adapter.sender.timeout <= timedelta(minutes=1)
    for window in adapter.sender.windows(to(adapter, Outgoing.say("好"))):
        assert window.at_most >= 1
        assert window.period > timedelta(0)
        assert window.room(bulk=True) <= window.room(bulk=False)


async def test_a_message_is_taken_and_named(adapter: Adapter) -> None:
    outcome = await adapter.sender.send(to(adapter, Outgoing.say("年费要在2027年4月15日前缴。", *BUTTONS)))
    assert isinstance(outcome, Sent)
    assert 0 < len(outcome.vendor_id) <= 100


async def test_every_kind_of_part_is_taken(adapter: Adapter) -> None:
    everything = echo(
        Incoming(
            channel=Channel.WEB,
            address="a",
            update_id="u",
            kind=IncomingKind.TEXT,
            received_at=NOW,
            text="全部",
        )
    )
    assert isinstance(await send_whole(adapter, to(adapter, everything)), Sent)


async def test_markup_and_emoji_are_only_words(adapter: Adapter) -> None:
    for text in ("<b>不是标记</b> & <script>", "👍🏻😀", "]]>&amp;", "*_`["):
        assert isinstance(await adapter.sender.send(to(adapter, Outgoing.say(text))), Sent)


async def test_a_long_message_goes_out_whole_or_in_pieces_or_not_at_all(adapter: Adapter) -> None:
    outcome = await send_whole(adapter, to(adapter, Outgoing.say("很长。" * 3000)))
    if isinstance(outcome, NotNow):
        assert await adapter.arrived() == 0, "what cannot be ended is not begun"
    else:
        assert isinstance(outcome, Sent)


VALUE = Outgoing(parts=(TextPart(text="这件值得留着。"), LONG.parts[3], LONG.parts[0]), choices=BUTTONS)


@pytest.mark.parametrize("refused", [False, True], ids=["taken", "refused"])
async def test_a_chart_arrives_as_a_picture_or_where_it_is_refused_in_words(
    adapter: Adapter, refused: bool
) -> None:
    if adapter.pictures is None:
        pytest.skip("this channel draws by itself or shows words only")
    if refused:
        adapter.refuse_pictures()
    answer = to(adapter, VALUE).model_copy(update={"inbox_id": 1})
    assert isinstance(await send_whole(adapter, answer), Sent)
    assert adapter.pictures() == (0 if refused else 1)
    shown = adapter.shown()
    for words in ("这件值得留着。", "法律", "93", "第一百一十四条", BUTTONS[0].text):
        assert words in shown


WORDY = Outgoing(
    parts=(
        TablePart(
            title="各家的办法",
            columns=("机构", "办法", "条件", "材料"),
            rows=tuple(
                (f"第{row}家", *(f"{row}{cell}" + "长" * 260 for cell in "甲乙丙")) for row in range(10, 21)
            ),
        ),
    ),
    choices=BUTTONS,
)


@pytest.mark.parametrize("refused", [False, True], ids=["taken", "refused"])
async def test_no_send_takes_two_calls_so_that_none_is_made_twice(adapter: Adapter, refused: bool) -> None:
    """What a picture shows may take several texts; one that is refused for now must not repeat those before it."""
    if adapter.pictures is None:
        pytest.skip("this channel draws by itself or shows words only")
    if refused:
        adapter.refuse_pictures()
    message = to(adapter, WORDY).model_copy(update={"inbox_id": 1})
    for _ in range(60):
        before = await adapter.arrived()
        outcome = await adapter.sender.send(message)
        if isinstance(outcome, NotNow):
            return  # more than the window takes: nothing is begun
        # A picture that is refused may be a call, too; it shows nobody anything.
        assert 1 <= await adapter.arrived() - before <= 1 + refused
        if isinstance(outcome, Sent):
            break
        assert isinstance(outcome, Partly)
        message = message.model_copy(update={"vendor_id": f"pieces:{outcome.pieces}"})
    shown = adapter.shown()
    assert BUTTONS[0].text in shown
    for row in range(10, 21):
        for cell in "甲乙丙":
            assert shown.count(f"{row}{cell}长") == int(refused or adapter.pictures() == 0)


async def test_no_paragraph_no_citation_and_no_button_is_lost(adapter: Adapter) -> None:
    assert isinstance(await send_whole(adapter, to(adapter, LONG)), Sent)
    shown = adapter.shown()
    for paragraph in PARAGRAPHS:
        assert paragraph in shown
    assert "专利法实施细则 第一百一十四条" in shown
    for choice in LONG.choices:
        assert choice.text in shown
    assert "法律81分" in shown or "法律 81" in shown or "81.0" in shown, "what a chart shows is said in words"


async def send_whole(adapter: Adapter, message: OutboxItem) -> Outcome:
    """Return the outcome of the last piece of the message."""
    for pieces in range(1, 20):
        outcome = await adapter.sender.send(message)
        if not isinstance(outcome, Partly):
            return outcome
        assert outcome == Partly(pieces)
        message = message.model_copy(update={"vendor_id": f"pieces:{pieces}"})
    pytest.fail("it never ended")


async def test_one_who_blocked_us_is_gone(adapter: Adapter) -> None:
    if adapter.let_block is None:
        pytest.skip("nobody can block this channel")
    adapter.let_block()
    assert await adapter.sender.send(to(adapter, Outgoing.say("好"))) == Gone()


async def test_a_file_that_is_not_kept_is_invalid_or_left_to_the_reader(adapter: Adapter) -> None:
    from store.messages import DocumentPart

    missing = Outgoing(
        parts=(DocumentPart(attachment_id=404, filename="a.pdf", media_type="application/pdf"),)
    )
    assert isinstance(await adapter.sender.send(to(adapter, missing)), Invalid | Sent)


async def test_through_delivery_it_arrives_once(adapter: Adapter, database: Database) -> None:
    """Twenty rounds over the same outbox by two deliveries: one arrival a message."""
    now = NOW

    async with database.transaction() as tx:
        for number in range(3):
            letter = Letter(
                dedupe_key=str(number),
                channel=adapter.sender.channel,
                address=adapter.address,
                content=Outgoing.say(str(number)),
            )
            assert await tx.outbox.write(letter, now) is not None
    deliveries = [Delivery(database, [adapter.sender], lambda: now) for _ in range(2)]
    for _ in range(10):
        await asyncio.gather(*(delivery.deliver_due() for delivery in deliveries))
        now += timedelta(seconds=1)
    async with database.reading() as tx:
        assert await tx.outbox.counts() == {OutboxState.SENT: 3}
    assert await adapter.arrived() == 3


async def test_killed_after_the_vendor_took_it_nothing_arrives_twice(
    adapter: Adapter, database: Database
) -> None:
    """Between the vendor's yes and our commit the process is gone: the next one finds what it left."""
    if isinstance(adapter.sender, InMemorySender):
        return  # it takes whatever it is given: it stands for vendors of both kinds
    letter = Letter(
        dedupe_key="x", channel=adapter.sender.channel, address=adapter.address, content=Outgoing.say("年费")
    )
    async with database.transaction() as tx:
        outbox_id = await tx.outbox.write(letter, NOW)
    assert outbox_id is not None
    in_between = not isinstance(adapter.sender, StoredIsDelivered)
    if in_between:
        async with database.transaction() as tx:
            (claimed,) = await tx.outbox.claim([letter.channel], NOW, timedelta(seconds=30), 1)
        assert isinstance(await adapter.sender.send(claimed), Sent)
        assert await adapter.arrived() == 1
    later = NOW + timedelta(minutes=2)
    delivery = Delivery(database, [adapter.sender], lambda: later)
    for _ in range(3):
        await delivery.tidy()
        await delivery.deliver_due()
    assert await adapter.arrived() == 1
    known = adapter.sender.repeatable or not in_between
    async with database.reading() as tx:
        assert await tx.outbox.counts() == {OutboxState.SENT if known else OutboxState.UNKNOWN: 1}
