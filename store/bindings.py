"""One person, several channels: a one-time code said in a second channel makes its address the same person's.

Only the address moves. Records never do: somebody who already has facts, rights or cases of their own keeps them and
is refused, because joining two companies' records is nobody's guess to make.
"""

from __future__ import annotations

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
from store.one_time_codes import code_hash, new_code
from store.records import Address, Person

LASTS = timedelta(minutes=10)
OWNERS_CHANNELS = frozenset({Channel.WEB, Channel.TERMINAL, Channel.TELEGRAM, Channel.WECOM_KF})
"""Where one person alone writes to us. Groups, and WeCom, whose members are staff, bind nothing."""

_PERIOD = timedelta(minutes=10)  # as long as counts are kept
_TRIES = 5
# Addresses cost nothing to whoever opens our page again and again: all wrong codes together are limited too.
_TRIES_OF_ALL = 500
_ALL = "binding:all"


class NotBound(Enum):
    """Why a code bound nothing."""

    UNKNOWN = "unknown"  # no such code
    USED = "used"  # it was good once
    EXPIRED = "expired"  # its time has passed
    TOO_MANY = "too_many"  # too many wrong codes: wait ten minutes
    ALREADY = "already"  # the address is the person's own already
    OTHER_RECORDS = "other_records"  # who writes here has records of their own: an agency must look
    NOT_HERE = "not_here"  # a group, or an address of staff


@dataclass(frozen=True, slots=True)
class Bound:
    """The address is now the person's. `reply_to` is where this person reads on that channel.

    `bound` is the address that may be taken off again, `asked_at` where the code was asked for.
    """

    person: Person
    reply_to: Address
    bound: Address
    asked_at: tuple[Channel, str] | None


