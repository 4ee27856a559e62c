"""Vendors' limits, shared by every process: true sliding windows, and holds after a vendor said "not before"."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.models import HoldRow, SentRow

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """At most `at_most` sends in any `period`. `scope` is a bot, a chat or a group.

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


class Limits:
    """What was sent lately and what is on hold. Times are those at which a send ended, once it has ended."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, scopes: Collection[str]) -> None:
        """Let no other process count against these scopes until this transaction ends."""
        dialect = self._session.get_bind().dialect.name
        for scope in sorted(set(scopes)):
            insertion = (postgresql_insert if dialect == "postgresql" else sqlite_insert)(HoldRow)
            await self._session.execute(
                insertion.values(scope=scope, until=LONG_AGO).on_conflict_do_nothing(index_elements=["scope"])
            )
            await self._session.execute(select(HoldRow.scope).where(HoldRow.scope == scope).with_for_update())

    async def free_at(self, window: Window, now: datetime, *, bulk: bool) -> datetime:
        """Return when the window takes one more send; `now` or earlier means at once."""
        held = await self._session.scalar(select(HoldRow.until).where(HoldRow.scope == window.scope))
        newest = await self._session.scalar(
            select(SentRow.at)
            .where(SentRow.scope == window.scope, SentRow.at > now - window.period)
            .order_by(SentRow.at.desc())
            .offset(window.room(bulk=bulk) - 1)
            .limit(1)
        )
        return max(held or LONG_AGO, LONG_AGO if newest is None else newest + window.period)

    async def take(self, scopes: Sequence[str], now: datetime) -> list[int]:
        """Count one send against each scope and return the counts' ids, for `ended`."""
        if not scopes:
            return []
        rows = await self._session.scalars(
            insert(SentRow).returning(SentRow.id), [{"scope": scope, "at": now} for scope in scopes]
        )
        return list(rows)

    async def ended(self, taken: Sequence[int], now: datetime) -> None:
        """Count the send from when it ended: the vendor saw it somewhere between its beginning and now."""
        if taken:
            await self._session.execute(update(SentRow).where(SentRow.id.in_(taken)).values(at=now))

    async def hold(self, scopes: Collection[str], until: datetime) -> None:
        """Let nobody send in these scopes before `until`. A hold is never shortened."""
        await self.lock(scopes)
        await self._session.execute(
            update(HoldRow).where(HoldRow.scope.in_(list(scopes)), HoldRow.until < until).values(until=until)
        )

    async def holds(self, now: datetime) -> dict[str, datetime]:
        """Return what is on hold, and until when: for the desk and for metrics."""
        rows = await self._session.execute(select(HoldRow.scope, HoldRow.until).where(HoldRow.until > now))
        return {scope: until for scope, until in rows}  # noqa: C416

    async def forget(self, before: datetime) -> None:
        """Delete counts that no window needs any more."""
        await self._session.execute(delete(SentRow).where(SentRow.at < before))
        await self._session.execute(delete(HoldRow).where(HoldRow.until < before, HoldRow.until > LONG_AGO))

    async def counted(self, scope: str, since: datetime) -> int:
        """Return how many sends were counted in the scope since then."""
        query = select(func.count()).select_from(SentRow).where(SentRow.scope == scope, SentRow.at >= since)
        return await self._session.scalar(query) or 0
