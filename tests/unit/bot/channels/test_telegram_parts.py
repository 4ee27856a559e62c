"""Telegram without a socket: its numbers against the library's own, its errors, its settings, its pieces."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.rendering import utf16_units
from bot.channels.telegram import limits
from bot.channels.telegram.forum_sender import not_begun
from bot.channels.telegram.pieces import (
    ButtonsPiece,
    FilePiece,
    PicturePiece,
    TextPiece,
    keyboard,
    pieces_of,
)
from bot.channels.telegram.sender import TelegramSender, outcome_of
from bot.channels.telegram.settings import Mode, TelegramSettings, TelegramSettingsError
from bot.channels.telegram.updates import commands
from bot.delivery.port import Gone, Invalid, Outcome, Rebind, RetryLater, Unknown
from bot.pictures.picture import Drawable
from store.database import Database
from store.messages import (
    Action,
    ChartPart,
    Choice,
    CitationPart,
    DocumentPart,
    Outgoing,
    Part,
    TablePart,
    TextPart,
    Verb,
)
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

RADAR = ChartPart(
    shape="radar", title="价值", labels=("法律", "技术"), values=(80, 65), alt="法律80分，技术65分"
)
CITED = CitationPart(citations=("专利法实施细则 第一百一十四条",), as_of="2026年11月20日")


def wide_table(rows: int) -> TablePart:
    return TablePart(
        title="年费",
        columns=("年度", "最稳妥的一天", "官费", "减缴后"),
        rows=tuple(
            (f"第{year}年", f"{2020 + year}年4月15日", "2,000元", "300元") for year in range(1, rows + 1)
        ),
    )


NOT_CONNECTED = aiohttp.ClientConnectorError(cast(Any, None), OSError("refused"))
TOKEN = "123456789:AAF-test-token-of-nobody-000000000000"


def test_every_number_is_the_librarys_too() -> None:
    assert limits.TEXT_UNITS == theirs.MessageLimit.MAX_TEXT_LENGTH
    assert limits.TOPIC_NAME_CHARACTERS == theirs.ForumTopicLimit.MAX_NAME_LENGTH
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
    assert (limits.PHOTO_SIDES, limits.PHOTO_RATIO) == (10_000, 20)  # the library names neither
    assert limits.KEYBOARD_BUTTONS == 100
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
        (caused(NetworkError("x"), NOT_CONNECTED), RetryLater(1, "ClientConnectorError")),
        (caused(TimedOut(), aiohttp.ConnectionTimeoutError()), RetryLater(1, "ConnectionTimeoutError")),
        (caused(TimedOut(), aiohttp.SocketTimeoutError()), Unknown("TimedOut (SocketTimeoutError)")),
        (
            caused(NetworkError("x"), aiohttp.ServerDisconnectedError()),
            Unknown("NetworkError (ServerDisconnectedError)"),
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


def test_one_picture_with_all_words_below_it_is_one_message() -> None:
    words = TextPart(text="这件专利值得留着。")
    [piece] = pieces_of(Outgoing(parts=(CITED, words, RADAR)))
    assert isinstance(piece, PicturePiece)
    assert piece.what == Drawable(RADAR, "2026年11月20日")
    assert piece.caption.splitlines() == [
        "这件专利值得留着。",
        "",
        "法律80分，技术65分",
        "",
        "<blockquote expandable>依据（截至2026年11月20日）：",
        "· 专利法实施细则 第一百一十四条</blockquote>",
    ]
    assert "".join(piece.instead).count("第一百一十四条") == 1


def test_a_wide_table_is_a_picture_with_its_rows_folded_below() -> None:
    table = wide_table(6)
    [piece] = pieces_of(Outgoing(parts=(table,)))
    assert isinstance(piece, PicturePiece)
    title, _, rows = piece.caption.partition("\n\n")
    assert title == "<b>年费</b>"
    assert rows.startswith("<blockquote expandable>第1年：")
    assert utf16_units(piece.caption) <= limits.CAPTION_UNITS


def test_rows_that_do_not_fit_below_the_picture_are_in_the_picture_alone() -> None:
    table = wide_table(22)
    wordy = table.model_copy(update={"rows": tuple((*row[:3], "减缴85%后是300元") for row in table.rows)})
    [piece] = pieces_of(Outgoing(parts=(wordy,)))
    assert isinstance(piece, PicturePiece)
    assert piece.caption == "<b>年费</b>"
    assert all(f"第{year}年" in piece.instead[0] for year in range(1, 23))


def test_words_too_long_for_a_caption_stand_around_the_picture_and_citations_last() -> None:
    pieces = pieces_of(Outgoing(parts=(CITED, TextPart(text="长" * 1100), RADAR, TextPart(text="后"))))
    assert [type(piece) for piece in pieces] == [TextPiece, PicturePiece, TextPiece]
    assert isinstance(pieces[1], PicturePiece)
    assert pieces[1].caption == "法律80分，技术65分"
    assert isinstance(pieces[2], TextPiece)
    assert pieces[2].html.startswith("后\n\n<blockquote")


@given(
    st.lists(
        st.one_of(
            st.text(st.sampled_from("年费<&>。\n😀a"), min_size=1, max_size=900).map(
                lambda text: TextPart(text=text)
            ),
            st.just(RADAR),
            st.integers(1, 70).map(lambda rows: wide_table(rows)),
            st.just(CITED),
        ),
        max_size=5,
    )
)
@settings(deadline=None, max_examples=40)
def test_whatever_it_is_made_of_every_call_is_within_telegrams_length(parts: list[Part]) -> None:
    for piece in pieces_of(Outgoing(parts=tuple(parts))):
        if isinstance(piece, PicturePiece):
            assert utf16_units(piece.caption) <= limits.CAPTION_UNITS
            assert piece.instead
            assert all(0 < utf16_units(text) <= limits.TEXT_UNITS for text in piece.instead)
        else:
            assert isinstance(piece, TextPiece)
            assert 0 < utf16_units(piece.html) <= limits.TEXT_UNITS


def test_more_buttons_than_a_keyboard_takes_stand_on_another_one(now: datetime) -> None:
    choices = tuple(Choice(text=str(number), action=Action(verb=Verb.SAY)) for number in range(201))
    message = Outgoing.say("选一个", *choices)
    assert pieces_of(message) == [TextPiece("选一个"), ButtonsPiece(100), ButtonsPiece(200)]
    shown = [keyboard(item(1, message, now), first) for first in (0, 100, 200)]
    data = [
        button.callback_data for markup in shown if markup for row in markup.inline_keyboard for button in row
    ]
    assert data == [f"1:{number}" for number in range(201)]


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


@pytest.mark.parametrize(
    ("outcome", "meaning"),
    [
        (Unknown("TimedOut"), RetryLater(2, "TimedOut")),
        (
            Invalid("not enough rights to create a topic"),
            RetryLater(60, "not enough rights to create a topic"),
        ),
        (Invalid("the chat is not a forum"), Invalid("the chat is not a forum")),
        (Rebind(), Rebind()),
        (Gone(), Gone()),
    ],
)
def test_a_topic_that_could_not_be_made_leaves_the_message_unsent(outcome: Outcome, meaning: Outcome) -> None:
    assert not_begun(outcome) == meaning


def test_a_group_that_became_another_is_not_followed_by_itself() -> None:
    assert isinstance(not_begun(Rebind("-1009")), Invalid)
