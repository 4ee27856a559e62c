"""The FAQ is found by its words, also misspelt ones."""

from __future__ import annotations

from bot.understanding.search import SNIPPET, WordSearch, snippet

FAQ = WordSearch(
    [
        ("fee", "年费怎么交", "专利年费可以在专利局网上缴费系统里交，也可以到银行汇款，汇款时写清专利号。"),
        ("late", "年费逾期怎么办", "期满后六个月内可以补缴年费，同时交滞纳金。"),
        (
            "loan",
            "专利质押贷款",
            "把专利权质押给银行，先评估，再签合同，最后到国家知识产权局登记。" + "办理要带营业执照。" * 20,
        ),
        ("mark", "商标续展", "商标有效期十年，期满前十二个月内办理续展。"),
        ("mark2", "商标变更", "名称地址改变以后应当办理变更。"),
    ]
)


def test_the_best_comes_first() -> None:
    assert FAQ.find("质押贷款怎么办")[0].id == "loan"
    assert FAQ.find("商标续展要什么时候办")[0].id == "mark"


def test_homophones_find_it() -> None:
    assert FAQ.find("专利年非怎么叫")[0].id == "fee"


def test_at_most_three_and_none_for_a_stranger() -> None:
    assert len(FAQ.find("年费专利商标续展变更质押")) <= 3
    assert FAQ.find("今天天气很好") == ()
    assert FAQ.find("") == ()
    assert WordSearch([]).find("年费") == ()


def test_the_snippet_is_short_and_about_the_question() -> None:
    snippet = FAQ.find("质押贷款登记")[0].snippet
    assert len(snippet) <= SNIPPET + 2
    assert "质押" in snippet


def test_a_snippet_of_any_text() -> None:
    assert snippet("年费怎么交。", "年费") == "年费怎么交。"
    assert "质押登记" in snippet("前言" * 60 + "质押登记" + "后话" * 60, "质押登记怎么办")
    assert len(snippet("长" * 500, "没有关系")) <= SNIPPET + 2
