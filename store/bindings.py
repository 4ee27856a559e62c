"""One person, several channels: a one-time code said in a second channel makes its address the same person's.

Only the address moves. Records never do: somebody who already has facts, rights or cases of their own keeps them and
is refused, because joining two companies' records is nobody's guess to make.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Role
from store.limits import Limits, Window
from store.messages import Channel
from store.models import (
    AddressRow,
    AssetRow,
    BindingCodeRow,
    CaseRow,
    CompanyRow,
    FactRow,
    PersonRow,
    SessionRow,
)
from store.records import Address, Person

LASTS = timedelta(minutes=10)
DIGITS = 8
_TRIES = 5
_TRIES_PERIOD = timedelta(minutes=10)  # as long as counts are kept
_SAID = re.compile(rf"(?:绑定|绑定码|验证码)?[\s:：]*([0-9]{{{DIGITS // 2}}})[\s-]?([0-9]{{{DIGITS // 2}}})")


class NotBound(Enum):
    """Why a code bound nothing."""

    UNKNOWN = "unknown"  # no such code, used already, or its time has passed
    TOO_MANY = "too_many"  # too many wrong codes from this address: wait ten minutes
    ALREADY = "already"  # the address is the person's own already
    OTHER_RECORDS = "other_records"  # who writes here has records of their own: an agency must look


@dataclass(frozen=True, slots=True)
class Bound:
    """The address is now the person's. `reply_to` is where this person reads on that channel."""

    person: Person
    reply_to: Address


def said_code(text: str) -> str | None:
    """Return the code when the whole text is one ("绑定 1234 5678", "12345678"), else None."""
    found = _SAID.fullmatch(text.strip())
    return None if found is None else found[1] + found[2]


