"""Words that work at any point: 取消, 返回, 重新开始, 为什么问这个, 人工."""

from __future__ import annotations

import re

from bot.dialogue.conversation import Conversation
from bot.dialogue.goals.work import resume, why_asked
from bot.dialogue.steps import step
from bot.dialogue.topics import person, smalltalk
from bot.dialogue.turn import Response, Turn, reply, say

_END = r"[吧了啊呀。.!！~，, ]*$"
_CANCEL = re.compile(
    r"^(取消(转人工|排队|这个|一下)?|算了|不问了|不弄了|退出|停止|先不弄|不用了|结束)" + _END
)
_BACK = re.compile(r"^(返回|上一步|后退|回去|返回上一步|上一题|退回)" + _END)
_RESTART = re.compile(r"^(重新开始|重来|从头(再)?来|从头开始|重新来|清空重来|/start|/restart)" + _END)
_WHY = re.compile(
    r"^(为什么(要)?(问|要)(我)?(这个|这些|这)?|为啥(要)?问(这个|这)?|问这个(干嘛|干什么|做什么|有什么用)|为什么)[?？吗呢啊。 ]*$"
)
_PERSON = re.compile(
    r"^(转?人工(客服|服务)?|转接人工|找人工|我要(找)?人工|真人|/human|找个?(真)?人|客服)" + _END
)


def is_word(text: str) -> bool:
    """Return whether the message is such a word: it steers the talk and says nothing of the matter."""
    said = text.strip()
    return any(pattern.match(said) for pattern in (_PERSON, _RESTART, _CANCEL, _BACK, _WHY))


def word(turn: Turn) -> Response | None:
    """Return the response to such a word, or None when the message is none."""
    said = turn.text.strip()
    if _PERSON.match(said):
        return person.ask_consent(turn)
    if _RESTART.match(said):
        return restart(turn)
    if turn.conversation.goal is None:
        nothing_open = _CANCEL.match(said) or _BACK.match(said) or _WHY.match(said)
        return _nothing_open(turn, said) if nothing_open else None
    if _CANCEL.match(said):
        return cancel(turn)
    if _BACK.match(said):
        return back(turn)
    if _WHY.match(said):
        return why_asked(turn)
    return None


@step("control: nothing open")
def _nothing_open(turn: Turn, said: str) -> Response:
    """取消, 返回, 为什么 with nothing open: a request for a person is all that can be cancelled."""
    if turn.world.waiting_for_person and _CANCEL.match(said):
        return person.cancel_request(turn)
    return reply(turn.conversation, say("control.nothing_open"), *smalltalk.TOPICS)


@step("control: restart")
def restart(turn: Turn) -> Response:
    """Begin anew: no goal is left; what is known of the company stays."""
    return smalltalk.greet(turn.with_conversation(turn.conversation.fresh()), lead=say("control.restarted"))


@step("control: cancel")
def cancel(turn: Turn) -> Response:
    """Leave the current goal. What was said for it is not kept; the goal below, if any, goes on."""
    left = turn.conversation.drop()
    if left.goal is None:
        return reply(left, say("control.cancelled"), *smalltalk.TOPICS)
    return resume(turn.with_conversation(left), lead=say("control.cancelled_one"))


@step("control: back")
def back(turn: Turn) -> Response:
    """Ask the question before the open one again."""
    goal = turn.conversation.goal
    if goal is None or goal.question is None:
        return reply(turn.conversation, say("control.nothing_before"))
    earlier = [name for name in goal.asked if name != goal.question.name]
    if not earlier:
        return resume(turn, lead=say("control.nothing_before"))
    again = goal.without(goal.question.name).without(earlier[-1])
    conversation: Conversation = turn.conversation.replace(again)
    return resume(turn.with_conversation(conversation), lead=say("control.back"), ask=earlier[-1])
