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
from typing import Any, Final

from rules.compiled_code import ABSENT, FALSE, TRUE, UNKNOWN, Judge, code_of, judge, predicate
from rules.decide import decide, leaves
from rules.document import RuleDocument
from rules.evaluate import Environment
from rules.expressions import Expression, simplest
from rules.facts import FactDictionary, Facts, FactState
from rules.failing import Lookup, Required, lookup
from rules.possible import Truth
from rules.tree import Formal, Needs, Negated

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
        self._open = [self._open_bits(plan) for plan in plans]
        self._judges = list(self._judging(plans))
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
        ruled_out = f"{failing:0{len(self.rules)}b}"[::-1] if self.rules else ""
        missing = [
            0 if out == "1" else unknown & still for out, still in zip(ruled_out, self._open, strict=True)
        ]
        truths = [
            FALSE if out == "1" else UNKNOWN if still else TRUE
            for out, still in zip(ruled_out, missing, strict=True)
        ]
        for place, work in self._judges:
            if ruled_out[place] == "0":
                truths[place], missing[place] = work(values, facts, unknown, missing[place])
        return truths, missing

    def verdicts(self, facts: Facts) -> list[Verdict]:
        """Return what each rule says of the facts."""
        truths, missing = self.codes(facts)
        return [
            Verdict(name, _TRUTH[truth], tuple(fact for fact, bit in order if bit & bits))
            for (name, _), truth, bits, order in zip(self.rules, truths, missing, self._orders, strict=True)
        ]

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

    def _open_bits(self, plan: _Plan) -> int:
        """The facts whose absence leaves a requirement of the rule open."""
        return sum({self.bits[atom.fact] for atom in plan.atoms if atom.when_unknown == UNKNOWN})

    def _judging(self, plans: list[_Plan]) -> Iterator[tuple[int, Judge]]:
        """Functions for the rules that have more than requirements of one fact each."""
        for place, plan in enumerate(plans):
            tree = self.rules[place][1]
            times = Counter(name for test in leaves(tree) for name in test.facts)
            shared = (
                0 if plan.is_plain else sum(self.bits[name] for name, count in times.items() if count > 1)
            )
            if plan.rest or shared:
                yield place, judge(tree, plan.rest, shared, self.bits, self.as_of, self.dictionary)


@dataclass(frozen=True, slots=True)
class _Atom:
    """A comparison of one fact that the whole rule needs to be `wanted`. The codes count what is wanted as TRUE."""

    test: Expression
    fact: str
    wanted: bool
    when_unknown: int
    when_absent: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """A rule taken apart: what it needs of single facts, and the other parts that it needs as well.

    `is_plain` when the requirements of each fact leave it open on their own: then no case can be decided by knowing
    that two comparisons test the same fact.
    """

    atoms: tuple[_Atom, ...]
    rest: tuple[Formal, ...]
    is_plain: bool


def _plan(tree: Formal, as_of: date, dictionary: FactDictionary) -> _Plan:
    atoms: list[_Atom] = []
    rest: list[Formal] = []
    for part, wanted in _needed(tree, wanted=True):
        if isinstance(part, Expression) and len(part.facts) == 1:
            atoms.append(_atom(part, wanted, as_of, dictionary))
        else:
            rest.append(part if wanted else Negated(part))
    by_fact: dict[str, list[_Atom]] = {}
    for atom in atoms:
        by_fact.setdefault(atom.fact, []).append(atom)
    nothing = Environment(Facts(), as_of, dictionary)
    plain = not rest and all(
        len(group) == 1 or decide(_together(group), nothing).truth is Truth.UNKNOWN
        for group in by_fact.values()
    )
    return _Plan(tuple(atoms), tuple(rest), plain)


def _together(atoms: list[_Atom]) -> Needs:
    return Needs(len(atoms), tuple(atom.test if atom.wanted else Negated(atom.test) for atom in atoms))


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
