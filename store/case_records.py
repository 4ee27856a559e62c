"""Cases as the repository returns them, and the words in which their history is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from store.records import Record


class CaseState(StrEnum):
    """Where a case stands. Who speaks to the owner follows from it."""

    BOT = "bot"  # not yet asked for, or given back: the bot speaks
    REQUESTED = "requested"  # the owner asked and gave consent; no agency is chosen yet
    QUEUED = "queued"  # an agency is being chosen
    OFFERED = "offered"  # in the queue of one agency; the bot still speaks
    HUMAN = "human"  # a person of the agency speaks, and it is their turn
    WAITING_CUSTOMER = "waiting_customer"  # a person of the agency speaks, and it is the owner's turn
    RETURNING = "returning"  # the person has let go; the bot takes over in the same transaction
    CLOSED = "closed"  # ended for good


class CaseEventKind(StrEnum):
    """One step of a case."""

    REQUESTED = "requested"  # the owner asks for a person; carries the consent
    QUEUED = "queued"  # an agency is to be chosen, at first or again; carries the reason
    OFFERED = "offered"  # put in the queue of one agency
    PROMISED = "promised"  # the owner was told by when somebody answers
    ACCEPTED = "accepted"  # a person takes the case; the bot falls silent
    AGENT_SAID = "agent_said"
    CUSTOMER_SAID = "customer_said"
    AWAITING = "awaiting"  # the person has nothing to add: it is the owner's turn
    NOTED = "noted"  # an internal note of staff: the owner never reads it
    REASSIGNED = "reassigned"  # to a colleague of the same agency
    RETURN_STARTED = "return_started"  # the person, the owner or the clock ends the person's part
    RETURNED = "returned"  # the bot speaks again
    CANCELLED = "cancelled"  # the owner no longer waits
    CLOSED = "closed"


#: While a case is in one of these, a second request of the same person joins it.
ACTIVE_STATES = (
    CaseState.REQUESTED,
    CaseState.QUEUED,
    CaseState.OFFERED,
    CaseState.HUMAN,
    CaseState.WAITING_CUSTOMER,
    CaseState.RETURNING,
)
WAITING_STATES = (CaseState.REQUESTED, CaseState.QUEUED, CaseState.OFFERED)
HUMAN_STATES = (CaseState.HUMAN, CaseState.WAITING_CUSTOMER)


class Case(Record):
    """One request that a person works on.

    `version` is the number of events and makes two writers collide. `ownership` counts how often the right to speak
    has moved: an outgoing message carries it and is refused when it is no longer true.
    """

    id: int
    company_id: int
    person_id: int
    topic: str
    summary: str
    state: CaseState
    agency_id: str | None
    owner_id: int | None
    leased_until: datetime | None
    version: int
    ownership: int
    statutory_day: date | None
    promised_by: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def with_person(self) -> bool:
        """Whether a person speaks to the owner now, so that the bot is silent."""
        return self.state in HUMAN_STATES


class CaseEvent(Record):
    case_id: int
    seq: int
    kind: CaseEventKind
    person_id: int | None
    data: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    """One event to be added, and what the case is after it."""

    kind: CaseEventKind
    person_id: int | None
    state: CaseState
    agency_id: str | None
    owner_id: int | None
    ownership: int
    promised_by: datetime | None
    leased_until: datetime | None
    data: dict[str, Any] = field(default_factory=dict)
