"""An owner in a simulated time: what the tests of the clock share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.days import NINGBO
from rules.deadlines.tables import LawTables
from scheduler.docket import AssetDocket
from scheduler.reminders import remind
from store.asker import SYSTEM
from store.database import Database
from store.messages import Channel
from store.records import Asset, Cause, Company, OutboxItem, Person, StoredObligation


@dataclass(frozen=True)
class Owner:
    """A person, their company and the address they are written to at."""

    person: Person
    company: Company
    address: str


START = date(2026, 11, 20)


def morning(day: date, hour: int = 9, minute: int = 1) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NINGBO)


async def keep(
    database: Database, law: LawTables, owner: Owner, right_type: str, number: str, day: date, **dates: date
) -> Asset:
    now = morning(day, 8)
    async with database.transaction() as tx:
        asset, _ = await tx.assets(SYSTEM).put(owner.company.id, right_type, number, now, dates=dates)
        await AssetDocket(lambda: law).docket_asset(tx, asset, day, now)
    return asset


async def digests(database: Database, owner: Owner) -> list[OutboxItem]:
    async with database.reading() as tx:
        items = await tx.outbox.for_address(Channel.TELEGRAM, owner.address, limit=5000)
    return [item for item in items if item.cause is Cause.REMINDER]


async def obligation_of(database: Database, asset: Asset, key: str) -> StoredObligation:
    async with database.reading() as tx:
        kept = await tx.obligations(SYSTEM).of_asset(asset.id)
    return next(one for one in kept if one.key == key)


async def rungs_of(database: Database, obligation: StoredObligation) -> list[str]:
    async with database.reading() as tx:
        return [sent.reminder.rung for sent in await tx.reminders(SYSTEM).of(obligation.id)]


async def walk(database: Database, law: LawTables, first: date, days: int) -> None:
    for ahead in range(days):
        await remind(database, law, morning(first + timedelta(days=ahead)))
