"""The chain of migrations: from nothing, and from every step before the last, with rows in the tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, inspect, text

from store.database import MIGRATIONS, Database
from store.models import Base


def config() -> Config:
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    return found


REVISIONS = [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


def test_the_chain_is_one_line() -> None:
    scripts = ScriptDirectory.from_config(config())
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
    assert sorted(REVISIONS) == REVISIONS


@pytest.mark.parametrize("before", REVISIONS[:-1])
async def test_rows_of_an_older_database_survive(tmp_path: Path, before: str) -> None:
    path = tmp_path / "old.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    with engine.begin() as connection:
        old = config()
        old.attributes["connection"] = connection
        command.upgrade(old, before)
        at = "2026-11-20 02:00:00"
        connection.execute(
            text(
                "INSERT INTO outbox (id, dedupe_key, channel, address, lane, cause, content, state, not_before, "
                "attempts, vendor_id, error, created_at) VALUES (1, 'k', 'web', 'a', 'interactive', 'answer', "
                "'{\"parts\": []}', 'pending', :at, 0, '', '', :at)"
            ),
            {"at": at},
        )
        connection.execute(
            text(
                "INSERT INTO person (id, role, name, must_change_password, broadcasts_wanted, disabled, created_at) "
                "VALUES (1, 'owner', '王', false, true, false, :at)"
            ),
            {"at": at},
        )
        connection.execute(
            text(
                "INSERT INTO address (id, person_id, channel, address, state, seq, created_at) "
                "VALUES (1, 1, 'web', 'a', 'active', 0, :at)"
            ),
            {"at": at},
        )
        connection.execute(
            text(
                "INSERT INTO session (token_hash, person_id, expires_at, created_at) VALUES ('t', 1, :at, :at)"
            ),
            {"at": at},
        )
    engine.dispose()
    database = Database(f"sqlite+aiosqlite:///{path}")
    await database.migrate()
    await database.migrate()
    async with database.reading() as tx:
        item = await tx.outbox.get(1)
        person = await tx.people.person(1)
        (address,) = await tx.people.addresses(1)
    await database.close()
    assert item is not None
    assert item.dedupe_key == "k"
    assert person.reminders_wanted
    assert address.address == "a"
    if before < "0004":  # which says of every address when it was bound
        assert address.bound_at.isoformat() == "2026-11-20T02:00:00+00:00"


async def test_from_nothing_every_table_and_column_is_there(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'new.sqlite3'}")
    await database.migrate()
    await database.close()
    engine = create_engine(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    found = inspect(engine)
    for name, table in Base.metadata.tables.items():
        assert {column["name"] for column in found.get_columns(name)} == set(table.columns.keys())
        assert {index["name"] for index in found.get_indexes(name)} >= {index.name for index in table.indexes}
    engine.dispose()
