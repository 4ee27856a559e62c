"""A neutral message as the calls that Telegram needs for it: texts within its length, pictures, and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.rendering import (
    Emphasis,
    Line,
    citations_last,
    lines_of,
    pack,
    telegram_html,
    telegram_length,
)
from bot.channels.telegram.limits import CALLBACK_DATA_BYTES, CAPTION_UNITS, KEYBOARD_BUTTONS, TEXT_UNITS
from bot.pictures.picture import Drawable, as_of, drawables
from store.messages import ChartPart, CitationPart, DocumentPart, Outgoing, Part
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


@dataclass(frozen=True, slots=True)
class PicturePiece:
    """One `sendPhoto` of a chart or a table that is drawn; `instead` are the texts where it cannot be."""

    what: Drawable
    caption: str
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InsteadPiece:
    """One `sendMessage` of what a picture shows, after the first: passed over where the picture itself is out."""

    html: str


@dataclass(frozen=True, slots=True)
class ButtonsPiece:
    """One `sendMessage` with the buttons from `first` on, where there are more than one keyboard takes."""

    first: int


Piece = TextPiece | FilePiece | PicturePiece | InsteadPiece | ButtonsPiece


def pieces_of(message: Outgoing) -> list[Piece]:
    """Return the calls in order: the words in as few texts as they fit in, a picture or a file where it stands.

    Where there is one picture and all words fit below it, that is one message: one sound on a phone.
    """
    whole = _on_one_picture(message)
    if whole is not None:
        return [*_or_words(whole), *_more_buttons(message)]
    pieces: list[Piece] = []
    words: list[Part] = []
    day = as_of(message)
    for part in citations_last(message.parts):
        pictures = drawables(part, day)
        if not pictures and not isinstance(part, DocumentPart):
            words.append(part)
            continue
        pieces += _texts(words)
        words = []
        if isinstance(part, DocumentPart):
            photo = part.media_type in ("image/jpeg", "image/png")
            pieces.append(FilePiece(part.attachment_id, part.filename, photo))
        for picture in pictures:
            pieces += _or_words(_picture(picture, [picture.part]))
    return [*pieces, *_texts(words), *_more_buttons(message)]


def _or_words(picture: PicturePiece) -> list[Piece]:
    """Return the picture and a piece for each text of its words after the first: each text is a send of its own."""
    return [picture, *(InsteadPiece(html) for html in picture.instead[1:])]


def keyboard(item: OutboxItem, first: int = 0) -> InlineKeyboardMarkup | None:
    """Return the buttons below the message, from `first` on as many as it takes; each carries the message's number
    and its own place."""
    rows: list[list[InlineKeyboardButton]] = []
    shown = item.content.choices[first : first + KEYBOARD_BUTTONS]
    for index, choice in enumerate(shown, first):
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


def _on_one_picture(message: Outgoing) -> PicturePiece | None:
    day = as_of(message)
    pictures = [picture for part in message.parts for picture in drawables(part, day)]
    if len(pictures) != 1 or any(isinstance(part, DocumentPart) for part in message.parts):
        return None
    piece = _picture(pictures[0], message.parts)
    return piece if piece.caption else None


def _more_buttons(message: Outgoing) -> list[ButtonsPiece]:
    return [ButtonsPiece(first) for first in range(KEYBOARD_BUTTONS, len(message.choices), KEYBOARD_BUTTONS)]


def _picture(what: Drawable, parts: Sequence[Part]) -> PicturePiece:
    """Return the picture with the words of `parts` below it: a chart's in its own words, a table's rows folded.

    The rows stand below a table only where they fit. Without a caption: not even the other words do.
    """
    instead = tuple(piece.html for piece in _texts(parts))
    drawn = lines_of(Outgoing(parts=(what.part,)))
    if isinstance(what.part, ChartPart):
        rows, own = [], [Line(line) for line in what.part.alt.splitlines()]
    else:
        rows = [Line(line.text, Emphasis.FOLDED) for line in drawn if line.emphasis is not Emphasis.TITLE]
        own = [line for line in drawn if line.emphasis is Emphasis.TITLE]
    words = [part for part in parts if not drawables(part) and not isinstance(part, CitationPart)]
    said = lines_of(Outgoing(parts=tuple(words)), aligned=True) if words else own
    if words and isinstance(what.part, ChartPart):
        said = _apart(said, own)
    cited = lines_of(Outgoing(parts=tuple(part for part in parts if isinstance(part, CitationPart))))
    for lines in (_apart(said, rows, cited), _apart(said, cited)):
        if telegram_length(lines) <= CAPTION_UNITS:
            return PicturePiece(what, telegram_html(lines), instead)
    return PicturePiece(what, "", instead)


def _apart(*blocks: Sequence[Line]) -> list[Line]:
    """Return the blocks one below the other, an empty line between them."""
    lines: list[Line] = []
    for block in blocks:
        lines += [Line(""), *block] if lines and block else block
    return lines


def _texts(parts: Sequence[Part]) -> list[TextPiece]:
    lines = lines_of(Outgoing(parts=tuple(parts)), aligned=True)
    return [TextPiece(telegram_html(piece)) for piece in pack(lines, TEXT_UNITS, telegram_length)]
