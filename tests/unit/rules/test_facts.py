"""What people type becomes values, or a clear Chinese sentence."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from rules.coercion import ABSENT
from rules.errors import FactError
from rules.facts import FactDictionary, Facts, FactState, FactValue

DICTIONARY = FactDictionary.parse(
    {
        "有贷款": {"type": "bool", "ask": "有贷款吗？", "aliases": {"true": "在贷"}},
        "人数": {"type": "int", "unit": "人", "ask": "多少人？"},
        "占比": {"type": "number", "ask": "研发占比？", "min": 0, "max": 1},
        "本金": {"type": "money", "unit": "元", "ask": "本金多少？"},
        "还清日": {"type": "date", "ask": "哪天还清？", "absent": "未还清"},
        "规模": {
            "type": "enum",
            "values": ["微型", "小型"],
            "aliases": {"小型": ["小企业", "小微"]},
            "ask": "规模？",
        },
        "权利": {
            "type": "set",
            "values": ["发明专利", "商标"],
            "aliases": {"发明专利": "发明"},
            "ask": "哪些？",
        },
        "说明": {"type": "text", "ask": "说明？", "fresh_for_days": 30},
    }
)


@pytest.mark.parametrize(
    ("fact", "raw", "value"),
    [
        ("有贷款", "是", True),
        ("有贷款", "没有", False),
        ("有贷款", "在贷", True),
        ("人数", "２０人", 20),
        ("人数", 20.0, 20),
        ("占比", "3%", Decimal("0.03")),
        ("占比", Decimal("0.5"), Decimal("0.5")),
        ("本金", "500万", 5_000_000),
        ("本金", "1.5亿元", 150_000_000),
        ("本金", "1,200元", 1200),
        ("本金", "0.01", Decimal("0.01")),
        ("还清日", "2026年2月3日", date(2026, 2, 3)),
        ("还清日", "2026-02-03", date(2026, 2, 3)),
        ("还清日", "没有", ABSENT),
        ("还清日", "未还清", ABSENT),
        ("规模", "小企业", "小型"),
        ("权利", "发明、商标", frozenset({"发明专利", "商标"})),
        ("权利", "都没有", frozenset()),
        ("权利", ["商标"], frozenset({"商标"})),
    ],
)
def test_what_people_type_is_understood(fact, raw, value):
    assert DICTIONARY[fact].coerce(raw) == value


@pytest.mark.parametrize(
    ("fact", "raw", "words"),
    [
        ("本金", -5, "不能是负数"),
        ("本金", 10**15, "太大"),
        ("本金", "一些", "没看懂"),
        ("本金", Decimal("0.001"), "最多写到分"),
        ("本金", float("nan"), "没看懂"),
        ("本金", True, "没看懂"),
        ("本金", "9" * 400, "没看懂"),
        ("还清日", "2026-02-30", "没有"),
        ("还清日", "2026-13-01", "没有"),
        ("还清日", date(1026, 1, 1), "年份"),
        ("还清日", datetime(2026, 1, 1), "不要时刻"),
        ("规模", "巨型", "可选：微型、小型"),
        ("规模", True, "可选"),
        ("权利", "发明、版权", "可选"),
        ("人数", "2.5", "整数"),
        ("人数", -1, "负数"),
        ("占比", "2", "不能大于1"),
        ("有贷款", "也许", "是"),
        ("人数", "", "还没有填写"),
        ("人数", None, "还没有填写"),
    ],
)
def test_what_cannot_be_is_refused_in_a_chinese_sentence(fact, raw, words):
    with pytest.raises(FactError) as caught:
        DICTIONARY[fact].coerce(raw)
    assert words in caught.value.message
    assert caught.value.fact == fact


def test_values_read_as_people_write_them():
    assert DICTIONARY["本金"].format(5_000_000) == "5,000,000元"
    assert DICTIONARY["还清日"].format(date(2026, 2, 3)) == "2026年2月3日"
    assert DICTIONARY["权利"].format(frozenset({"商标", "发明专利"})) == "发明专利、商标"
    assert DICTIONARY["有贷款"].format(False) == "否"


def test_facts_are_immutable_and_know_four_states():
    facts = Facts.of(人数=3)
    later = facts.declined("本金").not_applicable("还清日").with_value("占比", 0.5)
    assert [later.state(name) for name in ("人数", "本金", "还清日", "规模")] == [
        FactState.VALUE, FactState.DECLINED, FactState.NOT_APPLICABLE, FactState.NOT_ASKED,
    ]  # fmt: skip
    assert later.value("占比") == Decimal("0.5")
    assert len(facts) == 1


def test_an_answer_goes_stale():
    answer = FactValue.read(DICTIONARY["说明"], "好", day=date(2026, 1, 1))
    assert answer.is_fresh(DICTIONARY["说明"], date(2026, 1, 31))
    assert not answer.is_fresh(DICTIONARY["说明"], date(2026, 2, 1))


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "enum", "ask": "？"},
        {"type": "bool", "ask": "？", "values": ["甲"]},
        {"type": "enum", "ask": "？", "values": ["甲", "甲"]},
        {"type": "enum", "ask": "？", "values": ["甲"], "aliases": {"乙": "丙"}},
        {"type": "bool"},
        {"type": "bool", "ask": "？", "cost": 0},
        {"type": "bool", "ask": "？", "costs": 1},
    ],
)
def test_a_wrong_definition_is_refused(fields):
    with pytest.raises(ValidationError):
        FactDictionary.parse({"甲": fields})


def test_an_unknown_fact_is_refused():
    with pytest.raises(FactError, match="没有“人”这个事实"):
        DICTIONARY.facts({"人": 1})
