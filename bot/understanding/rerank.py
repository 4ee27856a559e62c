"""The five likeliest intents again, by the example of each that the message resembles most letter by letter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from bot.understanding.intents import Intent
from bot.understanding.model import Example
from bot.understanding.pinyin import letters

TOP = 5
SHARE = 0.15
"""How much of the probability the likeness decides."""
LONGEST = 30
"""Likeness says nothing about long stories."""


class Reranker:
    """Compares a message with the examples of the intents in question, by the letters of their pinyin."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._letters: defaultdict[Intent, list[str]] = defaultdict(list)
        for example in examples:
            self._letters[example.intent].append(letters(example.text))

    def rerank(
        self, text: str, intents: tuple[tuple[Intent, float], ...]
    ) -> tuple[tuple[Intent, float], ...]:
        """Return `intents` with the first five reordered; their probabilities still add up to what they did."""
        if not 2 <= len(text) <= LONGEST:
            return intents
        sound = letters(text)
        top, rest = intents[:TOP], intents[TOP:]
        likeness = [self._likeness(sound, intent) for intent, _ in top]
        # The fourth power: what matters is the one very similar example, not a general resemblance.
        sharp = [value**4 for value in likeness]
        total = sum(sharp)
        if total <= 0:
            return intents
        mass = sum(likely for _, likely in top)
        mixed = [
            (intent, (1 - SHARE) * likely + SHARE * mass * value / total)
            for (intent, likely), value in zip(top, sharp, strict=True)
        ]
        return tuple(sorted(mixed, key=lambda pair: -pair[1])) + rest

    def _likeness(self, sound: str, intent: Intent) -> float:
        best = process.extractOne(sound, self._letters[intent], scorer=fuzz.ratio)
        return best[1] / 100 if best else 0.0
