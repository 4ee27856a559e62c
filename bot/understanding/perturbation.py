"""The same messages typed otherwise: with homophone slips, in traditional characters, without particles.

Understanding must hardly change with them: figures under each are shown beside the plain ones.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from opencc import OpenCC

from bot.understanding.normalise import normalise
from bot.understanding.pinyin import syllables

SLIPS: Final = 0.1
"""One character in ten is typed as another of the same sound."""
SEED: Final = 20_261_120

_PARTICLES: Final = re.compile("[的了吗呢吧啊呀嘛哦啦哈噢喔呗咯哟]")
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")


class Perturbation(StrEnum):
    """How the messages are typed instead; the value is what the report calls it."""

    TYPOS = "10% homophone typos"
    TRADITIONAL = "traditional script"
    NO_PARTICLES = "particles dropped"


class Typist:
    """Types messages otherwise. The same typist, made anew, types the same slips."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts` give the characters that are typed by mistake: those that people use."""
        self._same: defaultdict[str, list[str]] = defaultdict(list)
        for character in sorted(set("".join(texts))):
            if _CHINESE.match(character):
                self._same[syllables(character)[0]].append(character)
        self._random = random.Random(SEED)
        self._traditional = OpenCC("s2t")

    def retyped(self, texts: Sequence[str], how: Perturbation) -> list[str]:
        """Return the texts typed that way; one that would be empty stays as it was."""
        match how:
            case Perturbation.TYPOS:
                return ["".join(map(self._slip, normalise(text).text)) for text in texts]
            case Perturbation.TRADITIONAL:
                return [self._traditional.convert(text) for text in texts]
            case Perturbation.NO_PARTICLES:
                return [_PARTICLES.sub("", text).strip() or text for text in texts]

    def _slip(self, character: str) -> str:
        if not _CHINESE.match(character) or self._random.random() >= SLIPS:
            return character
        others = [other for other in self._same[syllables(character)[0]] if other != character]
        return self._random.choice(others) if others else character
