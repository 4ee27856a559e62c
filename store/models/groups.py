"""Agencies' group chats: which group is whose, the topic of each case, and one-time codes by which both are bound."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base

_IN_USE = text("ended_at IS NULL")


class AgencyGroupRow(Base):
    """A group that is, or was, an agency's. An agency has one in use, a group one agency: there `ended_at` is None."""

    __tablename__ = "agency_group"
    __table_args__ = (
        Index(
            "uq_agency_group_agency_id",
            "agency_id",
            unique=True,
            sqlite_where=_IN_USE,
            postgresql_where=_IN_USE,
        ),
        Index("uq_agency_group_chat", "chat", unique=True, sqlite_where=_IN_USE, postgresql_where=_IN_USE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[str] = mapped_column(String(100))
    chat: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200), default="")
    bound_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    bound_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str] = mapped_column(String(20), default="")


class AgencyCodeRow(Base):
    """A one-time code given at the desk to a person of an agency. Only its hash is kept."""

    __tablename__ = "agency_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class CaseTopicRow(Base):
    """The topic of one case in one agency's group.

    `name` and `closed` are what it should be; `shown_name` and `shown_closed` what the vendor was last told. `thread`
    is None until the topic is made, and again after it was lost.
    """

    __tablename__ = "case_topic"
    __table_args__ = (
        UniqueConstraint("case_id", "agency_id"),
        Index("ix_case_topic_place", "chat", "thread"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    agency_id: Mapped[str] = mapped_column(String(100))
    chat: Mapped[str] = mapped_column(String(40))
    thread: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(128))
    closed: Mapped[bool] = mapped_column(default=False)
    shown_name: Mapped[str] = mapped_column(String(128), default="")
    shown_closed: Mapped[bool] = mapped_column(default=False)
    card_id: Mapped[int | None]  # the outbox row of its first message, sent anew into a topic made again
    controls_id: Mapped[int | None]  # the message whose buttons act on the case now
    times_made: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
