"""Who may do what only one process may do."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.models import LeaseRow


class Leases:
    """Named locks that end by themselves."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def take(
        self, name: str, holder: str, now: datetime, duration: timedelta, longest: timedelta | None = None
    ) -> bool:
        """Return whether `holder` now has the lease: it was free, had ended, or was already theirs.

        `longest` is how long the lease is ever taken for, `duration` where that is always the same. One that lasts much
        longer was taken before the clock was set back: nobody waits until the clock has caught up.
        """
        too_late = now + 2 * (longest or duration)  # clocks of two machines differ a little
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
        await self._session.execute(
            insert(LeaseRow)
            .values(name=name, holder=holder, until=now + duration)
            .on_conflict_do_nothing(index_elements=["name"])
        )
        result = await self._session.execute(
            update(LeaseRow)
            .where(
                LeaseRow.name == name,
                or_(LeaseRow.holder == holder, LeaseRow.until < now, LeaseRow.until > too_late),
            )
            .values(holder=holder, until=now + duration)
        )
        return bool(result.rowcount == 1)  # type: ignore[attr-defined]

    async def give_back(self, name: str, holder: str) -> None:
        """End the lease where it is the holder's."""
        await self._session.execute(delete(LeaseRow).where(LeaseRow.name == name, LeaseRow.holder == holder))
