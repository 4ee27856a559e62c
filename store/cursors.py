"""How far we have read in a vendor's list of messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
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
