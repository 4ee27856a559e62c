"""Cases of the DMN Technology Compatibility Kit (Apache-2.0), read from ../shared/conformance where it is present.

Decision tables are translated to the form table/1, literal expressions to rule expressions. What has no counterpart
here is counted as out of scope with its reason, and the counts are checked so that a case cannot slip away unseen.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from rules.amount_form import Rounding
from rules.amounts import round_fen
from rules.document import DecisionTable
from rules.errors import RulesError
from rules.evaluate import Environment, evaluate
from rules.expressions import parse_expression
from rules.facts import FactDictionary, Facts
from rules.possible import Truth, to_truth
from rules.tables import decide

TCK = Path(__file__).parents[3] / "shared" / "conformance" / "dmn-tck"
DAY = date(2026, 11, 20)
pytestmark = pytest.mark.skipif(not TCK.is_dir(), reason="the DMN TCK is not beside this checkout")

TABLES = [
    "0004-simpletable-U", "0005-simpletable-A", "0006-simpletable-P1", "0108-first-hitpolicy",
    "0109-ruleOrder-hitpolicy", "0110-outputOrder-hitpolicy", "0111-first-hitpolicy-singleoutputcol",
    "0113-outputOrder-hitpolicy-singleinoutcol", "0114-min-collect-hitpolicy", "0116-count-collect-hitpolicy",
    "0117-multi-any-hitpolicy", "0119-multi-collect-hitpolicy",
]  # fmt: skip
LOGIC = [
    "0106-feel-ternary-logic",
    "0107-feel-ternary-logic-not",
    "0064-feel-conjunction",
    "0065-feel-disjunction",
]
Element = ElementTree.Element


def _named(element: Element, name: str) -> list[Element]:
    return [child for child in element.iter() if child.tag.rpartition("}")[2] == name]


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if child.tag.rpartition("}")[2] == name]


def _folder(name: str) -> Path:
    return next(TCK.glob(f"*/{name}"))


def _roots(name: str) -> tuple[Element, Element]:
    folder = _folder(name)
    model, tests = next(folder.glob("*.dmn")), next(folder.glob("*-test-*.xml"))
    return ElementTree.parse(model).getroot(), ElementTree.parse(tests).getroot()


def _text(element: Element | None) -> str:
    found = _named(element, "text") if element is not None else []
    return (found[0].text or "").strip() if found else ""


def _value(element: Element) -> Any:
    """The plain value of a TCK node: a value, a list, or a structure."""
    if lists := _children(element, "list"):
        return [_value(item) for item in _children(lists[0], "item")]
    if components := _children(element, "component"):
        return {component.get("name"): _value(component) for component in components}
    (node,) = _children(element, "value")
    kind = (node.get("{http://www.w3.org/2001/XMLSchema-instance}type") or "").rpartition(":")[2]
    if node.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true":
        return None
    text = node.text or ""
    if kind == "boolean":
        return text == "true"
    return Decimal(text) if kind in ("decimal", "double", "integer") else text


def _word(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _literal(text: str) -> Any:
    text = text.strip()
    if text.startswith('"'):
        return text.strip('"')
    return {"true": True, "false": False}[text] if text in ("true", "false") else Decimal(text)


def _cell(text: str) -> Any:
    if text == "-":
        return text
    if text.startswith(("<", ">")):
        return text
    parts = [_literal(part) for part in text.split(",")]
    return parts[0] if len(parts) == 1 else parts


def _table(model: Element) -> tuple[DecisionTable, FactDictionary]:
    (form,) = _named(model, "decisionTable")
    inputs = [_text(_children(column, "inputExpression")[0]) for column in _children(form, "input")]
    kinds = [_children(column, "inputExpression")[0].get("typeRef") for column in _children(form, "input")]
    columns = _children(form, "output")
    names = [column.get("name") or "result" for column in columns]
    outputs, defaults = {}, {}
    for name, column in zip(names, columns, strict=True):
        listed = [
            _literal(part)
            for values in _children(column, "outputValues")
            for part in _text(values).split(",")
        ]
        outputs[name] = {"type": "any", "values": listed}
        if default := _text(next(iter(_children(column, "defaultOutputEntry")), None)):
            defaults[name] = _literal(default)
    rows = []
    for number, rule in enumerate(_children(form, "rule"), 1):
        cells = [_cell(_text(entry)) for entry in _children(rule, "inputEntry")]
        results = [_literal(_text(entry)) for entry in _children(rule, "outputEntry")]
        when = dict(zip(map(_word, inputs), cells, strict=True))
        rows.append(
            {"id": f"r{number}", "when": when, "then": dict(zip(names, results, strict=True)), "cite": "S"}
        )
    if defaults:
        rows.append({"id": "default", "else": True, "then": defaults, "cite": "S"})
    hit = (form.get("hitPolicy") or "UNIQUE").lower().replace(" ", "_")
    document = DecisionTable.model_validate(
        {
            "schema": "table/1", "id": "tck", "kind": "tck", "title": "TCK", "owner": "TCK", "review_by": DAY,
            "sources": {"S": {"title": "DMN TCK"}}, "hit": hit,
            "aggregate": (form.get("aggregation") or "list").lower(),
            "inputs": [_word(name) for name in inputs], "outputs": outputs, "rows": rows,
        }
    )  # fmt: skip
    return document, _dictionary(dict(zip(map(_word, inputs), kinds, strict=True)), rows)


def _dictionary(kinds: dict[str, str | None], rows: list[dict[str, Any]]) -> FactDictionary:
    raw: dict[str, dict[str, Any]] = {}
    for name, kind in kinds.items():
        if kind == "boolean":
            raw[name] = {"type": "bool", "ask": "?"}
        elif kind == "number":
            raw[name] = {"type": "number", "ask": "?"}
        else:
            raw[name] = {"type": "enum", "values": ["High", "Low", "Medium"], "ask": "?"}
    return FactDictionary.parse(raw)


def _cases(names: list[str]) -> Iterator[Any]:
    if TCK.is_dir():
        for name in names:
            for case in _named(_roots(name)[1], "testCase"):
                yield pytest.param(name, case.get("id"), id=f"{name}-{case.get('id')}")


def _case(tests: Element, number: str) -> Element:
    return next(case for case in _named(tests, "testCase") if case.get("id") == number)


def _shaped(document: DecisionTable, outputs: Any, expected: Any) -> Any:
    """Our outputs by column in the shape of the TCK's answer: one value, a structure, or a list of either."""
    if outputs is None:
        return None
    single = len(document.outputs) == 1
    if isinstance(expected, list):
        lines = [dict(zip(outputs, line, strict=True)) for line in zip(*outputs.values(), strict=True)]
        return [next(iter(line.values())) for line in lines] if single else lines
    return next(iter(outputs.values())) if single else dict(outputs)


