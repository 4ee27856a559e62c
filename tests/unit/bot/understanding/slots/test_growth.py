"""Reading a text twice as long takes about twice as long, whatever is repeated in it: no finder reads it over and over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding.slots.amounts import find_amounts
from bot.understanding.slots.application_numbers import find_application_numbers
from bot.understanding.slots.counts import find_bare_number, find_counts
from bot.understanding.slots.credit_code import find_credit_codes
from bot.understanding.slots.dates import find_calendar_dates
from bot.understanding.slots.districts import find_districts
from bot.understanding.slots.percent import find_percents
from bot.understanding.slots.person_or_company import find_applicants
from bot.understanding.slots.platforms import find_platforms
from bot.understanding.slots.registration_numbers import find_nice_classes, find_registration_numbers
from bot.understanding.slots.relative_dates import find_relative_dates
from bot.understanding.slots.right_types import find_right_types
from bot.understanding.slots.yes_no import find_answers

TODAY = date(2026, 11, 20)
Finder = Callable[[str], Iterable[object]]

FINDERS: dict[str, Finder] = {
    "amounts": find_amounts,
    "application numbers": lambda text: find_application_numbers(text, TODAY),
    "bare number": find_bare_number,
    "counts": find_counts,
    "credit codes": find_credit_codes,
    "calendar dates": lambda text: find_calendar_dates(text, TODAY),
    "relative dates": lambda text: find_relative_dates(text, TODAY),
    "districts": find_districts,
    "percents": find_percents,
    "applicants": find_applicants,
    "platforms": find_platforms,
    "Nice classes": find_nice_classes,
    "registration numbers": find_registration_numbers,
    "right types": find_right_types,
    "answers": find_answers,
}
# What each pattern could stumble over, and what people paste: a figure, a unit, a cue without what it announces.
UNITS = (
    "年", "月", "1-", "1-1-", "第9类", "1", "9", "一", "零", "十", "万", "百", "1.", "1,", "1年1月", "年月日", "ZL", "ZL 2 0 ", "2 ",
    "9、", "第", "第1号", "((", "[(", "商标", "商标1", "商标a", "注册号", "注册号第", "申请号1", "不太", "我们", "是的", "几百", "两三",
    "80多", "三天前", "上个月", "下下", "周五", "春节前", "十一", "农历", "a1", "1%", "百分之", "百分之一", "三成半", "3块5角", "-1",
    "1到2", "500万到", "¥", "500w", "30多件", "大约", "不超过", "廿", "初一", "2020.", "2020年", "去年的", "q1", "g1", "1 1 ", "宁波",
)  # fmt: skip
SHORT, LONG = 1_000, 4_000
CLEARLY = 0.03
"""Seconds below which nobody would notice, so that nothing is compared."""
MOST_GROWTH = 4 * LONG / SHORT / 2
"""Four times the text takes four times as long, and sixteen times where it is read over and over."""


def seconds(find: Finder, text: str) -> float:
    """Return the processor time of finding all, the least of three."""
    times = []
    for _ in range(3):
        started = time.thread_time()
        list(find(text))
        times.append(time.thread_time() - started)
    return min(times)


def check(name: str, unit: str) -> None:
    find = FINDERS[name]
    long = seconds(find, (unit * LONG)[:LONG])
    if long > CLEARLY:
        assert long < MOST_GROWTH * seconds(find, (unit * SHORT)[:SHORT]), unit


@pytest.mark.parametrize("name", FINDERS)
def test_what_is_repeated_is_read_once(name: str) -> None:
    for unit in UNITS:
        check(name, unit)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(FINDERS)),
    st.text(
        alphabet="0123456789.,-/ 年月日号第类万亿千百十一二零半几多个前后上下周到至a(ZLk%元件不好是",
        min_size=1,
        max_size=5,
    ),
)
def test_whatever_is_repeated_is_read_once(name: str, unit: str) -> None:
    check(name, unit)
