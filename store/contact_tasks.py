"""Companies nobody of which can be told of what is due: for an agency, or the bureau's duty list, to telephone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, func, select, true, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Asker, Role, no_conflict
from store.errors import NotVisibleError
from store.models import ContactTaskRow
from store.records import Record


class WhyNot(StrEnum):
    """Why nobody of a company can be told."""

    NOBODY = "nobody"  # no person, or none with an address
    BLOCKED = "blocked"  # they blocked us or left, and there is no other way
    INVALID = "invalid"  # no vendor knows the address
    WINDOW = "window"  # WeChat lets us write only for a time after they wrote
    UNSEEN = "unseen"  # it waits on our page, which they have not opened
    DECLINED = "declined"  # they said twice that they want no reminders
    FAILED = "failed"  # it was sent and did not arrive


class Cleared(StrEnum):
    """How a task ended."""

    REACHABLE = "reachable"  # they can be written to again, or have looked
    CALLED = "called"  # a member of staff has spoken to them
    NOTHING_DUE = "nothing_due"  # paid, given up, or the right is gone


class ContactTask(Record):
    """One company to be telephoned: the obligation that ends first, and how many others could not be told."""

    id: int
    company_id: int
    agency_id: str | None
    why: WhyNot
    title: str
    safe: date
    others: int
    opened_at: datetime
    cleared_at: datetime | None
    cleared_how: str
    note: str


class ContactTasks:
    """An agency sees its own, the bureau those that no agency has, the service all."""

    def __init__(self, session: AsyncSession, asker: Asker) -> None:
        self._session = session
        self._asker = asker

    def _visible(self) -> ColumnElement[bool]:
        asker = self._asker
        if asker.role is Role.SYSTEM:
            return true()
        if asker.role in (Role.EDITOR, Role.APPROVER):
            return ContactTaskRow.agency_id.is_(None)
        if asker.role is Role.AGENCY and asker.agency_id is not None:
            return and_(
                ContactTaskRow.agency_id == asker.agency_id,
                no_conflict(asker.agency_id, ContactTaskRow.company_id),
            )
        return false()

    async def open(
        self,
        company_id: int,
        agency_id: str | None,
        why: WhyNot,
        title: str,
        safe: date,
        others: int,
        now: datetime,
    ) -> int | None:
        """Return the id of the new task; where one is open it is brought up to date, and None returned."""
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
        said = {"agency_id": agency_id, "why": why, "title": title[:200], "safe": safe, "others": others}
        added = await self._session.scalar(
            insert(ContactTaskRow)
            .values(company_id=company_id, opened_at=now, **said)
            .on_conflict_do_nothing()
            .returning(ContactTaskRow.id)
        )
        if added is None:
            await self._session.execute(
                update(ContactTaskRow)
                .where(ContactTaskRow.company_id == company_id, ContactTaskRow.cleared_at.is_(None))
                .values(**said)
            )
        return added

    async def all_open(self) -> list[ContactTask]:
        """Return the open tasks, the one that ends first before the others."""
        rows = await self._session.scalars(
            select(ContactTaskRow)
            .where(ContactTaskRow.cleared_at.is_(None), self._visible())
            .order_by(ContactTaskRow.safe, ContactTaskRow.id)
        )
        return [ContactTask.model_validate(row) for row in rows]

    async def cleared(self, limit: int = 50) -> list[ContactTask]:
        """Return the tasks that ended last."""
        rows = await self._session.scalars(
            select(ContactTaskRow)
            .where(ContactTaskRow.cleared_at.is_not(None), self._visible())
            .order_by(ContactTaskRow.cleared_at.desc(), ContactTaskRow.id.desc())
            .limit(limit)
        )
        return [ContactTask.model_validate(row) for row in rows]

    async def called_at(self) -> dict[int, datetime]:
        """Return when staff last spoke to each company, by its id."""
        rows = await self._session.execute(
            select(ContactTaskRow.company_id, func.max(ContactTaskRow.cleared_at))
            .where(ContactTaskRow.cleared_how == Cleared.CALLED)
            .group_by(ContactTaskRow.company_id)
        )
        return {company_id: at for company_id, at in rows if at is not None}

    async def clear(
        self, task_id: int, how: Cleared, now: datetime, *, by: int | None = None, note: str = ""
    ) -> bool:
        """End the task; False when it has ended already. Raises NotVisibleError."""
        seen = await self._session.scalar(
            select(ContactTaskRow.id).where(ContactTaskRow.id == task_id, self._visible())
        )
        if seen is None:
            raise NotVisibleError(f"contact task {task_id}")
        ended = await self._session.execute(
            update(ContactTaskRow)
            .where(ContactTaskRow.id == task_id, ContactTaskRow.cleared_at.is_(None))
            .values(cleared_at=now, cleared_how=how, cleared_by=by, note=note[:500])
        )
        return bool(ended.rowcount == 1)  # type: ignore[attr-defined]
