"""Misspelt names are found; nearly equal ones are asked back; strangers are not forced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.fuzzy import BEST, likeness, match_name

TERMS = (
    "年费",
    "商标",
    "质押",
    "续展",
    "专利年费",
    "外观设计",
    "实用新型",
    "费用减缴",
    "优先审查",
    "著作权登记",
    "海关备案",
)
DISTRICTS = ("鄞州区", "海曙区", "江北区", "镇海区", "北仑区", "余姚市", "慈溪市", "前湾新区", "国家高新区")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("年非", "年费"),
        ("商表", "商标"),
        ("质鸭", "质押"),
        ("续战", "续展"),
        ("專利年費", "专利年费"),
        ("专力年非", "专利年费"),
        ("nianfei", "年费"),
        ("zhuanlinianfei", "专利年费"),
        ("zlnf", "专利年费"),
        ("sysx", None),
        ("wgsj", "外观设计"),
        ("syxx", "实用新型"),
        ("外观设几", "外观设计"),
        ("优先审察", "优先审查"),
        ("著作登记", "著作权登记"),
        ("海官备案", "海关备案"),
        ("天气", None),
        ("", None),
    ],
)
def test_terms(text: str, name: str | None) -> None:
    assert match_name(text, TERMS).name == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("银州区", "鄞州区"),
        ("鄞州", "鄞州区"),
        ("慈西市", "慈溪市"),
        ("北伦区", "北仑区"),
        ("yuyao", "余姚市"),
        ("余要", "余姚市"),
        ("haishu区", "海曙区"),
        ("前弯", "前湾新区"),
        ("高新去", "国家高新区"),
        ("象山", None),
        ("区", None),
    ],
)
def test_districts(text: str, name: str | None) -> None:
    assert match_name(text, DISTRICTS).name == name


def test_ties_are_asked_back() -> None:
    match = match_name("甬信", ["甬信专利代理", "甬信商标代理"])
    assert match.name is None
    assert set(match.ties) == {"甬信专利代理", "甬信商标代理"}


def test_the_same_sound_twice_is_a_tie() -> None:
    assert match_name("yongxin", ["甬信", "永新"]).ties


@given(st.sampled_from(TERMS))
def test_a_name_is_itself(name: str) -> None:
    match = match_name(name, TERMS)
    assert match.name == name
    assert match.score == BEST


@given(st.text(), st.text())
def test_likeness_stays_in_bounds(left: str, right: str) -> None:
    assert 0.0 <= likeness(left, right) <= BEST
