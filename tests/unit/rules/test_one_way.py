"""Which way a comparison goes as one of its facts grows, tried out on values."""

from __future__ import annotations

from datetime import date

import pytest

from rules.decide import decide
from rules.evaluate import Environment
from rules.exactness import cases_to_look_at
from rules.expressions import parse_condition
from rules.facts import FactDictionary, Facts
from rules.one_way import Way, way_of
from rules.possible import Truth
from rules.tree import Needs

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("test", "way"),
    [
        ("甲 >= 3", Way.GROWS),
        ("3 > 甲", Way.FALLS),
        ("not 甲 > 3", Way.FALLS),
        ("甲 + 乙 >= 3", Way.GROWS),
        ("乙 - 甲 >= 3", Way.FALLS),
        ("乙 >= 甲", Way.FALLS),
        ("max(甲, 乙) < 3", Way.FALLS),
        ("乙 >= 3", Way.STAYS),
        ("甲 - 甲 >= 0", None),
        ("甲 == 3", None),
        ("甲 * 乙 >= 3", None),
    ],
)
def test_which_way_it_goes(test: str, way: Way | None) -> None:
    assert way_of(parse_condition(test).root, "甲") is way


def test_amounts_that_only_add_up_need_no_cases() -> None:
    # As a crime's thresholds: sold, or sold and in stock together. Looking at each case took thirty times as long.
    tests = ("销售金额 >= 50000", "销售金额 + 库存 >= 150000", "销售金额 >= 30000")
    dictionary = FactDictionary.parse(
        {name: {"type": "money", "ask": "？", "unit": "元"} for name in ("销售金额", "库存")}
    )
    tree = Needs(1, tuple(parse_condition(test) for test in tests))
    assert cases_to_look_at(tree, DAY, dictionary) == {}
    turned = Needs(1, (*tree.parts, parse_condition("销售金额 < 30000")))
    assert set(cases_to_look_at(turned, DAY, dictionary)) == {"销售金额"}
    assert decide(turned, Environment(Facts(), DAY, dictionary)).truth is Truth.TRUE
