"""The law as shipped, and one owner with a company who may be written to."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path

import pytest

from knowledge.law_tables import load_law_tables
from rules.deadlines.tables import LawTables
from store.asker import Role
from store.database import Database
from store.messages import Channel
from tests.unit.scheduler.simulated import Owner

KNOWLEDGE = Path(__file__).resolve().parents[3] / "knowledge"


@lru_cache(maxsize=1)
def _law() -> LawTables:
    return load_law_tables(KNOWLEDGE)


@pytest.fixture
def law() -> LawTables:
    """The shipped tables."""
    return _law()


@pytest.fixture
async def owner(database: Database, now: datetime) -> Owner:
    """An owner in Telegram."""
    async with database.transaction() as tx:
        company = await tx.people.add_company("甬江精密", now)
        person = await tx.people.add_person(Role.OWNER, now, name="陈经理", company_id=company.id)
        await tx.people.add_address(person.id, Channel.TELEGRAM, "1001", now)
    return Owner(person, company, "1001")
