"""先看结果: what follows from what was said so far, typed as well as pressed; after an answer, that answer once more."""

from __future__ import annotations

import re

from bot.dialogue.conversation import Goal, GoalKind
from bot.dialogue.goals.assess import stopped
from bot.dialogue.goals.work import begin, go_on, resume
from bot.dialogue.steps import step
from bot.dialogue.topics.smalltalk import TOPICS
from bot.dialogue.turn import Response, Turn, reply, say

_ASKED = re.compile(
    r"^(?:那|就|先|我|想|直接|你|您|给我|现在|能不能|可以|可不可以){0,4}(?:看看?|看一?下|出|说|给)(?:个|一个|我|一?下)?(?:结果|结论)(?:吧|呗|了|吗|先)?[。.!！?？~]*$"
    r"|^(?:那|就)?(?:结果|结论)(?:呢|是什么|怎么样)[。.!！?？~]*$"
)
_SHOWN_AGAIN = frozenset({GoalKind.ASSESS, GoalKind.DEADLINE})
"""Goals whose end changes nothing, so that it may come twice."""


def asked(turn: Turn) -> Response | None:
    """Return what is known so far, what is still needed, or the last answer; None when the message is no such wish."""
    if not _ASKED.match(turn.text.strip()):
        return None
    goal, done = turn.conversation.goal, turn.conversation.settled
    if goal is not None:
        return so_far(turn, goal)
    if done is not None and done.kind in _SHOWN_AGAIN:
        return _again(turn, done)
    return _nothing(turn)


@step("enough")
def so_far(turn: Turn, goal: Goal) -> Response:
    """Finish what rules decide with what is known; a day or a right cannot be had without what is asked."""
    if goal.kind is GoalKind.ASSESS:
        return go_on(turn.with_conversation(turn.conversation.replace(stopped(goal))))
    return resume(turn, lead=say("assess.enough_too_early"))


@step("enough: the last answer again")
def _again(turn: Turn, done: Goal) -> Response:
    return begin(turn, done.model_copy(update={"question": None}))


@step("enough: nothing computed")
def _nothing(turn: Turn) -> Response:
    return reply(turn.conversation, say("assess.nothing_to_show"), *TOPICS)
