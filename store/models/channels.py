"""What channels remember between calls: places in a vendor's list, calls against a reply window, codes and links."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
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

    `asked_channel` and `asked_address` are where it was asked for. Where `proves_address` is set the code was sent to
    that address, and saying it proves that it is the person's own.
    """

    __tablename__ = "binding_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    asked_channel: Mapped[str] = mapped_column(String(20), default="")
    asked_address: Mapped[str] = mapped_column(String(200), default="")
    proves_channel: Mapped[str] = mapped_column(String(20), default="")
    proves_address: Mapped[str] = mapped_column(String(200), default="")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class InviteRow(Base):
    """A one-time code with which a second person asks to join a company. Only its hash is kept; the inviter decides."""

    __tablename__ = "invite"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    inviter_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(20), default="open")
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class CampaignRow(Base):
    """A link that is printed or passed on: `slug` is what it carries, `topic` the intent whose question it asks."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(100))
    topic: Mapped[str] = mapped_column(String(40), default="")
    ended: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class CampaignVisitRow(Base):
    """Somebody came by a campaign's link: counted once a person."""

    __tablename__ = "campaign_visit"
    __table_args__ = (UniqueConstraint("campaign_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str] = mapped_column(String(20))
    first_visit: Mapped[bool]  # the person was not known before
    at: Mapped[datetime]
