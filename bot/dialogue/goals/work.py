"""The work on a goal that is the same for all kinds: ask, read the answer, echo it, go on, resume, say why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.dialogue.answers_to_facts import read_answer
from bot.dialogue.conversation import Conversation, Goal, GoalKind
from bot.dialogue.effects import RememberFacts
from bot.dialogue.fields import definition_of, is_company_fact, is_known, label_of
from bot.dialogue.goals.add_asset import AddAsset, keep, right_type
from bot.dialogue.goals.annuity import ANNUITY, LATE
from bot.dialogue.goals.assess import Assess
from bot.dialogue.goals.day_offered import confirmed_day
from bot.dialogue.goals.deadline import ComputeDeadline
from bot.dialogue.goals.documents import documents
from bot.dialogue.goals.inputs import field_of
from bot.dialogue.goals.paid import RecordPayment
from bot.dialogue.goals.points import points_said
from bot.dialogue.goals.port import Ask, GoalWork
from bot.dialogue.goals.renewal import RENEWAL
from bot.dialogue.goals.told_besides import told_besides
from bot.dialogue.goals.yes_or_no import AskConsent, ConfirmStep
from bot.dialogue.own_words import values_told
from bot.dialogue.prefill import facts_said
from bot.dialogue.questions import question_message
from bot.dialogue.readings import SAID, Declined, Given, Unusable
from bot.dialogue.steps import step
from bot.dialogue.topics.said import bad_number, mark_values, patent_values
from bot.dialogue.turn import Response, Turn, button, say
from bot.understanding.slots.slot import SlotKind
from bot.understanding.understand import Verdict
from rules.facts import FactState, FactType, FactValue, Scope
from store.fact_values import to_json
from store.messages import Outgoing, Verb

WORK: dict[GoalKind, GoalWork] = {
    GoalKind.ASSESS: Assess(),
    GoalKind.DEADLINE: ComputeDeadline(),
    GoalKind.ADD_ASSET: AddAsset(),
    GoalKind.PAID: RecordPayment(),
    GoalKind.CONSENT: AskConsent(),
    GoalKind.CONFIRM: ConfirmStep(),
}
YES_OR_NO = frozenset({GoalKind.CONSENT, GoalKind.CONFIRM})
PATENT_SUBJECTS = frozenset({ANNUITY, LATE, "new"})
LONG_MESSAGE = 14
LONGEST_ANSWER = 40
SURE = 0.6


def begin(
    turn: Turn, goal: Goal, *, before_asking: str = "", lead: str = "", unusable: Unusable | None = None
) -> Response:
    """Start working on a goal; what is already known is not asked.

    `before_asking` stands above the first question only, `lead` also above an answer given at once. `unusable` is what
    was wrong with a day said.
    """
    conversation = turn.conversation.start(goal)
    if goal.intent:
        conversation = conversation.model_copy(update={"last_intent": goal.intent})
    begun = turn.with_conversation(conversation)
    if unusable is None:
        return go_on(begun, before_asking=before_asking, lead=lead)
    ask = WORK[goal.kind].next_question(begun, goal)
    if ask is None or definition_of(turn, ask.name).type is not FactType.DATE:
        if unusable.readings:  # days to choose from are offered where the day is asked for
            return go_on(begun, lead=lead)
        return go_on(begun, lead="\n".join(words for words in (lead, unusable.problem) if words))
    return ask_again(begun, goal, ask.name, unusable)


def go_on(turn: Turn, *, before_asking: str = "", lead: str = "") -> Response:
    """Ask the next question of the current goal, or finish it and resume the one below."""
    goal = turn.conversation.goal
    if goal is None:
        return Response(turn.conversation, (Outgoing.say(lead),) if lead else ())
    ask = WORK[goal.kind].next_question(turn, goal)
    if ask is not None:
        words = "\n".join(part for part in (before_asking, lead) if part)
        return _kept_so_far(goal, _ask(turn, goal, ask, words))
    finished = WORK[goal.kind].finish(turn, goal)
    if lead:
        finished = finished.led_by(lead)
    below_is_open = finished.conversation.goal is not None and finished.conversation.goal.question is not None
    if not below_is_open or len(finished.conversation.goals) >= len(turn.conversation.goals):
        return finished
    going_on = turn.with_conversation(_told_below(finished.conversation))
    below = go_on(going_on, lead=say("goal.back_to"))
    return Response(
        below.conversation, (*finished.replies, *below.replies), (*finished.effects, *below.effects)
    )


def _told_below(conversation: Conversation) -> Conversation:
    """What was just told of a patent is not asked again for the annuity that was asked about before."""
    goal, done = conversation.goal, conversation.settled
    if goal is None or done is None or goal.subject not in (ANNUITY, LATE) or done.subject != "new":
        return conversation
    if goal.values.get("专利类型") not in (None, done.values.get("专利类型")):
        return conversation
    told = {
        name: done.values[name]
        for name in ("专利类型", "申请日", "申请号")
        if done.values.get(name) is not None and name not in goal.values
    }
    return conversation.replace(goal.model_copy(update={"values": {**told, **goal.values}}))


def _kept_so_far(goal: Goal, asked: Response) -> Response:
    """A right is kept as soon as its days are known: a talk that ends before its number is told misses no day."""
    effect = keep(goal.values) if goal.kind is GoalKind.ADD_ASSET else None
    return asked if effect is None or not effect.dates else asked.with_effects(effect)


@step("goal: resume")
def resume(turn: Turn, *, lead: str = "", ask: str = "") -> Response:
    """Ask the open question of the current goal again, or `ask` in its place."""
    goal = turn.conversation.goal
    if goal is None:
        return Response(turn.conversation, (Outgoing.say(lead),) if lead else ())
    name = ask or (goal.question.name if goal.question else "")
    if not name or not is_known(turn, name):
        return go_on(turn, lead=lead)
    return _ask(turn, goal, Ask(name), lead)


def _ask(turn: Turn, goal: Goal, ask: Ask, lead: str) -> Response:
    words = "\n".join(part for part in (lead, ask.lead) if part)
    message = question_message(ask.name, definition_of(turn, ask.name), words, ask.readings)
    choices = message.choices
    if goal.kind in YES_OR_NO:
        choices = tuple(choice for choice in choices if choice.action.verb is Verb.ANSWER)
    if goal.kind is GoalKind.ASSESS and goal.asked:
        choices = (*choices, button(say("assess.enough_button"), Verb.START, "enough"))
    asking = turn.conversation.replace(goal.asking(ask.name, ask.partly))
    return Response(asking, (message.model_copy(update={"choices": choices}),))


@step("goal: why")
def why_asked(turn: Turn) -> Response:
    """Say why the open question is asked, then ask it again."""
    goal = turn.conversation.goal
    if goal is None or goal.question is None:
        return Response(turn.conversation, (Outgoing.say(say("goal.nothing_asked")),))
    name = goal.question.name
    definition = definition_of(turn, name)
    ask = WORK[goal.kind].next_question(turn, goal.model_copy(update={"question": None}))
    reason = ask.why if ask is not None and ask.name == name and ask.why else ""
    words = reason or definition.why or say("goal.why_default")
    return resume(turn, lead=say("goal.why", why=words))


@step("goal: answer")
def answer_goal(turn: Turn) -> Response | None:
    """Read the message as the answer to the open question; None when it is something else."""
    goal = turn.conversation.goal
    if goal is None or goal.question is None or not is_known(turn, goal.question.name):
        return None
    if _is_another_wish(turn, goal) and not _says_so(turn, goal.question.name):
        return None
    if points := points_said(turn, goal):
        return _all_points(turn, goal, points)
    name = _meant_instead(turn, goal, goal.question.name)
    definition = definition_of(turn, name)
    if (day := confirmed_day(turn, name)) is not None:
        return give(turn, goal, name, FactValue(FactState.VALUE, day, say("fact.pressed"), turn.today))
    if _corrects_another(turn, goal, name):
        return None
    if _says_another(turn, goal, name):
        return _answered_another(turn, goal)
    match read_answer(definition, turn):
        case Given(fact):
            return give(turn, goal, name, fact)
        case Declined():
            return decline(turn, goal, name)
        case Unusable() as unusable:
            return ask_again(turn, goal, name, unusable)
        case _:
            return _answered_another(turn, goal)


@step("score: all points at once")
def _all_points(turn: Turn, goal: Goal, points: Mapping[str, int]) -> Response:
    """Take every indicator's points and give the score."""
    scored = goal.model_copy(update={"values": {**goal.values, **points}, "question": None})
    lead = say("score.noted", count=len(points))
    return go_on(turn.with_conversation(turn.conversation.replace(scored)), lead=lead)


