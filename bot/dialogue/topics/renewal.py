"""商标续展: window, last day, grace period, fees."""

from __future__ import annotations

import re

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.goals.deadline import RENEWAL
from bot.dialogue.goals.work import begin
from bot.dialogue.steps import step
from bot.dialogue.topics import faq
from bot.dialogue.topics.said import mark_values, unusable_date
from bot.dialogue.turn import Response, Turn, reply

_OTHER = re.compile(r"(变更|改名|地址|更名|补证|补发|遗失|丢了|证书)")


@step("renewal: wish")
def renew(turn: Turn) -> Response:
    """Answer when a mark can and must be renewed; changes of name or address are answered from the FAQ."""
    if _OTHER.search(turn.text) and "续展" not in turn.text:
        return faq.answer(turn)
    problem = unusable_date(turn)
    if problem:
        return reply(turn.conversation, problem)
    values = mark_values(turn)
    return begin(
        turn, Goal(kind=GoalKind.DEADLINE, subject=RENEWAL, values=values, intent="trademark_renewal")
    )
