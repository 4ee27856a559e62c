"""A yes to the one day that was asked about: 您说的“10月28号”是2026年10月28日吗？ 是的。"""

from __future__ import annotations

from datetime import date

from bot.dialogue.fields import definition_of
from bot.dialogue.turn import Turn
from bot.understanding.slots.slot import SlotKind
from bot.understanding.slots.yes_no import Answer
from rules.facts import FactType
from store.messages import Verb

_LONGEST_YES = 5


def confirmed_day(turn: Turn, name: str) -> date | None:
    """Return the day that the message says yes to; None where several were offered, or none."""
    said = turn.slot(SlotKind.ANSWER)
    if said is None or said.value != Answer.YES or len(turn.text) > _LONGEST_YES:
        return None
    if definition_of(turn, name).type is not FactType.DATE:
        return None
    offered = [
        choice.action.value
        for choice in turn.conversation.choices
        if (choice.action.verb, choice.action.about) == (Verb.ANSWER, name)
    ]
    try:
        return date.fromisoformat(offered[0]) if len(offered) == 1 else None
    except ValueError:
        return None
