"""E-mail against a mail server of our own: what arrives, what each refusal means, leaving the broadcasts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.email import limits, unsubscribing
from bot.channels.email.sender import EmailSender
from bot.channels.email.settings import EmailSettings, Tls
from bot.channels.email.unsubscribing import UnsubscribeLinks
from bot.delivery.port import Invalid, RetryLater, Sent, Unknown
from store.asker import Role
from store.database import Database
from store.messages import (
    Action,
    Channel,
    ChartPart,
    Choice,
    CitationPart,
    DocumentPart,
    Outgoing,
    TablePart,
    TextPart,
    Verb,
)
from store.records import Cause, OutboxItem
from tests.e2e.bot_api_server import Served
from tests.e2e.smtp_server import PASSWORD, USER, SmtpServer, certificate
from tests.outbox_items import item

TO = "wang@example.cn"
URL = "https://zhituo.example.cn"
ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


def settings(server: SmtpServer, tls: Tls = Tls.NONE, **more: str) -> EmailSettings:
    with_user = {"user": USER, "password": PASSWORD} if tls is not Tls.NONE else {}
    return EmailSettings(
        host="localhost" if tls is not Tls.NONE else "127.0.0.1",
        port=server.port,
        sender="知托 <notice@example.cn>",
        tls=tls,
        public_url=URL,
        link_secret="0123456789abcdef",
        **{**with_user, **more},
    )


def mail(content: Outgoing, now: datetime, cause: Cause = Cause.REMINDER) -> OutboxItem:
    more = {"channel": Channel.EMAIL, "address": TO, "cause": cause}
    return item(7, content, now).model_copy(update=more)


@pytest.fixture
async def server() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as running:
        yield running


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


async def test_a_reminder_with_its_calendar(server: SmtpServer, database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
        from store.asker import SYSTEM

        kept = await tx.attachments(SYSTEM).keep(ICS, "期限.ics", "text/calendar", person.id, now)
    content = Outgoing(
        parts=(
            TextPart(text="第7年年费 2,000元 <b>不是标记</b>\n请在2027年4月15日前缴纳。"),
            DocumentPart(attachment_id=kept.id, filename="期限.ics", media_type="text/calendar"),
            CitationPart(citations=("专利法实施细则第一百一十四条",), as_of="2026年11月20日"),
        ),
        choices=(Choice(text="已缴费", action=Action(verb=Verb.PAID, about="1")),),
    )
    sender = EmailSender(settings(server), database, lambda: now)
    assert await sender.send(mail(content, now)) == Sent("<zhituo-7@example.cn>")
    [arrived] = server.mails
    message = arrived.message
    assert (arrived.sender, arrived.recipient) == ("notice@example.cn", TO)
    assert message["From"] == "知托 <notice@example.cn>"
    assert message["Message-ID"] == "<zhituo-7@example.cn>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"].startswith("第7年年费 2,000元")
    assert "请在2027年4月15日前缴纳。" in part(message, "plain")
    assert "已缴费" in part(message, "plain")
    assert URL in part(message, "plain")
    assert "&lt;b&gt;不是标记&lt;/b&gt;" in part(message, "html")
    [attached] = list(message.iter_attachments())
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_param("method") == "PUBLISH"
    assert attached.get_filename() == "期限.ics"
    assert attached.get_payload(decode=True) == ICS
    assert message["List-Unsubscribe"] is None, "a statutory reminder cannot be left"
    assert "退订" not in part(message, "plain")


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.BROADCAST])
async def test_only_broadcasts_can_be_left(
    server: SmtpServer, database: Database, now: datetime, cause: Cause
) -> None:
    sender = EmailSender(settings(server), database, lambda: now)
    await sender.send(mail(Outgoing.say("一"), now, cause))
    await sender.send(mail(Outgoing.say("二"), now, Cause.BROADCAST))
    other, broadcast = (arrived.message for arrived in server.mails)
    assert other["List-Unsubscribe"] is None
    assert other["List-Unsubscribe-Post"] is None
    assert broadcast["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(rf"<{URL}/email/unsubscribe/1\.[\w-]{{27}}>", broadcast["List-Unsubscribe"].strip())


async def test_one_click_ends_broadcasts_and_opening_the_link_does_not(
    database: Database, now: datetime
) -> None:
    links = UnsubscribeLinks(b"a key of the test")
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
    app = FastAPI()
    app.include_router(unsubscribing.router(links, database))

    async def wanted() -> bool:
        async with database.reading() as tx:
            return (await tx.people.person(person.id)).broadcasts_wanted

    token = links.token(person.id)
    async with (
        Served(app) as served,
        httpx.AsyncClient(base_url=f"{served.url}/email/unsubscribe/") as client,
    ):
        for forged in (
            "",
            "1",
            f"{person.id}.",
            f"{person.id + 1}.{token.partition('.')[2]}",
            f"{token}x",
            "é.é",
        ):
            assert (await client.post(forged or "x")).status_code == 404
        opened = await client.get(token)
        assert (opened.status_code, "确认退订" in opened.text) == (200, True)
        assert await wanted()
        left = await client.post(token, data={"List-Unsubscribe": "One-Click"})
        assert (left.status_code, "法定期限的提醒会继续" in left.text) == (200, True)
        assert not await wanted()
        assert (await client.post(links.token(404))).status_code == 404


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_the_line_is_encrypted_before_anything_is_said(
    tls: Tls, database: Database, now: datetime, tmp_path: Path
) -> None:
    theirs, ours = certificate(tmp_path)
    async with SmtpServer(tls=theirs, implicit=tls is Tls.IMPLICIT) as server:
        sender = EmailSender(settings(server, tls), database, lambda: now, ours)
        assert isinstance(await sender.send(mail(Outgoing.say("年费"), now)), Sent)
        assert (server.mails[0].encrypted, server.mails[0].user) == (True, USER)
        wrong = EmailSender(
            settings(server, tls, password="a-wrong-but-long-one"), database, lambda: now, ours
        )
        outcome = await wrong.send(mail(Outgoing.say("年费"), now))
        assert isinstance(outcome, RetryLater)
        assert outcome.hold
        untrusted = EmailSender(settings(server, tls), database, lambda: now)
        assert isinstance(await untrusted.send(mail(Outgoing.say("年费"), now)), RetryLater)
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("answer", "unknown"),
    [
        ("550 no such user here", True),
        ("550 5.1.1 no such user", True),
        ("553 5.1.3 bad address", True),
        ("550 5.7.1 we do not like you", False),
        ("552 5.2.2 mailbox full", False),
    ],
)
async def test_recipients_refused_for_good(
    server: SmtpServer, database: Database, now: datetime, answer: str, unknown: bool
) -> None:
    server.refuse[TO] = answer
    sender = EmailSender(settings(server), database, lambda: now)
    assert await sender.send(mail(Outgoing.say("年费"), now)) == Invalid(answer, address_unknown=unknown)


async def test_what_is_refused_for_now_is_tried_later(
    server: SmtpServer, database: Database, now: datetime
) -> None:
    sender = EmailSender(settings(server), database, lambda: now)
    server.refuse[TO] = "450 4.2.1 come back"
    assert isinstance(await sender.send(mail(Outgoing.say("年费"), now)), RetryLater)
    server.refuse.clear()
    server.answers.append("451 4.3.0 disk full")
    assert isinstance(await sender.send(mail(Outgoing.say("年费"), now)), RetryLater)
    server.answers.append("554 5.7.1 spam")
    assert await sender.send(mail(Outgoing.say("年费"), now)) == Invalid("554 5.7.1 spam")
    assert server.mails == []


async def test_a_line_lost_after_the_text_leaves_it_unknown_before_it_does_not(
    server: SmtpServer, database: Database, now: datetime
) -> None:
    sender = EmailSender(settings(server), database, lambda: now)
    server.answers.append("drop")
    assert isinstance(await sender.send(mail(Outgoing.say("年费"), now)), Unknown)
    nobody = settings(server)
    closed = EmailSettings(
        host=nobody.host, port=1, sender=nobody.sender, tls=Tls.NONE, link_secret=nobody.link_secret
    )
    outcome = await EmailSender(closed, database, lambda: now).send(mail(Outgoing.say("年费"), now))
    assert isinstance(outcome, RetryLater)


async def test_mails_for_which_no_line_is_free_are_tried_later(
    server: SmtpServer, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that hangs holds the lines it has; what waits for one is certainly not out, and is not given up as unknown."""
    monkeypatch.setattr(limits, "STEP_SECONDS", 1.5)
    monkeypatch.setattr(limits, "LINES", 3)
    monkeypatch.setattr(limits, "WAIT_FOR_A_LINE_SECONDS", 0.3)
    sender = EmailSender(settings(server), database, lambda: now)
    server.answers.extend(["hang"] * 3)
    outcomes = await asyncio.gather(*(sender.send(mail(Outgoing.say("年费"), now)) for _ in range(20)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RetryLater"] * 17 + ["Unknown"] * 3
    async with asyncio.timeout(5):
        while not isinstance(await sender.send(mail(Outgoing.say("年费"), now)), Sent):
            pass
    assert len(server.mails) == 1
    await sender.close()


async def test_nothing_of_a_message_becomes_a_header(
    server: SmtpServer, database: Database, now: datetime
) -> None:
    sender = EmailSender(settings(server), database, lambda: now)
    text = "标题\r\nBcc: somebody@example.com\n.\n..\nQUIT"
    assert isinstance(await sender.send(mail(Outgoing.say(text), now)), Sent)
    [arrived] = server.mails
    assert arrived.message["Bcc"] is None
    assert arrived.message["Subject"] == "标题"
    assert "\n.\n..\nQUIT" in part(arrived.message, "plain").replace("\r\n", "\n")
    for address in (
        "no address",
        "a@b",
        "a@example.cn\nBcc: x@example.cn",
        "a@example.cn, b@example.cn",
        "é@example.cn",
    ):
        refused = mail(Outgoing.say("一"), now).model_copy(update={"address": address})
        assert await sender.send(refused) == Invalid("this is no e-mail address", address_unknown=True)


async def test_charts_lie_in_the_mail_and_tables_are_tables(
    server: SmtpServer, database: Database, now: datetime
) -> None:
    content = Outgoing(
        parts=(
            TextPart(text="这件专利值得留着。"),
            ChartPart(
                shape="radar",
                title="价值",
                labels=("法律", "技术", "经济"),
                values=(80, 60, 70),
                alt='法律80分，"技术"60分',
            ),
            TablePart(title="年费", columns=("年度", "应交"), rows=(("第8年", "<2,000元>"),)),
            CitationPart(citations=("专利法实施细则第一百一十四条",), as_of="2026年11月20日"),
        )
    )
    sender = EmailSender(settings(server), database, lambda: now)
    assert isinstance(await sender.send(mail(content, now)), Sent)
    message = server.mails[0].message
    html = part(message, "html")
    [picture] = [found for found in message.walk() if found.get_content_type() == "image/png"]
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html
    assert 'alt="法律80分，&quot;技术&quot;60分"' in html
    assert picture.get_payload(decode=True).startswith(b"\x89PNG")
    assert '<th scope="col"' in html
    assert "&lt;2,000元&gt;</td>" in html
    assert html.index("<table") < html.index("依据（截至2026年11月20日）"), "what it rests on comes last"
    assert "法律 80" in part(message, "plain")
    assert list(message.iter_attachments()) == [], "a picture in the text is no attachment"
