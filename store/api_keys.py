"""Keys of programs that use the rules service: what each may do, until when, and whether it was taken back."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.errors import StoreError
from store.models import ApiKeyRow
from store.records import Record

PREFIX: Final = "zhituo_"  # so that a key that leaks is recognised by those who look for leaks


class ApiScope(StrEnum):
    """What a key may do."""

    RULES_READ = "rules:read"  # read rules and the dictionary of facts
    ASSESS = "assess"  # assess facts that the caller sends; nothing is kept
    MATCH_COUNT = "match:count"  # learn how many companies a rule fits
    MATCH_LIST = "match:list"  # learn which companies they are


class ApiKey(Record):
    """A key without its secret."""

    id: int
    name: str
    scopes: frozenset[ApiScope]
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_on: date | None
    created_at: datetime

    def holds(self, now: datetime) -> bool:
        """Return whether the key may be used."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class KeyNameTakenError(StoreError):
    """There is already a key of this name; names are not used twice, so that logs stay unambiguous."""


class ApiKeys:
    """Makes, finds and revokes keys."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self, name: str, scopes: Iterable[ApiScope], now: datetime, *, expires_at: datetime | None = None
    ) -> str:
        """Return the secret of a new key: the only time it is seen. Raises KeyNameTakenError."""
        if await self._session.scalar(select(ApiKeyRow.id).where(ApiKeyRow.name == name)) is not None:
            raise KeyNameTakenError(name)
        secret = PREFIX + secrets.token_urlsafe(32)
        self._session.add(
            ApiKeyRow(
                name=name,
                key_hash=_hash(secret),
                scopes=sorted(scope.value for scope in set(scopes)),
                expires_at=expires_at,
                created_at=now,
            )
        )
        await self._session.flush()
        return secret

    async def find(self, secret: str, now: datetime) -> ApiKey | None:
        """Return the key that may be used with this secret now, or None."""
        row = await self._session.scalar(select(ApiKeyRow).where(ApiKeyRow.key_hash == _hash(secret)))
        key = None if row is None else ApiKey.model_validate(row)
        return key if key is not None and key.holds(now) else None

    async def all(self) -> list[ApiKey]:
        """Return every key, revoked ones too, oldest first."""
        rows = await self._session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.id))
        return [ApiKey.model_validate(row) for row in rows]

    async def revoke(self, name: str, now: datetime) -> bool:
        """Take a key back; return False when there is none of this name that may be used."""
        found = await self._session.scalar(
            update(ApiKeyRow)
            .where(ApiKeyRow.name == name, ApiKeyRow.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(ApiKeyRow.id)
        )
        return found is not None

    async def used(self, key_id: int, day: date) -> None:
        """Note the last day of use, so that a key nobody uses any more can be told and taken back."""
        await self._session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(last_used_on=day))


def _hash(secret: str) -> str:
    # A plain hash is enough: the secret is 256 random bits, there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
