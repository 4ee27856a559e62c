"""Which values of a fact a text states by their words. What it denies or only asks about, it does not state.

有没有注册 and 注册了吗 ask; 不在鄞州 denies; 没有注册证 holds 有注册证 and says the opposite. A fact taken from such words
would be a wrong answer with an article under it, so that in doubt nothing is taken and the question is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from bot.dialogue.clauses import MEMBER_END
from bot.understanding.slots.yes_no import find_answers
from rules.facts import FactDefinition, FactType

SHORTEST_WORD: Final = 2
_DENIED: Final = re.compile(
    r"(?:没有?|不是?|未|无|非|别|并非|不算|不属于|不在|从未|除了|不用|不要|不想|不需要)"
    r"(?:被|有|是|在|做|去|过|能|算|去过|经|什么|任何|一点|属于|位于|设在|去?申请|拿到?|取得)?$"
)
_NUMERAL: Final = re.compile(r"[0-9〇零一二两三四五六七八九十百千万几多好]\s*$")
_ASKED_BEFORE: Final = re.compile(
    r"(?:有没有|有无|是不是|是否|能不能|能否|可不可以|可否|要不要|会不会|算不算|需不需要|怎么才能?|如何才?)[^，。]{0,3}$"
)
_ASKED_AFTER: Final = re.compile(
    r"^(?:了|过|的)?(?:(?:吗|么|嘛|[?？])|(?:没有?|不|否|还是|是不是)(?=$|[,，。;；!！?？呀啊呢]))"
)
_ASKED_WITHIN: Final = (("有", "没有"), ("是", "不是"), ("在", "不在"))
"""What stands before a word and how it begins: 有 and 没有注册证 are 有没有注册证."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a word of a value stands."""

    start: int
    end: int
    value: str


def values_stated(definition: FactDefinition, text: str) -> list[str]:
    """Return the values that a message states by itself; `true` and `false` for a yes-or-no fact.

    `answers`, words that need the question before them, do not count.
    """
    return list(_affirmed(_told_by_itself(definition), text, asking=True))


def values_answered(definition: FactDefinition, text: str) -> list[str]:
    """Return the values that a message names when it answers the question about the fact."""
    return list(
        _affirmed({value: definition.words(value) for value in _values(definition)}, text, asking=False)
    )


def _values(definition: FactDefinition) -> tuple[str, ...]:
    return ("true", "false") if definition.type is FactType.BOOL else definition.values


def _told_by_itself(definition: FactDefinition) -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for value in _values(definition):
        only_answers = definition.answers.get(value, ())
        words[value] = tuple(
            word for word in definition.words(value) if word not in only_answers and not _is_bare_answer(word)
        )
    return words


@cache
def _is_bare_answer(word: str) -> bool:
    """没有, 是, 都要: a value or another word of it that answers any question states nothing by itself."""
    return any(slot.end - slot.start == len(word) for slot in find_answers(word))


def _affirmed(words: Mapping[str, tuple[str, ...]], text: str, *, asking: bool) -> Iterator[str]:
    places = _longest(_found(words, text))
    stated = {
        place.value
        for place in places
        if not is_denied(text, place.start)
        and not _is_counted(text, place)
        and not (asking and _is_asked(text, place))
    }
    return (value for value in words if value in stated)


def _found(words: Mapping[str, tuple[str, ...]], text: str) -> Iterator[_Place]:
    for value, named in words.items():
        for word in named:
            if len(word) >= SHORTEST_WORD:
                for match in re.finditer(re.escape(word), text):
                    yield _Place(match.start(), match.end(), value)


def _longest(places: Iterable[_Place]) -> list[_Place]:
    """Leave out words that are only a part of a longer one: 有注册证 in 没有注册证."""
    found = list(places)
    return [
        place
        for place in found
        if not any(
            other.start <= place.start
            and place.end <= other.end
            and other.end - other.start > place.end - place.start
            for other in found
        )
    ]


def is_denied(text: str, start: int) -> bool:
    """Return whether the words from `start` are denied by what stands before them in their clause."""
    return _DENIED.search(_before(text, start)) is not None


def _is_counted(text: str, place: _Place) -> bool:
    """30个人 are thirty persons and no 个人."""
    return text[place.start] in "个家件" and _NUMERAL.search(text[: place.start]) is not None


def _is_asked(text: str, place: _Place) -> bool:
    before, after = _before(text, place.start), text[place.end :]
    word = text[place.start : place.end]
    return (
        _ASKED_BEFORE.search(before) is not None
        or _ASKED_AFTER.match(after) is not None
        or any(before.endswith(ends) and word.startswith(begins) for ends, begins in _ASKED_WITHIN)
    )


def _before(text: str, start: int) -> str:
    return MEMBER_END.split(text[:start])[-1]
