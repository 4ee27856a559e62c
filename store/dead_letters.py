"""Messages that did not arrive, or may not have, and those that nobody answered: for a person to look at.

By their word it is tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Asker, Role, no_conflict
from store.case_records import HUMAN_STATES
from store.errors import NotVisibleError
from store.inbox import UNANSWERED, Inbox
from store.models import CaseRow, InboxRow, OutboxRow, PersonRow, SentAgainRow
from store.outbox import UNDELIVERED, Outbox
from store.records import Cause, InboxState, OutboxItem, OutboxState
from store.unreadable import readable_one


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that did not arrive, or may not have. `text` is empty where it cannot be read."""

    id: int
    channel: str
    cause: str
    state: OutboxState
    created_at: datetime
    not_after: datetime | None
    attempts: int
    error: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A message of a person that nobody answered. What it says is not shown."""

    id: int
    channel: str
    state: InboxState
    received_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class SentAgain:
    """Somebody put a message back. `by` is their name, or their login where they have none."""

    by: str
    at: datetime


class DeadLetters:
    """An agency sees those of the cases it works on, the bureau those of broadcasts, the operator all."""

    def __init__(self, session: AsyncSession, asker: Asker) -> None:
        self._session = session
        self._asker = asker

    def _visible(self) -> ColumnElement[bool]:
        asker = self._asker
        if self._is_operator():
            return true()
        if asker.role in (Role.EDITOR, Role.APPROVER):
            return OutboxRow.cause == Cause.BROADCAST
        if asker.role is Role.AGENCY and asker.agency_id is not None:
            own = select(CaseRow.id).where(
                CaseRow.agency_id == asker.agency_id,
                CaseRow.state.in_(HUMAN_STATES),
                no_conflict(asker.agency_id, CaseRow.company_id),
            )
            return OutboxRow.case_id.in_(own)
        return false()

    async def all(self, limit: int = 200) -> list[DeadLetter]:
        """Return the messages, newest first. A change of a message that could not be made loses nobody anything."""
        rows = await self._session.scalars(
            select(OutboxRow)
            .where(OutboxRow.state.in_(UNDELIVERED), OutboxRow.edits_id.is_(None), self._visible())
            .order_by(OutboxRow.id.desc())
            .limit(limit)
        )
        return [_dead(row) for row in rows]

    async def unanswered(self, limit: int = 200) -> list[Unanswered]:
        """Return messages of people that were given up, newest first: the operator's to look at, and nobody else's."""
        if not self._is_operator():
            return []
        rows = await self._session.scalars(
            select(InboxRow).where(InboxRow.state.in_(UNANSWERED)).order_by(InboxRow.id.desc()).limit(limit)
        )
        return [
            Unanswered(
                id=row.id,
                channel=row.channel,
                state=InboxState(row.state),
                received_at=row.received_at,
                error=row.error,
            )
            for row in rows
        ]

    async def answer_again(self, inbox_id: int) -> bool:
        """Let a message be answered after all; False when it is no longer given up. Raises NotVisibleError."""
        if not self._is_operator():
            raise NotVisibleError(f"update {inbox_id}")
        return await Inbox(self._session).answer_again(inbox_id)

    def _is_operator(self) -> bool:
        return self._asker.role in (Role.SYSTEM, Role.OPERATOR)

    async def send_again(self, outbox_id: int, now: datetime) -> bool:
        """Put the message back; False when it is no longer undelivered. Raises NotVisibleError."""
        was = await self._session.scalar(
            select(OutboxRow.state).where(OutboxRow.id == outbox_id, self._visible())
        )
        if was is None:
            raise NotVisibleError(f"message {outbox_id}")
        if not await Outbox(self._session).send_again(outbox_id, now):
            return False
        self._session.add(SentAgainRow(outbox_id=outbox_id, person_id=self._asker.person_id, was=was, at=now))
        await self._session.flush()
        return True

    async def sent_again(self, outbox_ids: Sequence[int]) -> dict[int, list[SentAgain]]:
        """Return by whose word each of these messages was sent again, oldest first."""
        rows = await self._session.execute(
            select(SentAgainRow.outbox_id, PersonRow.name, PersonRow.login, SentAgainRow.at)
            .join(PersonRow, PersonRow.id == SentAgainRow.person_id, isouter=True)
            .where(SentAgainRow.outbox_id.in_(outbox_ids))
            .order_by(SentAgainRow.id)
        )
        found: dict[int, list[SentAgain]] = {}
        for outbox_id, name, login, at in rows:
            found.setdefault(outbox_id, []).append(SentAgain(name or login or "", at))
        return found


def _dead(row: OutboxRow) -> DeadLetter:
    message = readable_one(OutboxItem, row)
    return DeadLetter(
        id=row.id,
        channel=row.channel,
        cause=row.cause,
        state=OutboxState(row.state),
        created_at=row.created_at,
        not_after=row.not_after,
        attempts=row.attempts,
        error=row.error,
        text="" if message is None else message.content.plain_text(),
    )
