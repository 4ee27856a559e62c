"""Fixtures for every test: a fresh database, and the day the examples were worked out for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.database import Database

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 in Ningbo


@pytest.fixture
def now() -> datetime:
    """Ten in the morning of 2026-11-20, Ningbo time."""
    return NOW


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database with all tables."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'zhituo.sqlite3'}")
    await database.migrate()
    yield database
    await database.close()
