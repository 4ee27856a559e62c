"""Corrections: "不对，是2021年", "注册地改成鄞州". The answer is computed again with what is now said."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from bot.dialogue.answers_to_facts import Given, Unusable, read_answer
from bot.dialogue.conversation import Goal
from bot.dialogue.effects import RememberFacts
from bot.dialogue.fields import definition_of, is_company_fact, is_known, label_of
from bot.dialogue.goals.inputs import known_day
from bot.dialogue.goals.work import go_on
from bot.dialogue.steps import step
from bot.dialogue.turn import Response, Turn, button, reply, say
from bot.understanding.slots.slot import Period, SlotKind
from rules.errors import FactError
from rules.facts import FactState, FactType, FactValue, Scope
from store.fact_values import to_json
from store.messages import Verb

_OPENING = re.compile(
    r"^(不对|错了|说错了|写错了|打错了|记错了|搞错了|更正|纠正|不是|改一?下|改成|改为|应该是|我说错了|其实)"
)
_ANYWHERE = re.compile(r"(改成|改为|应该是|更正为|说错了|写错了|记错了)")


def corrected(turn: Turn) -> Response | None:
    """Return the answer computed again, or None when the message corrects nothing."""
    if not (_OPENING.search(turn.text) or _ANYWHERE.search(turn.text)):
        return None
    goal = turn.conversation.goal or turn.conversation.settled
    if goal is None:
        return None
    return _by_name(turn, goal) or _by_day(turn, goal) or _by_last_asked(turn, goal)


def _by_name(turn: Turn, goal: Goal) -> Response | None:
    """The message names the fact it corrects, or a district that can only be one."""
    names = [*goal.asked, *goal.values]
    named = [name for name in dict.fromkeys(names) if name in turn.text and is_known(turn, name)]
    if not named and turn.slot(SlotKind.DISTRICT) is not None and "注册地" in turn.world.knowledge.facts:
        named = ["注册地"]
    if not named:
        type_said = turn.slot(SlotKind.RIGHT_TYPE)
        named = ["专利类型"] if type_said is not None and "专利类型" in goal.values else []
    for name in named:
        response = _take(turn, goal, name)
        if response is not None:
            return response
    return None


def _by_day(turn: Turn, goal: Goal) -> Response | None:
    """A day, or only a year, replaces the day that was said before."""
    slot = turn.slot(SlotKind.DATE)
    if slot is None:
        return None
    dated = [
        name
        for name in goal.values
        if is_known(turn, name) and definition_of(turn, name).type is FactType.DATE
    ]
    if not dated:
        return None
    name = dated[-1]
    if isinstance(slot.value, Period):
        return _other_year(turn, goal, name, slot.value)
    return _take(turn, goal, name)


def _other_year(turn: Turn, goal: Goal, name: str, period: Period) -> Response | None:
    """不对，是2021年: the month and day that were said before, in the other year."""
    before = known_day(goal.values, name)
    whole_year = period.first.month == 1 and period.last.month == 12 and period.first.year == period.last.year
    if before is None or not whole_year:
        return None
    try:
        day = before.replace(year=period.first.year)
    except ValueError:  # 29 February in a year without one: ask for the whole day
        return reply(turn.conversation, say("ask.whole_day", said=str(period.first.year)))
    return _with(turn, goal, name, FactValue(FactState.VALUE, day, say("fact.corrected"), turn.today))


def _by_last_asked(turn: Turn, goal: Goal) -> Response | None:
    for name in reversed(goal.asked):
        response = _take(turn, goal, name)
        if response is not None:
            return response
    return None


def _take(turn: Turn, goal: Goal, name: str) -> Response | None:
    match read_answer(definition_of(turn, name), turn):
        case Given(fact):
            return _with(turn, goal, name, fact)
        case Unusable(problem):
            return reply(turn.conversation, problem)
        case _:
            return None


@step("correction")
def _with(turn: Turn, goal: Goal, name: str, fact: FactValue) -> Response:
    """Take the corrected value and go on, or compute the settled answer anew."""
    definition = definition_of(turn, name)
    value: Any = None if fact.state is FactState.NOT_APPLICABLE else to_json(fact.value)
    amended = goal.with_value(name, value).model_copy(update={"question": None})
    conversation = (
        turn.conversation.replace(amended)
        if turn.conversation.goal is not None
        else turn.conversation.start(amended)
    )
    shown = definition.absent if value is None else definition.format(fact.value)
    response = go_on(
        turn.with_conversation(conversation),
        lead=say("correction.taken", name=label_of(turn, name), value=shown),
    )
    lasting = is_company_fact(turn, name) and definition.scope is Scope.COMPANY
    return response.with_effects(RememberFacts({name: fact})) if lasting else response


def change_settled(turn: Turn, name: str, value: str) -> Response | None:
    """A value pressed under a question of the answered goal: the answer is computed anew. None when it is not of it."""
    settled = turn.conversation.settled
    if settled is None or name not in settled.asked or turn.conversation.goal is not None:
        return None
    try:
        fact = FactValue.read(definition_of(turn, name), value, source=say("fact.corrected"), day=turn.today)
    except FactError as error:
        return reply(turn.conversation, str(error))
    if settled.values.get(name) == to_json(fact.value):
        same = definition_of(turn, name).format(fact.value)
        return reply(turn.conversation, say("correction.same", value=same))
    return _with(turn, settled, name, fact)


@step("correction: offered")
def offer_changes(turn: Turn) -> Response:
    """List what the last answer rested on, a button each, to be asked again."""
    settled = turn.conversation.settled
    if settled is None:
        return reply(turn.conversation, say("correction.nothing"))
    said = [name for name in settled.asked if name in settled.values and is_known(turn, name)]
    if not said:
        return reply(turn.conversation, say("correction.nothing"))
    lines = []
    for name in said:
        definition = definition_of(turn, name)
        value = settled.values[name]
        shown = definition.absent if value is None else definition.format(_shown(definition.type, value))
        lines.append(f"{label_of(turn, name)}：{shown}")
    words = say("correction.offer", said="\n".join(lines), example=said[0])
    return reply(turn.conversation, words, button(say("control.restart_button"), Verb.SAY, value="重新开始"))


def _shown(kind: FactType, value: Any) -> Any:
    return date.fromisoformat(value) if kind is FactType.DATE and isinstance(value, str) else value
