"""Vendors' limits, shared by every process: true sliding windows, and holds after a vendor said "not before"."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.models import HoldRow, SentRow
from store.models.base import Instant

_SOON = timedelta(minutes=10)
HELD_UP = timedelta(seconds=10)
"""So long a send may be under way without having reached the vendor. Of one begun earlier nobody waits for the end: its
vendor is slow and has it, or the process that began it is gone."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """At most `at_most` sends in any `period`. `scope` is a bot, a chat or a group; each window has one of its own.

    `shared` windows are counted against by many addresses: when one is full, nobody else need be tried.
    Bulk messages may fill only `bulk_at_most` of it, so that an answer always finds room.
    """

    scope: str
    at_most: int
    period: timedelta
    bulk_at_most: int | None = None
    shared: bool = False

    def room(self, *, bulk: bool) -> int:
        """Return how many sends of this kind the window takes."""
        return self.at_most if not bulk or self.bulk_at_most is None else self.bulk_at_most


@dataclass(frozen=True, slots=True)
class Standing:
    """How some windows stand: until when a scope is on hold, and the times of what was sent in it, oldest first."""

    held: Mapping[str, datetime]
    sent: Mapping[str, list[datetime]]

    def free_at(self, window: Window, *, bulk: bool) -> datetime:
        """Return when the window takes one more send; a time that has passed means at once."""
        sent, room = self.sent.get(window.scope, []), window.room(bulk=bulk)
        until = self.held.get(window.scope, LONG_AGO)
        return until if len(sent) < room else max(until, sent[-room] + window.period)

    def count(self, window: Window, at: datetime) -> None:
        """Count one more send, which begins now."""
        self.sent[window.scope].append(at)


_LENGTHEN = (
    update(HoldRow)
    .where(HoldRow.scope == bindparam("held"), HoldRow.until < bindparam("to", type_=Instant()))
    .values(until=bindparam("to", type_=Instant()))
)


class Limits:
    """What was sent lately and what is on hold.

    A send counts from when it ended. While it is under way it counts as if it began now: a process that is held up
    between taking its place and sending never sends into a window that has gone on without it.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, scopes: Collection[str]) -> None:
        """Let no other process count against these scopes until this transaction ends."""
        if self._is_sqlite:  # whose transactions that write have the whole database to themselves
            return
        await self._know(scopes)
        await self._session.execute(
            select(HoldRow.scope)
            .where(HoldRow.scope.in_(sorted(set(scopes))))
            .order_by(HoldRow.scope)  # two that lock in different orders would wait for each other for ever
            .with_for_update()
        )

    @property
    def _is_sqlite(self) -> bool:
        return self._session.get_bind().dialect.name == "sqlite"

    async def _know(self, scopes: Collection[str]) -> None:
        """Have a row for each of these scopes."""
        insert_one = (sqlite_insert if self._is_sqlite else postgresql_insert)(HoldRow)
        await self._session.execute(
            insert_one.on_conflict_do_nothing(index_elements=["scope"]),
            [{"scope": scope, "until": LONG_AGO} for scope in sorted(set(scopes))],
        )

    async def standing(self, windows: Collection[Window], now: datetime) -> Standing:
        """Return what is on hold among these windows and what was sent in each, with one look a length of window.

        What a clock that has been set back since then put further ahead than a whole window is not waited for.
        """
        scopes = {window.scope for window in windows}
        if not scopes:
            return Standing({}, {})
        rows = await self._session.execute(
            select(HoldRow.scope, HoldRow.until).where(HoldRow.scope.in_(scopes), HoldRow.until > now)
        )
        held = {scope: until for scope, until in rows}  # noqa: C416
        sent: dict[str, list[datetime]] = {scope: [] for scope in scopes}
        under_way = await self._session.scalars(
            select(SentRow.scope).where(
                SentRow.scope.in_(scopes), SentRow.under_way, SentRow.at > now - HELD_UP
            )
        )
        for period in {window.period for window in windows}:
            among = {window.scope for window in windows if window.period == period}
            found = await self._session.execute(
                select(SentRow.scope, SentRow.at)
                .where(
                    SentRow.scope.in_(among),
                    SentRow.under_way.is_(False),
                    SentRow.at > now - period,
                    SentRow.at <= now + period,
                )
                .order_by(SentRow.at)
            )
            for scope, at in found:
                sent[scope].append(at)
        for scope in under_way:
            sent[scope].append(max([now, *sent[scope][-1:]]))
        return Standing(held, sent)

    async def free_at(self, window: Window, now: datetime, *, bulk: bool) -> datetime:
        """Return when the window takes one more send; `now` or earlier means at once."""
        return (await self.standing([window], now)).free_at(window, bulk=bulk)

    async def take(self, scopes: Sequence[str], now: datetime, *, under_way: bool = False) -> list[int]:
        """Count one send, or whatever else is limited, against each scope; return the counts' ids in the same order.

        One that is `under_way` only begins: `ended` says when it has.
        """
        if not scopes:
            return []
        rows = await self._session.scalars(
            insert(SentRow).returning(SentRow.id, sort_by_parameter_order=True),
            [{"scope": scope, "at": now, "under_way": under_way} for scope in scopes],
        )
        return list(rows)

    async def ended(self, taken: Sequence[int], now: datetime) -> None:
        """Count the send from when it ended: the vendor saw it somewhere between its beginning and now."""
        if taken:
            await self._session.execute(
                update(SentRow).where(SentRow.id.in_(taken)).values(at=now, under_way=False)
            )

    async def hold(self, until: Mapping[str, datetime]) -> None:
        """Let nobody send in these scopes before their times. A hold is never shortened."""
        if not until:
            return
        await self.lock(until)
        await self._know(until)
        await (await self._session.connection()).execute(
            _LENGTHEN, [{"held": scope, "to": until[scope]} for scope in sorted(until)]
        )

    async def clock_set_back(self, now: datetime, before: datetime) -> None:
        """Let each hold last as long as it had left when the clock was set back from `before` to `now`.

        One that ends soon is left as it is: another process has already done this, or it is from after.
        """
        for scope, until in (await self.holds(now + _SOON)).items():
            left = max(until - before, timedelta())
            await self._session.execute(
                update(HoldRow).where(HoldRow.scope == scope, HoldRow.until == until).values(until=now + left)
            )

    async def holds(self, now: datetime) -> dict[str, datetime]:
        """Return what is on hold, and until when: for the desk and for metrics."""
        rows = await self._session.execute(select(HoldRow.scope, HoldRow.until).where(HoldRow.until > now))
        return {scope: until for scope, until in rows}  # noqa: C416

    async def forget(self, before: datetime) -> None:
        """Delete counts that no window needs any more, and end holds that have passed."""
        await self._session.execute(delete(SentRow).where(SentRow.at < before))
        # Not deleted: another process may just be locking the row.
        await self._session.execute(
            update(HoldRow).where(HoldRow.until < before, HoldRow.until > LONG_AGO).values(until=LONG_AGO)
        )

    async def clear(self, scope: str) -> None:
        """Delete all counts of the scope and of those below it, whose names go on with a colon."""
        mine = or_(SentRow.scope == scope, SentRow.scope.startswith(f"{scope}:", autoescape=True))
        await self._session.execute(delete(SentRow).where(mine))

    async def latest(self, scope: str, rank: int, since: datetime) -> datetime | None:
        """Return the time of the `rank`th latest count in the scope since then, None where there are fewer."""
        query = (
            select(SentRow.at)
            .where(SentRow.scope == scope, SentRow.at >= since)
            .order_by(SentRow.at.desc())
            .offset(rank - 1)
            .limit(1)
        )
        return await self._session.scalar(query)
