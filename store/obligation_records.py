"""What an obligation is computed to be, what may happen to it, and the timeline that says what did."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from rules.citation import Citation
from store.records import Record, StoredObligation


class LateStep(Record):
    """One step of what lateness costs; both days included, money in 分. `total_fen` is None when not known."""

    first: date
    last: date
    surcharge_fen: int | None = None
    total_fen: int | None = None


class ObligationDetails(Record):
    """What a reminder says beside the days: what lateness costs, what is lost, what may be restored until when.

    `restore_by` is the earliest day on which the restoration window can end: the real one runs from a notice whose
    day is not known here, so it is used to time reminders and not told as a day of the law.
    """

    late_steps: tuple[LateStep, ...] = ()
    grace_legal: date | None = None
    restore_by: date | None = None
    missed: str = ""
    remedy: str = ""
    optional: bool = False  # a chance that ends, not a duty
    doubts: tuple[str, ...] = ()

    def step_on(self, today: date) -> LateStep | None:
        """Return the step of lateness that `today` lies in, None before the legal day and after the last step."""
        return next((step for step in self.late_steps if step.first <= today <= step.last), None)


class Computed(Record):
    """One obligation as the rules compute it. `key` names it within its asset, whatever its days: `annuity:8`."""

    kind: str
    key: str
    title: str
    nominal: date
    legal: date
    safe: date
    grace_end: date | None = None
    amount_fen: int | None = None
    provisional: bool = False
    citations: tuple[Citation, ...] = ()
    details: ObligationDetails = ObligationDetails()

    def days(self) -> tuple[date, date, date, date | None]:
        """Return the days that make one due revision."""
        return self.nominal, self.legal, self.safe, self.grace_end


def details_of(obligation: StoredObligation) -> ObligationDetails:
    """Return the details kept with the obligation."""
    return ObligationDetails.model_validate(obligation.details)


def citations_of(obligation: StoredObligation) -> tuple[Citation, ...]:
    """Return the citations kept with the obligation."""
    return tuple(Citation.model_validate(citation) for citation in obligation.citations)


def pressing_day(obligation: StoredObligation, today: date) -> date:
    """Return the day by which something can still be done: the safe day, then the last, then the end of the grace.

    When all have passed it is the last day of the law.
    """
    days = (obligation.safe, obligation.legal, obligation.grace_end)
    return next((day for day in days if day is not None and today <= day), obligation.legal)


class Change(StrEnum):
    """What keeping a computed obligation did."""

    MOVED = "moved"  # its days changed: a new due revision
    REVIVED = "revived"  # it was superseded, or given up with its asset, and is due again
    UPDATED = "updated"  # the same days; amount, title or sources changed
    SAME = "same"  # nothing changed, or it is closed


class ObligationEventKind(StrEnum):
    """What happened to an obligation."""

    COMPUTED = "computed"  # docketed for the first time
    RECOMPUTED = "recomputed"  # its days changed
    UPDATED = "updated"  # amount, title or sources changed
    REMINDED = "reminded"  # a rung was written to the outbox
    UNREACHABLE = "unreachable"  # a rung was due and nobody could be written to
    SEEN = "seen"  # 知道了
    SNOOZED = "snoozed"  # 以后再说
    PAID = "paid"  # 已缴费
    RECEIPT = "receipt"  # the receipt arrived
    GIVEN_UP = "given_up"  # 放弃, the second step
    REOPENED = "reopened"  # taken back, or due again
    SUPERSEDED = "superseded"  # the asset no longer has it
    CALLED = "called"  # put before staff because nobody acknowledged it


ACKNOWLEDGED = (ObligationEventKind.SEEN, ObligationEventKind.SNOOZED, ObligationEventKind.REOPENED)


class ObligationEvent(Record):
    """One line of an obligation's timeline."""

    id: int
    obligation_id: int
    kind: ObligationEventKind
    person_id: int | None
    data: dict[str, Any] = Field(default_factory=dict)
    at: datetime
