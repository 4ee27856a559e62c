"""Numbers that a message names itself: 去年收入2000万, 30个人, 卖了20万. The word that names one stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from bot.dialogue.clauses import CLAUSE_END
from bot.dialogue.turn import Turn
from bot.understanding.slots.slot import Slot, SlotKind
from rules.facts import FactDefinition, FactType

FARTHEST: Final = 3
"""So many characters may stand between a name and its number; none where the name is one character: 30人."""
_KINDS: Final = {FactType.MONEY: (SlotKind.AMOUNT,), FactType.INT: (SlotKind.COUNT, SlotKind.NUMBER)}


def numbers_said(turn: Turn, definitions: Iterable[FactDefinition]) -> dict[str, int | Decimal]:
    """Return numbers by fact (money in 元): each number belongs to the nearest name of it, and to one fact only."""
    pairs = sorted(
        (
            (gap, slot.start, definition.name, slot)
            for definition in definitions
            for slot in _slots(turn, definition)
            if (gap := _gap(turn.text, definition, slot)) is not None
        ),
        key=lambda pair: pair[:3],
    )
    said: dict[str, int | Decimal] = {}
    taken: set[int] = set()
    for _, start, name, slot in pairs:
        if name in said or start in taken or not isinstance(slot.value, int):
            continue
        taken.add(start)
        said[name] = Decimal(slot.value) / 100 if slot.kind is SlotKind.AMOUNT else slot.value
    return said


def _slots(turn: Turn, definition: FactDefinition) -> Iterator[Slot]:
    for kind in _KINDS.get(definition.type, ()) if definition.called else ():
        yield from (slot for slot in turn.slots(kind) if isinstance(slot.value, int) and not slot.problem)


def _gap(text: str, definition: FactDefinition, slot: Slot) -> tuple[int, bool] | None:
    """Return how far the nearest name of the fact is: characters between, and whether the number stands first.

    销售额8万 违法所得4万: of two names as near, the one before the number names it. None where none is near.
    """
    gaps = [
        (gap, match.start() >= slot.end)
        for word in definition.called
        for match in re.finditer(re.escape(word), text)
        if (gap := _between(text, match.start(), match.end(), slot)) is not None
        and gap <= (FARTHEST if len(word) > 1 else 0)
    ]
    return min(gaps, default=None)


def _between(text: str, start: int, end: int, slot: Slot) -> int | None:
    low, high = min(end, slot.end), max(start, slot.start)
    if low >= high:
        return 0
    return None if CLAUSE_END.search(text[low:high]) else high - low
