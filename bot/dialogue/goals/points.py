"""All points of a score in one message: 8 8 7 6 …, in the order of its indicators."""

from __future__ import annotations

import re

from bot.dialogue.conversation import Goal
from bot.dialogue.goals.documents import documents
from bot.dialogue.turn import Turn, say
from rules.document import Score
from rules.expressions import Expression
from rules.score_form import Indicator

_POINTS = re.compile(r"\d{1,2}")
_ONLY_POINTS = re.compile(r"[\d\s,，、;；/]+")


def form_of(turn: Turn, goal: Goal) -> Score | None:
    """Return the score that the goal is about, None when it is about something else."""
    found = documents(turn.world.knowledge, goal.targets)
    return found[0] if len(found) == 1 and isinstance(found[0], Score) else None


def order_of(turn: Turn, form: Score) -> str:
    """Return how all points may be sent at once, with the names of the indicators in order."""
    indicators = _indicators(turn, form)
    names = "、".join(indicator.title or indicator.id for indicator in indicators)
    return say("score.at_once", count=len(indicators), names=names)


def points_said(turn: Turn, goal: Goal) -> dict[str, int]:
    """Return the points by fact when the message is exactly one number an indicator, else nothing."""
    form = form_of(turn, goal)
    if form is None or not _ONLY_POINTS.fullmatch(turn.text):
        return {}
    points = [int(found) for found in _POINTS.findall(turn.text)]
    indicators = _indicators(turn, form)
    facts = [name for indicator in indicators for name in _facts(indicator)]
    if len(points) != len(indicators) or len(facts) != len(points):
        return {}
    inside = all(number <= indicator.best for number, indicator in zip(points, indicators, strict=True))
    return dict(zip(facts, points, strict=True)) if inside else {}


def _indicators(turn: Turn, form: Score) -> list[Indicator]:
    number = form.number_on(turn.today)
    if number is None:
        return []
    return [indicator for part in form.versions[number].dimensions for indicator in part.indicators]


def _facts(indicator: Indicator) -> tuple[str, ...]:
    return indicator.score.facts if isinstance(indicator.score, Expression) else ()
