"""Where each person's talk with the bot stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.errors import ChangedMeanwhileError
from store.models import ConversationRow
from store.models.base import Instant, Json
from store.records import ConversationRecord

_SAVE = (
    update(ConversationRow)
    .where(ConversationRow.id == bindparam("kept"), ConversationRow.version == bindparam("before"))
    .values(
        state=bindparam("said", type_=Json),
        version=ConversationRow.version + 1,
        updated_at=bindparam("at", type_=Instant()),
    )
)


class Conversations:
    """One conversation a person."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, person_id: int, now: datetime) -> ConversationRecord:
        """Return the person's conversation; a new one where there was none."""
        row = await self._session.scalar(
            select(ConversationRow).where(ConversationRow.person_id == person_id)
        )
        if row is None:
            row = ConversationRow(person_id=person_id, state={}, updated_at=now)
            self._session.add(row)
            await self._session.flush()
        return ConversationRecord.model_validate(row)

    async def save(self, conversation: ConversationRecord, state: dict[str, Any], now: datetime) -> None:
        """Keep the new state. Raises ChangedMeanwhileError when another message changed it first."""
        kept = {"kept": conversation.id, "before": conversation.version, "said": state, "at": now}
        connection = await self._session.connection()
        if (await connection.execute(_SAVE, kept)).rowcount != 1:
            raise ChangedMeanwhileError(f"conversation {conversation.id}")
