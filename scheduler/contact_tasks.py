"""Companies nobody of which can be told of what is due: a task to telephone, for as long as that is so.

A message that only waits on our page tells nobody by itself, nor does one that its vendor keeps us from sending: the
nearer the day, the sooner somebody must call. The
task goes to the agency of the company's last case, to the bureau where there is none, and ends when they are reachable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.days import format_day
from scheduler.faults import Faults
from scheduler.hours import WAKING, today_in_ningbo, within
from scheduler.staff_notices import bureau_on_duty, tell
from scheduler.wording import left_words, texts
from store.asker import SYSTEM
from store.contact_tasks import Cleared, ContactTask, WhyNot
from store.database import Database
from store.messages import Outgoing
from store.obligation_records import details_of
from store.reach import RULES, First
from store.records import Address, AddressState, ObligationStatus, OutboxState, Person, StoredObligation
from store.reminders import NOT_ARRIVED, ReminderState, Sent
from store.transaction import Transaction

PATIENCE = ((timedelta(days=7), timedelta(hours=20)), (timedelta(days=30), timedelta(days=3)))
"""How long a message may wait unseen, by how near the safe day is; farther away it may wait as long as it likes."""
_NEAR = PATIENCE[-1][0]


@dataclass(frozen=True, slots=True)
class Unreached:
    """A company nobody of which was told of these obligations, the one that ends first before the others."""

    company_id: int
    why: WhyNot
    unsaid: tuple[StoredObligation, ...]


@dataclass(frozen=True, slots=True)
class _Owner:
    person: Person
    addresses: Sequence[Address]

    def looked_since(self, at: datetime) -> bool:
        """Return whether they wrote, or had our page open, since then."""
        times = (time for each in self.addresses for time in (each.last_heard_at, each.last_seen_at))
        return any(time is not None and time >= at for time in times)


async def keep_contact_tasks(database: Database, now: datetime) -> int:
    """Open, bring up to date and clear the tasks; return how many were opened or cleared. At night nothing changes."""
    if not within(now, WAKING):
        return 0
    faults, changed = Faults("contacts"), 0
    async with database.transaction() as tx:
        found = await _unreached(tx, now, faults)
        for task in await tx.contact_tasks(SYSTEM).all_open():
            if task.company_id not in found:
                with faults.apart(task_id=task.id):
                    async with tx.apart():
                        changed += await _clear(tx, task, now)
        for each in found.values():
            if each is not None:
                with faults.apart(company_id=each.company_id):
                    async with tx.apart():
                        changed += await _open(tx, each, now)
    return faults.end(changed)


async def _unreached(tx: Transaction, now: datetime, faults: Faults) -> dict[int, Unreached | None]:
    """Return the companies that somebody must telephone now; None for one of which that cannot be told."""
    owed, newest = await _owed(tx)
    called = await tx.contact_tasks(SYSTEM).called_at()
    found: dict[int, Unreached | None] = {}
    for company_id, obligations in owed.items():
        found[company_id] = None
        with faults.apart(company_id=company_id):
            async with tx.apart():
                unsaid = await _unsaid(tx, company_id, obligations, newest, called.get(company_id), now)
            if unsaid is None:
                del found[company_id]
            else:
                found[company_id] = unsaid
    return found


async def _owed(tx: Transaction) -> tuple[dict[int, list[StoredObligation]], dict[int, list[Sent]]]:
    """Return what each company has to do, and what was last sent for each obligation."""
    owed: defaultdict[int, list[StoredObligation]] = defaultdict(list)
    for obligation in await tx.obligations(SYSTEM).all_kept([ObligationStatus.OPEN]):
        if not details_of(obligation).optional:  # else a chance that nobody has to take
            owed[obligation.company_id].append(obligation)
    newest: defaultdict[int, list[Sent]] = defaultdict(list)
    for sent in await tx.reminders(SYSTEM).newest_by_person():
        newest[sent.reminder.obligation_id].append(sent)
    return owed, newest


async def _unsaid(
    tx: Transaction,
    company_id: int,
    obligations: Sequence[StoredObligation],
    newest: Mapping[int, Sequence[Sent]],
    spoken: datetime | None,
    now: datetime,
) -> Unreached | None:
    """Return what nobody of the company was told of, where nobody can be; None when they were, or will be."""
    today = today_in_ningbo(now)
    due = [one for one in obligations if one.id in newest or one.safe <= today + _NEAR]
    if not due:
        return None
    owners = await _owners(tx, company_id)
    unsaid = [one for one in due if _is_unsaid(one, newest.get(one.id, ()), owners, spoken, today, now)]
    if not unsaid or (not _is_held_up(unsaid, newest) and await _is_reachable(tx, owners, now)):
        return None
    return Unreached(company_id, _why(owners), tuple(unsaid))


async def _owners(tx: Transaction, company_id: int) -> dict[int, _Owner]:
    return {
        person.id: _Owner(person, await tx.people.addresses(person.id))
        for person in await tx.people.owners_of(company_id)
    }


def _is_unsaid(
    obligation: StoredObligation,
    newest: Sequence[Sent],
    owners: dict[int, _Owner],
    spoken: datetime | None,
    today: date,
    now: datetime,
) -> bool:
    """Return whether nobody of the company has been told of the last rung, nor spoken to since."""
    if not owners:
        return spoken is None or (
            obligation.safe - today <= PATIENCE[0][0] and now - spoken > PATIENCE[-1][1]
        )
    mine = [sent for sent in newest if sent.reminder.person_id in owners]
    if not mine or (spoken is not None and max(sent.reminder.created_at for sent in mine) <= spoken):
        return False
    return not any(_is_said(obligation, sent, owners[sent.reminder.person_id], today, now) for sent in mine)


def _is_said(obligation: StoredObligation, sent: Sent, owner: _Owner, today: date, now: datetime) -> bool:
    reminder = sent.reminder
    if reminder.state is ReminderState.SEEN:
        return True
    if reminder.state is not ReminderState.WRITTEN or sent.outcome in NOT_ARRIVED:
        return False
    if (
        sent.channel is not None
        and sent.outcome in (OutboxState.SENT, OutboxState.UNKNOWN)
        and (RULES[sent.channel].first is not First.WAITS or owner.looked_since(reminder.created_at))
    ):
        return True
    patience = next((wait for near, wait in PATIENCE if obligation.safe - today <= near), None)
    return patience is None or now - reminder.created_at < patience


def _is_held_up(unsaid: Sequence[StoredObligation], newest: Mapping[int, Sequence[Sent]]) -> bool:
    """Return whether a message that should tell them has not left all that time: the next one would not, either."""
    return any(
        sent.outcome in (OutboxState.PENDING, OutboxState.SENDING)
        for one in unsaid
        for sent in newest.get(one.id, ())
    )


async def _is_reachable(tx: Transaction, owners: dict[int, _Owner], now: datetime) -> bool:
    """Return whether somebody of the company may be written to for certain: they are told by the next reminder."""
    for owner in owners.values():
        reached = await tx.reach.of(owner.person.id, now) if owner.person.reminders_wanted else None
        if reached is not None and reached.sure:
            return True
    return False


def _why(owners: dict[int, _Owner]) -> WhyNot:
    if owners and not any(owner.person.reminders_wanted for owner in owners.values()):
        return WhyNot.DECLINED
    addresses = [address for owner in owners.values() for address in owner.addresses]
    states = {address.state for address in addresses}
    kinds = {RULES[address.channel].first for address in addresses if address.state is AddressState.ACTIVE}
    if not addresses:
        return WhyNot.NOBODY
    if AddressState.BLOCKED in states:
        return WhyNot.BLOCKED
    if AddressState.INVALID in states:
        return WhyNot.INVALID
    if First.WINDOW in kinds:
        return WhyNot.WINDOW
    return WhyNot.UNSEEN if First.WAITS in kinds else WhyNot.FAILED


async def _clear(tx: Transaction, task: ContactTask, now: datetime) -> bool:
    owed = await tx.obligations(SYSTEM).of_company(task.company_id)
    how = Cleared.REACHABLE if owed else Cleared.NOTHING_DUE
    return await tx.contact_tasks(SYSTEM).clear(task.id, how, now)


async def _open(tx: Transaction, unreached: Unreached, now: datetime) -> int:
    agency = await tx.duty.last_agency(unreached.company_id)
    staff = await tx.people.staff(agency_id=agency) if agency is not None else []
    first, *others = unreached.unsaid
    task_id = await tx.contact_tasks(SYSTEM).open(
        unreached.company_id,
        agency if staff else None,
        unreached.why,
        first.title,
        first.safe,
        len(others),
        now,
    )
    if task_id is None:
        return 0
    content = await _notice(tx, unreached, now)
    for person in staff or await bureau_on_duty(tx):
        await tell(tx, person, f"contact:{task_id}", content, now)
    return 1


async def _notice(tx: Transaction, unreached: Unreached, now: datetime) -> Outgoing:
    first, *others = unreached.unsaid
    company = (await tx.people.company(unreached.company_id)).name
    text = texts().say(
        "contact.text",
        company=company or texts().say("call.nameless", id=unreached.company_id),
        why=texts().say(f"contact.why.{unreached.why.value}"),
        title=first.title,
        safe=format_day(first.safe),
        left=left_words(first.safe, today_in_ningbo(now)),
    )
    if others:
        text += texts().say("contact.others", count=len(others))
    return Outgoing.say(text + texts().say("contact.do"))
