"""Finding an entry of the FAQ or a rule by words, when no intent is sure: the best three with a snippet.

BM25 over pairs of characters and over pairs of syllables, so that 年非 finds 年费. A title's words count more.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from bot.understanding.masks import key_of, without_filler
from bot.understanding.normalise import normalise
from bot.understanding.pinyin import syllables

BEST = 3
SNIPPET = 60
TITLE_COUNTS = 3
LEAST_SHARE = 0.3
"""Entries that hold less than this share of the question's words, by weight, are not shown."""
_ASKING = re.compile(
    "什么时候|什么|怎么办理|怎么办|怎么|怎样|如何|多少钱|多少|哪里|哪些|多久|为什么|可以|能不能|是不是|[吗呢吧啊呀的了要办]"
)
"""Words that ask; every entry would answer them."""

_K1, _B = 1.2, 0.6
_SOUND_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Document:
    """What can be found: its id, its title and its text."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry found; `snippet` is the part of its text that fits the question best."""

    id: str
    title: str
    snippet: str
    score: float


class WordSearch:
    """An index over documents. Build it once a revision; `find` takes well under a millisecond for a thousand entries."""

    def __init__(self, documents: Iterable[Document | tuple[str, str, str]]) -> None:
        self._documents = [doc if isinstance(doc, Document) else Document(*doc) for doc in documents]
        counts = [_words(doc.title, TITLE_COUNTS) + _words(doc.text, 1) for doc in self._documents]
        self._lengths = [sum(count.values()) for count in counts]
        self._mean = (sum(self._lengths) / len(self._lengths)) if self._lengths else 1.0
        self._postings: dict[str, list[tuple[int, int]]] = {}
        for number, count in enumerate(counts):
            for word, times in count.items():
                self._postings.setdefault(word, []).append((number, times))

    def find(self, question: str) -> tuple[Hit, ...]:
        """Return at most three entries, best first; none when nothing fits."""
        words = _words(without_filler(normalise(question).text), 1)
        scores: defaultdict[int, float] = defaultdict(float)
        held: defaultdict[int, float] = defaultdict(float)
        total = 0.0
        for word in words:
            postings = self._postings.get(word, [])
            weight = self._weight(word, len(postings))
            total += weight
            for number, times in postings:
                length = 1 - _B + _B * self._lengths[number] / self._mean
                scores[number] += weight * times * (_K1 + 1) / (times + _K1 * length)
                held[number] += weight
        best = sorted(
            (number for number in scores if held[number] >= LEAST_SHARE * total),
            key=lambda number: (-scores[number], self._documents[number].id),
        )[:BEST]
        return tuple(self._hit(number, scores[number], words) for number in best)

    def _weight(self, word: str, documents: int) -> float:
        rarity = math.log(1 + (len(self._documents) - documents + 0.5) / (documents + 0.5))
        return rarity * (_SOUND_WEIGHT if "'" in word else 1.0)

    def _hit(self, number: int, score: float, words: Counter[str]) -> Hit:
        document = self._documents[number]
        return Hit(document.id, document.title, _snippet(document.text, words), score)


def _words(text: str, times: int) -> Counter[str]:
    plain = _ASKING.sub("", key_of(normalise(text).text))
    sounds = syllables(plain)
    pairs = [plain[at : at + 2] for at in range(max(1, len(plain) - 1))] if plain else []
    heard = [f"{first}'{second}" for first, second in pairwise(sounds)]
    return Counter({word: number * times for word, number in Counter([*pairs, *heard]).items()})


def snippet(text: str, question: str) -> str:
    """Return the part of `text`, at most SNIPPET characters, that holds most of the question's words."""
    return _snippet(text, _words(without_filler(normalise(question).text), 1))


def _snippet(text: str, words: Counter[str]) -> str:
    plain = " ".join(text.split())
    if len(plain) <= SNIPPET:
        return plain
    starts = range(0, len(plain) - SNIPPET + 1, 10)
    best = max(starts, key=lambda at: (sum(plain[i : i + 2] in words for i in range(at, at + SNIPPET)), -at))
    return ("…" if best else "") + plain[best : best + SNIPPET] + ("…" if best + SNIPPET < len(plain) else "")
