"""The three days of what is due, each said once."""

from __future__ import annotations

from datetime import date

from bot.dialogue.turn import say
from rules.days import format_day_with_weekday


def day_lines(safe: date | None, nominal: date | None, legal: date | None) -> list[tuple[str, str]]:
    """Return the days that are known with their names, a day that has several names once."""
    last = "deadline.label_last" if nominal == legal else "deadline.label_nominal"
    named = (
        ("deadline.label_safe", safe if safe != nominal else None),
        (last, nominal),
        ("deadline.label_legal", legal if legal != nominal else None),
    )
    return [(say(key), format_day_with_weekday(day)) for key, day in named if day is not None]
