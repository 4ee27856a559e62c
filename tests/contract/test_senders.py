"""What every way out promises, whatever vendor is behind it. A new channel is one more line in `ADAPTERS`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from pytest_socket import enable_socket, socket_allow_hosts

from bot.channels.email.sender import EmailSender
from bot.channels.email.settings import EmailSettings, Tls
from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.web.sender import OpenPages, WebSender
from bot.channels.wecom.sender import WecomSender
from bot.channels.wecom.settings import WecomAccount, WecomSettings
from bot.channels.wecom_kf.sender import KfSender
from bot.channels.wecom_kf.settings import KfSettings
from bot.delivery.delivery import Delivery
from bot.delivery.in_memory import InMemorySender
from bot.delivery.port import Gone, Invalid, NotNow, Outcome, Partly, Sender, Sent
from store.asker import Role
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind, Outgoing
from store.outbox import Letter
from store.records import OutboxItem, OutboxState
from tests.e2e import wecom_server
from tests.e2e.bot_api_server import TOKEN, BotApi, Served
from tests.e2e.smtp_server import SmtpServer
from tests.echo_pipeline import BUTTONS, echo
from tests.outbox_items import item

pytestmark = pytest.mark.loopback
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@dataclass
class Adapter:
    """One sender and what its vendor has been given by it."""

    sender: Sender
    address: str
    arrived: Callable[[], Awaitable[int]]
    let_block: Callable[[], None] | None = None


@asynccontextmanager
async def in_memory(_: Database) -> AsyncIterator[Adapter]:
    sender = InMemorySender(Channel.TERMINAL)

    async def arrived() -> int:
        return len(sender.taken)

    yield Adapter(sender, "terminal", arrived)


@asynccontextmanager
async def web(database: Database) -> AsyncIterator[Adapter]:
    async def arrived() -> int:
        async with database.reading() as tx:
            return len(await tx.outbox.sent_to(Channel.WEB, "visitor", None))

    yield Adapter(WebSender(OpenPages()), "visitor", arrived)


@asynccontextmanager
async def telegram(database: Database) -> AsyncIterator[Adapter]:
    api = BotApi()
    async with Served(api.app()) as vendor:
        sender = TelegramSender(TelegramSettings(TOKEN, vendor.url), database)

        async def arrived() -> int:
            return len(api.sends())

        yield Adapter(sender, "77", arrived, lambda: api.blocked.add("77"))
        await sender.close()


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

        yield Adapter(sender, "LiSi", arrived, lambda: api.gone.add("LiSi"))
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
            return len(api.sends("wmCustomer"))

        yield Adapter(sender, "wmCustomer", arrived)
        await sender.close()


@asynccontextmanager
async def email(database: Database) -> AsyncIterator[Adapter]:
    async with SmtpServer() as server:
        settings = EmailSettings("127.0.0.1", "notice@example.cn", server.port, tls=Tls.NONE)

        async def arrived() -> int:
            return len(server.mails)

        yield Adapter(EmailSender(settings, database, lambda: NOW), "wang@example.cn", arrived)


ADAPTERS: dict[str, Callable[[Database], AbstractAsyncContextManager[Adapter]]] = {
    "in memory": in_memory,
    "web": web,
    "telegram": telegram,
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
