"""Keys: the secret is never kept, a revoked or expired key opens nothing, a name is used once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from store.api_keys import PREFIX, ApiScope, KeyNameTakenError
from store.database import Database


async def test_a_key_is_found_by_its_secret_only(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        secret = await tx.api_keys.add("统计系统", [ApiScope.ASSESS, ApiScope.RULES_READ], now)
        await tx.api_keys.add("别的系统", [ApiScope.MATCH_LIST], now)
    async with database.reading() as tx:
        key = await tx.api_keys.find(secret, now)
        assert await tx.api_keys.find(secret[:-1], now) is None
        assert await tx.api_keys.find("", now) is None
    assert secret.startswith(PREFIX)
    assert key is not None
    assert (key.name, key.scopes) == ("统计系统", {ApiScope.ASSESS, ApiScope.RULES_READ})


async def test_the_secret_is_not_in_the_database(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        secret = await tx.api_keys.add("统计系统", [ApiScope.ASSESS], now)
        connection = await tx.session.connection()
        rows = (await connection.exec_driver_sql("SELECT * FROM api_key")).all()
    kept = str(rows)
    assert "统计系统" in kept
    assert secret.removeprefix(PREFIX) not in kept


async def test_revoked_and_expired_keys_open_nothing(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        revoked = await tx.api_keys.add("收回的", [ApiScope.ASSESS], now)
        brief = await tx.api_keys.add("一天的", [ApiScope.ASSESS], now, expires_at=now + timedelta(days=1))
        assert await tx.api_keys.revoke("收回的", now)
        assert not await tx.api_keys.revoke("收回的", now)
        assert not await tx.api_keys.revoke("没有的", now)
    async with database.reading() as tx:
        assert await tx.api_keys.find(revoked, now) is None
        assert await tx.api_keys.find(brief, now + timedelta(hours=23)) is not None
        assert await tx.api_keys.find(brief, now + timedelta(days=1)) is None
        assert [key.name for key in await tx.api_keys.all()] == ["收回的", "一天的"]


async def test_a_name_is_used_once_even_after_it_was_revoked(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        await tx.api_keys.add("统计系统", [ApiScope.ASSESS], now)
        await tx.api_keys.revoke("统计系统", now)
        with pytest.raises(KeyNameTakenError):
            await tx.api_keys.add("统计系统", [ApiScope.ASSESS], now)


async def test_the_last_day_of_use(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        secret = await tx.api_keys.add("统计系统", [ApiScope.ASSESS], now)
        key = await tx.api_keys.find(secret, now)
        assert key is not None
        assert key.last_used_on is None
        await tx.api_keys.used(key.id, now.date())
        (shown,) = await tx.api_keys.all()
    assert shown.last_used_on == now.date()
