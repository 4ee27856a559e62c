"""Whether a message asks for something or only states something. While a question is open, a statement is no new wish."""

from __future__ import annotations

import re

from bot.dialogue.own_words import asks_something
from bot.dialogue.turn import Turn
from bot.understanding.intents import Intent
from bot.understanding.understand import Verdict

SURE_OF_ANOTHER = 0.8
LONGEST = 20
_WANTS = re.compile(
    r"帮|(?<!申)请|麻烦|给我|我[们想]?(?:要|想)|想要|想问|想查|想申请|想办|[查算记看]一|查询|提醒|取消|登记|转人工|人工|办理|告诉|推荐|介绍|咨询|了解|流程|怎样|如何"
)
_STATES = re.compile(
    r"^(?:嗯|那|其实|就|是|有|没|不|未|在|已|都|还|也|对|我|咱|公司|这|他|她|它|对方|.{1,5}是|去年|今年|昨天|前天|上个?[月周])|(?:[了的过着吧啊呀交做用]|没有|不是)[。.!！~]*$"
)
_FIGURE = re.compile(
    r"^[\d.〇零一二两三四五六七八九十百千万半多几]+(?:年|个?月|天|件|个|项|元|块|万|%)?(?:左右|多|吧|呢)*[。.!！]*$"
)
_TROUBLE = re.compile(
    r"被.{0,4}(?:仿|抄|盗|告|投诉|侵|抢注|冒|偷|泄)|收到.{0,8}(?:通知|函|传票|起诉|裁决)|侵权|假货|泄密"
)
"""What happened to the owner is a wish for help, though it asks nothing."""


def only_states(turn: Turn) -> bool:
    """Return whether the message is a short statement that asks for nothing and is not surely about something else."""
    understood = turn.heard.understood
    if understood is None or len(turn.text) > LONGEST:
        return False
    if _FIGURE.match(turn.text):
        return True
    if (
        asks_something(turn.text)
        or _WANTS.search(turn.text)
        or _TROUBLE.search(turn.text)
        or not _STATES.search(turn.text)
    ):
        return False
    goal = turn.conversation.goal
    same = goal is not None and understood.intent.value == goal.intent
    never_said_so = understood.intent in (Intent.SMALLTALK, Intent.OUT_OF_SCOPE, Intent.HUMAN_AGENT)
    sure = understood.verdict is Verdict.ANSWER and understood.confidence >= SURE_OF_ANOTHER
    return same or never_said_so or not sure
