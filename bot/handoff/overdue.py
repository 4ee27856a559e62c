"""Promises and leases that have run out: a case never waits for somebody who is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from bot.handoff.flows import HOURS, give_back, tell_returned
from bot.handoff.promise import WorkingHours
from bot.handoff.routing import AgencyProfile
from bot.handoff.staff import queue_again
from store.asker import SYSTEM
from store.case_records import Case, CaseState
from store.errors import UnavailableError

if TYPE_CHECKING:
    from store.transaction import Transaction

log = structlog.get_logger()


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
        try:
            async with tx.apart():
                moved.append(await _move(tx, case, now, asked, hours))
        except UnavailableError:
            raise
        except Exception:  # one that somebody just took, or that is broken, keeps no other waiting
            log.exception("an overdue case could not be moved on", case_id=case.id)
    return moved


async def _move(
    tx: Transaction, case: Case, now: datetime, agencies: Sequence[AgencyProfile], hours: WorkingHours
) -> Case:
    match case.state:
        case CaseState.OFFERED:
            return await queue_again(tx, case, None, "still_waiting", agencies, now, hours=hours)
        case CaseState.HUMAN:
            only = case.agency_id
            return await queue_again(tx, case, None, "lease_ended", agencies, now, hours=hours, only=only)
        case CaseState.WAITING_CUSTOMER:
            why = "silent"
        case _:
            why = "nobody"
    given = await give_back(tx, case, None, why, now)
    await tell_returned(tx, given, f"returned.{why}", now)
    return given
