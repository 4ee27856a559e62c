"""A neutral message as the calls that WeCom needs for it: texts within its length, files, a card with the buttons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.channels.rendering import Line, citations_last, lines_of, pack, plain_text, utf8_bytes
from bot.channels.texts import TEXTS
from bot.channels.wecom.limits import (
    CARD_BUTTONS,
    CARD_TEXT_CHARACTERS,
    CARD_TITLE_CHARACTERS,
    TEXT_BYTES,
)
from bot.pictures.picture import Drawable, as_of, drawables
from store.messages import ChartPart, Choice, DocumentPart, Outgoing, Part, TablePart, TextPart

# WeCom reads <a href> in a text as a link. What people wrote is never one.
_LINK = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextPiece:
    """One text."""

    text: str


@dataclass(frozen=True, slots=True)
class FilePiece:
    """One kept file, uploaded and sent."""

    attachment_id: int
    filename: str
    picture: bool


@dataclass(frozen=True, slots=True)
class CardPiece:
    """One card with buttons; `first` is the place of its first choice in the message."""

    title: str
    text: str
    choices: tuple[Choice, ...]
    first: int


@dataclass(frozen=True, slots=True)
class PicturePiece:
    """One chart or table that is drawn, uploaded and sent; `instead` are the texts where it cannot be."""

    what: Drawable
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InsteadPiece:
    """One text of what a picture shows, after the first: passed over where the picture itself is out."""

    text: str


Piece = TextPiece | FilePiece | PicturePiece | InsteadPiece | CardPiece


def pieces_of(message: Outgoing) -> list[Piece]:
    """Return the calls in order. The buttons stand on cards at the end; a short message stands on the card itself."""
    drawings, parts = drawn(message)
    pictures: list[Piece] = []
    for picture in drawings:
        pictures += [picture, *(InsteadPiece(text) for text in picture.instead[1:])]
    if not message.choices:
        return [*pictures, *words_and_files(parts)]
    short = _on_one_card(Outgoing(parts=parts, choices=message.choices))
    if short is not None:
        return [*pictures, short]
    return [*pictures, *words_and_files(parts), *_cards(message.choices)]


def drawn(message: Outgoing, limit: int = TEXT_BYTES) -> tuple[list[PicturePiece], tuple[Part, ...]]:
    """Return the pictures of the message, and its parts with the words that stand below them.

    A picture has no caption here: it comes first, and the text that follows says in words what a chart shows, or of
    what the table above is.
    """
    pictures: list[PicturePiece] = []
    parts: list[Part] = []
    day = as_of(message)
    for part in message.parts:
        of_part = drawables(part, day)
        for what in of_part:
            instead = tuple(piece.text for piece in _texts([what.part], limit))
            pictures.append(PicturePiece(what, instead))
        parts.append(_below_picture(part) if of_part else part)
    return pictures, tuple(parts)


def _below_picture(part: Part) -> Part:
    if isinstance(part, ChartPart):
        return TextPart(text=f"{part.title}\n{part.alt}")
    title = part.title if isinstance(part, TablePart) else ""
    return TextPart(
        text=TEXTS.say("picture.above", title=title) if title else TEXTS.say("picture.table_above")
    )


def words_and_files(parts: Sequence[Part], limit: int = TEXT_BYTES) -> list[TextPiece | FilePiece]:
    """Return the words in as few texts as they fit in, a file where it stands among them, citations last."""
    pieces: list[TextPiece | FilePiece] = []
    words: list[Part] = []
    for part in citations_last(parts):
        if isinstance(part, DocumentPart):
            pieces += _texts(words, limit)
            words = []
            picture = part.media_type in ("image/jpeg", "image/png")
            pieces.append(FilePiece(part.attachment_id, part.filename, picture))
        else:
            words.append(part)
    return [*pieces, *_texts(words, limit)]


def _texts(parts: Sequence[Part], limit: int) -> list[TextPiece]:
    packed = pack(lines_of(Outgoing(parts=tuple(parts))), limit, _length)
    return [TextPiece(_words(lines)) for lines in packed]


def _length(lines: Sequence[Line]) -> int:
    return utf8_bytes(_words(lines))


def _words(lines: Sequence[Line]) -> str:
    return _LINK.sub("＜", plain_text(lines))


def _on_one_card(message: Outgoing) -> CardPiece | None:
    if len(message.choices) > CARD_BUTTONS or any(isinstance(part, DocumentPart) for part in message.parts):
        return None
    words = _words(lines_of(message))
    if not words or len(words) > CARD_TEXT_CHARACTERS:
        return None
    first, _, rest = words.partition("\n")
    if len(first) <= CARD_TITLE_CHARACTERS:
        return CardPiece(first, rest.strip(), message.choices, 0)
    return CardPiece(TEXTS.say("wecom.choose"), words, message.choices, 0)


def _cards(choices: tuple[Choice, ...]) -> list[CardPiece]:
    title = TEXTS.say("wecom.choose")
    return [
        CardPiece(title, "", choices[first : first + CARD_BUTTONS], first)
        for first in range(0, len(choices), CARD_BUTTONS)
    ]
