"""Before any statistics: a message that is an example or a short term of ours, also as pinyin or initials, is just that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz

from bot.understanding.intents import Intent
from bot.understanding.masks import key_of
from bot.understanding.normalise import normalise
from bot.understanding.pinyin import folded_letters, initials, letters

LONGEST_TERM = 12
LEAST_LIKENESS = 88.0


class ExactTerms:
    """Looks messages up: the whole text, then its pinyin letters, then its initials, then a slip of one letter."""

    def __init__(self, texts: Iterable[tuple[str, Intent]], aliases: Mapping[Intent, Iterable[str]]) -> None:
        """`texts` are the examples, `aliases` the short terms that mean an intent on their own."""
        self._texts = {key_of(normalise(text).text): intent for text, intent in texts}
        sounds: defaultdict[str, set[Intent]] = defaultdict(set)
        firsts: defaultdict[str, set[Intent]] = defaultdict(set)
        for intent, terms in aliases.items():
            for term in terms:
                key = key_of(normalise(term).text)
                self._texts[key] = intent
                sounds[letters(key)].add(intent)
                sounds[folded_letters(key)].add(intent)
                if len(key) >= 3:
                    firsts[initials(key)].add(intent)
        # Two intents that sound the same are for the model, or for the person, to tell apart.
        self._sounds = {sound: next(iter(of)) for sound, of in sounds.items() if len(of) == 1}
        self._firsts = {first: next(iter(of)) for first, of in firsts.items() if len(of) == 1}

    def find(self, text: str) -> Intent | None:
        """Return the intent that the normalised `text` names outright, or None."""
        key = key_of(text)
        if not key:
            return None
        if key in self._texts:
            return self._texts[key]
        if len(key) > LONGEST_TERM * 6:
            return None
        if key.isascii():
            return self._find_latin(key)
        if len(key) > LONGEST_TERM:
            return None
        sound = letters(key)
        return self._sounds.get(sound) or self._sounds.get(folded_letters(key))

    def _find_latin(self, key: str) -> Intent | None:
        if not key.isalpha():
            return None
        if found := self._sounds.get(key) or self._firsts.get(key):
            return found
        if len(key) < 6:
            return None
        near = sorted(((fuzz.ratio(key, sound), sound) for sound in self._sounds), reverse=True)[:2]
        if near and near[0][0] >= LEAST_LIKENESS and (len(near) < 2 or near[0][0] > near[1][0]):
            return self._sounds[near[0][1]]
        return None
