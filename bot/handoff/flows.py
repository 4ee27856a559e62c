"""Handing a talk to a person and back: each step is one event of the case, with its messages in the same transaction.

What the owner starts (`request`, `cancel`, `owner_returns`, `customer_said`) returns letters, which the pipeline writes
after its own. What staff or the clock start writes the owner's message itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.handoff import case_steps, topics, wording
from bot.handoff.errors import NotYoursError
from bot.handoff.letters import owner_letters, tell_owner, tell_staff
from bot.handoff.promise import ANSWER_WITHIN, REPLY_WITHIN, WorkingHours, format_promise
from bot.handoff.routing import AgencyProfile, Need, choose
from bot.handoff.states import Event, standing_of, step, stored
from rules.days import NINGBO
from store.asker import SYSTEM, Role
from store.case_records import WAITING_STATES, Case, CaseEventKind, CaseState
from store.messages import Channel, Incoming, Outgoing
from store.outbox import Letter
from store.records import Cause, OutboxItem, Person

if TYPE_CHECKING:
    from store.transaction import Transaction

DISTRICT_FACT = "注册地"
HOURS = WorkingHours()


@dataclass(frozen=True, slots=True)
class Consent:
    """The owner's yes to passing data on: which data, and when they said so."""

    data: tuple[str, ...]
    at: datetime


async def advance(
    tx: Transaction, case: Case, event: Event, now: datetime, leased_until: datetime | None = None
) -> Case:
    """Return the case after one event, shown in the agency's group where it has one.

    Raises IllegalTransitionError, or ChangedMeanwhileError on a lost race.
    """
    standing = step(standing_of(case), event)
    after = await tx.cases(SYSTEM).append(case, stored(standing, event, leased_until), now)
    await topics.follow(tx, case, after, event, now)
    return after


async def active_case(tx: Transaction, person_id: int) -> Case | None:
    """Return the person's case that has not ended. `with_person`: the bot is silent."""
    return await tx.cases(SYSTEM).active_of(person_id)


async def may_send(tx: Transaction, item: OutboxItem) -> bool:
    """Return whether the message may go out now: asked at the moment of sending.

    What staff read of a case goes only while it is before their agency. A case's message to its owner goes only
    while the right to speak is where it was when it was written. An answer of the bot does not go while a person speaks.
    Reminders, broadcasts and notices are nobody's turn and always go.
    """
    if item.channel is Channel.TELEGRAM_FORUM:
        return await topics.may_show(tx, item)
    if item.case_id is not None and item.case_version is None:
        return await topics.may_read(tx, item)
    if item.case_id is not None:
        written = await tx.outbox.get(item.id)  # claimed a moment ago: its person may have handed back since
        return written is not None and (
            (await tx.cases(SYSTEM).get(item.case_id)).ownership == written.case_version
        )
    if item.cause is Cause.ANSWER and item.person_id is not None:
        case = await active_case(tx, item.person_id)
        return case is None or not case.with_person
    return True


async def request(
    tx: Transaction,
    person: Person,
    *,
    topic: str,
    summary: str,
    statutory_day: date | None,
    agencies: Iterable[AgencyProfile],
    now: datetime,
    consent: Consent,
    hours: WorkingHours = HOURS,
) -> list[Letter]:
    """Return what the owner is told: promised for a working hour, or returned at once where no agency fits.

    `consent` is what the owner just agreed to pass on; it is kept with the request. A person who has an open case
    keeps it: a second request joins the first. Raises NotYoursError for somebody without a company.
    """
    open_case = await active_case(tx, person.id)
    if open_case is not None:
        return await owner_letters(tx, open_case, _already(open_case), now)
    if person.company_id is None:
        raise NotYoursError(f"person {person.id} speaks for no company")
    case = await tx.cases(SYSTEM).open(person.company_id, person.id, topic, summary, statutory_day, now)
    given = {"consent": {"data": list(consent.data), "at": consent.at.isoformat()}}
    case = await advance(tx, case, Event(CaseEventKind.REQUESTED, person.id, data=given), now)
    case = await advance(tx, case, Event(CaseEventKind.QUEUED, data={"reason": "requested"}), now)
    case, agency_name = await offer(tx, case, tuple(agencies), now, hours)
    if agency_name is None:
        case = await give_back(tx, case, None, "nobody", now)
        return await owner_letters(tx, case, Outgoing.say(wording.TEXTS.say("request.nobody")), now)
    reply = wording.requested(case, agency_name, hours.is_open(now), now)
    return await owner_letters(tx, case, reply, now)


def _already(case: Case) -> Outgoing:
    if case.with_person or case.promised_by is None:
        return Outgoing.say(wording.TEXTS.say("request.already_human"), wording.RETURN)
    promise = format_promise(case.promised_by)
    return Outgoing.say(wording.TEXTS.say("request.already", case=case.id, promise=promise), wording.CANCEL)


