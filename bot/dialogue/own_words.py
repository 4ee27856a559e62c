"""Short statements in a person's own words: 就是我们公司; 嗯，没过期; 有效的，年费一直交.

A clause states a value only when nothing stands in it but the words of the value and words that add nothing. Whatever else
stands there may change what is said (对方用了, 今年的还没交), and then nothing is taken and the question is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from bot.understanding.slots.yes_no import find_answers
from rules.facts import FactDefinition, FactType

LONGEST: Final = 30
SHORTEST: Final = 2
_CLAUSE: Final = re.compile(r"[,，。;；!！、~\s]+")
_ASKS: Final = re.compile(
    r"[?？吗么]|什么|怎么|咋|为啥|多少|几[个件年天]|哪|谁|如何|是否|能否|可否|要不要|(.)不\1|有没有|有无|会不会|可不可以|行不行"
)
_BUT: Final = re.compile(r"不过|但是?|可是|只是|除了|除非|就差|还差|要不|如果|假如|万一")
_ADDS_NOTHING: Final = (
    r"(?:嗯|恩|呃|哦|啊|那|那个|这个|这件事?|这些|其实|的确|确实|当然|肯定|应该|好像|大概|我们?|咱们?|阿拉|公司|{things}"
    r"|它|的|就|都|也|还|已经?|早就?|现在|目前|一直|倒|是|在[^,，]{1,6}的(?:一?[个家间])?)*"
)
_ENDS: Final = re.compile(r"[了的过着啊呀呢吧哦啦嘛哈]*")
_THINGS: Final = ("专利", "商标", "作品", "软件", "年费")
"""A thing adds nothing where the question is about it: 商标过期了 is no answer about a patent."""
_HEDGED: Final = re.compile(r"应该|好像|大概|可能|估计")
_PARTICLES: Final = re.compile(r"[了的过啊呀呢吧嗯哦。.!,]+$")
_DENIES: Final = r"(?:并?没有?|未|不是|不|并非)"
_TENSE: Final = re.compile(r"[了的过着]+$")
_NEEDS_ITS_QUESTION: Final = re.compile(
    r"^(?:没有?|还没有?|未|不)?(?:做|办|弄|有|搞|用|停|要|大)?[了过的]?$|^(?:早就|后来|自己|我们自己|有合同|有付款)"
)
"""没做过, 用了, 早就在做: what was done, or before what, is said by the question only."""


def asks_something(text: str) -> bool:
    """Return whether the text asks: a question states nothing."""
    return _ASKS.search(text) is not None


def qualifies(text: str) -> bool:
    """Return whether the text takes back or limits what it says: 是的，不过今年的还没交."""
    return _BUT.search(text) is not None


def clauses(text: str) -> list[str]:
    """Return the clauses of a text, without what divides them."""
    return [clause for clause in _CLAUSE.split(text) if clause]


def without_ending(clause: str) -> str:
    """Return a clause without the particles that end it: 注册了的 is 注册."""
    return _PARTICLES.sub("", clause)


def values_told(definition: FactDefinition, text: str, *, unasked: bool = False) -> set[str]:
    """Return the values that clauses of the text say; `true` and `false` for a yes-or-no fact, one or none where it is clear.

    `unasked`: another question was open, so that words which need theirs before them (没做过, 没有) say nothing.
    """
    if len(text) > LONGEST or asks_something(text) or qualifies(text) or (unasked and _HEDGED.search(text)):
        return set()
    plain, denying = _before(tuple(one for one in _THINGS if one in f"{definition.name}{definition.ask}"))
    return {
        value
        for clause in clauses(text)
        for value, word, denied in _forms(definition)
        if not (unasked and (_NEEDS_ITS_QUESTION.match(word) or _answers_anything(word)))
        and word in clause
        and _is_all(clause, word, denying if denied else plain)
    }


@cache
def _before(things: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what may stand before a word of a value, and before one that is denied."""
    nothing = _ADDS_NOTHING.replace("{things}", "|".join(things) or "我们")
    return re.compile(nothing), re.compile(nothing + _DENIES)


def _is_all(clause: str, word: str, before: re.Pattern[str]) -> bool:
    return any(
        before.fullmatch(clause[: found.start()]) and _ENDS.fullmatch(clause[found.end() :])
        for found in re.finditer(re.escape(word), clause)
    )


def _forms(definition: FactDefinition) -> Iterator[tuple[str, str, bool]]:
    """Yield value, word, and whether the word is to be denied for the value: 没过期 is 过期了 denied."""
    if definition.type is not FactType.BOOL:
        for value in definition.values:
            yield from ((value, word, False) for word in definition.words(value) if len(word) >= SHORTEST)
        return
    for value, other in (("true", "false"), ("false", "true")):
        for word in definition.words(value):
            if len(word) >= SHORTEST:
                yield value, word, False
                yield other, _TENSE.sub("", word) or word, True


def _answers_anything(word: str) -> bool:
    return any(slot.end - slot.start == len(word) for slot in find_answers(word))
