"""A value rules out exactly the rules whose requirement it breaks: on, between and beyond the thresholds."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from rules.compiled_code import predicate
from rules.expressions import parse_condition
from rules.failing import Required, lookup, threshold
from tests.unit.rules.random_trees import AS_OF, DICTIONARY

CASES = {
    "人数": (
        ["人数 >= 3", "人数 < 5", "4 <= 人数", "人数 == 3", "not 人数 > 4", "人数 in [1, 2]"],
        range(-1, 8),
    ),
    "比率": (
        ["比率 >= 0.1", "比率 < 0.3", "比率 != 0.1", "比率 * 2 > 0.5"],
        [Fraction(n, 20) for n in range(-3, 12)],
    ),
    "成立日": (
        ["成立日 <= date(2023, 6, 15)", "成立日 > date(2023, 6, 16)", "age(成立日) >= 3"],
        [date(2023, 6, 12) + timedelta(days) for days in range(8)] + [date(1999, 1, 1), date(2026, 1, 1)],
    ),
    "规模": (["规模 == '微'", "规模 in ['小', '中']", "规模 != '中'"], ["微", "小", "中"]),
    "甲": (["甲", "not 甲", "甲 == true"], [True, False]),
    "权利": (
        ["权利 & {'专利'}", "'商标' not in 权利", "count(权利) >= 2"],
        [frozenset(), frozenset({"专利", "商标"})],
    ),
}


@pytest.mark.parametrize("fact", CASES)
@pytest.mark.parametrize("wanted", [True, False])
def test_a_value_rules_out_what_it_breaks(fact, wanted):
    sources, values = CASES[fact]
    required = [
        Required(test, wanted, predicate(test, AS_OF), 1 << place)
        for place, test in enumerate(map(parse_condition, sources))
    ]
    look = lookup(DICTIONARY[fact], required)
    for value in [*values, *values]:  # the second time from memory
        broken = sum(item.rules for item in required if item.holds(value) is not wanted)
        assert look(value) == broken, (value, bin(look(value)), bin(broken))


def test_nothing_required_rules_nothing_out():
    assert lookup(DICTIONARY["人数"], [])(3) == 0
    assert lookup(None, [])("什么") == 0


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("人数 >= 3", 3),
        ("not 3 < 人数", 3),
        ("人数 * 2 >= 3", None),
        ("人数 in [1, 2]", None),
        ("甲 == true", None),
        ("成立日 < date(2020, 1, 1)", date(2020, 1, 1)),
    ],
)
def test_thresholds_are_read_off_simple_comparisons(source, found):
    assert threshold(parse_condition(source)) == found
