"""Cases and their events. An agency finds the cases given to it, and none in which it has a conflict of interest."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, bindparam, false, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from store.asker import Asker, Role, no_conflict
from store.case_records import (
    ACTIVE_STATES,
    HUMAN_STATES,
    WAITING_STATES,
    Case,
    CaseEvent,
    CaseEventKind,
    CaseState,
    CaseStep,
)
from store.errors import ChangedMeanwhileError, NotVisibleError
from store.models import AttachmentRow, CaseEventRow, CaseRow, OutboxRow
from store.records import Attachment, OutboxState

#: How the key of the message begins with which somebody of an agency takes a case up in a chat of their own.
TAKEN_UP = "taken up:"
_IN_ORDER = (CaseRow.statutory_day.is_(None), CaseRow.statutory_day, CaseRow.created_at, CaseRow.id)
# Built once, and run below the ORM: asked before every answer and before every message that goes out.
_ACTIVE_OF = (
    select(*CaseRow.__table__.c)
    .where(CaseRow.person_id == bindparam("of"), CaseRow.state.in_(ACTIVE_STATES))
    .order_by(*_IN_ORDER)
)
_ENDED = (CaseState.RETURNING, CaseState.BOT, CaseState.CLOSED)


class Cases:
    """The cases that one asker may see."""

    def __init__(self, session: AsyncSession, asker: Asker) -> None:
        self._session = session
        self._asker = asker

    def _visible(self) -> ColumnElement[bool]:
        """An owner sees their company's cases; an agency those offered to it or taken by it; the bureau none."""
        asker = self._asker
        if asker.role is Role.SYSTEM:
            return true()
        if asker.role is Role.OWNER and asker.company_id is not None:
            return CaseRow.company_id == asker.company_id
        if asker.role is Role.AGENCY and asker.agency_id is not None:
            return and_(
                CaseRow.agency_id == asker.agency_id, no_conflict(asker.agency_id, CaseRow.company_id)
            )
        return false()

    async def open(
        self,
        company_id: int,
        person_id: int,
        topic: str,
        summary: str,
        statutory_day: date | None,
        now: datetime,
    ) -> Case:
        """Return a new case without events: the bot's, until the owner's request is added."""
        row = CaseRow(
            company_id=company_id,
            person_id=person_id,
            topic=topic[:40],
            summary=summary[:500],
            state=CaseState.BOT,
            version=0,
            ownership=0,
            statutory_day=statutory_day,
            created_at=now,
            updated_at=now,
        )
        self._session.add(row)
        await self._session.flush()
        return Case.model_validate(row)

    async def append(self, case: Case, step: CaseStep, now: datetime) -> Case:
        """Add one event and return the case after it.

        Raises ChangedMeanwhileError when another event was added since `case` was read, or the asker no longer sees it.
        """
        result = await self._session.execute(
            update(CaseRow)
            .where(CaseRow.id == case.id, CaseRow.version == case.version, self._visible())
            .values(
                state=step.state,
                agency_id=step.agency_id,
                owner_id=step.owner_id,
                ownership=step.ownership,
                promised_by=step.promised_by,
                leased_until=step.leased_until,
                version=case.version + 1,
                updated_at=now,
            )
            .execution_options(synchronize_session=False)
        )
        if result.rowcount != 1:  # type: ignore[attr-defined]
            raise ChangedMeanwhileError(f"case {case.id} after event {case.version}")
        self._session.add(
            CaseEventRow(
                case_id=case.id,
                seq=case.version + 1,
                kind=step.kind,
                person_id=step.person_id,
                data=step.data,
                at=now,
            )
        )
        await self._session.flush()
        row = await self._session.scalar(
            select(CaseRow).where(CaseRow.id == case.id).execution_options(populate_existing=True)
        )
        return Case.model_validate(row)

    async def get(self, case_id: int) -> Case:
        """Return the case. Raises NotVisibleError when the asker may not see it."""
        row = await self._session.scalar(
            select(CaseRow)
            .where(CaseRow.id == case_id, self._visible())
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise NotVisibleError(f"case {case_id}")
        return Case.model_validate(row)

    async def events(self, case_id: int) -> list[CaseEvent]:
        """Return the case's events in order; none when the asker may not see it.

        Internal notes are their agency's own: neither the owner nor another agency reads them.
        """
        rows = await self._session.scalars(
            select(CaseEventRow)
            .join(CaseRow, CaseRow.id == CaseEventRow.case_id)
            .where(CaseEventRow.case_id == case_id, self._visible())
            .order_by(CaseEventRow.seq)
        )
        events = (CaseEvent.model_validate(row) for row in rows)
        return [event for event in events if self._may_read(event)]

    def _may_read(self, event: CaseEvent) -> bool:
        if event.kind is not CaseEventKind.NOTED or self._asker.role is Role.SYSTEM:
            return True
        return self._asker.role is Role.AGENCY and event.data.get("agency_id") == self._asker.agency_id

    async def active_of(self, person_id: int) -> Case | None:
        """Return the person's case that has not ended, or None."""
        if self._asker.role is not Role.SYSTEM:
            found = await self._find(CaseRow.person_id == person_id, CaseRow.state.in_(ACTIVE_STATES))
            return found[-1] if found else None
        await self._session.flush()
        rows = await (await self._session.connection()).execute(_ACTIVE_OF, {"of": person_id})
        cases = [Case.model_validate(dict(row._mapping)) for row in rows]
        return cases[-1] if cases else None

    async def queue(self) -> list[Case]:
        """Return cases that wait for a person: fewest statutory days left first, then the longest waiting."""
        return await self._find(CaseRow.state == CaseState.OFFERED)

    async def in_hand(self) -> list[Case]:
        """Return cases that a person works on, in the order of the queue."""
        return await self._find(CaseRow.state.in_(HUMAN_STATES))

    async def ended(self, limit: int = 50) -> list[Case]:
        """Return cases given back or closed, newest first."""
        rows = await self._session.scalars(
            select(CaseRow)
            .where(CaseRow.state.in_(_ENDED), self._visible())
            .order_by(CaseRow.updated_at.desc(), CaseRow.id.desc())
            .limit(limit)
        )
        return [Case.model_validate(row) for row in rows]

    async def overdue(self, now: datetime) -> list[Case]:
        """Return cases whose promise or lease has run out."""
        return await self._find(
            or_(
                and_(CaseRow.state.in_(WAITING_STATES), CaseRow.promised_by < now),
                and_(CaseRow.state.in_(HUMAN_STATES), CaseRow.leased_until < now),
            )
        )

    async def load(self) -> dict[str, int]:
        """Return how many cases each agency has before it: offered or in hand. Counts only, whoever asks."""
        rows = await self._session.execute(
            select(CaseRow.agency_id, func.count())
            .where(CaseRow.agency_id.is_not(None), CaseRow.state.in_((CaseState.OFFERED, *HUMAN_STATES)))
            .group_by(CaseRow.agency_id)
        )
        return {agency_id: count for agency_id, count in rows if agency_id is not None}

    async def counts(self) -> dict[CaseState, int]:
        """Return how many cases stand in each state. Counts only, whoever asks."""
        rows = await self._session.execute(select(CaseRow.state, func.count()).group_by(CaseRow.state))
        return {CaseState(state): count for state, count in rows}

    async def outcomes(self, case_id: int) -> dict[str, OutboxState]:
        """Return what became of the case's messages, by the key they were written under."""
        rows = await self._session.execute(
            select(OutboxRow.dedupe_key, OutboxRow.state)
            .join(CaseRow, CaseRow.id == OutboxRow.case_id)
            .where(OutboxRow.case_id == case_id, self._visible())
        )
        return {key: OutboxState(state) for key, state in rows}

    async def evidence(self, case_id: int) -> list[Attachment]:
        """Return the files that the case's person sent or was sent, newest first, without their bytes."""
        rows = await self._session.scalars(
            select(AttachmentRow)
            .join(CaseRow, CaseRow.person_id == AttachmentRow.person_id)
            .where(
                CaseRow.id == case_id, CaseRow.state.in_((CaseState.OFFERED, *HUMAN_STATES)), self._visible()
            )
            .options(defer(AttachmentRow.data))
            .order_by(AttachmentRow.id.desc())
            .limit(20)
        )
        return [Attachment.model_validate(row) for row in rows]

    async def last_taken_up(self, person_id: int) -> int | None:
        """Return the case that the person last took up, or switched to, in a chat of their own."""
        return await self._session.scalar(
            select(OutboxRow.case_id)
            .join(CaseRow, CaseRow.id == OutboxRow.case_id)
            .where(
                OutboxRow.person_id == person_id,
                OutboxRow.dedupe_key.startswith(TAKEN_UP),
                self._visible(),
            )
            .order_by(OutboxRow.id.desc())
            .limit(1)
        )

    async def keep_words(self, case: Case, spoken_under: int) -> None:
        """Let messages written under ownership `spoken_under` and not yet sent stand under the case's present one.

        A person who hands the chat back means what they wrote a moment before to arrive.
        """
        await self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.case_id == case.id,
                OutboxRow.case_version == spoken_under,
                OutboxRow.state.in_((OutboxState.PENDING, OutboxState.SENDING)),
            )
            .values(case_version=case.ownership)
            .execution_options(synchronize_session=False)
        )

    async def company_ids(self) -> list[int]:
        """Return the companies whose cases are before the asker now."""
        rows = await self._session.scalars(
            select(CaseRow.company_id)
            .where(CaseRow.state.in_((CaseState.OFFERED, *HUMAN_STATES)), self._visible())
            .distinct()
            .order_by(CaseRow.company_id)
        )
        return list(rows)

    async def agencies_tried(self, case_id: int) -> frozenset[str]:
        """Return the agencies to which the case was ever offered."""
        rows = await self._session.scalars(
            select(CaseEventRow.data).where(
                CaseEventRow.case_id == case_id, CaseEventRow.kind == CaseEventKind.OFFERED
            )
        )
        return frozenset(str(data["agency_id"]) for data in rows)

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Case]:
        rows = await self._session.scalars(
            select(CaseRow)
            .where(*conditions, self._visible())
            .order_by(*_IN_ORDER)
            .execution_options(populate_existing=True)
        )
        return [Case.model_validate(row) for row in rows]
