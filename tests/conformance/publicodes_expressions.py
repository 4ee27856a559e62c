"""Expressions of Publicodes as expressions of ours: numbers with units, names with spaces, comparisons."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tests.conformance.outcome import OutOfScope, Reason
from tests.conformance.publicodes_units import Unit, agreed, scaled

_TOKEN = re.compile(
    r"""\s*(?:(?P<day>\d\d/\d\d/\d{4})|(?P<number>\d[\d_]*(?:\.\d+)?(?:[eE]-?\d+)?)\s*(?P<unit>%|[^\W\d_][^\s()*+<>=!,]*|€[^\s()*+<>=!,]*)?
    |(?P<string>'[^']*'|"[^"]*")|(?P<sign><=|>=|!=|\*\*|[-+*/=<>()])
    |(?P<name>[^\W\d][\w'’]*(?:\ [^\W\d][\w'’]*|\ \d+(?![\d/])|-\w+)*(?:\ \.\ [^\W\d][\w'’]*(?:\ [^\W\d][\w'’]*|-\w+)*)*))""",
    re.VERBOSE,
)
_MONTH = re.compile(r"^\d\d/\d{4}$")


@dataclass(frozen=True, slots=True)
class Term:
    """One of our expressions, the unit in which it is shown, and when it applies (empty: always)."""

    text: str
    unit: Unit | None = None
    is_truth: bool = False
    when: str = ""

    @property
    def or_none(self) -> str:
        """Return the text for a place that wants a number: `non` stands for nothing there."""
        return "none" if self.text == "false" else self.text


def both(first: str, second: str) -> str:
    """Return the condition that both hold; empty ones always do."""
    return f"({first} and {second})" if first and second else first or second


def read(text: str, name: Callable[[str], Term]) -> Term:
    """Return our expression. `name` gives the term of a rule's name. Raises OutOfScope or ValueError."""
    if _MONTH.match(text.strip()):
        raise OutOfScope(Reason.MECHANISM, "a month as a date")
    reader = _Reader(text, name)
    term = reader.comparison()
    if reader.at < len(reader.tokens):
        raise ValueError(f"not understood in {text!r}: {reader.tokens[reader.at]}")
    return term


class _Reader:
    def __init__(self, text: str, name: Callable[[str], Term]) -> None:
        self.name = name
        self.tokens: list[re.Match[str]] = []
        self.at = place = 0
        text = text.strip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise ValueError(f"not understood: {text[place:]!r}")
            self.tokens.append(match)
            place = match.end()

    def sign(self, *wanted: str) -> str:
        """Return and pass over the next sign when it is one of those wanted."""
        if self.at < len(self.tokens) and self.tokens[self.at]["sign"] in wanted:
            self.at += 1
            return self.tokens[self.at - 1]["sign"]
        return ""

    def comparison(self) -> Term:
        left = self.sum()
        sign = self.sign("=", "!=", "<", "<=", ">", ">=")
        if not sign:
            return left
        right = self.sum()
        agreed(left.unit, right.unit)
        text = f"({left.text} {'==' if sign == '=' else sign} {right.text})"
        return Term(text, is_truth=True, when=both(left.when, right.when))

    def sum(self) -> Term:
        left = self.product()
        while sign := self.sign("+", "-"):
            left = added(left, self.product(), sign)
        return left

    def product(self) -> Term:
        left = self.unary()
        while sign := self.sign("*", "/", "**"):
            if sign == "**":
                raise OutOfScope(Reason.MECHANISM, "powers are refused")
            left = multiplied(left, self.unary(), sign)
        return left

    def unary(self) -> Term:
        if self.sign("-"):
            item = self.unary()
            return replace(item, text=f"(0 - {item.text})")
        return self.primary()

    def primary(self) -> Term:
        if self.sign("("):
            inner = self.comparison()
            if not self.sign(")"):
                raise ValueError("a bracket is not closed")
            return inner
        if self.at >= len(self.tokens):
            raise ValueError("something is missing at the end")
        token = self.tokens[self.at]
        self.at += 1
        if token["day"]:
            day = date(*map(int, reversed(token["day"].split("/"))))
            return Term(f"date({day.year}, {day.month}, {day.day})")
        if token["number"]:
            unit = Unit.read(token["unit"]) if token["unit"] else None
            number = f"{Decimal(token['number'].replace('_', '')):f}"
            return Term(scaled(number, unit.scale if unit else Unit().scale), unit)
        if token["string"]:
            return Term(repr(token["string"][1:-1]))
        if token["name"] in ("oui", "non"):
            return Term("true" if token["name"] == "oui" else "false", is_truth=True)
        if token["name"]:
            return self.name(token["name"])
        raise ValueError(f"not understood: {token[0]!r}")


def added(left: Term, right: Term, sign: str = "+") -> Term:
    """Return the sum or difference of two terms. What does not apply counts nothing beside what does."""
    sides = [f"({term.text} if {term.when} else 0)" if term.when else term.text for term in (left, right)]
    text = f"({sides[0]} {sign} {sides[1]})"
    when = f"({left.when} or {right.when})" if left.when and right.when else ""
    return Term(f"({text} if {when} else none)" if when else text, agreed(left.unit, right.unit), when=when)


def multiplied(left: Term, right: Term, sign: str = "*") -> Term:
    """Return the product or quotient of two terms, with its unit."""
    one, other = left.unit or Unit(), right.unit or Unit()
    unit = one.times(other, 1 if sign == "*" else -1) if left.unit or right.unit else None
    text = f"({left.text} {sign} {right.text})"
    return Term(text, unit if unit and unit.powers else None, when=both(left.when, right.when))
