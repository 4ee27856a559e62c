"""Every text has a readable form, and the original is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.normalise import MAX_LENGTH, normalise


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("專利年費多少", "专利年费多少"),
        ("商標註冊", "商标注册"),
        ("ＺＬ２０２０", "ZL2020"),
        ("专\u200b利\u200d年费", "专利年费"),
        ("\u202e年费\u202c", "年费"),
        ("年费😀多少", "年费 多少"),
        ("  年费 \n\t 多少  ", "年费 多少"),
        ("٣件", "3件"),
        ("①年费", "1年费"),
        ("\ud800年费", "年费"),
        ("年\x00费", "年费"),
        ("二〇二〇年", "二零二零年"),
        ("", ""),
        ("😀😀", ""),
        ("\u200b\u200b", ""),
    ],
)
def test_readable_form(text: str, wanted: str) -> None:
    result = normalise(text)
    assert result.text == wanted
    assert result.original == text


def test_a_long_message_is_cut() -> None:
    assert len(normalise("\ufdfa" * 20_000).text) <= MAX_LENGTH


@given(st.text())
def test_twice_is_once(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once
