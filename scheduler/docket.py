"""Computes what is due for an asset and keeps it: when an asset is added or changed, and when a rule or calendar is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache, partial

import structlog

from rules.deadlines.tables import LawTables
from scheduler.compute import compute_obligations
from scheduler.faults import Faults
from scheduler.ladder import Course, IsRest, first_look, ladder
from scheduler.law import Compute, NotComputableError, rest_days
from store.asker import SYSTEM
from store.database import Database
from store.obligation_records import Computed, details_of
from store.records import Asset, AssetStatus, ObligationStatus, StoredObligation
from store.transaction import Transaction

log = structlog.get_logger()


class AssetDocket:
    """The docket. `tables` is asked anew each time, because a revision may have been published meanwhile."""

    def __init__(
        self,
        tables: Callable[[], LawTables],
        reminder_hour: int = 9,
        compute: Compute = compute_obligations,
    ) -> None:
        self._tables = tables
        self._hour = reminder_hour
        self._compute = compute

    async def docket_asset(
        self, tx: Transaction, asset: Asset, today: date, now: datetime
    ) -> list[StoredObligation]:
        """Return the open obligations now kept for the asset, by safe day.

        An asset that was given up, removed or has lapsed has none: they are closed with that reason. Where nothing can
        be computed what was kept stays, and the reconciler reports it.
        """
        return await self.docket_assets(tx, [asset], today, now)

    async def docket_assets(
        self, tx: Transaction, assets: Sequence[Asset], today: date, now: datetime
    ) -> list[StoredObligation]:
        """Return the open obligations now kept for all of these assets, by safe day. As `docket_asset`, in few queries."""
        tables = self._tables()
        kept: list[StoredObligation] = []
        due: list[tuple[Asset, Sequence[Computed]]] = []
        for asset in assets:
            if asset.status is not AssetStatus.ACTIVE:
                await self._close(tx, asset, now)
                continue
            try:
                due.append((asset, self._compute(tables, asset, today)))
            except NotComputableError as error:
                log.warning("nothing can be computed", asset_id=asset.id, field=error.field)
                kept += await self._open(tx, asset)
        return sorted(
            kept + await self._keep(tx, tables, due, today, now), key=lambda one: (one.safe, one.id)
        )

    async def _keep(
        self,
        tx: Transaction,
        tables: LawTables,
        due: Sequence[tuple[Asset, Sequence[Computed]]],
        today: date,
        now: datetime,
    ) -> list[StoredObligation]:
        if not due:
            return []
        obligations = tx.obligations(SYSTEM)
        first_look_at = partial(self._first_look, cache(rest_days(tables)), now)
        standing = await obligations.upsert_all(due, first_look_at, now)
        keys = {(asset.id, one.key) for asset, computed in due for one in computed}
        kept = []
        for one in standing:
            reason = "" if (one.asset_id, one.key) in keys else _gone(one, today)
            if one.status is ObligationStatus.OPEN and reason:
                await obligations.supersede(one.id, reason, now)
            elif one.status is ObligationStatus.OPEN:
                kept.append(one)
        return kept

    async def _close(self, tx: Transaction, asset: Asset, now: datetime) -> None:
        obligations = tx.obligations(SYSTEM)
        if asset.status is AssetStatus.GIVEN_UP:
            await obligations.give_up_asset(asset.id, now)
        else:
            await obligations.supersede_asset(asset.id, asset.status.value, now)

    def _first_look(self, is_rest: IsRest, now: datetime, due: Computed) -> datetime | None:
        course = Course.from_days(due.safe, due.legal, due.grace_end, due.details)
        return first_look(ladder(course, is_rest), now, self._hour)

    async def _open(self, tx: Transaction, asset: Asset) -> list[StoredObligation]:
        kept = await tx.obligations(SYSTEM).of_asset(asset.id)
        return [obligation for obligation in kept if obligation.status is ObligationStatus.OPEN]

    async def redocket_all(self, database: Database, today: date, now: datetime) -> int:
        """Compute every active asset anew, as after a change of rules or calendar; return how many.

        One transaction an asset: killed at any point, the rest is done at the next run. One that fails keeps what was
        docketed for it; when all others are done PartlyDoneError is raised, so that it is tried again.
        """
        async with database.reading() as tx:
            asset_ids = [asset.id for asset in await tx.assets(SYSTEM).all_active()]
        faults = Faults("redocket")
        for asset_id in asset_ids:
            with faults.apart(asset_id=asset_id):
                async with database.transaction() as tx:
                    await self.docket_asset(tx, await tx.assets(SYSTEM).get(asset_id), today, now)
        return faults.end(len(asset_ids) - faults.failed)


def _gone(standing: StoredObligation, today: date) -> str:
    """Return why an obligation that is no longer computed ends; empty where it must stay.

    A duty that has passed stays until a person says what became of it: time alone closes none.
    """
    if standing.safe >= today:
        return "not_computed"
    return "chance_passed" if details_of(standing).optional and standing.legal < today else ""
