"""Application numbers: shapes, check digit, kind, year; trademark numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.numbers import (
    check_digit,
    filing_fits,
    parse_application_number,
    parse_trademark_number,
)
from rules.deadlines.schema import RightType


@pytest.mark.parametrize(
    "text",
    [
        "202010293847.9",
        "2020102938479",
        "ZL202010293847.9",
        "zl 2020 1 0293847.9",
        "CN202010293847.9",
        "CNZL202010293847.9",
        "专利号：ZL202010293847.9",
        "２０２０１０２９３８４７．９",
        " 202010293847 . 9 ",
    ],
)
def test_the_same_number_in_many_shapes(text: str) -> None:
    """Prefixes, dot, spaces and full-width letters change nothing."""
    number = parse_application_number(text)
    assert (number.dotted, number.patent) == ("202010293847.9", "ZL202010293847.9")
    assert number.right_type is RightType.INVENTION
    assert (number.filing_year, number.check_given, number.national_phase) == (2020, True, False)


def test_wrong_check_digit_says_what_it_should_be() -> None:
    """A transposed digit is caught and the person is told the right check digit."""
    with pytest.raises(DeadlineInputError) as caught:
        parse_application_number("ZL202010293847.X")
    assert "应当是9" in caught.value.message_zh
    assert "写的是X" in caught.value.message_zh
    assert str(caught.value) == "number: check digit is X, should be 9"


def test_without_a_check_digit_it_is_supplied_and_marked() -> None:
    """Twelve digits alone are a number whose check digit nobody has written."""
    number = parse_application_number("202010293847")
    assert number.dotted == "202010293847.9"
    assert not number.check_given


@pytest.mark.parametrize(
    ("digits", "kind", "year", "pct"),
    [
        ("98100001", RightType.INVENTION, 1998, False),
        ("03239999", RightType.UTILITY_MODEL, 2003, False),
        ("202130000001", RightType.DESIGN, 2021, False),
        ("201680012345", RightType.INVENTION, 2016, True),
        ("201690000321", RightType.UTILITY_MODEL, 2016, True),
    ],
)
def test_kind_and_year(digits: str, kind: RightType, year: int, pct: bool) -> None:
    """The kind is the third digit of old numbers and the fifth of new ones."""
    number = parse_application_number(f"{digits}.{check_digit(digits)}")
    assert (number.right_type, number.filing_year, number.national_phase) == (kind, year, pct)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "请给出申请号"),
        ("ZL", "请给出申请号"),
        ("CN112345678B", "公布（公告）号"),
        ("CN112345678", "公布（公告）号"),
        ("2020402938471", "种类的第5位是4"),
        ("199910293847", "年份1999"),
        ("12345", "不像中国专利申请号"),
        ("=1+1", "不像中国专利申请号"),
        ("\x00\x07我的专利", "不像中国专利申请号"),
    ],
)
def test_what_is_refused_and_why(text: str, word: str) -> None:
    """Each refusal names its reason."""
    with pytest.raises(DeadlineInputError) as caught:
        parse_application_number(text)
    assert word in caught.value.message_zh


def test_a_year_after_today_is_refused() -> None:
    """A number of next year cannot exist."""
    with pytest.raises(DeadlineInputError, match="2027"):
        parse_application_number("202710293847", last_year=2026)


@given(
    st.from_regex(r"20(0[3-9]|1[0-9]|2[0-6])[12389][0-9]{7}", fullmatch=True),
    st.integers(0, 11),
    st.integers(1, 9),
)
def test_every_single_wrong_digit_is_caught(digits: str, place: int, add: int) -> None:
    """Modulo 11 with weights below 11 catches every single-digit mistake."""
    wrong = list(digits)
    wrong[place] = str((int(wrong[place]) + add) % 10)
    with pytest.raises(DeadlineInputError):
        parse_application_number("".join(wrong) + check_digit(digits))


def test_filing_day_against_the_number() -> None:
    """A divisional keeps its parent's day, so earlier is possible and later is not."""
    number = parse_application_number("202010293847.9")
    assert filing_fits(number, date(2020, 4, 15))
    assert filing_fits(number, date(2017, 4, 15))
    assert not filing_fits(number, date(2021, 1, 1))


def test_trademark_numbers() -> None:
    """National, divided and international numbers."""
    assert str(parse_trademark_number("第 12345678 号")) == "12345678"
    assert str(parse_trademark_number("12345678a")) == "12345678A"
    international = parse_trademark_number("Ｇ1234567")
    assert (str(international), international.international) == ("G1234567", True)
    for text in ("", "0", "商标", "1234567890"):
        with pytest.raises(DeadlineInputError, match="number"):
            parse_trademark_number(text)
