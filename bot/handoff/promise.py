"""By when somebody answers: hours in which agencies work, and time counted in them. Pure.

Working hours are those of the service, not of a statute: 9:00 to 17:30 on working days, weekend days worked in
exchange included. In a year whose holidays are not announced the statutory days and weekends count as free.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from rules.days import NINGBO, format_day_with_weekday
from rules.deadlines.calendar import CalendarKind, HolidayCalendar

ANSWER_WITHIN = timedelta(hours=2)  # of working time, to accept a case
REPLY_WITHIN = timedelta(hours=4)  # of working time, to answer the owner once accepted
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingHours:
    """When agencies can be reached."""

    opens: time = time(9, 0)
    closes: time = time(17, 30)
    calendar: HolidayCalendar = field(default_factory=HolidayCalendar)

    def is_working_day(self, day: date) -> bool:
        """Return whether people work on this day."""
        return not self.calendar.is_rest(day, CalendarKind.GENERAL)

    def is_open(self, now: datetime) -> bool:
        """Return whether somebody can be expected to answer at this instant."""
        here = now.astimezone(NINGBO)
        return self.is_working_day(here.date()) and self.opens <= here.time() < self.closes

    def next_open(self, now: datetime) -> datetime:
        """Return `now` within working hours, else the instant (UTC) at which they next begin."""
        if self.is_open(now):
            return now.astimezone(UTC)
        here = now.astimezone(NINGBO)
        day = here.date() if here.time() < self.opens else here.date() + _DAY
        while not self.is_working_day(day):
            day += _DAY
        return datetime.combine(day, self.opens, NINGBO).astimezone(UTC)

    def after(self, now: datetime, working: timedelta) -> datetime:
        """Return the instant (UTC) at which `working` time has passed within working hours."""
        at = self.next_open(now)
        while True:
            closing = datetime.combine(at.astimezone(NINGBO).date(), self.closes, NINGBO).astimezone(UTC)
            if at + working <= closing:
                return at + working
            working -= closing - at
            at = self.next_open(closing)


def format_promise(promised_by: datetime) -> str:
    """Return `2026年11月23日（周一）11:00`, Ningbo time."""
    here = promised_by.astimezone(NINGBO)
    return f"{format_day_with_weekday(here.date())}{here:%H:%M}"
