"""One comparison over the columns of many companies: where it holds, and where it may hold."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil, floor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rules import syntax
from rules.columns import Calendar, Column, Companies, Mask
from rules.evaluate import Environment, evaluate
from rules.exactness import days_of, is_monotone
from rules.expressions import AS_OF, Expression
from rules.facts import Facts, FactState, FactType
from rules.number_ranges import ordered
from rules.possible import Possible, Truth, to_truth
from rules.syntax import Comparison

_COMPARE: Final[dict[Comparison, Callable[[Any, Any], Any]]] = {
    Comparison.EQUAL: np.equal,
    Comparison.NOT_EQUAL: np.not_equal,
    Comparison.LESS: np.less,
    Comparison.AT_MOST: np.less_equal,
    Comparison.MORE: np.greater,
    Comparison.AT_LEAST: np.greater_equal,
}
# The least whole number for which `>` and `>=` hold, and for which `<` and `<=` no longer do.
_LEAST: Final[dict[Comparison, Callable[[Any], int]]] = {
    Comparison.LESS: ceil,
    Comparison.AT_LEAST: ceil,
    Comparison.AT_MOST: lambda bound: floor(bound) + 1,
    Comparison.MORE: lambda bound: floor(bound) + 1,
}
_UNKNOWN_STATES: Final = (FactState.NOT_ASKED, FactState.DECLINED)


@dataclass(frozen=True, slots=True)
class Masks:
    """Where something holds, and where it may hold (which includes where it does)."""

    holds: Mask
    may: Mask

    def negated(self) -> Masks:
        """Return where the opposite holds and may hold."""
        return Masks(~self.may, ~self.holds)

    def at(self, rows: NDArray[np.intp]) -> Masks:
        """Return the masks of some rows only."""
        return Masks(self.holds[rows], self.may[rows])

    def where(self, rows: Mask, truth: Truth) -> Masks:
        """Return these masks with another truth in some rows."""
        if truth is Truth.TRUE:
            return Masks(self.holds | rows, self.may | rows)
        return Masks(self.holds & ~rows, self.may & ~rows if truth is Truth.FALSE else self.may | rows)


class Comparisons:
    """The comparisons of rules over one set of companies on a day, each computed once."""

    def __init__(self, companies: Companies, as_of: date) -> None:
        self.companies = companies
        self.as_of = as_of
        self._tests: dict[syntax.Node, Masks] = {}

    def test(self, test: Expression) -> Masks:
        """Return where the comparison holds and may hold."""
        masks = self._tests.get(test.root)
        if masks is None:
            masks = self._tests[test.root] = self._compute(test)
        return masks

    def supposing(
        self, test: Expression, masks: Masks, supposed: Mapping[str, Possible], rows: NDArray[np.intp]
    ) -> Masks:
        """Return the masks of some rows where an unknown fact is narrowed to what is supposed of it."""
        names = [name for name in test.facts if name in supposed]
        unknown = np.logical_or.reduce([self.companies.columns[name].unknown[rows] for name in names])
        if len(test.facts) == 1:
            return masks.where(unknown, self._truth(test, Facts(), supposed))
        holds, may = masks.holds.copy(), masks.may.copy()
        self._ask(test, rows[unknown], np.flatnonzero(unknown), holds, may, supposed)
        return Masks(holds, may)

    def _compute(self, test: Expression) -> Masks:
        if not all(self._has_column(name) for name in test.facts):
            return self._row_by_row(test)
        if len(test.facts) > 1:
            return self._of_two_days(test) if self._is_of_days(test) else self._of_numbers(test)
        if not test.facts:
            size = len(self.companies)
            return self._nothing().where(np.ones(size, dtype=np.bool_), self._truth(test, Facts()))
        column = self.companies.columns[test.facts[0]]
        values = self._values(test.root, test.facts[0], column)
        if values is None:
            return self._by_distinct_value(test, column)
        return self._with_states(test, column, values)

    def _of_numbers(self, test: Expression) -> Masks:
        """Sums of several facts compared; the interpreter is asked where floats cannot tell, and about other things."""
        node, positive = test.root, True
        while isinstance(node, syntax.Not):
            node, positive = node.item, not positive
        found = ordered(node, self.companies)
        if found is None:
            return self._row_by_row(test)
        masks = Masks(found.holds, found.may)
        masks = masks if positive else masks.negated()
        return self._row_by_row(test, masks, found.doubtful) if found.doubtful.any() else masks

    def _nothing(self) -> Masks:
        size = len(self.companies)
        return Masks(np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_))

    def _has_column(self, name: str) -> bool:
        return name in self.companies.columns and self.companies.dictionary[name].type is not FactType.TEXT

    def _is_of_days(self, test: Expression) -> bool:
        return is_monotone(test.root) and all(
            self.companies.dictionary[name].type is FactType.DATE for name in test.facts
        )

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

    def _truth(self, test: Expression, facts: Facts, supposed: Mapping[str, Possible] | None = None) -> Truth:
        environment = Environment(facts, self.as_of, self.companies.dictionary)
        for name, piece in (supposed or {}).items():
            if facts.state(name) in _UNKNOWN_STATES:
                environment = environment.supposing(name, piece)
        return to_truth(evaluate(test.root, environment))

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
            case syntax.Compare(operator, syntax.Name(first), syntax.Name(second)) if operator in _COMPARE:
                return self._days_compared(operator, first, second)
            case syntax.Compare(operator, syntax.Call() as call, syntax.Literal(value)) if (
                operator in _COMPARE
            ):
                return self._whole_compared(operator, call, value)
            case syntax.Compare(
                Comparison.IN | Comparison.NOT_IN as operator, syntax.Literal(str() as member), syntax.Name()
            ):
                inside = np.asarray(column.values & self._bits(name, (member,)) != 0, dtype=np.bool_)
                return inside if operator is Comparison.IN else ~inside
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

    def _whole_compared(self, operator: Comparison, call: syntax.Call, value: Any) -> Mask | None:
        if (reached := self._months_reached(operator, call, value)) is not None:
            return reached
        whole = self._whole(call)
        return None if whole is None else np.asarray(_COMPARE[operator](whole, float(value)), dtype=np.bool_)

    def _months_reached(self, operator: Comparison, call: syntax.Call, value: Any) -> Mask | None:
        """Full months or years compared with one or more; None for anything else."""
        found = days_of(call)
        if found is None or found[0] == "days_between" or operator not in _LEAST:
            return None
        wanted = _LEAST[operator](value) * (12 if found[0] == "years_between" else 1)
        start, end = (self._calendar(name) for name in found[1])
        if wanted < 1 or start is None or end is None:
            return None
        reached = start.reaches(end, wanted)
        return ~reached if operator in (Comparison.LESS, Comparison.AT_MOST) else reached

    def _whole(self, node: syntax.Node) -> NDArray[Any] | None:
        """A whole number computed from columns: the time between two days, the members of a set."""
        found = days_of(node)
        if found is not None:
            start, end = (self._calendar(name) for name in found[1])
            return None if start is None or end is None else start.until(end, found[0])
        match node:
            case syntax.Call("count", (syntax.Name(name),)) if (
                self.companies.dictionary[name].type is FactType.SET
            ):
                members: NDArray[Any] = np.bitwise_count(self.companies.columns[name].values)
                return members
            case _:
                return None

    def _days_compared(self, operator: Comparison, first: str, second: str) -> Mask | None:
        left, right = self._ordinals(first), self._ordinals(second)
        if left is None or right is None:
            return None
        return np.asarray(_COMPARE[operator](left, right), dtype=np.bool_)

    def _ordinals(self, name: str) -> NDArray[Any] | int | None:
        if name == AS_OF:
            return self.as_of.toordinal()
        is_day = self.companies.dictionary[name].type is FactType.DATE
        return self.companies.columns[name].values if is_day else None

    def _calendar(self, name: str) -> Calendar | None:
        return Calendar.of_day(self.as_of) if name == AS_OF else self.companies.calendar(name)

    def _of_two_days(self, test: Expression) -> Masks:
        """Two days compared, or the time between them: what is known of only one day seldom decides it."""
        columns = [self.companies.columns[name] for name in test.facts]
        known = np.logical_and.reduce([column.known for column in columns])
        values = self._values(test.root, "", columns[0])
        if values is None:
            return self._row_by_row(test)
        masks = Masks(values & known, values & known)
        absent = np.logical_or.reduce([column.absent for column in columns])
        if absent.any():
            masks = masks.where(absent, self._truth(test, Facts().not_applicable(test.facts[0])))
        masks = masks.where(~known & ~absent, self._truth(test, Facts()))
        for place, (name, column) in enumerate(zip(test.facts, columns, strict=True)):
            other = columns[1 - place] if len(columns) == 2 else columns[0]
            half = column.known & other.unknown
            rows = np.flatnonzero(half)
            if not len(rows):
                continue
            ends = [rows[np.argmin(column.values[rows])], rows[np.argmax(column.values[rows])]]
            truths = {self._truth(test, self._only(end, name)) for end in ends}
            # It grows or falls with the day: what both ends say, all days between them say.
            masks = (
                masks.where(half, truths.pop()) if len(truths) == 1 else self._row_by_row(test, masks, half)
            )
        return masks

    def _only(self, row: Any, *names: str) -> Facts:
        return Facts({name: self.companies.companies[row].known(name) for name in names})

    def _by_distinct_value(self, test: Expression, column: Column) -> Masks:
        """Ask the interpreter once for each distinct value."""
        distinct, first, back = np.unique(column.values, return_index=True, return_inverse=True)
        name = test.facts[0]
        truths = np.zeros(len(distinct), dtype=np.bool_)
        known = np.flatnonzero(column.known)
        seen = dict(zip(back[known].tolist(), known.tolist(), strict=True)) if len(known) else {}
        for place in range(len(first)):
            if place in seen:
                facts = self._only(seen[place], name)
                truths[place] = self._truth(test, facts) is Truth.TRUE
        return self._with_states(test, column, truths[back])

    def _row_by_row(self, test: Expression, masks: Masks | None = None, rows: Mask | None = None) -> Masks:
        """Ask the interpreter about some companies, or all."""
        size = len(self.companies)
        holds = np.zeros(size, dtype=np.bool_) if masks is None else masks.holds.copy()
        may = np.zeros(size, dtype=np.bool_) if masks is None else masks.may.copy()
        asked = np.arange(size) if rows is None else np.flatnonzero(rows)
        self._ask(test, asked, asked, holds, may, {})
        return Masks(holds, may)

    def _ask(
        self,
        test: Expression,
        companies: NDArray[np.intp],
        places: NDArray[np.intp],
        holds: Mask,
        may: Mask,
        supposed: Mapping[str, Possible],
    ) -> None:
        """Write the interpreter's answers at their places; it is asked once for each set of the facts compared."""
        seen: dict[Hashable, Truth] = {}
        names = test.facts
        for company, place in zip(companies.tolist(), places.tolist(), strict=True):
            facts = self.companies.companies[company]
            key = tuple([(facts.known(name).state, facts.known(name).value) for name in names])
            truth = seen.get(key)
            if truth is None:
                truth = seen[key] = self._truth(test, self._only(company, *names), supposed)
            holds[place], may[place] = truth is Truth.TRUE, truth is not Truth.FALSE
