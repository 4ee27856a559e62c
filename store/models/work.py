"""What people work on: cases of owners, companies that cannot be reached, and the bureau's broadcasts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base


class CaseRow(Base):
    """One request that a person works on. `state` repeats what the events say, so that queues can be queried.

    `version` is the number of events; `ownership` grows whenever the right to speak to the owner moves.
    """

    __tablename__ = "cases"
    __table_args__ = (Index("ix_cases_queue", "state", "statutory_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    topic: Mapped[str] = mapped_column(String(40), default="")
    summary: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(20))
    agency_id: Mapped[str | None] = mapped_column(String(100), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    leased_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    ownership: Mapped[int] = mapped_column(default=0)
    statutory_day: Mapped[date | None]
    promised_by: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CaseEventRow(Base):
    """One step of a case. Only ever added; the unique number is what makes two writers collide."""

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("case_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(30))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]


class ContactTaskRow(Base):
    """Nobody of a company can be told of what is due: somebody must telephone. At most one a company is open."""

    __tablename__ = "contact_task"
    __table_args__ = (
        Index(
            "uq_contact_task_open",
            "company_id",
            unique=True,
            sqlite_where=text("cleared_at IS NULL"),
            postgresql_where=text("cleared_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    agency_id: Mapped[str | None] = mapped_column(String(100), index=True)
    why: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    safe: Mapped[date]
    others: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
    cleared_how: Mapped[str] = mapped_column(String(20), default="")
    cleared_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(String(500), default="")


class BroadcastRow(Base):
    """One policy message. Any edit after submission voids the approval (`content_hash` no longer matches)."""

    __tablename__ = "broadcast"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    rule_id: Mapped[str | None] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(String(4000), default="")
    include_may_fit: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(20), default="draft")
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    revision: Mapped[str] = mapped_column(String(64), default="")
    as_of: Mapped[date | None]
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    audience_hash: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    not_before: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class BroadcastRecipientRow(Base):
    """One company of a frozen audience and what became of its message."""

    __tablename__ = "broadcast_recipient"
    __table_args__ = (
        UniqueConstraint("broadcast_id", "company_id"),
        Index("ix_broadcast_recipient_state", "broadcast_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    fit: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")  # to write the message, that failed
    error: Mapped[str] = mapped_column(String(500), default="", server_default="")
