"""What a text states of a fact, denies or only asks: with the published dictionary."""

from __future__ import annotations

import pytest

from bot.dialogue.stated import is_denied, values_answered, values_stated


@pytest.mark.parametrize(
    ("fact", "text", "stated"),
    [
        ("商标已注册", "商标已注册,有人仿冒", ["true"]),
        ("商标已注册", "我们没有注册证", ["false"]),
        ("商标已注册", "没注册的牌子被人用了", ["false"]),
        ("商标已注册", "我们有没有注册证要紧吗", []),
        ("商标已注册", "商标已注册了吗怎么查", []),
        ("有合法来源", "我们没有发票", ["false"]),
        ("有合法来源", "有发票也有进货单", ["true"]),
        ("权利共有", "我们一共有5件专利", []),
        ("权利共有", "这件专利是和别人共有的", ["true"]),
        ("专利现在有效", "我们有5件有效发明专利", []),
        ("年费已缴清", "社保交了,专利能贷款吗", []),
        ("年费已缴清", "专利年费没交还能质押吗", ["false"]),
        ("专利奖级别", "宁波市对专利有没有补贴", []),
        ("专利奖级别", "国家有什么奖励", []),
        ("贯标认证类型", "贯标有没有补贴", []),
        ("主体类型", "有公司侵犯我的专利", []),
        ("费减主体", "我们有30个人", []),
        ("费减主体", "我是个人申请的", ["个人"]),
        ("主体类型", "我们公司想申请补贴", ["企业"]),
        ("所属行业", "软件著作权怎么登记,其他公司都有", []),
        ("侵权场景", "市场监管局管不管", []),
        ("侵权场景", "淘宝和拼多多上都有人卖假货", ["电商平台"]),
        ("侵权场景", "不是淘宝,是展会上看到的", ["展会"]),
        ("泄密人", "客户名单被跳槽的人带走了", ["离职员工"]),
        ("有权属证据", "找不到卖家怎么办", []),
        ("已向法院起诉", "还没起诉", ["false"]),
        ("要求大额赔偿", "损失不大", ["false"]),
    ],
)
def test_a_message_states_only_what_it_says(knowledge, fact, text, stated):
    assert values_stated(knowledge.facts[fact], text) == stated


@pytest.mark.parametrize(
    ("fact", "text", "answered"),
    [
        ("注册地", "不在鄞州,在江北", ["江北区"]),
        ("注册地", "不在鄞州区", []),
        ("贯标认证类型", "还没有呢", ["没有认证"]),
        ("专利奖级别", "国家的", ["国家级"]),
        ("所属行业", "做加工的", ["工业"]),
        ("侵权场景", "线下工厂", ["线下店铺或工厂"]),
        ("商标已注册", "没有注册证", ["false"]),
    ],
)
def test_an_answer_names_its_value_unless_it_denies_it(knowledge, fact, text, answered):
    assert values_answered(knowledge.facts[fact], text) == answered


def test_a_denial_reaches_no_further_than_its_clause():
    assert is_denied("我们没有在鄞州", 5)
    assert not is_denied("没有,在鄞州", 4)


def test_no_word_that_only_answers_is_taken_for_a_statement(knowledge):
    """没有 as a value or an alias would take 有没有补贴 for an answer."""
    for definition in knowledge.facts.values():
        for word in ("没有", "有没有补贴", "是不是", "都要"):
            assert values_stated(definition, word) == [], f"{definition.name}: {word}"
