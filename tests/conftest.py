"""Fixtures for every test: a fresh database of either kind, and the day the examples were worked out for."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.trained_model import MODEL

# As the service runs (app/__init__.py), before numpy is imported: threads that wait for each other on a busy machine
# made training twelve times as slow.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("ZHITUO_MODEL_DIR", str(MODEL.parent))

import structlog

from store.database import Database
from tests.postgres_server import PostgresServer

# As the service writes it: structlog's own default prints every local variable, which took a test 17 seconds.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.dev.ConsoleRenderer(colors=False),
    ]
)

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 in Ningbo


def pytest_collection_finish() -> None:
    """Leave what has been imported out of garbage collection: each page test collects twice, 0.2 seconds each."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def now() -> datetime:
    """Ten in the morning of 2026-11-20, Ningbo time."""
    return NOW


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests of this process, started by the first that asks."""
    server = PostgresServer()
    yield server
    server.stop()


def _migrate(url: str) -> None:
    async def migrate() -> None:
        database = Database(url)
        await database.migrate()
        await database.close()

    asyncio.run(migrate())


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with all tables, to be copied: migrating anew would take most of a test's time."""
    path = tmp_path_factory.mktemp("migrated") / "zhituo.sqlite3"
    _migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_name(postgres: PostgresServer) -> str:
    """A database with all tables on PostgreSQL, emptied after each test."""
    name = postgres.create()
    _migrate(postgres.url(name))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def kind_of_database(request: pytest.FixtureRequest) -> str:
    """Each kind that we run on. Folders whose tests are about something else name one of them."""
    return str(request.param)


@pytest.fixture
def database_url(kind_of_database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with all tables."""
    if kind_of_database == "sqlite":
        path = tmp_path / "zhituo.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name: str = request.getfixturevalue("migrated_name")
    yield server.url(name)
    server.empty(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with all tables."""
    database = Database(database_url)
    yield database
    await database.close()
