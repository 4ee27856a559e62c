"""Three-valued logic refined by intervals, and which unknown facts still matter."""

from __future__ import annotations

import pytest

from rules.decide import decide
from rules.evaluate import Environment
from rules.expressions import parse_condition
from rules.facts import Facts
from rules.possible import Truth
from rules.tree import Needs, Negated
from tests.unit.rules.random_trees import AS_OF, DICTIONARY

YES, NO, OPEN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


def all_of(*parts):
    return Needs(len(parts), tuple(_tree(part) for part in parts))


def any_of(*parts):
    return Needs(1, tuple(_tree(part) for part in parts))


def _tree(part):
    return parse_condition(part) if isinstance(part, str) else part


@pytest.mark.parametrize(
    ("tree", "known", "truth", "facts"),
    [
        (any_of("人数 >= 50", "人数 < 50"), {}, YES, ()),
        (all_of("人数 >= 50", "人数 < 50"), {}, NO, ()),
        (all_of("人数 > 3", "人数 < 4"), {}, NO, ()),  # no whole number lies between
        (all_of("比率 > 3", "比率 < 4"), {}, OPEN, ("比率",)),
        (any_of("人数 >= 50", "人数 <= 50"), {}, YES, ()),
        (any_of("比率 > 0", "比率 < 0", "比率 == 0"), {}, YES, ()),
        (any_of("规模 in ['微', '小']", "规模 == '中'"), {}, YES, ()),
        (all_of("权利 & {'专利'}", "not '专利' in 权利"), {}, NO, ()),
        (any_of("甲", "not 甲"), {}, YES, ()),
        (any_of("成立日 < date(2026, 1, 1)", "成立日 > date(2025, 12, 31)"), {}, YES, ()),
        (all_of("人数 >= 50", any_of("人数 >= 30", "甲")), {}, OPEN, ("人数",)),  # 甲 can never matter
        (all_of("甲", any_of("人数 >= 50", "人数 < 50")), {}, OPEN, ("甲",)),
        (all_of("甲", "乙"), {"甲": False}, NO, ()),
        (all_of("甲", "乙", "人数 > 1"), {"乙": True}, OPEN, ("甲", "人数")),
        (any_of(all_of("甲", "乙"), "人数 > 1"), {"甲": False}, OPEN, ("人数",)),
        (Negated(any_of("甲", "乙")), {"甲": False}, OPEN, ("乙",)),
        (Needs(2, (_tree("甲"), _tree("乙"), _tree("人数 > 1"))), {"甲": True, "乙": True}, YES, ()),
        (Needs(2, (_tree("甲"), _tree("乙"), _tree("人数 > 1"))), {"甲": False, "乙": False}, NO, ()),
        (Needs(2, (_tree("甲"), _tree("乙"), _tree("人数 > 1"))), {"甲": True}, OPEN, ("乙", "人数")),
        (all_of("人数 >= 0"), {}, YES, ()),  # the kind of fact alone decides
        (all_of("收入 < 0"), {}, NO, ()),
        (all_of(), {}, YES, ()),
        (Needs(1, ()), {}, NO, ()),
    ],
)
def test_truth_and_what_matters(tree, known, truth, facts):
    decision = decide(tree, Environment(DICTIONARY.facts(known), AS_OF, DICTIONARY))
    assert decision.truth is truth
    assert decision.facts == facts


@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ("人数 > 1", NO), ("人数 != 1", YES), ("not 甲", YES), ("has(人数)", NO), ("规模 not in ['微']", YES),
        ("权利 & {'专利'}", NO), ("age(成立日) >= 0", NO), ("人数 * 2 > 0", NO), ("count(权利) == 0", NO),
    ],
)  # fmt: skip
def test_a_fact_that_does_not_exist_fails_every_comparison(source, truth):
    facts = Facts()
    for name in DICTIONARY:
        facts = facts.not_applicable(name)
    decision = decide(parse_condition(source), Environment(facts, AS_OF, DICTIONARY))
    assert decision.truth is truth


@pytest.mark.parametrize(
    ("start", "months", "years"),
    [
        ((2026, 10, 20), 1, 0),
        ((2026, 10, 21), 0, 0),
        ((2025, 11, 20), 12, 1),
        ((2025, 11, 21), 11, 0),
        ((2020, 2, 29), 80, 6),
    ],
)
def test_months_and_years_are_full_ones(start, months, years):
    from datetime import date

    from rules.functions import whole_months, whole_years

    assert whole_months(date(*start), AS_OF) == months
    assert whole_years(date(*start), AS_OF) == years
    assert whole_months(AS_OF, date(*start)) == -months


def test_a_range_is_cut_where_a_decided_comparison_tells_something_of_another():
    """Nobody has fewer than 0 staff, which is decided, and yet 0 tells the two comparisons that are left apart."""
    parts = ("甲", "人数 < 0", "min(人数, 比率) < 1", "round_up(人数, 2) > 0")
    decision = decide(Needs(1, tuple(map(parse_condition, parts))), Environment(Facts(), AS_OF, DICTIONARY))
    assert (decision.truth, decision.facts) == (Truth.TRUE, ())
