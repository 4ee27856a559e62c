"""What delivery needs from a channel: a way to send one message, and the small set of what can become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from store.limits import Window
from store.messages import Channel
from store.records import OutboxItem


@dataclass(frozen=True, slots=True)
class Sent:
    """The vendor took the whole message. `vendor_id` names it there, for edits and for proof."""

    vendor_id: str


@dataclass(frozen=True, slots=True)
class Partly:
    """`pieces` pieces of a message that takes several calls are out; send again for the next one."""

    pieces: int


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Certainly not sent. `hold`: the vendor said so of everybody, so every process waits, not only this message."""

    seconds: float
    reason: str = ""
    hold: bool = False


@dataclass(frozen=True, slots=True)
class NotNow:
    """The address may not be written to now (a reply window has closed): the person's next address is tried."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The person blocked us or left: the address is not written to until they write again."""


@dataclass(frozen=True, slots=True)
class Rebind:
    """The place no longer exists and must be made anew (a lost topic), or has moved to `address`."""

    address: str = ""


@dataclass(frozen=True, slots=True)
class Invalid:
    """The vendor will never take it. `address_unknown`: because of whom it goes to, not of what it says."""

    reason: str
    address_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have arrived. Sent again only by a person's word, or where sending twice arrives once.

    `once`: sending this one twice would not arrive once, though its channel is otherwise so.
    """

    reason: str
    once: bool = False


Outcome = Sent | Partly | RetryLater | NotNow | Gone | Rebind | Invalid | Unknown


class StoredIsDelivered:
    """Mark of a sender whose reader looks into the outbox: a message has arrived when its row says so.

    Such messages are delivered in one transaction, without a lease: nothing happens outside the database.
    """


class Sender(Protocol):
    """The way out of one channel."""

    @property
    def channel(self) -> Channel:
        """Return the channel whose messages it sends."""
        ...

    @property
    def repeatable(self) -> bool:
        """Return whether the same message sent twice arrives once."""
        ...

    @property
    def timeout(self) -> timedelta:
        """Return how long one send may take; after it the outcome is unknown."""
        ...

    def windows(self, item: OutboxItem) -> Sequence[Window]:
        """Return the vendor's limits that sending this message counts against."""
        ...

    async def send(self, item: OutboxItem) -> Outcome:
        """Send the message, or its next piece: `pieces_out(item)` are out already. Raises nothing of the vendor's.

        The database is asked only while the piece is certainly not out: before its vendor is called, or when it has
        refused. UnavailableError therefore means that nothing was sent.
        """
        ...


_PIECES = "pieces:"


def pieces_out(item: OutboxItem) -> int:
    """Return how many pieces of the message are out already."""
    return int(item.vendor_id.removeprefix(_PIECES)) if item.vendor_id.startswith(_PIECES) else 0


def progress(pieces: int) -> str:
    """Return how the outbox row remembers that `pieces` pieces are out."""
    return f"{_PIECES}{pieces}" if pieces else ""
