"""Work out what brackets give: exactly, or between two bounds while facts are missing."""

from __future__ import annotations

from rules.bracket_form import BracketKind, BracketRow, Brackets
from rules.errors import RulesError
from rules.evaluate import Environment, arithmetic, compare, evaluate, possible_extreme
from rules.expressions import Expression
from rules.possible import ABSENT, Exactly, Possible, Truth, join
from rules.syntax import Comparison, Operator

_ZERO = Exactly(0)


def bracketed(brackets: Brackets, environment: Environment, used: dict[str, None]) -> Possible:
    """Return what the brackets give; the references of those that count are added to `used`.

    Brackets that the value does not reach are not looked at, so that their facts are not missing. Raises RulesError
    when the ends of the brackets do not rise.
    """
    value = evaluate(brackets.of.root, environment)
    if value is ABSENT:
        return ABSENT
    work = _marginal if brackets.kind is BracketKind.MARGINAL else _linear
    return work(brackets, value, environment, used)


def _marginal(
    brackets: Brackets, value: Possible, environment: Environment, used: dict[str, None]
) -> Possible:
    total: Possible = _ZERO
    start: Possible = _ZERO
    for place, row in enumerate(brackets.rows):
        reached = Truth.TRUE if place == 0 else compare(Comparison.MORE, value, start)
        if reached is Truth.FALSE:
            break
        used.update(dict.fromkeys(row.cite))
        end = _end(brackets, row, start, environment)
        if row.rate is not None:
            inside = value if end is None else possible_extreme(min, [value, end])
            part = possible_extreme(max, [_ZERO, arithmetic(Operator.SUBTRACT, inside, start)])
            total = _plus(total, _times(evaluate(row.rate.root, environment), part))
        elif row.fixed is not None:
            fixed = evaluate(row.fixed.root, environment)
            total = _plus(total, fixed if reached is Truth.TRUE else join(_ZERO, fixed))
        if end is None:
            break
        start = end
    return total


def _linear(brackets: Brackets, value: Possible, environment: Environment, used: dict[str, None]) -> Possible:
    first, *others = brackets.rows
    start = _end(brackets, first, None, environment)
    rate = total = _rate(first.rate, environment)
    used.update(dict.fromkeys(first.cite))
    for row in others:
        if start is None or compare(Comparison.MORE, value, start) is Truth.FALSE:
            break
        used.update(dict.fromkeys(row.cite))
        end = _end(brackets, row, start, environment)
        next_rate = _rate(row.rate, environment)
        if end is None:
            break
        inside = arithmetic(Operator.SUBTRACT, possible_extreme(min, [value, end]), start)
        length, rise = (
            arithmetic(Operator.SUBTRACT, end, start),
            arithmetic(Operator.SUBTRACT, next_rate, rate),
        )
        share = arithmetic(Operator.DIVIDE, possible_extreme(max, [_ZERO, inside]), length)
        total = _plus(total, _times(rise, share))
        start, rate = end, next_rate
    return total


def _end(
    brackets: Brackets, row: BracketRow, start: Possible | None, environment: Environment
) -> Possible | None:
    if row.up_to is None:
        return None
    end = evaluate(row.up_to.root, environment)
    if brackets.scale is not None:
        end = _times(end, evaluate(brackets.scale.root, environment))
    if start is not None and compare(Comparison.MORE, end, start) is Truth.FALSE:
        raise RulesError("the ends of the brackets do not rise")
    return end


def _rate(rate: Expression | None, environment: Environment) -> Possible:
    return _ZERO if rate is None else evaluate(rate.root, environment)


def _plus(left: Possible, right: Possible) -> Possible:
    return arithmetic(Operator.ADD, left, right)


def _times(left: Possible, right: Possible) -> Possible:
    return arithmetic(Operator.MULTIPLY, left, right)