def _meant_instead(turn: Turn, goal: Goal, name: str) -> str:
    """Asked for the day on the paper, told the day of receipt: 昨天收到的."""
    told = name == field_of("issue") and goal.kind is GoalKind.DEADLINE and "收到" in turn.text
    return field_of("received") if told else name


def ask_again(turn: Turn, goal: Goal, name: str, said: Unusable) -> Response:
    """Say what is wrong with the answer and ask again, with the days it may have meant as buttons."""
    return _ask(turn, goal, Ask(name, readings=said.readings, partly=said.partly), said.problem)


@step("goal: another field answered")
def _answered_another(turn: Turn, goal: Goal) -> Response | None:
    """Asked for the kind, told the day: take what was said and go on asking. None when nothing of use was said."""
    also = also_said(turn, goal) or told_besides(turn, goal)
    if not also:
        problem = bad_number(turn)
        return resume(turn, lead=problem) if problem else None
    conversation = turn.conversation.replace(goal.model_copy(update={"values": {**goal.values, **also}}))
    going_on = turn.with_conversation(conversation)
    return _remembering(going_on, also, go_on(going_on, lead=heard_words(turn, also)))


def also_said(turn: Turn, goal: Goal, but: str = "") -> dict[str, Any]:
    """Return what the message says of what the goal is about, besides the field `but`."""
    if goal.kind is GoalKind.ASSESS:
        return _facts_also_said(turn, goal, but)
    about_mark = goal.subject == RENEWAL or right_type(goal.values) == "trademark"
    about_patent = goal.subject in PATENT_SUBJECTS and not about_mark
    if not (about_patent or about_mark) or len(turn.text) > LONGEST_ANSWER:
        return {}
    found = mark_values(turn) if about_mark else patent_values(turn)
    if but and definition_of(turn, but).type is FactType.DATE:
        return {}  # the day in the message is the answer itself
    return {name: value for name, value in found.items() if name != but and name not in goal.values}


