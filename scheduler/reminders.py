"""Claims the obligations whose time has come and writes each person one digest a day to the outbox.

One transaction a company: killed at any point, what was not committed is written at the next tick, and the keys of
digest and reminder make a second one impossible.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from rules.deadlines.tables import LawTables
from scheduler.digest import Item, compose
from scheduler.faults import Faults
from scheduler.hours import WAKING, today_in_ningbo, within
from scheduler.ladder import Course, IsRest, Rung, at_hour, due_rung, ladder, next_day
from scheduler.law import rest_days
from scheduler.replacing import replace_older
from store.asker import SYSTEM
from store.database import Database
from store.errors import UnavailableError
from store.obligation_records import ObligationEventKind
from store.outbox import Letter
from store.records import Asset, Cause, Person, StoredObligation
from store.transaction import Transaction

log = structlog.get_logger()
BATCH = 500
RETRIED_FOR = timedelta(days=14)
_LAST_MOMENTS = ("d0", "legal", "e0", "r0")


@dataclass(frozen=True, slots=True)
class _Due:
    """An obligation that the clock looks at, with its ladder and what is to be said today."""

    obligation: StoredObligation
    rungs: tuple[Rung, ...]
    rung: Rung | None


async def remind(database: Database, tables: LawTables, now: datetime, hour: int = 9) -> int:
    """Write the digests that are due and return how many. Outside waking hours only what ends today is said.

    What cannot be said of one obligation, or to one company, keeps nobody else from being reminded: it stays due, and
    when all others are told PartlyDoneError is raised.
    """
    is_rest = rest_days(tables)
    async with database.reading() as tx:
        companies = await tx.obligations(SYSTEM).companies_due(now)
    written, faults = 0, Faults("remind")
    for company_id in companies:
        with faults.apart(company_id=company_id):
            try:
                async with database.transaction() as tx:
                    written += await remind_company(tx, company_id, is_rest, now, hour)
            except UnavailableError:
                raise
            except Exception:
                log.exception("a digest failed: what can be said is looked for", company_id=company_id)
                sound = await _sound(database, company_id, is_rest, now, hour, faults)
                async with database.transaction() as tx:
                    written += await remind_company(tx, company_id, is_rest, now, hour, only=sound)
    return faults.end(written)


async def _sound(
    database: Database, company_id: int, is_rest: IsRest, now: datetime, hour: int, faults: Faults
) -> set[int]:
    """Return which of the company's due obligations can be said by themselves. Nothing of it is kept."""
    async with database.reading() as tx:
        due = [one.id for one in await tx.obligations(SYSTEM).due(now, BATCH, company_id)]
    sound = set()
    for obligation_id in due:
        with faults.apart(company_id=company_id, obligation_id=obligation_id):
            async with database.transaction() as tx, tx.tried():
                await remind_company(tx, company_id, is_rest, now, hour, only={obligation_id})
            sound.add(obligation_id)
    return sound


async def remind_company(
    tx: Transaction,
    company_id: int,
    is_rest: IsRest,
    now: datetime,
    hour: int,
    only: Set[int] | None = None,
) -> int:
    """Look at the company's due obligations, or `only` at these, in this transaction; return how many digests were written."""
    today = today_in_ningbo(now)
    looked_at = [
        _look(one, is_rest, today)
        for one in await tx.obligations(SYSTEM).due(now, BATCH, company_id)
        if only is None or one.id in only
    ]
    if not within(now, WAKING):
        looked_at = [one for one in looked_at if _ends_today(one, today)]
    assets = {asset.id: asset for asset in await tx.assets(SYSTEM).of(company_id)}
    due = [one for one in looked_at if one.rung is not None and one.obligation.asset_id in assets]
    people = await tx.people.owners_of(company_id) if due else []
    written, unsaid = 0, {one.obligation.id for one in due} if not people else set()
    for person in people:
        told, left = await _tell(tx, person, due, assets, today, now)
        written += told
        unsaid |= left
    if not people:
        for one in due:
            await _note_unreachable(tx, one, None, now)
    for one in looked_at:
        await _plan_next(tx, one, today, hour, said=one.obligation.id not in unsaid)
    return written


