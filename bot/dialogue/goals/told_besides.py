"""Short statements that answer another question of the open goal than the one asked: 没过期, asked about the owner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.fields import definition_of
from bot.dialogue.goals.documents import documents
from bot.dialogue.goals.inputs import field_of
from bot.dialogue.goals.kinds import kinds_by_id
from bot.dialogue.own_words import clauses, values_told
from bot.dialogue.turn import Turn
from bot.understanding.slots.slot import SlotKind
from rules.errors import FactError
from rules.facts import FactDefinition, FactType, FactValue
from rules.wellformed import facts_used
from store.fact_values import to_json

_BY_WORDS = (FactType.BOOL, FactType.ENUM)


def told_besides(turn: Turn, goal: Goal) -> dict[str, Any]:
    """Return the fields of the goal, not yet told, that the clauses of the message state.

    A clause that would answer two of them, or one of them both ways, answers none.
    """
    others = list(_others(turn, goal))
    told: dict[str, set[str]] = {}
    for clause in clauses(turn.text):
        found = {
            name: values_told(definition, clause, unasked=True)
            for name, definition in others
            if definition.type in _BY_WORDS
        }
        said = [(name, values) for name, values in found.items() if values]
        if len(said) == 1:
            told.setdefault(said[0][0], set()).update(said[0][1])
    kept = {
        name: to_json(FactValue.read(definition, values.pop(), day=turn.today).value)
        for name, definition in others
        if len(values := told.get(name, set())) == 1
    }
    return kept or _counted(turn, others)


def _others(turn: Turn, goal: Goal) -> Iterator[tuple[str, FactDefinition]]:
    """Yield the fields that the goal may still ask for, besides the open one."""
    asked = goal.question.name if goal.question else ""
    return (
        (name, definition_of(turn, name))
        for name in _fields(turn, goal)
        if name != asked and goal.values.get(name) is None
    )


def _fields(turn: Turn, goal: Goal) -> list[str]:
    knowledge = turn.world.knowledge
    if goal.kind is GoalKind.ASSESS:
        used = frozenset[str]().union(
            *(facts_used(document) for document in documents(knowledge, goal.targets))
        )
        return [name for name in knowledge.facts if name in used]
    kind = kinds_by_id(knowledge.law).get(goal.subject) if goal.kind is GoalKind.DEADLINE else None
    delivery = kind is not None and any(item.name == "delivery" for item in kind.inputs)
    return [field_of("delivery")] if delivery else []


def _counted(turn: Turn, others: list[tuple[str, FactDefinition]]) -> dict[str, Any]:
    """Return the only number that is counted in the unit of a message which is nothing else: 50人."""
    slot = turn.slot(SlotKind.COUNT)
    if slot is None or not isinstance(slot.value, int) or slot.text != turn.text.strip("。.!！ "):
        return {}
    counted = [
        (name, definition)
        for name, definition in others
        if definition.type is FactType.INT and definition.unit and slot.text.endswith(definition.unit)
    ]
    if len(counted) != 1:
        return {}
    name, definition = counted[0]
    try:
        return {name: to_json(FactValue.read(definition, slot.value, day=turn.today).value)}
    except FactError:
        return {}  # out of its bounds: meant for something else
