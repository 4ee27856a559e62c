"""What links carry, and how they look in each channel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.deep_links import LONGEST, Door, Doors, for_campaign, for_code, read
from store.campaigns import SLUG_LENGTH
from store.messages import Channel
from store.one_time_codes import Purpose, new_code


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_code_comes_back_as_it_was_sent(purpose: Purpose) -> None:
    code = new_code()
    opened = read(for_code(purpose, code))
    assert opened is not None
    assert (opened.door.value, opened.value) == (purpose.value, code)


def test_a_campaign_comes_back_as_it_was_sent() -> None:
    opened = read(for_campaign("expo-2026"))
    assert opened is not None
    assert (opened.door, opened.value) == (Door.CAMPAIGN, "expo-2026")


def test_everything_we_send_fits() -> None:
    longest = max(
        len(for_campaign("a" * SLUG_LENGTH)), *(len(for_code(each, new_code())) for each in Purpose)
    )
    assert longest <= LONGEST == 64, "Telegram: a start parameter has up to 64 characters"


@pytest.mark.parametrize(
    "payload",
    ["x", "bind_", "bind_12345678", "c_", "c_Expo", "c_a--b", "a" * 65, "有空", "a b", "bind_K7MP3WXN/.."],
)
def test_what_is_none_of_ours_is_unknown(payload: str) -> None:
    opened = read(payload)
    assert opened is not None
    assert opened.door is Door.UNKNOWN


def test_a_chat_opened_without_a_link_brings_nothing() -> None:
    assert read("") is None


@given(st.text())
def test_any_parameter_is_read_without_an_error(payload: str) -> None:
    assert (read(payload) is None) is (payload == "")


def test_links_of_each_channel() -> None:
    doors = Doors(
        page="https://zhituo.example/",
        telegram_name="zhituo_bot",
        customer_service="https://work.weixin.qq.com/kf/kfc1?enc_scene=E",
    )
    assert doors.link(Channel.TELEGRAM, "c_a") == "https://t.me/zhituo_bot?start=c_a"
    assert doors.link(Channel.WEB, "c_a") == "https://zhituo.example/?start=c_a"
    assert doors.link(Channel.WECOM_KF, "c_a") == (
        "https://work.weixin.qq.com/kf/kfc1?enc_scene=E&scene_param=c_a"
    )
    assert [Doors().link(channel, "c_a") for channel in Channel] == [""] * len(Channel)
