"""The rungs that were sent, keyed obligation, due revision, rung, recipient, channel: none is written twice."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from store.asker import Asker, may_see_company
from store.messages import Channel, Verb
from store.models import ObligationRow, OutboxRow, ReminderRow
from store.records import ObligationStatus, OutboxItem, OutboxState, Record, StoredObligation
from store.unreadable import readable


class ReminderState(StrEnum):
    """What became of a rung for one recipient. How its message fared stands in the outbox."""

    WRITTEN = "written"  # in the outbox
    SEEN = "seen"  # the person pressed 知道了
    FAILED = "failed"  # its message did not arrive: to be written again, elsewhere where possible
    UNREACHABLE = "unreachable"  # the person may not be written to anywhere: a task for staff
    DECLINED = "declined"  # the person has said twice that they want no reminders: a task for staff


# Outcomes after which nobody will read the message; one that is UNKNOWN may have arrived and is not sent twice.
NOT_ARRIVED = (
    OutboxState.GONE,
    OutboxState.INVALID,
    OutboxState.UNREADABLE,
    OutboxState.REFUSED,
    OutboxState.CANCELLED,
)


class Reminder(Record):
    """One rung for one recipient."""

    id: int
    obligation_id: int
    due_revision: int
    rung: str
    person_id: int
    channel: str
    state: ReminderState
    outbox_id: int | None
    created_at: datetime


class Sent(Record):
    """One rung, the state of the message that carried it, and the channel that it took in the end."""

    reminder: Reminder
    outcome: OutboxState | None
    channel: Channel | None = None


class Reminders:
    """The reminders that one asker may see."""

    def __init__(self, session: AsyncSession, asker: Asker) -> None:
        self._session = session
        self._asker = asker

    async def write(
        self,
        obligation: StoredObligation,
        rung: str,
        person_id: int,
        channel: str,
        outbox_id: int | None,
        now: datetime,
        *,
        declined: bool = False,
    ) -> bool:
        """Keep that the rung was written to the person, and return whether that is new; a failed one is written anew.

        Without `outbox_id` it is kept that the person could not be reached, or wants no reminders.
        """
        dialect = self._session.get_bind().dialect.name
        insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
        state = ReminderState.WRITTEN
        if outbox_id is None:
            state = ReminderState.DECLINED if declined else ReminderState.UNREACHABLE
        added = await self._session.scalar(
            insert(ReminderRow)
            .values(
                obligation_id=obligation.id,
                due_revision=obligation.due_revision,
                rung=rung,
                person_id=person_id,
                channel=channel,
                state=state,
                outbox_id=outbox_id,
                created_at=now,
            )
            .on_conflict_do_update(
                index_elements=["obligation_id", "due_revision", "rung", "person_id", "channel"],
                set_={"state": state, "outbox_id": outbox_id, "created_at": now},
                where=ReminderRow.state == ReminderState.FAILED,
            )
            .returning(ReminderRow.id)
        )
        return added is not None

    async def fail(self, since: datetime) -> list[int]:
        """Mark as failed the rungs written since then whose message will not arrive; return their obligations."""
        failed = (
            select(ReminderRow.id, ReminderRow.obligation_id)
            .join(OutboxRow, OutboxRow.id == ReminderRow.outbox_id)
            .join(ObligationRow, ObligationRow.id == ReminderRow.obligation_id)
            .where(
                ReminderRow.state == ReminderState.WRITTEN,
                ReminderRow.created_at >= since,
                ReminderRow.due_revision == ObligationRow.due_revision,
                OutboxRow.state.in_(NOT_ARRIVED),
            )
        )
        found = list(await self._session.execute(failed))
        await self._session.execute(
            update(ReminderRow)
            .where(ReminderRow.id.in_([reminder_id for reminder_id, _ in found]))
            .values(state=ReminderState.FAILED)
        )
        return sorted({obligation_id for _, obligation_id in found})

    async def rungs_sent(self, obligation: StoredObligation, person_id: int) -> frozenset[str]:
        """Return the rungs of the obligation's present due revision that were written to the person."""
        rows = await self._session.scalars(
            select(ReminderRow.rung).where(
                ReminderRow.obligation_id == obligation.id,
                ReminderRow.due_revision == obligation.due_revision,
                ReminderRow.person_id == person_id,
                ReminderRow.state.in_((ReminderState.WRITTEN, ReminderState.SEEN)),
            )
        )
        return frozenset(rows)

    async def messages(self, obligation_id: int, person_id: int) -> list[OutboxItem]:
        """Return the messages whose buttons are about the obligation, newest first: those that led with it."""
        rows = await self._session.scalars(
            select(OutboxRow)
            .join(ReminderRow, ReminderRow.outbox_id == OutboxRow.id)
            .join(ObligationRow, ObligationRow.id == ReminderRow.obligation_id)
            .where(
                ReminderRow.obligation_id == obligation_id,
                ReminderRow.person_id == person_id,
                may_see_company(self._asker, ObligationRow.company_id),
            )
            .order_by(OutboxRow.id.desc())
        )
        found = {message.id: message for message in readable(OutboxItem, rows)}
        return [message for message in found.values() if _leads_with(message, obligation_id)]

    async def of(self, obligation_id: int) -> list[Sent]:
        """Return what was sent for the obligation and how it fared, oldest first."""
        rows = await self._session.execute(
            select(ReminderRow, OutboxRow.state)
            .join(ObligationRow, ObligationRow.id == ReminderRow.obligation_id)
            .join(OutboxRow, OutboxRow.id == ReminderRow.outbox_id, isouter=True)
            .where(
                ReminderRow.obligation_id == obligation_id,
                may_see_company(self._asker, ObligationRow.company_id),
            )
            .order_by(ReminderRow.id)
        )
        return [
            Sent(reminder=Reminder.model_validate(row), outcome=None if state is None else OutboxState(state))
            for row, state in rows
        ]

    async def last_written(self) -> dict[int, Reminder]:
        """Return the newest reminder of every obligation's present due revision: for call list and reconciler."""
        newest = self._newest(ReminderRow.obligation_id)
        rows = await self._session.scalars(select(ReminderRow).where(ReminderRow.id.in_(newest)))
        return {one.obligation_id: one for one in readable(Reminder, rows)}

    async def newest_by_person(self) -> list[Sent]:
        """Return the newest reminder of every open obligation's present due revision to each person, and how it fared."""
        newest = self._newest(ReminderRow.obligation_id, ReminderRow.person_id)
        rows = await self._session.execute(
            select(ReminderRow, OutboxRow.state, OutboxRow.channel)
            .join(ObligationRow, ObligationRow.id == ReminderRow.obligation_id)
            .join(OutboxRow, OutboxRow.id == ReminderRow.outbox_id, isouter=True)
            .where(ReminderRow.id.in_(newest), ObligationRow.status == ObligationStatus.OPEN)
            .order_by(ReminderRow.id)
        )
        return [
            Sent(
                reminder=Reminder.model_validate(row),
                outcome=None if state is None else OutboxState(state),
                channel=None if channel is None else Channel(channel),
            )
            for row, state, channel in rows
        ]

    def _newest(self, *of: InstrumentedAttribute[int]) -> Select[tuple[int]]:
        """Return the query of the ids that were written last, or written anew last, for each value of `of`."""
        ranked = (
            select(
                ReminderRow.id,
                func.row_number()
                .over(partition_by=of, order_by=(ReminderRow.created_at.desc(), ReminderRow.id.desc()))
                .label("place"),
            )
            .join(ObligationRow, ObligationRow.id == ReminderRow.obligation_id)
            .where(
                ReminderRow.due_revision == ObligationRow.due_revision,
                may_see_company(self._asker, ObligationRow.company_id),
            )
            .subquery()
        )
        return select(ranked.c.id).where(ranked.c.place == 1)

    async def count_since(self, since: datetime) -> int:
        """Return how many rungs were written since then: for the daily count."""
        return (
            await self._session.scalar(
                select(func.count())
                .select_from(ReminderRow)
                .where(
                    ReminderRow.created_at >= since,
                    ReminderRow.state.in_((ReminderState.WRITTEN, ReminderState.SEEN)),
                )
            )
            or 0
        )


def _leads_with(message: OutboxItem, obligation_id: int) -> bool:
    """Return whether 已缴费 below the message is of this obligation: the buttons are the most urgent one's."""
    return any(
        choice.action.verb is Verb.PAID and choice.action.about == str(obligation_id)
        for choice in message.content.choices
    )
