"""What is said of one annuity: its days, its ladder, what paying on a day means."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from rules.citation import Citation, Confidence
from rules.deadlines import wording
from rules.deadlines.schema import RightType
from rules.money import Fen


class PaymentState(StrEnum):
    """Where a day lies on the way from due to lapsed."""

    IN_TIME = "in_time"  # up to the due day or its rolled day: no surcharge
    GRACE = "grace"  # within six months of the due day, the first of them without surcharge
    GAP = "gap"  # after six months to the day, before the rolled end: only the payment notice can tell
    LAPSED = "lapsed"  # the right ended as of the due day


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)


class OpenLicence(_Said):
    """An open licence on the register: from its record day, until the patent year in which it is withdrawn."""

    recorded: date
    withdrawn: date | None = None


class Bracket(_Said):
    """One step of the surcharge ladder; both days included, on plain anniversaries of the due day."""

    first: date
    last: date
    percent: int
    surcharge: Fen
    total: Fen


class Payment(_Said):
    """What paying on one day means."""

    paid_on: date
    state: PaymentState
    percent: int | None
    surcharge: Fen | None
    total: Fen | None
    words: str


class Annuity(_Said):
    """One annuity of one patent. Days as in `Deadline`; amounts in 分."""

    year: int
    right_type: RightType
    filing: date
    nominal: date
    legal: date
    safe: date
    provisional: bool
    full: Fen
    payable: Fen
    reduction: int
    open_licence: bool
    ladder: tuple[Bracket, ...]
    grace_end: date
    grace_legal: date
    grace_provisional: bool
    lapse: str
    restoration: str
    restoration_fee: Fen
    payment: Payment | None
    citations: tuple[Citation, ...]
    confidence: Confidence
    doubts: tuple[str, ...]
    provisional_years: tuple[int, ...]

    @property
    def title(self) -> str:
        """Return `第8年度年费`."""
        return wording.ANNUITY_TITLE.format(year=self.year)

    def state_on(self, day: date) -> PaymentState:
        """Return where `day` lies for this annuity, if it is still unpaid."""
        if day <= max(self.nominal, self.legal):
            return PaymentState.IN_TIME
        if day <= self.grace_end:
            return PaymentState.GRACE
        return PaymentState.GAP if day <= self.grace_legal else PaymentState.LAPSED


class CurrentAnnuity(_Said):
    """What an owner must know today: the next annuity, and those before it that may still be open."""

    next: Annuity | None  # None after the last year of the term
    in_grace: Annuity | None  # due already, can still be paid with surcharge
    to_check: Annuity | None  # the one before the next: nobody said whether it was paid
    check_words: str
    term_end: date
