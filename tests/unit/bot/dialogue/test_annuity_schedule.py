"""Which messages want every annuity ahead, and which tell a day or ask something else."""

from __future__ import annotations

import pytest

from bot.dialogue.topics.annuity_schedule import _WISH


@pytest.mark.parametrize(
    "text",
    [
        "以后每年年费多少",
        "把每年的年费都列出来",
        "20年年费一共多少",
        "发明专利二十年年费一览",
        "年费一览表",
        "后面还要交的年费总共多少钱",
        "年费每年多少",
        "算一下以后各年的年费",
    ],
)
def test_every_year_is_wanted(text: str) -> None:
    assert _WISH.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "我有一件发明专利 2020年4月15日申请 年费多少",
        "2010年申请的年费多少",
        "年费什么时候交，多少钱",
        "专利年费每年都要交吗",
        "第10年年费多少",
        "第十年年费多少",
        "我有哪些期限",
    ],
)
def test_one_year_is_wanted(text: str) -> None:
    assert not _WISH.search(text)