class Bindings:
    """Issues codes and binds addresses."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def issue_code(
        self,
        person_id: int,
        now: datetime,
        *,
        asked_at: tuple[Channel, str] | None = None,
        proves: tuple[Channel, str] | None = None,
    ) -> str:
        """Return a new code, the only time it is seen; the person's older codes end.

        `proves` is for a channel that nobody writes from (e-mail): send the code there, let it be said here.
        """
        await self.end_codes(person_id)
        await self._session.execute(delete(BindingCodeRow).where(BindingCodeRow.expires_at < now - LASTS))
        while True:
            code = new_code()
            if await self._session.get(BindingCodeRow, code_hash(code)) is None:
                break
        channel, address = proves or ("", "")
        asked_channel, asked_address = asked_at or ("", "")
        self._session.add(
            BindingCodeRow(
                code_hash=code_hash(code),
                person_id=person_id,
                asked_channel=asked_channel,
                asked_address=asked_address,
                proves_channel=channel,
                proves_address=address,
                expires_at=now + LASTS,
                created_at=now,
            )
        )
        await self._session.flush()
        return code

    async def end_codes(self, person_id: int) -> None:
        """Let the person's codes that were not used bind nothing any more."""
        await self._session.execute(
            delete(BindingCodeRow).where(
                BindingCodeRow.person_id == person_id, BindingCodeRow.used_at.is_(None)
            )
        )

    async def bind(self, channel: Channel, address: str, code: str, now: datetime) -> Bound | NotBound:
        """Make the address the code's person's. A code works once, a wrong one counts against the address.

        The address that the code proves, where it proves one, becomes the person's too, after those they have.
        """
        if channel not in OWNERS_CHANNELS:
            return NotBound.NOT_HERE
        window = Window(f"binding:{channel}:{address}", _TRIES, _PERIOD)
        everybody = Window(_ALL, _TRIES_OF_ALL, _PERIOD)
        limits = Limits(self._session)
        await limits.lock([window.scope, everybody.scope])
        for each in (window, everybody):
            if await limits.free_at(each, now, bulk=False) > now:
                return NotBound.TOO_MANY
        row = await self._session.get(BindingCodeRow, code_hash(code), with_for_update=True)
        here = await self._address(channel, address)
        if row is None or (row.proves_address and (here is None or here.person_id != row.person_id)):
            await limits.take([window.scope, everybody.scope], now)
            return NotBound.UNKNOWN
        if row.used_at is not None or row.expires_at <= now:
            return NotBound.USED if row.used_at is not None else NotBound.EXPIRED
        if row.proves_address:
            return await self._prove(row, here, now)
        if here is not None and here.person_id == row.person_id:
            return NotBound.ALREADY
        if here is not None and await self.has_records(here.person_id):
            return NotBound.OTHER_RECORDS
        row.used_at = now
        reply_to, bound = await self._move(row.person_id, channel, address, here, now)
        return await self._bound(row, reply_to, bound)

    async def join(self, person_id: int, channel: Channel, address: str, now: datetime) -> NotBound | None:
        """Let the address be the person's, proven otherwise than by a code of ours; return why not, else None."""
        here = await self._address(channel, address)
        if here is not None and here.person_id == person_id:
            return NotBound.ALREADY
        if here is not None and await self.has_records(here.person_id):
            return NotBound.OTHER_RECORDS
        await self._move(person_id, channel, address, here, now)
        return None

    async def leave(self, person_id: int, channel: Channel) -> int:
        """Let the person's addresses on the channel be nobody's, and return how many there were."""
        gone = await self._session.execute(
            delete(AddressRow).where(AddressRow.person_id == person_id, AddressRow.channel == channel)
        )
        return int(gone.rowcount)  # type: ignore[attr-defined]

    async def has_records(self, person_id: int) -> bool:
        """Return whether somebody would lose something if their address no longer led to them."""
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
        others = select(PersonRow.id).where(PersonRow.company_id == company.id, PersonRow.id != person_id)
        return bool(company.name) or await self._session.scalar(others.limit(1)) is not None

    async def _prove(self, row: BindingCodeRow, here: AddressRow | None, now: datetime) -> Bound | NotBound:
        """Add the address that the code was sent to: the code's own person has said it."""
        channel = Channel(row.proves_channel)
        there = await self._address(channel, row.proves_address)
        if there is not None and there.person_id == row.person_id:
            return NotBound.ALREADY
        if there is not None and await self.has_records(there.person_id):
            return NotBound.OTHER_RECORDS
        row.used_at = now
        _, bound = await self._move(row.person_id, channel, row.proves_address, there, now)
        return await self._bound(row, here or bound, bound)

    async def _bound(self, row: BindingCodeRow, reply_to: AddressRow, bound: AddressRow) -> Bound:
        asked_at = (Channel(row.asked_channel), row.asked_address) if row.asked_channel else None
        person = Person.model_validate(await self._session.get(PersonRow, row.person_id))
        return Bound(person, Address.model_validate(reply_to), Address.model_validate(bound), asked_at)

    async def _move(
        self, person_id: int, channel: Channel, address: str, row: AddressRow | None, now: datetime
    ) -> tuple[AddressRow, AddressRow]:
        """Return where the person reads on that channel, and the address that is now theirs."""
        if channel is Channel.WEB and row is not None:
            await self._let_browsers_in(person_id, row, now)
            first = await self._first_page(person_id)
            if first is not None:  # all browsers of one person read the same address
                return first, row
        last = await self._session.scalar(
            select(func.max(AddressRow.seq)).where(AddressRow.person_id == person_id)
        )
        if row is None:
            row = AddressRow(channel=channel, address=address, created_at=now)
            self._session.add(row)
        row.person_id = person_id
        row.bound_at = now
        row.seq = 0 if last is None else last + 1
        await self._session.flush()
        return row, row

    async def _let_browsers_in(self, person_id: int, row: AddressRow, now: datetime) -> None:
        """Let the browsers of a page in as the person, and remember with which address they came."""
        await self._session.execute(
            update(SessionRow)
            .where(
                SessionRow.person_id == row.person_id,
                or_(SessionRow.address == "", SessionRow.address == row.address),
            )
            .values(person_id=person_id, address=row.address, bound_at=now)
        )
        row.bound_at = now

    async def _first_page(self, person_id: int) -> AddressRow | None:
        return await self._session.scalar(
            select(AddressRow)
            .where(AddressRow.person_id == person_id, AddressRow.channel == Channel.WEB)
            .order_by(AddressRow.seq, AddressRow.id)
            .limit(1)
        )

    async def _address(self, channel: Channel, address: str) -> AddressRow | None:
        return await self._session.scalar(
            select(AddressRow).where(AddressRow.channel == channel, AddressRow.address == address)
        )
