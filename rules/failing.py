"""Which rules a value of one fact rules out: found by one look, however many rules compare that fact.

Most rules ask for several things at once, so that one value settles most of them. For each fact the required
comparisons of all rules are kept together: listed values in a dictionary, thresholds sorted, the rest one by one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from rules import syntax
from rules.expressions import Expression
from rules.facts import FactDefinition, FactType
from rules.syntax import Comparison

MOST_REMEMBERED: Final = 20_000  # values kept with what they rule out
_ORDERED: Final = {
    Comparison.EQUAL,
    Comparison.NOT_EQUAL,
    Comparison.LESS,
    Comparison.AT_MOST,
    Comparison.MORE,
    Comparison.AT_LEAST,
}
Lookup = Callable[[Any], int]


@dataclass(frozen=True, slots=True)
class Required:
    """A comparison of one fact that rules need: `holds` computes it, `rules` are its rules as bits."""

    test: Expression
    wanted: bool
    holds: Callable[[Any], bool]
    rules: int


def lookup(definition: FactDefinition | None, required: list[Required]) -> Lookup:
    """Return the function that gives the rules (as bits) that a value of the fact rules out."""
    kind = None if definition is None else definition.type
    if definition is not None and kind in (FactType.BOOL, FactType.ENUM):
        values = definition.values or (True, False)
        table = {value: _failing(required, value) for value in values}
        return lambda value: table[value] if value in table else _failing(required, value)
    if kind in (FactType.INT, FactType.NUMBER, FactType.MONEY, FactType.DATE):
        simple = [item for item in required if threshold(item.test) is not None]
        others = [item for item in required if threshold(item.test) is None]
        return _both(_by_threshold(simple), _remembered(others))
    return _both(_remembered(required), None)


def _failing(required: list[Required], value: Any) -> int:
    failing = 0
    for item in required:
        if item.holds(value) is not item.wanted:
            failing |= item.rules
    return failing


def threshold(test: Expression) -> int | Fraction | date | None:
    """Return the number or day with which the expression compares its fact, None when it does something else."""
    node = test.root
    while isinstance(node, syntax.Not):
        node = node.item
    match node:
        case syntax.Compare(operator, syntax.Name(), syntax.Literal(value)) | syntax.Compare(
            operator, syntax.Literal(value), syntax.Name()
        ) if operator in _ORDERED:
            if isinstance(value, int | Fraction | date) and not isinstance(value, bool):
                return value
    return None


def _by_threshold(required: list[Required]) -> Lookup | None:
    """Between two neighbouring thresholds every comparison has one truth, and on each of them as well."""
    points: list[Any] = sorted({threshold(item.test) for item in required})
    if not points:
        return None
    ruled_out = [_failing(required, _before(points[0]))]
    for place, point in enumerate(points):
        ruled_out.append(_failing(required, point))
        after = points[place + 1] if place + 1 < len(points) else None
        ruled_out.append(_failing(required, _between(point, after)))
    count = len(points)

    def look(value: Any) -> int:
        place = bisect_left(points, value)
        exact = place < count and points[place] == value
        return ruled_out[2 * place + exact]

    return look


def _before(point: Any) -> Any:
    return point.fromordinal(point.toordinal() - 1) if isinstance(point, date) else point - 1


def _between(point: Any, after: Any) -> Any:
    """A value after the point and before the next one; where no day lies between them it is never looked up."""
    if isinstance(point, date):
        return point.fromordinal(point.toordinal() + 1)
    return point + 1 if after is None else Fraction(point + after) / 2


def _remembered(required: list[Required]) -> Lookup | None:
    """Compute once for each distinct value."""
    if not required:
        return None
    seen: dict[Hashable, int] = {}

    def look(value: Any) -> int:
        failing = seen.get(value)
        if failing is None:
            if len(seen) >= MOST_REMEMBERED:
                seen.clear()
            failing = seen[value] = _failing(required, value)
        return failing

    return look


def _both(first: Lookup | None, second: Lookup | None) -> Lookup:
    if first is None or second is None:
        return first or second or (lambda _: 0)
    return lambda value: first(value) | second(value)
