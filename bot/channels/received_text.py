"""What people write, made safe to keep: no control characters, no half characters, no endless texts."""

from __future__ import annotations

import unicodedata

from bot.channels.texts import TEXTS

MAX_CHARACTERS = 4000  # more than anyone types; a longer text is a document
_KEPT_CONTROLS = frozenset("\n\t")


class UnreadableTextError(Exception):
    """The text can not be taken as a message; the message of this error is the sentence for the person."""


def clean(raw: str) -> str:
    """Return the text without what nobody can read. Raises UnreadableTextError with the sentence to say."""
    if not raw.strip():
        raise UnreadableTextError(TEXTS.say("received.empty"))
    if len(raw) > MAX_CHARACTERS:
        raise UnreadableTextError(
            TEXTS.say("received.too_long", count=f"{len(raw):,}", limit=f"{MAX_CHARACTERS:,}")
        )
    readable = "".join(
        character
        for character in raw.replace("\r\n", "\n").replace("\r", "\n")
        if character in _KEPT_CONTROLS or unicodedata.category(character) not in ("Cc", "Cs", "Cn")
    ).strip()
    if not any(unicodedata.category(character) not in ("Cf", "Zs", "Mn") for character in readable):
        raise UnreadableTextError(TEXTS.say("received.unreadable"))
    return readable


def clean_name(raw: str) -> str:
    """Return a person's or a file's name on one line, at most 100 characters; empty where nothing is readable."""
    kept = "".join(
        " " if unicodedata.category(character).startswith("Z") else character
        for character in raw
        if unicodedata.category(character) not in ("Cc", "Cs", "Cn", "Cf")
    )
    return " ".join(kept.split())[:100]