@pytest.mark.parametrize(("name", "number"), list(_cases(TABLES)))
def test_decision_table(name, number):
    model, tests = _roots(name)
    document, dictionary = _table(model)
    case = _case(tests, number)
    facts = {_word(node.get("name") or ""): _value(node) for node in _named(case, "inputNode")}
    known = {fact: value for fact, value in facts.items() if fact in dictionary and value is not None}
    expected = _value(_children(_named(case, "resultNode")[0], "expected")[0])
    result = decide(document, dictionary.facts(known), DAY, dictionary)
    assert _shaped(document, result.outputs, expected) == expected


@pytest.mark.parametrize(("name", "number"), list(_cases(LOGIC)))
def test_three_valued_logic(name, number):
    model, tests = _roots(name)
    case = _case(tests, number)
    formulas = {node.get("name"): _text(node) for node in _named(model, "decision")}
    facts = Facts.of(
        {node.get("name"): value for node in _named(case, "inputNode") if (value := _value(node)) is not None}
    )
    for node in _named(case, "resultNode"):
        source = formulas[node.get("name")].replace("null", "nothing_known")
        truth = to_truth(evaluate(parse_expression(source).root, Environment(facts, DAY, FactDictionary())))
        expected = _value(_children(node, "expected")[0])
        assert truth is (Truth.UNKNOWN if expected is None else Truth.of(expected))


def _comparison(feel: str) -> str | None:
    """A FEEL `between` or `in` over literals as a rule expression; None when it has no counterpart."""
    text = re.sub(r'date\("(\d+)-0?(\d+)-0?(\d+)"\)', r"date(\1, \2, \3)", feel)
    operand = r"(-?\d+(?:\.\d+)?|date\([^)]*\))"
    if match := re.fullmatch(rf"{operand} between {operand} and {operand}", text):
        return f"{match[1]} >= {match[2]} and {match[1]} <= {match[3]}"
    if match := re.fullmatch(rf"{operand} in \(?\s*(<=|>=|<|>)\s*{operand}\)?", text):
        return f"{match[1]} {match[2]} {match[3]}"
    if match := re.fullmatch(rf"{operand} in ([\[(\]]){operand}\.\.{operand}([\])\[])", text):
        low, high = (">=" if match[2] == "[" else ">"), ("<=" if match[5] == "]" else "<")
        return f"{match[1]} {low} {match[3]} and {match[1]} {high} {match[4]}"
    if match := re.fullmatch(
        rf"({operand}|\"\w\") in [\[(](({operand}|\"\w\")(,\s*({operand}|\"\w\"))*)[\])]", text
    ):
        return f"{match[1]} in [{match[3]}]"
    return None


@pytest.mark.parametrize(("name", "wanted"), [("0071-feel-between", 10), ("0072-feel-in", 60)])
def test_between_and_in(name, wanted):
    """Out of scope: ordering of words, times and durations, lists of ranges, functions as operands."""
    model, tests = _roots(name)
    formulas = {node.get("name"): _text(node) for node in _named(model, "decision")}
    checked = 0
    for node in _named(tests, "resultNode"):
        source = _comparison(formulas.get(node.get("name"), ""))
        expected = _value(_children(node, "expected")[0])
        if source is None or expected is None:
            continue
        value = evaluate(parse_expression(source).root, Environment(Facts(), DAY, FactDictionary()))
        assert to_truth(value) is Truth.of(expected), formulas[node.get("name")]
        checked += 1
    assert checked >= wanted


def test_round_half_up():
    """Out of scope: calls with missing, named or null arguments; rounding is a word of the amount here."""
    model, tests = _roots("1143-feel-round-half-up-function")
    formulas = {node.get("name"): _text(node) for node in _named(model, "decision")}
    checked = 0
    for node in _named(tests, "resultNode"):
        match = re.fullmatch(r"round half up\((-?[\d.]+),\s*(\d+)\)", formulas.get(node.get("name"), ""))
        if match is None:
            continue
        shift = 10 ** int(match[2])
        got = Fraction(round_fen(Fraction(match[1]) * shift, Rounding.HALF_UP), shift)
        assert got == Fraction(_value(_children(node, "expected")[0]))
        checked += 1
    assert checked >= 4


def test_words_have_no_order_here():
    """The TCK orders strings; a rule that did so would be a mistake of its author."""
    with pytest.raises(RulesError):
        evaluate(parse_expression("'a' >= 'b'").root, Environment(Facts(), DAY, FactDictionary()))
