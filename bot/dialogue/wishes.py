"""A new wish: which topic answers which intent. Two wishes in one message are both seen."""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue.goals.work import resume
from bot.dialogue.steps import step
from bot.dialogue.topics import (
    annuity,
    deadlines,
    faq,
    my_deadlines,
    person,
    renewal,
    rights,
    settings,
    smalltalk,
    unclear,
)
from bot.dialogue.topics.rules import subject_topic
from bot.dialogue.turn import Response, Turn, asking_for, say
from bot.understanding.intents import Intent
from bot.understanding.slots.slot import SlotKind
from bot.understanding.understand import Verdict
from store.messages import Choice, Outgoing

SHORT_ANSWER = 4
Topic = Callable[[Turn], Response]

TOPICS: dict[Intent, Topic] = {
    Intent.ANNUITY_FEE: annuity.fee,
    Intent.ANNUITY_LATE: annuity.late,
    Intent.FEE_REDUCTION: subject_topic("fee_reduction"),
    Intent.SUBSIDY: subject_topic("subsidy"),
    Intent.PLEDGE: subject_topic("pledge"),
    Intent.INSURANCE: subject_topic("insurance"),
    Intent.INFRINGEMENT_PATENT: subject_topic("route_patent"),
    Intent.INFRINGEMENT_TRADEMARK: subject_topic("route_trademark"),
    Intent.INFRINGEMENT_COPYRIGHT: subject_topic("route_copyright"),
    Intent.TRADE_SECRET: subject_topic("route_secret"),
    Intent.PLATFORM_COMPLAINT: subject_topic("route_platform"),
    Intent.TRADEMARK_RENEWAL: renewal.renew,
    Intent.PATENT_PROSECUTION: deadlines.prosecution,
    Intent.TRADEMARK_DISPUTE: deadlines.trademark,
    Intent.MY_DEADLINES: my_deadlines.answer,
    Intent.ADD_ASSET: rights.add,
    Intent.HUMAN_AGENT: person.ask_consent,
    Intent.SETTINGS: settings.answer,
    Intent.SMALLTALK: smalltalk.answer,
    Intent.OUT_OF_SCOPE: unclear.off_topic,
}
"""Intents that are not here are answered from the FAQ."""


def answer_wish(turn: Turn) -> Response:
    """Return the answer to what the message was taken for, an offer of the nearest topics, or an honest refusal."""
    understood = turn.heard.understood
    if understood is None:
        return unclear.nothing_to_read(turn)
    before = turn.conversation.goal
    if before is None and turn.slot(SlotKind.ANSWER) is not None and len(turn.text) <= SHORT_ANSWER:
        return unclear.nothing_asked(turn)
    match understood.verdict:
        case Verdict.ANSWER:
            response = _with_second(turn, _topic(understood.intent)(_noting(turn, understood.intent)))
        case Verdict.CHOOSE if before is None or before.question is None:
            response = unclear.choose(turn)
        case _:
            response = unclear.not_understood(turn)
    return _back_to(turn, response) if before is not None else response


def _topic(intent: Intent) -> Topic:
    return TOPICS.get(intent, faq.answer)


def _noting(turn: Turn, intent: Intent) -> Turn:
    return turn.with_conversation(turn.conversation.model_copy(update={"last_intent": intent.value}))


def _with_second(turn: Turn, response: Response) -> Response:
    """Offer the second wish as a button below the answer to the first."""
    understood = turn.heard.understood
    if understood is None or understood.second is None or not response.replies:
        return response
    offer = second_wish(understood.second)
    note = Outgoing.say(say("wish.second", topic=offer.text), offer)
    return Response(response.conversation, (*response.replies, note), response.effects)


def second_wish(intent: Intent) -> Choice:
    """Return the button that asks about an intent in plain words."""
    question = say(f"topic.{intent.value}")
    return asking_for(question, question)


@step("digression")
def _back_to(turn: Turn, response: Response) -> Response:
    """After a digression ask the open question again, unless the answer began something of its own."""
    goal, was = response.conversation.goal, turn.conversation.goal
    if goal is None or was is None or goal != was or goal.question is None:
        return response
    again = resume(turn.with_conversation(response.conversation), lead=say("goal.back_to"))
    return Response(again.conversation, (*response.replies, *again.replies), response.effects)
