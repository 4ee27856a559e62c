"""Companies, the people who speak for them or serve them, and where each may be reached."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base


class CompanyRow(Base):
    __tablename__ = "company"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class PersonRow(Base):
    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100), default="")
    login: Mapped[str | None] = mapped_column(String(100), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    agency_id: Mapped[str | None] = mapped_column(String(100), index=True)
    broadcasts_wanted: Mapped[bool] = mapped_column(default=True)
    reminders_wanted: Mapped[bool] = mapped_column(default=True)
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class AddressRow(Base):
    """One place where a person may be reached. `seq` orders a person's places: the first is tried first.

    `last_seen_at` is when our page was last open; the other channels do not tell.
    """

    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20), default="active")
    seq: Mapped[int] = mapped_column(default=0)
    last_heard_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    bound_at: Mapped[datetime]  # since when it is this person's
    created_at: Mapped[datetime]


class SessionRow(Base):
    """A browser that is let in. Only the hash of its token is kept.

    `address` is the one with which it first came in: all browsers of one person read the same address later. One that
    came in as somebody else and was bound has `bound_at`.
    """

    __tablename__ = "session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    bound_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]


class FeedRow(Base):
    """The calendar feed of a company. Only the hash of its token is kept; a new link takes the old one's place."""

    __tablename__ = "feed"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]


class ConflictRow(Base):
    """A reason why an agency may not see a company's case (专利代理条例 第14条): it acts for the other side."""

    __tablename__ = "conflict"
    __table_args__ = (UniqueConstraint("agency_id", "company_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(String(100))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    reason: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]


class ApiKeyRow(Base):
    """A key of a program that uses the rules service. Only the hash of its secret is kept."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_on: Mapped[date | None]
    created_at: Mapped[datetime]
