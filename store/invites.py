"""A company's second person: an owner makes a one-time invitation, somebody opens it, the owner says yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Role
from store.bindings import OWNERS_CHANNELS, Bindings
from store.limits import Limits, Window
from store.messages import Channel
from store.models import AddressRow, ConversationRow, FeedRow, InviteRow, OutboxRow, PersonRow
from store.one_time_codes import code_hash, new_code
from store.records import OutboxState, Person, Record

LASTS = timedelta(days=7)
_TRIES, _PERIOD = 5, timedelta(minutes=10)  # as long as counts are kept


class InviteState(StrEnum):
    """How far an invitation has come."""

    OPEN = "open"  # nobody has opened it yet
    ASKED = "asked"  # somebody has, and waits for the inviter's word
    ACCEPTED = "accepted"  # they are of the company now
    REFUSED = "refused"  # the inviter said no
    ENDED = "ended"  # taken back, or a newer one took its place


class NotInvited(Enum):
    """Why opening an invitation asked nobody."""

    UNKNOWN = "unknown"  # no such invitation, opened already, taken back
    EXPIRED = "expired"  # its time has passed
    TOO_MANY = "too_many"  # too many wrong codes from this address
    MEMBER = "member"  # they are of that company already
    OTHER_RECORDS = "other_records"  # they have records of their own, or are of another company
    NOT_HERE = "not_here"  # a group, or an address of staff


class Invite(Record):
    """One invitation."""

    id: int
    company_id: int
    inviter_id: int
    guest_id: int | None
    state: InviteState
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Joined:
    """Who is now of the company, and of which company they were before."""

    guest: Person
    invite: Invite


class Invites:
    """Makes invitations and carries them out."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def make(self, inviter: Person, now: datetime) -> str:
        """Return the code of a new invitation, the only time it is seen; one that nobody has opened yet ends."""
        if inviter.role is not Role.OWNER or inviter.company_id is None:
            raise ValueError(f"person {inviter.id} speaks for no company")
        await self.end_open(inviter.id, now)
        code = new_code()
        self._session.add(
            InviteRow(
                code_hash=code_hash(code),
                company_id=inviter.company_id,
                inviter_id=inviter.id,
                expires_at=now + LASTS,
                created_at=now,
            )
        )
        await self._session.flush()
        return code

    async def end_open(self, inviter_id: int, now: datetime) -> None:
        """End the inviter's invitations that nobody has been let in by."""
        await self._session.execute(
            update(InviteRow)
            .where(
                InviteRow.inviter_id == inviter_id,
                InviteRow.state.in_((InviteState.OPEN, InviteState.ASKED)),
            )
            .values(state=InviteState.ENDED, decided_at=now)
        )

    async def open(
        self, channel: Channel, address: str, guest: Person, code: str, now: datetime
    ) -> Invite | NotInvited:
        """Let the guest ask to join. Nothing of the company is told, and nothing changes before the inviter's yes."""
        if channel not in OWNERS_CHANNELS or guest.role is not Role.OWNER:
            return NotInvited.NOT_HERE
        limits, scope = Limits(self._session), f"invite:{channel}:{address}"
        await limits.lock([scope])
        if await limits.free_at(Window(scope, _TRIES, _PERIOD), now, bulk=False) > now:
            return NotInvited.TOO_MANY
        row = await self._session.scalar(
            select(InviteRow).where(InviteRow.code_hash == code_hash(code)).with_for_update()
        )
        if row is None or row.state != InviteState.OPEN:
            await limits.take([scope], now)
            return NotInvited.UNKNOWN
        if row.expires_at <= now:
            return NotInvited.EXPIRED
        if row.company_id == guest.company_id:
            return NotInvited.MEMBER
        if await Bindings(self._session).has_records(guest.id):
            return NotInvited.OTHER_RECORDS
        row.state, row.guest_id = InviteState.ASKED, guest.id
        await self._session.flush()
        return Invite.model_validate(row)

    async def decide(self, invite_id: int, inviter: Person, accepted: bool, now: datetime) -> Joined | None:
        """Carry out the inviter's word; None when nobody waits for it any more, or the guest has records by now."""
        row = await self._session.scalar(select(InviteRow).where(InviteRow.id == invite_id).with_for_update())
        if row is None or row.inviter_id != inviter.id or row.state != InviteState.ASKED:
            return None
        guest = await self._session.get(PersonRow, row.guest_id)
        if guest is None or row.expires_at <= now or row.company_id != inviter.company_id:
            return None
        if accepted and await Bindings(self._session).has_records(guest.id):
            return None
        row.state, row.decided_at = (InviteState.ACCEPTED if accepted else InviteState.REFUSED), now
        if accepted:
            guest.company_id = row.company_id
        await self._session.flush()
        return Joined(Person.model_validate(guest), Invite.model_validate(row))

    async def put_out(self, member_id: int, by: Person, company_id: int) -> Person | None:
        """Let somebody no longer be of the company of `by`, but of the new one `company_id`; None when they are not of it.

        Only the one who let them in may: between two owners who were there from the start an agency must look. What
        waits to be sent to them is not sent, and a calendar link that they made ends.
        """
        let_in = select(InviteRow.id).where(
            InviteRow.guest_id == member_id,
            InviteRow.inviter_id == by.id,
            InviteRow.state == InviteState.ACCEPTED,
            InviteRow.company_id == by.company_id,
        )
        member = await self._session.get(PersonRow, member_id)
        if member is None or member.company_id != by.company_id:
            return None
        if await self._session.scalar(let_in.limit(1)) is None:
            return None
        member.company_id = company_id
        await self._session.execute(
            update(OutboxRow)
            .where(OutboxRow.person_id == member_id, OutboxRow.state == OutboxState.PENDING)
            .values(state=OutboxState.CANCELLED, error="the person is no longer of the company")
        )
        await self._session.execute(delete(ConversationRow).where(ConversationRow.person_id == member_id))
        await self._session.execute(
            delete(FeedRow).where(FeedRow.company_id == by.company_id, FeedRow.opened_by == member_id)
        )
        await self._session.flush()
        return Person.model_validate(member)

    async def let_in_by(self, inviter: Person) -> list[Person]:
        """Return the people of the company whom this person let in."""
        rows = await self._session.scalars(
            select(PersonRow)
            .join(InviteRow, InviteRow.guest_id == PersonRow.id)
            .where(
                InviteRow.inviter_id == inviter.id,
                InviteRow.state == InviteState.ACCEPTED,
                PersonRow.company_id == inviter.company_id,
            )
            .order_by(PersonRow.id)
            .distinct()
        )
        return [Person.model_validate(row) for row in rows]

    async def places_of(self, person_id: int) -> list[Channel]:
        """Return on which channels the person writes: so that the inviter can tell who asks."""
        rows = await self._session.scalars(
            select(AddressRow.channel).where(AddressRow.person_id == person_id).order_by(AddressRow.seq)
        )
        return [Channel(channel) for channel in rows]
