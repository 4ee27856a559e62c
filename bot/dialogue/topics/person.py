"""转人工: ask for consent to pass the data on, then request a person."""

from __future__ import annotations

from datetime import date

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.effects import CancelRequest
from bot.dialogue.goals.work import begin
from bot.dialogue.steps import step
from bot.dialogue.turn import Response, Turn, say
from store.messages import Outgoing
from store.obligation_records import pressing_day

SUMMARY_LENGTH = 120
A_CALL = 7  # 我想找个人问问 and shorter only call for a person


@step("person: ask consent")
def ask_consent(turn: Turn, topic: str = "", said: str = "") -> Response:
    """Say what would be passed on to whom, and ask whether it may be. `said` tells what for, unless it is a mere call."""
    if turn.world.waiting_for_person:
        return already_waiting(turn)
    before = turn.conversation.last_question or say("person.no_question")
    words = said if len(said) > A_CALL else before
    soonest = min((pressing_day(item, turn.today) for item in turn.world.obligations), default=None)
    handed_on = say(
        "person.handed_on",
        words=words[:SUMMARY_LENGTH],
        facts=len(turn.world.facts),
        assets=len(turn.world.assets),
    )
    goal = Goal(
        kind=GoalKind.CONSENT,
        subject="person",
        values={
            "topic": topic or turn.conversation.last_intent or "human_agent",
            "summary": words[:SUMMARY_LENGTH],
            "statutory_day": _iso(soonest),
            "handed_on": handed_on,
        },
        intent="human_agent",
    )
    return begin(turn, goal)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


@step("person: already waiting")
def already_waiting(turn: Turn) -> Response:
    """A second request joins the first: say where it stands."""
    return Response(turn.conversation, (Outgoing.say(say("person.waiting")),))


@step("person: cancelled")
def cancel_request(turn: Turn) -> Response:
    """Cancel the request that nobody has taken yet."""
    if not turn.world.waiting_for_person:
        return Response(turn.conversation, (Outgoing.say(say("person.nothing_to_cancel")),))
    return Response(turn.conversation, (), (CancelRequest(),))
