"""English words of the field are read as their Chinese, others are left."""

from __future__ import annotations

import pytest

from bot.understanding.english import in_chinese


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("Patent annuity fee, invention filed 2020-04-15", "年费, 发明专利 申请日 2020-04-15"),
        ("Utility Model filed on 2021-07-12", "实用新型 申请日 2021-07-12"),
        ("renew trademark, reg date 2017-03-14", "续展 商标, 注册日 2017-03-14"),
        ("when is the trade mark due", "什么时候 is the 商标 到期"),
        ("how much", "how much"),
        ("late fees for a flat", "late fees for a flat"),
        ("inventiveness", "inventiveness"),
        ("Lateral patent", "Lateral 专利"),
        ("PCT进国家阶段", "PCT进国家阶段"),
    ],
)
def test_words_of_the_field(text: str, chinese: str) -> None:
    assert in_chinese(text) == chinese
