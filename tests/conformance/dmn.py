"""Try every case of the DMN TCK that is present: decision tables as table/1, literal expressions as expressions.

A FEEL error gives null; here such an expression is refused or stays unknown. Both count as null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from rules.document import DecisionTable
from rules.errors import RulesError
from rules.evaluate import Environment, evaluate
from rules.expressions import parse_expression
from rules.facts import FactDictionary, Facts
from rules.possible import Exactly
from rules.tables import TableStatus, decide
from tests.conformance import feel
from tests.conformance.dmn_model import Case, Element, Model, cases, children, read_model, text_of, value
from tests.conformance.outcome import Outcome, OutOfScope, Reason, tried

SUITE = "DMN TCK"
DAY = date(2026, 11, 20)


def outcomes(folder: Path) -> Iterator[Outcome]:
    """Yield the outcome of every expected result below a folder of the TCK."""
    for tests in sorted(folder.rglob("*-test-*.xml")):
        for path, case in cases(tests):
            yield tried(SUITE, tests.parent.name, case.number, lambda: _differs(read_model(path), case))  # noqa: B023


def _differs(model: Model, case: Case) -> str:
    expected = value(case.expected)
    got = _Decisions(model, case.given).value(case.decision)
    return "" if _plain(got) == _plain(expected) else f"wanted {expected!r}, got {got!r}"


def _plain(found: Any) -> Any:
    """Numbers as fractions, so that equal numbers are equal; tables give what stands alone in a list of one column."""
    if isinstance(found, dict):
        return {name: _plain(item) for name, item in found.items()}
    if isinstance(found, list | tuple):
        return [_plain(item) for item in found]
    is_number = isinstance(found, int | Decimal | Fraction) and not isinstance(found, bool)
    return Fraction(found) if is_number else found


class _Decisions:
    """The decisions of a model for the inputs of one case; one may need another."""

    def __init__(self, model: Model, given: tuple[Element, ...]) -> None:
        self.model = model
        self.known: dict[str, Any] = {}
        self.types: dict[str, str | None] = {
            name: model.fact_type(ref) for name, ref in self._given_types(given)
        }
        for node in given:
            self._take(node.get("name") or "", value(node))

    def _given_types(self, given: tuple[Element, ...]) -> Iterator[tuple[str, str]]:
        named = {node.get("name") or "" for node in given}
        yield from ((name, ref) for name, ref in self.model.inputs.items() if name in named)

    def _take(self, name: str, found: Any) -> None:
        """Keep a value as a fact; a structure becomes a fact for each of its fields."""
        if isinstance(found, list):
            raise OutOfScope(Reason.LISTS, f"{name} is a list")
        if isinstance(found, dict):
            for field, item in found.items():
                self._take(f"{name}.{field}", item)
        else:
            self.known[name] = found

    def value(self, name: str) -> Any:
        """Return what a decision gives, None for null."""
        decision = self.model.decisions.get(name)
        if decision is None:
            raise OutOfScope(Reason.FUNCTIONS, f"{name} is no decision")
        for needed in self._needed(decision):
            self._take(needed, self.value(needed))
        for child in decision:
            match child.tag.rpartition("}")[2]:
                case "literalExpression":
                    return self._expression(text_of(child))
                case "decisionTable":
                    return self._table(child)
                case (
                    "context"
                    | "relation"
                    | "list"
                    | "invocation"
                    | "functionDefinition"
                    | "conditional"
                    | "filter"
                ):
                    raise OutOfScope(Reason.STRUCTURES, f"a boxed {child.tag.rpartition('}')[2]}")
        raise ValueError(f"{name} says nothing")

    def _needed(self, decision: Element) -> Iterator[str]:
        ids = {node.get("id"): name for name, node in self.model.decisions.items()}
        for requirement in children(decision, "informationRequirement"):
            for link in children(requirement, "requiredDecision"):
                yield ids[(link.get("href") or "").removeprefix("#")]

    @property
    def names(self) -> dict[str, str]:
        """The model's names for facts, and ours."""
        mentioned = {
            *self.known,
            *(name for name, ref in self.model.inputs.items() if not self._is_structure(ref)),
        }
        return {name: "v_" + re.sub(r"\W", "_", name) for name in mentioned}

    def _is_structure(self, ref: str) -> bool:
        definition = self.model.types.get(ref)
        return definition is not None and bool(children(definition, "itemComponent"))

    def _dictionary(self) -> FactDictionary:
        raw: dict[str, dict[str, Any]] = {}
        for name, word in self.names.items():
            found = self.known.get(name)
            kind = self.types.get(name) or _kind(found)
            if kind == "enum":
                values = dict.fromkeys([*self.model.words, *([found] if isinstance(found, str) else [])])
                raw[word] = {"type": "enum", "values": list(values) or ["-"], "ask": "?"}
            elif kind is not None:
                raw[word] = {"type": kind, "ask": "?"}
        return FactDictionary.parse(raw)

    def _facts(self, dictionary: FactDictionary) -> Facts:
        known = {self.names[name]: found for name, found in self.known.items() if found is not None}
        return dictionary.facts({word: found for word, found in known.items() if word in dictionary})

    def _expression(self, text: str) -> Any:
        source = feel.expression(text, self.names)
        dictionary = self._dictionary()
        try:
            result = evaluate(
                parse_expression(source).root, Environment(self._facts(dictionary), DAY, dictionary)
            )
        except RulesError:
            return None
        return result.value if isinstance(result, Exactly) else None

    def _table(self, form: Element) -> Any:
        dictionary = self._dictionary()
        table = _Table(form, self.names, self.model).document()
        result = decide(table, self._facts(dictionary), DAY, dictionary)
        if result.status is TableStatus.CONFLICT or result.outputs is None:
            return None
        if table.hit.gives_one or not any(isinstance(column, list) for column in result.outputs.values()):
            lines: Any = dict(result.outputs)
            return next(iter(lines.values())) if len(table.outputs) == 1 else lines
        lines = [
            dict(zip(result.outputs, line, strict=True))
            for line in zip(*result.outputs.values(), strict=True)
        ]
        return [next(iter(line.values())) for line in lines] if len(table.outputs) == 1 else lines


