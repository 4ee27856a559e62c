"""SQLite's connection in a thread of its own."""

from __future__ import annotations

import asyncio
import sqlite3
import threading

import pytest

from store.sqlite_connection import Connection


def test_one_that_cannot_be_opened_has_nothing_left_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thread spoke to a loop that was closed meanwhile: one time in eight."""
    threads: set[threading.Thread] = set()
    failed: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda raised: failed.append(raised.exc_value))

    def refuse() -> sqlite3.Connection:
        threads.add(threading.current_thread())
        raise sqlite3.OperationalError("unable to open database file")

    async def fail_to_open() -> None:
        with pytest.raises(sqlite3.OperationalError):
            await Connection(refuse).opened()

    for _ in range(100):
        asyncio.run(fail_to_open())
    for thread in threads:
        thread.join(5)
    assert failed == []
    assert not any(thread.is_alive() for thread in threads)
