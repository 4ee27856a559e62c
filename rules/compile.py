"""Compile many rules for one company at interactive speed: the truth of each, and the facts that still matter.

What all parts of a rule must fulfil is split off: a value that breaks one requirement rules the rule out, and
`rules.failing` finds all rules that a value rules out in one look. Only the rules left over are worked through, by
functions generated from parsed trees, never from text that an author wrote. Where a rule tests an unknown fact
several times the interpreter is asked, once for each way its comparisons can stand, so that both always say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import compress
from typing import Any, Final

from rules.compiled_code import (
    ABSENT,
    FALSE,
    MOST_REMEMBERED,
    TRUE,
    UNKNOWN,
    Asking,
    Judge,
    Work,
    code_of,
    judge,
    predicate,
)
from rules.decide import decide, leaves
from rules.document import RuleDocument
from rules.evaluate import Environment
from rules.expressions import Expression, simplest
from rules.facts import FactDictionary, Facts, FactState
from rules.failing import Lookup, Required, lookup
from rules.possible import Truth
from rules.tree import Formal, Needs, Negated

_ZEROS: Final = bytes(digit == ord("0") for digit in range(256))  # 1 for each digit 0
_TRUTH: Final = (Truth.FALSE, Truth.UNKNOWN, Truth.TRUE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the conditions of one rule say, and the facts that can still change it, in reading order."""

    rule: str
    truth: Truth
    missing: tuple[str, ...]


class CompiledRules:
    """Named trees of conditions, compiled for one day."""

    def __init__(self, rules: Sequence[tuple[str, Formal]], as_of: date, dictionary: FactDictionary) -> None:
        self.as_of = as_of
        self.dictionary = dictionary
        self.rules = list(rules)
        self.names = list(
            dict.fromkeys(name for _, tree in self.rules for test in leaves(tree) for name in test.facts)
        )
        self.bits = {name: 1 << place for place, name in enumerate(self.names)}
        self._all = (1 << len(self.names)) - 1
        plans = [_plan(tree, as_of, dictionary) for _, tree in self.rules]
        self._index(plans)
        still_open = [
            sum({self.bits[atom.fact] for atom in plan.alone if atom.when_unknown == UNKNOWN})
            for plan in plans
        ]
        judges = dict(self._judging(plans))
        self._from_last = [(place, still, judges.get(place)) for place, still in enumerate(still_open)][::-1]
        self._verdicts: list[dict[int, Verdict]] = [{} for _ in self.rules]
        self._orders = [
            [
                (name, self.bits[name])
                for name in dict.fromkeys(n for test in leaves(tree) for n in test.facts)
            ]
            for _, tree in self.rules
        ]

    def codes(self, facts: Facts) -> tuple[list[int], list[int]]:
        """Return for each rule 0 (no), 1 (unknown) or 2 (yes), and the missing facts as bits of `names`."""
        values: dict[str, Any] = {}
        known = failing = 0
        look_up, value_state = self._lookups.get, FactState.VALUE
        for name, fact in facts.items():
            found = look_up(name)
            if found is None:
                continue
            bit, look, when_absent = found
            if fact.state is value_state:
                value: Any = fact.value
                if type(value) is Decimal:
                    value = simplest(Fraction(value))
                values[name] = value
                known |= bit
                failing |= look(value)
            elif fact.state is FactState.NOT_APPLICABLE:
                values[name] = ABSENT
                known |= bit
                failing |= when_absent
        unknown = self._all & ~known
        for bit, when_unknown in self._failing_when_unknown:
            if unknown & bit:
                failing |= when_unknown
        truths, missing = [FALSE] * len(self.rules), [0] * len(self.rules)
        is_left = f"{failing:0{len(self.rules)}b}".encode().translate(_ZEROS)
        # The first rule is the last digit. Most rules are ruled out: only the others are looked at.
        for place, still_open, work in compress(self._from_last, is_left):
            still = unknown & still_open
            if work is not None:
                truths[place], missing[place] = work(values, facts, unknown, still)
            elif still:
                truths[place], missing[place] = UNKNOWN, still
            else:
                truths[place] = TRUE
        return truths, missing

    def verdicts(self, facts: Facts) -> list[Verdict]:
        """Return what each rule says of the facts."""
        verdicts = []
        for place, (truth, bits, seen) in enumerate(zip(*self.codes(facts), self._verdicts, strict=True)):
            verdict = seen.get(3 * bits + truth)
            verdicts.append(self._verdict(place, truth, bits) if verdict is None else verdict)
        return verdicts

    def _verdict(self, place: int, truth: int, bits: int) -> Verdict:
        """Make a verdict and keep it: most companies miss the same facts."""
        seen, name = self._verdicts[place], self.rules[place][0]
        if len(seen) >= MOST_REMEMBERED:
            seen.clear()
        missing = tuple(fact for fact, bit in self._orders[place] if bit & bits)
        made = seen[3 * bits + truth] = Verdict(name, _TRUTH[truth], missing)
        return made

    def _index(self, plans: list[_Plan]) -> None:
        """Collect the requirements of all rules by fact."""
        rules_of: dict[str, dict[tuple[Expression, bool], int]] = {name: {} for name in self.names}
        absent: Counter[str] = Counter()
        unknown: Counter[str] = Counter()
        for place, plan in enumerate(plans):
            for atom in plan.atoms:
                wanted = rules_of[atom.fact]
                key = (atom.test, atom.wanted)
                wanted[key] = wanted.get(key, 0) | 1 << place
                if atom.when_absent == FALSE:
                    absent[atom.fact] |= 1 << place
                if atom.when_unknown == FALSE:
                    unknown[atom.fact] |= 1 << place
        self._lookups: dict[str, tuple[int, Lookup, int]] = {}
        for name, wanted in rules_of.items():
            required = [
                Required(test, positive, predicate(test, self.as_of), rules)
                for (test, positive), rules in wanted.items()
            ]
            found = lookup(self.dictionary.get(name), required)
            self._lookups[name] = self.bits[name], found, absent[name]
        self._failing_when_unknown = [(self.bits[name], rules) for name, rules in unknown.items()]

    def _judging(self, plans: list[_Plan]) -> Iterator[tuple[int, Judge]]:
        """Functions for the rules that have more than requirements of one fact each."""
        asking = Asking(self.bits, self.as_of, self.dictionary)
        for place, plan in enumerate(plans):
            if plan.groups:
                yield place, judge([group.work() for group in plan.groups], asking)


