"""FEEL, as far as a rule can say the same: an expression or a table cell becomes the text of our own expressions.

Nothing is computed here. `null` becomes the name of a fact that nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from tests.conformance.outcome import OutOfScope, Reason

NULL = "nobody_knows"
_Read = TypeVar("_Read")

_ROUNDING = {
    "round up": "round_up",
    "round down": "round_down",
    "round half up": "round_half_up",
    "round half down": "round_half_down",
    "decimal": "round_half_even",
}
_OF_TIME = ("date and time", "time", "now", "today")
_OF_DURATION = ("years and months duration", "duration")
_CALLS = (*_ROUNDING, *_OF_TIME, *_OF_DURATION, "date", "not", "min", "max", "floor", "ceiling", "abs")
_KEYWORDS = ("and", "or", "between", "in", "if", "then", "else", "true", "false", "null", "instance of")
_REFUSED_WORDS = {
    "function": Reason.FUNCTIONS, "for": Reason.LISTS, "some": Reason.LISTS, "every": Reason.LISTS,
    "instance of": Reason.FUNCTIONS, "mean": Reason.LISTS, "sum": Reason.LISTS, "count": Reason.LISTS,
    "string length": Reason.TEXT, "substring": Reason.TEXT, "upper case": Reason.TEXT, "contains": Reason.TEXT,
    "list contains": Reason.LISTS, "append": Reason.LISTS, "concatenate": Reason.LISTS,
}  # fmt: skip
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|(?P<at>@"[^"]*")|(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<sign><=|>=|!=|\*\*|\.\.|[-+*/=<>()\[\]{},:.?])|(?P<word>[^\W\d]\w*))""",
    re.VERBOSE,
)
_MOST_PLACES = 15


class Sort(StrEnum):
    """What a term is, as far as its text shows."""

    NUMBER = "number"
    STRING = "string"
    BOOL = "bool"
    DATE = "date"
    NULL = "null"
    OPEN = "open"  # a name or something computed


@dataclass(frozen=True, slots=True)
class Term:
    """The text of one of our expressions; `literal` when it is a plain value."""

    text: str
    sort: Sort = Sort.OPEN
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Test:
    """One way in which a table cell holds: comparisons that must all hold (operator, right side)."""

    parts: tuple[tuple[str, Term], ...]


def expression(text: str, names: Mapping[str, str]) -> str:
    """Return our expression for a FEEL expression. `names` maps the model's names to ours. Raises OutOfScope."""
    reader = _Reader(text, names)
    term = reader.whole(reader.disjunction)
    return term.text


def literal(text: str) -> Term:
    """Return a plain value. Raises OutOfScope or ValueError for anything else."""
    reader = _Reader(text, {})
    return reader.whole(reader.disjunction)


def cell(text: str, names: Mapping[str, str]) -> tuple[bool, list[Test]]:
    """Return whether the cell is negated, and the tests of which one must hold."""
    reader = _Reader(text, names)
    if reader.peek() == "not":
        reader.take("not")
        reader.take("(")
        tests = reader.tests(")")
        reader.take(")")
        return True, reader.whole(lambda: tests)
    return False, reader.whole(lambda: reader.tests(""))


def compared(subject: Term, operator: str, right: Term) -> str:
    """Return the comparison of two terms. Raises OutOfScope."""
    sorts = {subject.sort, right.sort}
    if Sort.NULL in sorts and operator in ("==", "!="):
        raise OutOfScope(Reason.NULL, f"{subject.text} {operator} {right.text}")
    if operator not in ("==", "!=") and sorts <= {Sort.STRING, Sort.NULL} and Sort.STRING in sorts:
        raise OutOfScope(Reason.WORD_ORDER, f"{subject.text} {operator} {right.text}")
    return f"({subject.text} {operator} {right.text})"


