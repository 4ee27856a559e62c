"""How a text sounds: its syllables, its letters, its initials. Homophone typos (年非, 商表) sound right."""

from __future__ import annotations

import json
import unicodedata
from array import array
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

# In the south n and l, z and zh, in and ing are typed for each other; only the fuzzy name matcher folds them.
_FOLDED: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))


class _Readings:
    """The first reading of every character, without tones: two bytes a character.

    Taken from the dictionary that pypinyin carries. The library itself would keep 12 MB for it, and for readings by phrase,
    which nobody asks here; that both read alike is tested.
    """

    def __init__(self) -> None:
        library = find_spec("pypinyin")
        if library is None or library.origin is None:
            raise ModuleNotFoundError("pypinyin is not installed: it carries the readings of characters")
        written: dict[str, str] = json.loads(
            Path(library.origin).with_name("pinyin_dict.json").read_text(encoding="utf-8")
        )
        self._places = array("H", bytes(2 * (max(map(int, written)) + 1)))
        places: dict[str, int] = {"": 0}
        for code, readings in written.items():
            self._places[int(code)] = places.setdefault(_toneless(readings.partition(",")[0]), len(places))
        self._syllables = tuple(places)

    def of(self, character: str) -> str:
        """Return the character's syllable, or the character itself when it has none."""
        code = ord(character)
        place = self._places[code] if code < len(self._places) else 0
        return self._syllables[place] or character


def _toneless(syllable: str) -> str:
    marked = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(c for c in marked if not unicodedata.combining(c))


@lru_cache(maxsize=1)
def _readings() -> _Readings:
    return _Readings()


def syllables(text: str) -> tuple[str, ...]:
    """Return one toneless syllable a Chinese character, and every other character as it is; blanks are left out.

    Each character is read on its own: a reading by phrase would differ between 长期 and its typo, which is the
    very difference that must vanish.
    """
    read = _readings().of
    return tuple([read(character) for character in text if not character.isspace()])


def letters(text: str) -> str:
    """Return the letters that typing `text` in pinyin takes: 年费 → nianfei."""
    return "".join(syllables(text))


def initials(text: str) -> str:
    """Return the first letter of each syllable: 专利年费 → zlnf."""
    return "".join(s[0] for s in syllables(text))


@lru_cache(maxsize=4096)  # of the names that every answer is compared with
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
