"""Telegram without a socket: its numbers against the library's own, its errors, its settings, its pieces."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from bot.channels.telegram import limits
from bot.channels.telegram.pieces import FilePiece, TextPiece, keyboard, pieces_of
from bot.channels.telegram.sender import TelegramSender, outcome_of
from bot.channels.telegram.settings import Mode, TelegramSettings, TelegramSettingsError
from bot.channels.telegram.updates import commands
from bot.delivery.port import Gone, Invalid, Outcome, Rebind, RetryLater, Unknown
from store.database import Database
from store.messages import Action, Choice, DocumentPart, Outgoing, TextPart, Verb
from tests.outbox_items import item

# isort: split
import telegram.constants as theirs
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

TOKEN = "123456789:AAF-test-token-of-nobody-000000000000"


def test_every_number_is_the_librarys_too() -> None:
    assert limits.TEXT_UNITS == theirs.MessageLimit.MAX_TEXT_LENGTH
    assert limits.CAPTION_UNITS == theirs.MessageLimit.CAPTION_LENGTH
    assert limits.CALLBACK_DATA_BYTES == theirs.InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    assert limits.CALLBACK_ANSWER_CHARACTERS == theirs.CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH
    assert limits.SECRET_TOKEN_CHARACTERS == theirs.WebhookLimit.MAX_SECRET_TOKEN_LENGTH
    assert limits.BOT_MESSAGES == theirs.FloodLimit.MESSAGES_PER_SECOND
    assert limits.PRIVATE_MESSAGES == theirs.FloodLimit.MESSAGES_PER_SECOND_PER_CHAT
    assert limits.GROUP_MESSAGES == theirs.FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP
    assert (timedelta(seconds=1),) * 2 == (limits.BOT_PERIOD, limits.PRIVATE_PERIOD)
    assert timedelta(minutes=1) == limits.GROUP_PERIOD
    assert limits.DOWNLOAD_BYTES == theirs.FileSizeLimit.FILESIZE_DOWNLOAD
    assert limits.FILE_UPLOAD_BYTES == theirs.FileSizeLimit.FILESIZE_UPLOAD
    assert limits.PHOTO_UPLOAD_BYTES == theirs.FileSizeLimit.PHOTOSIZE_UPLOAD
    assert limits.BOT_BULK_MESSAGES < limits.BOT_MESSAGES
    assert timedelta(hours=24) == limits.UPDATES_KEPT
    assert limits.UPDATE_BYTES == 1_000_000


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RetryAfter(timedelta(seconds=3)), RetryLater(3, "Telegram asked to wait", hold=True)),
        (Forbidden("Forbidden: bot was blocked by the user"), Gone()),
        (Forbidden("Forbidden: user is deactivated"), Gone()),
        (ChatMigrated(-1009), Rebind("-1009")),
        (BadRequest("Message thread not found"), Rebind()),
        (BadRequest("Chat not found"), Invalid("Chat not found", address_unknown=True)),
        (BadRequest("Message text is empty"), Invalid("Message text is empty")),
        (InvalidToken(), RetryLater(60, "Telegram refuses the bot's token", hold=True)),
        (caused(NetworkError("x"), httpx.ConnectError("x")), RetryLater(1, "ConnectError")),
        (caused(TimedOut(), httpx.ConnectTimeout("x")), RetryLater(1, "ConnectTimeout")),
        (caused(TimedOut(), httpx.PoolTimeout("x")), RetryLater(1, "PoolTimeout")),
        (caused(TimedOut(), httpx.ReadTimeout("x")), Unknown("TimedOut (ReadTimeout)")),
        (
            caused(NetworkError("x"), httpx.RemoteProtocolError("x")),
            Unknown("NetworkError (RemoteProtocolError)"),
        ),
        (NetworkError("Bad Gateway"), Unknown("NetworkError")),
        (TelegramError("Invalid server response"), Unknown("TelegramError")),
    ],
)
def test_what_each_error_means(error: TelegramError, outcome: Outcome) -> None:
    assert outcome_of(error) == outcome


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": ""},
        {"token": "abc"},
        {"token": TOKEN, "mode": Mode.WEBHOOK, "public_url": "https://a.example"},
        {"token": TOKEN, "mode": Mode.WEBHOOK, "webhook_secret": "short", "public_url": "https://a.example"},
        {
            "token": TOKEN,
            "mode": Mode.WEBHOOK,
            "webhook_secret": "x" * 257,
            "public_url": "https://a.example",
        },
        {"token": TOKEN, "mode": Mode.WEBHOOK, "webhook_secret": "long-enough"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(TelegramSettingsError):
        TelegramSettings(**wrong)  # type: ignore[arg-type]


def test_secrets_are_not_shown() -> None:
    shown = repr(TelegramSettings(TOKEN, webhook_secret="a-secret"))
    assert TOKEN not in shown
    assert "a-secret" not in shown


async def test_a_group_has_its_own_window(database: Database, now: datetime) -> None:
    sender = TelegramSender(TelegramSettings(TOKEN), database)
    private = item(1, Outgoing.say("x"), now).model_copy(update={"address": "77"})
    topic = private.model_copy(update={"address": "-1005:9"})
    assert [(window.at_most, window.shared) for window in sender.windows(private)] == [(30, True), (1, False)]
    assert [window.scope for window in sender.windows(topic)] == [
        "telegram:123456789",
        "telegram:123456789:-1005",
    ]
    assert sender.windows(topic)[1].at_most == 20
    await sender.close()


def test_a_file_stands_where_it_stands_among_the_words() -> None:
    picture = DocumentPart(attachment_id=3, filename="图.png", media_type="image/png")
    paper = DocumentPart(attachment_id=4, filename="表.xlsx", media_type="application/vnd.ms-excel")
    message = Outgoing(parts=(TextPart(text="前"), picture, TextPart(text="后"), paper))
    assert pieces_of(message) == [
        TextPiece("前"),
        FilePiece(3, "图.png", photo=True),
        TextPiece("后"),
        FilePiece(4, "表.xlsx", photo=False),
    ]
    assert pieces_of(Outgoing(parts=())) == []


def test_short_buttons_share_a_row_and_long_ones_do_not(now: datetime) -> None:
    names = ("是", "否", "不清楚，先跳过这个问题", "为什么问这个")
    choices = tuple(Choice(text=name, action=Action(verb=Verb.SAY)) for name in names)
    markup = keyboard(item(10**17, Outgoing.say("x", *choices), now))
    assert markup is not None
    assert [[button.text for button in row] for row in markup.inline_keyboard] == [
        ["是", "否"],
        ["不清楚，先跳过这个问题"],
        ["为什么问这个"],
    ]
    assert markup.inline_keyboard[2][0].callback_data == "100000000000000000:3"
    assert keyboard(item(1, Outgoing.say("x"), now)) is None


def test_the_menu_is_in_chinese_and_within_telegrams_form() -> None:
    for name, says in commands().items():
        assert name.isascii()
        assert name.islower()
        assert len(name) <= theirs.BotCommandLimit.MAX_COMMAND
        assert 1 <= len(says) <= theirs.BotCommandLimit.MAX_DESCRIPTION
