"""Read the law tables from their folders. The parsing is in `rules.deadlines.tables`, which does no I/O."""

from __future__ import annotations

from pathlib import Path

from rules.deadlines.tables import LawTables

FOLDERS = ("deadlines", "fees", "calendar")


def load_law_tables(root: Path) -> LawTables:
    """Return the tables below `root` (the `knowledge` folder).

    Raises `rules.deadlines.errors.TableError` naming file, line and field, and OSError when a file is unreadable.
    """
    texts = {
        f"{folder}/{path.name}": path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in sorted((root / folder).glob("*.yaml"))
    }
    return LawTables.parse(texts)
