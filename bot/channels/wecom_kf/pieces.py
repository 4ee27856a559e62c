"""A neutral message as the calls that customer service needs for it; each counts towards the five of a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.rendering import utf8_bytes
from bot.channels.texts import TEXTS
from bot.channels.wecom.pieces import FilePiece, PicturePiece, TextPiece, drawn, words_and_files
from bot.channels.wecom_kf.limits import MENU_CONTENT_BYTES, MENU_ENTRIES, MENU_HEAD_BYTES, TEXT_BYTES
from store.messages import Choice, Outgoing, Part
from store.records import OutboxItem

_MOST_WITH_PICTURES = 3  # pieces: a picture costs one of the five messages of a window


@dataclass(frozen=True, slots=True)
class MenuPiece:
    """One menu message: words above, buttons below; `first` is the place of its first choice in the message.

    The buttons' ids come back with the customer's click.
    """

    head: str
    choices: tuple[Choice, ...]
    first: int = 0

    def content(self, item: OutboxItem) -> dict[str, Any]:
        """Return the menu as the API wants it."""
        entries = [
            {"type": "click", "click": {"id": f"{item.id}:{place}", "content": _cut(choice.text)}}
            for place, choice in enumerate(self.choices, self.first)
        ]
        return {"head_content": self.head, "list": entries}


Piece = TextPiece | FilePiece | PicturePiece | MenuPiece


def pieces_of(message: Outgoing, *, answer: bool = True) -> list[Piece]:
    """Return the calls in order, as few as possible: the last words stand on the menu itself where they fit.

    Pictures only in an `answer`, which finds a fresh window, and where enough of the five messages are left for what
    follows; a reminder says everything in words.
    """
    if answer:
        pictures, parts = drawn(message, TEXT_BYTES)
        drawn_pieces = [*pictures, *_in_words(parts, message.choices)]
        one_text_each = all(len(picture.instead) == 1 for picture in pictures)
        if pictures and one_text_each and len(drawn_pieces) <= _MOST_WITH_PICTURES:
            return drawn_pieces
    return _in_words(message.parts, message.choices)


def _in_words(parts: Sequence[Part], choices: tuple[Choice, ...]) -> list[Piece]:
    pieces: list[Piece] = list(words_and_files(parts, TEXT_BYTES))
    if not choices:
        return pieces
    last = pieces[-1] if pieces else None
    head = TEXTS.say("wecom_kf.choose")
    if isinstance(last, TextPiece) and utf8_bytes(last.text) <= MENU_HEAD_BYTES:
        pieces, head = pieces[:-1], last.text
    for first in range(0, len(choices), MENU_ENTRIES):
        pieces.append(MenuPiece(head, choices[first : first + MENU_ENTRIES], first))
        head = TEXTS.say("wecom_kf.more")
    return pieces


def _cut(text: str) -> str:
    """Return the button's words within WeChat's length; the whole words are what the click means in any case."""
    while utf8_bytes(text) > MENU_CONTENT_BYTES:
        text = text[:-1]
    return text
