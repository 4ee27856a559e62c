"""The hours at which people are written to, in Ningbo."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from rules.days import NINGBO

WAKING = (8, 22)  # reminders; what ends today is said at any hour
BROADCAST = (9, 20)  # policy messages can wait


def today_in_ningbo(now: datetime) -> date:
    """Return the day it is in Ningbo."""
    return now.astimezone(NINGBO).date()


def within(now: datetime, hours: tuple[int, int]) -> bool:
    """Return whether the instant lies within these hours of the day in Ningbo."""
    return hours[0] <= now.astimezone(NINGBO).hour < hours[1]


def next_within(now: datetime, hours: tuple[int, int]) -> datetime:
    """Return `now` where it lies within these hours, else the next instant that does."""
    if within(now, hours):
        return now
    local = now.astimezone(NINGBO)
    day = local.date() if local.hour < hours[0] else local.date() + timedelta(days=1)
    return datetime.combine(day, time(hours[0]), NINGBO)
