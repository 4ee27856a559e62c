"""Policy messages of the bureau: written, submitted, approved by a second person, frozen, and sent.

Every step names the state it expects, so that two people at once can not both take it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Select, case, delete, false, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Asker, Role
from store.broadcast_records import (
    EDITABLE,
    LEFT_OUT,
    RUNNING,
    WRITE_TRIES,
    Broadcast,
    BroadcastState,
    ContentChangedError,
    Delivered,
    Draft,
    Member,
    NobodyError,
    NotApproverError,
    NothingToSayError,
    Recipient,
    RecipientState,
    SamePersonError,
    WrongStateError,
    audience_hash,
    content_hash,
)
from store.errors import NotVisibleError
from store.models import BroadcastRecipientRow, BroadcastRow, CompanyRow, OutboxRow
from store.records import OutboxState
from store.unreadable import readable, readable_without

_BUREAU = (Role.EDITOR, Role.APPROVER, Role.SYSTEM)
HELD = datetime(9999, 1, 1, tzinfo=UTC)  # a message of a paused broadcast is not due before this


class Broadcasts:
    """The broadcasts that one asker may see: the bureau's people see all, others none."""

    def __init__(self, session: AsyncSession, asker: Asker) -> None:
        self._session = session
        self._asker = asker

    def _visible(self) -> Select[BroadcastRow]:
        seen = true() if self._asker.role in _BUREAU else false()
        return select(BroadcastRow).where(seen)

    async def _row(self, broadcast_id: int) -> BroadcastRow:
        row = await self._session.scalar(
            self._visible()
            .where(BroadcastRow.id == broadcast_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise NotVisibleError(f"broadcast {broadcast_id}")
        return row

    async def _row_in(self, broadcast_id: int, states: Sequence[BroadcastState]) -> BroadcastRow:
        row = await self._row(broadcast_id)
        if row.state not in states:
            raise WrongStateError(f"broadcast {broadcast_id} is {row.state}")
        return row

    async def _saved(self, row: BroadcastRow, now: datetime) -> Broadcast:
        row.updated_at = now
        await self._session.flush()
        return Broadcast.model_validate(row)

    async def get(self, broadcast_id: int) -> Broadcast:
        """Return the broadcast. Raises NotVisibleError."""
        return Broadcast.model_validate(await self._row(broadcast_id))

    async def all(self, limit: int = 100) -> list[Broadcast]:
        """Return the broadcasts, newest first."""
        rows = await self._session.scalars(self._visible().order_by(BroadcastRow.id.desc()).limit(limit))
        return [Broadcast.model_validate(row) for row in rows]

    async def running(self) -> list[Broadcast]:
        """Return those that the clock works on, oldest first; paused ones too, because their messages are held."""
        states = (*RUNNING, BroadcastState.PAUSED)
        rows = await self._session.scalars(
            self._visible().where(BroadcastRow.state.in_(states)).order_by(BroadcastRow.id)
        )
        return readable(Broadcast, rows)

    async def create(self, draft: Draft, author_id: int, now: datetime) -> Broadcast:
        """Return a new draft. Raises NotVisibleError for people outside the bureau."""
        if self._asker.role not in _BUREAU:
            raise NotVisibleError("broadcasts")
        row = BroadcastRow(**draft.model_dump(), author_id=author_id, created_at=now, updated_at=now)
        self._session.add(row)
        return await self._saved(row, now)

    async def edit(self, broadcast_id: int, draft: Draft, author_id: int, now: datetime) -> Broadcast:
        """Replace the content. Whoever edits is its author now; submission, approval and audience are void.

        Raises WrongStateError once its messages are being written.
        """
        row = await self._row_in(broadcast_id, EDITABLE)
        for name, value in draft.model_dump().items():
            setattr(row, name, value)
        row.author_id = author_id
        await self._void(row)
        return await self._saved(row, now)

    async def _void(self, row: BroadcastRow) -> None:
        row.state = BroadcastState.DRAFT
        row.approver_id = row.as_of = None
        row.content_hash = row.audience_hash = row.revision = ""
        await self._session.execute(
            delete(BroadcastRecipientRow).where(BroadcastRecipientRow.broadcast_id == row.id)
        )

    async def submit(self, broadcast_id: int, revision: str, now: datetime) -> Broadcast:
        """Ask for approval of the present content under this revision of the knowledge.

        Raises NothingToSayError, WrongStateError.
        """
        row = await self._row_in(broadcast_id, (BroadcastState.DRAFT,))
        draft = Broadcast.model_validate(row).draft()
        if not draft.rule_id and not draft.text.strip():
            raise NothingToSayError(f"broadcast {broadcast_id}")
        row.state = BroadcastState.SUBMITTED
        row.revision = revision
        row.content_hash = content_hash(draft, revision)
        row.note = ""
        return await self._saved(row, now)

    async def return_to_author(self, broadcast_id: int, note: str, now: datetime) -> Broadcast:
        """Send a submitted or approved broadcast back with a reason. Raises WrongStateError."""
        row = await self._row_in(broadcast_id, (BroadcastState.SUBMITTED, BroadcastState.APPROVED))
        await self._void(row)
        row.note = note[:500]
        return await self._saved(row, now)

    async def approve(
        self,
        broadcast_id: int,
        approver_id: int,
        seen_hash: str,
        revision: str,
        audience: Sequence[Member],
        as_of: date,
        now: datetime,
    ) -> Broadcast:
        """Freeze the audience and let the broadcast go out when its time comes.

        `seen_hash` is the content hash that the approver was shown. Raises NotApproverError, SamePersonError,
        ContentChangedError, NobodyError, WrongStateError.
        """
        row = await self._row_in(broadcast_id, (BroadcastState.SUBMITTED,))
        if self._asker.role is not Role.APPROVER or self._asker.person_id != approver_id:
            raise NotApproverError(f"person {approver_id}")
        if row.author_id == approver_id:
            raise SamePersonError(f"broadcast {broadcast_id}")
        current = content_hash(Broadcast.model_validate(row).draft(), revision)
        if not row.content_hash == seen_hash == current:
            raise ContentChangedError(f"broadcast {broadcast_id}")
        if not audience:
            raise NobodyError(f"broadcast {broadcast_id}")
        self._session.add_all(
            BroadcastRecipientRow(
                broadcast_id=row.id, company_id=member.company_id, fit=member.fit, detail=member.detail
            )
            for member in audience
        )
        row.state = BroadcastState.APPROVED
        row.approver_id = approver_id
        row.as_of = as_of
        row.audience_hash = audience_hash(audience)
        return await self._saved(row, now)

    async def start(self, broadcast_id: int, now: datetime) -> Broadcast:
        """Begin to send an approved broadcast. Raises ContentChangedError when anything differs from what was approved."""
        row = await self._row_in(broadcast_id, (BroadcastState.APPROVED,))
        await self._check_as_approved(row)
        row.state = BroadcastState.SENDING
        return await self._saved(row, now)

    async def _check_as_approved(self, row: BroadcastRow) -> None:
        broadcast = Broadcast.model_validate(row)
        frozen = [Member.model_validate(_recipient(one)) for one in await self._recipient_rows(row.id)]
        same_content = content_hash(broadcast.draft(), broadcast.revision) == broadcast.content_hash
        if not same_content or audience_hash(frozen) != broadcast.audience_hash:
            raise ContentChangedError(f"broadcast {row.id}")

    async def pause(self, broadcast_id: int, now: datetime) -> Broadcast:
        """Let nothing more leave: what is written but not yet being sent is held. Raises WrongStateError."""
        row = await self._row_in(broadcast_id, RUNNING)
        row.state = BroadcastState.PAUSED
        await self.hold(broadcast_id, HELD)
        return await self._saved(row, now)

    async def resume(self, broadcast_id: int, now: datetime) -> Broadcast:
        """Go on where it was paused; nobody is written to twice. Raises WrongStateError, ContentChangedError."""
        row = await self._row_in(broadcast_id, (BroadcastState.PAUSED,))
        await self._check_as_approved(row)
        row.state = BroadcastState.SENDING
        await self._pending(broadcast_id, not_before=now)
        return await self._saved(row, now)

    async def cancel(self, broadcast_id: int, note: str, now: datetime) -> Broadcast:
        """End the broadcast: nothing more is written, and what is written but not being sent is taken back.

        Raises WrongStateError when it is over already.
        """
        over = (BroadcastState.DONE, BroadcastState.CANCELLED)
        row = await self._row_in(broadcast_id, [state for state in BroadcastState if state not in over])
        row.state = BroadcastState.CANCELLED
        row.note = note[:500]
        await self._pending(broadcast_id, state=OutboxState.CANCELLED)
        await self.end_waiting(broadcast_id, RecipientState.CANCELLED)
        return await self._saved(row, now)

    async def finish(self, broadcast_id: int, now: datetime) -> Broadcast:
        """Record that every recipient has an outcome or a reason why not. Raises WrongStateError."""
        row = await self._row_in(broadcast_id, (BroadcastState.SENDING,))
        row.state = BroadcastState.DONE
        return await self._saved(row, now)

    async def hold(self, broadcast_id: int, until: datetime) -> None:
        """Let the broadcast's unsent messages wait until then."""
        await self._session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.broadcast_id == broadcast_id,
                OutboxRow.state == OutboxState.PENDING,
                OutboxRow.not_before < until,
            )
            .values(not_before=until)
        )

    async def _pending(self, broadcast_id: int, **values: Any) -> None:
        await self._session.execute(
            update(OutboxRow)
            .where(OutboxRow.broadcast_id == broadcast_id, OutboxRow.state == OutboxState.PENDING)
            .values(**values)
        )

    async def unsent(self, broadcast_id: int) -> int:
        """Return how many of its messages have not left yet: until they have, it can be paused and cancelled."""
        return (
            await self._session.scalar(
                select(func.count())
                .select_from(OutboxRow)
                .where(
                    OutboxRow.broadcast_id == broadcast_id,
                    OutboxRow.state.in_((OutboxState.PENDING, OutboxState.SENDING)),
                )
            )
            or 0
        )

    async def waiting(self, broadcast_id: int, limit: int, after: int = 0) -> list[Recipient]:
        """Return recipients after this one whose message is not written yet, locked until the transaction ends."""
        rows = await self._session.scalars(
            select(BroadcastRecipientRow)
            .where(
                BroadcastRecipientRow.broadcast_id == broadcast_id,
                BroadcastRecipientRow.state == RecipientState.WAITING,
                BroadcastRecipientRow.id > after,
            )
            .order_by(BroadcastRecipientRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [_recipient(row) for row in rows]

    async def settle(
        self,
        recipient_id: int,
        state: RecipientState,
        *,
        person_id: int | None = None,
        outbox_id: int | None = None,
    ) -> None:
        """Record what became of one recipient."""
        await self._session.execute(
            update(BroadcastRecipientRow)
            .where(BroadcastRecipientRow.id == recipient_id)
            .values(state=state, person_id=person_id, outbox_id=outbox_id, error="")
        )

    async def not_written(self, recipient_id: int, error: str) -> None:
        """Count a failed try to write one recipient's message; after the last one they wait no longer."""
        tries = BroadcastRecipientRow.attempts + 1
        await self._session.execute(
            update(BroadcastRecipientRow)
            .where(
                BroadcastRecipientRow.id == recipient_id,
                BroadcastRecipientRow.state == RecipientState.WAITING,
            )
            .values(
                attempts=tries,
                error=error[:500],
                state=case((tries >= WRITE_TRIES, RecipientState.FAILED), else_=RecipientState.WAITING),
            )
        )

    async def write_left_out(self, broadcast_id: int, now: datetime) -> int:
        """Let those for whom nothing was written be tried once more, by a person's word; return how many they are.

        Raises WrongStateError while nothing may leave, or when its time has passed.
        """
        row = await self._row_in(broadcast_id, (BroadcastState.SENDING, BroadcastState.DONE))
        if row.not_after is not None and now >= row.not_after:
            raise WrongStateError(f"broadcast {broadcast_id} had its time until {row.not_after}")
        result = await self._session.execute(
            update(BroadcastRecipientRow)
            .where(
                BroadcastRecipientRow.broadcast_id == broadcast_id,
                BroadcastRecipientRow.state.in_(LEFT_OUT),
            )
            .values(state=RecipientState.WAITING, attempts=0, error="")
        )
        found = int(result.rowcount)  # type: ignore[attr-defined]
        if found:
            row.state = BroadcastState.SENDING
            await self._saved(row, now)
        return found

    async def end_waiting(self, broadcast_id: int, state: RecipientState) -> None:
        """Record that recipients not written to yet will not be."""
        await self._session.execute(
            update(BroadcastRecipientRow)
            .where(
                BroadcastRecipientRow.broadcast_id == broadcast_id,
                BroadcastRecipientRow.state == RecipientState.WAITING,
            )
            .values(state=state)
        )

    async def _recipient_rows(self, broadcast_id: int) -> list[BroadcastRecipientRow]:
        rows = await self._session.scalars(
            select(BroadcastRecipientRow).where(BroadcastRecipientRow.broadcast_id == broadcast_id)
        )
        return list(rows)

    async def outcomes(self, broadcast_id: int) -> list[Delivered]:
        """Return every recipient with what became of the message, in the order of the audience."""
        await self._row(broadcast_id)
        rows = await self._session.execute(
            select(
                BroadcastRecipientRow, CompanyRow.name, OutboxRow.state, OutboxRow.error, OutboxRow.sent_at
            )
            .join(CompanyRow, CompanyRow.id == BroadcastRecipientRow.company_id)
            .join(OutboxRow, OutboxRow.id == BroadcastRecipientRow.outbox_id, isouter=True)
            .where(BroadcastRecipientRow.broadcast_id == broadcast_id)
            .order_by(BroadcastRecipientRow.id)
        )
        return [
            Delivered(
                recipient=_recipient(row),
                company_name=name,
                outcome=None if state is None else OutboxState(state),
                error=error or row.error,
                sent_at=sent_at,
            )
            for row, name, state, error, sent_at in rows
        ]

    async def missed(self, broadcast_ids: Sequence[int]) -> dict[int, int]:
        """Return how many recipients each did not reach, or may not have; none for those that reached all so far."""
        if self._asker.role not in _BUREAU:
            return {}
        on_its_way_or_sent = (OutboxState.PENDING, OutboxState.SENDING, OutboxState.SENT)
        rows = await self._session.execute(
            select(BroadcastRecipientRow.broadcast_id, func.count())
            .join(OutboxRow, OutboxRow.id == BroadcastRecipientRow.outbox_id, isouter=True)
            .where(
                BroadcastRecipientRow.broadcast_id.in_(broadcast_ids),
                BroadcastRecipientRow.state != RecipientState.WAITING,
                or_(OutboxRow.id.is_(None), OutboxRow.state.not_in(on_its_way_or_sent)),
            )
            .group_by(BroadcastRecipientRow.broadcast_id)
        )
        return {broadcast_id: count for broadcast_id, count in rows}  # noqa: C416

    async def counts(self, broadcast_id: int) -> dict[str, int]:
        """Return how many recipients stand in each state, written ones by their message's state: `written:sent`."""
        await self._row(broadcast_id)
        rows = await self._session.execute(
            select(BroadcastRecipientRow.state, OutboxRow.state, func.count())
            .join(OutboxRow, OutboxRow.id == BroadcastRecipientRow.outbox_id, isouter=True)
            .where(BroadcastRecipientRow.broadcast_id == broadcast_id)
            .group_by(BroadcastRecipientRow.state, OutboxRow.state)
        )
        return {state if sent is None else f"{state}:{sent}": count for state, sent, count in rows}


def _recipient(row: BroadcastRecipientRow) -> Recipient:
    """Return the recipient. What their message was to say may be lost: they are still counted, and may be ended."""
    return readable_without(Recipient, row, {"detail": {}})
