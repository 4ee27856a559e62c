"""The work on a goal that is the same for all kinds: ask, read the answer, echo it, go on, resume, say why."""

from __future__ import annotations

from bot.dialogue.answers_to_facts import Declined, Given, Unusable, read_answer
from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.effects import RememberFacts
from bot.dialogue.fields import definition_of, is_company_fact, is_known, label_of
from bot.dialogue.goals.add_asset import AddAsset
from bot.dialogue.goals.assess import Assess
from bot.dialogue.goals.deadline import ComputeDeadline
from bot.dialogue.goals.paid import RecordPayment
from bot.dialogue.goals.port import Ask, GoalWork
from bot.dialogue.goals.yes_or_no import AskConsent, ConfirmStep
from bot.dialogue.questions import question_message
from bot.dialogue.steps import step
from bot.dialogue.turn import Response, Turn, button, say
from bot.understanding.understand import Verdict
from rules.facts import FactState, FactValue, Scope
from store.fact_values import to_json
from store.messages import Outgoing, TextPart, Verb

WORK: dict[GoalKind, GoalWork] = {
    GoalKind.ASSESS: Assess(),
    GoalKind.DEADLINE: ComputeDeadline(),
    GoalKind.ADD_ASSET: AddAsset(),
    GoalKind.PAID: RecordPayment(),
    GoalKind.CONSENT: AskConsent(),
    GoalKind.CONFIRM: ConfirmStep(),
}
YES_OR_NO = frozenset({GoalKind.CONSENT, GoalKind.CONFIRM})
LONG_MESSAGE = 14
SURE = 0.6


def begin(turn: Turn, goal: Goal, *, lead: str = "") -> Response:
    """Start working on a goal; what is already known is not asked."""
    conversation = turn.conversation.start(goal)
    if goal.intent:
        conversation = conversation.model_copy(update={"last_intent": goal.intent})
    return go_on(turn.with_conversation(conversation), lead=lead)


def go_on(turn: Turn, *, lead: str = "") -> Response:
    """Ask the next question of the current goal, or finish it and resume the one below."""
    goal = turn.conversation.goal
    if goal is None:
        return Response(turn.conversation, (Outgoing.say(lead),) if lead else ())
    ask = WORK[goal.kind].next_question(turn, goal)
    if ask is not None:
        return _ask(turn, goal, ask, lead)
    finished = WORK[goal.kind].finish(turn, goal)
    if lead:
        finished = _lead(finished, lead)
    below_is_open = finished.conversation.goal is not None and finished.conversation.goal.question is not None
    if not below_is_open or len(finished.conversation.goals) >= len(turn.conversation.goals):
        return finished
    below = resume(turn.with_conversation(finished.conversation), lead=say("goal.back_to"))
    return Response(
        below.conversation, (*finished.replies, *below.replies), (*finished.effects, *below.effects)
    )


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
    message = question_message(definition_of(turn, ask.name), words)
    if goal.kind is GoalKind.ASSESS and goal.asked:
        enough = button(say("assess.enough_button"), Verb.START, "enough")
        message = message.model_copy(update={"choices": (*message.choices, enough)})
    return Response(turn.conversation.replace(goal.asking(ask.name)), (message,))


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
    if _is_another_wish(turn, goal):
        return None
    name = goal.question.name
    definition = definition_of(turn, name)
    match read_answer(definition, turn):
        case Given(fact):
            return give(turn, goal, name, fact)
        case Declined():
            return decline(turn, goal, name)
        case Unusable(problem):
            return resume(turn, lead=problem)
        case _:
            return None


def give(turn: Turn, goal: Goal, name: str, fact: FactValue) -> Response:
    """Take a fact for the goal, keep it when it is the company's, echo it and go on."""
    definition = definition_of(turn, name)
    value = None if fact.state is FactState.NOT_APPLICABLE else to_json(fact.value)
    conversation = turn.conversation.replace(goal.with_value(name, value))
    said = definition.absent if value is None else definition.format(fact.value)
    lead = "" if goal.kind in YES_OR_NO else say("goal.echo", name=label_of(turn, name), value=said)
    response = go_on(turn.with_conversation(conversation), lead=lead)
    if not is_company_fact(turn, name) or definition.scope is not Scope.COMPANY:
        return response
    return response.with_effects(RememberFacts({name: fact}))


@step("goal: declined")
def decline(turn: Turn, goal: Goal, name: str) -> Response:
    """不清楚: not asked again in this goal."""
    conversation = turn.conversation.replace(goal.with_declined(name))
    return go_on(turn.with_conversation(conversation), lead=say("goal.declined"))


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


def _lead(response: Response, lead: str) -> Response:
    """Put the echo of the last answer before the first message, in it: one message is one sound on a phone."""
    if not response.replies:
        return response.preceded_by(Outgoing.say(lead))
    first = response.replies[0]
    led = first.model_copy(update={"parts": (TextPart(text=lead), *first.parts)})
    return Response(response.conversation, (led, *response.replies[1:]), response.effects)
