"""What is known of a company and its rights, and what is due for them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Json


class FactRow(Base):
    """One thing known of a company, with its source and day. Corrected facts stay, with `superseded_at`."""

    __tablename__ = "fact"
    __table_args__ = (Index("ix_fact_current", "company_id", "name", "superseded_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    name: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(20))
    value: Mapped[Any | None] = mapped_column(Json)
    source: Mapped[str] = mapped_column(String(200))
    day: Mapped[date]
    recorded_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class AssetRow(Base):
    """A patent, trademark or other right of a company. `dates` maps `filing`, `grant`, ... to ISO days.

    `number` is empty until the owner gives it: a day may already be due for a right whose number is not at hand.
    """

    __tablename__ = "asset"
    __table_args__ = (
        Index(
            "uq_asset_numbered",
            "company_id",
            "right_type",
            "number",
            unique=True,
            sqlite_where=text("number != ''"),
            postgresql_where=text("number != ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    right_type: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(300), default="")
    dates: Mapped[dict[str, Any]] = mapped_column(default=dict)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(String(20), default="active")
    verified_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ObligationRow(Base):
    """Something due for an asset by a day. `next_at` is when the clock looks at it again, None when it is closed.

    `due_revision` grows whenever the days are computed anew to another result, so that the reminders of the old
    day and of the new one are told apart.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        UniqueConstraint("asset_id", "key"),
        Index("ix_obligation_next_at", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id"))
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    due_revision: Mapped[int] = mapped_column(default=1)
    nominal: Mapped[date]
    legal: Mapped[date]
    safe: Mapped[date]
    grace_end: Mapped[date | None]
    amount_fen: Mapped[int | None]
    provisional: Mapped[bool] = mapped_column(default=False)
    citations: Mapped[list[Any]] = mapped_column(default=list)
    # What lateness costs step by step, what is lost and what can be restored: `store.obligations.LateStep` and texts.
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(String(20), default="open")
    snoozed_until: Mapped[date | None]
    paid_on: Mapped[date | None]
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class ReminderRow(Base):
    """One rung of an obligation's ladder for one recipient. The key makes a second one impossible."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("obligation_id", "due_revision", "rung", "person_id", "channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"))
    due_revision: Mapped[int]
    rung: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    created_at: Mapped[datetime]


class ObligationEventRow(Base):
    """What happened to an obligation, in order: computed, reminded, seen, snoozed, paid, given up, reopened."""

    __tablename__ = "obligation_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
