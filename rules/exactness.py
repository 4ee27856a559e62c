"""Where plain three-valued logic may be too careful: facts whose cases must be looked at one by one.

Plain logic judges each comparison alone. It misses a certain answer only when comparisons of one unknown fact force
each other: `x >= 50 or x < 50`. Most rules test a fact twice without that: some value of it can let all of them
hold, another can let all of them fail, and then plain logic is already exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import product

from rules import syntax
from rules.coercion import EARLIEST_DAY, LATEST_DAY
from rules.decide import is_coarse, leaves, split
from rules.evaluate import Environment, evaluate
from rules.expressions import AS_OF, Expression
from rules.facts import FactDictionary, Facts, FactType
from rules.functions import SPAN_FUNCTIONS
from rules.one_way import way_of
from rules.possible import Exactly, Possible, Truth, to_truth
from rules.syntax import ORDERING
from rules.tree import Formal, Negated

Cases = dict[str, list[Possible]]


def cases_to_look_at(tree: Formal, as_of: date, dictionary: FactDictionary) -> Cases:
    """Return the facts whose cases can decide the tree while plain logic cannot, with those cases."""
    return _Exactness(tree, as_of, dictionary).inexact()


class _Exactness:
    def __init__(self, tree: Formal, as_of: date, dictionary: FactDictionary) -> None:
        self.tree = tree
        self.dictionary = dictionary
        self.nothing = Environment(Facts(), as_of, dictionary)
        tests = list(leaves(tree))
        times = Counter(name for test in tests for name in test.facts)
        cases = {name: split(name, self.nothing.possible(name), tests) for name, n in times.items() if n > 1}
        self.cases: Cases = {name: pieces for name, pieces in cases.items() if len(pieces) > 1}
        self.coarse = {
            name
            for name in self.cases
            if any(is_coarse(test.root, name) for test in tests if name in test.names)
        }

    def inexact(self) -> Cases:
        found = self._forced(self.tree, Truth.TRUE) | self._forced(self.tree, Truth.FALSE) | self.coarse
        return {name: pieces for name, pieces in self.cases.items() if name in found}

    def _forced(self, tree: Formal, target: Truth) -> set[str]:
        """The facts whose comparisons may force the tree to `target`."""
        if isinstance(tree, Expression):
            return set()
        if isinstance(tree, Negated):
            return self._forced(tree.part, ~target)
        # All parts hold for sure where each does, and one of them fails for sure where ... likewise.
        alone = len(tree.parts) if target is Truth.TRUE else 1
        if tree.count == alone:
            return set().union(*(self._forced(part, target) for part in tree.parts))
        tests = list(_signed(tree, positive=True))
        times = Counter(name for test, _ in tests for name in test.facts)
        return {
            name
            for name, pieces in self.cases.items()
            if times[name] > 1
            and not _goes_one_way(name, tests)
            and not any(self._is_safe(name, piece, tests, target) for piece in pieces)
        }

    def _is_safe(
        self, name: str, piece: Possible, tests: list[tuple[Expression, bool]], target: Truth
    ) -> bool:
        """Whether in this case none of the fact's comparisons pushes towards `target`."""
        environment = self.nothing.supposing(name, piece)
        return not any(
            truth is (target if positive else ~target)
            for test, positive in tests
            if name in test.facts
            for truth in self._truths(test, name, environment)
        )

    def _truths(self, test: Expression, name: str, environment: Environment) -> Iterator[Truth]:
        """How the comparison can stand, whatever its other facts are."""
        others = [other for other in test.facts if other != name]
        if others and not (
            is_monotone(test.root) and all(self._type(other) is FactType.DATE for other in others)
        ):
            yield from (Truth.TRUE, Truth.FALSE)
            return
        # What holds at both ends of a day's range holds between them.
        ends: list[Possible | None] = [None, Exactly(EARLIEST_DAY), Exactly(LATEST_DAY)]
        for values in product(ends, repeat=len(others)):
            supposed = environment
            for other, value in zip(others, values, strict=True):
                supposed = supposed if value is None else supposed.supposing(other, value)
            yield to_truth(evaluate(test.root, supposed))

    def _type(self, name: str) -> FactType | None:
        definition = self.dictionary.get(name)
        return definition.type if definition else None


def _goes_one_way(name: str, tests: list[tuple[Expression, bool]]) -> bool:
    """Whether all comparisons of the fact come true, or all come false, as it grows."""
    ways = [
        way_of(test.root if positive else syntax.Not(test.root), name)
        for test, positive in tests
        if name in test.facts
    ]
    return None not in ways and len({way for way in ways if way}) <= 1


def is_monotone(node: syntax.Node) -> bool:
    """Return whether the node compares two days, or the time between them with a number: as one of the days moves,
    its truth changes at most once."""
    match node:
        case syntax.Not(item):
            return is_monotone(item)
        case syntax.Compare(operator, syntax.Name(), syntax.Name()):
            return operator in ORDERING
        case syntax.Compare(operator, syntax.Call(function, arguments), syntax.Literal()):
            names = all(isinstance(argument, syntax.Name) for argument in arguments)
            return operator in ORDERING and function in SPAN_FUNCTIONS and names
        case _:
            return False


def _signed(tree: Formal, *, positive: bool) -> Iterator[tuple[Expression, bool]]:
    if isinstance(tree, Expression):
        yield tree, positive
    elif isinstance(tree, Negated):
        yield from _signed(tree.part, positive=not positive)
    else:
        for part in tree.parts:
            yield from _signed(part, positive=positive)


def days_of(node: syntax.Node) -> tuple[str, tuple[str, ...]] | None:
    """Return function and the names of the days of `years_between(a, b)` or `age(a)`, None for anything else."""
    match node:
        case syntax.Call("age", (syntax.Name(name),)):
            return "years_between", (name, AS_OF)
        case syntax.Call(function, (syntax.Name(first), syntax.Name(second))) if function in SPAN_FUNCTIONS:
            return function, (first, second)
        case _:
            return None
