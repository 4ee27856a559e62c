"""A neutral message as the calls that Telegram needs for it: texts within its length, and files."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.rendering import Line, lines_of, pack, telegram_html, telegram_length
from bot.channels.telegram.limits import CALLBACK_DATA_BYTES, TEXT_UNITS
from store.messages import DocumentPart, Outgoing, Part
from store.records import OutboxItem

_SHORT = 8  # characters of a button that shares its row
_IN_A_ROW = 2


@dataclass(frozen=True, slots=True)
class TextPiece:
    """One `sendMessage`."""

    html: str


@dataclass(frozen=True, slots=True)
class FilePiece:
    """One `sendPhoto` or `sendDocument` of a kept file."""

    attachment_id: int
    filename: str
    photo: bool


Piece = TextPiece | FilePiece


def pieces_of(message: Outgoing) -> list[Piece]:
    """Return the calls in order: the words in as few texts as they fit in, a file where it stands among them."""
    pieces: list[Piece] = []
    words: list[Part] = []
    for part in message.parts:
        if isinstance(part, DocumentPart):
            pieces += _texts(words)
            words = []
            photo = part.media_type in ("image/jpeg", "image/png")
            pieces.append(FilePiece(part.attachment_id, part.filename, photo))
        else:
            words.append(part)
    return pieces + _texts(words)


def keyboard(item: OutboxItem) -> InlineKeyboardMarkup | None:
    """Return the buttons below the message; each carries the message's number and its own place."""
    rows: list[list[InlineKeyboardButton]] = []
    for index, choice in enumerate(item.content.choices):
        data = f"{item.id}:{index}"
        if len(data.encode()) > CALLBACK_DATA_BYTES:
            raise ValueError(f"callback data of {len(data)} bytes")
        button = InlineKeyboardButton(choice.text, callback_data=data)
        row = rows[-1] if rows else []
        if row and len(row) < _IN_A_ROW and all(len(each.text) <= _SHORT for each in (*row, button)):
            row.append(button)
        else:
            rows.append([button])
    return InlineKeyboardMarkup(rows) if rows else None


def _texts(parts: list[Part]) -> list[Piece]:
    lines: list[Line] = lines_of(Outgoing(parts=tuple(parts)))
    return [TextPiece(telegram_html(piece)) for piece in pack(lines, TEXT_UNITS, telegram_length)]
