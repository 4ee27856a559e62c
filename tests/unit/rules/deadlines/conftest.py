"""The published tables, parsed once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from knowledge.law_tables import FOLDERS, load_law_tables
from rules.deadlines.tables import LawTables

# The machine is shared: how long one example takes says nothing about the code.
settings.register_profile("deadlines", deadline=None)
settings.load_profile("deadlines")

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
