"""Month arithmetic against an independent count, and the calendars against a second holiday package."""

from __future__ import annotations

import random
from datetime import date, timedelta

import holidays as second_package
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from rules.deadlines.calendar import CalendarKind, HolidayCalendar, YearState, package_years
from rules.deadlines.counting import Period, add_months, add_period
from rules.deadlines.errors import TableError
from rules.deadlines.tables import LawTables

DAYS = st.dates(date(1985, 4, 1), date(2060, 12, 31))

CALENDAR_2027 = """
table: calendar_year
year: 2027
notice: a schedule made up for this test
breaks: [[2027-01-01, 2027-01-03], [2027-02-05, 2027-02-12], [2027-10-01, 2027-10-07]]
make_up: [2027-02-14, 2027-02-27, 2027-02-28]
"""


def test_months_agree_with_dateutil_on_100_000_cases() -> None:
    """Corresponding day, else month end: the same as an independent implementation."""
    rng = random.Random(20261120)
    first = date(1985, 4, 1).toordinal()
    for _ in range(100_000):
        start = date.fromordinal(first + rng.randrange(30_000))
        months = rng.randrange(-300, 301)
        assert add_months(start, months) == start + relativedelta(months=months), (start, months)


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2026, 10, 31), "4m", date(2027, 2, 28)),
        (date(2023, 10, 31), "4m", date(2024, 2, 29)),
        (date(2024, 2, 29), "1y", date(2025, 2, 28)),
        (date(2024, 2, 29), "4y", date(2028, 2, 29)),
        (date(2026, 12, 31), "2m", date(2027, 2, 28)),
        (date(2026, 12, 17), "15d", date(2027, 1, 1)),
    ],
)
def test_ends_of_months_and_years(start: date, period: str, end: date) -> None:
    """31st, 29 February, and across the year."""
    assert add_period(start, Period.parse(period)) == end


def test_a_period_says_what_it_should_look_like() -> None:
    """A typing mistake in a table is explained."""
    with pytest.raises(ValueError, match="4m, 15d"):
        Period.parse("4 months")


@given(DAYS, DAYS, st.integers(0, 240))
def test_counting_is_monotone(first: date, second: date, months: int) -> None:
    """A later start never ends earlier."""
    low, high = sorted((first, second))
    assert add_months(low, months) <= add_months(high, months)


@given(DAYS, st.sampled_from(CalendarKind))
def test_roll_and_safe(tables: LawTables, day: date, kind: CalendarKind) -> None:
    """Legal ≥ nominal ≥ safe; legal is a day on which its calendar works; safe is an ordinary weekday."""
    calendar = tables.holidays
    rolled, safe = calendar.roll(day, kind), calendar.safe(day)
    assert safe.day <= day <= rolled.day
    assert not calendar.is_rest(rolled.day, kind)
    assert safe.day.weekday() < 5
    assert not calendar.is_rest(safe.day, CalendarKind.PATENT)
    assert rolled.day - day <= timedelta(days=12)
    assert day - safe.day <= timedelta(days=16)


@given(DAYS, DAYS, st.sampled_from(CalendarKind))
def test_rolling_is_monotone(tables: LawTables, first: date, second: date, kind: CalendarKind) -> None:
    """A later nominal day never has an earlier legal or safe day."""
    low, high = sorted((first, second))
    calendar = tables.holidays
    assert calendar.roll(low, kind).day <= calendar.roll(high, kind).day
    assert calendar.safe(low).day <= calendar.safe(high).day


# Days on which the two packages differ, each with the reason. `holidays` computes; `chinesecalendar` transcribes
# the State Council's notices, so it is the one that decides.
_MAY_2019 = "the notice of March 2019 made Labour Day four days with two make-up Sundays; the other package has the first notice"
DIFFERENCES: dict[date, tuple[str, str]] = {
    date(2019, 4, 28): ("make-up day only here", _MAY_2019),
    date(2019, 5, 2): ("off only here", _MAY_2019),
    date(2019, 5, 3): ("off only here", _MAY_2019),
    date(2019, 5, 5): ("make-up day only here", _MAY_2019),
    date(2005, 12, 31): (
        "make-up day only there",
        "a Saturday worked under the notice for 2006, which our package files under 2006; patents never end on it, "
        "for the others the roll goes to the next working day",
    ),
}


