"""What is learned from holds no personal data, and is read by the model as the message would have been."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.anonymous import anonymous, says_something
from bot.understanding.understand import readable
from knowledge.learned import MOST_CHARACTERS, specimen

DAY = date(2026, 11, 20)
OWN = ("（演示）甬星模具有限公司", "演示企业主1")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("专利ZL202010293847.9 2020年4月15日申请的", "专利【权利号】 【日期】申请的"),
        ("欠了5万元罚款", "欠了【金额】罚款"),
        ("我叫李小明，电话13812345678", "我叫【名称】,电话【联系方式】"),
        ("打138 1234 5678找我", "打【联系方式】找我"),
        ("邮箱是 abc.def@example.com", "邮箱是 【联系方式】"),
        ("微信号abc_12345", "【联系方式】"),
        ("帮我查一下余姚市某某塑料有限公司", "帮我查一下【名称】"),
        ("我们有限公司能不能办", "我们有限公司能不能办"),
        ("“甬江”这个牌子被抢了", "【名称】这个牌子被抢了"),
        ("王总说要付钱", "【名称】说要付钱"),
        ("总共多少钱", "总共多少钱"),
        ("甬星模具被仿了", "【名称】被仿了"),
        ("甬星的牌子", "【名称】的牌子"),
        ("在中山路100号开店", "【名称】开店"),
        ("订单号AB-2024-556677", "订单号【数字】"),
        ("第9类和35类", "第9类和35类"),
        ("去年三月的事", "去年三月的事"),
        ("电话一三八一二三四五六七八", "电话【数字】"),
    ],
)
def test_what_tells_whose_it_is_is_replaced(said: str, kept: str) -> None:
    assert anonymous(said, DAY, OWN) == kept


@pytest.mark.parametrize(
    "said",
    [
        "专利ZL202010293847.9 2020年4月15日申请的",
        "欠了5万元罚款",
        "信用代码91330200144052785P怎么改",
        "年费多少",
    ],
)
def test_the_specimen_reads_like_the_message(said: str) -> None:
    assert readable(specimen(anonymous(said, DAY)), DAY) == readable(said, DAY)


def test_placeholders_alone_say_nothing() -> None:
    assert not says_something(anonymous("202010293847.9", DAY))
    assert not says_something("【日期】？")
    assert says_something("【日期】前交")


@given(st.text(max_size=600))
def test_any_text_becomes_short_and_keeps_no_long_number(text: str) -> None:
    words = anonymous(text, DAY, OWN)
    assert len(words) <= MOST_CHARACTERS
    run = 0
    for character in words:
        run = run + 1 if character in "0123456789" else 0
        assert run < 3
