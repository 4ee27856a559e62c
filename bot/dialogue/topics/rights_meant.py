"""Which of the kept rights a message means: by its number, its name, its kind, or 第二件."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from bot.dialogue.goals.add_asset import told_apart
from bot.dialogue.right_types import PATENTS
from bot.dialogue.steps import step
from bot.dialogue.topics.said import good_number
from bot.dialogue.turn import Response, Turn, reply, say
from bot.understanding.slots.numerals import parse_number
from bot.understanding.slots.right_types import RightType
from bot.understanding.slots.slot import SlotKind
from rules.days import format_day
from store.messages import Choice
from store.records import Asset, StoredObligation

MARKS = frozenset({"trademark"})
ALL = PATENTS | MARKS
MOST_BUTTONS = 12
_NTH = re.compile(r"(第\s?[一二三四五六七八九十\d]{1,3}|最后[一1]?)\s?[件个项]")


def rights_meant(turn: Turn, kinds: Iterable[str]) -> tuple[Asset, ...]:
    """Return the rights of these kinds that the message can mean, all of them when it names none."""
    fitting = [asset for asset in turn.world.assets if asset.right_type in kinds]
    number = good_number(turn) or _mark_number(turn)
    if number:
        return tuple(asset for asset in fitting if asset.number == number)
    named = [asset for asset in fitting if asset.name and asset.name in turn.text]
    if named:
        return tuple(named)
    said = {str(slot.value) for slot in turn.slots(SlotKind.RIGHT_TYPE) if slot.value is not None}
    meant = (said & set(ALL)) | (set(PATENTS) if said == {RightType.PATENT} else set())
    if meant:
        fitting = [asset for asset in fitting if asset.right_type in meant]
    return _nth(turn.text, fitting)


def _mark_number(turn: Turn) -> str:
    slot = turn.slot(SlotKind.REGISTRATION_NUMBER)
    return str(slot.value) if slot is not None and slot.value is not None else ""


def _nth(text: str, fitting: Sequence[Asset]) -> tuple[Asset, ...]:
    """Return the right that stands at the place named, in the order in which they were kept; else all of them."""
    found = _NTH.search(text)
    if found is None:
        return tuple(fitting)
    place = parse_number(found[1].removeprefix("第").strip())
    at = -1 if place is None else int(place) - 1
    return (fitting[at],) if -1 <= at < len(fitting) and fitting else tuple(fitting)


def due_first(turn: Turn, asset: Asset) -> StoredObligation | None:
    """Return what is due first for the right."""
    due = [item for item in turn.world.obligations if item.asset_id == asset.id]
    return min(due, key=lambda item: item.safe, default=None)


@step("asset: which")
def ask_which(turn: Turn, rights: Sequence[Asset], choice: Callable[[Asset, str], Choice]) -> Response:
    """Ask which right is meant, a button each, those that are due first above the others."""
    due = {asset.id: due_first(turn, asset) for asset in rights}
    ordered = sorted(rights, key=lambda asset: (due[asset.id] is None, _safe(due[asset.id]), asset.id))
    lines = []
    for asset in ordered[:MOST_BUTTONS]:
        owed = due[asset.id]
        if owed is not None:
            lines.append(
                say("asset.which_due", name=told_apart(asset), title=owed.title, safe=format_day(owed.safe))
            )
    words = "\n".join([say("asset.which"), *lines])
    return reply(turn.conversation, words, *(choice(a, told_apart(a)) for a in ordered[:MOST_BUTTONS]))


def _safe(owed: StoredObligation | None) -> str:
    return "" if owed is None else owed.safe.isoformat()
