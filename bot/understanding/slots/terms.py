"""Finding fixed terms in a text: one pattern for all aliases, the longest alias first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from bot.understanding.slots.slot import Slot, SlotKind

Term = TypeVar("Term", bound=StrEnum)


class TermFinder:
    """Finds the aliases of an enum's members; Latin aliases only as whole words."""

    def __init__(self, kind: SlotKind, aliases: Mapping[Term, tuple[str, ...]]) -> None:
        self._kind = kind
        self._of = {alias.lower(): term for term, names in aliases.items() for alias in names}
        parts = [
            rf"(?<![0-9a-z]){re.escape(alias)}(?![0-9a-z])" if alias.isascii() else re.escape(alias)
            for alias in sorted(self._of, key=lambda alias: (-len(alias), alias))
        ]
        self._pattern = re.compile("|".join(parts), re.IGNORECASE)

    def find(self, text: str) -> Iterator[Slot]:
        """Yield each alias in the normalised `text`, its value the enum's member."""
        for match in self._pattern.finditer(text):
            yield Slot(self._kind, match.start(), match.end(), match[0], self._of[match[0].lower()])
