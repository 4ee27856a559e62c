"""What a stored conversation holds that the published knowledge no longer knows is dropped before it is worked on.

A revision may take away a rule, a fact or one of its values while somebody is in the middle of a talk about it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.dialogue.conversation import Conversation, Goal, GoalKind
from bot.dialogue.fields import definition_of, is_known
from bot.dialogue.goals.add_asset import TYPE
from bot.dialogue.goals.annuity import ANNUITY, FIRST_OPEN, KEPT, LATE
from bot.dialogue.goals.assess import ENOUGH
from bot.dialogue.goals.documents import PURPOSE, documents
from bot.dialogue.right_types import NAMES
from bot.dialogue.topics.rules import is_subject
from bot.dialogue.turn import Turn
from bot.understanding.intents import Intent
from rules.errors import FactError

_WORDS = frozenset({"topic", "summary", "handed_on", "what", "name"})
_NUMBERS = frozenset({KEPT, FIRST_OPEN})
_OF_NOTHING = frozenset({"forget", "stop_reminders"})
_CONFIRMED = frozenset({"give_up", "remove", "take_off", "put_out"}) | _OF_NOTHING


def still_valid(turn: Turn) -> Conversation:
    """Return the conversation as far as the published knowledge can go on with it."""
    conversation = turn.conversation
    if not (conversation.goals or conversation.settled or conversation.later):
        return conversation
    revision = turn.world.knowledge.hash
    if conversation.revision == revision:
        return conversation
    goals = tuple(_with_known_values(turn, goal) for goal in conversation.goals if _can_go_on(turn, goal))
    settled = conversation.settled
    if settled is not None:
        settled = _with_known_values(turn, settled) if _can_go_on(turn, settled) else None
    later = conversation.later if conversation.later in set(Intent) else ""
    return conversation.model_copy(
        update={"goals": goals, "settled": settled, "later": later, "revision": revision}
    )


def _can_go_on(turn: Turn, goal: Goal) -> bool:
    match goal.kind:
        case GoalKind.ASSESS:
            return is_subject(goal.subject) and bool(documents(turn.world.knowledge, goal.targets))
        case GoalKind.DEADLINE:
            return goal.subject in (ANNUITY, LATE) or goal.subject in turn.world.knowledge.law.kinds
        case GoalKind.CONFIRM:
            about = goal.targets[:1] if goal.subject not in _OF_NOTHING else ("0",)
            return goal.subject in _CONFIRMED and bool(about) and about[0].isdecimal()
        case GoalKind.PAID:
            return goal.subject.isdecimal()
    return True


def _with_known_values(turn: Turn, goal: Goal) -> Goal:
    values = {name: value for name, value in goal.values.items() if _is_usable(turn, name, value)}
    question = goal.question if goal.question and is_known(turn, goal.question.name) else None
    asked = tuple(name for name in goal.asked if is_known(turn, name))
    return goal.model_copy(update={"values": values, "question": question, "asked": asked})


def _is_usable(turn: Turn, name: str, value: Any) -> bool:
    if name in _WORDS:
        return isinstance(value, str)
    if name in _NUMBERS:
        return isinstance(value, int) and value > 0
    if name == "statutory_day":
        return value is None or _is_day(value)
    if name == TYPE:
        return isinstance(value, str) and value in NAMES
    if name == ENOUGH:
        return isinstance(value, bool)
    if name == PURPOSE:
        return isinstance(value, str)  # one that the score no longer has counts as its usual purpose
    if not is_known(turn, name):
        return False
    definition = definition_of(turn, name)
    if value is None:
        return bool(definition.absent)
    try:
        definition.coerce(value)
    except FactError:
        return False
    return True


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False
