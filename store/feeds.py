"""The calendar feed of a company: who holds its link reads the company's deadlines, and nothing else."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, delete, false, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Asker, Role
from store.errors import NotVisibleError
from store.models import FeedRow


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Feeds:
    """The feeds that one asker may open and close: those of their own company."""

    def __init__(self, session: AsyncSession, asker: Asker) -> None:
        self._session = session
        self._asker = asker

    def _own(self) -> ColumnElement[bool]:
        """Return the condition for the asker's own feed. An agency that works on a case gets no lasting link."""
        if self._asker.role is Role.SYSTEM:
            return true()
        if self._asker.role is Role.OWNER and self._asker.company_id is not None:
            return FeedRow.company_id == self._asker.company_id
        return false()

    def _may_open(self, company_id: int) -> bool:
        owner = self._asker.role is Role.OWNER and self._asker.company_id == company_id
        return owner or self._asker.role is Role.SYSTEM

    async def open(self, company_id: int, now: datetime) -> str:
        """Return the token of a new link, the only time it is seen; an older link ends with it.

        Raises NotVisibleError for a company that the asker does not speak for.
        """
        if not self._may_open(company_id):
            raise NotVisibleError(f"feed of company {company_id}")
        token = secrets.token_urlsafe(32)
        row = await self._session.get(FeedRow, company_id)
        if row is None:
            row = FeedRow(company_id=company_id)
            self._session.add(row)
        row.token_hash = _hash(token)
        row.opened_by = self._asker.person_id
        row.opened_at = now
        await self._session.flush()
        return token

    async def opened_at(self, company_id: int) -> datetime | None:
        """Return since when the present link works, or None when there is none."""
        return await self._session.scalar(
            select(FeedRow.opened_at).where(FeedRow.company_id == company_id, self._own())
        )

    async def close(self, company_id: int) -> bool:
        """End the company's link; return whether there was one."""
        ended = await self._session.execute(
            delete(FeedRow)
            .where(FeedRow.company_id == company_id, self._own())
            .returning(FeedRow.company_id)
            .execution_options(synchronize_session="fetch")
        )
        return ended.first() is not None

    async def company_of(self, token: str) -> int | None:
        """Return whose link this is, or None. Hashes are compared, so that the time taken tells nothing of a token."""
        return await self._session.scalar(
            select(FeedRow.company_id).where(FeedRow.token_hash == _hash(token), self._own())
        )
