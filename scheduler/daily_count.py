"""The message that goes out every day, so that its absence alarms."""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.days import format_day
from rules.deadlines.tables import LawTables
from scheduler.call_list import unacknowledged
from scheduler.compute import compute_obligations
from scheduler.hours import today_in_ningbo
from scheduler.law import Compute
from scheduler.reconcile import reconcile
from scheduler.staff_notices import operators, tell
from scheduler.wording import texts
from store.asker import SYSTEM
from store.database import Database
from store.messages import Outgoing
from store.records import ObligationStatus
from store.reminders import NOT_ARRIVED

SOON = timedelta(days=30)


async def daily_count(
    database: Database, tables: LawTables, now: datetime, compute: Compute = compute_obligations
) -> int:
    """Tell those who run the machine how many obligations stand where; return how many were told, once a day each."""
    today = today_in_ningbo(now)
    findings = await reconcile(database, tables, now, compute)
    async with database.transaction() as tx:
        open_ones = await tx.obligations(SYSTEM).all_kept([ObligationStatus.OPEN])
        newest = await tx.reminders(SYSTEM).last_written()
        states = await tx.duty.outcomes([one.outbox_id for one in newest.values() if one.outbox_id])
        failed = sum(state in NOT_ARRIVED for state in states.values())
        text = texts().say(
            "count.text",
            day=format_day(today),
            open=len(open_ones),
            soon=sum(today <= one.safe <= today + SOON for one in open_ones),
            overdue=sum(one.legal < today for one in open_ones),
            reminders=await tx.reminders(SYSTEM).count_since(now - timedelta(days=1)),
            failed=failed,
            unacknowledged=len(await unacknowledged(tx, now)),
            findings=len(findings),
        )
        content = Outgoing.say(text + texts().say("count.none"))
        told = [
            await tell(tx, person, f"count:{today.isoformat()}", content, now)
            for person in await operators(tx)
        ]
    return sum(told)
