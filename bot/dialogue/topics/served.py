"""The day on which a summons came, told by who is accused: the answer to the court is due soon after, and that is said at once."""

from __future__ import annotations

from datetime import date

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.days_told import DayOf, day_of, days_told
from bot.dialogue.goals.inputs import field_of
from bot.dialogue.goals.work import begin
from bot.dialogue.steps import step
from bot.dialogue.turn import Response, Turn, say
from rules.days import format_day

ACCUSED = "accused"
WAY = "被指方式"
SUMMONS = "法院传票"
ANSWER = "court_answer"
"""The kind of deadline: 提交答辩状."""


def told(turn: Turn) -> Response | None:
    """Return by when the court is to be answered, and the open question again; None where no day of receipt is told."""
    received = _received(turn)
    return _answer_due(turn, received) if received and _is_sued(turn.conversation.goal) else None


def with_answer_due(turn: Turn, response: Response) -> Response:
    """Return the day first, then the matter of the accused, where its first message tells when the summons came."""
    received = _received(turn)
    if received is None or _is_sued(turn.conversation.goal) or not _is_sued(response.conversation.goal):
        return response
    due = _answer_due(turn.with_conversation(response.conversation), received)
    return due.with_effects(*response.effects)


def _is_sued(goal: Goal | None) -> bool:
    return goal is not None and goal.subject == ACCUSED and goal.values.get(WAY) == SUMMONS


def _received(turn: Turn) -> date | None:
    """Return the day of receipt; None where it is not told, not one day, or still to come."""
    one = day_of(days_told(turn), DayOf.RECEIPT, unsaid=False)
    return one.day if one is not None and one.day is not None and one.day <= turn.today else None


@step("accused: the answer to the court")
def _answer_due(turn: Turn, received: date) -> Response:
    goal = turn.conversation.goal
    due = Goal(
        kind=GoalKind.DEADLINE,
        subject=ANSWER,
        values={field_of("received"): received.isoformat()},
        intent=goal.intent if goal else "",
    )
    return begin(turn, due, lead=say("assess.accused.served", day=format_day(received)))
