"""Names that people misspell: policies, agencies, companies, districts, products.

Likeness is 0.5·ratio(characters) + ratio(pinyin letters), from 0 to 1.5. rapidfuzz's `WRatio`, `partial_ratio` and
`token_set_ratio` mislead on short Chinese (measured: .565 of 2-4 character terms found against 1.000), so `ratio` it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from bot.understanding.masks import key_of
from bot.understanding.normalise import normalise
from bot.understanding.pinyin import folded_letters, initials, letters, syllables

BEST = 1.5
ENOUGH = 0.98
"""A name counts as meant from here on: one wrong character in three with the right sound, or one letter in six."""
CLOSE = 0.06
"""Two names this near to each other are a tie: the person is asked."""
SHORTEST_INITIALS = 3
SHORTEST_LETTERS = 4
MOST_TIES = 5


@dataclass(frozen=True, slots=True)
class NameMatch:
    """What a text may mean: `name` when it is sure, else `ties` to be asked back, else neither."""

    name: str | None
    ties: tuple[str, ...]
    score: float


def likeness(text: str, name: str) -> float:
    """Return how alike two names are, 0 to 1.5; 1.5 is the same name, about 1 the same sound in other characters."""
    left, right = _key(text), _key(name)
    if not left or not right:
        return 0.0
    if left == right:
        return BEST
    sound = max(
        fuzz.ratio(letters(left), letters(right)), fuzz.ratio(folded_letters(left), folded_letters(right)) - 1
    )
    score = (0.5 * fuzz.ratio(left, right) + sound) / 100
    if left.isascii() and len(left) >= SHORTEST_INITIALS and left == initials(right):
        # zlnf is as good as the sound of all of it.
        score = max(score, 1.0)
    elif left.isascii() and not right.isascii():
        # Typed in pinyin there are no characters to compare.
        whole = letters(right)
        score = max(score, 1.5 * fuzz.ratio(left, whole) / 100 - 0.25)
        if len(left) >= SHORTEST_LETTERS and left in whole:
            score = max(score, 1.0 + 0.3 * len(left) / len(whole))
    elif len(left) >= 2 and left in right:
        # 鄞州 for 鄞州区, 海曙 for 海曙区知识产权政策: part of the name, in its characters.
        score = max(score, 1.0 + 0.4 * len(left) / len(right))
    elif len(left) >= 2 and _holds(syllables(right), syllables(left)):
        # 前弯 for 前湾新区: part of the name by its sound.
        score = max(score, ENOUGH + 0.3 * len(left) / len(right))
    return score


@lru_cache(maxsize=4096)  # the same names are compared with every answer
def _key(name: str) -> str:
    return key_of(normalise(name).text)


def _holds(whole: Sequence[str], part: Sequence[str]) -> bool:
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))


def match_name(text: str, candidates: Iterable[str]) -> NameMatch:
    """Return which of `candidates` the `text` names. Equal or nearly equal ones are returned as `ties`, best first."""
    scored = sorted(
        ((likeness(text, name), name) for name in dict.fromkeys(candidates)),
        key=lambda pair: (-pair[0], pair[1]),
    )
    if not scored or scored[0][0] < ENOUGH:
        return NameMatch(None, (), scored[0][0] if scored else 0.0)
    best = scored[0][0]
    near = [name for score, name in scored if best - score <= CLOSE and score >= ENOUGH]
    if best >= BEST or len(near) == 1:
        return NameMatch(scored[0][1], (), best)
    return NameMatch(None, tuple(near[:MOST_TIES]), best)
