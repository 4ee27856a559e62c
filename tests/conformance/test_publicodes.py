"""Cases of Publicodes' conditional mechanisms (MIT), read from ../shared/conformance where they are present.

Each rule is written here once in our own form; situations, expected values and missing variables are theirs.
A rule "non applicable" there is a condition that fails here; `undefined` is unknown. Out of scope: units, default
values, and rules whose very applicability is passed in as a situation.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.amount_form import Amount
from rules.amounts import compute
from rules.decide import decide
from rules.evaluate import Environment
from rules.expressions import parse_condition
from rules.facts import FactDictionary, Facts
from rules.possible import Truth
from rules.tree import Formal, Needs, Negated

FOLDER = Path(__file__).parents[3] / "shared" / "conformance" / "publicodes"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the Publicodes cases are not beside this checkout"
)
DAY = date(2026, 11, 20)
BOOL, NUMBER = {"type": "bool", "ask": "?"}, {"type": "number", "ask": "?"}
DICTIONARY = FactDictionary.parse(
    {
        "dégradation_mineure": BOOL,
        "dégradation_majeure": BOOL,
        "statut_cadre": BOOL,
        "ma_condition": BOOL,
        "base": NUMBER,
        "effectif": NUMBER,
        "effectif_plafond": NUMBER,
    }
)


def _conditions(*names: str) -> tuple[Formal, ...]:
    return tuple(parse_condition(name) for name in names)


BOTH = _conditions("dégradation_mineure", "dégradation_majeure")
TREES: dict[tuple[str, str], Formal] = {
    ("toutes-ces-conditions", "remboursement dépot de garantie"): Negated(Needs(2, BOTH)),
    ("une-de-ces-conditions", "remboursement dépot de garantie"): Negated(Needs(1, BOTH)),
    ("applicable", "prévoyance obligatoire cadre"): parse_condition("statut_cadre"),
}
STEPS = "0.05 if effectif > 100 else 0.04 if effectif > effectif_plafond else 0.02 if effectif > 20 else 0.01"
# A percentage is a hundredth here and a number with the unit % there.
FORMULAS = {
    ("variations", "variations avec cas défaut"): ("2300 if statut_cadre else 2100", 1),
    ("variations", "variations avec cas défaut calculé"): ("2300 if statut_cadre else base / 4", 1),
    ("variations", "plusieurs variations et un cas défaut"): (STEPS, 100),
    ("variations", "taux variable"): ("0.29 if ma_condition else 0.56", 100),
    ("variations", "variations sans unité"): ("3 if 5 > 10 else 7", 1),
    ("encadrement", "plafonnement"): ("min(1000, 250)", 1),
    ("encadrement", "plancher"): ("max(1000, 2500)", 1),
    ("encadrement", "encadrement inférieur et supérieur"): ("max(min(500 + 400, 800), 200)", 1),
}


def _cases(rules: Any) -> Iterator[Any]:
    if not FOLDER.is_dir():
        return
    for file, name in rules:
        content = yaml.safe_load((FOLDER / f"{file}.yaml").read_text(encoding="utf-8"))
        for number, example in enumerate(content[name]["exemples"]):
            yield pytest.param((file, name), example, id=f"{file}-{name}-{number}")


def _facts(example: dict[str, Any]) -> Facts:
    values = {"oui": True, "non": False}
    situation = example.get("situation") or {}
    return DICTIONARY.facts(
        {name.replace(" ", "_"): values.get(value, value) for name, value in situation.items()}
    )


def _missing(example: dict[str, Any]) -> set[str] | None:
    if "variables manquantes" not in example:
        return None
    return {name.replace(" ", "_") for name in example["variables manquantes"]}


@pytest.mark.parametrize(("rule", "example"), list(_cases(TREES)))
def test_applicability(rule, example):
    decision = decide(TREES[rule], Environment(_facts(example), DAY, DICTIONARY))
    expected = example["valeur attendue"]
    wanted = {"undefined": Truth.UNKNOWN, None: Truth.FALSE}.get(expected, Truth.TRUE)
    assert decision.truth is wanted
    assert _missing(example) in (None, set(decision.facts))


@pytest.mark.parametrize(("rule", "example"), list(_cases(FORMULAS)))
def test_values(rule, example):
    formula, scale = FORMULAS[rule]
    amount = Amount.model_validate({"unit": "元", "round": "exact", "formula": formula})
    result = compute(amount, Environment(_facts(example), DAY, DICTIONARY))
    expected = example.get("valeur attendue", "undefined")
    if expected == "undefined":
        assert result.fen is None
    else:
        assert Fraction(result.fen, 100) * scale == Fraction(str(expected))
    assert _missing(example) in (None, set(result.missing))
