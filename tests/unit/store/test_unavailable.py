"""A database that cannot do now what it could do later is told apart from a statement that never succeeds."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store import database as database_module
from store.asker import Role
from store.database import Database
from store.errors import UnavailableError
from tests.postgres_server import PostgresServer


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://postgres@/zhituo?host=/nowhere",
        "sqlite+aiosqlite:///file:/nowhere/zhituo.sqlite3?mode=ro&uri=true",
    ],
)
async def test_one_that_is_not_there(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # what the address seems to name is a folder here
    gone = Database(url)
    with pytest.raises(UnavailableError):
        async with gone.reading() as tx:
            await tx.inbox.counts()
    with pytest.raises(UnavailableError):
        async with gone.transaction() as tx:
            await tx.inbox.counts()
    await gone.close()


async def test_one_whose_writer_does_not_end(
    migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 50)
    path = tmp_path / "busy.sqlite3"
    shutil.copy(migrated_file, path)
    busy = Database(f"sqlite+aiosqlite:///{path}")
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError):
            async with busy.transaction() as tx:
                await tx.inbox.counts()
        other.execute("ROLLBACK")
    other.close()
    async with busy.transaction() as tx:
        assert await tx.inbox.counts() == {}
    await busy.close()


async def test_a_wrong_statement_is_no_outage(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.transaction() as tx:
            await tx.session.execute(text("SELECT nonsense FROM nothing"))


async def test_what_people_wrote_stands_in_no_error(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        await tx.people.add_person(Role.EDITOR, now, login="secret-login")
    with pytest.raises(DBAPIError) as caught:
        async with database.transaction() as tx:
            await tx.people.add_person(Role.EDITOR, now, name="海天试验有限公司", login="secret-login")
    assert "海天试验" not in str(caught.value)


async def test_a_connection_ended_under_us_is_replaced(
    database: Database, kind_of_database: str, postgres: PostgresServer, migrated_name: str
) -> None:
    if kind_of_database == "sqlite":
        return  # a file ends no connections
    started = asyncio.Event()

    async def works() -> None:
        async with database.transaction() as tx:
            await tx.inbox.counts()
            started.set()
            await asyncio.sleep(0.2)
            await tx.inbox.counts()

    working = asyncio.create_task(works())
    await started.wait()
    postgres.empty(migrated_name)  # ends everybody's connections
    with pytest.raises(UnavailableError):
        await working
    async with database.transaction() as tx:
        assert await tx.inbox.counts() == {}
