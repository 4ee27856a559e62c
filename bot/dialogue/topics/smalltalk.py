"""寒暄与帮助: who we are, what can be asked, thanks."""

from __future__ import annotations

import re

from bot.dialogue.steps import step
from bot.dialogue.turn import PERSON_BUTTON, Response, Turn, asking_for, reply, say

TOPICS = (
    asking_for("年费什么时候交", "我的专利年费什么时候交，多少钱"),
    asking_for("我有哪些期限", "我有哪些期限"),
    asking_for("能申请什么补贴", "我们能申请什么补贴"),
    asking_for("专利能抵押贷款吗", "专利能抵押贷款吗"),
    asking_for("有人侵权怎么办", "有人仿冒我们的商标怎么办"),
    asking_for("想买专利保险", "想买个专利保险"),
    PERSON_BUTTON,
)
_THANKS = re.compile(r"(谢|感谢|多谢|辛苦|3q|thx|thank)", re.IGNORECASE)
_PRICE = re.compile(r"(收费|要钱|免费|花钱|付钱|交钱|会员)")
_PRIVACY = re.compile(r"(泄露|泄漏|隐私|保密|安全|看得到|看得见|外传|资料)")
_SURE = re.compile(r"(准不准|准吗|准确|靠谱|可信|靠得住|法律意见|骗人)")
_MACHINE = re.compile(r"(真人|机器人|机器|程序|AI|人工智能|谁做的|谁开发|政府的|公司的)", re.IGNORECASE)
_BYE = re.compile(r"(再见|拜拜|bye|88)", re.IGNORECASE)


@step("smalltalk")
def answer(turn: Turn) -> Response:
    """Answer a greeting, thanks or a call for help, briefly, with the nearest topics."""
    if _THANKS.search(turn.text):
        return reply(turn.conversation, say("smalltalk.thanks"))
    if _BYE.search(turn.text):
        return reply(turn.conversation, say("smalltalk.bye"))
    return _about_us(turn) or greet(turn)


@step("smalltalk: about us")
def _about_us(turn: Turn) -> Response | None:
    """Say what we cost, who sees what is told, how sure an answer is, who speaks; None when nothing of that is asked."""
    if _PRIVACY.search(turn.text):
        return reply(
            turn.conversation,
            say("smalltalk.privacy"),
            asking_for(say("smalltalk.who_sees_button"), say("smalltalk.who_sees_button")),
            asking_for(say("smalltalk.delete_button"), say("smalltalk.delete_button")),
        )
    for pattern, words in ((_PRICE, "price"), (_SURE, "sure"), (_MACHINE, "machine")):
        if pattern.search(turn.text):
            return reply(turn.conversation, say(f"smalltalk.{words}"), PERSON_BUTTON)
    return None


@step("smalltalk: greeting")
def greet(turn: Turn, lead: str = "") -> Response:
    """Say what can be asked."""
    words = "\n".join(text for text in (lead, say("smalltalk.greeting")) if text)
    return reply(turn.conversation, words, *TOPICS)
