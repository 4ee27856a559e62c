"""What staff must know to call an owner who does not answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.models import CaseRow, ConflictRow, ObligationEventRow, OutboxRow
from store.obligation_records import ACKNOWLEDGED, ObligationEventKind
from store.records import OutboxState

_IDS_A_QUERY = 500


class Duty:
    """Queries of the clock for the call list; never opened in the name of a person."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def acknowledged(self) -> dict[int, datetime]:
        """Return when each obligation was last acknowledged by a person, by its id."""
        return await self._last_of(*ACKNOWLEDGED)

    async def called(self) -> dict[int, datetime]:
        """Return when each obligation was last put before staff, by its id."""
        return await self._last_of(ObligationEventKind.CALLED)

    async def _last_of(self, *kinds: ObligationEventKind) -> dict[int, datetime]:
        rows = await self._session.execute(
            select(ObligationEventRow.obligation_id, func.max(ObligationEventRow.at))
            .where(ObligationEventRow.kind.in_(kinds))
            .group_by(ObligationEventRow.obligation_id)
        )
        return {obligation_id: at for obligation_id, at in rows}  # noqa: C416

    async def last_agency(self, company_id: int) -> str | None:
        """Return the agency of the company's last case, None without one or where a conflict has arisen since."""
        conflicted = select(ConflictRow.agency_id).where(ConflictRow.company_id == company_id)
        return await self._session.scalar(
            select(CaseRow.agency_id)
            .where(
                CaseRow.company_id == company_id,
                CaseRow.agency_id.is_not(None),
                CaseRow.agency_id.not_in(conflicted),
            )
            .order_by(CaseRow.id.desc())
            .limit(1)
        )

    async def outcomes(self, outbox_ids: Sequence[int]) -> dict[int, OutboxState]:
        """Return the state of each of these messages, by its id."""
        states: dict[int, OutboxState] = {}
        for start in range(0, len(outbox_ids), _IDS_A_QUERY):
            rows = await self._session.execute(
                select(OutboxRow.id, OutboxRow.state).where(
                    OutboxRow.id.in_(outbox_ids[start : start + _IDS_A_QUERY])
                )
            )
            states.update((outbox_id, OutboxState(state)) for outbox_id, state in rows)
        return states
