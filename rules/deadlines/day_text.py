"""Dates as people, portals and spreadsheets write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

_SHAPES = (
    re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?Z?)?$"),
    re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})[日号]?$"),
    re.compile(r"^(\d{4})(\d{2})(\d{2})$"),
)


def read_day(value: object) -> date | None:
    """Return the day that `value` (a date, or text in a common shape) means, or None when it is none.

    Never guesses: two-digit years and month-first dates are refused.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        return None
    text = unicodedata.normalize("NFKC", value).strip()
    text = re.sub(r"\s*([年月日号/.-])\s*", r"\1", text)
    for shape in _SHAPES:
        match = shape.match(text)
        if match:
            try:
                return date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                return None
    return None
