"""Corrections: "不对，是2021年", "注册地改成鄞州". The answer is computed again with what is now said."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from bot.dialogue.answers_to_facts import read_answer, read_words
from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.effects import RememberFacts, RemoveAsset
from bot.dialogue.fields import definition_of, is_company_fact, is_known, label_of
from bot.dialogue.goals.add_asset import keep
from bot.dialogue.goals.assess import ENOUGH
from bot.dialogue.goals.inputs import known_day
from bot.dialogue.goals.work import ask_again, echo_of, go_on, resume
from bot.dialogue.partly_said import Partly, completed
from bot.dialogue.readings import Declined, Given, Unusable
from bot.dialogue.steps import step
from bot.dialogue.topics.smalltalk import TOPICS
from bot.dialogue.turn import Response, Turn, button, reply, say
from bot.understanding.slots.slot import Slot, SlotKind
from rules.errors import FactError
from rules.facts import FactState, FactType, FactValue, Scope
from store.fact_values import to_json
from store.messages import Verb

_OPENING = re.compile(
    r"^(?:啊|哦|噢|呃|哎|诶|嗯|等等|等一?下|[,\s])*(不对|不不|弄错|错了|说错了|写错了|打错了|记错了|搞错了|更正|纠正|不是|改一?下|改成|改为|应该是|我说错了|其实)"
)
_BARE = re.compile(r"^(不对|错了|说错了|写错了|不是这样|算错了|结果不对|搞错了)[了吧啊呀的。!, ]*$")
_DOUBT = re.compile(
    r"算错|算得?不对|不对吧|错了吧|我(查|看|问)(到|过)?的是|不一样|怎么算(的|出来)|(为什么|凭什么|怎么).{0,4}(是|要|交|收)?.{0,4}\d|哪来的"
)
LONGEST_DOUBT = 30
_CHANGED_TO = re.compile(r"^.{0,4}?(改成|改为|应该是|更正为|是|为)")
_ANYWHERE = re.compile(r"(改成|改为|应该是|更正为|说错了|写错了|记错了)")


def corrected(turn: Turn) -> Response | None:
    """Return the answer computed again, or None when the message corrects nothing."""
    goal = turn.conversation.goal or turn.conversation.settled
    if goal is not None and turn.conversation.goal is None and _changes_offered(turn):
        return _by_name(turn, goal) or _by_day(turn, goal) or _by_last_asked(turn, goal) or _doubted(turn)
    if not (_OPENING.search(turn.text) or _ANYWHERE.search(turn.text)):
        return _doubted(turn)
    if goal is None:
        return _company_fact(turn)
    return (
        _by_name(turn, _with_the_day(turn, goal))
        or _by_day(turn, goal)
        or _by_last_asked(turn, goal)
        or _company_fact(turn)
        or (offer_changes(turn) if _BARE.match(turn.text) and turn.conversation.goal is None else None)
    )


@step("correction: doubt")
def _doubted(turn: Turn) -> Response | None:
    """算错了吧，我查的是1200: show what was computed from, what to compare it with, and a way to a person."""
    if turn.conversation.settled is None or turn.conversation.goal is not None:
        return None
    if len(turn.text) > LONGEST_DOUBT or not _DOUBT.search(turn.text) or turn.slots(SlotKind.DATE):
        return None
    return offer_changes(turn).led_by(say("correction.doubt"))


def _changes_offered(turn: Turn) -> bool:
    """Return whether the last answer asked which of its facts is to be changed."""
    return any(choice.action.about == "change_answer" for choice in turn.conversation.choices)


@step("correction: company fact")
def _company_fact(turn: Turn) -> Response | None:
    """注册地改成鄞州, with nothing open: what is kept of the company is changed."""
    for name in turn.world.facts:
        if name not in turn.text or not is_company_fact(turn, name):
            continue
        definition = definition_of(turn, name)
        said = turn.text[turn.text.index(name) + len(name) :].removeprefix("不是")
        match read_words(definition, _CHANGED_TO.sub("", said), turn.today):
            case Given(fact) if definition.scope is Scope.COMPANY:
                shown = definition.format(fact.value) if fact.state is FactState.VALUE else definition.absent
                words = say("correction.kept", name=name, value=shown)
                return reply(turn.conversation, words, effects=(RememberFacts({name: fact}),))
    return None


def _by_name(turn: Turn, goal: Goal) -> Response | None:
    """The message names the fact it corrects, or a district that can only be one."""
    names = [name for name in dict.fromkeys([*goal.asked, *goal.values]) if is_known(turn, name)]
    named = [name for name in names if label_of(turn, name) in turn.text]
    placed = goal.kind is GoalKind.ASSESS and turn.slot(SlotKind.DISTRICT) is not None
    if not named and placed and "注册地" in turn.world.knowledge.facts:
        named = ["注册地"]
    if not named:
        type_said = turn.slot(SlotKind.RIGHT_TYPE)
        named = ["专利类型"] if type_said is not None and "专利类型" in goal.values else []
    for name in named:
        response = _take(turn, goal, name)
        if response is not None:
            return response
    return None


def _with_the_day(turn: Turn, goal: Goal) -> Goal:
    """Return the goal with the day that stands beside another correction: 还是发明，日期也错，2021年4月15日."""
    slot, name = turn.slot(SlotKind.DATE), _last_day(turn, goal)
    if goal.kind is not GoalKind.DEADLINE or slot is None or name is None:
        return goal
    day = slot.value if isinstance(slot.value, date) else _completed_by(slot, known_day(goal.values, name))
    return goal if day is None else goal.with_value(name, day.isoformat())


def _last_day(turn: Turn, goal: Goal) -> str | None:
    """Return the field of the last day that the goal was told."""
    dated = [
        name
        for name in goal.values
        if is_known(turn, name) and definition_of(turn, name).type is FactType.DATE
    ]
    return dated[-1] if dated else None


def _by_day(turn: Turn, goal: Goal) -> Response | None:
    """A day, or only a year, replaces the day that was said before."""
    slot, name = turn.slot(SlotKind.DATE), _last_day(turn, goal)
    if slot is None or name is None:
        return None
    day = _completed_by(slot, known_day(goal.values, name))
    if day is None:
        return _take(turn, goal, name)
    return _with(turn, goal, name, FactValue(FactState.VALUE, day, say("fact.corrected"), turn.today))


def _completed_by(slot: Slot, before: date | None) -> date | None:
    """不对，是2021年; 不对，是3月15日: what was said now, in the day that was said before. None for a whole day."""
    if before is None or isinstance(slot.value, date):
        return None
    return completed(slot, Partly(before.year, before.month, before.day))


def _by_last_asked(turn: Turn, goal: Goal) -> Response | None:
    for name in reversed(goal.asked):
        if not is_known(turn, name) or definition_of(turn, name).type is FactType.BOOL:
            continue  # 不对 is no answer to a question of yes or no
        response = _take(turn, goal, name)
        if response is not None:
            return response
    return None


def _take(turn: Turn, goal: Goal, name: str) -> Response | None:
    definition = definition_of(turn, name)
    reading = read_answer(definition, turn)
    if isinstance(reading, Declined):  # 不对 and 不是 begin a correction here
        reading = read_words(definition, turn.text, turn.today)
    match reading:
        case Given(fact):
            return _with(turn, goal, name, fact)
        case Unusable() as unusable:
            amended = goal.model_copy(update={"question": None})
            conversation = turn.conversation
            conversation = conversation.replace(amended) if conversation.goal else conversation.start(amended)
            return ask_again(turn.with_conversation(conversation), amended, name, unusable)
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
    if goal.kind is GoalKind.ADD_ASSET:
        response = response.with_effects(*_without_the_wrong_one(turn, goal))
    lasting = is_company_fact(turn, name) and definition.scope is Scope.COMPANY
    return response.with_effects(RememberFacts({name: fact})) if lasting else response


def _without_the_wrong_one(turn: Turn, goal: Goal) -> tuple[RemoveAsset, ...]:
    """Return what takes the right off the list as it was kept before: without a number it would stay beside the right one."""
    before = keep(goal.values)
    if before is None:
        return ()
    days = {key: day.isoformat() for key, day in before.dates.items()}
    return tuple(
        RemoveAsset(asset.id)
        for asset in turn.world.assets
        if (asset.right_type, asset.number) == (before.right_type, before.number) and asset.dates == days
    )


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
        return reply(turn.conversation, say("correction.nothing"), *TOPICS)
    order = dict.fromkeys((*settled.asked, *settled.values))
    said = [
        name
        for name in order
        if (name in settled.values or name in settled.declined) and is_known(turn, name)
    ]
    if not said:
        return reply(turn.conversation, say("correction.nothing"), *TOPICS)
    lines = "\n".join(
        echo_of(turn, name, settled.values[name])
        if name in settled.values
        else say("goal.echo_one", name=label_of(turn, name), value=say("ask.unclear_button"))
        for name in said
    )
    choices = [
        button(say("correction.change_button", name=label_of(turn, name)), Verb.START, "change_answer", name)
        for name in said
    ]
    restart = button(say("control.restart_button"), Verb.SAY, value="重新开始")
    return reply(turn.conversation, say("correction.offer", said=lines), *choices, restart)


@step("correction: asked again")
def change_one(turn: Turn, name: str) -> Response:
    """Ask one question of the answered goal again; its other answers stay."""
    settled = turn.conversation.settled
    if settled is None or name not in (*settled.values, *settled.declined) or not is_known(turn, name):
        return reply(turn.conversation, say("correction.nothing"), *TOPICS)
    without_stop = {key: value for key, value in settled.values.items() if key != ENOUGH}
    settled = settled.model_copy(update={"values": without_stop})
    again = turn.conversation.start(settled)
    return resume(turn.with_conversation(again.replace(settled.asking(name))))
