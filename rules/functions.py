"""The few functions an expression may call, with what they mean exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Function:
    """One allowed function: how many arguments it takes and how it is used."""

    name: str
    fewest: int
    most: int
    usage: str
    is_condition: bool = False


def whole_months(start: date, end: date) -> int:
    """Return the full months from `start` to `end`; negative when `end` is earlier.

    A month is full on the same day number, so 31 January to 28 February is no full month.
    """
    if end < start:
        return -whole_months(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if end.day < start.day else months


def whole_years(start: date, end: date) -> int:
    """Return the full years from `start` to `end`; negative when `end` is earlier."""
    months = whole_months(start, end)
    return months // 12 if months >= 0 else -(-months // 12)


def whole_days(start: date, end: date) -> int:
    """Return the days from `start` to `end`; negative when `end` is earlier."""
    return (end - start).days


def _times(factor: int) -> Callable[[Any], int | Fraction]:
    def scale(number: Any) -> int | Fraction:
        if isinstance(number, bool) or not isinstance(number, int | Fraction):
            raise TypeError("a number is wanted")
        product = number * factor
        return product.numerator if product.denominator == 1 else Fraction(product)

    return scale


_ALL: Final = (
    Function("date", 3, 3, "例如 date(2026, 11, 20)"),
    Function("万元", 1, 1, "例如 万元(20)"),
    Function("亿元", 1, 1, "例如 亿元(1.5)"),
    Function("min", 1, 20, "例如 min(甲, 乙)"),
    Function("max", 1, 20, "例如 max(甲, 乙)"),
    Function("count", 1, 1, "集合里有几项，例如 count(质押物) >= 2"),
    Function("days_between", 2, 2, "例如 days_between(登记日, as_of)"),
    Function("months_between", 2, 2, "满几个月，例如 months_between(登记日, as_of)"),
    Function("years_between", 2, 2, "满几年，例如 years_between(成立日, as_of)"),
    Function("age", 1, 1, "到评估日满几年，例如 age(成立日)"),
    Function("has", 1, 1, "这个事实存在，例如 has(还清日)", is_condition=True),
)

FUNCTIONS: Final[dict[str, Function]] = {function.name: function for function in _ALL}

# Folded to a literal when the rule is read, so that thresholds are plain values.
CONSTANT_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "date": date,
    "万元": _times(10**4),
    "亿元": _times(10**8),
}

# Of two days; grows with the second and falls with the first.
SPAN_FUNCTIONS: Final[dict[str, Callable[[date, date], int]]] = {
    "days_between": whole_days,
    "months_between": whole_months,
    "years_between": whole_years,
}