class Bindings:
    """Issues codes and binds addresses."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def issue_code(
        self, person_id: int, now: datetime, *, proves: tuple[Channel, str] | None = None
    ) -> str:
        """Return a new code of eight digits, the only time it is seen; the person's older codes end.

        `proves` is for a channel that nobody writes from (e-mail): send the code there, let it be said here.
        """
        await self._session.execute(
            delete(BindingCodeRow).where(
                or_(BindingCodeRow.person_id == person_id, BindingCodeRow.expires_at < now)
            )
        )
        while True:
            code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
            if await self._session.get(BindingCodeRow, _hash(code)) is None:
                break
        channel, address = proves or ("", "")
        self._session.add(
            BindingCodeRow(
                code_hash=_hash(code),
                person_id=person_id,
                proves_channel=channel,
                proves_address=address,
                expires_at=now + LASTS,
                created_at=now,
            )
        )
        await self._session.flush()
        return code

    async def bind(self, channel: Channel, address: str, code: str, now: datetime) -> Bound | NotBound:
        """Make the address the code's person's. A code works once, a wrong one counts against the address.

        The address that the code proves, where it proves one, becomes the person's too, after those they have.
        """
        window = Window(f"binding:{channel}:{address}", _TRIES, _TRIES_PERIOD)
        limits = Limits(self._session)
        await limits.lock([window.scope])
        if await limits.free_at(window, now, bulk=False) > now:
            return NotBound.TOO_MANY
        row = await self._session.get(BindingCodeRow, _hash(code), with_for_update=True)
        if row is None or row.used_at is not None or row.expires_at <= now:
            await limits.take([window.scope], now)
            return NotBound.UNKNOWN
        here = await self._address(channel, address)
        if row.proves_address:
            return await self._prove(row, here, now)
        if here is not None and here.person_id == row.person_id:
            return NotBound.ALREADY
        if here is not None and await self._has_records(here.person_id):
            return NotBound.OTHER_RECORDS
        row.used_at = now
        kept = await self._move(row.person_id, channel, address, here, now)
        return Bound(await self._person(row.person_id), Address.model_validate(kept))

    async def join(self, person_id: int, channel: Channel, address: str, now: datetime) -> NotBound | None:
        """Let the address be the person's, proven otherwise than by a code of ours; return why not, else None."""
        here = await self._address(channel, address)
        if here is not None and here.person_id == person_id:
            return NotBound.ALREADY
        if here is not None and await self._has_records(here.person_id):
            return NotBound.OTHER_RECORDS
        await self._move(person_id, channel, address, here, now)
        return None

    async def leave(self, person_id: int, channel: Channel) -> int:
        """Let the person's addresses on the channel be nobody's, and return how many there were."""
        gone = await self._session.execute(
            delete(AddressRow).where(AddressRow.person_id == person_id, AddressRow.channel == channel)
        )
        return int(gone.rowcount)  # type: ignore[attr-defined]

    async def put_first(self, person_id: int, address_id: int) -> bool:
        """Let the address be the one that is tried first; return False when it is not the person's."""
        rows = list(
            await self._session.scalars(
                select(AddressRow)
                .where(AddressRow.person_id == person_id)
                .order_by(AddressRow.seq, AddressRow.id)
            )
        )
        if all(row.id != address_id for row in rows):
            return False
        for seq, row in enumerate(sorted(rows, key=lambda row: row.id != address_id)):
            row.seq = seq
        await self._session.flush()
        return True

    async def _prove(self, row: BindingCodeRow, here: AddressRow | None, now: datetime) -> Bound | NotBound:
        """Add the address that the code was sent to, when the code's own person says it."""
        if here is None or here.person_id != row.person_id:
            return NotBound.UNKNOWN
        channel = Channel(row.proves_channel)
        there = await self._address(channel, row.proves_address)
        if there is not None and there.person_id == row.person_id:
            return NotBound.ALREADY
        if there is not None and await self._has_records(there.person_id):
            return NotBound.OTHER_RECORDS
        row.used_at = now
        await self._move(row.person_id, channel, row.proves_address, there, now)
        return Bound(await self._person(row.person_id), Address.model_validate(here))

    async def _move(
        self, person_id: int, channel: Channel, address: str, row: AddressRow | None, now: datetime
    ) -> AddressRow:
        if channel is Channel.WEB and row is not None:
            return await self._move_browser(person_id, row)
        last = await self._session.scalar(
            select(func.max(AddressRow.seq)).where(AddressRow.person_id == person_id)
        )
        if row is None:
            row = AddressRow(channel=channel, address=address, created_at=now)
            self._session.add(row)
        row.person_id = person_id
        row.seq = 0 if last is None else last + 1
        await self._session.flush()
        return row

    async def _move_browser(self, person_id: int, row: AddressRow) -> AddressRow:
        """Let the browser in as the person. All browsers of one person read the same address."""
        await self._session.execute(
            update(SessionRow).where(SessionRow.person_id == row.person_id).values(person_id=person_id)
        )
        first = await self._session.scalar(
            select(AddressRow)
            .where(AddressRow.person_id == person_id, AddressRow.channel == Channel.WEB)
            .order_by(AddressRow.seq, AddressRow.id)
            .limit(1)
        )
        if first is not None:
            return first
        last = await self._session.scalar(
            select(func.max(AddressRow.seq)).where(AddressRow.person_id == person_id)
        )
        row.person_id = person_id
        row.seq = 0 if last is None else last + 1
        await self._session.flush()
        return row

    async def _address(self, channel: Channel, address: str) -> AddressRow | None:
        return await self._session.scalar(
            select(AddressRow).where(AddressRow.channel == channel, AddressRow.address == address)
        )

    async def _person(self, person_id: int) -> Person:
        return Person.model_validate(await self._session.get(PersonRow, person_id))

    async def _has_records(self, person_id: int) -> bool:
        """Return whether somebody would lose something if this address no longer led to them."""
        person = await self._session.get(PersonRow, person_id)
        if person is None:
            return False
        if person.role != Role.OWNER or person.login is not None:
            return True
        company = (
            None if person.company_id is None else await self._session.get(CompanyRow, person.company_id)
        )
        if company is None:
            return False
        for rows in (FactRow, AssetRow, CaseRow):
            if await self._session.scalar(select(rows.id).where(rows.company_id == company.id).limit(1)):
                return True
        return bool(company.name)


def _hash(code: str) -> str:
    # Eight digits could be found from their hash, but not in the ten minutes that a code lives.
    return hashlib.sha256(f"zhituo binding code {code}".encode()).hexdigest()
