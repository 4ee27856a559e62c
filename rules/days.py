"""Days as people write them in Chinese."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

NINGBO = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"


def format_day(day: date) -> str:
    """Return `2026年11月20日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def format_day_with_weekday(day: date) -> str:
    """Return `2026年11月20日（周五）`."""
    return f"{format_day(day)}（周{WEEKDAYS[day.weekday()]}）"
