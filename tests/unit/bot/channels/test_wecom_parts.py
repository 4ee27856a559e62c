"""WeCom and customer service without a socket: their numbers, their settings, what becomes of a message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.rendering import utf8_bytes
from bot.channels.texts import TEXTS
from bot.channels.wecom import limits
from bot.channels.wecom.errors import WecomApiError, WecomSettingsError, WecomUnreachableError
from bot.channels.wecom.limits import ERROR_CODES, Meaning
from bot.channels.wecom.outcomes import outcome_of, unwritten
from bot.channels.wecom.pieces import CardPiece, FilePiece, TextPiece, pieces_of
from bot.channels.wecom.settings import WecomAccount
from bot.channels.wecom.updates import from_callback, menu
from bot.channels.wecom_kf import limits as kf
from bot.channels.wecom_kf import pieces as kf_pieces
from bot.channels.wecom_kf.limits import CHANGES, FailType, Origin, ServiceState, SessionChange
from bot.channels.wecom_kf.settings import KfSettings
from bot.delivery.port import Gone, Invalid, NotNow, RetryLater, Unknown
from store.messages import Action, Choice, DocumentPart, IncomingKind, Outgoing, TextPart, Verb
from tests.outbox_items import item

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


def choices(count: int, text: str = "选") -> tuple[Choice, ...]:
    return tuple(
        Choice(text=f"{text}{number}", action=Action(verb=Verb.SAY, value=str(number)))
        for number in range(count)
    )


def test_wecoms_numbers() -> None:
    assert (30, timedelta(minutes=1)) == (limits.MEMBER_MESSAGES, limits.MEMBER_PERIOD)
    assert limits.MEMBER_HOURLY_MESSAGES == 1000
    an_hour = timedelta(hours=1) / limits.MEMBER_LONG_PERIOD
    assert limits.MEMBER_LONG_MESSAGES * an_hour <= limits.MEMBER_HOURLY_MESSAGES
    assert timedelta(seconds=60) == limits.MINUTE_BLOCK
    assert limits.TEXT_BYTES == 2048
    assert (limits.CARD_BUTTONS, limits.BUTTON_KEY_BYTES, limits.BUTTON_CHARACTERS) == (6, 1024, 10)
    assert (limits.CARD_TITLE_CHARACTERS, limits.CARD_TEXT_CHARACTERS, limits.TASK_ID_BYTES) == (26, 112, 128)
    assert (limits.PHOTO_UPLOAD_BYTES, limits.FILE_UPLOAD_BYTES) == (10 * 2**20, 20 * 2**20)
    assert limits.SMALLEST_FILE_BYTES == 6
    assert timedelta(hours=2) == limits.TOKEN_LASTS
    assert limits.TOKEN_MARGIN < limits.TOKEN_LASTS
    assert (limits.AES_KEY_CHARACTERS, limits.PADDING_BLOCK, limits.CALLBACK_TOKEN_CHARACTERS) == (43, 32, 32)
    assert (timedelta(seconds=5), 3) == (limits.CALLBACK_ANSWER, limits.CALLBACK_DELIVERIES)
    assert limits.CALLBACK_BYTES == 256 * 1024
    assert limits.ANSWER_BYTES == 8 * 2**20


def test_customer_services_numbers() -> None:
    assert (timedelta(hours=48), 5) == (kf.WINDOW, kf.WINDOW_MESSAGES)
    assert (kf.TEXT_BYTES, kf.MSGID_BYTES) == (2048, 32)
    assert (kf.MENU_HEAD_BYTES, kf.MENU_ENTRIES, kf.MENU_ID_BYTES, kf.MENU_CONTENT_BYTES) == (
        1024,
        10,
        64,
        128,
    )
    assert (timedelta(days=3), 1000) == (kf.MESSAGES_KEPT, kf.SYNC_MESSAGES)
    assert kf.SYNC_UNASKED < kf.SYNC_TOKEN_LASTS == timedelta(minutes=10)
    assert timedelta(seconds=20) == kf.WELCOME_LASTS
    assert [int(state) for state in ServiceState] == [0, 1, 2, 3, 4]
    assert [int(origin) for origin in Origin] == [3, 4, 5]
    assert [int(change) for change in SessionChange] == [1, 2, 3, 4]
    assert (FailType.TOO_LATE, FailType.TOO_MANY, FailType.REFUSED) == (4, 6, 10)


def test_back_to_the_bot_leads_only_through_the_end() -> None:
    assert set(CHANGES) == set(ServiceState)
    assert all(ServiceState.NEW not in changes for changes in CHANGES.values())
    assert ServiceState.ASSISTANT not in CHANGES[ServiceState.PERSON]
    assert CHANGES[ServiceState.ENDED] == frozenset()


@pytest.mark.parametrize(("code", "meaning"), sorted(ERROR_CODES.items()))
def test_every_code_that_is_known_has_an_outcome(code: int, meaning: Meaning) -> None:
    outcome = outcome_of(WecomApiError(code, "x"))
    expected = {
        Meaning.TOKEN: RetryLater,
        Meaning.CREDENTIALS: RetryLater,
        Meaning.BUSY: RetryLater,
        Meaning.TOO_FAST: RetryLater,
        Meaning.NOBODY: Gone,
        Meaning.UNKNOWN_ADDRESS: Invalid,
        Meaning.CONTENT: Invalid,
        Meaning.WINDOW: NotNow,
        Meaning.SESSION: NotNow,
    }
    assert isinstance(outcome, expected[meaning])


def test_what_was_never_sent_is_tried_again_and_what_may_have_been_is_not() -> None:
    assert isinstance(outcome_of(WecomUnreachableError("x", never_sent=True)), RetryLater)
    assert isinstance(outcome_of(WecomUnreachableError("x", never_sent=False)), Unknown)


def test_names_in_a_success_are_read_in_small_letters() -> None:
    assert unwritten({"invaliduser": "zhangsan|lisi"}, "LiSi") == Gone()
    assert isinstance(unwritten({"unlicenseduser": "lisi"}, "LiSi"), Invalid)
    assert unwritten({"invaliduser": "lisi2", "unlicenseduser": ""}, "LiSi") is None
    assert unwritten({}, "LiSi") is None


def test_texts_are_counted_in_bytes() -> None:
    pieces = pieces_of(Outgoing.say("年费。" * 600))
    assert len(pieces) > 1
    assert all(isinstance(piece, TextPiece) and utf8_bytes(piece.text) <= 2048 for piece in pieces)
    assert "".join(piece.text for piece in pieces if isinstance(piece, TextPiece)) == "年费。" * 600


def test_buttons_stand_on_cards_of_six() -> None:
    pieces = pieces_of(Outgoing.say("长" * 200, *choices(8)))
    words, first, second = pieces
    assert isinstance(words, TextPiece)
    assert isinstance(first, CardPiece)
    assert isinstance(second, CardPiece)
    assert (len(first.choices), first.first, len(second.choices), second.first) == (6, 0, 2, 6)


def test_a_file_stands_where_it_was_among_the_words() -> None:
    document = DocumentPart(attachment_id=1, filename="a.pdf", media_type="application/pdf")
    pieces = pieces_of(Outgoing(parts=(TextPart(text="前"), document, TextPart(text="后"))))
    assert pieces == [TextPiece("前"), FilePiece(1, "a.pdf", False), TextPiece("后")]


def test_customer_service_needs_as_few_calls_as_can_be() -> None:
    asked = kf_pieces.pieces_of(Outgoing.say("记下吗？", *choices(12, "选" * 60)))
    menus = [
        piece.content(item(7, Outgoing.say("x"), NOW))
        for piece in asked
        if isinstance(piece, kf_pieces.MenuPiece)
    ]
    assert len(menus) == len(asked), "the words stand on the menu itself"
    assert [menu["head_content"] for menu in menus] == ["记下吗？", TEXTS.say("wecom_kf.more")]
    entries = [entry["click"] for menu in menus for entry in menu["list"]]
    assert [entry["id"] for entry in entries] == [f"7:{place}" for place in range(12)], "no button is lost"
    assert [len(menu["list"]) for menu in menus] == [10, 2]
    assert all(utf8_bytes(entry["content"]) <= 128 for entry in entries)
    long = kf_pieces.pieces_of(Outgoing.say("长" * 500, *choices(2)))
    assert [type(piece).__name__ for piece in long] == ["TextPiece", "MenuPiece"]


def test_the_menu_fits_and_every_entry_says_something() -> None:
    entries = menu()
    assert 1 <= len(entries) <= 3
    for entry in entries:
        assert utf8_bytes(entry["name"]) <= 16
        fields = {
            "FromUserName": "a", "AgentID": "1", "MsgType": "event", "Event": "click",
            "EventKey": entry["key"], "CreateTime": "1",
        }  # fmt: skip
        read = from_callback(fields, 1, NOW)
        assert read is not None
        assert read[0].kind is IncomingKind.TEXT
        assert read[0].text


def test_settings_that_cannot_work_are_told() -> None:
    WecomAccount("corp", "secret", "token", AES_KEY)
    for corp, secret, token, key in (
        ("", "s", "t", AES_KEY),
        ("c", "", "t", AES_KEY),
        ("c", "s", "", AES_KEY),
        ("c", "s", "不行", AES_KEY),
        ("c", "s", "t", "short"),
    ):
        with pytest.raises(WecomSettingsError):
            WecomAccount(corp, secret, token, key)
    account = WecomAccount("corp", "a-secret", "token", AES_KEY)
    assert "a-secret" not in repr(account)
    assert AES_KEY not in repr(account)
    with pytest.raises(WecomSettingsError):
        KfSettings(account, "")
