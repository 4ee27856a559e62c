"""SQLite's connection in a thread of its own, visited once a statement.

The driver visits its thread four times a statement: for the cursor, the execution, the rows and the closing. Each visit
costs more than most of our statements take in SQLite itself. Here a statement and all its rows are one visit. Rows are
read whole, as the engine reads them anyway; cursors of the server's side (`stream`) are not for this connection.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import aiosqlite


class Connection(aiosqlite.Connection):
    """The driver's connection with cursors of one visit."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True  # as the engine does with connections that it opens itself
        self._stopped: asyncio.Future[None] | None = None

    async def opened(self) -> Connection:
        """Return the connection when it is open. Where that fails, its thread has nothing left to tell the loop."""
        try:
            return await self  # type: ignore[return-value]
        except BaseException:
            if self._stopped is not None:
                await self._stopped
            raise

    def stop(self) -> asyncio.Future[None] | None:
        """Let the thread end; the future is done when it has closed the connection."""
        self._stopped = super().stop()
        return self._stopped

    def cursor(self) -> Any:
        """Return a new cursor; nothing is visited for it."""
        return _Cursor(self)

    async def rollback(self) -> None:
        """Undo what is not committed; where nothing is, as whenever a connection goes back to its pool, no visit."""
        if self._conn.in_transaction:
            await super().rollback()

    async def visit(self, work: Callable[[sqlite3.Connection], _Found]) -> _Found:
        """Return what `work` does in the connection's thread."""
        return await self._execute(lambda: work(self._conn))  # type: ignore[no-any-return, no-untyped-call]


class _Found:
    """What a statement left behind when its cursor was closed."""

    def __init__(self, cursor: sqlite3.Cursor, rows: list[Any]) -> None:
        self.rows = rows
        self.description = cursor.description
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid


class _Cursor:
    """As much of the driver's cursor as the engine uses."""

    description: Any = None
    rowcount = -1
    lastrowid: int | None = None
    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []

    async def __aenter__(self) -> _Cursor:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> _Cursor:
        """Run the statement and keep all its rows."""
        return self._keep(
            await self._connection.visit(lambda inside: _read(inside.execute(statement, parameters)))
        )

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> _Cursor:
        """Run the statement once for each of the parameters."""
        return self._keep(
            await self._connection.visit(lambda inside: _read(inside.executemany(statement, parameters)))
        )

    async def fetchall(self) -> list[Any]:
        """Return the rows that were kept."""
        return self._rows

    async def close(self) -> None:
        """Forget the rows."""
        self._rows = []

    def _keep(self, found: _Found) -> _Cursor:
        self._rows = found.rows
        self.description = found.description
        self.rowcount = found.rowcount
        self.lastrowid = found.lastrowid
        return self


def _read(cursor: sqlite3.Cursor) -> _Found:
    found = _Found(cursor, cursor.fetchall() if cursor.description else [])
    cursor.close()
    return found
