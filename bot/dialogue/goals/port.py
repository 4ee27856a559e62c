"""What a kind of goal must be able to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.dialogue.conversation import Goal
from bot.dialogue.turn import Response, Turn


@dataclass(frozen=True, slots=True)
class Ask:
    """The next thing to ask: a fact of the dictionary or a field, and why it matters here."""

    name: str
    why: str = ""
    lead: str = ""  # said before the question
    readings: tuple[date, ...] = ()  # days that an unclear answer may mean, to choose from
    partly: str = ""  # what was said of a day that is not complete yet


class GoalWork(Protocol):
    """One kind of goal."""

    def next_question(self, turn: Turn, goal: Goal) -> Ask | None:
        """Return what to ask next, or None when the goal can be finished."""
        ...

    def finish(self, turn: Turn, goal: Goal) -> Response:
        """Return the answer of a goal that needs nothing more. The conversation in it has the goal settled."""
        ...
