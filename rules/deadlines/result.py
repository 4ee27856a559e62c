"""What a computed deadline says."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from rules.citation import Citation, Confidence
from rules.money import Fen


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)


class Window(_Said):
    """The days within which an act is possible, both included."""

    start: date
    end: date


class DatedNote(_Said):
    """Another day worth knowing."""

    title: str
    day: date
    provisional: bool = False


class Amount(_Said):
    """One official fee in 分. `full` and `payable` are None when the amount is not known; `note` says why."""

    item: str
    title: str
    full: Fen | None
    payable: Fen | None
    note: str = ""
    citations: tuple[Citation, ...] = ()
    confidence: Confidence = Confidence.LOW


class Deadline(_Said):
    """The answer for one kind and its inputs.

    `nominal` is what the statute counts to, `legal` the day after the holiday roll, `safe` the last ordinary
    working day not after the nominal one. All three are None when no sourced rule gives a day (`unknown` says
    why) or when only an amount was asked for.
    """

    kind: str
    title: str
    domain: str
    calendar: str
    inputs: dict[str, str]
    as_of: date
    nominal: date | None = None
    legal: date | None = None
    safe: date | None = None
    rolls: bool = True
    window: Window | None = None
    grace_end: date | None = None
    grace_legal: date | None = None
    milestones: tuple[DatedNote, ...] = ()
    steps: tuple[str, ...] = ()
    amounts: tuple[Amount, ...] = ()
    total_full: Fen | None = None
    total_payable: Fen | None = None
    surcharge: Fen | None = None
    total: Fen | None = None
    missed: str = ""
    remedy: str = ""
    extendable: bool = False
    information: bool = False
    citations: tuple[Citation, ...] = ()
    confidence: Confidence = Confidence.LOW
    provisional: bool = False
    doubts: tuple[str, ...] = ()
    unknown: str = ""
    figures: dict[str, int] = {}

    def days_left(self, today: date) -> int | None:
        """Return the days from `today` to the safe day (negative when it has passed)."""
        return None if self.safe is None else (self.safe - today).days
