"""The same rules for zen-engine and OpenFisca-core, in the three-valued form that both lack: holds, may hold.

Both get a comparison of two facts or a count of years already computed, which spares them work.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np

from rules import syntax
from rules.decide import leaves
from rules.document import RuleDocument
from rules.evaluate import Environment, evaluate
from rules.expressions import Expression
from rules.facts import FactDictionary, Facts, FactState, FactType
from rules.possible import Truth, to_truth
from rules.syntax import Comparison
from rules.tree import Formal, Negated

_SIMPLE = (Comparison.EQUAL, Comparison.NOT_EQUAL, Comparison.LESS, Comparison.AT_MOST, Comparison.MORE, Comparison.AT_LEAST)  # fmt: skip


class Encoded:
    """Facts as both engines can hold them: numbers; what they cannot compute is one more yes-or-no fact."""

    def __init__(self, rules: Sequence[RuleDocument], day: date, dictionary: FactDictionary) -> None:
        self.day = day
        self.dictionary = dictionary
        self.trees = [rule.versions[rule.number_on(day) or 0].require.formal for rule in rules]
        tests = list(dict.fromkeys(test for tree in self.trees for test in leaves(tree)))
        self.derived = [test for test in tests if self.simple(test) is None]
        facts = dict.fromkeys(name for test in tests if self.simple(test) for name in test.facts)
        self.names = {name: f"f{place}" for place, name in enumerate(facts)}
        self.names |= {test.source: f"d{place}" for place, test in enumerate(self.derived)}

    def simple(self, test: Expression) -> tuple[str, str, Any, bool] | None:
        """Return fact, operator, number or list of numbers, and whether it is negated; None for anything else."""
        node, negated = test.root, False
        while isinstance(node, syntax.Not):
            node, negated = node.item, not negated
        match node:
            case syntax.Name(name):
                return name, "==", 1, negated
            case syntax.Compare(operator, syntax.Name(name), syntax.Literal(value)) if operator in _SIMPLE:
                return name, operator.value, self.code(name, value), negated
            case syntax.Compare(
                Comparison.IN | Comparison.NOT_IN as operator,
                syntax.Name(name),
                syntax.Literal(tuple() as several),
            ):
                codes = [self.code(name, value) for value in several]
                return name, "in", codes, negated != (operator is Comparison.NOT_IN)
            case _:
                return None

    def code(self, name: str, value: Any) -> float:
        """Return a value as a number."""
        definition = self.dictionary[name]
        if definition.type is FactType.ENUM:
            return definition.values.index(value)
        return float(value.toordinal()) if isinstance(value, date) else float(value)

    def row(self, facts: Facts) -> dict[str, float | None]:
        """Return a company's facts by their short names, None where unknown."""
        row: dict[str, float | None] = {}
        for name in self.names:
            if name in self.dictionary:
                known = facts.known(name)
                row[self.names[name]] = (
                    self.code(name, known.value) if known.state is FactState.VALUE else None
                )
        environment = Environment(facts, self.day, self.dictionary)
        for test in self.derived:
            truth = to_truth(evaluate(test.root, environment))
            row[self.names[test.source]] = None if truth is Truth.UNKNOWN else float(truth is Truth.TRUE)
        return row

    def compared(self, test: Expression) -> tuple[str, str, Any, bool]:
        """Return short name, operator, number and whether it is negated, for every comparison."""
        simple = self.simple(test)
        if simple is None:
            return self.names[test.source], "==", 1.0, False
        return self.names[simple[0]], *simple[1:]