def _look(obligation: StoredObligation, is_rest: IsRest, today: date) -> _Due:
    rungs = ladder(Course.of(obligation), is_rest)
    return _Due(obligation, rungs, due_rung(rungs, today, obligation.snoozed_until))


def _ends_today(one: _Due, today: date) -> bool:
    return one.rung is not None and one.rung.name in _LAST_MOMENTS and one.rung.planned == today


async def _tell(
    tx: Transaction,
    person: Person,
    due: Sequence[_Due],
    assets: dict[int, Asset],
    today: date,
    now: datetime,
) -> tuple[int, set[int]]:
    """Write the person's digest; return how many were written and the obligations that remain to be said."""
    fresh, recomputed = [], set()
    for one in due:
        sent = await tx.reminders(SYSTEM).rungs_sent(one.obligation, person.id)
        if one.rung is not None and one.rung.name not in sent:
            fresh.append((one, one.rung))
            if one.obligation.due_revision > 1 and not sent:
                recomputed.add(one.obligation.id)
    if not fresh:
        return 0, set()
    unsaid = {one.obligation.id for one, _ in fresh}
    reached = await tx.reach.of(person.id, now) if person.reminders_wanted else None
    if reached is None:
        for one, _ in fresh:
            await _note_unreachable(tx, one, person, now)
        return 0, unsaid
    address = reached.address
    items = [
        Item(one.obligation, assets[one.obligation.asset_id], rung, one.obligation.id in recomputed)
        for one, rung in fresh
    ]
    outbox_id = await tx.outbox.write(
        Letter(
            dedupe_key=f"digest:{person.id}:{today.isoformat()}:{address.id}",
            channel=address.channel,
            address=address.address,
            content=compose(items, person.name, today),
            person_id=person.id,
            cause=Cause.REMINDER,
        ),
        now,
    )
    if outbox_id is None:  # today's digest is out already: the rest is said tomorrow
        return 0, unsaid
    await replace_older(tx, person.id, [one.obligation for one, _ in fresh], outbox_id, today, now)
    for one, rung in fresh:
        await tx.reminders(SYSTEM).write(
            one.obligation, rung.name, person.id, address.channel, outbox_id, now
        )
        await tx.obligations(SYSTEM).note(
            one.obligation.id,
            ObligationEventKind.REMINDED,
            {"rung": rung.name, "person": person.id, "outbox": outbox_id, "sure": reached.sure},
            now,
        )
    return 1, set()


async def _note_unreachable(tx: Transaction, one: _Due, person: Person | None, now: datetime) -> None:
    """Keep, once a rung, that it could not be said, or is not wanted: staff are shown it, and it is tried every morning."""
    if one.rung is None:
        return
    if person is not None and not await tx.reminders(SYSTEM).write(
        one.obligation, one.rung.name, person.id, "", None, now, declined=not person.reminders_wanted
    ):
        return
    timeline = await tx.obligations(SYSTEM).timeline(one.obligation.id)
    said = {"rung": one.rung.name, "person": None if person is None else person.id}
    if not any(event.kind is ObligationEventKind.UNREACHABLE and event.data == said for event in timeline):
        await tx.obligations(SYSTEM).note(one.obligation.id, ObligationEventKind.UNREACHABLE, said, now)
        log.warning("a reminder reaches nobody", obligation_id=one.obligation.id, rung=one.rung.name)


async def _plan_next(tx: Transaction, one: _Due, today: date, hour: int, *, said: bool) -> None:
    snoozed = one.obligation.snoozed_until
    over = snoozed is not None and snoozed <= today and said
    if not said:
        following: date | None = today + timedelta(days=1)
    else:
        following = next_day(one.rungs, today, snoozed)
    at = None if following is None else at_hour(following, hour)
    await tx.obligations(SYSTEM).look_again(one.obligation.id, at, snooze_over=over)


async def rescue(database: Database, now: datetime) -> int:
    """Take up again the reminders whose message did not arrive; return how many obligations are looked at anew.

    The next `remind` writes them where the person may be written to by then, or puts them on the call list.
    """
    async with database.transaction() as tx:
        failed = await tx.reminders(SYSTEM).fail(now - RETRIED_FOR)
        for obligation_id in failed:
            await tx.obligations(SYSTEM).look_again(obligation_id, now)
    return len(failed)
