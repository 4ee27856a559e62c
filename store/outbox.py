"""Everything a person receives, written before it is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.messages import Channel, Outgoing
from store.models import AddressRow, OutboxRow
from store.models.base import Instant
from store.records import GREATEST_NUMBER, Cause, Lane, OutboxItem, OutboxState
from store.unreadable import readable, readable_one, report, sort_out

# Pages of ours: they read what came after the last message that they have.
READ_BY_TIME = frozenset({Channel.WEB, Channel.TERMINAL, Channel.DESK})
# What a person may send again: it did not arrive, or nobody knows.
UNDELIVERED = (OutboxState.UNKNOWN, OutboxState.INVALID, OutboxState.GONE, OutboxState.UNREADABLE)


_LEFT_BEHIND_AT_ONCE = 100
_PUT_OFF = timedelta(minutes=10)  # the longest wait between two tries


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message to be written to the outbox. `dedupe_key` names its cause: the same key is one message."""

    dedupe_key: str
    channel: Channel
    address: str
    content: Outgoing
    person_id: int | None = None
    lane: Lane = Lane.INTERACTIVE
    cause: Cause = Cause.ANSWER
    not_before: datetime | None = None
    not_after: datetime | None = None
    case_id: int | None = None
    case_version: int | None = None
    broadcast_id: int | None = None
    inbox_id: int | None = None
    edits_id: int | None = None  # changes the message of that row, where it stands, into this content


# Statements are built once, and the hot ones run below the ORM: building one takes twice the time of running it.

# Open rows, as the partial index `ix_outbox_open` has them: SQLite uses it only where the query says the same words.
_OPEN = (OutboxState.PENDING.value, OutboxState.SENDING.value)
# What a sender that was given up comes back with after all is better than nobody knowing.
VANISHED = "the sender vanished"
_BEING_SENT = or_(
    OutboxRow.state == OutboxState.SENDING,
    and_(OutboxRow.state == OutboxState.UNKNOWN, OutboxRow.error == VANISHED),
)
_SET_ASIDE = case(
    (OutboxRow.state == OutboxState.SENDING, OutboxState.UNKNOWN.value), else_=OutboxState.UNREADABLE.value
)
_TABLE = OutboxRow.__table__
_NOW = bindparam("now", type_=Instant())


def _due() -> Select[Any]:
    """Return the query of what is due in a channel."""
    return select(*_TABLE.c).where(
        OutboxRow.state == OutboxState.PENDING,
        OutboxRow.channel == bindparam("channel"),
        OutboxRow.not_before <= _NOW,
    )


def _candidates(lane: Lane) -> Select[Any]:
    """Return the query of `Outbox.candidates`."""
    earlier = _TABLE.alias("earlier")
    blocked = (
        select(earlier.c.id)
        .where(
            earlier.c.state.in_(bindparam("open", _OPEN, expanding=True, literal_execute=True)),
            earlier.c.channel == OutboxRow.channel,
            earlier.c.address == OutboxRow.address,
            earlier.c.lane == OutboxRow.lane,
            earlier.c.id < OutboxRow.id,
            or_(
                earlier.c.state == OutboxState.SENDING,
                earlier.c.not_before <= _NOW,
                earlier.c.attempts > 0,
            ),
        )
        .offset(0)  # so that PostgreSQL looks at each row: a join of a table without figures is all with all
        .exists()
    )
    return (
        _due()
        .where(OutboxRow.lane == lane, ~blocked)
        .order_by(OutboxRow.not_before, OutboxRow.id)
        .limit(bindparam("at_most", type_=Integer()))
        .with_for_update(skip_locked=True)
    )


