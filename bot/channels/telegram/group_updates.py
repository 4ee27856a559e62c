"""Updates of groups as what the rest of the service knows: `Incoming` with who said it, in which topic."""

from __future__ import annotations

from datetime import datetime

from aiogram.enums import ChatMemberStatus, ChatType, ContentType
from aiogram.types import CallbackQuery, Chat, ChatMemberUpdated, Message

from bot.channels.received_text import UnreadableTextError, clean, clean_name
from bot.channels.telegram.files import FileToFetch
from bot.channels.telegram.updates import name_of, read_content
from store.messages import Channel, Incoming, IncomingKind, InGroup

GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})
_OUTSIDE = frozenset({ChatMemberStatus.LEFT, ChatMemberStatus.KICKED})
# What a person says. Everything else is Telegram's own word on the group: a topic opened, somebody joined, a pin.
_SAID = frozenset(
    {
        ContentType.TEXT,
        ContentType.ANIMATION,
        ContentType.AUDIO,
        ContentType.CONTACT,
        ContentType.DICE,
        ContentType.DOCUMENT,
        ContentType.GAME,
        ContentType.LOCATION,
        ContentType.PHOTO,
        ContentType.POLL,
        ContentType.STICKER,
        ContentType.STORY,
        ContentType.VENUE,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.VOICE,
    }
)


def from_message(
    message: Message, update_id: str, now: datetime, *, edited: bool = False
) -> tuple[Incoming, FileToFetch | None] | None:
    """Return what a member said and the file it came with; None for what nobody said, or a bot."""
    if message.content_type not in _SAID or message.from_user is None:
        return None
    anonymous = message.sender_chat is not None and message.sender_chat.id == message.chat.id
    if message.from_user.is_bot and not anonymous:
        return None
    if message.text:
        kind, text, file = IncomingKind.TEXT, message.text, None
        try:
            text = clean(text)
        except UnreadableTextError:
            kind, text = IncomingKind.OTHER, ""
    else:
        kind, text, _, file = read_content(message)
    # In the general topic Telegram uses the thread's number for replies, which are no topics.
    thread = message.message_thread_id if message.is_topic_message else None
    where = _in_group(message.chat, thread).model_copy(
        update={
            "sender": "" if anonymous else str(message.from_user.id),
            "administrator": True if anonymous else None,
            "edited": edited,
        }
    )
    name = "" if anonymous else name_of(message.from_user)
    return _incoming(where, kind, update_id, now, text=text, sender_name=name), file


def from_press(press: CallbackQuery, update_id: str, now: datetime) -> Incoming | None:
    """Return a button that a member pressed; None where it was pressed elsewhere than in a group."""
    if press.message is None or press.message.chat.type not in GROUPS:
        return None
    thread = None
    if isinstance(press.message, Message) and press.message.is_topic_message:
        thread = press.message.message_thread_id
    where = _in_group(press.message.chat, thread).model_copy(update={"sender": str(press.from_user.id)})
    return _incoming(
        where,
        IncomingKind.PRESS,
        update_id,
        now,
        pressed=(press.data or "")[:64],
        sender_name=name_of(press.from_user),
    )


def from_membership(change: ChatMemberUpdated, update_id: str, now: datetime) -> Incoming | None:
    """Return that we were added to a group, or taken out of it; None for other changes."""
    if change.chat.type not in GROUPS:
        return None
    was, is_now = change.old_chat_member.status in _OUTSIDE, change.new_chat_member.status in _OUTSIDE
    if was == is_now:
        return None
    kind = IncomingKind.STOP if is_now else IncomingKind.START
    where = _in_group(change.chat, None).model_copy(update={"sender": str(change.from_user.id)})
    return _incoming(where, kind, update_id, now, sender_name=name_of(change.from_user))


def _in_group(chat: Chat, thread: int | None) -> InGroup:
    return InGroup(
        chat=str(chat.id),
        thread=thread,
        title=clean_name(chat.title or ""),
        has_topics=chat.is_forum or False,
    )


def _incoming(where: InGroup, kind: IncomingKind, update_id: str, now: datetime, **content: str) -> Incoming:
    return Incoming(
        channel=Channel.TELEGRAM_FORUM,
        address=where.chat if where.thread is None else f"{where.chat}:{where.thread}",
        update_id=update_id,
        kind=kind,
        received_at=now,
        group=where,
        **content,
    )
