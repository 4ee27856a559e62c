"""What the intent model reads: identifiers, amounts, dates and other figures masked, filler words dropped, lower case."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.understanding.slots.slot import Slot, SlotKind

# A capital letter each: the text around them is lower case, so a mask is a sign of its own.
MASKS: dict[SlotKind, str] = {
    SlotKind.DATE: "D",
    SlotKind.AMOUNT: "A",
    SlotKind.APPLICATION_NUMBER: "P",
    SlotKind.REGISTRATION_NUMBER: "R",
    SlotKind.CREDIT_CODE: "U",
    SlotKind.NUMBER: "N",
}
_FILLER = re.compile(
    r"(?:嗯+|呃+|额+(?=[,，\s])|那个(?=[,，\s])|请问一下|请问|咨询一下|麻烦问一下|麻烦问下|我想问一下|我想问下|想问一下|想问下|问一下|问下"
    r"|您好|你好|老师|在吗|哈喽|谢谢(?:了|啦|您|你)?|多谢|跪求|急急急|求助)[,，.。!?~\s]*"
)
_FIGURES = re.compile(r"\d{4,}")
_POLITE = re.compile(r"[\s,，.。!！?？~…;；:：、\"'“”()（）《》\[\]-]+")


def mask(text: str, slots: Iterable[Slot]) -> str:
    """Return the normalised `text` with its figures masked and its case folded, for the model to read."""
    parts: list[str] = []
    at = 0
    for slot in slots:
        sign = MASKS.get(slot.kind)
        if (
            sign is None
            or slot.start < at
            or (slot.kind is SlotKind.DATE and not any(c.isdigit() for c in slot.text))
        ):
            continue
        parts += [text[at : slot.start].lower(), sign]
        at = slot.end
    parts.append(text[at:].lower())
    return _FIGURES.sub("N", "".join(parts))


def without_filler(text: str) -> str:
    """Return `text` without greetings and filler, or `text` itself when nothing else is in it."""
    bare = _FILLER.sub("", text).strip()
    return bare or text


def key_of(text: str) -> str:
    """Return the form in which a message is looked up as an exact example or alias: no punctuation, lower case."""
    return _POLITE.sub("", text).lower()
