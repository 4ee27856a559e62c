"""What an expression is made of once it is parsed. Every reader of rules walks these nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

Plain = bool | int | Fraction | str | date | tuple["Plain", ...] | None


class Comparison(StrEnum):
    """The comparisons a rule may make."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    IN = "in"
    NOT_IN = "not in"

    @property
    def opposite(self) -> Comparison:
        """Return the comparison that holds exactly when this one does not."""
        return _OPPOSITE[self]

    @property
    def mirrored(self) -> Comparison:
        """Return the comparison with left and right exchanged (`3 < x` is `x > 3`). Not for `in`."""
        return _MIRRORED.get(self, self)


_OPPOSITE = {
    Comparison.EQUAL: Comparison.NOT_EQUAL,
    Comparison.NOT_EQUAL: Comparison.EQUAL,
    Comparison.LESS: Comparison.AT_LEAST,
    Comparison.AT_LEAST: Comparison.LESS,
    Comparison.MORE: Comparison.AT_MOST,
    Comparison.AT_MOST: Comparison.MORE,
    Comparison.IN: Comparison.NOT_IN,
    Comparison.NOT_IN: Comparison.IN,
}
_MIRRORED = {
    Comparison.LESS: Comparison.MORE,
    Comparison.MORE: Comparison.LESS,
    Comparison.AT_MOST: Comparison.AT_LEAST,
    Comparison.AT_LEAST: Comparison.AT_MOST,
}

ORDERING: Final = frozenset({Comparison.LESS, Comparison.AT_MOST, Comparison.MORE, Comparison.AT_LEAST})
"""The comparisons by size, whose truth changes at most once as a side grows."""


class Operator(StrEnum):
    """Arithmetic a formula may do. Division is exact."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the expression. A list or set of values is a tuple, in the order written; `none` is None."""

    value: Plain


@dataclass(frozen=True, slots=True)
class Name:
    """A fact, a `let` of the amount, or `as_of`."""

    name: str
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right`."""

    operator: Comparison
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Overlap:
    """`left & right`: true when two sets have a member in common."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Not:
    """True when `item` is false."""

    item: Node


@dataclass(frozen=True, slots=True)
class And:
    """True when all items are."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True when one item is."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left operator right` on numbers."""

    operator: Operator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Choose:
    """`then if test else otherwise`."""

    test: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Call:
    """One of the allowed functions with its arguments."""

    function: str
    arguments: tuple[Node, ...]


Node = Literal | Name | Compare | Overlap | Not | And | Or | Arithmetic | Choose | Call


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts of a node, in reading order."""
    match node:
        case Literal() | Name():
            return ()
        case Compare(_, left, right) | Overlap(left, right) | Arithmetic(_, left, right):
            return (left, right)
        case Not(item):
            return (item,)
        case And(items) | Or(items):
            return items
        case Choose(test, then, otherwise):
            return (test, then, otherwise)
        case Call(_, arguments):
            return arguments


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all its parts, in reading order."""
    yield node
    for child in children(node):
        yield from walk(child)
