"""The day's queue of an agency, said once every working morning in the general topic of its group."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

import structlog

from bot.handoff.flows import HOURS
from bot.handoff.promise import WorkingHours, format_promise
from bot.handoff.topics import holder, of_agency
from bot.handoff.wording import TEXTS, left_text
from rules.days import NINGBO, format_day
from store.case_records import Case, CaseState
from store.errors import UnavailableError
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import Cause

if TYPE_CHECKING:
    from store.agency_groups import AgencyGroup
    from store.transaction import Transaction

log = structlog.get_logger()
SAID_AT = time(9, 0)


async def say_day_queues(tx: Transaction, now: datetime, *, hours: WorkingHours = HOURS) -> int:
    """Write to every agency's group what waits and what is in hand, once a working day; return how many were written."""
    here = now.astimezone(NINGBO)
    if not hours.is_working_day(here.date()) or here.time() < SAID_AT:
        return 0
    written = 0
    for group in await tx.agency_groups.all_in_use():
        try:
            async with tx.apart():
                written += await _say(tx, group, now)
        except UnavailableError:
            raise
        except Exception:  # one case that cannot be put into words keeps no other group from its queue
            log.exception("the day's queue could not be said", group_id=group.id)
    return written


async def _say(tx: Transaction, group: AgencyGroup, now: datetime) -> bool:
    letter = Letter(
        dedupe_key=f"group:{group.id}:queue:{now.astimezone(NINGBO).date().isoformat()}",
        channel=Channel.TELEGRAM_FORUM,
        address=group.chat,
        content=Outgoing.say(await queue_text(tx, group.agency_id, now)),
        cause=Cause.NOTICE,
    )
    return await tx.outbox.write(letter, now) is not None


async def queue_text(tx: Transaction, agency_id: str, now: datetime) -> str:
    """Return the agency's queue in words, the most urgent first. It names no company."""
    cases = tx.cases(of_agency(agency_id))
    lines = [await _line(tx, case, now) for case in (*await cases.queue(), *await cases.in_hand())]
    head = TEXTS.say("group.queue.head", day=format_day(now.astimezone(NINGBO).date()))
    return "\n".join([head, *(lines or [TEXTS.say("group.queue.empty")])])


async def _line(tx: Transaction, case: Case, now: datetime) -> str:
    left = left_text(case.statutory_day, now.astimezone(NINGBO).date())
    if case.promised_by is not None:
        promise = format_promise(case.promised_by)
        return TEXTS.say("group.queue.waiting", case=case.id, left=left, promise=promise)
    turn = TEXTS.say(f"group.queue.turn_{'ours' if case.state is CaseState.HUMAN else 'theirs'}")
    return TEXTS.say("group.queue.held", case=case.id, left=left, name=await holder(tx, case), turn=turn)
