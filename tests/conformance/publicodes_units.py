"""Units of Publicodes: what a number in a unit is in the units we compute in, and how a result is shown.

Rules here name one unit and compute in plain numbers, so every number is brought to base units when it is read.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from tests.conformance.outcome import OutOfScope, Reason

_FACTORS = {
    "%": (Fraction(1, 100), ""), "an": (Fraction(12), "mois"), "ans": (Fraction(12), "mois"),
    "trimestre": (Fraction(3), "mois"), "trimestres": (Fraction(3), "mois"), "k€": (Fraction(1000), "€"),
    "jours": (Fraction(1), "jour"), "heures": (Fraction(1), "heure"), "semaines": (Fraction(1), "semaine"),
}  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """How many base units one unit is, and the powers of the base units in it."""

    scale: Fraction = Fraction(1)
    powers: tuple[tuple[str, int], ...] = field(default=())

    @classmethod
    def read(cls, text: str) -> Unit:
        """Return the unit written as `€`, `%`, `€/mois`, `jours.ETP`."""
        scale, powers = Fraction(1), Counter[str]()
        for place, side in enumerate(text.replace(" ", "").split("/")):
            sign = -1 if place else 1
            for word in filter(None, re.split(r"[.*]", side)):
                factor, base = _FACTORS.get(word, (Fraction(1), word))
                scale *= factor**sign
                if base:
                    powers[base] += sign
        return cls(scale, tuple(sorted((word, power) for word, power in powers.items() if power)))

    def times(self, other: Unit, sign: int = 1) -> Unit:
        """Return the unit of a product, or of a quotient where `sign` is -1. A share of something has no unit."""
        powers = Counter(dict(self.powers))
        for word, power in other.powers:
            powers[word] += sign * power
        kept = tuple(sorted((word, power) for word, power in powers.items() if power))
        scales = [unit.scale for unit in (self, other) if unit.powers]
        scale = Fraction(1)
        for place, factor in enumerate(scales):
            scale *= factor ** (sign if place == len(scales) - 1 and other.powers else 1)
        return Unit(scale, kept)


def scaled(text: str, factor: Fraction) -> str:
    """Return the expression times a factor."""
    if factor == 1:
        return text
    up = f"{text} * {factor.numerator}" if factor.numerator != 1 else text
    return f"({up} / {factor.denominator})" if factor.denominator != 1 else f"({up})"


def agreed(first: Unit | None, second: Unit | None) -> Unit | None:
    """Return the unit of a sum, a choice or a comparison. Raises OutOfScope when it would have to be derived."""
    if first is None or second is None:
        unit = first or second
        if unit is not None and unit.scale != 1:
            raise OutOfScope(Reason.UNITS, "a number without unit beside one with")
        return unit
    if first.powers != second.powers:
        raise OutOfScope(Reason.UNITS, f"{first.powers} beside {second.powers}")
    return first
