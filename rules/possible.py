"""What a value may still be when not all facts are known.

Every expression evaluates to one of these. A fact with a value is `Exactly`; a fact not asked is everything its type
allows; a comparison is `TRUE`, `FALSE` or undecided (`EITHER`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from fractions import Fraction
from typing import Any, Final

INFINITY: Final = float("inf")
Bound = int | float | Fraction | date


class Truth(Enum):
    """Three-valued logic after Kleene."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __invert__(self) -> Truth:
        if self is Truth.UNKNOWN:
            return self
        return Truth.FALSE if self is Truth.TRUE else Truth.TRUE

    @classmethod
    def of(cls, value: bool) -> Truth:
        """Return TRUE or FALSE."""
        return cls.TRUE if value else cls.FALSE


@dataclass(frozen=True, slots=True)
class Exactly:
    """One value: bool, int, Fraction, date, str, or a frozenset of str."""

    value: object


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few values, not known which."""

    values: frozenset[object]


@dataclass(frozen=True, slots=True)
class Span:
    """A number or a day from `low` to `high`. `discrete` values (whole numbers, days) keep closed ends."""

    low: Bound
    high: Bound
    low_open: bool = False
    high_open: bool = False
    discrete: bool = False

    def holds(self, value: Bound) -> bool:
        """Return whether the value lies inside."""
        above = value > self.low if self.low_open else value >= self.low  # type: ignore[operator]
        below = value < self.high if self.high_open else value <= self.high  # type: ignore[operator]
        return bool(above and below)


@dataclass(frozen=True, slots=True)
class Subset:
    """A set that has all of `must` and nothing outside `may`."""

    must: frozenset[str]
    may: frozenset[str]


class _Marker(Enum):
    ANYTHING = "anything"  # nothing is known, not even a bound
    ABSENT = "absent"  # the fact does not exist here: every comparison with it is false


ANYTHING: Final = _Marker.ANYTHING
ABSENT: Final = _Marker.ABSENT

Possible = Exactly | OneOf | Span | Subset | _Marker

TRUE: Final = Exactly(True)
FALSE: Final = Exactly(False)
EITHER: Final = OneOf(frozenset({True, False}))


def of_truth(truth: Truth) -> Possible:
    """Return the truth as a possible value."""
    if truth is Truth.UNKNOWN:
        return EITHER
    return TRUE if truth is Truth.TRUE else FALSE


def to_truth(value: Possible) -> Truth:
    """Return whether the value counts as true. A set counts as true when it has members."""
    match value:
        case Exactly(bool() as plain):
            return Truth.of(plain)
        case Exactly(frozenset() as members):
            return Truth.of(bool(members))
        case Subset(must, may):
            return Truth.TRUE if must else Truth.UNKNOWN if may else Truth.FALSE
        case _Marker.ABSENT:
            return Truth.FALSE
        case _:
            return Truth.UNKNOWN


def span(value: Possible) -> Span | None:
    """Return the bounds of a number or day, or None when the value has none."""
    match value:
        case Span():
            return value
        case Exactly(bool()):
            return None
        case Exactly(int() | Fraction() | date() as plain):
            return Span(plain, plain)
        case OneOf(values) if all(_is_ordered(item) for item in values):
            ordered: Any = values
            return Span(min(ordered), max(ordered))
        case _:
            return None


def _is_ordered(value: object) -> bool:
    return isinstance(value, int | Fraction | date) and not isinstance(value, bool)


def narrowed(value: Span) -> Possible | None:
    """Return the span in its simplest form, or None when nothing lies inside."""
    low, high = value.low, value.high
    if value.discrete:
        if value.low_open:
            low = _next(low, 1)
        if value.high_open:
            high = _next(high, -1)
        value = Span(low, high, discrete=True)
    if low > high or (low == high and (value.low_open or value.high_open)):  # type: ignore[operator]
        return None
    return Exactly(low) if low == high else value


def _next(bound: Bound, step: int) -> Bound:
    if isinstance(bound, date):
        return bound + timedelta(days=step)
    return bound + step


def join(first: Possible, second: Possible) -> Possible:
    """Return what holds both possibilities."""
    if first == second:
        return first
    a, b = span(first), span(second)
    if a is not None and b is not None and isinstance(a.low, date) == isinstance(b.low, date):
        return Span(min(a.low, b.low), max(a.high, b.high))
    choices = _choices(first), _choices(second)
    if choices[0] is not None and choices[1] is not None:
        return OneOf(choices[0] | choices[1])
    sets = _as_subset(first), _as_subset(second)
    if sets[0] is not None and sets[1] is not None:
        return Subset(sets[0].must & sets[1].must, sets[0].may | sets[1].may)
    return ANYTHING


def _choices(value: Possible) -> frozenset[object] | None:
    match value:
        case Exactly(bool() | str() as plain):
            return frozenset({plain})
        case OneOf(values):
            return values
        case _:
            return None


def _as_subset(value: Possible) -> Subset | None:
    match value:
        case Exactly(frozenset() as members):
            return Subset(members, members)
        case Subset():
            return value
        case _:
            return None
