"""Messages in and out, the conversations they belong to, and what was answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base

_IS_EDIT = text("edits_id IS NOT NULL")


class ConversationRow(Base):
    """Where a person's talk with the bot stands. One row a person, whatever channel they write from."""

    __tablename__ = "conversation"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]


class InboxRow(Base):
    """An update, stored before its channel is told that it arrived."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "update_id"),
        Index("ix_inbox_waiting", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(200))
    update_id: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    content: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(500), default="")
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class OutboxRow(Base):
    """A message to a person, written before it is sent, with its outcome.

    `dedupe_key` makes a second row for the same cause impossible. `case_version` is checked again at the moment of
    sending: when the case's owner has changed since, the message is refused.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        Index("ix_outbox_due", "state", "channel", "lane", "not_before", "id"),
        Index(
            "ix_outbox_open",
            "channel",
            "address",
            "lane",
            "id",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
        Index("ix_outbox_person", "person_id", "id"),
        Index("ix_outbox_address", "channel", "address", "id"),
        Index("ix_outbox_read", "channel", "address", "sent_at"),
        Index("ix_outbox_edits_id", "edits_id", sqlite_where=_IS_EDIT, postgresql_where=_IS_EDIT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    lane: Mapped[str] = mapped_column(String(20), default="interactive")
    cause: Mapped[str] = mapped_column(String(20), default="answer")
    content: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20), default="pending")
    not_before: Mapped[datetime]
    not_after: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    rerouted: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # to another place, since a person's word
    leased_until: Mapped[datetime | None]
    vendor_id: Mapped[str] = mapped_column(String(100), default="")
    error: Mapped[str] = mapped_column(String(500), default="")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    case_version: Mapped[int | None]
    broadcast_id: Mapped[int | None] = mapped_column(ForeignKey("broadcast.id"), index=True)
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    edits_id: Mapped[int | None]  # this row changes the message of that one
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class SentAgainRow(Base):
    """By whose word a message that had not arrived, or may not have, was put back to be sent."""

    __tablename__ = "sent_again"

    id: Mapped[int] = mapped_column(primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    was: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class AnswerRow(Base):
    """What an answer rested on, so that it can be computed again: revision, day and facts."""

    __tablename__ = "answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    intent: Mapped[str] = mapped_column(String(40))
    question: Mapped[str] = mapped_column(String(2000), default="")
    revision: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[date]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    results: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime]


class UnclearMessageRow(Base):
    """Words that were not understood, for an editor to learn from. Nothing tells whose they were."""

    __tablename__ = "unclear_message"
    __table_args__ = (Index("ix_unclear_message_state", "state", "times"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200), unique=True)
    verdict: Mapped[str] = mapped_column(String(20))
    nearest: Mapped[list[Any]] = mapped_column(default=list)
    times: Mapped[int] = mapped_column(default=1)
    first_day: Mapped[date]
    last_day: Mapped[date]
    state: Mapped[str] = mapped_column(String(20), default="open")
    intent: Mapped[str] = mapped_column(String(40), default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


class AttachmentRow(Base):
    """A file somebody sent or we made, known by its hash."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class HoldRow(Base):
    """A vendor said "not before": every process honours it. `scope` is a bot, a chat or a group."""

    __tablename__ = "hold"

    scope: Mapped[str] = mapped_column(String(200), primary_key=True)
    until: Mapped[datetime]


class SentRow(Base):
    """One send, kept as long as the longest sliding window needs it. `under_way` until it is known to have ended."""

    __tablename__ = "sent"
    __table_args__ = (
        Index("ix_sent_scope_at", "scope", "at"),
        Index(
            "ix_sent_under_way",
            "scope",
            "at",
            sqlite_where=text("under_way"),
            postgresql_where=text("under_way"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    under_way: Mapped[bool] = mapped_column(default=False)


class LeaseRow(Base):
    """Who may do a thing that only one process may do, and until when."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    holder: Mapped[str] = mapped_column(String(100))
    until: Mapped[datetime]