async def offer(
    tx: Transaction,
    case: Case,
    agencies: Sequence[AgencyProfile],
    now: datetime,
    hours: WorkingHours = HOURS,
    *,
    only: str | None = None,
) -> tuple[Case, str | None]:
    """Return the queued case put before the best agency and that agency's name, or the case as it is and None.

    Conflicts of interest are read before anything is shown to anybody (专利代理条例 第14条). With `only` the case
    goes back to the queue of that agency.
    """
    cases = tx.cases(SYSTEM)
    company = await tx.people.company(case.company_id)
    known = {fact.name: fact.value for fact in await tx.facts(SYSTEM).of(case.company_id)}
    district = known.get(DISTRICT_FACT)
    need = Need(
        topic=case.topic,
        district=district if isinstance(district, str) else None,
        demo=company.demo,
        conflicted=await tx.people.conflicted_agencies(case.company_id),
        tried=frozenset() if only else await cases.agencies_tried(case.id),
    )
    staffed = {person.agency_id for person in await tx.people.staff(Role.AGENCY) if person.agency_id}
    asked = [agency for agency in agencies if only is None or agency.id == only]
    routing = choose(need, asked, staffed, await cases.load())
    if routing.agency_id is None:
        return case, None
    unfit = {agency_id: str(reason) for agency_id, reason in routing.unfit.items()}
    offered = Event(CaseEventKind.OFFERED, agency_id=routing.agency_id, data={"not_asked": unfit})
    case = await advance(tx, case, offered, now)
    promise = hours.after(now, ANSWER_WITHIN)
    case = await advance(tx, case, Event(CaseEventKind.PROMISED, promised_by=promise), now)
    left = wording.left_text(case.statutory_day, now.astimezone(NINGBO).date())
    await tell_staff(
        tx,
        case,
        routing.agency_id,
        wording.TEXTS.say("staff.new", case=case.id, left=left),
        now,
        here=Outgoing.say(wording.TEXTS.say("own.new", case=case.id, left=left), *case_steps.offered(case)),
    )
    return case, next(agency.name for agency in asked if agency.id == routing.agency_id)


async def give_back(
    tx: Transaction, case: Case, person_id: int | None, reason: str, now: datetime, *, close: bool = False
) -> Case:
    """Return the case with the bot speaking again, or closed. Writes no message."""
    spoke = case.ownership
    by_staff = case.owner_id is not None and case.owner_id == person_id
    data = {"reason": reason}
    case = await advance(tx, case, Event(CaseEventKind.RETURN_STARTED, person_id, data=data), now)
    if by_staff:
        await tx.cases(SYSTEM).keep_words(case, spoke)
    ending = CaseEventKind.CLOSED if close else CaseEventKind.RETURNED
    return await advance(tx, case, Event(ending, person_id, data=data), now)


async def cancel(tx: Transaction, person: Person, now: datetime) -> list[Letter]:
    """Return what the owner who no longer waits is told; nothing when no request of theirs waits."""
    case = await active_case(tx, person.id)
    if case is None or case.state not in WAITING_STATES:
        return []
    case = await advance(tx, case, Event(CaseEventKind.CANCELLED, person.id), now)
    return await owner_letters(tx, case, Outgoing.say(wording.TEXTS.say("cancel.done")), now)


async def owner_returns(tx: Transaction, person: Person, now: datetime) -> list[Letter]:
    """Return what the owner who takes the talk back (回到机器人) is told. A request that still waits is cancelled."""
    case = await active_case(tx, person.id)
    if case is None or not case.with_person:
        return await cancel(tx, person, now)
    staff_id, agency_id = case.owner_id, case.agency_id
    case = await give_back(tx, case, person.id, "owner", now)
    if agency_id is not None:
        text = wording.TEXTS.say("staff.taken_back", case=case.id)
        await tell_staff(tx, case, agency_id, text, now, only=staff_id)
    reply = Outgoing.say(wording.TEXTS.say("returned.by_owner"), wording.HUMAN)
    return await owner_letters(tx, case, reply, now)


async def customer_said(
    tx: Transaction, person: Person, incoming: Incoming, now: datetime, *, hours: WorkingHours = HOURS
) -> list[Letter]:
    """Add the owner's message to the timeline of the case that a person works on. The bot says nothing: no letters."""
    case = await active_case(tx, person.id)
    if case is None or not case.with_person:
        return []
    data = {
        "text": incoming.text,
        "kind": str(incoming.kind),
        "attachment_id": incoming.attachment_id,
        "channel": str(incoming.channel),
    }
    due = case.leased_until if case.state is CaseState.HUMAN else hours.after(now, REPLY_WITHIN)
    case = await advance(tx, case, Event(CaseEventKind.CUSTOMER_SAID, person.id, data=data), now, due)
    if case.agency_id is not None:
        text = wording.TEXTS.say("staff.said", case=case.id)
        here = await topics.said_by_owner(tx, case, data)
        await tell_staff(tx, case, case.agency_id, text, now, only=case.owner_id, here=here)
    return []


async def tell_returned(tx: Transaction, case: Case, key: str, now: datetime, **values: object) -> None:
    """Write the message with which the bot takes the talk up again; an owner who cannot be reached is not told."""
    await tell_owner(tx, case, Outgoing.say(wording.TEXTS.say(key, **values), wording.HUMAN), now)
