"""How codes are made, read and hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.one_time_codes import ALPHABET, CHARACTERS, HIDDEN, Purpose, hidden, new_code, said_code, shown


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("K7MP3WXN", None),
        (" k7mp-3wxn。", None),
        ("绑定 K7MP-3WXN", Purpose.BIND),
        ("我的绑定码是：K7MP 3WXN", Purpose.BIND),
        ("验证码K7MP3WXN", Purpose.BIND),
        ("加入 k7mp-3wxn", Purpose.JOIN),
        ("bind_K7MP3WXN", Purpose.BIND),
        ("https://t.me/zhituo_bot?start=bind_K7MP3WXN", Purpose.BIND),
        ("https://work.weixin.qq.com/kf/kfc?enc_scene=E&scene_param=join_K7MP3WXN", Purpose.JOIN),
        ("/start join_K7MP3WXN", Purpose.JOIN),
    ],
)
def test_a_code_is_read_however_it_is_said(text: str, purpose: Purpose | None) -> None:
    said = said_code(text)
    assert said is not None
    assert (said.code, said.purpose) == ("K7MP3WXN", purpose)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "18000001",
        "12345678",
        "telegram",
        "settings",
        "K7MP3WX",
        "K7MP3WXNA",
        "我的商标号是K7MP3WXN吗",
        "绑定",
        "x" * 300,
    ],
)
def test_numbers_words_and_sentences_are_no_code(text: str) -> None:
    assert said_code(text) is None


def test_every_code_can_be_said_and_is_hidden() -> None:
    codes = {new_code() for _ in range(2000)}
    assert len(codes) == 2000
    for code in codes:
        assert len(code) == CHARACTERS
        assert set(code) <= set(ALPHABET)
        for form in (code, shown(code), shown(code).replace("-", " "), code.lower()):
            said = said_code(form)
            assert said is not None
            assert said.code == code
            assert hidden(f"绑定 {form}") == f"绑定 {HIDDEN}"


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    said = said_code(text)
    assert said is None or said.code not in hidden(text)
