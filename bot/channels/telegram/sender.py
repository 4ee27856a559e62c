"""Telegram's way out: python-telegram-bot's `ExtBot`, without its own rate limiter; ours is shared by all processes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import structlog
from telegram import InlineKeyboardMarkup, InputMediaPhoto, LinkPreviewOptions, Message
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from bot.channels.calls import NEVER_SENT
from bot.channels.telegram import limits
from bot.channels.telegram.pieces import (
    ButtonsPiece,
    FilePiece,
    InsteadPiece,
    PicturePiece,
    Piece,
    TextPiece,
    keyboard,
    pieces_of,
)
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.transport import AiohttpTransport
from bot.channels.texts import TEXTS
from bot.delivery.port import (
    Gone,
    Invalid,
    Outcome,
    Partly,
    Rebind,
    RetryLater,
    Sent,
    Unknown,
    pieces_out,
)
from bot.pictures.picture import picture_of
from store.asker import SYSTEM
from store.database import Database
from store.errors import NotVisibleError
from store.limits import Window
from store.messages import Channel
from store.records import OutboxItem, OutboxState

log = structlog.get_logger()

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 15.0
_CONNECTIONS = 64
_TOKEN_REFUSED_SECONDS = 60.0
_PICTURE_REFUSED = re.compile("photo|image|caption", re.IGNORECASE)
_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramSender:
    """Sends to private chats and to groups; an address is the chat's id, or `chat:topic`."""

    repeatable = False  # Telegram has no key by which a second copy would be known
    timeout = timedelta(seconds=40)

    def __init__(
        self, settings: TelegramSettings, database: Database, channel: Channel = Channel.TELEGRAM
    ) -> None:
        self.channel = channel
        self._settings = settings
        self._database = database
        self._bot: ExtBot[None] = ExtBot(
            settings.token,
            base_url=f"{settings.api}/bot",
            base_file_url=f"{settings.api}/file/bot",
            request=AiohttpTransport(
                connections=_CONNECTIONS, connect_seconds=_CONNECT_SECONDS, answer_seconds=_ANSWER_SECONDS
            ),
        )

    async def close(self) -> None:
        """Give back the connections."""
        for request in self._bot._request:
            await request.shutdown()

    def windows(self, item: OutboxItem) -> Sequence[Window]:
        """Return Telegram's limits: of the bot, and of the chat or the group."""
        chat, _ = _chat_and_topic(item.address)
        bot = Window(
            f"telegram:{self._settings.bot_id}",
            limits.BOT_MESSAGES,
            limits.BOT_PERIOD,
            bulk_at_most=limits.BOT_BULK_MESSAGES,
            shared=True,
        )
        scope = f"telegram:{self._settings.bot_id}:{chat}"
        if chat.startswith("-"):
            return bot, Window(scope, limits.GROUP_MESSAGES, limits.GROUP_PERIOD)
        return bot, Window(scope, limits.PRIVATE_MESSAGES, limits.PRIVATE_PERIOD)

    async def send(self, item: OutboxItem) -> Outcome:
        """Send the next piece of the message, or make the change of a message that the item is."""
        if item.edits_id is not None:
            return await self._change(item, item.edits_id)
        pieces = pieces_of(item.content)
        out = pieces_out(item)
        if not pieces:
            return Invalid("there is nothing to send")
        try:
            message, sent = await self._send(item, pieces, out)
        except TelegramError as error:
            return outcome_of(error)
        except NotVisibleError:
            return Invalid("the file is no longer kept")
        return Sent(str(message.message_id)) if out + sent == len(pieces) else Partly(out + sent)

    async def _send(self, item: OutboxItem, pieces: Sequence[Piece], number: int) -> tuple[Message, int]:
        """Send a piece; return the message, and how many pieces are done with it."""
        chat, topic = await self._place(item)
        match pieces[number]:
            case PicturePiece() as picture:
                shown = len(picture.instead)
                message = await self._picture(chat, topic, picture, _buttons(item, pieces, number, shown))
                if message is not None:
                    return message, shown
                html = picture.instead[0]
            case TextPiece(html) | InsteadPiece(html):
                pass
            case ButtonsPiece():
                html = TEXTS.say("telegram.more_buttons")
            case FilePiece() as file:
                return await self._file(chat, topic, file, _buttons(item, pieces, number)), 1
        return await self._text(chat, topic, html, _buttons(item, pieces, number)), 1

    async def _file(
        self, chat: str, topic: int | None, piece: FilePiece, buttons: InlineKeyboardMarkup | None
    ) -> Message:
        async with self._database.reading() as tx:
            kept, data = await tx.attachments(SYSTEM).read(piece.attachment_id)
        if piece.photo and kept.size <= limits.PHOTO_UPLOAD_BYTES:
            return await self._bot.send_photo(
                chat, data, filename=piece.filename, message_thread_id=topic, reply_markup=buttons
            )
        return await self._bot.send_document(
            chat, data, filename=piece.filename, message_thread_id=topic, reply_markup=buttons
        )

    async def _text(
        self, chat: str, topic: int | None, html: str, buttons: InlineKeyboardMarkup | None
    ) -> Message:
        return await self._bot.send_message(
            chat,
            html,
            parse_mode=ParseMode.HTML,
            link_preview_options=_PREVIEW,
            message_thread_id=topic,
            reply_markup=buttons,
        )

    async def _picture(
        self, chat: str, topic: int | None, piece: PicturePiece, buttons: InlineKeyboardMarkup | None
    ) -> Message | None:
        """Send the picture; None where it cannot be drawn or Telegram does not take it: its words serve."""
        data = await picture_of(piece.what)
        if data is not None and len(data) <= limits.PHOTO_UPLOAD_BYTES:
            try:
                return await self._bot.send_photo(
                    chat,
                    data,
                    caption=piece.caption or None,
                    parse_mode=ParseMode.HTML,
                    filename=TEXTS.say("picture.filename"),
                    message_thread_id=topic,
                    reply_markup=buttons,
                )
            except BadRequest as error:
                if not _PICTURE_REFUSED.search(error.message):
                    raise
                log.warning("a picture was refused: its words go out instead", reason=error.message[:200])
        return None

    async def _place(self, item: OutboxItem) -> tuple[str, int | None]:
        """Return the chat and, in a group, the topic's number at Telegram."""
        return _chat_and_topic(item.address)

    async def _change(self, item: OutboxItem, message_id: int) -> Outcome:
        """Change a message that is out. One of several pieces keeps its words: only its buttons are changed."""
        async with self._database.reading() as tx:
            message = await tx.outbox.get(message_id)
        if (
            message is None
            or message.channel is not self.channel
            or message.state is not OutboxState.SENT
            or not message.vendor_id.isdecimal()
        ):
            return Invalid("there is no such message in the chat")
        chat, _ = _chat_and_topic(message.address)
        number = int(message.vendor_id)
        before, after = (
            [piece for piece in pieces_of(content) if not isinstance(piece, InsteadPiece)]
            for content in (message.content, item.content)
        )
        one = before[0] if len(before) == len(after) == 1 else None
        try:
            match one, after[0] if after else None:
                case TextPiece(), TextPiece(html):
                    await self._bot.edit_message_text(
                        html,
                        chat,
                        number,
                        parse_mode=ParseMode.HTML,
                        link_preview_options=_PREVIEW,
                        reply_markup=keyboard(item),
                    )
                case PicturePiece(what=shown), PicturePiece(what=what) as other if shown != what:
                    return await self._other_picture(item, message, other)
                case PicturePiece(), PicturePiece(caption=caption) if caption:
                    await self._bot.edit_message_caption(
                        chat, number, caption=caption, parse_mode=ParseMode.HTML, reply_markup=keyboard(item)
                    )
                case _:
                    await self._bot.edit_message_reply_markup(chat, number, reply_markup=keyboard(item))
        except BadRequest as error:
            if "message is not modified" in error.message.lower():
                return Sent(message.vendor_id)
            return Invalid(error.message[:300])
        except TelegramError as error:
            return outcome_of(error)
        return Sent(message.vendor_id)

    async def _other_picture(self, item: OutboxItem, message: OutboxItem, piece: PicturePiece) -> Outcome:
        """Put another picture in the place of one whose numbers have changed."""
        data = await picture_of(piece.what)
        if data is None:
            return Invalid("the picture that should replace it could not be drawn")
        chat, _ = _chat_and_topic(message.address)
        picture = InputMediaPhoto(data, caption=piece.caption or None, parse_mode=ParseMode.HTML)
        await self._bot.edit_message_media(picture, chat, int(message.vendor_id), reply_markup=keyboard(item))
        return Sent(message.vendor_id)