def _kind(found: Any) -> str | None:
    match found:
        case bool():
            return "bool"
        case Decimal() | Fraction() | int():
            return "number"
        case date():
            return "date"
        case str():
            return "enum"
        case _:
            return None


class _Table:
    """A decision table of the model in our form."""

    def __init__(self, form: Element, names: Mapping[str, str], model: Model) -> None:
        self.form = form
        self.names = names
        self.model = model
        self.subjects = [
            feel.expression(text_of(children(column, "inputExpression")[0]), names)
            for column in children(form, "input")
        ]
        self.columns = [column.get("name") or "result" for column in children(form, "output")]

    def document(self) -> DecisionTable:
        """Return the table. Raises OutOfScope."""
        rows = [self._row(number, rule) for number, rule in enumerate(children(self.form, "rule"), 1)]
        defaults = {
            name: self._output(text_of(entry))
            for name, column in zip(self.columns, children(self.form, "output"), strict=True)
            for entry in children(column, "defaultOutputEntry")
        }
        if defaults:
            rows.append({"id": "default", "else": True, "then": defaults, "cite": "S"})
        return DecisionTable.model_validate(
            {
                "schema": "table/1", "id": "tck", "kind": "tck", "title": "TCK", "owner": "TCK", "review_by": DAY,
                "sources": {"S": {"title": "DMN TCK"}},
                "hit": (self.form.get("hitPolicy") or "UNIQUE").lower().replace(" ", "_"),
                "aggregate": (self.form.get("aggregation") or "list").lower(),
                "inputs": [{"id": f"i{place}", "value": text} for place, text in enumerate(self.subjects)],
                "outputs": dict(self._outputs(rows)), "rows": rows,
            }
        )  # fmt: skip

    def _outputs(self, rows: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, column in zip(self.columns, children(self.form, "output"), strict=True):
            computed = any(isinstance(row["then"].get(name), _Formula) for row in rows)
            listed = [
                values for node in children(column, "outputValues") for values in _listed(text_of(node))
            ]
            yield name, {"type": "number" if computed else "any", "values": listed}

    def _output(self, text: str) -> Any:
        """A plain value, or the text of a formula."""
        term = feel.Term(feel.expression(text, self.names)) if text not in ("", "-", "null") else None
        if term is None:
            return None
        plain = _literal(text)
        return _Formula(term.text) if plain is None else plain

    def _row(self, number: int, rule: Element) -> dict[str, Any]:
        when: dict[str, Any] = {}
        alternatives: list[dict[str, Any]] = []
        for place, (subject, entry) in enumerate(
            zip(self.subjects, children(rule, "inputEntry"), strict=True)
        ):
            text = text_of(entry)
            if text in ("", "-"):
                continue
            written, parts = _cell(subject, text, self.names)
            if written is not None:
                when[f"i{place}"] = written
            else:
                alternatives.append(_any_of(f"r{number}.{place}", parts))
        then = zip(self.columns, children(rule, "outputEntry"), strict=True)
        row = {
            "id": f"r{number}",
            "when": when,
            "then": {name: self._output(text_of(e)) for name, e in then},
            "cite": "S",
        }
        return {**row, "require": {"all": alternatives}} if alternatives else row


class _Formula(str):
    """An output that is computed."""


def _listed(text: str) -> list[Any]:
    return [_literal(part) for part in re.findall(r'"[^"]*"|[^,\s]+', text)]


def _literal(text: str) -> Any:
    try:
        term = feel.literal(text)
    except (OutOfScope, ValueError):
        return None
    if not term.literal:
        return None
    match term.sort:
        case feel.Sort.STRING:
            return text.strip()[1:-1]
        case feel.Sort.BOOL:
            return term.text == "true"
        case feel.Sort.NUMBER:
            return Decimal(term.text)
        case _:
            return None


def _cell(subject: str, text: str, names: Mapping[str, str]) -> tuple[Any, list[str]]:
    """Return the cell as our tables write it; where they cannot, None and the conditions of which one must hold."""
    negated, tests = feel.cell(text, names)
    if len(tests) == 1 and not negated:
        parts = tests[0].parts
        for part in parts:
            feel.compared(feel.Term(subject), *part)
        if len(parts) == 1 and parts[0][0] == "==" and (plain := _literal(text)) is not None:
            return plain, []
        return " and ".join(f"{operator} {term.text}" for operator, term in parts), []
    plain = [part for test in tests for part in test.parts]
    if all(operator == "==" and term.literal for operator, term in plain):
        values = ", ".join(term.text for _, term in plain)
        return f"{'not in' if negated else 'in'} [{values}]", []
    if negated:
        raise OutOfScope(Reason.MECHANISM, f"not({text})")
    return None, [
        " and ".join(feel.compared(feel.Term(subject), *part) for part in test.parts) for test in tests
    ]


def _any_of(name: str, ways: list[str]) -> dict[str, Any]:
    def leaf(number: int, source: str) -> dict[str, Any]:
        return {"id": f"{name}.{number}", "if": source, "cite": "S", "pass": "yes", "fail": "no"}

    return {
        "any": [
            {"all": [leaf(10 * number + place, part) for place, part in enumerate(way.split(" and "))]}
            for number, way in enumerate(ways)
        ]
    }
