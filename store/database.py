"""The one database: SQLite in WAL mode by default, PostgreSQL by its address.

`transaction()` is the only way to write. On SQLite it takes the write lock at its beginning (`BEGIN IMMEDIATE`), so a
transaction never fails half-way because another one came first.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from store.errors import UnavailableError
from store.messages import Channel
from store.sqlite_connection import Connection
from store.transaction import Transaction

MIGRATIONS = Path(__file__).parent / "migrations"
_BEGIN = "zhituo_begin"
_NUL = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")
BUSY_TIMEOUT_MS = 15_000
CONNECT_SECONDS = 10
_SQLITE_PASSES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
_LIMIT_EXCEEDED = "54"  # PostgreSQL's class of errors, program_limit_exceeded


class Database:
    """A pool of connections and the transactions on them."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        if self.is_sqlite and self._url.database and self._url.database != ":memory:":
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        self._engine = _engine(self._url)
        self._one_writer = asyncio.Lock()
        # The channels that this installation sends by, told once at the start: `Reach` leads to no other. None: all.
        self.channels_on: frozenset[Channel] | None = None
        if self.is_sqlite:
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)

    async def migrate(self) -> None:
        """Bring the tables to the newest revision. Safe to call at every start."""
        async with self._engine.connect() as connection:
            await connection.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
            await connection.run_sync(_upgrade)
            await connection.commit()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Yield a transaction that is committed when the block ends and rolled back when it raises.

        Raises UnavailableError when the database is gone, or goes meanwhile. Where it goes during the commit nobody
        knows whether that was done: what is written is therefore keyed, and written again only once.
        """
        if not self.is_sqlite:
            with _told_apart():
                async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
                    yield Transaction(session, self.channels_on)
            return
        with _told_apart():
            async with self._one_writer, self._engine.connect() as connection:
                await connection.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
                async with AsyncSession(connection, expire_on_commit=False) as session, session.begin():
                    yield Transaction(session, self.channels_on)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Yield a transaction for reading; what is written in it is rolled back. Raises UnavailableError."""
        with _told_apart():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                yield Transaction(session, self.channels_on)
                await session.rollback()

    async def close(self) -> None:
        """Give back all connections."""
        await self._engine.dispose()


@contextmanager
def _told_apart() -> Iterator[None]:
    """Raise our own error for a database that cannot do now what it could do later."""
    try:
        yield
    except TimeoutError as error:
        raise UnavailableError("no connection was free") from error
    except (OperationalError, InterfaceError) as error:
        if _passes(error.orig):
            raise UnavailableError(type(error.orig).__name__) from error
        raise


def _passes(error: BaseException | None) -> bool:
    """Return whether the same may succeed later: the database is gone, full, or busy with somebody else.

    Both drivers use the same class for what will never succeed: a statement with too many parts, a wrong one.
    """
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _SQLITE_PASSES
    state = getattr(error, "sqlstate", None)
    return state is None or not state.startswith(_LIMIT_EXCEEDED)


def _engine(url: URL) -> AsyncEngine:
    # Parameters are what people wrote: they do not belong into an error's text, which is logged.
    if url.get_backend_name() != "sqlite":
        connecting = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
        return create_async_engine(
            url, json_serializer=_as_json, hide_parameters=True, connect_args=connecting
        )

    async def connect() -> aiosqlite.Connection:
        arguments, options = engine.dialect.create_connect_args(url)
        return await Connection(partial(sqlite3.connect, *arguments, **options)).opened()

    engine = create_async_engine(
        url,
        async_creator=connect,
        json_serializer=_as_json,
        json_deserializer=_from_json,
        hide_parameters=True,
    )
    return engine


class Damaged:
    """What stands where JSON should: no record takes it for a value. PostgreSQL keeps JSON only."""


def _from_json(text: str) -> Any:
    """Return the value. One damaged row is met where it is read, not by everybody whose query finds it."""
    try:
        return json.loads(text)
    except ValueError:
        return Damaged()


def _as_json(value: Any) -> str:
    """Return the value as JSON that both databases take: PostgreSQL has neither NUL nor half a pair of surrogates."""
    text = json.dumps(value, ensure_ascii=False)
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _NUL.sub(r"\1", whole)


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: `_begin_sqlite` does, and says which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",  # what was committed survives a power cut: an update is acknowledged after it
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: SyncConnection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _upgrade(connection: SyncConnection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
