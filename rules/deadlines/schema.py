"""The shapes of the table files in `knowledge/deadlines`, `knowledge/fees` and `knowledge/calendar`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rules.citation import Confidence
from rules.deadlines.calendar import CalendarKind
from rules.deadlines.counting import Period
from rules.money import Fen, from_yuan


class RightType(StrEnum):
    """The three kinds of patent."""

    INVENTION = "invention"
    UTILITY_MODEL = "utility_model"
    DESIGN = "design"


class Delivery(StrEnum):
    """How an office or court served a paper."""

    ELECTRONIC = "electronic"
    POST = "post"
    HAND = "hand"
    PUBLICATION = "publication"


class Regime(StrEnum):
    """Whose rules of service apply."""

    PATENT = "patent"  # 专利法实施细则第4条
    TRADEMARK = "trademark"  # 商标法实施条例第10条
    RECEIPT = "receipt"  # courts, customs, platforms: the day of actual receipt


class Pick(StrEnum):
    """Which of several counts decides."""

    LATER = "later"
    EARLIER = "earlier"


class Calculator(StrEnum):
    """Who computes a kind: the general counter, or a calculator of its own."""

    COUNT = "count"
    ANNUITY = "annuity"
    ANNUITY_LATE = "annuity_late"
    ANNUITY_COMPENSATION = "annuity_compensation"
    PATENT_TERM = "patent_term"
    PTA = "pta"
    REGISTRATION = "registration"
    REDUCTION_WINDOW = "reduction_window"
    TM_RENEWAL = "tm_renewal"
    REFUND = "refund"
    FEE = "fee"


class InputType(StrEnum):
    """What an input holds."""

    DAY = "day"
    DAYS = "days"
    CHOICE = "choice"
    COUNT = "count"
    COUNTS = "counts"
    FLAG = "flag"
    YUAN = "yuan"
    TEXT = "text"


@dataclass(frozen=True)
class Count:
    """One count of days: `Count.parse("served issue + 4m")`, `"priority|filing + 3y"`, `"expiry - 6m"`."""

    starts: tuple[str, ...]
    served: bool  # from the day a paper counts as received
    next_month: bool  # from the first day of the month after
    steps: tuple[tuple[int, Period], ...]

    @classmethod
    def parse(cls, text: str) -> Count:
        """Read the notation. Raises ValueError saying what is allowed."""
        match = re.match(
            r"^(served |next_month )?([a-z_]+(?:\|[a-z_]+)*)((?: [+-] \d+(?:wd|[ymd]))*)$", text.strip()
        )
        if match is None:
            raise ValueError(
                f"a count reads like 'served issue + 4m' or 'priority|filing + 3y', not {text!r}"
            )
        pieces = match[3].split()
        steps = tuple(
            (1 if sign == "+" else -1, Period.parse(length))
            for sign, length in zip(pieces[::2], pieces[1::2], strict=True)
        )
        return cls(tuple(match[2].split("|")), match[1] == "served ", match[1] == "next_month ", steps)


def _read_count(value: Any) -> Any:
    return Count.parse(value) if isinstance(value, str) else value


def _read_period(value: Any) -> Any:
    return Period.parse(value) if isinstance(value, str) else value


def _read_yuan(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("an amount is a number of yuan")
    return from_yuan(value)


def _read_confidence(value: Any) -> Any:
    return Confidence(value) if isinstance(value, str) else value


CountText = Annotated[Count, BeforeValidator(_read_count)]
PeriodText = Annotated[Period, BeforeValidator(_read_period)]
Yuan = Annotated[Fen, BeforeValidator(_read_yuan)]
Sure = Annotated[Confidence, BeforeValidator(_read_confidence)]


class Part(BaseModel):
    """Base of every part of a table: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Source(Part):
    """A law, regulation, notice or list that rows cite by its key."""

    title: str
    doc_no: str = ""
    url: str = ""
    in_force: date | None = None
    fetched: date | None = None


class InputSpec(Part):
    """One input of a kind: how it is called, what it may hold."""

    type: InputType
    label: str
    choices: dict[str, str] = {}
    least: int | None = None
    most: int | None = None
    aliases: tuple[str, ...] = ()  # other names under which it may be given
    also: dict[str, str] = Field(default_factory=dict)  # other ways to write a choice
    past: bool = False  # refused when after the as-of day
    help: str = ""


