"""What was answered, under which revision of the knowledge, on which day and facts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Asker, may_see_company
from store.errors import NotVisibleError
from store.models import AnswerRow, PersonRow
from store.records import Answer


class Answers:
    """The answers that one asker may see."""

    def __init__(self, session: AsyncSession, asker: Asker) -> None:
        self._session = session
        self._asker = asker

    async def record(
        self,
        person_id: int,
        now: datetime,
        *,
        inbox_id: int | None,
        intent: str,
        question: str,
        revision: str,
        as_of: date,
        facts: dict[str, Any],
        results: list[Any],
    ) -> None:
        """Keep what an answer rested on."""
        self._session.add(
            AnswerRow(
                person_id=person_id,
                inbox_id=inbox_id,
                intent=intent,
                question=question[:2000],
                revision=revision,
                as_of=as_of,
                facts=facts,
                results=results,
                at=now,
            )
        )

    async def get(self, answer_id: int) -> Answer:
        """Return one answer. Raises NotVisibleError."""
        row = await self._session.scalar(
            select(AnswerRow)
            .join(PersonRow, PersonRow.id == AnswerRow.person_id)
            .where(AnswerRow.id == answer_id, may_see_company(self._asker, PersonRow.company_id))  # type: ignore[arg-type]
        )
        if row is None:
            raise NotVisibleError(f"answer {answer_id}")
        return Answer.model_validate(row)

    async def of_person(self, person_id: int, limit: int = 20) -> list[Answer]:
        """Return the last answers given to the person, newest first."""
        rows = await self._session.scalars(
            select(AnswerRow)
            .join(PersonRow, PersonRow.id == AnswerRow.person_id)
            .where(AnswerRow.person_id == person_id, may_see_company(self._asker, PersonRow.company_id))  # type: ignore[arg-type]
            .order_by(AnswerRow.id.desc())
            .limit(limit)
        )
        return [Answer.model_validate(row) for row in rows]
