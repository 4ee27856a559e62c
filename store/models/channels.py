"""What channels remember between calls: places in a vendor's list, calls against a reply window, one-time codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base


class CursorRow(Base):
    """How far we have read in a vendor's list. What lies before it is stored."""

    __tablename__ = "cursor"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
    updated_at: Mapped[datetime]


class WindowCallRow(Base):
    """One call to a vendor that allows only so many after a person wrote. `msgid` is the id we gave the message.

    Kept because a message of several pieces is several calls, and because a failed one may not use its id again.
    """

    __tablename__ = "window_call"
    __table_args__ = (
        Index("ix_window_call_address_at", "channel", "address", "at"),
        Index("ix_window_call_outbox_id", "outbox_id"),
    )

    msgid: Mapped[str] = mapped_column(String(32), primary_key=True)
    outbox_id: Mapped[int]  # no foreign key: what was called counts even when the message is deleted
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    failed_at: Mapped[datetime | None]


class BindingCodeRow(Base):
    """A one-time code that adds a channel to a person. Only its hash is kept.

    Where `proves_address` is set the code was sent to that address, and saying it proves that it is the person's own.
    """

    __tablename__ = "binding_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    proves_channel: Mapped[str] = mapped_column(String(20), default="")
    proves_address: Mapped[str] = mapped_column(String(200), default="")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