def _buttons(
    item: OutboxItem, pieces: Sequence[Piece], number: int, done: int = 1
) -> InlineKeyboardMarkup | None:
    """Return the buttons of this piece, with which `done` pieces are done: they stand below the last words, more than
    a keyboard takes on their own."""
    piece, following = pieces[number], number + done
    if isinstance(piece, ButtonsPiece):
        return keyboard(item, piece.first)
    ends = following == len(pieces) or isinstance(pieces[following], ButtonsPiece)
    return keyboard(item) if ends else None


def outcome_of(error: TelegramError) -> Outcome:
    """Return what Telegram's error means for the message. What cannot be told for certain is `Unknown`."""
    match error:
        case RetryAfter():
            return RetryLater(_seconds(error), "Telegram asked to wait", hold=True)
        case ChatMigrated():
            return Rebind(str(error.new_chat_id))
        case Forbidden():
            return Gone()
        case InvalidToken():
            return RetryLater(_TOKEN_REFUSED_SECONDS, "Telegram refuses the bot's token", hold=True)
        case BadRequest():
            return _refused(error.message)
        case NetworkError() if isinstance(error.__cause__, NEVER_SENT):
            return RetryLater(1, type(error.__cause__).__name__)
        case _:
            cause = f" ({type(error.__cause__).__name__})" if error.__cause__ is not None else ""
            return Unknown(f"{type(error).__name__}{cause}")


def _refused(reason: str) -> Outcome:
    text = reason.lower()
    if "thread not found" in text or "topic_deleted" in text or "topic_id_invalid" in text:
        return Rebind()
    unknown = "chat not found" in text or "peer_id_invalid" in text or "user not found" in text
    return Invalid(reason[:300], address_unknown=unknown)


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def _chat_and_topic(address: str) -> tuple[str, int | None]:
    chat, _, topic = address.partition(":")
    return chat, int(topic) if topic.isdecimal() else None
