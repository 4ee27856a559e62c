"""Comparisons of two days, or of the time between them, decided from the ends of what each day may be.

A company's days are seldom those of another, so that these comparisons are worked out again and again; the
interpreter is exact but slow. Both say the same: tests compare them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from rules import syntax
from rules.exactness import days_of, is_monotone
from rules.expressions import Expression
from rules.facts import FactDictionary, FactType
from rules.functions import SPAN_FUNCTIONS
from rules.syntax import Comparison

_HOLDS: Final[dict[Comparison, Callable[[int, int | Fraction], bool]]] = {
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.MORE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
}
Range = tuple[date, date]  # the first and the last day that a day may be


@dataclass(frozen=True, slots=True)
class DayPair:
    """`holds(count(start, end), bound)`, where `count` grows with the end and falls with the start."""

    start: str
    end: str
    count: Callable[[date, date], int]
    holds: Callable[[int, int | Fraction], bool]
    bound: int | Fraction

    @classmethod
    def of(cls, test: Expression, dictionary: FactDictionary) -> DayPair | None:
        """Return the comparison in this form, None when it is of something else than two days that are facts."""
        definitions = [dictionary.get(name) for name in test.facts]
        are_days = all(found is not None and found.type is FactType.DATE for found in definitions)
        if len(definitions) != 2 or not are_days or not is_monotone(test.root):
            return None
        node, positive = test.root, True
        while isinstance(node, syntax.Not):
            node, positive = node.item, not positive
        match node:
            case syntax.Compare(comparison, syntax.Name(start), syntax.Name(end)):
                # start < end: more than no days lie between them
                count, comparison, bound = SPAN_FUNCTIONS["days_between"], comparison.mirrored, 0
            case syntax.Compare(comparison, call, syntax.Literal(int() | Fraction() as bound)) if (
                found := days_of(call)
            ) is not None:
                function, (start, end) = found
                count = SPAN_FUNCTIONS[function]
            case _:
                return None
        return cls(start, end, count, _HOLDS[comparison if positive else comparison.opposite], bound)

    def truth(self, start: Range, end: Range) -> int:
        """Return what holds for all days in the two ranges: 0 (no), 2 (yes), or 1 when it holds for some only."""
        low = self.count(start[1], end[0])
        if start[0] == start[1] and end[0] == end[1]:
            return 2 * self.holds(low, self.bound)
        # What holds for the shortest and the longest time holds for all between them.
        return self.holds(low, self.bound) + self.holds(self.count(start[0], end[1]), self.bound)
