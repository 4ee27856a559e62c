"""Obligations that nobody has acknowledged within a week of their safe day: somebody must telephone.

First the agency of the company's last case; the bureau's duty list where there is none, and in any case when three days
are left. A member of staff gets one list a day for as long as somebody is on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.days import format_day
from scheduler.faults import Faults
from scheduler.hours import WAKING, today_in_ningbo, within
from scheduler.staff_notices import bureau_on_duty, tell
from scheduler.wording import left_words, texts
from store.asker import SYSTEM
from store.database import Database
from store.messages import Outgoing, TextPart
from store.obligation_records import ObligationEventKind, details_of
from store.records import ObligationStatus, OutboxState, Person, StoredObligation
from store.reminders import Reminder, ReminderState
from store.transaction import Transaction

CALL_WITHIN = timedelta(days=7)
DUTY_WITHIN = timedelta(days=3)
TIME_TO_ANSWER = timedelta(hours=20)  # a rung sent in the morning is not yet unanswered
SHOWN = 15


class Silent(StrEnum):
    """Why somebody must telephone."""

    UNACKNOWLEDGED = "unacknowledged"  # reminded, and no button pressed since
    UNREACHABLE = "unreachable"  # no reminder could be sent anywhere, or none arrived
    DECLINED = "declined"  # they have said twice that they want no reminders


@dataclass(frozen=True, slots=True)
class ToCall:
    """One line of the call list."""

    obligation: StoredObligation
    company_name: str
    why: Silent
    agency_id: str | None
    duty: bool  # also on the bureau's list
    called_at: datetime | None  # when staff were last told


async def unacknowledged(tx: Transaction, now: datetime) -> list[ToCall]:
    """Return the obligations that somebody must telephone about, the one that ends first before the others."""
    today = today_in_ningbo(now)
    acknowledged, called = await tx.duty.acknowledged(), await tx.duty.called()
    newest = await tx.reminders(SYSTEM).last_written()
    names = {company.id: company.name for company in await tx.people.companies()}
    found = []
    for obligation in await tx.obligations(SYSTEM).all_kept([ObligationStatus.OPEN], today + CALL_WITHIN):
        if details_of(obligation).optional:
            continue  # a chance that nobody has to take
        reminder = newest.get(obligation.id)
        why = await _silence(tx, reminder, acknowledged.get(obligation.id), now)
        if why is None:
            continue
        agency = await tx.duty.last_agency(obligation.company_id)
        if agency is not None and not await tx.people.staff(agency_id=agency):
            agency = None
        duty = agency is None or obligation.safe - today <= DUTY_WITHIN
        name = names.get(obligation.company_id, "")
        found.append(ToCall(obligation, name, why, agency, duty, called.get(obligation.id)))
    return found


async def _silence(
    tx: Transaction, reminder: Reminder | None, acknowledged: datetime | None, now: datetime
) -> Silent | None:
    """Return why nobody is known to have taken note of the last rung, or None when somebody has or may yet."""
    if reminder is None:
        return None  # nothing was to be sent yet: the reconciler watches that it is
    if reminder.state is ReminderState.DECLINED:
        return Silent.DECLINED
    if reminder.state in (ReminderState.UNREACHABLE, ReminderState.FAILED):
        return Silent.UNREACHABLE
    if acknowledged is not None and acknowledged >= reminder.created_at:
        return None
    if now - reminder.created_at < TIME_TO_ANSWER:
        return None
    if reminder.outbox_id is not None:
        message = await tx.outbox.get(reminder.outbox_id)
        if message is not None and message.state is not OutboxState.SENT:
            return Silent.UNREACHABLE
    return Silent.UNACKNOWLEDGED


async def call(database: Database, now: datetime) -> int:
    """Write the day's call lists to staff and return how many. At night nothing is written."""
    if not within(now, WAKING):
        return 0
    today, faults = today_in_ningbo(now), Faults("call")
    async with database.transaction() as tx:
        listed = await unacknowledged(tx, now)
        written = 0
        for person, lines in await _recipients(tx, listed):
            with faults.apart(person_id=person.id):
                async with tx.apart():
                    written += await tell(tx, person, f"call:{today.isoformat()}", _list(lines, now), now)
        for line in listed:
            if line.called_at is None or today_in_ningbo(line.called_at) != today:
                data = {"why": line.why.value, "agency": line.agency_id, "duty": line.duty}
                await tx.obligations(SYSTEM).note(line.obligation.id, ObligationEventKind.CALLED, data, now)
    return faults.end(written)


async def _recipients(tx: Transaction, listed: Sequence[ToCall]) -> list[tuple[Person, list[ToCall]]]:
    agencies = dict.fromkeys(line.agency_id for line in listed if line.agency_id is not None)
    recipients = [
        (person, [line for line in listed if line.agency_id == agency])
        for agency in agencies
        for person in await tx.people.staff(agency_id=agency)
    ]
    on_duty = [line for line in listed if line.duty]
    if on_duty:
        recipients += [(person, on_duty) for person in await bureau_on_duty(tx)]
    return recipients


def _list(lines: Sequence[ToCall], now: datetime) -> Outgoing:
    title = texts().say("call.title" if any(line.agency_id for line in lines) else "call.duty_title")
    said = [title, *_sentences(lines[:SHOWN], now)]
    if len(lines) > SHOWN:
        said.append(texts().say("call.count", count=len(lines) - SHOWN))
    return Outgoing(parts=(TextPart(text="\n".join(said)),), intent="call_list")


def _sentences(lines: Iterable[ToCall], now: datetime) -> Iterable[str]:
    today = today_in_ningbo(now)
    for line in lines:
        safe = line.obligation.safe
        yield texts().say(
            f"call.{line.why.value}",
            company=line.company_name or texts().say("call.nameless", id=line.obligation.company_id),
            title=line.obligation.title,
            safe=format_day(safe),
            left=left_words(safe, today),
        )
