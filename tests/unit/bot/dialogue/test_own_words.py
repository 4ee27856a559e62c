"""Short statements in a person's own words: which value they say, and when they say none."""

from __future__ import annotations

import pytest

from bot.dialogue.own_words import asks_something, clauses, qualifies, values_told
from knowledge.loader import KnowledgeBase
from rules.facts import FactDefinition, FactType

VALID = FactDefinition(
    name="专利现在有效",
    type=FactType.BOOL,
    answers={"true": ("有效", "在有效期"), "false": ("失效了", "过期了")},
    ask="这件专利现在还有效吗（没有终止，也没有被宣告无效）？",
)
PAID = FactDefinition(
    name="年费已缴清",
    type=FactType.BOOL,
    answers={"true": ("交了", "一直交"), "false": ("没交", "欠着")},
    ask="到现在为止的年费都缴了吗？",
)
PLACE = FactDefinition(
    name="侵权场景",
    type=FactType.ENUM,
    values=("电商平台", "线下店铺或工厂"),
    answers={"线下店铺或工厂": ("工厂", "厂做的")},
    ask="侵权主要发生在哪里？",
)


@pytest.mark.parametrize(
    ("definition", "text", "values"),
    [
        (VALID, "有效的，年费一直交", {"true"}),
        (VALID, "没过期", {"true"}),
        (VALID, "应该还没过期吧", {"true"}),
        (VALID, "早就过期了", {"false"}),
        (VALID, "不在有效期了", {"false"}),
        (PAID, "都交了呀", {"true"}),
        (PAID, "年费都交了", {"true"}),
        (VALID, "专利过期了", {"false"}),
        (PAID, "还没交呢", {"false"}),
        (PAID, "没欠着", {"true"}),
        (PLACE, "在义乌的一个厂做的", {"线下店铺或工厂"}),
    ],
)
def test_clauses_say_a_value(definition: FactDefinition, text: str, values: set[str]) -> None:
    assert values_told(definition, text) == values


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        (VALID, "对方的过期了"),
        (VALID, "过期了吗"),
        (VALID, "有没有过期"),
        (VALID, "有效期怎么算"),
        (VALID, "如果过期了"),
        (VALID, "商标过期了"),
        (PAID, "想交了"),
        (PAID, "今年的还没交"),
        (PAID, "交了，不过今年的没交"),
        (PAID, "交了一半"),
        (PLACE, "我们厂做的产品被人仿了"),
        (PLACE, ""),
    ],
)
def test_what_asks_limits_or_speaks_of_something_else_says_none(
    definition: FactDefinition, text: str
) -> None:
    assert values_told(definition, text) == set()


def test_a_text_that_says_both_says_both() -> None:
    assert values_told(PAID, "交了，没交") == {"true", "false"}


@pytest.mark.parametrize("text", ["没有", "没做过", "用了", "早就在做了", "有合同", "应该交了吧"])
def test_words_that_need_their_question_say_nothing_to_another(knowledge: KnowledgeBase, text: str) -> None:
    for definition in knowledge.facts.values():
        if definition.type in (FactType.BOOL, FactType.ENUM):
            assert values_told(definition, text, unasked=True) == set(), definition.name


def test_a_word_means_one_value_of_its_fact(knowledge: KnowledgeBase) -> None:
    """Also denied: a word of yes that is the denial of a word of no would be both."""
    for definition in knowledge.facts.values():
        if definition.type is FactType.BOOL:
            for value in ("true", "false"):
                for word in definition.words(value):
                    said = values_told(definition, word)
                    assert said in ({value}, set()), (definition.name, word)


def test_a_long_hum_is_read_at_once() -> None:
    assert values_told(PAID, "嗯" * 29) == set()
    assert values_told(PAID, "在的" * 14 + "交") == set()


def test_clauses_questions_and_limits() -> None:
    assert clauses("嗯，有效的。 交了!") == ["嗯", "有效的", "交了"]
    assert asks_something("要不要交")
    assert asks_something("交了吗")
    assert not asks_something("交了呢")
    assert qualifies("是的，但今年没交")
    assert not qualifies("是的，都交了")
