"""The places where one person is reached: which is tried first, and taking one off again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.bindings import Bindings
from store.invites import Invites
from store.messages import Channel
from store.models import AddressRow, FeedRow, OutboxRow, SessionRow
from store.records import Address, OutboxState

_Known = TypeVar("_Known", Address, AddressRow)

SETTLES = timedelta(days=3)
"""How long a new place may not take off an older one: whoever got in with a stolen code does not lock the owner out."""


class NotTakenOff(Enum):
    """Why an address stays."""

    UNKNOWN = "unknown"  # it is not the person's, or no longer
    LAST = "last"  # nothing would be left to reach them at
    TOO_NEW = "too_new"  # asked from a place that was bound after it, less than `SETTLES` ago


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody writes from. `since` is when a browser was let in that was somebody else's before."""

    channel: Channel
    address: str
    since: datetime | None = None


def may_decide(known: Sequence[Address], asked_at: Place, now: datetime) -> bool:
    """Return whether somebody who writes from this place may let others in: the oldest may, a new one not yet.

    `known` are the addresses of the person.
    """
    here = _here(known, asked_at)
    if here is None:
        return False
    since = asked_at.since or here.bound_at
    return _has_settled(since, now) or all(since <= each.bound_at for each in known)


class Addresses:
    """Changes the places of one person."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put_first(self, person_id: int, address_id: int) -> bool:
        """Let the address be the one that is tried first; return False when it is not the person's."""
        rows = await self._of(person_id)
        if all(row.id != address_id for row in rows):
            return False
        for seq, row in enumerate(sorted(rows, key=lambda row: row.id != address_id)):
            row.seq = seq
        await self._session.flush()
        return True

    async def take_off(
        self, person_id: int, address_id: int, asked_at: Place, now: datetime
    ) -> NotTakenOff | None:
        """Let the address no longer be the person's; return why it stays, or None when it is off.

        Its browsers are out at once, what waits to be sent there is not sent, and the person's open codes, invitations
        and a calendar link made since it was bound end: whoever wrote from there may have seen them.
        """
        rows = await self._of(person_id)
        row = await self._session.get(AddressRow, address_id)
        here = _here(rows, asked_at)
        if row is None or here is None:
            return NotTakenOff.UNKNOWN
        since = asked_at.since or here.bound_at
        if row.person_id != person_id:
            return await self._take_off_browsers(person_id, row, since, now)
        if len(rows) == 1:
            return NotTakenOff.LAST
        if here.id != row.id and since > row.bound_at and not _has_settled(since, now):
            return NotTakenOff.TOO_NEW
        if row.channel == Channel.WEB and sum(each.channel == Channel.WEB for each in rows) == 1:
            await self._session.execute(delete(SessionRow).where(SessionRow.person_id == person_id))
        await self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.channel == row.channel,
                OutboxRow.address == row.address,
                OutboxRow.person_id == person_id,
                OutboxRow.state == OutboxState.PENDING,
            )
            .values(state=OutboxState.CANCELLED, error="the address is no longer the person's")
        )
        await self._session.delete(row)
        await self._end_keys(person_id, row.bound_at, now)
        return None

    async def may_decide(self, person_id: int, asked_at: Place, now: datetime) -> bool:
        """Return whether somebody who writes from this place may let others in now."""
        return may_decide([Address.model_validate(row) for row in await self._of(person_id)], asked_at, now)

    async def seen(self, channel: Channel, address: str, at: datetime) -> None:
        """Record when our page was open at the address: what waited there has been seen."""
        await self._session.execute(
            update(AddressRow)
            .where(AddressRow.channel == channel, AddressRow.address == address)
            .values(last_seen_at=at)
        )

    async def _take_off_browsers(
        self, person_id: int, row: AddressRow, since: datetime, now: datetime
    ) -> NotTakenOff | None:
        """Let the browsers out that came with another page's address."""
        mine = (SessionRow.person_id == person_id, SessionRow.address == row.address)
        if await self._session.scalar(select(SessionRow.token_hash).where(*mine).limit(1)) is None:
            return NotTakenOff.UNKNOWN
        if since > row.bound_at and not _has_settled(since, now):
            return NotTakenOff.TOO_NEW
        await self._session.execute(delete(SessionRow).where(*mine))
        await self._end_keys(person_id, row.bound_at, now)
        return None

    async def _end_keys(self, person_id: int, since: datetime, now: datetime) -> None:
        """End what could let the one who wrote from there in again: codes, invitations, a calendar link made since."""
        await Bindings(self._session).end_codes(person_id)
        await Invites(self._session).end_open(person_id, now)
        await self._session.execute(
            delete(FeedRow).where(FeedRow.opened_by == person_id, FeedRow.opened_at >= since)
        )
        await self._session.flush()

    async def _of(self, person_id: int) -> list[AddressRow]:
        return list(
            await self._session.scalars(
                select(AddressRow)
                .where(AddressRow.person_id == person_id)
                .order_by(AddressRow.seq, AddressRow.id)
            )
        )


def _here(rows: Iterable[_Known], place: Place) -> _Known | None:
    return next((row for row in rows if (row.channel, row.address) == (place.channel, place.address)), None)


def _has_settled(since: datetime, now: datetime) -> bool:
    return now >= since + SETTLES
