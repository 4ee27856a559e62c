"""The shapes of the fee, annuity and calendar files."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from rules.deadlines.schema import Part, RightType, Sure, Yuan, one_row_inline


class TermRow(Part):
    """How many years a patent lasts, by filing day."""

    right_type: RightType
    since: date | None = None
    years: int = Field(gt=0)
    cites: tuple[str, ...]
    confidence: Sure


class AnnuityRate(Part):
    """What one year costs, for the patent years `years` (first, last)."""

    right_type: RightType
    years: tuple[int, int]
    yuan: Yuan
    since: date | None = None
    cites: tuple[str, ...]
    confidence: Sure


class LateStep(Part):
    """Up to `months` after the due day the surcharge is `percent` of the full annuity."""

    months: int
    percent: int


class LateRule(Part):
    """The surcharge ladder and what follows it, from `since` (by due day)."""

    since: date | None = None
    steps: tuple[LateStep, ...]
    lapse: str
    restoration: str
    restoration_fee: str  # id of the fee item
    doubts: tuple[str, ...] = ()
    cites: tuple[str, ...]
    confidence: Sure

    @field_validator("steps")
    @classmethod
    def _climb(cls, steps: tuple[LateStep, ...]) -> tuple[LateStep, ...]:
        ordered = all(a.months < b.months and a.percent <= b.percent for a, b in itertools.pairwise(steps))
        if not steps or not ordered:
            raise ValueError("the steps climb: months and percent never fall")
        return steps


class ReductionRule(Part):
    """Which reduction applies to annuities of which years, from `since` (by due day)."""

    since: date | None = None
    years_from_grant: int
    cites: tuple[str, ...]
    confidence: Sure


class AnnuitiesFile(Part):
    """`knowledge/fees/annuities.yaml`."""

    table: Literal["annuities"]
    checked: date
    terms: tuple[TermRow, ...]
    rates: tuple[AnnuityRate, ...]
    compensation_year: AnnuityRate
    late: tuple[LateRule, ...]
    reduction: tuple[ReductionRule, ...]
    reduction_percents: tuple[int, ...]
    open_licence_percent: int
    open_licence_since: date
    open_licence_cites: tuple[str, ...]
    cites: tuple[str, ...]
    boundary_doubt: str
    reduction_doubt: str


class FeeUnit(Part):
    """A fee counted in units of an input: those above `above` and not above `upto`."""

    input: str
    above: int = 0
    upto: int | None = None
    optional: bool = False  # not given means none


class FeeRow(Part):
    """One amount, from `since` on and when the inputs are as `when` says."""

    since: date | None = None
    when: dict[str, str] = Field(default_factory=dict)
    yuan: Yuan | None = None
    unknown: str = ""
    unit: FeeUnit | None = None
    times: str = ""  # multiplied by this input as well: classes
    reduced_too: bool = True  # False where the reduction of the item does not reach this row
    cites: tuple[str, ...] = ()
    confidence: Sure | None = None

    @model_validator(mode="after")
    def _amount_or_reason(self) -> FeeRow:
        if (self.yuan is None) == (not self.unknown):
            raise ValueError("a fee row has an amount in yuan, or says in `unknown` why there is none")
        return self


class FeeItem(Part):
    """One official fee."""

    id: str
    title: str
    reducible: bool = False
    rows: tuple[FeeRow, ...]
    note: str = ""
    domain: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_row_inline(cls, value: Any) -> Any:
        """Let an item with a single row carry the row's keys itself, and rows inherit what the item states."""
        return one_row_inline(FeeRow, value)


class FeesFile(Part):
    """`knowledge/fees/<domain>.yaml`."""

    table: Literal["fees"]
    domain: str
    checked: date
    items: tuple[FeeItem, ...]
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class CalendarYearFile(Part):
    """`knowledge/calendar/<year>.yaml`: a year's schedule as the State Council announced it."""

    table: Literal["calendar_year"]
    year: int
    notice: str
    url: str = ""
    breaks: tuple[tuple[date, date], ...]  # first and last day off, both included
    make_up: tuple[date, ...]  # Saturdays and Sundays worked in exchange


class StatutoryFile(Part):
    """`knowledge/calendar/statutory.yaml`: the statutory days of years not announced yet."""

    table: Literal["statutory_days"]
    cites: tuple[str, ...]
    fixed: tuple[str, ...]  # MM-DD
    usual_fixed: tuple[str, ...]
    lunar: dict[int, dict[str, date]]
    statutory_offsets: dict[str, tuple[int, int]]
    usual_offsets: dict[str, tuple[int, int]]
