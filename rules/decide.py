"""Decide a tree of conditions from what is known, and say which unknown facts still matter.

Kleene's logic alone calls `x >= 50 or x < 50` unknown while x is. Where several conditions test the same unknown
fact, its range is cut at their thresholds and every piece is decided on its own: what all pieces agree on is decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Final

from rules import syntax
from rules.evaluate import Environment, evaluate
from rules.expressions import Expression
from rules.possible import ABSENT, Bound, Exactly, OneOf, Possible, Span, Subset, Truth, narrowed, to_truth
from rules.syntax import ORDERING
from rules.tree import Formal, Needs, Negated

MAX_CASES: Final = 600  # beyond this the answer may stay unknown, never wrong
MAX_MEMBERS: Final = 6  # members of one set that are told apart


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a tree holds, and the unknown facts that can still change that, in reading order."""

    truth: Truth
    facts: tuple[str, ...]
    rest: object  # what is left of the tree; equal rests mean the same thing


def decide(tree: Formal, environment: Environment) -> Decision:
    """Return the decision. `facts` is empty when the truth is TRUE or FALSE."""
    decision = _Decider(tree).decide(tree, environment)
    if len(decision.facts) < 2:
        return decision
    order = dict.fromkeys(name for test in leaves(tree) for name in test.facts)
    return replace(decision, facts=tuple(name for name in order if name in decision.facts))


def reduce(tree: Formal, environment: Environment, narrowed: str | None = None) -> Truth | Formal:
    """Return the truth where it is known, else what is left of the tree, without its decided parts.

    What is left has one form, so that equal rests mean the same in whatever order the tree was written. Of a tree that
    was left before, and since when only the fact `narrowed` is known better, the other comparisons stay as they are.
    """
    if isinstance(tree, Expression):
        if narrowed is not None and narrowed not in tree.names and not environment.lets:
            return tree
        truth = to_truth(evaluate(tree.root, environment))
        return tree if truth is Truth.UNKNOWN else truth
    if isinstance(tree, Negated):
        rest = reduce(tree.part, environment, narrowed)
        return ~rest if isinstance(rest, Truth) else _negated(rest)
    return _reduce_needs(tree, environment, narrowed)


def _reduce_needs(tree: Needs, environment: Environment, narrowed: str | None) -> Truth | Formal:
    wanted, left = tree.count, len(tree.parts)
    undecided: list[Formal] = []
    for part in tree.parts:
        rest = reduce(part, environment, narrowed)
        if rest is Truth.TRUE:
            wanted -= 1
            left -= 1
        elif rest is Truth.FALSE:
            left -= 1
        else:
            undecided.append(rest)  # type: ignore[arg-type]
        if wanted <= 0 or left < wanted:
            break
    if wanted <= 0:
        return Truth.TRUE
    if left < wanted:
        return Truth.FALSE
    return _needs(wanted, undecided)


def _needs(wanted: int, parts: list[Formal]) -> Formal:
    """Return what needs so many of the parts: an all within an all is one, and the same part twice asks once."""
    if wanted == len(parts):
        once = dict.fromkeys(inner for part in parts for inner in _joined(part, all_of=True))
        wanted, parts = len(once), list(once)
    elif wanted == 1:
        parts = list(dict.fromkeys(inner for part in parts for inner in _joined(part, all_of=False)))
    return parts[0] if len(parts) == 1 else Needs(wanted, tuple(parts))


def _joined(part: Formal, *, all_of: bool) -> tuple[Formal, ...]:
    same = isinstance(part, Needs) and part.count == (len(part.parts) if all_of else 1)
    return part.parts if same and isinstance(part, Needs) else (part,)


def _negated(part: Formal) -> Formal:
    """Return the opposite, with negations at the comparisons only."""
    if isinstance(part, Negated):
        return part.part
    if isinstance(part, Needs):
        return _needs(len(part.parts) - part.count + 1, [_negated(inner) for inner in part.parts])
    return Negated(part)


def leaves(tree: Formal) -> Iterator[Expression]:
    """Yield the comparisons of a tree, in reading order."""
    if isinstance(tree, Expression):
        yield tree
    elif isinstance(tree, Negated):
        yield from leaves(tree.part)
    else:
        for part in tree.parts:
            yield from leaves(part)


