"""What agency staff do with a case: accept, answer, pass on, give back. Every step is checked against who they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.handoff import wording
from bot.handoff.errors import CannotReachError, EmptyMessageError, NotYoursError
from bot.handoff.flows import HOURS, advance, give_back, offer, tell_returned
from bot.handoff.letters import last_active, tell_owner, tell_staff
from bot.handoff.promise import REPLY_WITHIN, WorkingHours, format_promise
from bot.handoff.routing import AgencyProfile
from bot.handoff.states import Event
from store.asker import Role
from store.case_records import Case, CaseEventKind, CaseState
from store.errors import NotVisibleError
from store.messages import DocumentPart, Outgoing, TextPart
from store.records import Attachment, Person

if TYPE_CHECKING:
    from store.transaction import Transaction

OWNER_SILENT_FOR = timedelta(days=3)


async def seen_by(tx: Transaction, case: Case, staff: Person) -> None:
    """Raise NotYoursError unless the case is before the person's agency and no conflict of interest stands between."""
    try:
        await tx.cases(staff.as_asker()).get(case.id)
    except NotVisibleError:
        raise NotYoursError(f"case {case.id} is not visible to person {staff.id}") from None
    if staff.role is not Role.AGENCY:
        raise NotYoursError(f"person {staff.id} is not of an agency")


async def _held_by(tx: Transaction, case: Case, staff: Person) -> None:
    await seen_by(tx, case, staff)
    if case.owner_id != staff.id:
        raise NotYoursError(f"case {case.id} is with person {case.owner_id}, not {staff.id}")


def _name(staff: Person) -> str:
    return staff.name or wording.TEXTS.say("agent.unnamed")


async def accept(
    tx: Transaction,
    case: Case,
    staff: Person,
    now: datetime,
    *,
    agency_name: str = "",
    hours: WorkingHours = HOURS,
) -> Case:
    """Return the case in the person's hands; the owner is told and the bot falls silent.

    Raises NotYoursError, IllegalTransitionError when somebody else was quicker, ChangedMeanwhileError on a lost race.
    """
    await seen_by(tx, case, staff)
    lease = hours.after(now, REPLY_WITHIN)
    case = await advance(tx, case, Event(CaseEventKind.ACCEPTED, staff.id), now, lease)
    key = "accepted_by_agency" if agency_name else "accepted"
    text = wording.TEXTS.say(key, agency=agency_name, name=_name(staff))
    await tell_owner(tx, case, Outgoing.say(text, wording.RETURN), now)
    return case


async def agent_says(
    tx: Transaction,
    case: Case,
    staff: Person,
    text: str,
    now: datetime,
    *,
    attachments: Sequence[Attachment] = (),
    in_topic: bool = False,
) -> Case:
    """Return the case with the person's words written to the owner's last active address.

    `in_topic`: they were said in the case's topic, where nobody need be told of them. Raises NotYoursError, EmptyMessageError, CannotReachError; then nothing is recorded.
    """
    await _held_by(tx, case, staff)
    text = text.strip()
    if not text and not attachments:
        raise EmptyMessageError(f"case {case.id}")
    if await last_active(tx, case.person_id) is None:
        raise CannotReachError(f"person {case.person_id} of case {case.id}")
    data = {"text": text, "attachment_ids": [file.id for file in attachments], "in_topic": in_topic}
    case = await advance(
        tx, case, Event(CaseEventKind.AGENT_SAID, staff.id, data=data), now, now + OWNER_SILENT_FOR
    )
    says = wording.TEXTS.say("agent.says", name=_name(staff), text=text)
    files = tuple(
        DocumentPart(attachment_id=file.id, filename=file.filename, media_type=file.media_type)
        for file in attachments
    )
    content = Outgoing(parts=(TextPart(text=says), *files), choices=(wording.RETURN,), speaker=_name(staff))
    await tell_owner(tx, case, content, now)
    return case


async def check(tx: Transaction, case: Case, staff: Person) -> None:
    """Raise NotYoursError unless the person may end their part in the case: decline it from the queue, or let it go."""
    await (_held_by if case.owner_id is not None else seen_by)(tx, case, staff)


async def await_owner(tx: Transaction, case: Case, staff: Person, now: datetime) -> Case:
    """Return the case waiting for the owner, without a word to them: the person has nothing to add now."""
    await _held_by(tx, case, staff)
    return await advance(tx, case, Event(CaseEventKind.AWAITING, staff.id), now, now + OWNER_SILENT_FOR)


async def note(
    tx: Transaction, case: Case, staff: Person, text: str, now: datetime, *, in_topic: bool = False
) -> Case:
    """Return the case with an internal note of anybody of the agency. The owner and other agencies never read it.

    Raises NotYoursError, EmptyMessageError.
    """
    await seen_by(tx, case, staff)
    text = text.strip()
    if not text:
        raise EmptyMessageError(f"case {case.id}")
    data = {"note": text, "agency_id": staff.agency_id, "in_topic": in_topic}
    return await advance(tx, case, Event(CaseEventKind.NOTED, staff.id, data=data), now, case.leased_until)


