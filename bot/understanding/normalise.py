"""A message as typed on a phone → the one form that the rest of understanding reads.

What is done: lone surrogates, control characters, zero-width and direction marks removed; NFKC (full and half
width, circled digits); every script's decimal digits to ASCII; traditional to simplified characters; emoji and
runs of blanks to one blank; English words of our field to Chinese. The caller keeps the original for the dossier; it never comes back out of here changed.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

from bot.understanding.english import in_chinese

MAX_LENGTH = 2_000
"""Longer messages are read up to here; what an owner wants stands in the first lines."""

_SYMBOLS = frozenset({"So", "Sk", "Cn", "Co"})
_INVISIBLE = frozenset({"Cf", "Cs", "Cc", "Mn", "Me"})
_BLANKS = frozenset("\t\n\r\v\f\u0085\u2028\u2029")
_KEPT_SYMBOLS = frozenset("^`°")
# The blank forms that NFKC leaves alone, and the dashes that people's keyboards put for a minus or hyphen.
_SAME = str.maketrans(
    {
        "，": ",",
        "—": "-",
        "–": "-",
        "‐": "-",
        "‑": "-",
        "−": "-",
        "―": "-",
        "〇": "零",
        "\u3164": " ",
        "\u2800": " ",
    }
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """The readable form of a message and the message itself."""

    text: str
    original: str


@lru_cache(maxsize=1)
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


def _plain(character: str) -> str:
    if character in _BLANKS:
        return " "
    category = unicodedata.category(character)
    if category in _INVISIBLE:
        return ""
    if category in _SYMBOLS and character not in _KEPT_SYMBOLS:
        return " "
    if category == "Nd" and not character.isascii():
        return str(unicodedata.decimal(character))
    return character


def normalise(text: str) -> Normalised:
    """Return the message in readable form, at most `MAX_LENGTH` characters; never raises on any string."""
    # NFKC can make one character eighteen, so the cut comes before it and again after it.
    cut = "".join(c for c in text[:MAX_LENGTH] if unicodedata.category(c) != "Cs")
    folded = unicodedata.normalize("NFKC", cut)[:MAX_LENGTH]
    plain = "".join(map(_plain, folded)).translate(_SAME)
    simplified = plain if plain.isascii() else _to_simplified().convert(plain)
    return Normalised(text=" ".join(in_chinese(simplified).split())[:MAX_LENGTH], original=text)
