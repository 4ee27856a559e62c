"""Updates of channels: stored first, answered once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from store.errors import EarlierWaitsError
from store.messages import Channel, Incoming
from store.models import InboxRow
from store.models.base import Instant
from store.records import InboxItem, InboxState
from store.unreadable import readable, readable_one, report, sort_out

MAX_ATTEMPTS = 3
# What a person wrote and nobody answered: for a person to look at.
UNANSWERED = (InboxState.FAILED, InboxState.UNREADABLE)


@dataclass(frozen=True, slots=True)
class SetAside:
    """What is known of an update that cannot be read: where it came from."""

    inbox_id: int
    channel: Channel
    address: str
    person_id: int | None


# Built once, and run below the ORM: every message passes here.
_RECEIVE = {
    name: insert(InboxRow)
    .on_conflict_do_nothing(index_elements=["channel", "update_id"])
    .returning(*InboxRow.__table__.c)
    for name, insert in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}
_DONE = (
    update(InboxRow)
    .where(InboxRow.id == bindparam("inbox_id"), InboxRow.state == InboxState.WAITING)
    .values(state=InboxState.DONE, done_at=bindparam("at", type_=Instant()))
)
_Earlier = aliased(InboxRow)
_EARLIER_WAITS = select(_Earlier.id).where(
    _Earlier.state == InboxState.WAITING, _Earlier.id < bindparam("inbox_id")
)
_DONE_IN_TURN = {
    # A person's messages, or those of a place in a group: the look for earlier ones costs no statement of its own.
    True: _DONE.where(~_EARLIER_WAITS.where(_Earlier.person_id == bindparam("of_person")).exists()),
    False: _DONE.where(
        ~_EARLIER_WAITS.where(
            _Earlier.person_id.is_(None),
            _Earlier.channel == bindparam("at_channel"),
            _Earlier.address == bindparam("at_address"),
        ).exists()
    ),
}
_BEFORE = (
    select(*InboxRow.__table__.c)
    .where(InboxRow.state == InboxState.WAITING, InboxRow.id < bindparam("inbox_id"))
    .order_by(InboxRow.id)
)
_BEFORE_OF_PERSON = _BEFORE.where(InboxRow.person_id == bindparam("of_person"))
_BEFORE_AT_PLACE = _BEFORE.where(
    InboxRow.person_id.is_(None),
    InboxRow.channel == bindparam("at_channel"),
    InboxRow.address == bindparam("at_address"),
)


class Inbox:
    """What came in."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def receive(self, incoming: Incoming, person_id: int | None) -> InboxItem | None:
        """Store the update and return it, or None when it was already stored: the vendor sent it again."""
        connection = await self._session.connection()
        stored = await connection.execute(
            _RECEIVE[connection.dialect.name],
            {
                "channel": incoming.channel,
                "address": incoming.address,
                "update_id": incoming.update_id,
                "person_id": person_id,
                "content": incoming.model_dump(mode="json"),
                "received_at": incoming.received_at,
            },
        )
        row = stored.one_or_none()
        return None if row is None else InboxItem.model_validate(dict(row._mapping))

    async def lost(
        self, channel: Channel, address: str, update_id: str, reason: str, now: datetime
    ) -> int | None:
        """Note an update that could not be stored, for a person at the desk, and return its id; None when it is stored."""
        connection = await self._session.connection()
        stored = await connection.execute(
            _RECEIVE[connection.dialect.name],
            {
                "channel": channel,
                "address": address,
                "update_id": update_id,
                "person_id": None,
                "content": {},
                "received_at": now,
                "state": InboxState.UNREADABLE,
                "error": reason[:500],
            },
        )
        row = stored.one_or_none()
        return None if row is None else int(row.id)

    async def has(self, channel: Channel, update_id: str) -> bool:
        """Return whether the update is stored: then its files need not be fetched again."""
        found = select(InboxRow.id).where(InboxRow.channel == channel, InboxRow.update_id == update_id)
        return await self._session.scalar(found) is not None

    async def get(self, inbox_id: int) -> InboxItem | None:
        """Return one item, or None where there is none that can be read."""
        row = await self._session.scalar(select(InboxRow).where(InboxRow.id == inbox_id))
        return readable_one(InboxItem, row)

    async def is_pressed_again(self, item: InboxItem, within: timedelta) -> bool:
        """Return whether the last thing the person did before was to press the same button, a moment ago."""
        if not item.content.pressed:
            return False
        row = await self._session.scalar(
            select(InboxRow)
            .where(InboxRow.person_id == item.person_id, InboxRow.id < item.id)
            .order_by(InboxRow.id.desc())
            .limit(1)
        )
        last = readable_one(InboxItem, row)
        if last is None:
            return False
        before = last.content
        return (
            before.pressed == item.content.pressed
            and before.channel is item.content.channel
            and timedelta() <= item.content.received_at - before.received_at <= within
        )

    async def waiting(self, limit: int = 100) -> list[InboxItem]:
        """Return items not yet answered that can be read, oldest first: after a crash they are answered from here."""
        rows = await self._session.scalars(
            select(InboxRow).where(InboxRow.state == InboxState.WAITING).order_by(InboxRow.id).limit(limit)
        )
        return readable(InboxItem, rows)

    async def waiting_before(self, item: InboxItem) -> list[InboxItem]:
        """Return what the same person, or the same place in a group, said before and nobody has answered, oldest first."""
        rows = await (await self._session.connection()).execute(
            _BEFORE_OF_PERSON if item.person_id is not None else _BEFORE_AT_PLACE, _whose(item)
        )
        return readable(InboxItem, rows)

    async def set_aside_unreadable(self, limit: int = 100) -> list[SetAside]:
        """Return items not yet answered that cannot be read, oldest first: they now wait for a person at the desk."""
        query = (
            select(InboxRow).where(InboxRow.state == InboxState.WAITING).order_by(InboxRow.id).limit(limit)
        )
        rows = {row.id: row for row in await self._session.scalars(query)}
        _, unreadable = sort_out(InboxItem, rows.values())
        report(InboxItem, unreadable)
        aside = []
        for one in unreadable:
            row = rows[one.row_id]
            taken = await self._session.execute(
                update(InboxRow)
                .where(InboxRow.id == row.id, InboxRow.state == InboxState.WAITING)
                .values(state=InboxState.UNREADABLE, error=one.error[:500])
            )
            if taken.rowcount == 1 and row.channel in set(Channel):  # type: ignore[attr-defined]
                aside.append(SetAside(row.id, Channel(row.channel), row.address, row.person_id))
        return aside

    async def done(self, item: InboxItem, now: datetime) -> bool:
        """Mark the item answered; False when it already was, so that nothing is done twice.

        Raises EarlierWaitsError where the same person said something before that waits and can be read.
        """
        connection = await self._session.connection()
        values = {**_whose(item), "at": now}
        if (await connection.execute(_DONE_IN_TURN[item.person_id is not None], values)).rowcount == 1:
            return True
        if await self.waiting_before(item):
            raise EarlierWaitsError
        return (await connection.execute(_DONE, {"inbox_id": item.id, "at": now})).rowcount == 1

    async def hide(self, item: InboxItem, text: str) -> None:
        """Keep `text` in place of what was written, and no deep link's parameter: a one-time code was in it."""
        content = item.content.model_copy(update={"text": text, "payload": ""})
        await self._session.execute(
            update(InboxRow).where(InboxRow.id == item.id).values(content=content.model_dump(mode="json"))
        )

    async def failed(self, inbox_id: int, error: str) -> bool:
        """Count a failed attempt; return True when it was the last one, and the item waits for a person at the desk."""
        row = await self._session.get(InboxRow, inbox_id)
        if row is None or row.state != InboxState.WAITING:
            return False
        row.attempts += 1
        row.error = error[:500]
        if row.attempts >= MAX_ATTEMPTS:
            row.state = InboxState.FAILED
        await self._session.flush()
        return row.state == InboxState.FAILED

    async def answer_again(self, inbox_id: int) -> bool:
        """Let an item that was given up be answered by a person's word; return False when it was not given up."""
        result = await self._session.execute(
            update(InboxRow)
            .where(InboxRow.id == inbox_id, InboxRow.state.in_(UNANSWERED))
            .values(state=InboxState.WAITING, attempts=0, error="")
        )
        return bool(result.rowcount == 1)  # type: ignore[attr-defined]

    async def of_person(self, person_id: int, limit: int = 200) -> list[InboxItem]:
        """Return the person's last messages, oldest first."""
        rows = await self._session.scalars(
            select(InboxRow).where(InboxRow.person_id == person_id).order_by(InboxRow.id.desc()).limit(limit)
        )
        return readable(InboxItem, reversed(list(rows)))

    async def received_at(self, person_id: int, place: int) -> datetime | None:
        """Return when the person's last message but `place - 1` came; None where there are fewer."""
        return await self._session.scalar(
            select(InboxRow.received_at)
            .where(InboxRow.person_id == person_id)
            .order_by(InboxRow.id.desc())
            .offset(place - 1)
            .limit(1)
        )

    async def counts(self) -> dict[str, int]:
        """Return how many items stand in each state."""
        rows = await self._session.execute(select(InboxRow.state, func.count()).group_by(InboxRow.state))
        return {state: count for state, count in rows}  # noqa: C416


def _whose(item: InboxItem) -> dict[str, object]:
    return {
        "inbox_id": item.id,
        "of_person": item.person_id,
        "at_channel": item.channel,
        "at_address": item.address,
    }