async def return_to_bot(tx: Transaction, case: Case, staff: Person, reason: str, now: datetime) -> Case:
    """Return the case given back; the bot speaks again and the owner is told why."""
    await _held_by(tx, case, staff)
    case = await give_back(tx, case, staff.id, reason.strip(), now)
    await tell_returned(tx, case, "returned.by_staff", now, reason=wording.as_sentence(reason))
    return case


async def close(tx: Transaction, case: Case, staff: Person, reason: str, now: datetime) -> Case:
    """Return the case ended for good; the bot speaks again and the owner is told the outcome."""
    await _held_by(tx, case, staff)
    case = await give_back(tx, case, staff.id, reason.strip(), now, close=True)
    await tell_returned(tx, case, "closed.done", now, reason=wording.as_sentence(reason))
    return case


async def reassign(tx: Transaction, case: Case, staff: Person, colleague: Person, now: datetime) -> Case:
    """Return the case in a colleague's hands. Raises NotYoursError for somebody outside the agency."""
    await _held_by(tx, case, staff)
    if colleague.agency_id != staff.agency_id or colleague.role is not Role.AGENCY or colleague.disabled:
        raise NotYoursError(f"person {colleague.id} is not a colleague of {staff.id}")
    event = Event(CaseEventKind.REASSIGNED, colleague.id, data={"by": staff.id})
    case = await advance(tx, case, event, now, case.leased_until)
    text = wording.TEXTS.say("reassigned", name=_name(colleague))
    await tell_owner(tx, case, Outgoing.say(text, wording.RETURN), now)
    return case


async def take_over(
    tx: Transaction, case: Case, staff: Person, now: datetime, *, hours: WorkingHours = HOURS
) -> Case:
    """Return the case in the hands of a colleague of whoever had it, by the colleague's own word.

    The owner is told once, and so is whoever had it. The new one has the whole time to answer. Raises NotYoursError
    for somebody outside the agency, IllegalTransitionError when nobody has the case now.
    """
    await seen_by(tx, case, staff)
    before = case.owner_id
    event = Event(CaseEventKind.REASSIGNED, staff.id, data={"by": staff.id, "had_it": before})
    due = hours.after(now, REPLY_WITHIN) if case.state is CaseState.HUMAN else case.leased_until
    case = await advance(tx, case, event, now, due)
    await tell_owner(
        tx, case, Outgoing.say(wording.TEXTS.say("reassigned", name=_name(staff)), wording.RETURN), now
    )
    if before is not None and case.agency_id is not None:
        told = wording.TEXTS.say("staff.taken_over", case=case.id, name=_name(staff))
        await tell_staff(tx, case, case.agency_id, told, now, only=before)
    return case


async def put_back(
    tx: Transaction,
    case: Case,
    staff: Person,
    agencies: Iterable[AgencyProfile],
    now: datetime,
    *,
    hours: WorkingHours = HOURS,
) -> Case:
    """Return the case back in the queue of the person's own agency: accepting it is undone."""
    await _held_by(tx, case, staff)
    return await queue_again(
        tx, case, staff.id, "put_back", tuple(agencies), now, hours=hours, only=staff.agency_id
    )


async def pass_on(
    tx: Transaction,
    case: Case,
    staff: Person,
    reason: str,
    agencies: Iterable[AgencyProfile],
    now: datetime,
    *,
    hours: WorkingHours = HOURS,
) -> Case:
    """Return the case declined by the agency: another one is asked, or it is returned with the reason that none is left.

    From the queue anybody of the agency may decline; a case in hand only its holder passes on.
    """
    await check(tx, case, staff)
    return await queue_again(
        tx, case, staff.id, "transferred", tuple(agencies), now, hours=hours, note=reason.strip()
    )


async def queue_again(
    tx: Transaction,
    case: Case,
    person_id: int | None,
    key: str,
    agencies: Sequence[AgencyProfile],
    now: datetime,
    *,
    hours: WorkingHours = HOURS,
    only: str | None = None,
    note: str = "",
) -> Case:
    """Return the case offered anew, to `only` or to an agency not yet tried, or returned when there is none.

    The owner is told with the text `key`.
    """
    data = {"reason": key, "note": note}
    case = await advance(tx, case, Event(CaseEventKind.QUEUED, person_id, data=data), now)
    case, agency_name = await offer(tx, case, agencies, now, hours, only=only)
    if agency_name is None:
        case = await give_back(tx, case, None, "nobody", now)
        await tell_returned(tx, case, "returned.nobody", now)
        return case
    assert case.promised_by is not None
    text = wording.TEXTS.say(key, agency=agency_name, promise=format_promise(case.promised_by))
    await tell_owner(tx, case, Outgoing.say(text, wording.CANCEL), now)
    return case
