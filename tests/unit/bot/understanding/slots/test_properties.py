"""What is rendered is found again; a figure changed in one place is refused."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from bot.understanding.normalise import normalise
from bot.understanding.slots import Slot, SlotKind, find_slots
from rules.days import format_day
from rules.deadlines.numbers import check_digit
from rules.money import format_yuan

TODAY = date(2026, 11, 20)
DAYS = st.dates(date(1950, 1, 1), date(2050, 12, 31))
BODIES = st.builds(
    "{}{}{:07d}".format, st.integers(2004, 2026), st.sampled_from("12389"), st.integers(0, 9_999_999)
)
CODES = st.builds(
    "91330{:03d}{}".format,
    st.integers(0, 999),
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9),
)


def only(text: str, kind: SlotKind) -> Slot:
    (slot,) = [s for s in find_slots(normalise(text).text, TODAY) if s.kind is kind]
    return slot


@given(
    DAYS,
    st.sampled_from(
        ["{y}年{m}月{d}日", "{y}-{m:02d}-{d:02d}", "{y}.{m}.{d}", "{y}/{m}/{d}", "{y}年{m}月{d}号"]
    ),
)
def test_a_written_day_is_found_again(day: date, form: str) -> None:
    assert only("是" + form.format(y=day.year, m=day.month, d=day.day) + "申请的", SlotKind.DATE).value == day


@given(DAYS)
def test_our_own_day_is_found_again(day: date) -> None:
    assert only(format_day(day), SlotKind.DATE).value == day


@given(st.integers(0, 10**14))
def test_our_own_money_is_found_again(fen: int) -> None:
    assert only("要交" + format_yuan(fen), SlotKind.AMOUNT).value == fen


@given(st.integers(1, 9999))
def test_ten_thousands_are_found_again(number: int) -> None:
    assert only(f"贷{number}万", SlotKind.AMOUNT).value == number * 10_000 * 100


@given(BODIES, st.sampled_from(["ZL{}.{}", "{}.{}", "CN{}.{}", "ZL{}{}", "{}{}"]))
def test_an_application_number_is_found_again(body: str, form: str) -> None:
    check = check_digit(body)
    slot = only("专利" + form.format(body, check), SlotKind.APPLICATION_NUMBER)
    assert slot.value == f"{body}.{check}"
    assert slot.problem is None


@given(BODIES, st.integers(5, 11), st.integers(1, 9))
def test_one_wrong_figure_is_refused(body: str, place: int, more: int) -> None:
    wrong = body[:place] + str((int(body[place]) + more) % 10) + body[place + 1 :]
    slot = only(f"ZL{wrong}.{check_digit(body)}", SlotKind.APPLICATION_NUMBER)
    assert slot.value is None
    assert slot.problem


@given(CODES)
def test_a_credit_code_is_found_again(body: str) -> None:
    code = body + uscc.calc_check_digit(body)
    assert only("信用代码" + code, SlotKind.CREDIT_CODE).value == code


@given(CODES, st.integers(8, 16))
def test_a_wrong_credit_code_is_refused(body: str, place: int) -> None:
    code = body + uscc.calc_check_digit(body)
    wrong = code[:place] + ("7" if code[place] != "7" else "8") + code[place + 1 :]
    slot = only("统一社会信用代码" + wrong, SlotKind.CREDIT_CODE)
    assert slot.value is None
    assert slot.problem


@settings(max_examples=300)
@given(st.text())
def test_any_text_at_all(text: str) -> None:
    plain = normalise(text).text
    for slot in find_slots(plain, TODAY):
        assert slot.text == plain[slot.start : slot.end]
        assert slot.value is not None or slot.problem or slot.ambiguous


@given(st.text(alphabet="0123456789.,年月日号万亿千百十一二三前后上下个周底到-件类第ZLwk元 ", max_size=60))
@settings(max_examples=500)
def test_any_jumble_of_figures(text: str) -> None:
    plain = normalise(text).text
    for slot in find_slots(plain, TODAY):
        assert slot.text == plain[slot.start : slot.end]
        assert slot.value is not None or slot.problem or slot.ambiguous
