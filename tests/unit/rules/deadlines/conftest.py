"""The published tables, parsed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.law_tables import FOLDERS, load_law_tables
from rules.deadlines.tables import LawTables

KNOWLEDGE = Path(__file__).parents[4] / "knowledge"


@pytest.fixture(scope="session")
def tables() -> LawTables:
    """Return the tables as they are published."""
    return load_law_tables(KNOWLEDGE)


@pytest.fixture(scope="session")
def table_texts() -> dict[str, str]:
    """Return the text of every published table by file name."""
    return {
        f"{folder}/{path.name}": path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in (KNOWLEDGE / folder).glob("*.yaml")
    }
