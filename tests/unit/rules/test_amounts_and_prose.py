"""Amounts are exact and stated with their rounding; rules read as Chinese."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from rules.amount_form import Amount, Rounding, Unit
from rules.amounts import compute, round_fen
from rules.errors import RulesError
from rules.evaluate import Environment
from rules.expressions import parse_expression
from rules.prose import expression_prose, fill, format_number, rule_prose
from tests.unit.rules.random_trees import AS_OF, DICTIONARY


@pytest.mark.parametrize(
    ("yuan", "rounding", "step", "wanted"),
    [
        ("2.5", Rounding.DOWN, 1, 200), ("2.5", Rounding.UP, 1, 300), ("2.5", Rounding.HALF_UP, 1, 300),
        ("2.5", Rounding.HALF_EVEN, 1, 200), ("3.5", Rounding.HALF_EVEN, 1, 400), ("2.5", Rounding.EXACT, 1, 250),
        ("1234", Rounding.DOWN, 100, 120000), ("0.125", Rounding.HALF_UP, Decimal("0.01"), 13),
        ("-2.5", Rounding.HALF_UP, 1, -300), ("-2.5", Rounding.DOWN, 1, -200), ("-2.1", Rounding.UP, 1, -300),
        ("2.5", Rounding.HALF_DOWN, 1, 200), ("2.51", Rounding.HALF_DOWN, 1, 300), ("0.3", Rounding.HALF_DOWN, 1, 0),
        ("-2.5", Rounding.HALF_DOWN, 1, -200),
    ],
)  # fmt: skip
def test_rounding(yuan, rounding, step, wanted):
    assert round_fen(Fraction(yuan) * 100, rounding, Decimal(step), Unit.YUAN) == wanted


def test_exact_refuses_a_part_of_a_fen():
    with pytest.raises(RulesError):
        round_fen(Fraction(1, 3), Rounding.EXACT)


def _amount(**fields):
    return Amount.model_validate({"unit": "元", "round": "down", "cite": "S", **fields})


def _compute(amount, **known):
    return compute(amount, Environment(DICTIONARY.facts(known), AS_OF, DICTIONARY))


def test_the_cap_bounds_what_is_not_known():
    amount = _amount(formula="收入 * 0.1", cap={"value": 500, "cite": "S"})
    result = _compute(amount)
    assert (result.fen, result.low, result.high, result.missing) == (None, 0, 50_000, ("收入",))


def test_an_amount_is_exact_when_nothing_can_change_it():
    amount = _amount(formula="1000 + 收入", cap={"value": 500, "cite": "S"})
    result = _compute(amount)
    assert (result.fen, result.capped, result.missing) == (50_000, True, ())


def test_without_cap_the_range_is_open():
    result = _compute(_amount(formula="收入 * 2 + 100"))
    assert (result.low, result.high) == (10_000, None)


def test_floor_and_unit():
    result = _compute(_amount(unit="万元", round="exact", formula="0.5", floor={"value": 1, "cite": "S"}))
    assert result.fen == 1_000_000


def test_a_fact_that_does_not_exist_gives_no_amount():
    facts = DICTIONARY.facts({}).not_applicable("收入")
    result = compute(_amount(formula="收入 * 2"), Environment(facts, AS_OF, DICTIONARY))
    assert (result.fen, result.low, result.high) == (None, None, None)


@pytest.mark.parametrize(
    ("formula", "fen"),
    [
        ("max(人数, 收入)", 30_000), ("min(收入, 500 if 甲 else none)", 30_000), ("min(人数, none if 甲 else 7)", None),
        ("round_half_up(收入 * 0.333, 10)", 10_000), ("round_up(收入, 万元(1))", 1_000_000),
    ],
)  # fmt: skip
def test_what_does_not_apply_does_not_count(formula, fen):
    facts = DICTIONARY.facts({"收入": 300, "甲": True}).not_applicable("人数")
    assert compute(_amount(formula=formula), Environment(facts, AS_OF, DICTIONARY)).fen == fen


def test_a_limit_that_does_not_apply_is_none():
    amount = _amount(formula="收入", cap={"value": "none if 甲 else 500", "cite": "S"})
    assert _compute(amount, 收入=900, 甲=True).fen == 90_000
    assert _compute(amount, 收入=900, 甲=False).fen == 50_000
    assert _compute(amount, 收入=900).missing == ("甲",)


def test_rounding_in_a_formula_keeps_bounds():
    result = _compute(_amount(formula="round_up(min(收入, 105), 10)"))
    assert (result.low, result.high) == (0, 11_000)


def test_not_published_says_so():
    amount = Amount.model_validate({"published": False, "note": "来源没有公布金额", "cite": "S1#第三条"})
    result = _compute(amount)
    assert (result.fen, result.explanation, result.references) == (None, "来源没有公布金额", ("S1#第三条",))


@pytest.mark.parametrize(
    "fields",
    [
        {"unit": None}, {"round": None}, {"published": False, "formula": "1"}, {"published": False, "cite": None},
        {"formula": None}, {"cap": {"value": 1}}, {"let": {"甲": {"table": []}}},
    ],
)  # fmt: skip
def test_an_incomplete_amount_is_refused(fields):
    with pytest.raises(ValueError):
        _amount(**{"formula": "1", **fields})


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("人数 >= 20", "人数不低于20人"), ("not 人数 >= 20", "人数低于20人"), ("20 > 人数", "人数低于20人"),
        ("成立日 < date(2025, 1, 1)", "成立日早于2025年1月1日"), ("age(成立日) >= 1", "成立日至评估日的整年数不低于1年"),
        ("规模 in ['微', '小']", "规模为微或小"), ("规模 not in ['微', '小', '中']", "规模不是微、小或中"),
        ("规模 == '微'", "规模为微"), ("权利 & {'专利'}", "权利含专利"), ("not 权利 & {'专利', '商标'}", "权利不含专利或商标"),
        ("not 甲", "甲为否"), ("收入 * 0.5 - 万元(2)", "收入×0.5－20,000"), ("(收入 + 1) * 2", "（收入＋1）×2"),
        ("min(收入, 5)", "收入、5中较小的"), ("1 if 甲 else 2", "甲为是时为1，否则为2"), ("not has(成立日)", "没有成立日"),
        ("round_up(收入, 100)", "收入（到100，不足一个单位的进一）"), ("5 if 甲 else none", "甲为是时为5，否则为没有"),
        ("count(权利) >= 2", "权利的项数不低于2项"), ("'专利' not in 权利", "权利不含专利"), ("甲 and 人数 > 1", "甲为是且人数超过1人"),
    ],
)  # fmt: skip
def test_expressions_read_as_chinese(source, words):
    assert expression_prose(parse_expression(source), DICTIONARY) == words


def test_a_rule_reads_as_chinese_with_its_articles(sample, dictionary):
    prose = rule_prose(sample, dictionary, date(2026, 11, 20))
    assert (
        "1. 注册地为示例市甲区或示例市乙区（注册在本市）〔《示例市知识产权质押融资补助办法（虚构）》" in prose
    )
    assert "满足以下任意一项：" in prose
    assert "取整：到元，不足一个单位的舍去" in prose


def test_templates_are_filled_not_evaluated():
    assert fill("{甲.__class__}{乙}", lambda name: f"<{name}>") == "<甲.__class__><乙>"


def test_numbers_read_well():
    assert [format_number(number) for number in (120001, Fraction(1, 2), Fraction(1, 3), Decimal("1.50"))] == [
        "120,001", "0.5", "0.333333", "1.5",
    ]  # fmt: skip
