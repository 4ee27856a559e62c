"""Everything a person receives, written before it is sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.messages import Channel, Outgoing
from store.models import OutboxRow
from store.records import Cause, Lane, OutboxItem, OutboxState


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


class Outbox:
    """What goes out."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def write(self, letter: Letter, now: datetime) -> int | None:
        """Return the id of the new row, or None when a row of the same `dedupe_key` stands already."""
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
        return await self._session.scalar(
            insert(OutboxRow)
            .values(
                dedupe_key=letter.dedupe_key,
                channel=letter.channel,
                address=letter.address,
                person_id=letter.person_id,
                lane=letter.lane,
                cause=letter.cause,
                content=letter.content.model_dump(mode="json"),
                not_before=letter.not_before or now,
                not_after=letter.not_after,
                case_id=letter.case_id,
                case_version=letter.case_version,
                broadcast_id=letter.broadcast_id,
                inbox_id=letter.inbox_id,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["dedupe_key"])
            .returning(OutboxRow.id)
        )

    async def get(self, outbox_id: int) -> OutboxItem | None:
        """Return one message, or None."""
        row = await self._session.scalar(select(OutboxRow).where(OutboxRow.id == outbox_id))
        return None if row is None else OutboxItem.model_validate(row)

    async def claim(
        self, channels: Collection[Channel], now: datetime, lease: timedelta, limit: int
    ) -> list[OutboxItem]:
        """Return messages due now, marked as being sent until the lease ends; answers before broadcasts.

        Within one address the order of writing is kept: a message is not claimed while an earlier one of the same
        address and lane is still to be sent.
        """
        earlier = OutboxRow.__table__.alias("earlier")
        blocked = (
            select(earlier.c.id)
            .where(
                earlier.c.channel == OutboxRow.channel,
                earlier.c.address == OutboxRow.address,
                earlier.c.lane == OutboxRow.lane,
                earlier.c.id < OutboxRow.id,
                earlier.c.state.in_((OutboxState.PENDING, OutboxState.SENDING)),
                earlier.c.not_before <= now,
            )
            .exists()
        )
        query = (
            select(OutboxRow.id)
            .where(
                OutboxRow.state == OutboxState.PENDING,
                OutboxRow.not_before <= now,
                OutboxRow.channel.in_(list(channels)),
                ~blocked,
            )
            .order_by(case((OutboxRow.lane == Lane.INTERACTIVE, 0), else_=1), OutboxRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ids = list(await self._session.scalars(query))
        if not ids:
            return []
        await self._session.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_(ids))
            .values(state=OutboxState.SENDING, leased_until=now + lease, attempts=OutboxRow.attempts + 1)
        )
        rows = await self._session.scalars(
            select(OutboxRow).where(OutboxRow.id.in_(ids)).execution_options(populate_existing=True)
        )
        claimed = {row.id: OutboxItem.model_validate(row) for row in rows}
        return [claimed[outbox_id] for outbox_id in ids]

    async def settle(
        self,
        outbox_id: int,
        state: OutboxState,
        now: datetime,
        *,
        vendor_id: str = "",
        error: str = "",
        retry_at: datetime | None = None,
    ) -> None:
        """Record what became of a message. `PENDING` with `retry_at` puts it back."""
        values: dict[str, object] = {"state": state, "leased_until": None, "error": error[:500]}
        if state is OutboxState.SENT:
            values |= {"sent_at": now, "vendor_id": vendor_id}
        if state is OutboxState.PENDING:
            values |= {"not_before": retry_at or now}
        await self._session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == outbox_id, OutboxRow.state == OutboxState.SENDING)
            .values(**values)
        )

    async def leases_ended(self, now: datetime) -> list[OutboxItem]:
        """Return messages whose sender vanished in the middle: whether they arrived is not known."""
        rows = await self._session.scalars(
            select(OutboxRow).where(
                OutboxRow.state == OutboxState.SENDING,
                or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until < now),
            )
        )
        return [OutboxItem.model_validate(row) for row in rows]

    async def send_again(self, outbox_id: int, now: datetime) -> bool:
        """Put a message that was not sent, or may not have arrived, back by a person's word."""
        result = await self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.id == outbox_id,
                OutboxRow.state.in_((OutboxState.UNKNOWN, OutboxState.INVALID, OutboxState.GONE)),
            )
            .values(state=OutboxState.PENDING, not_before=now, error="")
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
        return [OutboxItem.model_validate(row) for row in rows]

    async def to_person(self, person_id: int, limit: int = 200) -> list[OutboxItem]:
        """Return the last messages to the person, oldest first."""
        rows = await self._session.scalars(
            select(OutboxRow)
            .where(OutboxRow.person_id == person_id)
            .order_by(OutboxRow.id.desc())
            .limit(limit)
        )
        return [OutboxItem.model_validate(row) for row in reversed(list(rows))]

    async def in_states(self, states: Sequence[OutboxState], limit: int = 200) -> list[OutboxItem]:
        """Return messages in these states, newest first: the desk's dead letters."""
        rows = await self._session.scalars(
            select(OutboxRow).where(OutboxRow.state.in_(states)).order_by(OutboxRow.id.desc()).limit(limit)
        )
        return [OutboxItem.model_validate(row) for row in rows]

    async def counts(self) -> dict[str, int]:
        """Return how many messages stand in each state."""
        rows = await self._session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state))
        return {state: count for state, count in rows}  # noqa: C416
