"""The FAQ made searchable by words, once a revision: as a whole and within each intent.

Finding goes in two steps: the entries that hold the words of the question at all (`WordSearch`), and among them and
all entries of the intent those whose own question, or another wording of it, comes closest. 注册商标要多久 and
商标旁边的R什么时候能标 share most of their words; what is asked tells them apart.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.understanding.intents import Intent
from bot.understanding.masks import without_filler
from bot.understanding.normalise import normalise
from bot.understanding.search import WordSearch
from knowledge.base import KnowledgeBase
from knowledge.forms import Answer

BEST = 4
SURE = 0.27
"""From this closeness on an entry answers the question; below it the entry is offered as one that may."""
NEAR = 0.2
"""Below this closeness an entry is not even offered."""
_SILENT = re.compile(r"[\s,。!?;:、“”\"'()（）吗呢吧啊呀了的]|请问|我想问|一下|我们|公司|我的")
_SAME = (
    (re.compile(r"啥时候|什么时间|何时|多长时间|几个月|多少天"), "多久"),
    (re.compile(r"几多钱|几钱|收不收费|收费吗?|费用|价格|怎么收钱|收不收钱|花钱"), "多少钱"),
    (re.compile(r"咋|如何|怎样|咋样"), "怎么"),
    (re.compile(r"啥|何为|何谓"), "什么"),
    (re.compile(r"软件著作权"), "软著"),
    (re.compile(r"材料|资料|文件"), "材料"),
)


_PATENT, _MARK, _WORK = "专利|发明|实用新型|外观", "商标", "著作权|版权|软著"
_RIGHTS = {
    pattern: frozenset(Intent(name) for name in names.split())
    for pattern, names in (
        (
            _PATENT,
            "annuity_fee annuity_late fee_reduction patent_filing patent_prosecution fast_exam infringement_patent",
        ),
        (_MARK, "trademark_filing trademark_renewal trademark_dispute infringement_trademark"),
        (_WORK, "copyright_registration infringement_copyright"),
    )
}
"""How each kind of right is named, and the intents that are about it alone."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry and how close its question comes to what was asked, 0 to 1."""

    entry: Answer
    closeness: float


@dataclass(frozen=True, slots=True)
class FaqIndex:
    """Finds entries that hold on a day."""

    entries: dict[str, Answer]
    whole: WordSearch
    wordings: Mapping[str, tuple[dict[str, float], ...]]
    rarity: Mapping[str, float]
    of_intent: Mapping[str, tuple[str, ...]]

    @classmethod
    def build(cls, knowledge: KnowledgeBase) -> FaqIndex:
        """Return the index of a revision."""
        entries = dict(knowledge.faq)
        told = {
            key: [_features(t) for t in (entry.question, *entry.aliases)] for key, entry in entries.items()
        }
        rarity = _rarity(told.values())
        of_intent: dict[str, tuple[str, ...]] = {}
        for key, entry in entries.items():
            of_intent[entry.intent] = (*of_intent.get(entry.intent, ()), key)
        wordings = {key: tuple(_weighed(words, rarity) for words in several) for key, several in told.items()}
        search = WordSearch(
            (entry.id, " ".join([entry.question, *entry.aliases]), entry.text) for entry in entries.values()
        )
        return cls(entries, search, wordings, rarity, of_intent)

    def find(self, text: str, today: date, intent: str = "") -> list[Found]:
        """Return the entries that come close, best first; where an intent is named, its entries before others."""
        asked = _weighed(_features(text), self.rarity)
        near = {hit.id for hit in self.whole.find(text)}
        candidates = near | set(self.of_intent.get(intent, ()) if intent else ())
        found = [
            Found(entry, max(_cosine(asked, wording) for wording in self.wordings[key]))
            for key in candidates
            if (entry := self.entries[key]).valid.holds(today) and (not intent or entry.intent == intent)
        ]
        named = {pattern for pattern in _RIGHTS if re.search(pattern, text)}
        found = [
            one
            for one in found
            if (one.closeness >= NEAR or one.entry.id in near) and not _about_another(one.entry, named)
        ]
        return sorted(found, key=lambda one: (-one.closeness, one.entry.id))[:BEST]


def _about_another(entry: Answer, named: Collection[str]) -> bool:
    """Return whether the entry is about another kind of right than those that were named: a wrong answer, however close."""
    if not named or any(re.search(pattern, f"{entry.question}{entry.aliases}") for pattern in named):
        return False
    about = {
        pattern
        for pattern, intents in _RIGHTS.items()
        if entry.intent in intents or re.search(pattern, entry.question)
    }
    return bool(about) and about.isdisjoint(named)


def _features(text: str) -> Counter[str]:
    plain = without_filler(normalise(text).text)
    for pattern, word in _SAME:
        plain = pattern.sub(word, plain)
    plain = _SILENT.sub("", plain)
    return Counter([*plain, *(plain[at : at + 2] for at in range(len(plain) - 1))])


def _rarity(told: Iterable[Iterable[Counter[str]]]) -> dict[str, float]:
    texts = [words for several in told for words in several]
    held = Counter(word for words in texts for word in words)
    return {word: math.log(1 + len(texts) / count) for word, count in held.items()}


def _weighed(words: Counter[str], rarity: Mapping[str, float]) -> dict[str, float]:
    """Return the words with their weights, of length one together. A word never seen weighs as much as a rare one."""
    most = max(rarity.values(), default=1.0)
    weights = {word: rarity.get(word, most) * count for word, count in words.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    small, large = (one, other) if len(one) < len(other) else (other, one)
    return sum(weight * large[word] for word, weight in small.items() if word in large)
