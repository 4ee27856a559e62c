"""年费: the next annuity, or what to do about one that is late."""

from __future__ import annotations

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.goals.deadline import ANNUITY, LATE
from bot.dialogue.goals.work import begin
from bot.dialogue.steps import step
from bot.dialogue.topics.said import asset_named, patent_values, unusable_date
from bot.dialogue.turn import Response, Turn, reply


@step("annuity: wish")
def fee(turn: Turn) -> Response:
    """Answer when the next annuity is due and what it costs."""
    return _begin(turn, ANNUITY)


@step("annuity: wish late")
def late(turn: Turn) -> Response:
    """Answer what a late annuity costs today, or how the patent is restored."""
    return _begin(turn, LATE)


def _begin(turn: Turn, subject: str) -> Response:
    problem = unusable_date(turn)
    if problem:
        return reply(turn.conversation, problem)
    values = patent_values(turn)
    if "申请日" not in values and (asset := asset_named(turn)) is not None:
        values |= asset
    return begin(turn, Goal(kind=GoalKind.DEADLINE, subject=subject, values=values, intent=turn.intent.value))