class _Reader:
    """A reader by recursive descent."""

    def __init__(self, text: str, names: Mapping[str, str]) -> None:
        self.names = names
        self.tokens = _tokens(text, names)
        self.at = 0

    def whole(self, read: Callable[[], _Read]) -> _Read:
        """Return what is read, and insist that nothing is left."""
        found = read()
        if self.at < len(self.tokens):
            raise ValueError(f"not understood from {self.tokens[self.at]!r}")
        return found

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.peek()
        if wanted and token not in wanted:
            raise ValueError(f"wanted {wanted}, found {token!r}")
        self.at += 1
        return token

    def disjunction(self) -> Term:
        return self._joined("or", lambda: self._joined("and", self.comparison))

    def _joined(self, word: str, part: Callable[[], Term]) -> Term:
        parts = [part()]
        while self.peek() == word:
            self.take()
            parts.append(part())
        return (
            parts[0]
            if len(parts) == 1
            else Term("(" + f" {word} ".join(t.text for t in parts) + ")", Sort.BOOL)
        )

    def comparison(self) -> Term:
        left = self.sum()
        token = self.peek()
        if token in ("=", "!=", "<", "<=", ">", ">="):
            self.take()
            return Term(compared(left, {"=": "=="}.get(token, token), self.sum()), Sort.BOOL)
        if token == "between":
            self.take()
            low = self.sum()
            self.take("and")
            return Term(f"({compared(left, '>=', low)} and {compared(left, '<=', self.sum())})", Sort.BOOL)
        if token == "in":
            self.take()
            return Term(_one_of(left, self.test()), Sort.BOOL)
        if token == "instance of":
            raise OutOfScope(Reason.FUNCTIONS, token)
        return left

    def tests(self, end: str) -> list[Test]:
        """Read tests separated by commas, up to `end`."""
        found = self.test()
        while self.peek() == ",":
            self.take()
            found += self.test()
        if self.peek() != end:
            raise ValueError(f"not understood from {self.peek()!r}")
        return found

    def test(self) -> list[Test]:
        """Read what stands on the right of `in`, or in a table cell: the ways in which it can hold."""
        token = self.peek()
        if token in ("=", "!=", "<", "<=", ">", ">="):
            self.take()
            return [Test((({"=": "=="}.get(token, token), self.sum()),))]
        if token in ("[", "(", "]"):
            before = self.at
            if (found := self._range()) is not None:
                return [found]
            self.at = before
            self.take("[", "(")
            found_tests = self.tests("]" if token == "[" else ")")
            self.take()
            return found_tests
        return [Test((("==", self.sum()),))]

    def _range(self) -> Test | None:
        """Read `[a..b]`, open ends written `(`, `]`, `)` or `[`; None when it is something else."""
        start = self.take("[", "(", "]")
        if self.peek() in ("[", "=", "!=", "<", "<=", ">", ">=", ")", "]", ""):
            return None
        low = self.sum()
        if self.peek() != "..":
            return None
        self.take("..")
        high = self.sum()
        end = self.take("]", ")", "[")
        return Test(((">=" if start == "[" else ">", low), ("<=" if end == "]" else "<", high)))

    def sum(self) -> Term:
        left = self.product()
        while self.peek() in ("+", "-"):
            left = _computed(left, self.take(), self.product())
        return left

    def product(self) -> Term:
        left = self.unary()
        while self.peek() in ("*", "/", "**"):
            sign = self.take()
            if sign == "**":
                raise OutOfScope(Reason.MECHANISM, "powers are refused")
            left = _computed(left, sign, self.unary())
        return left

    def unary(self) -> Term:
        if self.peek() != "-":
            return self.after(self.primary())
        self.take()
        item = self.unary()
        return Term(f"-{item.text}", item.sort, item.literal and item.sort is Sort.NUMBER)

    def after(self, item: Term) -> Term:
        """Refuse what is taken out of a value: a position, a filter, a field."""
        ends_a_range = self.peek(1) in ("", ",", ")", "]", "and", "or", "then", "else")
        if self.peek() == "[" and not ends_a_range:
            raise OutOfScope(Reason.LISTS, "a filter or position")
        if self.peek() == ".":
            raise OutOfScope(Reason.STRUCTURES, "a field of a value")
        return item

    def primary(self) -> Term:
        token = self.take()
        if token.startswith('@"'):
            return _at(token[2:-1])
        if token.startswith('"'):
            return Term(repr(re.sub(r"\\(.)", r"\1", token[1:-1])), Sort.STRING, literal=True)
        if token[:1].isdigit() or (token[:1] == "." and token != "." and token != ".."):
            return Term(f"{Decimal(token):f}", Sort.NUMBER, literal=True)
        if token in ("true", "false"):
            return Term(token, Sort.BOOL, literal=True)
        if token == "null":
            return Term(NULL, Sort.NULL)
        if token == "if":
            return self._choice()
        if token in self.names:
            return Term(self.names[token])
        if token in _CALLS:
            return self._call(token)
        return self._other(token)

    def _other(self, token: str) -> Term:
        if token == "{":
            raise OutOfScope(Reason.STRUCTURES, "{...}")
        if token in ("[", "]"):
            self.at -= 1
            is_range = self._range() is not None
            raise OutOfScope(Reason.RANGES if is_range else Reason.LISTS, "[...]")
        if token == "(":
            if self.peek() in ("=", "!=", "<", "<=", ">", ">="):
                raise OutOfScope(Reason.RANGES, "a test as a value")
            item = self.disjunction()
            if self.peek() == "..":
                raise OutOfScope(Reason.RANGES, "(...)")
            self.take(")")
            return Term(f"({item.text})", item.sort, item.literal)
        if token in _REFUSED_WORDS and (token != "count" or self.peek() == "("):
            raise OutOfScope(_REFUSED_WORDS[token], token)
        if token and (token[0].isalpha() or token[0] == "_") and token not in _KEYWORDS:
            raise OutOfScope(Reason.FUNCTIONS, token)
        raise ValueError(f"not understood: {token!r}")

    def _choice(self) -> Term:
        test = self.disjunction()
        self.take("then")
        then = self.disjunction()
        self.take("else")
        otherwise = self.disjunction()
        return Term(f"({then.text} if {test.text} else {otherwise.text})")

    def _arguments(self) -> tuple[list[Term], dict[str, Term]]:
        self.take("(")
        placed: list[Term] = []
        named: dict[str, Term] = {}
        while self.peek() != ")":
            if self.peek(1) == ":":
                name = self.take()
                self.take(":")
                named[name] = self.disjunction()
            else:
                placed.append(self.disjunction())
            if self.peek() == ",":
                self.take()
        self.take(")")
        return placed, named

    def _call(self, name: str) -> Term:
        if self.peek() != "(":
            raise OutOfScope(Reason.FUNCTIONS, f"{name} as a value")
        if name in _OF_TIME or name in _OF_DURATION:
            raise OutOfScope(Reason.DURATIONS if name in _OF_DURATION else Reason.TIMES, name)
        placed, named = self._arguments()
        if name in ("min", "max"):
            return Term(f"{name}({', '.join(term.text for term in placed)})", Sort.NUMBER)
        if name == "date":
            return _date(placed)
        if name == "not":
            (item,) = placed
            return Term(f"(not {item.text})", Sort.BOOL)
        if named:
            placed = [named.pop(key) for key in ("n", "scale") if key in named] + list(named.values())
        return _rounded(name, placed)


