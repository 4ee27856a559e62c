"""Try every example of Publicodes' mechanisms that is present.

Situations, expected values and missing variables are theirs. A rule that is "non applicable" there does not apply, or
is a condition that fails, here; `undefined` is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from rules.amount_form import Amount
from rules.amounts import compute
from rules.decide import decide
from rules.errors import RulesError
from rules.evaluate import Environment, evaluate
from rules.expressions import parse_expression
from rules.facts import FactDictionary, Facts, FactState, FactValue
from rules.possible import ABSENT, Truth, to_truth
from rules.tree import Formal
from tests.conformance.outcome import Outcome, OutOfScope, Reason, tried
from tests.conformance.publicodes_expressions import Term
from tests.conformance.publicodes_rules import Rules

SUITE = "Publicodes"
DAY = date(2026, 11, 20)
UNKNOWN, NOTHING = "undefined", None


@dataclass(frozen=True)
class Answer:
    """What a rule gives: a value, `undefined`, or None where it does not apply; and what is missing."""

    value: Any
    missing: frozenset[str] = frozenset()


def outcomes(folder: Path) -> Iterator[Outcome]:
    """Yield the outcome of every example in a folder of Publicodes files."""
    for path in sorted(folder.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for rule, node in content.items():
            examples = node.get("exemples") or [] if isinstance(node, dict) else []
            for number, example in enumerate([examples] if isinstance(examples, dict) else examples, 1):
                case = f"{rule} {number}"
                yield tried(SUITE, path.stem, case, lambda: _differs(content, rule, example))  # noqa: B023


def _differs(content: Mapping[str, Any], rule: str, example: Mapping[str, Any]) -> str:
    wanted = example.get("valeur attendue", UNKNOWN if "variables manquantes" in example else ...)
    wanted_missing = example.get("variables manquantes")
    if wanted != UNKNOWN and wanted_missing:
        raise OutOfScope(Reason.PROVISIONAL, f"{wanted} while {wanted_missing} are missing")
    try:
        got = _answer(content, rule, example.get("situation") or {})
    except RulesError as error:
        return "" if "exception" in example else f"{error}"
    if "exception" in example:
        return f"wanted an error, got {got.value!r}"
    if not _same(wanted, got.value):
        return f"wanted {wanted!r}, got {got.value!r}, missing {sorted(got.missing)}"
    if wanted_missing is not None and set(wanted_missing) != got.missing:
        return f"wanted {wanted_missing} missing, got {sorted(got.missing)}"
    return ""


def _same(wanted: Any, got: Any) -> bool:
    if wanted is NOTHING:
        return got is NOTHING or got is False  # a condition that cannot be met fails
    if isinstance(wanted, int | float) and isinstance(got, Fraction):
        return not isinstance(wanted, bool) and Fraction(str(wanted)) == got
    return type(wanted) is type(got) and bool(wanted == got)


def _answer(content: Mapping[str, Any], rule: str, situation: Mapping[str, Any]) -> Answer:
    told, written = _facts(content, situation)
    rules = Rules(content, written)
    applies, term = rules.applies_and_value(rule)
    environment = _environment(rules, told)
    answer = _value(applies, term, rules, environment)
    if rules.defaults & answer.missing:
        raise OutOfScope(Reason.PROVISIONAL, "a default stands in for what is missing")
    return Answer(answer.value, frozenset(rules.facts[name] for name in answer.missing))


def _facts(
    content: Mapping[str, Any], situation: Mapping[str, Any]
) -> tuple[dict[str, bool], dict[str, Any]]:
    """Split a situation: truths told of rules that have no value of their own are facts, the rest is computed."""
    told: dict[str, bool] = {}
    written: dict[str, Any] = {}
    for name, given in situation.items():
        known = {"oui": True, "non": False}.get(given, given) if isinstance(given, str) else given
        if isinstance(known, bool) and content.get(name) is None:
            told[name] = known
        else:
            written[name] = given
    return told, written


def _environment(rules: Rules, told: Mapping[str, bool]) -> Environment:
    names = {theirs: ours for ours, theirs in rules.facts.items()}
    facts = Facts(
        {names[name]: FactValue(FactState.VALUE, truth) for name, truth in told.items() if name in names}
    )
    dictionary = FactDictionary.parse(
        {names[name]: {"type": "bool", "ask": "?"} for name in told if name in names}
    )
    return Environment(facts, DAY, dictionary)


def _value(applies: Formal | None, term: Term, rules: Rules, environment: Environment) -> Answer:
    if applies is not None:
        decision = decide(applies, environment)
        if decision.truth is not Truth.TRUE:
            value = NOTHING if decision.truth is Truth.FALSE else UNKNOWN
            return Answer(value, frozenset(decision.facts))
    if term.is_truth:
        return _truth(term, environment)
    amount = Amount.model_validate(
        {
            "unit": "万元",
            "round": "exact",
            "let": rules.lets,
            "formula": term.text,
        }  # 万元: six places are exact
    )
    result = compute(amount, environment)
    if result.fen is not None:
        scale = term.unit.scale if term.unit else 1
        return Answer(Fraction(result.fen, 1_000_000) / scale)
    absent = result.low is None and not result.missing
    return Answer(NOTHING if absent else UNKNOWN, frozenset(result.missing))


def _truth(term: Term, environment: Environment) -> Answer:
    value = evaluate(parse_expression(term.text).root, environment)
    truth = to_truth(value)
    if truth is Truth.UNKNOWN:
        return Answer(UNKNOWN, frozenset(environment.touched))
    return Answer(NOTHING if value is ABSENT else truth is Truth.TRUE)
