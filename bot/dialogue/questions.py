"""How a question looks: the plain question, help where there is some, and buttons for what can be answered."""

from __future__ import annotations

from bot.dialogue.turn import button, say
from rules.facts import FactDefinition, FactType
from store.messages import Choice, Outgoing, Verb

MOST_VALUES = 16


def question_message(definition: FactDefinition, lead: str = "") -> Outgoing:
    """Return the question with its buttons: the values, 不清楚, 为什么问这个."""
    lines = [lead, definition.ask, definition.help]
    if definition.type is FactType.SET:
        lines.append(say("ask.several"))
    return Outgoing.say(
        "\n".join(line for line in lines if line), *_values(definition), *_ways_out(definition)
    )


def _values(definition: FactDefinition) -> list[Choice]:
    name = definition.name
    match definition.type:
        case FactType.BOOL:
            return [button("是", Verb.ANSWER, name, "是"), button("否", Verb.ANSWER, name, "否")]
        case FactType.ENUM | FactType.SET:
            return [button(value, Verb.ANSWER, name, value) for value in definition.values[:MOST_VALUES]]
    return [button(definition.absent, Verb.ANSWER, name, definition.absent)] if definition.absent else []


def _ways_out(definition: FactDefinition) -> list[Choice]:
    return [
        button(say("ask.unclear_button"), Verb.DECLINE, definition.name),
        button(say("ask.why_button"), Verb.WHY, definition.name),
    ]
