"""How a question looks: the plain question, help where there is some, and buttons for what can be answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.dialogue.turn import button, say
from rules.days import format_day
from rules.facts import FactDefinition, FactType
from store.messages import Choice, Outgoing, Verb

MOST_VALUES = 16
MOST_NUMBERS = 11
"""Points from 0 to 10 are pressed, not typed."""
YES_AND_NO = {"同意转交": ("同意", "不同意"), "确认": ("确定", "不了")}
"""What the two buttons say where 是 and 否 would leave open to what one says yes."""


def question_message(
    name: str, definition: FactDefinition, lead: str = "", readings: Sequence[date] = ()
) -> Outgoing:
    """Return the question with its buttons: the values, 不清楚, 为什么问这个; `readings` are days to choose from."""
    lines = [lead, definition.ask, definition.help]
    if definition.type is FactType.SET:
        lines.append(say("ask.several"))
    days = [button(format_day(day), Verb.ANSWER, name, day.isoformat()) for day in readings]
    words = "\n".join(line for line in lines if line)
    return Outgoing.say(words, *days, *_values(name, definition), *_ways_out(name))


def _values(name: str, definition: FactDefinition) -> list[Choice]:
    match definition.type:
        case FactType.BOOL:
            yes, no = YES_AND_NO.get(name, ("是", "否"))
            return [button(yes, Verb.ANSWER, name, "是"), button(no, Verb.ANSWER, name, "否")]
        case FactType.ENUM | FactType.SET:
            return [button(value, Verb.ANSWER, name, value) for value in definition.values[:MOST_VALUES]]
        case FactType.INT if isinstance(definition.minimum, int) and isinstance(definition.maximum, int):
            few = range(definition.minimum, definition.maximum + 1)
            if len(few) <= MOST_NUMBERS:
                return [button(str(number), Verb.ANSWER, name, str(number)) for number in few]
    return [button(definition.absent, Verb.ANSWER, name, definition.absent)] if definition.absent else []


def _ways_out(name: str) -> list[Choice]:
    return [
        button(say("ask.unclear_button"), Verb.DECLINE, name),
        button(say("ask.why_button"), Verb.WHY, name),
    ]