class _Decider:
    def __init__(self, tree: Formal) -> None:
        self.whole = tree
        self.times = Counter(name for test in leaves(tree) for name in test.facts)
        self.cases = 0
        self._decided: dict[Hashable, Decision] = {}

    def decide(self, tree: Formal, environment: Environment, narrowed: str | None = None) -> Decision:
        rest = reduce(tree, environment, narrowed)
        if isinstance(rest, Truth):
            return Decision(rest, (), rest)
        tests = list(leaves(rest))
        # Many cases of a fact leave the same: of what is left only its own facts can tell more.
        names = dict.fromkeys(name for test in tests for name in test.facts)
        left = rest, tuple([environment.possible(name) for name in names])
        decision = self._decided.get(left)
        if decision is None:
            decision = self._decided[left] = self._decide_rest(rest, tests, environment)
        return decision

    def _decide_rest(self, rest: Formal, tests: list[Expression], environment: Environment) -> Decision:
        unknown = [name for test in tests for name in unknown_facts(test, environment)]
        order = tuple(dict.fromkeys(unknown))
        # By name where they are tested as often: every reader then cuts alike, in whatever order it has the parts.
        for name, times in sorted(Counter(unknown).items(), key=lambda found: (-found[1], found[0])):
            if times < 2 and not self._may_tell_more(name, tests):
                continue
            cases = split(name, environment.possible(name), self._telling(name, tests))
            if len(cases) > 1 and self.cases + len(cases) <= MAX_CASES:
                self.cases += len(cases)
                return self._decide_cases(
                    rest, order, name, [environment.supposing(name, case) for case in cases]
                )
        return Decision(Truth.UNKNOWN, order, rest)

    def _may_tell_more(self, name: str, tests: list[Expression]) -> bool:
        """Whether thresholds of tests that are decided may still tell something of the one that is left."""
        return self.times[name] > 1 and any(
            is_coarse(test.root, name) for test in tests if name in test.names
        )

    def _telling(self, name: str, tests: list[Expression]) -> list[Expression]:
        """Return the tests at whose thresholds the fact's range is cut: those that are left, as a rule.

        Of a comparison such as `count * 2 > 3` narrower pieces may tell more; all readers then cut alike, at every
        threshold of the tree.
        """
        direct = all(is_direct(test.root, name) for test in tests if name in test.names)
        return tests if direct else list(leaves(self.whole))

    def _decide_cases(
        self, rest: Formal, order: tuple[str, ...], name: str, environments: list[Environment]
    ) -> Decision:
        decisions = [self.decide(rest, environment, name) for environment in environments]
        first = decisions[0]
        if all(decision.rest == first.rest for decision in decisions):
            return first
        matter = {name}.union(*(decision.facts for decision in decisions))
        facts = tuple(fact for fact in order if fact in matter)
        return Decision(Truth.UNKNOWN, facts, (name, tuple(decision.rest for decision in decisions)))


def is_coarse(node: syntax.Node, name: str) -> bool:
    """Return whether the range of the fact does not tell all of the node, as of `count * 2 == 3`: it has no middle.

    Of what grows with the fact the two ends tell all.
    """
    match node:
        case syntax.Not(item):
            return is_coarse(item, name)
        case syntax.Compare(operator):
            return operator not in ORDERING and not is_direct(node, name)
        case _:
            return False


def is_direct(node: syntax.Node, name: str) -> bool:
    """Return whether the node compares the fact itself with fixed values, so that only its own thresholds matter."""
    match node:
        case syntax.Not(item):
            return is_direct(item, name)
        case syntax.Compare(_, syntax.Name(left), syntax.Literal()) | syntax.Overlap(
            syntax.Name(left), syntax.Literal()
        ):
            return left == name
        case syntax.Compare(_, syntax.Literal(), syntax.Name(right)):
            return right == name
        case _:
            return isinstance(node, syntax.Name)


def unknown_facts(test: Expression, environment: Environment) -> list[str]:
    """Return the facts of a comparison whose value is not known, in reading order."""
    found = []
    for name in test.facts:
        value = environment.possible(name)
        if not isinstance(value, Exactly) and value is not ABSENT:
            found.append(name)
    return found


def split(name: str, value: Possible, tests: list[Expression]) -> list[Possible]:
    """Return the pieces of `value` within which every simple comparison of the fact in `tests` has one truth."""
    match value:
        case Span():
            return _split_span(value, thresholds(name, tests))
        case OneOf(values):
            told_apart = values & thresholds(name, tests) if True not in values else values
            return _split_choices(values, frozenset(told_apart))
        case Subset(must, may):
            members = sorted(thresholds(name, tests) & (may - must), key=str)[:MAX_MEMBERS]
            return [
                _subset(must, may, members, taken) for taken in product((True, False), repeat=len(members))
            ]
        case _:
            return [value]


def thresholds(name: str, tests: list[Expression]) -> frozenset[object]:
    """Return the values with which the tests compare the fact directly."""
    found: set[object] = set()
    for test in tests:
        for node in syntax.walk(test.root):
            if isinstance(node, syntax.Compare | syntax.Overlap):
                for subject, other in ((node.left, node.right), (node.right, node.left)):
                    if isinstance(subject, syntax.Name) and subject.name == name:
                        found.update(_literal_values(other))
    return frozenset(found)


def _literal_values(node: syntax.Node) -> tuple[object, ...]:
    if not isinstance(node, syntax.Literal):
        return ()
    return node.value if isinstance(node.value, tuple) else (node.value,)


def _split_span(whole: Span, points: frozenset[object]) -> list[Possible]:
    inside: list[Bound] = sorted(
        point
        for point in points
        if isinstance(point, int | Fraction | date)
        and isinstance(point, date) is isinstance(whole.low, date)
        and whole.holds(point)
    )
    low, low_open = whole.low, whole.low_open
    pieces: list[Possible] = []
    for point in inside:
        pieces.extend(_piece(Span(low, point, low_open, True, whole.discrete)))
        pieces.append(Exactly(point))
        low, low_open = point, True
    pieces.extend(_piece(Span(low, whole.high, low_open, whole.high_open, whole.discrete)))
    return pieces


def _piece(value: Span) -> list[Possible]:
    piece = narrowed(value)
    return [] if piece is None else [piece]


def _split_choices(values: frozenset[object], told_apart: frozenset[object]) -> list[Possible]:
    pieces: list[Possible] = [Exactly(value) for value in sorted(told_apart, key=str)]
    others = values - told_apart
    if len(others) == 1:
        pieces.append(Exactly(next(iter(others))))
    elif others:
        pieces.append(OneOf(others))
    return pieces


def _subset(
    must: frozenset[str], may: frozenset[str], members: list[object], taken: tuple[bool, ...]
) -> Possible:
    inside = must | {str(member) for member, is_in in zip(members, taken, strict=True) if is_in}
    outside = {str(member) for member, is_in in zip(members, taken, strict=True) if not is_in}
    return Exactly(inside) if inside == may - outside else Subset(inside, may - outside)