_CANDIDATES = {lane: _candidates(lane) for lane in Lane}
# Here another process is waited for: of two messages to one address it may have the first.
_TO_ARRIVE = _due().order_by(OutboxRow.id).limit(bindparam("at_most", type_=Integer())).with_for_update()
_DUE_LANES = select(*(_due().where(OutboxRow.lane == lane).exists().label(lane.value) for lane in Lane))
_WRITE = {
    name: insert(OutboxRow).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(OutboxRow.id)
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}
_LOCK_ADDRESS = (
    select(AddressRow.id)
    .where(AddressRow.channel == bindparam("channel"), AddressRow.address == bindparam("address"))
    .with_for_update()
)
_LAST_SENT_AT = (
    select(OutboxRow.sent_at)
    .where(
        OutboxRow.channel == bindparam("channel"),
        OutboxRow.address == bindparam("address"),
        OutboxRow.sent_at.is_not(None),
    )
    .order_by(OutboxRow.sent_at.desc())
    .limit(1)
)
_ARRIVE = (
    update(OutboxRow)
    .where(OutboxRow.id == bindparam("outbox_id"), OutboxRow.state == OutboxState.PENDING)
    .values(
        state=OutboxState.SENT,
        attempts=OutboxRow.attempts + 1,
        vendor_id=bindparam("vendor"),
        sent_at=bindparam("at", type_=Instant()),
    )
)
_ARRIVED = (
    update(OutboxRow)
    .where(OutboxRow.id == bindparam("outbox_id"), _BEING_SENT)
    .values(
        state=OutboxState.SENT,
        leased_until=None,
        error="",
        vendor_id=bindparam("vendor"),
        sent_at=bindparam("at", type_=Instant()),
    )
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A vendor took the message at that time and calls it `vendor_id`."""

    outbox_id: int
    vendor_id: str
    at: datetime


class Outbox:
    """What goes out."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def write(self, letter: Letter, now: datetime) -> int | None:
        """Return the id of the new row, or None when a row of the same `dedupe_key` stands already."""
        values: dict[str, Any] = {
            "dedupe_key": letter.dedupe_key,
            "channel": letter.channel,
            "address": letter.address,
            "person_id": letter.person_id,
            "lane": letter.lane,
            "cause": letter.cause,
            "content": letter.content.model_dump(mode="json"),
            "not_before": letter.not_before or now,
            "not_after": letter.not_after,
            "case_id": letter.case_id,
            "case_version": letter.case_version,
            "broadcast_id": letter.broadcast_id,
            "inbox_id": letter.inbox_id,
            "edits_id": letter.edits_id,
            "created_at": now,
        }
        await self._session.flush()  # a case or broadcast that the letter belongs to is written first
        connection = await self._session.connection()
        return await connection.scalar(_WRITE[connection.dialect.name], values)

    async def is_written(self, dedupe_key: str) -> bool:
        """Return whether the message of this cause stands."""
        found = select(OutboxRow.id).where(OutboxRow.dedupe_key == dedupe_key)
        return await self._session.scalar(found) is not None

    async def get(self, outbox_id: int) -> OutboxItem | None:
        """Return one message, or None where there is none that can be read."""
        if outbox_id > GREATEST_NUMBER:
            return None
        row = await self._session.scalar(select(OutboxRow).where(OutboxRow.id == outbox_id))
        return readable_one(OutboxItem, row)

    async def candidates(self, channel: Channel, lane: Lane, now: datetime, limit: int) -> list[OutboxItem]:
        """Return messages due now in one lane of a channel, not marked in any way: `take` marks them.

        Within one address and lane the order of writing is kept: a message is not due while an earlier one is, is
        being sent, or was tried and waits to be tried again. What cannot be read is set aside.
        """
        found = {"channel": channel, "now": now, "at_most": limit}
        rows = await (await self._session.connection()).execute(_CANDIDATES[lane], found)
        return await self._readable(rows)

    async def to_arrive(self, channel: Channel, now: datetime, limit: int) -> list[OutboxItem]:
        """Return what is due in a channel whose readers look here, all lanes, in the order of writing.

        What cannot be read is set aside.
        """
        found = {"channel": channel, "now": now, "at_most": limit}
        rows = await (await self._session.connection()).execute(_TO_ARRIVE, found)
        return await self._readable(rows)

    async def due_lanes(self, channel: Channel, now: datetime) -> list[Lane]:
        """Return the lanes of a channel in which something may be due: a cheap look before `candidates`."""
        connection = await self._session.connection()
        row = (await connection.execute(_DUE_LANES, {"channel": channel, "now": now})).one()
        return [lane for lane in Lane if row._mapping[lane.value]]

    async def take(self, items: Sequence[OutboxItem], now: datetime, lease: timedelta) -> list[OutboxItem]:
        """Return those of these messages that are still pending, now marked as being sent until the lease ends."""
        if not items:
            return []
        taken = await self._session.scalars(
            update(OutboxRow)
            .where(OutboxRow.id.in_([item.id for item in items]), OutboxRow.state == OutboxState.PENDING)
            .values(state=OutboxState.SENDING, leased_until=now + lease, attempts=OutboxRow.attempts + 1)
            .returning(OutboxRow.id)
            .execution_options(synchronize_session=False)
        )
        ids = set(taken)
        return [
            item.model_copy(update={"state": OutboxState.SENDING, "attempts": item.attempts + 1})
            for item in items
            if item.id in ids
        ]

    async def claim(
        self, channels: Collection[Channel], now: datetime, lease: timedelta, limit: int
    ) -> list[OutboxItem]:
        """Return up to `limit` messages due now, marked as being sent until the lease ends; answers before broadcasts."""
        claimed: list[OutboxItem] = []
        for lane in (Lane.INTERACTIVE, Lane.BULK):
            for channel in channels:
                due = await self.candidates(channel, lane, now, limit - len(claimed))
                claimed += await self.take(due, now, lease)
        return claimed

    async def postpone(self, channel: Channel, address: str, lane: Lane, until: datetime) -> None:
        """Look at all that waits for an address again at `until`: a vendor's limit does not take it now."""
        await self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.state == OutboxState.PENDING,
                OutboxRow.channel == channel,
                OutboxRow.address == address,
                OutboxRow.lane == lane,
                OutboxRow.not_before < until,
            )
            .values(not_before=until)
        )

    async def due_again(self, now: datetime, before: datetime) -> int:
        """Let what was due before the clock was set back from `before` to `now` be due now; return how many that is.

        So is what a vendor's limit or a failure had put off for a while. What is for another day stays for that day.
        """
        put_off = and_(
            OutboxRow.not_before <= before + _PUT_OFF,
            or_(OutboxRow.lane == Lane.INTERACTIVE, OutboxRow.error != ""),
        )
        result = await self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.state == OutboxState.PENDING,
                OutboxRow.not_before > now,
                or_(OutboxRow.not_before <= before, put_off),
            )
            .values(not_before=now)
        )
        return int(result.rowcount)  # type: ignore[attr-defined]

    async def left_behind(self, channels: Collection[Channel], before: datetime) -> list[OutboxItem]:
        """Return messages of these channels that were due before then, locked. What cannot be read is set aside."""
        if not channels:
            return []
        rows = await self._session.scalars(
            select(OutboxRow)
            .where(
                OutboxRow.state == OutboxState.PENDING,
                OutboxRow.channel.in_(channels),
                OutboxRow.not_before < before,
            )
            .order_by(OutboxRow.id)
            .limit(_LEFT_BEHIND_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        return await self._readable(rows)

    async def refuse(self, outbox_id: int, reason: str) -> None:
        """Record that a pending message is not sent: its time had passed, or ownership of its case has moved."""
        await self._session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == outbox_id, OutboxRow.state == OutboxState.PENDING)
            .values(state=OutboxState.REFUSED, error=reason[:500])
        )

    async def set_aside(self, outbox_id: int, reason: str) -> None:
        """Record that a pending message cannot be sent by a fault of ours: a person looks at it."""
        await self._session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == outbox_id, OutboxRow.state == OutboxState.PENDING)
            .values(state=OutboxState.INVALID, error=reason[:500])
        )

    async def sent(self, receipts: Sequence[Receipt]) -> None:
        """Record many receipts at once. Not for pages that read by the time of sending: see `settle`."""
        if receipts:
            await (await self._session.connection()).execute(
                _ARRIVED,
                [
                    {"outbox_id": one.outbox_id, "vendor": one.vendor_id[:100], "at": one.at}
                    for one in receipts
                ],
            )

    async def settle(
        self,
        item: OutboxItem,
        state: OutboxState,
        now: datetime,
        *,
        vendor_id: str = "",
        error: str = "",
        retry_at: datetime | None = None,
        untried: bool = False,
    ) -> bool:
        """Record what became of a message being sent; return False when it is no longer, or was put back by a person.

        `PENDING` with `retry_at` puts it back, `untried` without counting the attempt. `vendor_id` also remembers
        how much of a message of several pieces is out. Messages of one address that a page reads by the time they
        were sent get strictly later times, so that a reader who asks for what came after one never misses another.
        """
        values: dict[str, object] = {"state": state, "leased_until": None, "error": error[:500]}
        if vendor_id:
            values["vendor_id"] = vendor_id
        if state is OutboxState.SENT:
            values["sent_at"] = await self._next_sent_at(item.channel, item.address, now)
        if state is OutboxState.PENDING:
            values["not_before"] = retry_at or now
            if untried:
                values["attempts"] = 0
        result = await self._session.execute(
            update(OutboxRow).where(OutboxRow.id == item.id, _BEING_SENT).values(**values)
        )
        return bool(result.rowcount == 1)  # type: ignore[attr-defined]

    async def arrive(self, item: OutboxItem, now: datetime) -> None:
        """Record that a pending message has arrived: its reader looks into the outbox, nothing else is to be done."""
        sent_at = await self._next_sent_at(item.channel, item.address, now)
        connection = await self._session.connection()
        await connection.execute(_ARRIVE, {"outbox_id": item.id, "vendor": str(item.id), "at": sent_at})

    async def _next_sent_at(self, channel: Channel, address: str, now: datetime) -> datetime:
        if channel not in READ_BY_TIME:
            return now
        connection = await self._session.connection()
        here = {"channel": channel, "address": address}
        if connection.dialect.name != "sqlite":  # whose one writer is us: nobody else settles now
            await connection.execute(_LOCK_ADDRESS, here)
        last = await connection.scalar(_LAST_SENT_AT, here)
        return now if last is None else max(now, last + timedelta(microseconds=1))

    async def readdress(self, channel: Channel, old: str, new: str) -> None:
        """Let what is still to be sent to a place that has moved go to its new address."""
        await self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.channel == channel,
                OutboxRow.address == old,
                OutboxRow.state.in_((OutboxState.PENDING, OutboxState.SENDING)),
            )
            .values(address=new)
        )

    async def reroute(self, outbox_id: int, channel: Channel, address: str, now: datetime) -> None:
        """Let a message that its address does not take go out elsewhere, from its beginning."""
        await self._session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == outbox_id)
            .values(
                channel=channel,
                address=address,
                state=OutboxState.PENDING,
                not_before=now,
                leased_until=None,
                attempts=0,
                rerouted=OutboxRow.rerouted + 1,
                vendor_id="",
                sent_at=None,
            )
        )

    async def bounced(self, outbox_id: int, state: OutboxState, error: str) -> bool:
        """Record that a message which its vendor had taken did not arrive; return False when it was not sent so."""
        result = await self._session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == outbox_id, OutboxRow.state == OutboxState.SENT)
            .values(state=state, error=error[:500], sent_at=None)
        )
        return bool(result.rowcount == 1)  # type: ignore[attr-defined]

    async def leases_ended(self, now: datetime) -> list[OutboxItem]:
        """Return messages whose sender vanished in the middle: whether they arrived is not known.

        What cannot be read is set aside.
        """
        rows = await self._session.scalars(
            select(OutboxRow).where(
                OutboxRow.state == OutboxState.SENDING,
                or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until < now),
            )
        )
        return await self._readable(rows)

    async def _readable(self, rows: Iterable[Any]) -> list[OutboxItem]:
        """Return the open messages that can be read, and set the others aside for a person to look at.

        One that was being sent may have arrived.
        """
        found, unreadable = sort_out(OutboxItem, rows)
        report(OutboxItem, unreadable)
        for one in unreadable:
            await self._session.execute(
                update(OutboxRow)
                .where(OutboxRow.id == one.row_id, OutboxRow.state.in_(_OPEN))
                .values(state=_SET_ASIDE, error=one.error[:500], leased_until=None)
            )
        return found

    async def send_again(self, outbox_id: int, now: datetime) -> bool:
        """Put a message that was not sent, or may not have arrived, back by a person's word.

        Return False when it is neither, as when somebody else was faster, or when its time has passed. Its attempts
        are counted anew.
        """
        result = await self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.id == outbox_id,
                OutboxRow.state.in_(UNDELIVERED),
                or_(OutboxRow.not_after.is_(None), OutboxRow.not_after >= now),
            )
            .values(state=OutboxState.PENDING, not_before=now, error="", attempts=0, rerouted=0)
        )
        return bool(result.rowcount == 1)  # type: ignore[attr-defined]

    async def for_address(
        self, channel: Channel, address: str, after: int = 0, limit: int = 200
    ) -> list[OutboxItem]:
        """Return messages to the address with an id above `after`, oldest first."""
        rows = await self._session.scalars(
            select(OutboxRow)
            .where(OutboxRow.channel == channel, OutboxRow.address == address, OutboxRow.id > after)
            .order_by(OutboxRow.id)
            .limit(limit)
        )
        return readable(OutboxItem, rows)

    async def sent_to(
        self, channel: Channel, address: str, after: datetime | None, limit: int = 200
    ) -> list[OutboxItem]:
        """Return messages sent to the address later than `after`, in the order of sending; the last ones where None."""
        query = select(OutboxRow).where(
            OutboxRow.channel == channel, OutboxRow.address == address, OutboxRow.state == OutboxState.SENT
        )
        if after is None:
            newest = await self._session.scalars(query.order_by(OutboxRow.sent_at.desc()).limit(limit))
            return readable(OutboxItem, reversed(list(newest)))
        rows = await self._session.scalars(
            query.where(OutboxRow.sent_at > after).order_by(OutboxRow.sent_at).limit(limit)
        )
        return readable(OutboxItem, rows)

    async def to_person(self, person_id: int, limit: int = 200) -> list[OutboxItem]:
        """Return the last messages to the person, oldest first."""
        rows = await self._session.scalars(
            select(OutboxRow)
            .where(OutboxRow.person_id == person_id)
            .order_by(OutboxRow.id.desc())
            .limit(limit)
        )
        return readable(OutboxItem, reversed(list(rows)))

    async def written_since(self, channel: Channel, address: str, key: str, since: datetime) -> int:
        """Return how many messages whose `dedupe_key` begins with `key` were written to the address since then."""
        query = (
            select(func.count())
            .select_from(OutboxRow)
            .where(
                OutboxRow.channel == channel,
                OutboxRow.address == address,
                OutboxRow.created_at >= since,
                OutboxRow.dedupe_key.startswith(key),
            )
        )
        return await self._session.scalar(query) or 0

    async def in_states(self, states: Sequence[OutboxState], limit: int = 200) -> list[OutboxItem]:
        """Return messages in these states, newest first: the desk's dead letters."""
        rows = await self._session.scalars(
            select(OutboxRow).where(OutboxRow.state.in_(states)).order_by(OutboxRow.id.desc()).limit(limit)
        )
        return readable(OutboxItem, rows)

    async def counts(self) -> dict[str, int]:
        """Return how many messages stand in each state."""
        rows = await self._session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state))
        return {state: count for state, count in rows}  # noqa: C416
