"""Compute an amount from its form and the facts: exactly, or between two bounds while facts are missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from rules.amount_form import Amount, Let, LetTable, Rounding, Unit
from rules.bracket_form import Brackets
from rules.brackets import bracketed
from rules.errors import RulesError
from rules.evaluate import Environment, compare, evaluate, evaluate_settled, possible_extreme
from rules.expressions import Expression
from rules.functions import ROUND_FUNCTIONS
from rules.possible import ABSENT, ANYTHING, Exactly, Possible, Span, Truth, join, span, to_truth
from rules.prose import fill, format_plain
from rules.syntax import Comparison

UNKNOWN_WORD = "（待定）"


@dataclass(frozen=True, slots=True)
class AmountResult:
    """An amount in 分, or its bounds (`high` None: no upper bound), and what is missing to make it exact.

    Neither amount nor bounds nor missing facts: there is none here, or the source does not publish it.
    """

    fen: int | None
    low: int | None
    high: int | None
    capped: bool | None
    missing: tuple[str, ...]
    references: tuple[str, ...]
    explanation: str


def compute(amount: Amount, environment: Environment) -> AmountResult:
    """Return the amount. Raises RulesError when the formula cannot be computed (division by zero)."""
    if not amount.published or amount.formula is None or amount.unit is None:
        return AmountResult(None, None, None, None, (), tuple(amount.cite or ()), amount.note)
    used = dict.fromkeys(amount.cite or ())
    inner = environment.with_lets(_lets(amount.let, used))
    raw = evaluate(amount.formula.root, inner)
    value, capped, cap = _limited(amount, raw, inner, used)
    bounds = _bounds_in_fen(amount, amount.unit, value)
    low, high = bounds if bounds else (None, None)
    exact = low is not None and low == high
    missing = () if exact or value is ABSENT else tuple(inner.touched)
    explanation = fill(amount.explain, _words(inner, raw, cap))
    return AmountResult(
        fen=low if exact else None,
        low=low,
        high=high,
        capped=capped,
        missing=missing,
        references=tuple(used),
        explanation=explanation,
    )


def _limited(
    amount: Amount, raw: Possible, environment: Environment, used: dict[str, None]
) -> tuple[Possible, bool | None, Possible | None]:
    value, capped, cap = raw, None if raw is ANYTHING else False, None
    if amount.cap is not None:
        cap = evaluate(amount.cap.value.root, environment)
        used.update(dict.fromkeys(amount.cap.cite))
        over = compare(Comparison.MORE, raw, cap)
        capped = None if over is Truth.UNKNOWN else over is Truth.TRUE
        value = _within(min, value, cap)
        if value is ANYTHING and (top := span(cap)) is not None:
            value = Span(0, top.high)  # whatever the formula gives, the cap holds
    if amount.floor is not None:
        used.update(dict.fromkeys(amount.floor.cite))
        value = _within(max, value, evaluate(amount.floor.value.root, environment))
    return value, capped, cap


def _within(pick: Callable[[list[Any]], Any], value: Possible, limit: Possible) -> Possible:
    """Return the value within a limit. What does not exist has no limit, and a limit that does not exist is none."""
    return value if value is ABSENT else possible_extreme(pick, [value, limit])


def _lets(lets: Mapping[str, Let], used: dict[str, None]) -> dict[str, Callable[[Environment], Possible]]:
    return {name: partial(let_value, let, used=used) for name, let in lets.items()}


def let_value(let: Let, environment: Environment, used: dict[str, None]) -> Possible:
    """Return what a formula, a table or brackets give; the references of the rows that count are added to `used`."""
    match let:
        case LetTable():
            return _look_up(let, environment, used)
        case Brackets():
            return bracketed(let, environment, used)
        case Expression():
            return evaluate(let.root, environment)


def _look_up(table: LetTable, environment: Environment, used: dict[str, None]) -> Possible:
    """Return what the table gives: the first row that holds, or everything that may still be first."""
    result: Possible | None = None
    for row in table.table:
        truth = Truth.TRUE if row.test is None else to_truth(evaluate_settled(row.test.root, environment))
        if truth is Truth.FALSE:
            continue
        used.update(dict.fromkeys(row.cite))
        value = evaluate(row.then.root, environment)
        result = value if result is None else join(result, value)
        if truth is Truth.TRUE:
            break
    return ANYTHING if result is None else result


def _bounds_in_fen(amount: Amount, unit: Unit, value: Possible) -> tuple[int, int | None] | None:
    bounds: Any = span(value)
    if bounds is None:
        if isinstance(value, Exactly):
            raise RulesError(f"an amount is a number, not {value.value!r}")
        return None
    if isinstance(bounds.low, date):
        raise RulesError("an amount is a number, not a day")
    low = 0 if bounds.low < 0 and not isinstance(value, Exactly) else _rounded(amount, unit, bounds.low)
    high = None if isinstance(bounds.high, float) else _rounded(amount, unit, bounds.high)
    return low, high


def _rounded(amount: Amount, unit: Unit, value: Any) -> int:
    fen = Fraction(value) * unit.fen
    return round_fen(fen, amount.round or Rounding.EXACT, amount.round_to or Decimal(1), unit)


def round_fen(fen: Fraction, rounding: Rounding, step: Decimal = Decimal(1), unit: Unit = Unit.FEN) -> int:
    """Return whole 分, rounded to multiples of `step` units. Raises RulesError when `exact` leaves a rest."""
    if rounding is Rounding.EXACT:
        if fen.denominator != 1:
            raise RulesError(f"{fen} is not a whole number of fen and no rounding is stated")
        return fen.numerator
    result = ROUND_FUNCTIONS[f"round_{rounding.value}"](fen, Fraction(step) * unit.fen)
    if result.denominator != 1:
        raise RulesError(f"rounding to {step}{unit.value} gives a part of a fen")
    return result.numerator


def _words(environment: Environment, raw: Possible, cap: Possible | None) -> Callable[[str], str]:
    def look(name: str) -> str:
        if name == "raw":
            value: Possible | None = raw
        elif name in ("上限", "cap"):
            value = cap
        else:
            value = environment.possible(name)
        return format_plain(value.value) if isinstance(value, Exactly) else UNKNOWN_WORD

    return look
