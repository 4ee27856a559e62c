"""What is known of companies. A corrected fact is superseded, never overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Asker, may_see_company
from store.models import FactRow
from store.records import StoredFact


class CompanyFacts:
    """The facts that one asker may see."""

    def __init__(self, session: AsyncSession, asker: Asker) -> None:
        self._session = session
        self._asker = asker

    async def of(self, company_id: int) -> list[StoredFact]:
        """Return what is known of the company now."""
        rows = await self._session.scalars(
            select(FactRow).where(
                FactRow.company_id == company_id,
                FactRow.superseded_at.is_(None),
                may_see_company(self._asker, FactRow.company_id),
            )
        )
        return [StoredFact.model_validate(row) for row in rows]

    async def of_all(self) -> dict[int, list[StoredFact]]:
        """Return what is known now, by company: for the clock and for audiences."""
        rows = await self._session.scalars(
            select(FactRow).where(
                FactRow.superseded_at.is_(None), may_see_company(self._asker, FactRow.company_id)
            )
        )
        known: dict[int, list[StoredFact]] = {}
        for row in rows:
            known.setdefault(row.company_id, []).append(StoredFact.model_validate(row))
        return known

    async def remember(self, company_id: int, facts: Sequence[StoredFact], now: datetime) -> None:
        """Keep the facts; earlier ones of the same names are superseded."""
        if not facts:
            return
        await self.forget(company_id, [fact.name for fact in facts], now)
        self._session.add_all(
            FactRow(
                company_id=company_id,
                name=fact.name,
                state=fact.state,
                value=fact.value,
                source=fact.source,
                day=fact.day,
                recorded_at=now,
            )
            for fact in facts
        )
        await self._session.flush()

    async def forget(self, company_id: int, names: Sequence[str], now: datetime) -> None:
        """Supersede the facts of these names."""
        await self._session.execute(
            update(FactRow)
            .where(FactRow.company_id == company_id, FactRow.name.in_(names), FactRow.superseded_at.is_(None))
            .values(superseded_at=now)
        )