def _facts_also_said(turn: Turn, goal: Goal, but: str) -> dict[str, Any]:
    """Return the facts of the goal's rules that the message states besides `but`; what was said before stays."""
    knowledge = turn.world.knowledge
    said = facts_said(turn, documents(knowledge, goal.targets), knowledge.facts)
    return {
        name: None if fact.state is FactState.NOT_APPLICABLE else to_json(fact.value)
        for name, fact in said.items()
        if name != but and name not in goal.values
    }


def _remembering(turn: Turn, values: Mapping[str, Any], response: Response) -> Response:
    """Return the response that also keeps those of the values that are the company's for good."""
    facts = {
        name: FactValue.read(definition_of(turn, name), value, source=SAID, day=turn.today)
        for name, value in values.items()
        if value is not None
        and is_company_fact(turn, name)
        and definition_of(turn, name).scope is Scope.COMPANY
    }
    return response.with_effects(RememberFacts(facts)) if facts else response


def heard_words(turn: Turn, values: Mapping[str, Any]) -> str:
    """Return what was understood, field by field."""
    known = [name for name in values if is_known(turn, name)]
    return say("goal.echo_several", said="；".join(echo_of(turn, name, values[name]) for name in known))


def echo_of(turn: Turn, name: str, value: Any) -> str:
    """Return `申请日：2020年4月15日` for a value as it is kept in a goal."""
    definition = definition_of(turn, name)
    if value is None:
        return say("goal.echo_one", name=label_of(turn, name), value=definition.absent)
    kept = date.fromisoformat(value) if definition.type is FactType.DATE else value
    return say("goal.echo_one", name=label_of(turn, name), value=definition.format(kept))