def test_announced_years_agree_with_a_second_package() -> None:
    """Every weekday off and every make-up weekend day, 2004 to 2026, differences listed."""
    ours = package_years()
    differing: dict[date, str] = {}
    for year, plan in ours.items():
        theirs = second_package.country_holidays("CN", years=year)
        day = date(year, 1, 1)
        while day.year == year:
            off_here, off_there = day in plan.off, day.weekday() < 5 and day in theirs
            if off_here != off_there:
                differing[day] = "off only here" if off_here else "off only there"
            works_there = theirs.is_working_day(day) if day.weekday() >= 5 else False
            if (day in plan.work) != works_there:
                differing[day] = "make-up day only here" if day in plan.work else "make-up day only there"
            day += timedelta(days=1)
    assert differing == {day: what for day, (what, _why) in DIFFERENCES.items()}


def test_2026_as_announced() -> None:
    """The schedule of 2026: a make-up Saturday works for courts and marks, never for patents."""
    calendar = HolidayCalendar()
    saturday = date(2026, 10, 10)
    assert calendar.roll(saturday, CalendarKind.PATENT).day == date(2026, 10, 12)
    assert calendar.roll(saturday, CalendarKind.GENERAL).day == saturday
    spring = date(2026, 2, 16)
    assert calendar.roll(spring, CalendarKind.GENERAL).day == date(2026, 2, 24)
    assert calendar.safe(spring).day == date(2026, 2, 13)  # 14 February is a make-up Saturday: not counted on
    assert not calendar.roll(spring, CalendarKind.PATENT).provisional


def test_2027_is_provisional_until_it_is_entered(tables: LawTables, table_texts: dict[str, str]) -> None:
    """Unannounced: statutory days and weekends, marked. Entered: final, and the day moves with it."""
    day = date(2027, 2, 11)  # a Thursday after the four statutory days, usually still off
    before = tables.holidays
    assert before.plan(2027).state is YearState.PROVISIONAL
    rolled = before.roll(day, CalendarKind.GENERAL)
    assert (rolled.day, rolled.provisional) == (day, True)
    assert before.safe(day).day == date(2027, 2, 3)  # kept clear of the days that are usually off
    after = LawTables.parse({**table_texts, "calendar/2027.yaml": CALENDAR_2027}).holidays
    assert after.is_final(2027)
    for kind, landing in (
        (CalendarKind.PATENT, date(2027, 2, 15)),
        (CalendarKind.GENERAL, date(2027, 2, 14)),
    ):
        rolled = after.roll(day, kind)
        assert (rolled.day, rolled.provisional) == (landing, False)
    assert after.safe(day).day == date(2027, 2, 4)


def test_the_last_days_of_the_last_announced_year(tables: LawTables) -> None:
    """31 December 2026 is final; a day that rolls into 2027 is not."""
    assert not tables.holidays.roll(date(2026, 12, 31), CalendarKind.PATENT).provisional
    rolled = tables.holidays.roll(date(2027, 1, 1), CalendarKind.PATENT)
    assert (rolled.day, rolled.provisional) == (date(2027, 1, 4), True)


def test_statutory_days_agree_with_the_second_package(tables: LawTables) -> None:
    """The festival days entered for 2027 to 2060 are those that an independent lunar calendar gives."""
    for year in range(2027, 2061):
        theirs = second_package.country_holidays("CN", years=year, observed=False)
        wanted = {day for day in theirs if day.weekday() < 5}
        assert tables.holidays.plan(year).off == wanted, year


def test_working_days_count_make_up_days() -> None:
    """Customs periods: Sunday 2026-09-20 is worked in exchange; holidays are not counted."""
    calendar = HolidayCalendar()
    assert calendar.add_working_days(date(2026, 9, 18), 3).day == date(2026, 9, 22)
    assert calendar.add_working_days(date(2026, 9, 30), 1).day == date(2026, 10, 8)


@pytest.mark.parametrize(
    ("bad", "line", "field"),
    [
        ("breaks: [[2027-01-03, 2027-01-01]]\nmake_up: []", 5, "breaks.0"),
        ("breaks: []\nmake_up: [2027-02-15]", 6, "make_up.0"),
        ("breaks: [[2026-10-01, 2026-10-07]]\nmake_up: []", 5, "breaks.0"),
    ],
)
def test_a_wrong_calendar_file_names_the_line(
    table_texts: dict[str, str], bad: str, line: int, field: str
) -> None:
    """A year typed by hand is checked: reversed breaks, make-up days on weekdays, the wrong year."""
    text = f"table: calendar_year\nyear: 2027\nnotice: n\nurl: ''\n{bad}\n"
    with pytest.raises(TableError) as caught:
        LawTables.parse({**table_texts, "calendar/2027.yaml": text})
    assert (caught.value.file, caught.value.line, caught.value.field) == ("calendar/2027.yaml", line, field)
