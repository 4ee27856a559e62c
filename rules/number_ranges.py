"""Sums of several facts compared, over the columns of many companies: bounds where a fact is not known.

Columns are floats. Whole numbers are exact in them; where others come close to a tie the interpreter is to be asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rules import syntax
from rules.columns import Companies, Mask
from rules.evaluate import domain
from rules.facts import FactType
from rules.possible import Span
from rules.syntax import ORDERING, Comparison, Operator

_NUMBERS: Final = (FactType.INT, FactType.NUMBER, FactType.MONEY)
_EXACT_BELOW: Final = 2.0**50
_NEARLY: Final = 1e-9
Numbers = NDArray[np.float64] | float


@dataclass(frozen=True, slots=True)
class Range:
    """What a number may be for each company; `absent` where it does not exist; `exact` when no rounding took place."""

    low: Numbers
    high: Numbers
    absent: Mask | bool
    exact: bool


@dataclass(frozen=True, slots=True)
class Ordered:
    """Where an order holds for sure, where it may hold, and where the interpreter must be asked."""

    holds: Mask
    may: Mask
    doubtful: Mask


def ordered(node: syntax.Node, companies: Companies) -> Ordered | None:
    """Return where `left < right` and the like stand; None for comparisons of anything but sums of numbers."""
    if not isinstance(node, syntax.Compare) or node.operator not in ORDERING:
        return None
    left, right = _range(node.left, companies), _range(node.right, companies)
    if left is None or right is None:
        return None
    if node.operator in (Comparison.MORE, Comparison.AT_LEAST):
        left, right = right, left
    if node.operator in (Comparison.LESS, Comparison.MORE):
        holds, never = np.less(left.high, right.low), np.greater_equal(left.low, right.high)
    else:
        holds, never = np.less_equal(left.high, right.low), np.greater(left.low, right.high)
    here = np.broadcast_to(~np.asarray(left.absent | right.absent), (len(companies),))
    doubtful = np.zeros(len(companies), dtype=np.bool_)
    if not (left.exact and right.exact):
        doubtful = here & (_near(left.high, right.low) | _near(left.low, right.high))
    return Ordered(holds & here, ~never & here, doubtful)


def _near(one: Numbers, other: Numbers) -> Any:
    with np.errstate(invalid="ignore"):  # what has no end is near nothing
        size = np.maximum(np.abs(one), np.abs(other))
        return np.abs(np.subtract(one, other)) <= _NEARLY * np.maximum(
            np.where(np.isfinite(size), size, 0), 1
        )


def _range(node: syntax.Node, companies: Companies) -> Range | None:
    match node:
        case syntax.Literal(int() | Fraction() as value) if not isinstance(value, bool):
            return Range(
                float(value), float(value), False, isinstance(value, int) and abs(value) < _EXACT_BELOW
            )
        case syntax.Name(name) if name in companies.columns and companies.dictionary[name].type in _NUMBERS:
            return _fact(name, companies)
        case syntax.Arithmetic(Operator.ADD | Operator.SUBTRACT as operator, left, right):
            return _sum(operator, _range(left, companies), _range(right, companies))
        case syntax.Arithmetic(Operator.MULTIPLY, syntax.Literal(int() as factor), other) | syntax.Arithmetic(
            Operator.MULTIPLY, other, syntax.Literal(int() as factor)
        ) if factor > 0:
            return _times(_range(other, companies), factor)
        case _:
            return None


def _fact(name: str, companies: Companies) -> Range | None:
    column, whole = companies.columns[name], domain(companies.dictionary[name])
    if not isinstance(whole, Span):
        return None
    low = np.where(column.unknown, float(whole.low), column.values)  # type: ignore[arg-type]  # a number's bounds
    high = np.where(column.unknown, float(whole.high), column.values)  # type: ignore[arg-type]
    exact = bool(
        (column.values == np.floor(column.values)).all() and (np.abs(column.values) < _EXACT_BELOW).all()
    )
    ends = (end for end in (float(whole.low), float(whole.high)) if np.isfinite(end))  # type: ignore[arg-type]
    return Range(low, high, column.absent, exact and all(end.is_integer() for end in ends))


def _sum(operator: Operator, left: Range | None, right: Range | None) -> Range | None:
    if left is None or right is None:
        return None
    absent, exact = left.absent | right.absent, left.exact and right.exact
    if operator is Operator.ADD:
        return Range(left.low + right.low, left.high + right.high, absent, exact)
    return Range(left.low - right.high, left.high - right.low, absent, exact)


def _times(number: Range | None, factor: int) -> Range | None:
    return (
        None
        if number is None
        else Range(number.low * factor, number.high * factor, number.absent, number.exact)
    )
