"""The ladder: each rung once, out of long holidays, the most urgent one after downtime."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.ladder import (
    BEFORE_SAFE,
    Course,
    Phase,
    due_rung,
    first_look,
    ladder,
    next_day,
    rung_on,
)

SAFE = date(2027, 4, 15)
ONE = timedelta(days=1)


def weekday_only(day: date) -> bool:
    return day.weekday() >= 5


def never(_: date) -> bool:
    return False


def days_of(course: Course) -> dict[str, date]:
    return {rung.name: rung.day for rung in ladder(course, never)}


def test_rungs_count_back_from_the_safe_day() -> None:
    days = days_of(Course(SAFE, SAFE))
    assert [days[f"d{n}"] for n in BEFORE_SAFE] == [SAFE - timedelta(days=n) for n in BEFORE_SAFE]
    assert days["missed"] == SAFE + ONE


def test_the_rolled_legal_day_has_a_rung_of_its_own() -> None:
    assert days_of(Course(date(2027, 5, 14), date(2027, 5, 17)))["legal"] == date(2027, 5, 17)


def test_grace_is_reminded_before_each_step_and_before_its_end() -> None:
    steps = tuple(date(2027, month, 15) for month in range(5, 10))
    course = Course(SAFE, SAFE, date(2027, 10, 15), steps, date(2028, 1, 15))
    rungs = ladder(course, never)
    days = {rung.name: rung.day for rung in rungs}
    assert days["late"] == date(2027, 4, 16)
    assert [days[f"g{n}"] for n in range(1, 6)] == [step - timedelta(days=5) for step in steps]
    assert days["e0"] == date(2027, 10, 15)
    assert days["lost"] == date(2027, 10, 16)
    assert days["r0"] == date(2028, 1, 15)
    assert "missed" not in days
    assert [rung.phase for rung in rungs if rung.name in ("d0", "late", "lost")] == [
        Phase.AHEAD,
        Phase.GRACE,
        Phase.RESTORE,
    ]


def test_grace_without_known_steps_is_reminded_monthly() -> None:
    days = days_of(Course(SAFE, SAFE, date(2027, 10, 15)))
    assert days["g1"] == date(2027, 5, 11)
    assert days["e0"] == date(2027, 10, 15)
    assert days["missed"] == date(2027, 10, 16)


def test_a_rung_moves_before_a_long_holiday_and_not_before_a_weekend() -> None:
    golden_week = {date(2026, 10, day) for day in range(1, 8)}
    course = Course(date(2026, 10, 9), date(2026, 10, 9))
    rungs = {rung.name: rung for rung in ladder(course, lambda day: day in golden_week)}
    # 7 and 3 days before both fall in the holiday and meet on the day before it: the more urgent one is sent.
    assert "d7" not in rungs
    assert rungs["d3"].day == date(2026, 9, 30)
    assert rungs["d3"].planned == date(2026, 10, 6)
    assert rungs["d3"].moved
    assert rungs["d1"].day == date(2026, 10, 8)
    weekend = Course(date(2026, 11, 20), date(2026, 11, 20))  # 15 days before is a Thursday, 30 a Wednesday
    assert all(not rung.moved for rung in ladder(weekend, weekday_only))


def test_a_rung_of_lateness_is_not_moved_to_before_the_lateness() -> None:
    golden_week = {date(2026, 10, day) for day in range(1, 8)}
    course = Course(date(2026, 9, 30), date(2026, 9, 30), date(2027, 3, 30))
    late = next(rung for rung in ladder(course, lambda day: day in golden_week) if rung.name == "late")
    assert late.day == date(2026, 10, 1)


def test_after_downtime_only_the_most_urgent_rung_is_due() -> None:
    rungs = ladder(Course(SAFE, SAFE), never)
    rung = rung_on(rungs, SAFE - timedelta(days=2))
    assert rung is not None
    assert rung.name == "d3"
    assert rung_on(rungs, SAFE - timedelta(days=91)) is None


def test_later_holds_back_early_rungs_and_no_firm_one() -> None:
    rungs = ladder(Course(SAFE, SAFE), never)
    until = SAFE - timedelta(days=20)
    today = SAFE - timedelta(days=30)
    assert due_rung(rungs, today, until) is None
    assert next_day(rungs, today, until) == until
    held = due_rung(rungs, until, until)
    assert held is not None
    assert held.name == f"s{until:%Y%m%d}"
    far = SAFE + timedelta(days=100)
    assert next_day(rungs, today, far) == SAFE - timedelta(days=7)
    firm = due_rung(rungs, SAFE - timedelta(days=7), far)
    assert firm is not None
    assert firm.name == "d7"


def test_a_late_comer_is_looked_at_next_morning() -> None:
    rungs = ladder(Course(SAFE, SAFE), never)
    afternoon = datetime(2027, 4, 1, 7, 0, tzinfo=UTC)  # 15:00 in Ningbo, 14 days ahead
    assert first_look(rungs, afternoon, 9) == datetime(2027, 4, 2, 1, 0, tzinfo=UTC)
    early = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    assert first_look(rungs, early, 9) == datetime(2027, 1, 15, 1, 0, tzinfo=UTC)


DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@given(safe=DAYS, roll=st.integers(0, 12), grace=st.integers(0, 200), holidays=st.sets(DAYS, max_size=40))
def test_days_are_in_order_and_no_rung_lies_in_a_long_holiday_before_the_safe_day(
    safe: date, roll: int, grace: int, holidays: set[date]
) -> None:
    def is_rest(day: date) -> bool:
        return day in holidays or day.weekday() >= 5

    legal = safe + timedelta(days=roll)
    course = Course(safe, legal, legal + timedelta(days=grace) if grace else None)
    rungs = ladder(course, is_rest)
    days = [rung.day for rung in rungs]
    assert days == sorted(set(days))
    for rung in rungs:
        assert rung.day <= rung.planned
        if rung.phase is Phase.AHEAD and is_rest(rung.day):
            run = 1
            for step in (-ONE, ONE):
                day = rung.day + step
                while is_rest(day):
                    run, day = run + 1, day + step
            assert run < 3
    walked = [safe - timedelta(days=120)]
    while (following := next_day(rungs, walked[-1], None)) is not None:
        walked.append(following)
    assert walked[1:] == days