def give(turn: Turn, goal: Goal, name: str, fact: FactValue) -> Response:
    """Take a fact for the goal, keep it when it is the company's, echo it and go on."""
    definition = definition_of(turn, name)
    value = None if fact.state is FactState.NOT_APPLICABLE else to_json(fact.value)
    also = {} if turn.heard.action is not None else also_said(turn, goal, name)
    amended = goal.with_value(name, value)
    amended = amended.model_copy(update={"values": {**amended.values, **also}})
    lead = "" if goal.kind in YES_OR_NO else _echo(turn, name, value, also)
    response = go_on(turn.with_conversation(turn.conversation.replace(amended)), lead=lead)
    response = _remembering(turn, also, response)
    if not is_company_fact(turn, name) or definition.scope is not Scope.COMPANY:
        return response
    return response.with_effects(RememberFacts({name: fact}))


def _echo(turn: Turn, name: str, value: Any, also: Mapping[str, Any]) -> str:
    """Say what was understood: the whole of what was typed, in a word what was pressed."""
    if also:
        return heard_words(turn, {name: value, **also})
    definition = definition_of(turn, name)
    if value is None or (definition.type is FactType.BOOL and turn.heard.action is not None):
        return say("goal.next")
    return say("goal.echo", said=echo_of(turn, name, value))


@step("goal: declined")
def decline(turn: Turn, goal: Goal, name: str) -> Response:
    """不清楚: not asked again in this goal."""
    if goal.question is None or goal.question.name != name:
        return resume(turn)  # pressed twice, or under a question that was answered since
    conversation = turn.conversation.replace(goal.with_declined(name))
    lead = say("goal.declined_again") if goal.declined else say("goal.declined")
    return go_on(turn.with_conversation(conversation), lead=lead)


def _says_so(turn: Turn, name: str) -> bool:
    """Return whether clauses of the message are an answer to the question, whatever the rest resembles."""
    return len(values_told(definition_of(turn, name), turn.text)) == 1


def _says_another(turn: Turn, goal: Goal, name: str) -> bool:
    """Return whether the message holds the very words of another yes or no: 没质押过, asked who owns what is to be pledged."""
    definition = definition_of(turn, name)
    if definition.type is not FactType.BOOL or turn.slots(SlotKind.ANSWER):
        return False
    return not values_told(definition, turn.text) and bool(told_besides(turn, goal))


_WRONG = re.compile(r"^(?:不对|错了|[说写打记搞]错了|不是这样)[了啊呀的]*[,，。、 ]+")


def _corrects_another(turn: Turn, goal: Goal, name: str) -> bool:
    """不对，注册地是鄞州区, asked for a yes or no: the 不对 is about what was told before, and no answer."""
    wrong = _WRONG.match(turn.text)
    if wrong is None or definition_of(turn, name).type is not FactType.BOOL:
        return False
    if goal.kind is GoalKind.ASSESS and turn.slot(SlotKind.DISTRICT) is not None:
        return True
    told = {*goal.asked, *goal.values, *turn.world.facts} - {name}
    rest = turn.text[wrong.end() :]
    return any(label_of(turn, other) in rest for other in told if is_known(turn, other))


def _is_another_wish(turn: Turn, goal: Goal) -> bool:
    """A whole sentence that is surely about something else is a digression, even with a date in it."""
    understood = turn.heard.understood
    return (
        understood is not None
        and len(turn.text) > LONG_MESSAGE
        and understood.confidence >= SURE
        and understood.intent.value != goal.intent
        and understood.verdict is Verdict.ANSWER
    )