class Milestone(Part):
    """Another day worth showing beside the due day."""

    title: str
    count: CountText


class Transition(Part):
    """What to do with periods that run across the day a new row comes into force."""

    doubt: str


class Row(Part):
    """How a kind is counted, from `since` on and when its inputs are as `when` says."""

    since: date | None = None
    when: dict[str, str] = {}
    counts: tuple[CountText, ...] = ()
    pick: Pick = Pick.LATER
    rolls: bool = True
    day_before: bool = False  # a term: the last day is the day before the corresponding one
    year_end: bool = False  # a term that runs to 31 December
    opens: CountText | None = None
    grace: PeriodText | None = None  # after the nominal day
    grace_count: CountText | None = None  # or counted from its own start: 32 months from priority
    milestones: tuple[Milestone, ...] = ()
    fees: tuple[str, ...] = ()
    late_fees: tuple[str, ...] = ()  # due in the grace period only
    missed: str = ""
    remedy: str = ""
    extendable: bool = False
    unknown: str = ""  # no sourced rule: no day is given, this is said instead
    doubts: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    confidence: Sure | None = None
    transition: Transition | None = None


def one_row_inline(row_model: type[BaseModel], value: Any) -> Any:
    """Return `value` with its rows written out: the keys of a row that it carries itself go into each of them."""
    if not isinstance(value, dict):
        return value
    own = {key: item for key, item in value.items() if key not in row_model.model_fields}
    shared = {key: item for key, item in value.items() if key in row_model.model_fields}
    rows = own.get("rows", [{}])
    if isinstance(rows, list):
        own["rows"] = [{**shared, **row} if isinstance(row, dict) else row for row in rows]
    return own


class Kind(Part):
    """One kind of deadline."""

    id: str
    title: str
    inputs: tuple[str, ...]  # name, name? (may be left out), name|other (one of them)
    rows: tuple[Row, ...]
    calculator: Calculator = Calculator.COUNT
    calendar: CalendarKind = CalendarKind.GENERAL
    regime: Regime = Regime.RECEIPT
    domain: str = ""
    statute: date | None = None  # no input day may lie before it
    not_before: dict[str, date] = {}  # stricter for single inputs: a right that a later law created
    information: bool = False  # nobody must act: a day to know

    @model_validator(mode="before")
    @classmethod
    def _one_row_inline(cls, value: Any) -> Any:
        """Let a kind with a single row carry the row's keys itself, and rows inherit what the kind states."""
        return one_row_inline(Row, value)


class KindsFile(Part):
    """`knowledge/deadlines/<domain>.yaml`."""

    table: Literal["kinds"]
    domain: str
    calendar: CalendarKind
    regime: Regime
    statute: date
    kinds: tuple[Kind, ...]

    @model_validator(mode="before")
    @classmethod
    def _hand_down(cls, value: Any) -> Any:
        """Give every kind the domain, calendar, regime and statute of its file unless it names its own."""
        if not isinstance(value, dict) or not isinstance(value.get("kinds"), list):
            return value
        shared = {key: value[key] for key in ("domain", "calendar", "regime", "statute") if key in value}
        kinds = [{**shared, **kind} if isinstance(kind, dict) else kind for kind in value["kinds"]]
        return {**value, "kinds": kinds}


class SourcesFile(Part):
    """`knowledge/deadlines/sources.yaml`."""

    table: Literal["sources"]
    sources: dict[str, Source]


class InputsFile(Part):
    """`knowledge/deadlines/inputs.yaml`: the inputs and which of them never lies after which."""

    table: Literal["inputs"]
    inputs: dict[str, InputSpec]
    order: tuple[tuple[str, str], ...] = ()


class ServiceRow(Part):
    """When a paper served in one way counts as received."""

    regime: Regime
    delivery: Delivery
    since: date | None = None
    add: PeriodText
    receipt_prevails: bool = False  # a proved day of actual receipt replaces the presumption
    words: str
    doubt: str = ""
    cites: tuple[str, ...] = ()


class ServiceFile(Part):
    """`knowledge/deadlines/service.yaml`."""

    table: Literal["service"]
    rows: tuple[ServiceRow, ...]
