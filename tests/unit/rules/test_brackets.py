"""Brackets: exact sums, bounds while facts are missing, and only the facts of the brackets that are reached."""

from __future__ import annotations

import pytest

from rules.amount_form import Amount
from rules.amounts import compute
from rules.errors import RulesError
from rules.evaluate import Environment
from rules.prose import amount_prose
from tests.unit.rules.random_trees import AS_OF, DICTIONARY

FEE = {
    "brackets": "marginal",
    "of": "收入",
    "rows": [
        {"up_to": 1000, "fixed": 50, "cite": "S#1"},
        {"up_to": 3000, "rate": "0.1", "cite": "S#2"},
        {"rate": "0.05 if 甲 else 0.02", "cite": "S#3"},
    ],
}
TAPER = {
    "brackets": "linear",
    "of": "收入",
    "scale": "人数",
    "rows": [{"up_to": 100, "rate": 1, "cite": "S#1"}, {"up_to": 200, "rate": 0, "cite": "S#2"}],
}


def _compute(brackets, **known):
    amount = Amount.model_validate(
        {
            "unit": "元",
            "round": "half_up",
            "round_to": "0.01",
            "let": {"费": brackets},
            "formula": "费",
            "cite": "S",
        }
    )
    return compute(amount, Environment(DICTIONARY.facts(known), AS_OF, DICTIONARY))


@pytest.mark.parametrize(
    ("value", "yuan", "cited"),
    [
        (0, 50, ["S", "S#1"]), (1000, 50, ["S", "S#1"]), (1001, "50.1", ["S", "S#1", "S#2"]),
        (3000, 250, ["S", "S#1", "S#2"]), (5000, 350, ["S", "S#1", "S#2", "S#3"]),
    ],
)  # fmt: skip
def test_each_part_is_charged_at_its_own_rate(value, yuan, cited):
    result = _compute(FEE, 收入=value, 甲=True)
    assert result.fen == round(float(yuan) * 100)
    assert list(result.references) == cited


def test_a_bracket_that_is_not_reached_asks_for_nothing():
    assert _compute(FEE, 收入=3000).missing == ()
    assert _compute(FEE, 收入=3001).missing == ("甲",)


def test_bounds_while_the_rate_or_the_value_is_missing():
    between = _compute(FEE, 收入=5000)
    assert (between.fen, between.low, between.high) == (None, 29_000, 35_000)
    nothing = _compute(FEE, 甲=True)
    assert (nothing.low, nothing.high, nothing.missing) == (5_000, None, ("收入",))


@pytest.mark.parametrize(
    ("value", "yuan"), [(50, 1), (100, 1), (150, "0.5"), (175, "0.25"), (200, 0), (900, 0)]
)
def test_between_two_ends_the_rate_moves_evenly(value, yuan):
    assert _compute(TAPER, 收入=value, 人数=1).fen == round(float(yuan) * 100)


def test_ends_are_multiples_of_the_scale():
    assert _compute(TAPER, 收入=300, 人数=2).fen == 50


def test_what_does_not_exist_here_gives_nothing():
    amount = Amount.model_validate(
        {"unit": "元", "round": "down", "let": {"费": FEE}, "formula": "费", "cite": "S"}
    )
    result = compute(amount, Environment(DICTIONARY.facts({}).not_applicable("收入"), AS_OF, DICTIONARY))
    assert (result.fen, result.low, result.missing) == (None, None, ())


def test_ends_that_do_not_rise_are_refused():
    with pytest.raises(RulesError):
        _compute(TAPER, 收入=300, 人数=0)


@pytest.mark.parametrize(
    "rows",
    [
        [], [{"up_to": 1, "cite": "S"}], [{"up_to": 1, "rate": 1, "fixed": 2, "cite": "S"}],
        [{"rate": 1, "cite": "S"}, {"up_to": 2, "rate": 1, "cite": "S"}],
    ],
)  # fmt: skip
def test_incomplete_brackets_are_refused(rows):
    with pytest.raises(ValueError):
        _compute({**FEE, "rows": rows})


@pytest.mark.parametrize("row", [{"rate": 1}, {"up_to": 3, "fixed": 1}])
def test_linear_brackets_want_an_end_and_a_rate(row):
    with pytest.raises(ValueError):
        _compute({**TAPER, "rows": [TAPER["rows"][0], {**row, "cite": "S"}]})


def test_brackets_read_as_chinese(sample):
    amount = Amount.model_validate(
        {"unit": "元", "round": "down", "let": {"费": {**FEE, "rows": [
            {"up_to": 1000, "fixed": 50, "cite": "S1"}, {"rate": "0.1", "cite": "S1"}]}}, "formula": "费", "cite": "S1"}
    )  # fmt: skip
    prose = "\n".join(amount_prose(sample, amount, DICTIONARY))
    assert "费：收入按以下各段累加：" in prose
    assert "不超过1,000的，计50" in prose
    assert "超过1,000的部分，乘以0.1" in prose
