"""Rest days of two calendars: patents, and everything else.

The patent office never lets a period end on a Saturday or Sunday, even one that is a make-up working day
(专利审查指南第五部分第七章2.3). The other regimes roll to the first working day of the official schedule.
Announced years come from `chinesecalendar`; a year that the bureau entered in `knowledge/calendar/` wins over
the package; any other year knows only weekends and the statutory days, and every day in it is provisional.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from chinese_calendar import constants as announced

_ONE = timedelta(days=1)
_SATURDAY = 5


class CalendarKind(StrEnum):
    """Which rest days count."""

    PATENT = "patent"  # CNIPA patents and IC layouts: every Saturday and Sunday is a rest day
    GENERAL = "general"  # trademarks, courts, platforms, customs: a make-up weekend day is a working day


class YearState(StrEnum):
    """How well the rest days of a year are known."""

    FINAL = "final"  # the State Council's schedule is known
    PROVISIONAL = "provisional"  # not announced: weekends and statutory days only
    UNRECORDED = "unrecorded"  # in the past, before the data begins


@dataclass(frozen=True)
class YearPlan:
    """The schedule of one year: weekdays off, and weekend days worked in exchange."""

    year: int
    off: frozenset[date]
    work: frozenset[date]
    state: YearState
    # In a year not announced, the days usually given off: never promised, only kept clear of by the safe day.
    usual_off: frozenset[date] = frozenset()
    source: str = ""


@dataclass(frozen=True)
class Rolled:
    """A day after the holiday roll, and whether that rests on a year nobody has announced."""

    day: date
    provisional: bool


@lru_cache(maxsize=1)
def package_years() -> Mapping[int, YearPlan]:
    """Return the announced years that the installed `chinesecalendar` knows (2004 onwards)."""
    off: dict[int, set[date]] = {}
    work: dict[int, set[date]] = {}
    for day in announced.holidays:
        off.setdefault(day.year, set()).add(day)
    for day in announced.workdays:
        work.setdefault(day.year, set()).add(day)
    return {
        year: YearPlan(
            year=year,
            off=frozenset(day for day in days if day.weekday() < _SATURDAY),
            work=frozenset(work.get(year, ())),
            state=YearState.FINAL,
            source="chinesecalendar",
        )
        for year, days in off.items()
    }


@dataclass
class HolidayCalendar:
    """The rest days of all years. `entered` are years of `knowledge/calendar/`; they win over the package."""

    entered: Mapping[int, YearPlan] = field(default_factory=dict)
    statutory: Mapping[int, YearPlan] = field(default_factory=dict)

    def plan(self, year: int) -> YearPlan:
        """Return the schedule of `year`: entered, else announced, else the statutory days, else weekends only."""
        found = self.entered.get(year) or package_years().get(year) or self.statutory.get(year)
        if found is not None:
            return found
        state = YearState.UNRECORDED if year < min(package_years()) else YearState.PROVISIONAL
        return YearPlan(year, frozenset(), frozenset(), state)

    def is_final(self, year: int) -> bool:
        """Return True when the schedule of `year` is known."""
        return self.plan(year).state is YearState.FINAL

    def is_rest(self, day: date, kind: CalendarKind) -> bool:
        """Return True when no period of `kind` can end on `day`."""
        plan = self.plan(day.year)
        if day.weekday() >= _SATURDAY:
            return kind is CalendarKind.PATENT or day not in plan.work
        return day in plan.off

    def roll(self, day: date, kind: CalendarKind) -> Rolled:
        """Return the first day not before `day` on which a period may end."""
        provisional = not self.is_final(day.year)
        while self.is_rest(day, kind):
            day += _ONE
            provisional = provisional or not self.is_final(day.year)
        return Rolled(day, provisional)

    def safe(self, day: date) -> Rolled:
        """Return the last ordinary weekday not after `day`: make-up weekends and likely holidays are kept clear of."""
        provisional = not self.is_final(day.year)
        while self.is_rest(day, CalendarKind.PATENT) or day in self.plan(day.year).usual_off:
            day -= _ONE
            provisional = provisional or not self.is_final(day.year)
        return Rolled(day, provisional)

    def add_working_days(self, start: date, number: int) -> Rolled:
        """Return the `number`-th working day after `start` (before, when negative); `start` is not counted."""
        step, left = (_ONE, number) if number >= 0 else (-_ONE, -number)
        day, provisional = start, False
        while left:
            day += step
            provisional = provisional or not self.is_final(day.year)
            if not self.is_rest(day, CalendarKind.GENERAL):
                left -= 1
        return Rolled(day, provisional)


def days_between(first: date, last: date) -> Iterable[date]:
    """Yield every day from `first` to `last`, both included."""
    day = first
    while day <= last:
        yield day
        day += _ONE
