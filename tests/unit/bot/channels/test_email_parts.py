"""E-mail without a socket: its numbers and its settings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.channels.email import limits
from bot.channels.email.letter import subject
from bot.channels.email.settings import EmailSettings, EmailSettingsError, Tls, is_address
from bot.channels.email.unsubscribing import UnsubscribeLinks
from bot.delivery.delivery import IN_FLIGHT
from store.messages import CardPart, Outgoing
from store.records import Lane


def test_every_number() -> None:
    assert limits.ADDRESS_CHARACTERS == 254
    assert limits.SUBJECT_CHARACTERS <= 78
    assert limits.ATTACHMENTS_BYTES * 4 / 3 < 25_000_000
    assert limits.SERVER_BULK_MESSAGES < limits.SERVER_MESSAGES
    assert timedelta(seconds=1) == limits.SERVER_PERIOD
    assert limits.STEP_SECONDS == 10
    assert IN_FLIGHT[Lane.BULK] < limits.LINES, "a slow server leaves reminders a line"
    assert limits.PERMANENT == 500
    assert frozenset({550, 551, 553}) == limits.NO_MAILBOX
    assert all(detail.startswith("5.1.") for detail in limits.NO_MAILBOX_DETAIL)


@pytest.mark.parametrize("address", ["a@example.cn", "first.last+tag@mail.example.com", "o'neil@example.org"])
def test_addresses(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@b", "a@@example.cn", "王@example.cn", "a b@example.cn", "a@example.cn\n", "A <a@example.cn>",
     "a@example.cn,b@example.cn", "a@-example.cn", "a@example..cn"],
)  # fmt: skip
def test_what_is_no_address(address: str) -> None:
    assert not is_address(address)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "nobody"},
        {"sender": "知托 <a@example.cn>\nBcc: x@example.cn"},
        {"tls": Tls.NONE},
        {"password": "a-long-enough-password"},
        {"public_url": "https://example.cn"},
    ],
)
def test_settings_that_cannot_work_are_told(wrong: dict[str, object]) -> None:
    given: dict[str, object] = {"host": "mail.example.cn", "sender": "a@example.cn", **wrong}
    with pytest.raises(EmailSettingsError):
        EmailSettings(**given)  # type: ignore[arg-type]


def test_no_secret_is_shown() -> None:
    settings = EmailSettings(
        "mail.example.cn", "a@example.cn", user="u", password="p" * 20, link_secret="s" * 20
    )
    assert "p" * 20 not in repr(settings)
    assert "s" * 20 not in repr(settings)


def test_the_subject_is_the_first_line_that_says_something() -> None:
    assert subject(Outgoing.say("\n\n年费\n2,000元")) == "年费"
    assert subject(Outgoing(parts=(CardPart(title="年" * 60),))) == "年" * 39 + "…"
    assert subject(Outgoing(parts=())) == "知托消息"


def test_links_are_read_only_with_their_own_key() -> None:
    links, others = UnsubscribeLinks(b"one"), UnsubscribeLinks(b"two")
    assert links.person(links.token(12)) == 12
    assert others.person(links.token(12)) is None
    for wrong in ("", ".", "12", "12.", "١٢.x", "12.é", links.token(12)[1:], "-" + links.token(12)):
        assert links.person(wrong) is None