@dataclass(frozen=True, slots=True)
class _Atom:
    """A comparison of one fact that the whole rule needs to be `wanted`. The codes count what is wanted as TRUE."""

    test: Expression
    fact: str
    wanted: bool
    when_unknown: int
    when_absent: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Parts that a rule needs and that test facts in common, so that they must be judged together."""

    atoms: tuple[_Atom, ...]
    rest: tuple[Formal, ...]

    def is_plain(self, as_of: date, dictionary: FactDictionary) -> bool:
        """Return whether judging each requirement alone is enough, however often its fact is tested."""
        if self.rest:
            return False
        nothing = Environment(Facts(), as_of, dictionary)
        return len(self.atoms) == 1 or decide(self.tree, nothing).truth is Truth.UNKNOWN

    @property
    def tree(self) -> Formal:
        parts = (*(atom.test if atom.wanted else Negated(atom.test) for atom in self.atoms), *self.rest)
        return parts[0] if len(parts) == 1 else Needs(len(parts), parts)

    def work(self) -> Work:
        return Work(
            self.tree, tuple(atom.fact for atom in self.atoms if atom.when_unknown == UNKNOWN), self.rest
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """A rule taken apart: all it needs of single facts, those of them that stand for themselves, and the groups."""

    atoms: tuple[_Atom, ...]
    alone: tuple[_Atom, ...]
    groups: tuple[_Group, ...]


def _plan(tree: Formal, as_of: date, dictionary: FactDictionary) -> _Plan:
    atoms: list[_Atom] = []
    rest: list[Formal] = []
    for part, wanted in _needed(tree, wanted=True):
        if isinstance(part, Expression) and len(part.facts) == 1:
            atoms.append(_atom(part, wanted, as_of, dictionary))
        else:
            rest.append(part if wanted else Negated(part))
    alone: list[_Atom] = []
    groups: list[_Group] = []
    for group in _grouped(atoms, rest):
        if group.is_plain(as_of, dictionary):
            alone += group.atoms
        else:
            groups.append(group)
    return _Plan(tuple(atoms), tuple(alone), tuple(groups))


def _grouped(atoms: list[_Atom], rest: list[Formal]) -> list[_Group]:
    """Put together what tests a fact in common, directly or through other parts."""
    found: list[tuple[set[str], _Group]] = [({atom.fact}, _Group((atom,), ())) for atom in atoms]
    found += [({name for test in leaves(part) for name in test.facts}, _Group((), (part,))) for part in rest]
    groups: list[tuple[set[str], _Group]] = []
    for facts, group in found:
        touching = [item for item in groups if item[0] & facts]
        groups = [item for item in groups if not item[0] & facts]
        members = [*(item[1] for item in touching), group]
        joined = _Group(
            tuple(atom for member in members for atom in member.atoms),
            tuple(part for member in members for part in member.rest),
        )
        groups.append((facts.union(*(item[0] for item in touching)), joined))
    return [group for _, group in groups]


def _needed(tree: Formal, *, wanted: bool) -> Iterator[tuple[Formal, bool]]:
    """Yield the parts that must all be true, or false where `wanted` is not, for the tree to be as wanted."""
    if isinstance(tree, Negated):
        yield from _needed(tree.part, wanted=not wanted)
    elif isinstance(tree, Needs) and tree.parts and tree.count == (len(tree.parts) if wanted else 1):
        for part in tree.parts:
            yield from _needed(part, wanted=wanted)
    else:
        yield tree, wanted


def _atom(test: Expression, wanted: bool, as_of: date, dictionary: FactDictionary) -> _Atom:
    (fact,) = test.facts
    unknown, absent = (
        code_of(test, facts, as_of, dictionary) for facts in (Facts(), Facts().not_applicable(fact))
    )
    return _Atom(test, fact, wanted, unknown if wanted else 2 - unknown, absent if wanted else 2 - absent)


def compile_rules(rules: Iterable[RuleDocument], as_of: date, dictionary: FactDictionary) -> CompiledRules:
    """Return the rules in force on the day, compiled by their ids."""
    in_force = ((rule, rule.number_on(as_of)) for rule in rules)
    trees = [
        (rule.id, rule.versions[number].require.formal) for rule, number in in_force if number is not None
    ]
    return CompiledRules(trees, as_of, dictionary)
