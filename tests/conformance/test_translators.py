"""The translators of other people's languages, on texts of our own."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from rules.evaluate import Environment, evaluate
from rules.expressions import parse_expression
from rules.facts import FactDictionary, Facts
from rules.possible import Exactly
from tests.conformance import feel
from tests.conformance.outcome import OutOfScope, Reason
from tests.conformance.publicodes import UNKNOWN, _answer

DAY = date(2026, 11, 20)


def _value(text: str) -> object:
    source = feel.expression(text, {})
    result = evaluate(parse_expression(source).root, Environment(Facts(), DAY, FactDictionary()))
    return result.value if isinstance(result, Exactly) else None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 = 7", True), ("-(2 - 5)", 3), ("1.5e2", 150), ("5 in (1, [4..6))", True), ("6 in ]4..6[", False),
        ("4 in (<3, >=4)", True), ("2 in not_here", None), ("not(true) or 3 between 3 and 4", True),
        ("if 1 < 2 then 5 else 6", 5), ("round down(-5.5, 0)", -5), ("round up(-5.5, 0)", -6), ("floor(-1.5)", -2),
        ("ceiling(-1.5)", -1), ("decimal(2.5, 0)", 2), ("round half down(1.125, 2)", Fraction(28, 25)), ("abs(-3)", 3),
        ('@"2026-01-02" > date("2026-01-01")', True), ("min(3, 1, 2) + max(4, 5)", 6), ("1 > null", None),
        ('"a" in ("b", "a")', True),
    ],
)  # fmt: skip
def test_feel(text, value):
    if "not_here" in text:
        with pytest.raises(OutOfScope):
            _value(text)
    else:
        assert _value(text) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"a" < "b"', Reason.WORD_ORDER), ('time("10:00:00") = time("10:00:00")', Reason.TIMES),
        ('duration("P1D") > duration("PT1H")', Reason.DURATIONS), ("{a: 1} = {a: 1}", Reason.STRUCTURES),
        ("[1, 2] = [2, 1]", Reason.LISTS), ("[1..2] = [1..3]", Reason.RANGES), ("(> 3) = (> 3)", Reason.RANGES),
        ("1 = null", Reason.NULL), ("count = count", Reason.FUNCTIONS), ("some x in [1] satisfies x > 0", Reason.LISTS),
        ('"a" + "b"', Reason.TEXT), ("round up(1, 40)", Reason.LIMITS), ("2 ** 3", Reason.MECHANISM),
    ],
)  # fmt: skip
def test_feel_out_of_scope(text, reason):
    with pytest.raises(OutOfScope) as caught:
        feel.expression(text, {})
    assert caught.value.reason is reason


@pytest.mark.parametrize("text", ["1 +", "(1", "5 in [1..", "1 2", "= 3", "~"])
def test_feel_that_is_not_understood_is_an_error(text):
    with pytest.raises(ValueError):
        feel.expression(text, {})


def test_a_cell_of_a_table():
    negated, tests = feel.cell("not(1, [3..5])", {})
    assert negated
    assert [[operator for operator, _ in test.parts] for test in tests] == [["=="], [">=", "<="]]


RULES = {
    "chiffre": {"unité": "k€/an"},
    "aidée": None,
    "aide": {"applicable si": "aidée", "valeur": "10% * chiffre", "unité": "€/mois", "arrondi": "oui", "plafond": "900 €/mois"},
    "total": {"somme": ["aide", "100 €/mois"]},
    "reste": {"valeur": "total", "abattement": "50 €/mois"},
    "classe": {"grille": {"assiette": "chiffre", "tranches": [
        {"montant": 1, "plafond": "10 k€/an"}, {"montant": 2, "plafond": "20 k€/an"}, {"montant": 3}]}},
    "jours": {"durée": {"depuis": "01/01/2026", "jusqu'à": "31/01/2026"}},
    "produit": {"produit": ["chiffre", "50%"], "unité": "€/an"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "situation", "value", "missing"),
    [
        ("aide", {"aidée": "oui", "chiffre": 60}, 500, ()), ("aide", {"aidée": "oui", "chiffre": 600}, 900, ()),
        ("aide", {"aidée": "non"}, None, ()), ("aide", {"aidée": "oui"}, UNKNOWN, ("chiffre",)),
        ("total", {"aidée": "non"}, 100, ()), ("total", {"aidée": "oui", "chiffre": 60}, 600, ()),
        ("reste", {"aidée": "non"}, 50, ()), ("reste", {"aidée": "oui", "chiffre": 60}, 550, ()),
        ("classe", {"chiffre": 10}, 2, ()), ("classe", {"chiffre": 50}, 3, ()), ("jours", {}, 30, ()),
        ("produit", {"chiffre": 3}, 1500, ()),
    ],
)  # fmt: skip
def test_publicodes(rule, situation, value, missing):
    answer = _answer(RULES, rule, situation)
    assert answer.value == value
    assert answer.missing == frozenset(missing)


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        ({"valeur": "1 €", "contexte": {"chiffre": 1}}, Reason.WHAT_IF), ({"est défini": "chiffre"}, Reason.ASKS_WHAT_IS_KNOWN),
        ({"texte": "x"}, Reason.TEXT), ({"valeur": "1 €", "unité": "jours"}, Reason.UNITS),
        ({"logarithme": 3}, Reason.MECHANISM),
    ],
)  # fmt: skip
def test_publicodes_out_of_scope(node, reason):
    with pytest.raises(OutOfScope) as caught:
        _answer({**RULES, "règle": node}, "règle", {})
    assert caught.value.reason is reason
