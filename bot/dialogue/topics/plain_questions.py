"""A question of the law, asked where one's own case could be meant: 滞纳金怎么算 is one, 年费什么时候交 is not.

It is answered from the FAQ at once, with a button that goes on to one's own case.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.dialogue.topics import faq
from bot.dialogue.turn import Response, Turn
from bot.understanding.slots.slot import SlotKind
from store.messages import Choice

_OWN = (SlotKind.DATE, SlotKind.APPLICATION_NUMBER, SlotKind.REGISTRATION_NUMBER)


def plainly_asked(
    turn: Turn, intent: str, openers: Collection[str], own_case: Choice, computes: Collection[str]
) -> Response | None:
    """Return the FAQ's answer to a question that it holds almost word for word, with `own_case` as a button.

    None where one's own case is meant: `openers` are the entries that ask for it, and a day or a number tells of it.
    An entry whose own buttons open one of `computes` needs no other.
    """
    if any(turn.slot(kind) is not None for kind in _OWN):
        return None
    entry = faq.asked_plainly(turn, intent, openers)
    if entry is None:
        return None
    return faq.plainly(turn, entry, *(() if set(entry.see) & set(computes) else (own_case,)))
