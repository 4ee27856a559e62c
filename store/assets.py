"""The rights of companies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rules.deadlines.assets import AssetFacts
from store.asker import Asker, may_see_company
from store.asset_lists import Entry, KnownRights, Listed
from store.errors import ChangedMeanwhileError, NotVisibleError
from store.models import AssetRow
from store.records import Asset, AssetStatus
from store.unreadable import readable_without


class Assets:
    """The assets that one asker may see."""

    def __init__(self, session: AsyncSession, asker: Asker) -> None:
        self._session = session
        self._asker = asker

    async def get(self, asset_id: int) -> Asset:
        """Return the asset. Raises NotVisibleError when the asker may not see it."""
        row = await self._session.scalar(
            select(AssetRow).where(AssetRow.id == asset_id, may_see_company(self._asker, AssetRow.company_id))
        )
        if row is None:
            raise NotVisibleError(f"asset {asset_id}")
        return _read(row)

    async def of(self, company_id: int) -> list[Asset]:
        """Return the company's assets that are not removed, oldest first."""
        rows = await self._session.scalars(
            select(AssetRow)
            .where(
                AssetRow.company_id == company_id,
                AssetRow.status != AssetStatus.REMOVED,
                may_see_company(self._asker, AssetRow.company_id),
            )
            .order_by(AssetRow.id)
        )
        return [_read(row) for row in rows]

    async def all_active(self) -> list[Asset]:
        """Return every asset that is kept: for the reconciler."""
        rows = await self._session.scalars(
            select(AssetRow)
            .where(AssetRow.status == AssetStatus.ACTIVE, may_see_company(self._asker, AssetRow.company_id))
            .order_by(AssetRow.id)
        )
        return [_read(row) for row in rows]

    async def put(
        self,
        company_id: int,
        right_type: str,
        number: str,
        now: datetime,
        *,
        name: str = "",
        dates: Mapping[str, date] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> tuple[Asset, bool]:
        """Return the asset and whether it is new. The same right twice is one asset, with what is now known added."""
        days = {key: day.isoformat() for key, day in (dates or {}).items()}
        row = await self._same_right(company_id, right_type, number, days)
        new = row is None
        if row is None:
            known_days, known_details = {}, {}
            row = AssetRow(company_id=company_id, right_type=right_type, number=number, created_at=now)
            self._session.add(row)
        else:
            known = _read(row)
            known_days, known_details = known.dates, known.details
            row.status = AssetStatus.ACTIVE
        row.number = number or row.number
        row.name = name or row.name or ""
        row.dates = {**known_days, **days}
        row.details = {**known_details, **(details or {})}
        row.version = 1 if new else row.version + 1
        row.updated_at = now
        await self._session.flush()
        return _read(row), new

    async def put_all(
        self, company_id: int, said: Sequence[AssetFacts], now: datetime
    ) -> list[tuple[Entry, Asset | None]]:
        """Keep the rows of a list and return what became of each, with the asset as kept where it was written.

        The same list twice changes nothing. Meant for some hundred rows a call; each number at most once.
        """
        rows = await self._session.scalars(
            select(AssetRow).where(
                AssetRow.company_id == company_id,
                AssetRow.number.in_({"", *(facts.number for facts in said)}),
            )
        )
        standing = {row.id: row for row in rows}
        known = KnownRights.of(_read(row) for row in standing.values())
        entries = [known.entry(facts) for facts in said]
        new = [entry for entry in entries if entry.listed is Listed.ADDED]
        added = await self._add([_new(company_id, entry, now) for entry in new])
        for entry in entries:
            if entry.listed is Listed.CHANGED and entry.known_id is not None:
                _change(standing[entry.known_id], entry, now)
        await self._session.flush()
        return [(entry, _kept(entry, added, standing)) for entry in entries]

    async def _add(self, new: Sequence[dict[str, Any]]) -> dict[tuple[str, str], Asset]:
        """Insert rows in few statements and return them by what tells them apart."""
        if not new:
            return {}
        told = insert(AssetRow).returning(AssetRow.id, AssetRow.right_type, AssetRow.number)
        ids = {(kind, number): id_ for id_, kind, number in await self._session.execute(told, new)}
        return {
            key: Asset.model_validate({**values, "id": ids[key]})
            for values in new
            for key in [(values["right_type"], values["number"])]
        }

    async def _same_right(
        self, company_id: int, right_type: str, number: str, days: Mapping[str, str]
    ) -> AssetRow | None:
        """Return the row of the same right: by its number, else by its first day while its number is not known."""
        of_type = select(AssetRow).where(AssetRow.company_id == company_id, AssetRow.right_type == right_type)
        if number:
            numbered = await self._session.scalar(of_type.where(AssetRow.number == number))
            if numbered is not None:
                return numbered
        first = [key for key in ("filing", "registration", "expiry") if key in days]
        for row in await self._session.scalars(of_type.where(AssetRow.number == "")):
            if first and all(_read(row).dates.get(key) == days[key] for key in first):
                return row
        return None

    async def set_status(self, asset: Asset, status: AssetStatus, now: datetime) -> None:
        """Change the asset's status. Raises ChangedMeanwhileError when it is no longer as `asset` says."""
        result = await self._session.execute(
            update(AssetRow)
            .where(
                AssetRow.id == asset.id,
                AssetRow.version == asset.version,
                may_see_company(self._asker, AssetRow.company_id),
            )
            .values(status=status, version=asset.version + 1, updated_at=now)
        )
        if result.rowcount != 1:  # type: ignore[attr-defined]
            raise ChangedMeanwhileError(f"asset {asset.id}")


def _read(row: AssetRow) -> Asset:
    """Return the asset. Of one whose days or details cannot be read neither is kept: nothing is computed from a half.

    What was docketed for it stays, and the reconciler reports it.
    """
    return readable_without(Asset, row, {"dates": {}, "details": {}})


def _new(company_id: int, entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "company_id": company_id,
        "right_type": entry.said.kind.value,
        "number": entry.said.number,
        "name": entry.name,
        "dates": dict(entry.dates),
        "details": dict(entry.details),
        "status": entry.status,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def _change(row: AssetRow, entry: Entry, now: datetime) -> None:
    row.number = entry.said.number
    row.name = entry.name
    row.dates = dict(entry.dates)
    row.details = dict(entry.details)
    row.status = entry.status
    row.version += 1
    row.updated_at = now


def _kept(
    entry: Entry, added: Mapping[tuple[str, str], Asset], standing: Mapping[int, AssetRow]
) -> Asset | None:
    if entry.listed is Listed.ADDED:
        return added[(entry.said.kind.value, entry.said.number)]
    if entry.listed is Listed.CHANGED and entry.known_id is not None:
        return _read(standing[entry.known_id])
    return None
