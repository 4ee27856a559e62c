"""Reads a message as the yes or no to a question: 是, 没有, or words of the question itself."""

from __future__ import annotations

import re

from bot.dialogue.own_words import asks_something, clauses, qualifies, values_told, without_ending
from bot.dialogue.questions import YES_AND_NO
from bot.dialogue.readings import Reading, Unusable, given
from bot.dialogue.turn import Turn, say
from bot.understanding.slots.slot import Slot
from bot.understanding.slots.yes_no import Answer
from rules.facts import FactDefinition

_NOT_IN_QUESTION = re.compile(r"没有|还没|未")
_NO_TROUBLE = re.compile(r"没(?:有|啥|什么)?问题")
_HEDGED = re.compile(r"应该|好像|大概|可能")


def read_yes_or_no(definition: FactDefinition, turn: Turn, answer: Slot) -> Reading:
    """Read 是 and 没有; what leaves both open is asked again.

    没有 to a question that itself says 没有终止 may be a yes to it; 没问题 is no trouble, whatever was asked; 是的，不过
    limits; 应该是 is no consent.
    """
    value = answer.value == Answer.YES
    said = values_told(definition, turn.text)
    if said and said == values_told(definition, answer.text):
        return given(definition, said == {"true"}, turn)  # 有 and 没有 as the fact's own words
    if definition.name in YES_AND_NO:
        unsure = value and _HEDGED.search(turn.text[: answer.end]) is not None
    else:
        asked = definition.ask.replace("有没有", "")
        unsure = (
            (answer.value == Answer.NONE and _NOT_IN_QUESTION.search(asked) is not None)
            or _NO_TROUBLE.match(answer.text) is not None
            or bool(said - {"true" if value else "false"})
            or qualifies(turn.text[answer.end :])
        )
    return Unusable(say("ask.yes_or_no")) if unsure else given(definition, value, turn)


_NOT = re.compile(r"^(?:我们?|公司|这个|这件|还|都|也|从来|目前|暂时)*(?:没有?|未|不|无)")
_TELLS = re.compile(r"^(?:我们?|公司|这个|这件)*(?:已|早就|还|有|在|是)|[了的过着][啊呀呢吧哦。.!,]*$")
_SOUNDS = re.compile(r"^(?:我们?|公司|这个|这件|已经?|早就|都|还|有|是)+")
_WHETHER = re.compile(r"有没有|是不是|能不能|会不会|要不要|可不可以")
_IN_BRACKETS = re.compile(r"[(（].*?[)）]")
LEAST_OWN_WORDS = 2


def read_own_words(definition: FactDefinition, turn: Turn) -> Reading:
    """Read 交了 by the words of the two values, 注册了的 or 没有质押过 by those of the question, clause by clause.

    What says both, or yes with a but, is asked again.
    """
    said = values_told(definition, turn.text)
    if not asks_something(turn.text) and not qualifies(turn.text):
        said |= {value for clause in clauses(turn.text) if (value := _of_question(definition, clause))}
    if len(said) > 1:
        return Unusable(say("ask.yes_or_no"))
    return given(definition, said == {"true"}, turn) if said else None


def _of_question(definition: FactDefinition, clause: str) -> str | None:
    """Return `true` or `false`: what is left without 没, 了, 的 must be words of the question itself.

    A question that itself says 没 or 不 is not read so: a no to it would be a yes.
    """
    asked = _WHETHER.sub("", _IN_BRACKETS.sub("", f"{definition.name}，{definition.ask}"))
    if re.search(r"[没未无不]", asked):
        return None
    denied = _NOT.match(clause)
    if denied is None and not _TELLS.search(clause):
        return None  # 专利 alone is a word of the question too, and no yes
    said = clause[denied.end() :] if denied else clause
    left = {said, without_ending(said), _SOUNDS.sub("", without_ending(said))}
    if not any(len(words) >= LEAST_OWN_WORDS and _asks_whether(asked, words) for words in left):
        return None
    return "true" if denied is None else "false"


_ONLY_NAMES = re.compile(
    r"专利权?|商标|著作权|版权|作品|软件|公司|企业|产品|技术|对方|别人|银行|发明|知识产权"
)


def _asks_whether(asked: str, words: str) -> bool:
    """Return whether the question is about the words, and they neither name a thing nor only describe one: 去质押的公司."""
    return (
        not _ONLY_NAMES.fullmatch(words)
        and re.search(f"{re.escape(words)}(?!的[^,，。？]{{0,3}}[人公件家])", asked) is not None
    )
