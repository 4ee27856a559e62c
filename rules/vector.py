"""Match a rule against many companies at once, with numpy: fits, may fit, does not fit.

Facts become columns once; then each distinct comparison is one pass over a column, and a tree is a few logical
operations on two masks: where it *holds* and where it *may* hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rules import syntax
from rules.decide import decide, leaves
from rules.document import RuleDocument
from rules.evaluate import Environment, evaluate
from rules.expressions import Expression
from rules.facts import FactDictionary, Facts, FactState, FactType
from rules.possible import Truth, to_truth
from rules.syntax import Comparison
from rules.tree import Formal, Negated

Mask = NDArray[np.bool_]


class Fit(IntEnum):
    """How a company stands to a rule's conditions."""

    NO = 0  # a required condition fails
    MAY = 1  # facts are missing
    FITS = 2  # every condition holds


_FIT: Final = {Truth.FALSE: Fit.NO, Truth.UNKNOWN: Fit.MAY, Truth.TRUE: Fit.FITS}
_COMPARE: Final[dict[Comparison, Callable[[Any, Any], Any]]] = {
    Comparison.EQUAL: np.equal,
    Comparison.NOT_EQUAL: np.not_equal,
    Comparison.LESS: np.less,
    Comparison.AT_MOST: np.less_equal,
    Comparison.MORE: np.greater,
    Comparison.AT_LEAST: np.greater_equal,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One fact of all companies: values as numbers, and where they are known, unknown or not applicable.

    Listed values are their place in the definition, sets are bit masks of places, days are ordinals, truths 0 and 1.
    """

    values: NDArray[Any]
    known: Mask
    unknown: Mask
    absent: Mask
    has_absent: bool


@dataclass(frozen=True, slots=True)
class Masks:
    """Where something holds, and where it may hold (which includes where it does)."""

    holds: Mask
    may: Mask


class Companies:
    """The facts of many companies as columns."""

    def __init__(
        self, companies: Sequence[Facts], dictionary: FactDictionary, names: Iterable[str] | None = None
    ) -> None:
        self.companies = companies
        self.dictionary = dictionary
        self.columns = {name: self._column(name) for name in (dictionary if names is None else names)}

    def __len__(self) -> int:
        return len(self.companies)

    def _column(self, name: str) -> Column:
        encode, kind = _encoder(self.dictionary, name)
        count = len(self.companies)
        values: NDArray[Any] = np.zeros(count, dtype=kind)
        state = np.zeros(count, dtype=np.int8)
        for place, facts in enumerate(self.companies):
            fact = facts.known(name)
            if fact.state is FactState.VALUE:
                values[place] = encode(fact.value)
                state[place] = 1
            elif fact.state is FactState.NOT_APPLICABLE:
                state[place] = 2
        absent = state == 2
        return Column(values, state == 1, state == 0, absent, bool(absent.any()))


def _encoder(dictionary: FactDictionary, name: str) -> tuple[Callable[[Any], Any], Any]:
    definition = dictionary[name]
    places = {value: place for place, value in enumerate(definition.values)}
    match definition.type:
        case FactType.BOOL:
            return int, np.int8
        case FactType.ENUM:
            return places.__getitem__, np.int16
        case FactType.SET:
            if len(places) > 62:
                raise ValueError(f"{name} has more than 62 values")
            return lambda members: sum(1 << places[member] for member in members), np.int64
        case FactType.DATE:
            return date.toordinal, np.int32
        case FactType.TEXT:
            return lambda _: 0, np.int8
        case _:
            return float, np.float64  # equal decimals are equal floats, and order is kept


class Matcher:
    """Matches rules against one set of companies on a day; comparisons shared by rules are computed once."""

    def __init__(self, companies: Companies, as_of: date) -> None:
        self.companies = companies
        self.as_of = as_of
        self._tests: dict[syntax.Node, Masks] = {}

    def match(self, rule: RuleDocument) -> NDArray[np.int8] | None:
        """Return a `Fit` for each company, or None when the rule is not in force on the day."""
        number = rule.number_on(self.as_of)
        return None if number is None else self.match_tree(rule.versions[number].require.formal)

    def match_tree(self, tree: Formal) -> NDArray[np.int8]:
        """Return a `Fit` for each company."""
        masks = self._tree(tree)
        fits = masks.holds.view(np.int8) + masks.may.view(np.int8)
        self._refine(tree, masks, fits)
        return fits

    def _tree(self, tree: Formal) -> Masks:
        if isinstance(tree, Expression):
            return self._test(tree)
        if isinstance(tree, Negated):
            part = self._tree(tree.part)
            return Masks(~part.may, ~part.holds)
        parts = [self._tree(part) for part in tree.parts]
        return Masks(
            self._at_least(tree.count, [part.holds for part in parts]),
            self._at_least(tree.count, [part.may for part in parts]),
        )

    def _at_least(self, count: int, masks: list[Mask]) -> Mask:
        size = len(self.companies)
        if count <= 0:
            return np.ones(size, dtype=np.bool_)
        if count > len(masks):
            return np.zeros(size, dtype=np.bool_)
        if count not in (1, len(masks)):
            total: NDArray[np.int16] = np.sum(masks, axis=0, dtype=np.int16)
            return np.greater_equal(total, count)
        join = np.logical_and if count == len(masks) else np.logical_or
        result = masks[0].copy()
        for mask in masks[1:]:
            join(result, mask, out=result)
        return result

    def _test(self, test: Expression) -> Masks:
        masks = self._tests.get(test.root)
        if masks is None:
            masks = self._tests[test.root] = self._compute(test)
        return masks

    def _compute(self, test: Expression) -> Masks:
        if len(test.facts) != 1 or not self._has_column(test.facts[0]):
            return self._row_by_row(test)
        column = self.companies.columns[test.facts[0]]
        values = self._values(test.root, test.facts[0], column)
        if values is None:
            return self._by_distinct_value(test, column)
        return self._with_states(test, column, values)

    def _has_column(self, name: str) -> bool:
        return name in self.companies.columns and self.companies.dictionary[name].type is not FactType.TEXT

    def _with_states(self, test: Expression, column: Column, values: Mask) -> Masks:
        """Add what the comparison says where the fact is unknown or does not exist."""
        name = test.facts[0]
        holds = values & column.known
        may = holds
        when_unknown = self._truth(test, Facts())
        if when_unknown is Truth.TRUE:
            holds = holds | column.unknown
        if when_unknown is not Truth.FALSE:
            may = may | column.unknown
        if column.has_absent:
            when_absent = self._truth(test, Facts().not_applicable(name))
            holds = holds | column.absent if when_absent is Truth.TRUE else holds
            may = may | column.absent if when_absent is not Truth.FALSE else may
        return Masks(holds, may)

    def _truth(self, test: Expression, facts: Facts) -> Truth:
        return to_truth(evaluate(test.root, Environment(facts, self.as_of, self.companies.dictionary)))

    def _values(self, node: syntax.Node, name: str, column: Column) -> Mask | None:
        """The comparison over the whole column, or None when it is not a simple one."""
        match node:
            case syntax.Not(item):
                inner = self._values(item, name, column)
                return None if inner is None else ~inner
            case syntax.Name():
                return np.asarray(column.values != 0, dtype=np.bool_)
            case syntax.Overlap(syntax.Name(), syntax.Literal(tuple() as members)):
                return np.asarray(column.values & self._bits(name, members) != 0, dtype=np.bool_)
            case syntax.Compare(
                Comparison.IN | Comparison.NOT_IN as operator, syntax.Name(), syntax.Literal(value)
            ):
                return self._is_in(name, column, operator, value)
            case syntax.Compare(operator, syntax.Name(), syntax.Literal(value)) if operator in _COMPARE:
                code = self._code(name, value)
                return None if code is None else np.asarray(_COMPARE[operator](column.values, code), np.bool_)
            case syntax.Compare(operator, syntax.Literal() as left, syntax.Name() as right) if (
                operator in _COMPARE
            ):
                return self._values(syntax.Compare(operator.mirrored, right, left), name, column)
            case _:
                return None

    def _is_in(self, name: str, column: Column, operator: Comparison, values: Any) -> Mask | None:
        definition = self.companies.dictionary[name]
        if definition.type is not FactType.ENUM:
            return None
        table = np.array([value in values for value in definition.values], dtype=np.bool_)
        inside: Mask = table[column.values]
        return inside if operator is Comparison.IN else ~inside

    def _bits(self, name: str, members: tuple[Any, ...]) -> int:
        places = {value: place for place, value in enumerate(self.companies.dictionary[name].values)}
        return sum(1 << places[member] for member in set(members) if member in places)

    def _code(self, name: str, value: Any) -> Any | None:
        definition = self.companies.dictionary[name]
        if definition.type is FactType.ENUM:
            return definition.values.index(value) if value in definition.values else None
        if definition.type is FactType.DATE:
            return value.toordinal()
        if definition.type is FactType.BOOL:
            return int(value)
        return None if definition.type in (FactType.SET, FactType.TEXT) else float(value)

    def _by_distinct_value(self, test: Expression, column: Column) -> Masks:
        """Ask the interpreter once for each distinct value."""
        distinct, first, back = np.unique(column.values, return_index=True, return_inverse=True)
        name = test.facts[0]
        truths = np.zeros(len(distinct), dtype=np.bool_)
        known = np.flatnonzero(column.known)
        seen = dict(zip(back[known].tolist(), known.tolist(), strict=True)) if len(known) else {}
        for place in range(len(first)):
            if place in seen:
                facts = Facts({name: self.companies.companies[seen[place]].known(name)})
                truths[place] = self._truth(test, facts) is Truth.TRUE
        return self._with_states(test, column, truths[back])

    def _row_by_row(self, test: Expression) -> Masks:
        truths = [self._truth(test, facts) for facts in self.companies.companies]
        holds = np.array([truth is Truth.TRUE for truth in truths], dtype=np.bool_)
        may = np.array([truth is not Truth.FALSE for truth in truths], dtype=np.bool_)
        return Masks(holds, may)

    def _refine(self, tree: Formal, masks: Masks, fits: NDArray[np.int8]) -> None:
        """Where several conditions test the same unknown fact, ask the interpreter: once for each way the known
        conditions can stand, since nothing else can change its answer."""
        tests = list(leaves(tree))
        times = Counter(name for test in tests for name in test.facts)
        shared = [name for name, count in times.items() if count > 1 and name in self.companies.columns]
        if not shared:
            return
        open_rows = masks.may & ~masks.holds
        open_rows &= np.logical_or.reduce([self.companies.columns[name].unknown for name in shared])
        rows = np.flatnonzero(open_rows)
        if not len(rows):
            return
        for group in self._alike(tests, list(times), rows):
            environment = Environment(
                self.companies.companies[group[0]], self.as_of, self.companies.dictionary
            )
            fits[group] = _FIT[decide(tree, environment).truth]

    def _alike(
        self, tests: list[Expression], names: list[str], rows: NDArray[np.intp]
    ) -> list[NDArray[np.intp]]:
        """The rows grouped so that the interpreter must say the same of each group's members."""
        if any(len(test.facts) > 1 for test in tests):
            return [rows[place : place + 1] for place in range(len(rows))]
        signs = [mask[rows] for test in tests for mask in (self._test(test).holds, self._test(test).may)]
        signs += [self.companies.columns[name].unknown[rows] for name in names]
        _, back = np.unique(np.packbits(np.array(signs).T, axis=1), axis=0, return_inverse=True)
        order = np.argsort(back.ravel(), kind="stable")
        cuts = np.flatnonzero(np.diff(back.ravel()[order])) + 1
        return [rows[part] for part in np.split(order, cuts)]
