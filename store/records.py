"""What the repositories return: plain values, detached from the database."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from store.asker import Asker, Role
from store.messages import Channel, Incoming, Outgoing

GREATEST_NUMBER = 2**31 - 1  # of a row, as PostgreSQL keeps it; a greater one that somebody sends is no row's


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Company(Record):
    id: int
    name: str
    credit_code: str | None
    demo: bool


class Person(Record):
    id: int
    role: Role
    name: str
    login: str | None
    company_id: int | None
    agency_id: str | None
    must_change_password: bool
    broadcasts_wanted: bool
    reminders_wanted: bool
    disabled: bool

    def as_asker(self) -> Asker:
        """Return the person as the store's filter sees them."""
        return Asker(self.role, self.id, self.company_id, self.agency_id)


class AddressState(StrEnum):
    ACTIVE = "active"
    BLOCKED = "blocked"  # the person blocked us or left
    INVALID = "invalid"  # the vendor does not know the address


class Address(Record):
    id: int
    person_id: int
    channel: Channel
    address: str
    state: AddressState
    seq: int
    last_heard_at: datetime | None
    last_seen_at: datetime | None
    bound_at: datetime


class StoredFact(Record):
    """A fact as it is kept: `state` is one of `rules.facts.FactState`, `value` is JSON."""

    name: str
    state: str
    value: Any
    source: str
    day: date


class AssetStatus(StrEnum):
    ACTIVE = "active"
    GIVEN_UP = "given_up"  # in two steps, by the owner
    LAPSED = "lapsed"  # the register says so
    REMOVED = "removed"  # taken off the list by the owner; nothing is reminded


class Asset(Record):
    id: int
    company_id: int
    right_type: str
    number: str
    name: str
    dates: dict[str, str]
    details: dict[str, Any]
    status: AssetStatus
    version: int


class ObligationStatus(StrEnum):
    OPEN = "open"
    PAID = "paid"  # closed with the day paid, and the receipt where one was sent
    GIVEN_UP = "given_up"  # closed in two steps
    SUPERSEDED = "superseded"  # the asset no longer has it (dates corrected, asset removed)


class StoredObligation(Record):
    id: int
    company_id: int
    asset_id: int
    kind: str
    key: str
    title: str
    due_revision: int
    nominal: date
    legal: date
    safe: date
    grace_end: date | None
    amount_fen: int | None
    provisional: bool
    citations: list[Any]
    details: dict[str, Any]
    status: ObligationStatus
    snoozed_until: date | None
    paid_on: date | None
    receipt_id: int | None
    next_at: datetime | None
    closed_at: datetime | None = None
    updated_at: datetime | None = None


class ConversationRecord(Record):
    id: int
    person_id: int
    state: Any  # as the dialogue keeps it: it begins anew where it cannot read this
    version: int


class InboxState(StrEnum):
    WAITING = "waiting"  # stored, not yet answered
    DONE = "done"  # its effects and answers are committed
    FAILED = "failed"  # answering it raised too often: a person must look
    UNREADABLE = "unreadable"  # not readable by this version, or damaged: a person must look


class InboxItem(Record):
    id: int
    channel: Channel
    address: str
    update_id: str
    person_id: int | None
    content: Incoming
    state: InboxState
    attempts: int


class Lane(StrEnum):
    """Two lanes, so that a broadcast never delays an answer."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


class Cause(StrEnum):
    """Why a message is sent. Statutory reminders can not be unsubscribed; broadcasts can."""

    ANSWER = "answer"
    REMINDER = "reminder"
    BROADCAST = "broadcast"
    CASE = "case"
    NOTICE = "notice"


class OutboxState(StrEnum):
    PENDING = "pending"  # to be sent at `not_before`
    SENDING = "sending"  # claimed by a sender until `leased_until`
    SENT = "sent"  # the vendor took it
    GONE = "gone"  # the person blocked us or left
    INVALID = "invalid"  # the vendor will never take it: a dead letter for the desk
    UNKNOWN = "unknown"  # it may have arrived; sent again only by a person's word
    UNREADABLE = "unreadable"  # not readable by this version, or damaged: a dead letter for the desk
    REFUSED = "refused"  # ownership of the case moved, or its time had passed
    CANCELLED = "cancelled"  # taken back before it was sent


class OutboxItem(Record):
    id: int
    dedupe_key: str
    channel: Channel
    address: str
    person_id: int | None
    lane: Lane
    cause: Cause
    content: Outgoing
    state: OutboxState
    not_before: datetime
    not_after: datetime | None
    attempts: int
    vendor_id: str
    error: str
    case_id: int | None
    case_version: int | None
    broadcast_id: int | None
    inbox_id: int | None
    edits_id: int | None = None  # this row changes the message of that one
    rerouted: int = 0  # how often it went on to another place
    created_at: datetime
    sent_at: datetime | None


class Attachment(Record):
    id: int
    person_id: int | None
    sha256: str
    filename: str
    media_type: str
    size: int


class Answer(Record):
    id: int
    person_id: int
    inbox_id: int | None
    intent: str
    question: str
    revision: str
    as_of: date
    facts: dict[str, Any]
    results: list[Any]
    at: datetime
