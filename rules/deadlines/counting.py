"""How the law counts: the first day is left out; months and years end on the corresponding day, else month end.

专利法实施细则第5条, 商标法实施条例第12条, 民法典第200至202条.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Unit(StrEnum):
    """What a period is counted in."""

    YEARS = "y"  # 年: to the corresponding day
    MONTHS = "m"  # 月: to the corresponding day, else the end of the month
    DAYS = "d"  # 日: calendar days
    WORKING_DAYS = "wd"  # 工作日: make-up working days count, holidays do not


_UNIT_WORDS = {Unit.YEARS: "年", Unit.MONTHS: "个月", Unit.DAYS: "日", Unit.WORKING_DAYS: "个工作日"}
_PERIOD = re.compile(r"^(\d+)(wd|[ymd])$")


@dataclass(frozen=True)
class Period:
    """A length of time as a statute states it: `Period.parse("4m")`."""

    number: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read `4m`, `15d`, `3y`, `20wd`. Raises ValueError saying what is allowed."""
        match = _PERIOD.match(text.strip())
        if match is None:
            raise ValueError(f"a period is a number with y, m, d or wd (4m, 15d), not {text!r}")
        return cls(int(match[1]), Unit(match[2]))

    @property
    def words(self) -> str:
        """Return the period in Chinese: `4个月`."""
        return f"{self.number}{_UNIT_WORDS[self.unit]}"


def add_months(start: date, months: int) -> date:
    """Return the corresponding day `months` later (earlier when negative), else the last day of that month."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def add_years(start: date, years: int) -> date:
    """Return the corresponding day `years` later; 29 February becomes 28 February in a common year."""
    return add_months(start, 12 * years)


def add_period(start: date, period: Period, sign: int = 1) -> date:
    """Return the last day of `period` counted from `start`, which itself is not counted.

    Working days need a calendar: `HolidayCalendar.add_working_days`. Raises ValueError for them.
    """
    number = sign * period.number
    if period.unit is Unit.DAYS:
        return start + timedelta(days=number)
    if period.unit is Unit.MONTHS:
        return add_months(start, number)
    if period.unit is Unit.YEARS:
        return add_years(start, number)
    raise ValueError("working days are counted by a calendar")


def lacks_corresponding_day(start: date, period: Period, end: date) -> bool:
    """Return True when `end` is a month end because the month has no day with the number of `start`."""
    return period.unit in (Unit.MONTHS, Unit.YEARS) and end.day != start.day
