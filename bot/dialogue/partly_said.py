"""A day said in two messages: 2022年3月, then 8号. What was said is kept with the open question until it is complete."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from bot.understanding.slots.slot import Period, Slot

_KEPT = re.compile(r"^(\d{4}|-)-(\d{1,2}|-)-(\d{1,2}|-)$")


@dataclass(frozen=True, slots=True)
class Partly:
    """A year, a month, a day of the month, as far as they were said."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        """Return it as it is kept in the conversation; empty when nothing was said."""
        if self == Partly():
            return ""
        return "-".join("-" if part is None else str(part) for part in (self.year, self.month, self.day))

    @classmethod
    def read(cls, kept: str) -> Partly:
        """Return what was kept; nothing for anything else."""
        found = _KEPT.match(kept)
        if found is None:
            return cls()
        year, month, day = (None if part == "-" else int(part) for part in found.groups())
        return cls(year, month, day)

    def whole(self) -> date | None:
        """Return the day, or None while something is missing or where there is no such day."""
        if self.year is None or self.month is None or self.day is None:
            return None
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None


def partly_said(slot: Slot) -> Partly:
    """Return what a date without a single day says."""
    if isinstance(slot.value, Period):
        first, last = slot.value.first, slot.value.last
        whole_months = first.day == 1 and first.year == last.year and last.day >= 28
        if whole_months and first.month == last.month:
            return Partly(first.year, first.month)
        if whole_months and (first.month, last.month) == (1, 12):
            return Partly(first.year)
        return Partly()
    days = [day for day in slot.ambiguous if isinstance(day, date)]
    if not days:
        return Partly()
    month = days[0].month if "月" in slot.text or len({day.month for day in days}) == 1 else None
    return Partly(None, month, days[0].day)


def completed(slot: Slot, before: Partly) -> date | None:
    """Return the day that what is now said and what was said before make together, or None."""
    now = partly_said(slot)
    return Partly(now.year or before.year, now.month or before.month, now.day or before.day).whole()
