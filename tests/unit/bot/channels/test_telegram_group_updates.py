"""Telegram's updates of groups as they are read: who said what in which topic, and what nobody said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from aiogram.types import Update

from bot.channels.telegram.group_updates import from_membership, from_message, from_press
from bot.handoff import commands
from bot.handoff.commands import Command, Word
from store.messages import Channel, IncomingKind

CHAT = {"id": -1001, "type": "supergroup", "title": "甲机构\u3000工单群", "is_forum": True}
ZHOU = {"id": 501, "is_bot": False, "first_name": "周", "last_name": "小"}
ROBOT = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
BOT = {"id": 9, "is_bot": True, "first_name": "知托"}


def update(**content: Any) -> Update:
    return Update.model_validate({"update_id": 1, **content})


def said(**content: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1_800_000_000, "chat": CHAT, "from": ZHOU, **content}


def read(now: datetime, *, edited: bool = False, **content: Any) -> Any:
    message = update(message=said(**content)).message
    assert message is not None
    found = from_message(message, "9:1", now, edited=edited)
    return None if found is None else found[0]


IN_TOPIC = {"message_thread_id": 7, "is_topic_message": True}


def test_a_line_in_a_topic(now: datetime) -> None:
    incoming = read(now, text="您好", **IN_TOPIC)
    assert (incoming.channel, incoming.address, incoming.kind) == (
        Channel.TELEGRAM_FORUM,
        "-1001:7",
        IncomingKind.TEXT,
    )
    where = incoming.group
    assert (where.chat, where.thread, where.sender, where.has_topics) == ("-1001", 7, "501", True)
    assert where.title == "甲机构 工单群"
    assert (where.administrator, where.edited) == (None, False)
    assert incoming.sender_name


def test_a_reply_in_the_general_topic_is_in_no_topic(now: datetime) -> None:
    incoming = read(now, text="好", message_thread_id=4)
    assert (incoming.address, incoming.group.thread) == ("-1001", None)


def test_commands_are_kept_as_they_are_typed(now: datetime) -> None:
    assert read(now, text="/stop", **IN_TOPIC).text == "/stop"


def test_an_administrator_who_hides_their_name_is_one_and_is_nobody(now: datetime) -> None:
    incoming = read(now, text="/bind X", **{"from": ROBOT}, sender_chat=CHAT)
    assert (incoming.group.sender, incoming.group.administrator, incoming.sender_name) == ("", True, "")


@pytest.mark.parametrize(
    "content",
    [
        {"forum_topic_created": {"name": "工单1", "icon_color": 1}, **IN_TOPIC},
        {"forum_topic_closed": {}, **IN_TOPIC},
        {"new_chat_members": [ZHOU]},
        {"new_chat_title": "新名字"},
        {"text": "机器人的话", "from": BOT},
    ],
)
def test_what_nobody_said_is_left(now: datetime, content: dict[str, Any]) -> None:
    assert read(now, **content) is None


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}}, IncomingKind.VOICE),
        ({"dice": {"emoji": "🎲", "value": 3}}, IncomingKind.OTHER),
        ({"document": {"file_id": "d", "file_unique_id": "d", "file_name": "a.pdf"}}, IncomingKind.DOCUMENT),
        ({"text": "\u200b\x00"}, IncomingKind.OTHER),
        ({"text": "长" * 4096}, IncomingKind.OTHER),
    ],
)
def test_everything_said_has_its_kind(now: datetime, content: dict[str, Any], kind: IncomingKind) -> None:
    assert read(now, **content, **IN_TOPIC).kind is kind


def test_an_edited_line_says_so(now: datetime) -> None:
    assert read(now, edited=True, text="改了", **IN_TOPIC).group.edited


def press(chat: dict[str, Any], **more: Any) -> Update:
    message = {"message_id": 5, "date": 1_800_000_000, "chat": chat, "text": "…", **more}
    return update(
        callback_query={"id": "1", "from": ZHOU, "chat_instance": "1", "data": "12:0", "message": message}
    )


def test_a_pressed_button_of_a_topic_and_of_another_kind_of_chat(now: datetime) -> None:
    query = press(CHAT, **IN_TOPIC).callback_query
    assert query is not None
    incoming = from_press(query, "9:1", now)
    assert incoming is not None
    assert incoming.group is not None
    assert (incoming.kind, incoming.pressed, incoming.address) == (IncomingKind.PRESS, "12:0", "-1001:7")
    assert incoming.group.sender == "501"
    private = press({"id": 501, "type": "private", "first_name": "周"}).callback_query
    assert private is not None
    assert from_press(private, "9:1", now) is None


@pytest.mark.parametrize(
    ("was", "became", "kind"),
    [
        ("left", "member", IncomingKind.START),
        ("kicked", "member", IncomingKind.START),
        ("member", "left", IncomingKind.STOP),
        ("member", "kicked", IncomingKind.STOP),
        ("member", "member", None),
        ("left", "kicked", None),
    ],
)
def test_only_coming_and_going_is_told(
    now: datetime, was: str, became: str, kind: IncomingKind | None
) -> None:
    def member(status: str) -> dict[str, Any]:
        return {"status": status, "user": BOT, **({"until_date": 0} if status == "kicked" else {})}

    change = update(
        my_chat_member={
            "chat": CHAT,
            "from": ZHOU,
            "date": 1_800_000_000,
            "old_chat_member": member(was),
            "new_chat_member": member(became),
        }
    ).my_chat_member
    assert change is not None
    incoming = from_membership(change, "9:1", now)
    assert (incoming.kind if incoming else None) is kind


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/note 等执照\n第二行", Command(Word.NOTE, "等执照\n第二行")),
        ("/return@zhituo_bot 好了", Command(Word.RETURN, "好了")),
        ("／结束 办完", Command(Word.CLOSE, "办完")),
        ("/切换 12", Command(Word.SWITCH, "12")),
        ("/NOTE x", Command(Word.NOTE, "x")),
        (" /queue ", Command(Word.QUEUE)),
        ("/nothing", None),
        ("note x", None),
        ("1/2 的费用", None),
        ("", None),
        ("/", None),
    ],
)
def test_commands_in_latin_and_chinese(text: str, command: Command | None) -> None:
    assert commands.read(text) == command
