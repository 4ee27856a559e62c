"""A neutral message as the calls that WeCom needs for it: texts within its length, files, a card with the buttons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.channels.rendering import Line, lines_of, pack, plain_text, utf8_bytes
from bot.channels.texts import TEXTS
from bot.channels.wecom.limits import (
    CARD_BUTTONS,
    CARD_TEXT_CHARACTERS,
    CARD_TITLE_CHARACTERS,
    TEXT_BYTES,
)
from store.messages import Choice, DocumentPart, Outgoing, Part

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


Piece = TextPiece | FilePiece | CardPiece


def pieces_of(message: Outgoing) -> list[Piece]:
    """Return the calls in order. The buttons stand on cards at the end; a short message stands on the card itself."""
    if not message.choices:
        return list(words_and_files(message.parts))
    short = _on_one_card(message)
    if short is not None:
        return [short]
    return [*words_and_files(message.parts), *_cards(message.choices)]


def words_and_files(parts: Sequence[Part], limit: int = TEXT_BYTES) -> list[TextPiece | FilePiece]:
    """Return the words in as few texts as they fit in, a file where it stands among them."""
    pieces: list[TextPiece | FilePiece] = []
    words: list[Part] = []
    for part in parts:
        if isinstance(part, DocumentPart):
            pieces += _texts(words, limit)
            words = []
            picture = part.media_type in ("image/jpeg", "image/png")
            pieces.append(FilePiece(part.attachment_id, part.filename, picture))
        else:
            words.append(part)
    return pieces + _texts(words, limit)


def _texts(parts: Sequence[Part], limit: int) -> list[TextPiece | FilePiece]:
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
