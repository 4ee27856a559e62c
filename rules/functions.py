"""The few functions an expression may call, with what they mean exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor
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


def _to_steps(whole: Callable[[Fraction], int]) -> Callable[[Any, Any], int | Fraction]:
    """Return the rounding to multiples of a step that does with a negative number what it does with a positive."""

    def rounded(number: int | Fraction, step: int | Fraction) -> int | Fraction:
        steps = whole(abs(Fraction(number)) / Fraction(step)) * Fraction(step)
        result = -steps if number < 0 else steps
        return result.numerator if result.denominator == 1 else result

    return rounded


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
    Function("round_down", 2, 2, "舍去零头，例如 round_down(收入, 万元(1))"),
    Function("round_up", 2, 2, "零头进一，例如 round_up(逾期天数 / 30, 1)"),
    Function("round_half_up", 2, 2, "四舍五入，例如 round_half_up(比率, 0.01)"),
    Function("round_half_down", 2, 2, "五舍六入，例如 round_half_down(比率, 0.01)"),
    Function("round_half_even", 2, 2, "四舍六入五成双，例如 round_half_even(比率, 0.01)"),
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

_HALF: Final = Fraction(1, 2)

# Of a number and a step above zero; grow with the number.
ROUND_FUNCTIONS: Final[dict[str, Callable[[int | Fraction, int | Fraction], int | Fraction]]] = {
    "round_down": _to_steps(floor),  # towards zero
    "round_up": _to_steps(ceil),  # away from zero
    "round_half_up": _to_steps(lambda steps: floor(steps + _HALF)),
    "round_half_down": _to_steps(lambda steps: ceil(steps - _HALF)),
    "round_half_even": _to_steps(round),
}
