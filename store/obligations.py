"""What is due for the rights of companies. Every change leaves a line in the obligation's timeline.

An obligation is closed only as paid, given up, or superseded by what the asset now is: time alone never closes one.
`next_at` is when the clock looks at it again; where an act of a person changes when that is, it is set to now and the
clock decides from the ladder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.asker import Asker, may_see_company
from store.attachments import Attachments
from store.errors import NotVisibleError
from store.models import ObligationEventRow, ObligationRow, ReminderRow
from store.obligation_records import Change, Computed, ObligationEvent, citations_of, details_of
from store.obligation_records import ObligationEventKind as Kind
from store.records import Asset, ObligationStatus, StoredObligation
from store.unreadable import readable_without


class Obligations:
    """The obligations that one asker may see."""

    def __init__(self, session: AsyncSession, asker: Asker) -> None:
        self._session = session
        self._asker = asker

    def _visible(self) -> Select[ObligationRow]:
        return select(ObligationRow).where(may_see_company(self._asker, ObligationRow.company_id))

    async def _row(self, obligation_id: int) -> ObligationRow:
        row = await self._session.scalar(
            self._visible().where(ObligationRow.id == obligation_id).with_for_update()
        )
        if row is None:
            raise NotVisibleError(f"obligation {obligation_id}")
        return row

    async def _list(self, query: Select[ObligationRow]) -> list[StoredObligation]:
        ordered = query.order_by(ObligationRow.safe, ObligationRow.id).execution_options(
            populate_existing=True
        )
        return [_read(row) for row in await self._session.scalars(ordered)]

    async def get(self, obligation_id: int) -> StoredObligation:
        """Return the obligation. Raises NotVisibleError when the asker may not see it."""
        return _read(await self._row(obligation_id))

    async def of_company(self, company_id: int) -> list[StoredObligation]:
        """Return the company's open obligations, the safe day that comes first before the others."""
        return await self._list(
            self._visible().where(
                ObligationRow.company_id == company_id, ObligationRow.status == ObligationStatus.OPEN
            )
        )

    async def of_asset(self, asset_id: int) -> list[StoredObligation]:
        """Return all obligations of the asset, closed ones too, by safe day."""
        return await self._list(self._visible().where(ObligationRow.asset_id == asset_id))

    async def all_kept(
        self, statuses: Sequence[ObligationStatus], safe_until: date = date.max
    ) -> list[StoredObligation]:
        """Return the obligations in these statuses whose safe day is not after a day, by safe day."""
        return await self._list(
            self._visible().where(ObligationRow.status.in_(statuses), ObligationRow.safe <= safe_until)
        )

    async def timeline(self, obligation_id: int) -> list[ObligationEvent]:
        """Return what happened to the obligation, oldest first. Raises NotVisibleError."""
        await self._row(obligation_id)
        rows = await self._session.scalars(
            select(ObligationEventRow)
            .where(ObligationEventRow.obligation_id == obligation_id)
            .order_by(ObligationEventRow.id)
        )
        return [ObligationEvent.model_validate(row) for row in rows]

    async def upsert_all(
        self,
        due: Sequence[tuple[Asset, Sequence[Computed]]],
        next_at: Callable[[Computed], datetime | None],
        now: datetime,
    ) -> list[StoredObligation]:
        """Keep what is computed for each asset and return all that these assets have, closed ones too, by safe day.

        `next_at` is asked for new, moved or revived ones. A paid one stays closed whatever is computed; one that was
        given up by itself stays given up; one given up with its whole asset is due again, because the asset is.
        """
        rows = await self._session.scalars(
            self._visible()
            .where(ObligationRow.asset_id.in_([asset.id for asset, _ in due]))
            .with_for_update()
        )
        standing = {(row.asset_id, row.key): row for row in rows}
        new: list[dict[str, Any]] = []
        for asset, computed in due:
            for one in computed:
                row = standing.get((asset.id, one.key))
                if row is None:
                    new.append(_new(asset, one, next_at(one), now))
                else:
                    await self._bring_up_to_date(row, one, next_at, now)
        await self._session.flush()
        kept = [_read(row) for row in standing.values()]
        kept += await self._add(new, now)
        return sorted(kept, key=lambda one: (one.safe, one.id))

    async def _add(self, new: Sequence[dict[str, Any]], now: datetime) -> list[StoredObligation]:
        """Insert rows in few statements: a list of rights brings thousands at once."""
        if not new:
            return []
        told = insert(ObligationRow).returning(ObligationRow.id, ObligationRow.asset_id, ObligationRow.key)
        ids = {(asset_id, key): id_ for id_, asset_id, key in await self._session.execute(told, new)}
        added = [
            StoredObligation.model_validate({**values, "id": ids[(values["asset_id"], values["key"])]})
            for values in new
        ]
        events = [
            {
                "obligation_id": one.id,
                "kind": Kind.COMPUTED,
                "person_id": None,
                "data": _days(one),
                "at": now,
            }
            for one in added
        ]
        await self._session.execute(insert(ObligationEventRow), events)
        return added

    async def _bring_up_to_date(
        self,
        row: ObligationRow,
        due: Computed,
        next_at: Callable[[Computed], datetime | None],
        now: datetime,
    ) -> None:
        change = await self._change_of(row, due)
        if change is Change.SAME:
            return
        if change in (Change.MOVED, Change.REVIVED):
            moved = (row.nominal, row.legal, row.safe, row.grace_end) != due.days()
            row.due_revision += 1 if moved else 0
            row.status = ObligationStatus.OPEN
            row.snoozed_until = row.closed_by = row.closed_at = None
            row.next_at = next_at(due)
        kind = {Change.MOVED: Kind.RECOMPUTED, Change.REVIVED: Kind.REOPENED}.get(change, Kind.UPDATED)
        self._note(row, kind, None, _days(due) | {"was": row.safe.isoformat()}, now)
        _fill(row, due, now)

    async def _change_of(self, row: ObligationRow, computed: Computed) -> Change:
        status = ObligationStatus(row.status)
        if status is ObligationStatus.PAID:
            return Change.SAME
        if status is ObligationStatus.GIVEN_UP:
            return Change.REVIVED if await self._given_up_with_asset(row.id) else Change.SAME
        if status is ObligationStatus.SUPERSEDED:
            return Change.REVIVED
        if (row.nominal, row.legal, row.safe, row.grace_end) != computed.days():
            return Change.MOVED
        return Change.SAME if _content(row) == _wanted(computed) else Change.UPDATED

    async def _given_up_with_asset(self, obligation_id: int) -> bool:
        last = await self._session.scalar(
            select(ObligationEventRow)
            .where(
                ObligationEventRow.obligation_id == obligation_id, ObligationEventRow.kind == Kind.GIVEN_UP
            )
            .order_by(ObligationEventRow.id.desc())
            .limit(1)
        )
        return last is not None and bool(last.data.get("asset"))

    async def due(self, now: datetime, limit: int, company_id: int | None = None) -> list[StoredObligation]:
        """Return open obligations whose `next_at` has come, locked until the transaction ends; longest due first."""
        query = self._visible().where(
            ObligationRow.next_at <= now, ObligationRow.status == ObligationStatus.OPEN
        )
        if company_id is not None:
            query = query.where(ObligationRow.company_id == company_id)
        rows = await self._session.scalars(
            query.order_by(ObligationRow.next_at, ObligationRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [_read(row) for row in rows]

    async def companies_due(self, now: datetime) -> list[int]:
        """Return the companies that have an open obligation whose `next_at` has come, longest due first."""
        rows = await self._session.execute(
            select(ObligationRow.company_id, ObligationRow.next_at)
            .where(
                ObligationRow.next_at <= now,
                ObligationRow.status == ObligationStatus.OPEN,
                may_see_company(self._asker, ObligationRow.company_id),
            )
            .order_by(ObligationRow.next_at)
        )
        return list(dict.fromkeys(company_id for company_id, _ in rows))

    async def look_again(self, obligation_id: int, at: datetime | None, *, snooze_over: bool = False) -> None:
        """Set when the clock looks at the obligation again if it is open; None when its ladder has ended."""
        values: dict[str, Any] = {"next_at": at}
        if snooze_over:
            values["snoozed_until"] = None
        await self._session.execute(
            update(ObligationRow)
            .where(ObligationRow.id == obligation_id, ObligationRow.status == ObligationStatus.OPEN)
            .values(**values)
        )

    async def note(
        self,
        obligation_id: int,
        kind: Kind,
        data: dict[str, Any],
        now: datetime,
        person_id: int | None = None,
    ) -> None:
        """Add a line to the obligation's timeline. Raises NotVisibleError."""
        self._note(await self._row(obligation_id), kind, person_id, data, now)
        await self._session.flush()

    async def paid(
        self,
        obligation_id: int,
        paid_on: date,
        person_id: int,
        now: datetime,
        receipt_id: int | None = None,
    ) -> StoredObligation:
        """Close the obligation as paid on `paid_on`. Raises NotVisibleError. Twice corrects the day."""
        row = await self._row(obligation_id)
        row.paid_on = paid_on
        self._close(row, ObligationStatus.PAID, person_id, now)
        self._note(row, Kind.PAID, person_id, {"paid_on": paid_on.isoformat()}, now)
        if receipt_id is not None:
            return await self.attach_receipt(obligation_id, receipt_id, person_id, now)
        await self._session.flush()
        return _read(row)

    async def attach_receipt(
        self, obligation_id: int, attachment_id: int, person_id: int, now: datetime
    ) -> StoredObligation:
        """Keep the receipt as proof of payment. Raises NotVisibleError for an obligation or file not the asker's."""
        row = await self._row(obligation_id)
        receipt, _ = await Attachments(self._session, self._asker).read(attachment_id)
        row.receipt_id = receipt.id
        row.updated_at = now
        self._note(row, Kind.RECEIPT, person_id, {"attachment": receipt.id, "sha256": receipt.sha256}, now)
        await self._session.flush()
        return _read(row)

    async def reopen(self, obligation_id: int, person_id: int, now: datetime) -> StoredObligation:
        """Take back that it was paid or given up: it is due again and the clock looks at it. Raises NotVisibleError."""
        row = await self._row(obligation_id)
        if row.status == ObligationStatus.OPEN:
            return _read(row)
        self._note(row, Kind.REOPENED, person_id, {"was": row.status}, now)
        row.status = ObligationStatus.OPEN
        row.paid_on = row.receipt_id = row.closed_by = row.closed_at = row.snoozed_until = None
        row.next_at = row.updated_at = now
        await self._session.flush()
        return _read(row)

    async def give_up(self, obligation_id: int, person_id: int, now: datetime) -> StoredObligation:
        """Close one obligation as given up: the second of two steps. Raises NotVisibleError."""
        row = await self._row(obligation_id)
        self._close(row, ObligationStatus.GIVEN_UP, person_id, now)
        self._note(row, Kind.GIVEN_UP, person_id, {"asset": False}, now)
        await self._session.flush()
        return _read(row)

    async def give_up_asset(self, asset_id: int, now: datetime) -> None:
        """Close all open obligations of an asset that was given up as a whole."""
        for row in await self._open_rows(asset_id):
            self._close(row, ObligationStatus.GIVEN_UP, self._asker.person_id, now)
            self._note(row, Kind.GIVEN_UP, self._asker.person_id, {"asset": True}, now)
        await self._session.flush()

    async def supersede(self, obligation_id: int, reason: str, now: datetime) -> None:
        """Close an obligation that the asset no longer has. Raises NotVisibleError."""
        row = await self._row(obligation_id)
        self._close(row, ObligationStatus.SUPERSEDED, None, now)
        self._note(row, Kind.SUPERSEDED, None, {"reason": reason}, now)
        await self._session.flush()

    async def supersede_asset(self, asset_id: int, reason: str, now: datetime) -> None:
        """Close all open obligations of an asset that was removed or has lapsed."""
        for row in await self._open_rows(asset_id):
            await self.supersede(row.id, reason, now)

    async def silence(self, obligation_id: int, person_id: int, now: datetime) -> None:
        """Record 知道了: the rungs sent so far are seen; the next one comes as planned. Raises NotVisibleError."""
        row = await self._row(obligation_id)
        self._note(row, Kind.SEEN, person_id, {}, now)
        await self._session.execute(
            update(ReminderRow)
            .where(ReminderRow.obligation_id == obligation_id, ReminderRow.state == "written")
            .values(state="seen")
        )
        await self._session.flush()

    async def snooze(self, obligation_id: int, until: date, person_id: int, now: datetime) -> None:
        """Record 以后再说 until a day. The clock keeps the urgent rungs before that day. Raises NotVisibleError."""
        row = await self._row(obligation_id)
        row.snoozed_until = until
        row.updated_at = now
        if row.status == ObligationStatus.OPEN:
            row.next_at = now
        self._note(row, Kind.SNOOZED, person_id, {"until": until.isoformat()}, now)
        await self._session.flush()

    async def _open_rows(self, asset_id: int) -> list[ObligationRow]:
        rows = await self._session.scalars(
            self._visible().where(
                ObligationRow.asset_id == asset_id, ObligationRow.status == ObligationStatus.OPEN
            )
        )
        return list(rows)

    def _close(
        self, row: ObligationRow, status: ObligationStatus, person_id: int | None, now: datetime
    ) -> None:
        row.status = status
        row.closed_by = person_id
        row.closed_at = row.updated_at = now
        row.next_at = row.snoozed_until = None

    def _note(
        self, row: ObligationRow, kind: Kind, person_id: int | None, data: dict[str, Any], now: datetime
    ) -> None:
        self._session.add(
            ObligationEventRow(obligation_id=row.id, kind=kind, person_id=person_id, data=data, at=now)
        )


def _new(asset: Asset, computed: Computed, next_at: datetime | None, now: datetime) -> dict[str, Any]:
    nominal, legal, safe, grace_end = computed.days()
    return {
        "company_id": asset.company_id,
        "asset_id": asset.id,
        "key": computed.key,
        "due_revision": 1,
        "nominal": nominal,
        "legal": legal,
        "safe": safe,
        "grace_end": grace_end,
        **_wanted(computed),
        "status": ObligationStatus.OPEN,
        "snoozed_until": None,
        "paid_on": None,
        "receipt_id": None,
        "next_at": next_at,
        "closed_by": None,
        "closed_at": None,
        "updated_at": now,
    }


def _read(row: ObligationRow) -> StoredObligation:
    """Return the obligation. Its days are columns: they are kept and reminded of even where what is said beside them is lost.

    Computing it anew, as every night, writes that again.
    """
    return readable_without(StoredObligation, row, {"citations": [], "details": {}}, _check)


def _check(kept: StoredObligation) -> None:
    details_of(kept)
    citations_of(kept)


def _days(computed: Computed | StoredObligation) -> dict[str, Any]:
    return {"safe": computed.safe.isoformat(), "legal": computed.legal.isoformat()}


def _wanted(computed: Computed) -> dict[str, Any]:
    said = computed.model_dump(mode="json")
    return {
        "kind": computed.kind,
        "title": computed.title[:200],
        "amount_fen": computed.amount_fen,
        "provisional": computed.provisional,
        "citations": said["citations"],
        "details": said["details"],
    }


def _content(row: ObligationRow) -> dict[str, Any]:
    return {
        name: getattr(row, name)
        for name in ("kind", "title", "amount_fen", "provisional", "citations", "details")
    }


def _fill(row: ObligationRow, computed: Computed, now: datetime) -> None:
    row.nominal, row.legal, row.safe, row.grace_end = computed.days()
    for name, value in _wanted(computed).items():
        setattr(row, name, value)
    row.updated_at = now
