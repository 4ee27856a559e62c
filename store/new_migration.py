"""Write a new migration from the difference between the models and the migrations: `python -m store.new_migration "why"`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from store.database import MIGRATIONS


def main() -> None:
    """Upgrade an empty SQLite file to the newest migration, then write what the models have beyond it."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'empty.sqlite3'}")
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        number = len(list((MIGRATIONS / "versions").glob("*.py"))) + 1
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.revision(
                config, message=" ".join(sys.argv[1:]), autogenerate=True, rev_id=f"{number:04d}"
            )


if __name__ == "__main__":
    main()
