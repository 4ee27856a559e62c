"""How a computed answer ends a goal: said, settled, and what it rested on kept so that it can be computed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.dialogue.conversation import Goal
from bot.dialogue.effects import RecordAnswer
from bot.dialogue.turn import Response, Turn
from rules.deadlines.annuity import Annuity
from rules.deadlines.result import Deadline
from store.messages import Choice, Outgoing, Part


def answered(
    turn: Turn,
    goal: Goal,
    parts: Sequence[Part],
    choices: Sequence[Choice],
    result: Annuity | Deadline | Mapping[str, Any],
) -> Response:
    """Return the answer of the goal, with what it rested on."""
    kept = dict(result) if isinstance(result, Mapping) else result.model_dump(mode="json")
    message = Outgoing(parts=tuple(parts), choices=tuple(choices), intent=goal.intent)
    return Response(turn.conversation.settle(), (message,), (RecordAnswer(goal.values, (kept,)),))
