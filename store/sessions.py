"""Browsers that are let in. The token itself is never kept, only its hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.models import PersonRow, SessionRow
from store.records import Person


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """Opens, finds and ends sessions."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open(self, person_id: int, now: datetime, expires_at: datetime, *, address: str = "") -> str:
        """Return the token of a new session: the only time it is seen. `address` is the page's, for a browser."""
        token = secrets.token_urlsafe(32)
        self._session.add(
            SessionRow(
                token_hash=_hash(token),
                person_id=person_id,
                address=address,
                expires_at=expires_at,
                created_at=now,
            )
        )
        await self._session.flush()
        return token

    async def person(self, token: str, now: datetime) -> Person | None:
        """Return whose session this is, or None when it is unknown or has ended."""
        row = await self._session.scalar(
            select(PersonRow)
            .join(SessionRow, SessionRow.person_id == PersonRow.id)
            .where(
                SessionRow.token_hash == _hash(token),
                SessionRow.expires_at > now,
                PersonRow.disabled.is_(False),
            )
        )
        return None if row is None else Person.model_validate(row)

    async def bound_at(self, token: str) -> datetime | None:
        """Return when the browser was let in as this person; None for one that was never anybody else's."""
        return await self._session.scalar(
            select(SessionRow.bound_at).where(SessionRow.token_hash == _hash(token))
        )

    async def end(self, token: str) -> None:
        """End one session."""
        await self._session.execute(delete(SessionRow).where(SessionRow.token_hash == _hash(token)))

    async def end_all_of(self, person_id: int) -> None:
        """End all sessions of a person, as after a change of password."""
        await self._session.execute(delete(SessionRow).where(SessionRow.person_id == person_id))