class Zen:
    """One decision with an expression for each rule, that gives 0, 1 or 2."""

    def __init__(self, encoded: Encoded) -> None:
        import zen

        self.count = len(encoded.trees)
        expressions = [
            {"id": f"e{place}", "key": f"r{place}", "value": _zen_rule(tree, encoded)}
            for place, tree in enumerate(encoded.trees)
        ]
        content = {
            "contentType": "application/vnd.gorules.decision",
            "nodes": [
                {"id": "in", "type": "inputNode", "name": "in", "content": {}},
                {"id": "rules", "type": "expressionNode", "name": "rules", "content": {"expressions": expressions}},
                {"id": "out", "type": "outputNode", "name": "out", "content": {}},
            ],
            "edges": [
                {"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
                {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"},
            ],
        }  # fmt: skip
        self._engine = zen.ZenEngine()
        self._decision = self._engine.create_decision(json.dumps(content))

    def codes(self, row: dict[str, float | None]) -> list[int]:
        """Return 0 (no), 1 (may) or 2 (fits) for each rule."""
        result = self._decision.evaluate(row)["result"]
        return [int(result[f"r{place}"]) for place in range(self.count)]


def _zen_rule(tree: Formal, encoded: Encoded) -> str:
    holds, may = _zen(tree, encoded)
    return f"{holds} ? 2 : ({may} ? 1 : 0)"


def _zen(tree: Formal, encoded: Encoded) -> tuple[str, str]:
    if isinstance(tree, Expression):
        name, operator, value, negated = encoded.compared(tree)
        told = f"{name} {operator} {value}"
        told = f"not ({told})" if negated else f"({told})"
        return f"({name} != null and {told})", f"({name} == null or {told})"
    if isinstance(tree, Negated):
        holds, may = _zen(tree.part, encoded)
        return f"(not {may})", f"(not {holds})"
    parts = [_zen(part, encoded) for part in tree.parts]
    holds, may = (_zen_needs(tree.count, [part[side] for part in parts]) for side in (0, 1))
    return holds, may


def _zen_needs(count: int, parts: list[str]) -> str:
    if count in (1, len(parts)):
        return "(" + (" or " if count == 1 else " and ").join(parts) + ")"
    return "(" + " + ".join(f"({part} ? 1 : 0)" for part in parts) + f" >= {count})"


class OpenFisca:
    """Two variables for each rule over one entity; unknown numbers are NaN."""

    def __init__(self, encoded: Encoded) -> None:
        from openfisca_core.entities import build_entity
        from openfisca_core.periods import DateUnit
        from openfisca_core.simulations import SimulationBuilder
        from openfisca_core.taxbenefitsystems import TaxBenefitSystem
        from openfisca_core.variables import Variable

        self._builder = SimulationBuilder
        self.names = list(encoded.names.values())
        self.count = len(encoded.trees)
        entity = build_entity(key="company", plural="companies", label="company", is_person=True)
        self._system = TaxBenefitSystem([entity])

        def add(name: str, kind: type, formula: Callable[..., Any] | None) -> None:
            body: dict[str, Any] = {
                "value_type": kind,
                "entity": entity,
                "definition_period": DateUnit.MONTH,
                "label": name,
            }
            body |= {"default_value": float("nan")} if formula is None else {"formula": formula}
            self._system.add_variable(type(name, (Variable,), body))

        for name in self.names:
            add(name, float, None)
        for place, tree in enumerate(encoded.trees):
            add(f"holds{place}", bool, _formula(tree, encoded, side=0))
            add(f"may{place}", bool, _formula(tree, encoded, side=1))

    def simulation(self, columns: dict[str, np.ndarray[Any, Any]]) -> Any:
        """Return a simulation that holds the facts of some companies."""
        size = len(next(iter(columns.values())))
        simulation = self._builder().build_default_simulation(self._system, size)
        for name, column in columns.items():
            simulation.set_input(name, "2026-11", column)
        return simulation

    def codes(self, simulation: Any, rules: Iterable[int]) -> list[np.ndarray[Any, Any]]:
        """Return for each rule an array of 0, 1 or 2."""
        return [
            simulation.calculate(f"holds{place}", "2026-11").astype(np.int8)
            + simulation.calculate(f"may{place}", "2026-11").astype(np.int8)
            for place in rules
        ]

    def columns(self, rows: Sequence[dict[str, float | None]]) -> dict[str, np.ndarray[Any, Any]]:
        """Return the facts of many companies as columns."""
        return {
            name: np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=np.float64)
            for name in self.names
        }


def _formula(tree: Formal, encoded: Encoded, *, side: int) -> Callable[..., Any]:
    compute = _fisca(tree, encoded)[side]

    def formula(company: Any, period: Any) -> Any:
        return compute(lambda name: company(name, period))

    return formula


_NUMPY = {"==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}  # fmt: skip
Side = Callable[[Callable[[str], Any]], Any]


def _fisca(tree: Formal, encoded: Encoded) -> tuple[Side, Side]:
    if isinstance(tree, Expression):
        return _fisca_leaf(*encoded.compared(tree))
    if isinstance(tree, Negated):
        holds, may = _fisca(tree.part, encoded)
        return (lambda get: ~may(get)), (lambda get: ~holds(get))
    parts = [_fisca(part, encoded) for part in tree.parts]

    def needs(side: int) -> Side:
        if tree.count in (1, len(parts)):
            join = np.logical_or if tree.count == 1 else np.logical_and
            return lambda get: join.reduce([part[side](get) for part in parts])
        return lambda get: np.sum([part[side](get) for part in parts], axis=0) >= tree.count

    return needs(0), needs(1)


def _fisca_leaf(name: str, operator: str, value: Any, negated: bool) -> tuple[Side, Side]:
    def told(column: Any) -> Any:
        found = np.isin(column, value) if operator == "in" else _NUMPY[operator](column, value)
        return ~found if negated else found

    def holds(get: Callable[[str], Any]) -> Any:
        column = get(name)
        return told(column) & ~np.isnan(column)

    def may(get: Callable[[str], Any]) -> Any:
        column = get(name)
        return told(column) | np.isnan(column)

    return holds, may
