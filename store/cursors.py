"""How far we have read in a vendor's list of messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.models import CursorRow


class Cursors:
    """Named places. A place is moved only after what lies before it is stored."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, name: str) -> str:
        """Return the place, empty where nothing was read yet."""
        return (await self._session.scalar(select(CursorRow.value).where(CursorRow.name == name))) or ""

    async def move(self, name: str, value: str, now: datetime) -> None:
        """Remember the place."""
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
        await self._session.execute(
            insert(CursorRow)
            .values(name=name, value=value, updated_at=now)
            .on_conflict_do_update(index_elements=["name"], set_={"value": value, "updated_at": now})
        )

    async def first_time(self, name: str, now: datetime) -> bool:
        """Return whether this is told for the first time, and remember it: for what has no row of its own."""
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
        inserted = await self._session.scalar(
            insert(CursorRow)
            .values(name=name, value="", updated_at=now)
            .on_conflict_do_nothing(index_elements=["name"])
            .returning(CursorRow.name)
        )
        return inserted is not None

    async def forget(self, prefix: str, before: datetime) -> None:
        """Forget what was told so long ago that it is not told again."""
        await self._session.execute(
            delete(CursorRow).where(CursorRow.name.startswith(prefix), CursorRow.updated_at < before)
        )
