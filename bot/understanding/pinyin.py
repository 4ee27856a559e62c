"""How a text sounds: its syllables, its letters, its initials. Homophone typos (年非, 商表) sound right."""

from __future__ import annotations

import os
from functools import lru_cache

# Characters are read one by one, so the phrase dictionary would be 40 MB that nobody asks.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import lazy_pinyin

# In the south n and l, z and zh, in and ing are typed for each other; only the fuzzy name matcher folds them.
_FOLDED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=16_384)
def _syllable(character: str) -> str:
    return lazy_pinyin(character)[0] if character.strip() else ""


def syllables(text: str) -> tuple[str, ...]:
    """Return one toneless syllable a Chinese character, and every other character as it is; blanks are left out.

    Each character is read on its own: a reading by phrase would differ between 长期 and its typo, which is the
    very difference that must vanish.
    """
    return tuple(s for s in map(_syllable, text) if s)


def letters(text: str) -> str:
    """Return the letters that typing `text` in pinyin takes: 年费 → nianfei."""
    return "".join(syllables(text))


def initials(text: str) -> str:
    """Return the first letter of each syllable: 专利年费 → zlnf."""
    return "".join(s[0] for s in syllables(text))


def folded_letters(text: str) -> str:
    """Return the letters with the sounds that southern typists mix up made one."""
    result = []
    for syllable in syllables(text):
        for sound, same in _FOLDED:
            if sound.startswith(("z", "c", "s")):
                syllable = same + syllable[len(sound) :] if syllable.startswith(sound) else syllable
            elif syllable.endswith(sound):
                syllable = syllable[: -len(sound)] + same
        result.append(syllable)
    return "".join(result)
