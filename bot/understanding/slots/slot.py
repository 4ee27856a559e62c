"""What a slot is: a thing of known kind found in a message, with its span, its value and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from rules.money import Fen


class SlotKind(StrEnum):
    """What was found."""

    DATE = "date"  # value: date, or Period when no single day was said
    AMOUNT = "amount"  # value: Fen, or AmountRange
    APPLICATION_NUMBER = "application_number"  # value: `202010293847.5`, with its check digit
    REGISTRATION_NUMBER = "registration_number"  # value: the trademark's number
    NICE_CLASS = "nice_class"  # value: int 1..45
    CREDIT_CODE = "credit_code"  # value: 18 characters
    DISTRICT = "district"  # value: District
    RIGHT_TYPE = "right_type"  # value: RightType
    PLATFORM = "platform"  # value: Platform
    APPLICANT = "applicant"  # value: Applicant, whether a person or a company
    ANSWER = "answer"  # value: Answer: yes, no, unclear, none
    COUNT = "count"  # value: int, or CountRange
    PERCENT = "percent"  # value: Decimal, 85 for 85 %
    NUMBER = "number"  # value: Decimal; the whole message is a bare number


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days, both ends included: 去年三月, 2020年, 上个月底."""

    first: date
    last: date

    @property
    def is_year(self) -> bool:
        """Return whether it is a whole calendar year: 2026年, 去年."""
        year = self.first.year
        return (self.first, self.last) == (date(year, 1, 1), date(year, 12, 31))


@dataclass(frozen=True, slots=True)
class AmountRange:
    """An amount between two bounds in 分, both included; a missing bound is open: 80多万, 500万以上."""

    low: Fen | None
    high: Fen | None


@dataclass(frozen=True, slots=True)
class CountRange:
    """A number of things between two bounds, both included; a missing bound is open: 三十来件."""

    low: int | None
    high: int | None


SlotValue = date | Period | int | AmountRange | CountRange | Decimal | str


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing found. `start` and `end` count in the normalised text.

    `value` is None when there is none to be sure of: then either `problem` says in Chinese what is wrong and what to
    do, or `ambiguous` holds the readings to ask the person about (or both).
    """

    kind: SlotKind
    start: int
    end: int
    text: str
    value: SlotValue | None
    problem: str | None = None
    ambiguous: tuple[SlotValue, ...] = ()
    about: bool = False
    """The person said 大约 or 左右: to be confirmed before a rule counts with it."""
