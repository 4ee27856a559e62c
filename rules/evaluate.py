"""Evaluate an expression over what is known: exact where facts are known, bounds and choices where they are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from rules import syntax
from rules.errors import RulesError
from rules.expressions import AS_OF, simplest
from rules.facts import FactDefinition, FactDictionary, Facts, FactState, FactType, FactValue
from rules.functions import ROUND_FUNCTIONS, SPAN_FUNCTIONS
from rules.possible import (
    ABSENT,
    ANYTHING,
    EITHER,
    INFINITY,
    Exactly,
    OneOf,
    Possible,
    Span,
    Subset,
    Truth,
    join,
    of_truth,
    span,
    to_truth,
)
from rules.syntax import Comparison, Operator

Let = Callable[["Environment"], Possible]


class Environment:
    """What the names in expressions stand for: facts as known, `let`s of an amount, and the day of assessment.

    `touched` collects, in order, the facts whose missing value was looked at.
    """

    __slots__ = ("_computed", "as_of", "dictionary", "facts", "lets", "touched", "values")

    def __init__(self, facts: Facts, as_of: date, dictionary: FactDictionary) -> None:
        self.facts = facts
        self.as_of = as_of
        self.dictionary = dictionary
        self.values: dict[str, Possible] = {AS_OF: Exactly(as_of)}
        self.lets: Mapping[str, Let] = {}
        self.touched: dict[str, None] = {}
        self._computed: dict[str, tuple[Possible, dict[str, None]]] = {}

    def possible(self, name: str) -> Possible:
        """Return what the name may stand for."""
        value = self.values.get(name)
        if value is None:
            let = self.lets.get(name)
            if let is not None:
                return self._let(name, let)
            value = self.values[name] = possible_value(self.dictionary.get(name), self.facts.known(name))
        if not isinstance(value, Exactly) and value is not ABSENT:
            self.touched[name] = None
        return value

    def _let(self, name: str, let: Let) -> Possible:
        """Compute a `let` once; whoever looks at it looks at the facts that it looked at."""
        if name not in self._computed:
            before, self.touched = self.touched, {}
            try:
                self._computed[name] = let(self), self.touched
            finally:
                self.touched = before
        value, touched = self._computed[name]
        self.touched.update(touched)
        return value

    def supposing(self, name: str, value: Possible) -> Environment:
        """Return this environment with one fact narrowed to a case."""
        other = self.with_lets(self.lets)
        other.values[name] = value
        return other

    def with_lets(self, lets: Mapping[str, Let]) -> Environment:
        """Return this environment with names that are computed when they are looked at."""
        other = Environment(self.facts, self.as_of, self.dictionary)
        other.values = dict(self.values)
        other.lets = lets
        return other


def possible_value(definition: FactDefinition | None, fact: FactValue) -> Possible:
    """Return what a fact may be, given what is known of it and what its definition allows."""
    if fact.state is FactState.NOT_APPLICABLE:
        return ABSENT
    if fact.state is FactState.VALUE:
        value = fact.value
        return Exactly(simplest(Fraction(value)) if isinstance(value, Decimal) else value)
    return domain(definition) if definition is not None else ANYTHING


def domain(definition: FactDefinition) -> Possible:
    """Return everything a fact of this definition may be."""
    match definition.type:
        case FactType.BOOL:
            return EITHER
        case FactType.ENUM:
            return OneOf(frozenset(definition.values))
        case FactType.SET:
            return Subset(frozenset(), frozenset(definition.values))
        case FactType.TEXT:
            return ANYTHING
        case FactType.DATE:
            return Span(definition.minimum or date.min, definition.maximum or date.max, discrete=True)  # type: ignore[arg-type]
        case _:
            natural: int | float = -INFINITY if definition.type is FactType.NUMBER else 0
            low = natural if definition.minimum is None else Fraction(definition.minimum)  # type: ignore[arg-type]
            high = INFINITY if definition.maximum is None else Fraction(definition.maximum)  # type: ignore[arg-type]
            return Span(low, high, discrete=definition.type is FactType.INT)


def evaluate(node: syntax.Node, environment: Environment) -> Possible:
    """Return what the expression may be. Raises RulesError when values of different kinds are compared."""
    return _EVALUATE[type(node)](node, environment)


def _name(node: syntax.Name, environment: Environment) -> Possible:
    return environment.possible(node.name)


def _literal(node: syntax.Literal, environment: Environment) -> Possible:
    value = node.value
    if value is None:
        return ABSENT
    return _members(value) if isinstance(value, tuple) else Exactly(value)


@lru_cache(maxsize=4096)
def _members(values: tuple[Any, ...]) -> Exactly:
    return Exactly(frozenset(values))


def _comparison(node: syntax.Compare, environment: Environment) -> Possible:
    left, right = evaluate(node.left, environment), evaluate(node.right, environment)
    return of_truth(compare(node.operator, left, right))


def _overlapping(node: syntax.Overlap, environment: Environment) -> Possible:
    return of_truth(overlap(evaluate(node.left, environment), evaluate(node.right, environment)))


def _negation(node: syntax.Not, environment: Environment) -> Possible:
    return of_truth(~to_truth(evaluate(node.item, environment)))


def _conjunction(node: syntax.And, environment: Environment) -> Possible:
    return _joined(node.items, environment, decisive=Truth.FALSE)


def _disjunction(node: syntax.Or, environment: Environment) -> Possible:
    return _joined(node.items, environment, decisive=Truth.TRUE)


def _choice(node: syntax.Choose, environment: Environment) -> Possible:
    truth = to_truth(evaluate_settled(node.test, environment))
    if truth is Truth.UNKNOWN:
        return join(evaluate(node.then, environment), evaluate(node.otherwise, environment))
    return evaluate(node.then if truth is Truth.TRUE else node.otherwise, environment)


def _arithmetic(node: syntax.Arithmetic, environment: Environment) -> Possible:
    left, right = evaluate(node.left, environment), evaluate(node.right, environment)
    return arithmetic(node.operator, left, right)


def _called(node: syntax.Call, environment: Environment) -> Possible:
    arguments = [evaluate(argument, environment) for argument in node.arguments]
    return _call(node.function, arguments, environment)


# Looked up by type: a `match` over ten classes costs more than most evaluations.
_EVALUATE: Final[dict[type, Callable[[Any, Environment], Possible]]] = {
    syntax.Name: _name,
    syntax.Literal: _literal,
    syntax.Compare: _comparison,
    syntax.Overlap: _overlapping,
    syntax.Not: _negation,
    syntax.And: _conjunction,
    syntax.Or: _disjunction,
    syntax.Choose: _choice,
    syntax.Arithmetic: _arithmetic,
    syntax.Call: _called,
}


def evaluate_settled(node: syntax.Node, environment: Environment) -> Possible:
    """Return what the expression may be; when that is certain, the facts it looked at do not count as touched."""
    before = len(environment.touched)
    value = evaluate(node, environment)
    if isinstance(value, Exactly):
        while len(environment.touched) > before:
            environment.touched.popitem()
    return value


def _joined(items: tuple[syntax.Node, ...], environment: Environment, decisive: Truth) -> Possible:
    result = ~decisive
    for item in items:
        truth = to_truth(evaluate(item, environment))
        if truth is decisive:
            return of_truth(truth)
        if truth is Truth.UNKNOWN:
            result = truth
    return of_truth(result)


def compare(operator: Comparison, left: Possible, right: Possible) -> Truth:
    """Return the truth of a comparison. With a fact that does not exist here every comparison is false,
    and so the negative ones (`!=`, `not in`) are true."""
    if operator in (Comparison.NOT_EQUAL, Comparison.NOT_IN):
        return ~compare(operator.opposite, left, right)
    if left is ABSENT or right is ABSENT:
        return Truth.FALSE
    if operator is Comparison.IN:
        return _is_in(left, right)
    if isinstance(left, Exactly) and isinstance(right, Exactly):
        return _compare_exactly(operator, left.value, right.value)
    if operator is Comparison.EQUAL:
        return _may_equal(left, right)
    return _order(operator, left, right)


def _compare_exactly(operator: Comparison, left: Any, right: Any) -> Truth:
    if operator is Comparison.EQUAL:
        if _sort(left) is not _sort(right):
            raise RulesError(f"{left!r} and {right!r} are of different kinds")
        return Truth.of(left == right)
    if _sort(left) is not _sort(right) or isinstance(left, str | frozenset):
        raise RulesError(f"cannot order {left!r} and {right!r}")
    match operator:
        case Comparison.LESS:
            return Truth.of(left < right)
        case Comparison.AT_MOST:
            return Truth.of(left <= right)
        case Comparison.MORE:
            return Truth.of(left > right)
        case _:
            return Truth.of(left >= right)


def _sort(value: Any) -> type:
    """The kind of a value; for Python a truth is a whole number and whole numbers are not fractions."""
    return Fraction if type(value) is int else type(value)


def _order(operator: Comparison, left: Possible, right: Possible) -> Truth:
    if operator in (Comparison.MORE, Comparison.AT_LEAST):
        return _order(operator.mirrored, right, left)
    a, b = span(left), span(right)
    if a is None or b is None:
        return Truth.UNKNOWN
    if isinstance(a.low, date) is not isinstance(b.low, date):
        raise RulesError("cannot order a day and a number")
    low_a, high_a, low_b, high_b = a.low, a.high, b.low, b.high
    touch_high = a.high_open or b.low_open  # the two ends that meet when a lies below b
    touch_low = a.low_open or b.high_open  # the two ends that meet when a lies above b
    if operator is Comparison.LESS:
        if high_a < low_b or (high_a == low_b and touch_high):  # type: ignore[operator]
            return Truth.TRUE
        return Truth.FALSE if low_a >= high_b else Truth.UNKNOWN  # type: ignore[operator]
    if high_a <= low_b:  # type: ignore[operator]
        return Truth.TRUE
    if low_a > high_b or (low_a == high_b and touch_low):  # type: ignore[operator]
        return Truth.FALSE
    return Truth.UNKNOWN


def _may_equal(left: Possible, right: Possible) -> Truth:
    if isinstance(left, Exactly):
        left, right = right, left
    match left, right:
        case OneOf(values), Exactly(value):
            return Truth.UNKNOWN if value in values else Truth.FALSE
        case OneOf(values), OneOf(others):
            return Truth.UNKNOWN if values & others else Truth.FALSE
        case Span(), Exactly(int() | Fraction() | date() as value):
            return Truth.UNKNOWN if left.holds(value) else Truth.FALSE
        case Subset(must, may), Exactly(frozenset() as value):
            return Truth.UNKNOWN if must <= value <= may else Truth.FALSE
        case _:
            return Truth.UNKNOWN


def _is_in(left: Possible, right: Possible) -> Truth:
    if isinstance(right, Subset):
        if not isinstance(left, Exactly):
            return Truth.UNKNOWN
        return (
            Truth.TRUE
            if left.value in right.must
            else Truth.UNKNOWN
            if left.value in right.may
            else Truth.FALSE
        )
    if not isinstance(right, Exactly) or not isinstance(right.value, frozenset):
        return Truth.UNKNOWN
    members = right.value
    match left:
        case Exactly(value):
            is_in = value in members and any(_sort(value) is _sort(item) for item in members if item == value)
            return Truth.of(is_in)
        case OneOf(values):
            return Truth.TRUE if values <= members else Truth.UNKNOWN if values & members else Truth.FALSE
        case Span():
            inside = (member for member in members if _sort(member) in (Fraction, date))
            is_day = isinstance(left.low, date)
            may = any(left.holds(member) for member in inside if isinstance(member, date) is is_day)
            return Truth.UNKNOWN if may else Truth.FALSE
        case _:
            return Truth.UNKNOWN


def overlap(left: Possible, right: Possible) -> Truth:
    """Return whether two sets have a member in common."""
    if left is ABSENT or right is ABSENT:
        return Truth.FALSE
    a, b = _bounds_of_set(left), _bounds_of_set(right)
    if a is None or b is None:
        return Truth.UNKNOWN
    if a.must & b.must:
        return Truth.TRUE
    return Truth.UNKNOWN if a.may & b.may else Truth.FALSE


def _bounds_of_set(value: Possible) -> Subset | None:
    match value:
        case Subset():
            return value
        case Exactly(frozenset() as members):
            return Subset(members, members)
        case Exactly():
            raise RulesError("“&” is for sets only")
        case _:
            return None


def arithmetic(operator: Operator, left: Possible, right: Possible) -> Possible:
    """Return the exact result for exact numbers, bounds for bounds, anything for what has no bounds.

    What is computed from a fact that does not exist here does not exist either.
    """
    if left is ABSENT or right is ABSENT:
        return ABSENT
    if isinstance(left, Exactly) and isinstance(right, Exactly):
        return Exactly(_calculate(operator, left.value, right.value))
    a, b = span(left), span(right)
    if a is None or b is None or isinstance(a.low, date) or isinstance(b.low, date):
        return ANYTHING
    if operator is Operator.DIVIDE and b.low <= 0 <= b.high:  # type: ignore[operator]
        return ANYTHING
    ends = [_bounded(operator, x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    return Span(min(ends), max(ends))


def _calculate(operator: Operator, left: Any, right: Any) -> int | Fraction:
    for value in (left, right):
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            raise RulesError(f"cannot calculate with {value!r}")
    match operator:
        case Operator.ADD:
            result = left + right
        case Operator.SUBTRACT:
            result = left - right
        case Operator.MULTIPLY:
            result = left * right
        case Operator.DIVIDE:
            if right == 0:
                raise RulesError("division by zero")
            result = Fraction(left) / Fraction(right)
    return simplest(result) if isinstance(result, Fraction) else int(result)


def _bounded(operator: Operator, left: Any, right: Any) -> Any:
    """Calculate with bounds that may be infinite; nothing times infinity is nothing."""
    infinite = isinstance(left, float) or isinstance(right, float)
    if not infinite:
        return _calculate(operator, left, right)
    if operator is Operator.MULTIPLY:
        return 0 if left == 0 or right == 0 else float(left) * float(right)
    if operator is Operator.DIVIDE:
        return 0 if isinstance(right, float) else float(left) / float(right)
    return float(left) + float(right) if operator is Operator.ADD else float(left) - float(right)


def _call(function: str, arguments: list[Possible], environment: Environment) -> Possible:
    if function == "has":
        return _has(arguments[0])
    if function in ("min", "max"):
        return possible_extreme(min if function == "min" else max, arguments)
    if ABSENT in arguments:
        return ABSENT
    if function in ROUND_FUNCTIONS:
        return _rounded(function, arguments[0], arguments[1])
    if function == "count":
        members = _bounds_of_set(arguments[0])
        if members is None:
            return Span(0, INFINITY, discrete=True)
        low, high = len(members.must), len(members.may)
        return Exactly(low) if low == high else Span(low, high, discrete=True)
    if function == "age":
        return _between("years_between", arguments[0], Exactly(environment.as_of))
    return _between(function, arguments[0], arguments[1])


def _has(value: Possible) -> Possible:
    if value is ABSENT:
        return Exactly(False)
    return Exactly(True) if isinstance(value, Exactly) else EITHER


def possible_extreme(pick: Callable[[list[Any]], Any], arguments: list[Possible]) -> Possible:
    """Return the smaller or larger of several possibilities, `pick` being `min` or `max`.

    What does not exist here does not count; where nothing exists, the result does not either.
    """
    here = [argument for argument in arguments if argument is not ABSENT]
    if not here:
        return ABSENT
    spans = [span(argument) for argument in here]
    known = [item for item in spans if item is not None]
    if len(known) != len(spans):
        return ANYTHING
    low, high = pick([item.low for item in known]), pick([item.high for item in known])
    return Exactly(low) if low == high else Span(low, high)


def _between(function: str, start: Possible, end: Possible) -> Possible:
    a, b = span(start), span(end)
    if a is None or b is None:
        return Span(-INFINITY, INFINITY, discrete=True)
    ends = (a.low, a.high, b.low, b.high)
    if not all(isinstance(end, date) for end in ends):
        raise RulesError(f"{function} wants two days")
    count = SPAN_FUNCTIONS[function]
    low, high = count(a.high, b.low), count(a.low, b.high)  # type: ignore[arg-type]
    return Exactly(low) if low == high else Span(low, high, discrete=True)


def _rounded(function: str, number: Possible, step: Possible) -> Possible:
    a, size = span(number), span(step)
    if size is None or size.low != size.high:
        return ANYTHING
    if isinstance(size.low, date) or size.low <= 0:
        raise RulesError(f"{function} wants a step above zero")
    if a is None:
        return ANYTHING
    if isinstance(a.low, date):
        raise RulesError(f"{function} wants a number")
    work = ROUND_FUNCTIONS[function]
    low, high = (end if isinstance(end, float) else work(end, size.low) for end in (a.low, a.high))  # type: ignore[arg-type]
    return Exactly(low) if low == high else Span(low, high)