def _tokens(text: str, names: Mapping[str, str]) -> list[str]:
    phrases = sorted({*names, *_CALLS, *_KEYWORDS, *_REFUSED_WORDS}, key=len, reverse=True)
    tokens: list[str] = []
    at, text = 0, text.strip()
    while at < len(text):
        at += len(text[at:]) - len(text[at:].lstrip())
        phrase = next((phrase for phrase in phrases if _stands_at(text, at, phrase)), None)
        if phrase is not None:
            tokens.append(phrase)
            at += len(phrase)
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"not understood from {text[at:]!r}")
        tokens.append(match[0].strip())
        at = match.end()
    return tokens


def _stands_at(text: str, at: int, phrase: str) -> bool:
    end = at + len(phrase)
    return text.startswith(phrase, at) and not (text[end : end + 1].isalnum() or text[end : end + 1] == "_")


def _one_of(subject: Term, tests: list[Test]) -> str:
    plain = [part for test in tests for part in test.parts]
    if len(tests) > 1 and all(operator == "==" and term.literal for operator, term in plain):
        return f"({subject.text} in [{', '.join(term.text for _, term in plain)}])"
    ways = [" and ".join(compared(subject, *part) for part in test.parts) for test in tests]
    return "(" + " or ".join(f"({way})" for way in ways) + ")"


def _computed(left: Term, sign: str, right: Term) -> Term:
    sorts = {left.sort, right.sort}
    if Sort.STRING in sorts and sign == "+":
        raise OutOfScope(Reason.TEXT, "+")
    if Sort.DATE in sorts:
        raise OutOfScope(Reason.DURATIONS, f"a date {sign}")
    return Term(f"({left.text} {sign} {right.text})", Sort.NUMBER)


def _at(text: str) -> Term:
    if re.fullmatch(r"-?P.*", text):
        raise OutOfScope(Reason.DURATIONS, text)
    if re.fullmatch(r"-?\d+-\d\d-\d\d", text):
        return _day(text)
    raise OutOfScope(Reason.TIMES, text)


def _day(text: str) -> Term:
    day = date.fromisoformat(text)
    return Term(f"date({day.year}, {day.month}, {day.day})", Sort.DATE, literal=True)


def _date(placed: list[Term]) -> Term:
    if len(placed) == 1 and placed[0].sort is Sort.STRING:
        return _day(placed[0].text.strip("'"))
    return Term(f"date({', '.join(term.text for term in placed)})", Sort.DATE)


def _rounded(name: str, placed: list[Term]) -> Term:
    """Our step instead of a number of places after the point."""
    if name == "abs":
        (item,) = placed
        return Term(f"max({item.text}, 0 - {item.text})", Sort.NUMBER)
    number, scales = placed[:1], placed[1:]
    if name in ("floor", "ceiling") and not scales:
        scales = [Term("0", Sort.NUMBER, literal=True)]
    steps = [_step(scale) for scale in scales[:1]] + [extra.text for extra in scales[1:]]
    if name in ("floor", "ceiling") and number and len(steps) == 1:
        ways = ("round_down", "round_up") if name == "floor" else ("round_up", "round_down")
        up, down = (f"{way}({number[0].text}, {steps[0]})" for way in ways)
        return Term(f"({up} if {number[0].text} >= 0 else {down})", Sort.NUMBER)
    texts = [*(term.text for term in number), *steps]
    return Term(f"{_ROUNDING.get(name, 'round_down')}({', '.join(texts)})", Sort.NUMBER)


def _step(scale: Term) -> str:
    if scale.sort is not Sort.NUMBER:
        return scale.text
    if not re.fullmatch(r"-?[\d.]+", scale.text):
        raise OutOfScope(Reason.LIMITS, f"a computed scale {scale.text}")
    places = int(Decimal(scale.text))
    if places != Decimal(scale.text):
        raise OutOfScope(Reason.MECHANISM, f"{scale.text} places: a step has no such form")
    if abs(places) > _MOST_PLACES:
        raise OutOfScope(Reason.LIMITS, f"scale {places}")
    return f"{Decimal(1).scaleb(-places):f}"
