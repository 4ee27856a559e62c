"""Text measured and broken into lines, as Chinese is: anywhere between characters, never inside a number or a date part."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.pictures.fonts import Face, printable, typeface

SCALE = 3  # pixels a unit: a picture is 360 units wide, as a phone's screen, and sharp on one with three pixels a unit
_UNIT_AFTER = "年月日元件分期类个天月周%％万亿"
# A number keeps the sign before and the unit after it; closing punctuation never begins a line, opening never ends one.
_TOKEN = re.compile(
    rf"\s+|[（《“「【]*(?:[-+¥￥]?[A-Za-z0-9][A-Za-z0-9.,:/_@#&+-]*[{_UNIT_AFTER}]?|.)[，。；：、！？）》”」】…%％]*"
)


@dataclass(frozen=True, slots=True)
class Style:
    """How text is set. `bold` thickens the strokes: the package has one weight."""

    size: float
    face: Face = Face.SANS
    bold: bool = False

    @property
    def stroke(self) -> float:
        """Return by how many pixels the strokes are thickened."""
        return self.size * SCALE / 42 if self.bold else 0.0

    @property
    def leading(self) -> float:
        """Return the height of one line, in units."""
        return self.size * 1.45


@lru_cache(maxsize=8192)
def width(text: str, style: Style) -> float:
    """Return how wide the text is, in units."""
    return typeface(style.face, style.size * SCALE).getlength(printable(text)) / SCALE + (
        style.stroke * 2 / SCALE if text else 0
    )


def tokens(text: str) -> list[str]:
    """Return what a line may be broken between. Joined they are the text."""
    return _TOKEN.findall(text)


def wrap(text: str, style: Style, room: float) -> list[str]:
    """Return the text in lines of at most `room` units; nothing is left out. A token wider than that is cut."""
    return [line for paragraph in text.split("\n") for line in _wrapped(paragraph, style, room)]


def _wrapped(text: str, style: Style, room: float) -> list[str]:
    lines: list[str] = []
    current, taken = "", 0.0
    for token in tokens(text):
        if current and taken + width(token.rstrip(), style) > room:
            lines.append(current.rstrip())
            current, taken = "", 0.0
            token = token.lstrip()
        current += token
        taken += width(token, style)
        while taken > room and len(current) > 1:
            fits = _longest(current, style, room)
            lines.append(current[:fits])
            current = current[fits:]
            taken = width(current, style)
    return [*lines, current.rstrip()] if current.strip() or not lines else lines


def _longest(text: str, style: Style, room: float) -> int:
    fits = 1
    while fits < len(text) and width(text[: fits + 1], style) <= room:
        fits += 1
    return fits
