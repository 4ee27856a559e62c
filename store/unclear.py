"""Words that were not understood, without whose they were, and what an editor made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.errors import ChangedMeanwhileError
from store.models import UnclearMessageRow
from store.records import Record

MOST_CHARACTERS: Final = 200
KEPT: Final = timedelta(days=180)  # what no editor has looked at by then is deleted


class UnclearState(StrEnum):
    """What an editor made of it."""

    OPEN = "open"  # nobody has looked yet
    FILED = "filed"  # stands under an intent, not yet published
    PUBLISHED = "published"  # an example of the published revision
    DISMISSED = "dismissed"  # nothing to learn from


class UnclearMessage(Record):
    """One wording, how often it came, and the intents that were nearest with their probabilities."""

    id: int
    text: str
    verdict: str
    nearest: list[Any]
    times: int
    first_day: date
    last_day: date
    state: UnclearState
    intent: str


class UnclearMessages:
    """Collects wordings; there is no person in them, so there is nothing to filter by."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def note(self, text: str, verdict: str, nearest: Sequence[tuple[str, float]], day: date) -> None:
        """Count the wording. One that an editor has decided on stays decided. Old ones that nobody looked at go."""
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
        fresh = {"verdict": verdict, "nearest": [list(pair) for pair in nearest], "last_day": day}
        await self._session.execute(
            insert(UnclearMessageRow)
            .values(
                text=text[:MOST_CHARACTERS],
                times=1,
                first_day=day,
                state=UnclearState.OPEN,
                intent="",
                **fresh,
            )
            .on_conflict_do_update(
                index_elements=["text"], set_={**fresh, "times": UnclearMessageRow.times + 1}
            )
        )
        await self._session.execute(
            delete(UnclearMessageRow).where(
                UnclearMessageRow.state == UnclearState.OPEN, UnclearMessageRow.last_day < day - KEPT
            )
        )

    async def in_state(self, state: UnclearState, limit: int = 100) -> list[UnclearMessage]:
        """Return the wordings in a state, the most frequent first."""
        rows = await self._session.scalars(
            select(UnclearMessageRow)
            .where(UnclearMessageRow.state == state)
            .order_by(UnclearMessageRow.times.desc(), UnclearMessageRow.id)
            .limit(limit)
        )
        return [UnclearMessage.model_validate(row) for row in rows]

    async def file(self, message_id: int, intent: str, by: int, now: datetime) -> None:
        """Put an open wording under an intent. Raises ChangedMeanwhileError when it is no longer open."""
        await self._decide(message_id, UnclearState.OPEN, UnclearState.FILED, intent, by, now)

    async def dismiss(self, message_id: int, by: int, now: datetime) -> None:
        """Say that there is nothing to learn from it. Raises ChangedMeanwhileError when it is no longer open."""
        await self._decide(message_id, UnclearState.OPEN, UnclearState.DISMISSED, "", by, now)

    async def take_back(self, message_id: int, by: int, now: datetime) -> None:
        """Open a filed wording again. Raises ChangedMeanwhileError when it is not filed."""
        await self._decide(message_id, UnclearState.FILED, UnclearState.OPEN, "", by, now)

    async def published(self, texts: Iterable[str]) -> None:
        """Record that filed wordings are examples of the published revision."""
        await self._session.execute(
            update(UnclearMessageRow)
            .where(UnclearMessageRow.text.in_(list(texts)), UnclearMessageRow.state == UnclearState.FILED)
            .values(state=UnclearState.PUBLISHED)
        )

    async def _decide(
        self, message_id: int, was: UnclearState, becomes: UnclearState, intent: str, by: int, now: datetime
    ) -> None:
        changed = await self._session.scalar(
            update(UnclearMessageRow)
            .where(UnclearMessageRow.id == message_id, UnclearMessageRow.state == was)
            .values(state=becomes, intent=intent, decided_by=by, decided_at=now)
            .returning(UnclearMessageRow.id)
        )
        if changed is None:
            raise ChangedMeanwhileError(f"unclear message {message_id} is no longer {was}")
