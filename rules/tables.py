"""Decide with a decision table: which rows hold, what they say, and which facts still matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from rules import syntax
from rules.amounts import round_fen
from rules.citation import Citation
from rules.decide import Decision, reduce
from rules.decide import decide as decide_tree
from rules.errors import RulesError
from rules.evaluate import Environment, evaluate
from rules.expressions import Expression, parse_expression
from rules.facts import FactDictionary, Facts, FactState
from rules.possible import Exactly, Truth
from rules.syntax import Comparison
from rules.table_form import Aggregate, DecisionTable, HitPolicy, Output, OutputType, Row
from rules.tree import Formal, Needs, Negated, TreeNode


class TableStatus(StrEnum):
    """How far a table is decided."""

    DECIDED = "decided"  # the rows that hold are known
    UNKNOWN = "unknown"  # facts that matter are missing
    NO_MATCH = "no_match"  # no row holds, whatever else is found
    CONFLICT = "conflict"  # several rows hold and the hit policy forbids it: the table is at fault
    NOT_YET = "not_yet"  # not in force yet
    EXPIRED = "expired"  # no longer in force


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that holds. Money outputs are in 分; an output that cannot be computed yet is None."""

    row: str
    outputs: Mapping[str, Any]
    citations: tuple[Citation, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class TableResult:
    """The answer of a table.

    `hits` are the rows that count under the hit policy, in its order; while `status` is UNKNOWN they are those that
    hold already. `outputs` is the one row's outputs, or the collected ones (a list, sum, smallest, largest, count).
    """

    table: str
    title: str
    version: int | None
    as_of: date
    status: TableStatus
    hits: tuple[Hit, ...] = ()
    unknown_rows: tuple[str, ...] = ()
    outputs: Mapping[str, Any] | None = None
    missing: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()

    @property
    def askable(self) -> tuple[str, ...]:
        """Return the missing facts that may still be asked for."""
        return tuple(name for name in self.missing if name not in self.declined)

    def outputs_as_written(self, table: DecisionTable) -> dict[str, Any]:
        """Return the outputs in the units of the file: money in 元."""
        return {name: _as_written(table.outputs[name], value) for name, value in (self.outputs or {}).items()}


def _as_written(output: Output, value: Any) -> Any:
    if output.type is not OutputType.MONEY or value is None:
        return value
    return [_as_written(output, item) for item in value] if isinstance(value, list) else Fraction(value, 100)


def decide(table: DecisionTable, facts: Facts, as_of: date, dictionary: FactDictionary) -> TableResult:
    """Return which rows hold and what follows. Raises RulesError when values do not fit the table."""
    return decide_in(table, Environment(facts, as_of, dictionary))


def decide_in(table: DecisionTable, environment: Environment) -> TableResult:
    """Return which rows hold in an environment, in which facts may be narrowed to a case."""
    as_of = environment.as_of
    number = table.number_on(as_of)
    if number is None:
        later = any(version.valid.starts_after(as_of) for version in table.versions)
        status = TableStatus.NOT_YET if later else TableStatus.EXPIRED
        return TableResult(table.id, table.title, None, as_of, status)
    return _Reading(table, number, environment).result()


class _Reading:
    """One table read against one set of facts."""

    def __init__(self, table: DecisionTable, number: int, environment: Environment) -> None:
        self.table = table
        self.number = number
        self.environment = environment
        trees = table.trees[number]
        self.rows = [row for row in table.versions[number].rows if row.valid.holds(environment.as_of)]
        self.decisions = self._decisions(trees)

    def _decisions(self, trees: Mapping[str, TreeNode]) -> dict[str, Decision]:
        """Decide the rows; an `else` row, and every row under `first`, also needs all rows before it to fail."""
        decisions: dict[str, Decision] = {}
        before: list[Formal] = []  # what is left of the rows that do not fail already
        for row in self.rows:
            alone = Truth.TRUE if row.otherwise else reduce(trees[row.id].formal, self.environment)
            if alone is Truth.FALSE:
                decisions[row.id] = Decision(alone, (), alone)
                continue
            formal = Needs(0, ()) if isinstance(alone, Truth) else alone
            waits = row.otherwise or self.table.hit is HitPolicy.FIRST
            first = [other for other in before if not _exclude_each_other(other, formal)] if waits else []
            counted = Needs(2, (Negated(Needs(1, tuple(first))), formal)) if first else formal
            decisions[row.id] = decide_tree(counted, self.environment)
            if self.table.hit is HitPolicy.FIRST and decisions[row.id].truth is Truth.TRUE:
                break
            before.append(formal)
        return decisions

    def result(self) -> TableResult:
        """Return the table's answer."""
        holding = [row for row in self.rows if row.id in self.decisions and self._truth(row) is Truth.TRUE]
        open_rows = [
            row for row in self.rows if row.id in self.decisions and self._truth(row) is Truth.UNKNOWN
        ]
        if self.table.hit is HitPolicy.UNIQUE and len(holding) == 1:
            open_rows = []  # the author promises that no other row holds
        hits = self._ordered([self._hit(row) for row in holding])
        status, hits = self._settle(hits, open_rows)
        missing = self._missing(status, open_rows)
        return TableResult(
            table=self.table.id,
            title=self.table.title,
            version=self.number,
            as_of=self.environment.as_of,
            status=status,
            hits=tuple(hits),
            unknown_rows=tuple(row.id for row in open_rows) if status is TableStatus.UNKNOWN else (),
            outputs=self._outputs(hits) if status is TableStatus.DECIDED else None,
            missing=missing,
            declined=tuple(
                name for name in missing if self.environment.facts.state(name) is FactState.DECLINED
            ),
            citations=tuple(dict.fromkeys(citation for hit in hits for citation in hit.citations)),
        )

    def _truth(self, row: Row) -> Truth:
        return self.decisions[row.id].truth

    def _settle(self, hits: list[Hit], open_rows: list[Row]) -> tuple[TableStatus, list[Hit]]:
        policy = self.table.hit
        if policy is HitPolicy.UNIQUE and len(hits) > 1:
            return TableStatus.CONFLICT, hits
        if policy is HitPolicy.ANY and any(hit.outputs != hits[0].outputs for hit in hits):
            return TableStatus.CONFLICT, hits
        if policy is HitPolicy.ANY and hits:
            return TableStatus.DECIDED, hits[:1]  # rows that may still hold would say the same
        if policy is HitPolicy.PRIORITY and hits and not self._outranked(hits[0], open_rows):
            return TableStatus.DECIDED, hits[:1]
        if open_rows:
            return TableStatus.UNKNOWN, hits
        if not hits and not (policy is HitPolicy.COLLECT and self.table.aggregate is Aggregate.COUNT):
            return TableStatus.NO_MATCH, hits
        return TableStatus.DECIDED, hits

    def _outranked(self, best: Hit, open_rows: list[Row]) -> bool:
        return any(self._rank(self._hit(row)) < self._rank(best) for row in open_rows)

    def _missing(self, status: TableStatus, open_rows: list[Row]) -> tuple[str, ...]:
        if status is not TableStatus.UNKNOWN:
            return ()
        named = (name for row in open_rows for name in self.decisions[row.id].facts)
        return tuple(dict.fromkeys(named))

    def _hit(self, row: Row) -> Hit:
        outputs = {
            name: self._output(self.table.outputs[name], row.then.get(name)) for name in self.table.outputs
        }
        return Hit(row.id, outputs, self.table.cite(row.cite), row.note)

    def _output(self, output: Output, value: Any) -> Any:
        if value is None or output.type not in (OutputType.NUMBER, OutputType.MONEY):
            return value
        number = evaluate(parse_expression(str(value)).root, self.environment)
        if not isinstance(number, Exactly):
            return None
        if output.type is OutputType.NUMBER:
            return number.value
        return round_fen(Fraction(number.value) * 100, output.round)  # type: ignore[call-overload]

    def _ordered(self, hits: list[Hit]) -> list[Hit]:
        if self.table.hit in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER):
            return sorted(hits, key=self._rank)
        return hits

    def _rank(self, hit: Hit) -> tuple[int, ...]:
        """The place of each output in its `values`; unlisted ones come last."""
        ranks = []
        for name, output in self.table.outputs.items():
            if output.values:
                value = hit.outputs.get(name)
                ranks.append(output.values.index(value) if value in output.values else len(output.values))
        return tuple(ranks)

    def _outputs(self, hits: list[Hit]) -> Mapping[str, Any]:
        if self.table.hit.gives_one:
            return hits[0].outputs
        columns = {name: [hit.outputs[name] for hit in hits] for name in self.table.outputs}
        if self.table.hit is not HitPolicy.COLLECT or self.table.aggregate is Aggregate.LIST:
            return columns
        numbers = all(isinstance(value, _NUMBERS) for values in columns.values() for value in values)
        if self.table.aggregate is not Aggregate.COUNT and not numbers:
            raise RulesError(f"{self.table.id}: only numbers can be summed or compared")
        return {name: _AGGREGATES[self.table.aggregate](values) for name, values in columns.items()}


def _exclude_each_other(one: Formal, other: Formal) -> bool:
    """Return whether two rows want different values of the same fact, so that both can never hold."""
    wanted = dict(_wanted(one))
    return any(name in wanted and wanted[name].isdisjoint(values) for name, values in _wanted(other))


def _wanted(tree: Formal) -> Iterator[tuple[str, frozenset[object]]]:
    """Yield the facts of which a row wants one of a few values."""
    if isinstance(tree, Expression):
        match tree.root:
            case syntax.Compare(Comparison.EQUAL, syntax.Name(name), syntax.Literal(str() as value)):
                yield name, frozenset([value])
            case syntax.Compare(Comparison.IN, syntax.Name(name), syntax.Literal(tuple() as values)):
                yield name, frozenset(values)
    elif isinstance(tree, Needs) and tree.count == len(tree.parts):
        for part in tree.parts:
            yield from _wanted(part)


_NUMBERS: Final = (int, Fraction, Decimal)
_AGGREGATES: Final[dict[Aggregate, Callable[[list[Any]], Any]]] = {
    Aggregate.SUM: sum,
    Aggregate.MIN: min,
    Aggregate.MAX: max,
    Aggregate.COUNT: len,
}
