"""Promises and leases that have run out: a case never waits for somebody who is gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from bot.handoff.flows import HOURS, give_back, tell_returned
from bot.handoff.promise import WorkingHours
from bot.handoff.routing import AgencyProfile
from bot.handoff.staff import queue_again
from store.asker import SYSTEM
from store.case_records import Case, CaseState

if TYPE_CHECKING:
    from store.transaction import Transaction


async def expire_leases(
    tx: Transaction, now: datetime, agencies: Iterable[AgencyProfile], *, hours: WorkingHours = HOURS
) -> list[Case]:
    """Return the cases moved because a promise or a lease had run out.

    Nobody accepted in time: another agency is asked, or the case is returned with a reason. Whoever had the case did
    not answer: it goes back to their agency's queue. The owner fell silent: the talk is the bot's again.
    """
    asked = tuple(agencies)
    moved = []
    for case in await tx.cases(SYSTEM).overdue(now):
        match case.state:
            case CaseState.OFFERED:
                moved.append(await queue_again(tx, case, None, "still_waiting", asked, now, hours=hours))
            case CaseState.HUMAN:
                only = case.agency_id
                moved.append(
                    await queue_again(tx, case, None, "lease_ended", asked, now, hours=hours, only=only)
                )
            case CaseState.WAITING_CUSTOMER:
                given = await give_back(tx, case, None, "silent", now)
                await tell_returned(tx, given, "returned.silent", now)
                moved.append(given)
            case _:
                given = await give_back(tx, case, None, "nobody", now)
                await tell_returned(tx, given, "returned.nobody", now)
                moved.append(given)
    return moved
