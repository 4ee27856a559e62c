"""Which way a comparison goes as one of its facts grows: `sold + stock >= 150000` can only come true.

Where all comparisons of an unknown fact go the same way, its one end lets as many of them hold as can, and its other end
as few: they do not force each other, and judging each alone is exact.
"""

from __future__ import annotations

from enum import IntEnum

from rules import syntax
from rules.syntax import Comparison, Operator


class Way(IntEnum):
    """How the truth, or a number, changes as the fact grows."""

    FALLS = -1
    STAYS = 0
    GROWS = 1


def way_of(node: syntax.Node, name: str) -> Way | None:
    """Return which way a comparison goes as the fact grows, or None where it may turn."""
    match node:
        case syntax.Not(item):
            return _back(way_of(item, name))
        case syntax.Compare(Comparison.MORE | Comparison.AT_LEAST, left, right):
            return _together(_number(left, name), _back(_number(right, name)))
        case syntax.Compare(Comparison.LESS | Comparison.AT_MOST, left, right):
            return _together(_back(_number(left, name)), _number(right, name))
        case _:
            return None


def _number(node: syntax.Node, name: str) -> Way | None:
    match node:
        case syntax.Literal():
            return Way.STAYS
        case syntax.Name(other):
            return Way.GROWS if other == name else Way.STAYS
        case syntax.Arithmetic(Operator.ADD, left, right):
            return _together(_number(left, name), _number(right, name))
        case syntax.Arithmetic(Operator.SUBTRACT, left, right):
            return _together(_number(left, name), _back(_number(right, name)))
        case syntax.Call("min" | "max", arguments):
            way: Way | None = Way.STAYS
            for argument in arguments:
                way = _together(way, _number(argument, name))
            return way
        case _:
            return None


def _back(way: Way | None) -> Way | None:
    return None if way is None else Way(-way)


def _together(one: Way | None, other: Way | None) -> Way | None:
    if one is None or other is None:
        return None
    if Way.STAYS in (one, other):
        return Way(one + other)
    return one if one is other else None
