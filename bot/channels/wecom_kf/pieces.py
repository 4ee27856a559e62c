"""A neutral message as the calls that customer service needs for it; each counts towards the five of a window."""

from __future__ import annotations

from typing import Any

from bot.channels.rendering import utf8_bytes
from bot.channels.texts import TEXTS
from bot.channels.wecom.pieces import FilePiece, TextPiece, words_and_files
from bot.channels.wecom_kf.limits import MENU_CONTENT_BYTES, MENU_ENTRIES, MENU_HEAD_BYTES, TEXT_BYTES
from store.messages import Choice, Outgoing
from store.records import OutboxItem


class MenuPiece:
    """One menu message: words above, buttons below. The buttons' ids come back with the customer's click."""

    def __init__(self, head: str, choices: tuple[Choice, ...]) -> None:
        self.head = head
        self.choices = choices[:MENU_ENTRIES]
        self.tail = TEXTS.say("wecom_kf.more") if len(choices) > MENU_ENTRIES else ""

    def content(self, item: OutboxItem) -> dict[str, Any]:
        """Return the menu as the API wants it."""
        entries = [
            {"type": "click", "click": {"id": f"{item.id}:{place}", "content": _cut(choice.text)}}
            for place, choice in enumerate(self.choices)
        ]
        menu: dict[str, Any] = {"head_content": self.head, "list": entries}
        return menu | ({"tail_content": self.tail} if self.tail else {})


Piece = TextPiece | FilePiece | MenuPiece


def pieces_of(message: Outgoing) -> list[Piece]:
    """Return the calls in order, as few as possible: the last words stand on the menu itself where they fit."""
    pieces: list[Piece] = list(words_and_files(message.parts, TEXT_BYTES))
    if not message.choices:
        return pieces
    last = pieces[-1] if pieces else None
    if isinstance(last, TextPiece) and utf8_bytes(last.text) <= MENU_HEAD_BYTES:
        return [*pieces[:-1], MenuPiece(last.text, message.choices)]
    return [*pieces, MenuPiece(TEXTS.say("wecom_kf.choose"), message.choices)]


def _cut(text: str) -> str:
    """Return the button's words within WeChat's length; the whole words are what the click means in any case."""
    while utf8_bytes(text) > MENU_CONTENT_BYTES:
        text = text[:-1]
    return text
