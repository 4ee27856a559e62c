"""Telegram's updates as what the rest of the service knows: `Incoming`."""

from __future__ import annotations

from datetime import datetime

from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, User

from bot.channels.received_text import clean_name
from bot.channels.telegram.files import FileToFetch
from bot.channels.texts import TEXTS
from store.attachments import MAX_BYTES
from store.messages import Channel, Incoming, IncomingKind

_COMMANDS = "telegram.commands."


def commands() -> dict[str, str]:
    """Return the bot's commands in private chats, each with what choosing it says."""
    return _menu(_COMMANDS)


def group_commands() -> dict[str, str]:
    """Return the bot's commands in groups, each with what it is for."""
    return _menu("telegram.group_commands.")


def _menu(prefix: str) -> dict[str, str]:
    return {
        key.removeprefix(prefix): TEXTS.say(key) for key in sorted(TEXTS.keys()) if key.startswith(prefix)
    }


def from_message(
    message: Message, update_id: str, now: datetime
) -> tuple[Incoming, FileToFetch | None] | None:
    """Return a private message and the file it came with; None for what is not said to us."""
    if message.chat.type != ChatType.PRIVATE or message.from_user is None or message.from_user.is_bot:
        return None
    kind, text, payload, file = read_content(message)
    incoming = Incoming(
        channel=Channel.TELEGRAM,
        address=str(message.chat.id),
        update_id=update_id,
        kind=kind,
        received_at=now,
        text=text,
        payload=payload,
        sender_name=name_of(message.from_user),
    )
    return incoming, file


def from_press(press: CallbackQuery, update_id: str, now: datetime) -> Incoming | None:
    """Return a pressed button of ours; None where it was pressed elsewhere than in a private chat."""
    if press.message is None or press.message.chat.type != ChatType.PRIVATE:
        return None
    return Incoming(
        channel=Channel.TELEGRAM,
        address=str(press.message.chat.id),
        update_id=update_id,
        kind=IncomingKind.PRESS,
        received_at=now,
        pressed=(press.data or "")[:64],
        sender_name=name_of(press.from_user),
    )


def from_membership(change: ChatMemberUpdated, update_id: str, now: datetime) -> Incoming | None:
    """Return that a person has blocked us; None for other changes. One who unblocks us writes by themselves."""
    if change.chat.type != ChatType.PRIVATE or change.new_chat_member.status != ChatMemberStatus.KICKED:
        return None
    return Incoming(
        channel=Channel.TELEGRAM,
        address=str(change.chat.id),
        update_id=update_id,
        kind=IncomingKind.STOP,
        received_at=now,
        sender_name=name_of(change.from_user),
    )


def read_content(message: Message) -> tuple[IncomingKind, str, str, FileToFetch | None]:
    """Return the kind, the words, a deep link's parameter and the file."""
    if message.text:
        return (*_words(message.text), None)
    caption = message.caption or ""
    if message.photo:
        fitting = [size for size in message.photo if (size.file_size or 0) <= MAX_BYTES]
        largest = max(fitting or message.photo, key=lambda size: size.width * size.height)
        return IncomingKind.PHOTO, caption, "", FileToFetch(largest.file_id, "照片.jpg", "image/jpeg")
    if message.document is not None:
        document = message.document
        name = clean_name(document.file_name or "") or "文件"
        file = FileToFetch(document.file_id, name, document.mime_type or "application/octet-stream")
        return IncomingKind.DOCUMENT, caption, "", file if (document.file_size or 0) <= MAX_BYTES else None
    if message.voice is not None or message.audio is not None or message.video_note is not None:
        return IncomingKind.VOICE, caption, "", None
    if message.contact is not None:
        name = clean_name(f"{message.contact.last_name or ''}{message.contact.first_name}")
        text = TEXTS.say("telegram.contact", name=name, phone=clean_name(message.contact.phone_number))
        return IncomingKind.OTHER, text, "", None
    return IncomingKind.OTHER, caption, "", None


def _words(text: str) -> tuple[IncomingKind, str, str]:
    """Return a text; a command of the menu is read as what it says, `/start` as opening the chat."""
    command, _, rest = text.partition(" ")
    name = command.removeprefix("/").partition("@")[0].lower() if command.startswith("/") else ""
    if name == "start":
        return IncomingKind.START, "", clean_name(rest)[:64]
    if name and (key := f"{_COMMANDS}{name}") in TEXTS:
        return IncomingKind.TEXT, TEXTS.say(key), ""
    return IncomingKind.TEXT, text, ""


def name_of(user: User) -> str:
    """Return how the person calls themselves."""
    return clean_name(user.full_name)
