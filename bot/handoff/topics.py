"""What an agency's group reads of a case, in the case's own topic: every step of it, wherever it was taken.

Staff who write in the group and staff at the desk see the same case; the steps themselves are in `flows` and `staff`.
Every line goes through the outbox, and is refused there when the case has left the agency or a conflict was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.handoff import case_steps
from bot.handoff.dossier import as_card
from bot.handoff.dossier_reading import read_dossier
from bot.handoff.promise import format_promise
from bot.handoff.states import Event
from bot.handoff.wording import TEXTS, as_sentence
from rules.days import NINGBO, format_day
from store.agency_groups import AgencyGroup
from store.asker import SYSTEM, Asker, Role
from store.case_records import Case, CaseEventKind, CaseState
from store.case_topics import CaseTopic, record_of
from store.errors import NotVisibleError
from store.messages import CardPart, Channel, DocumentPart, IncomingKind, Outgoing, Part, TextPart
from store.outbox import Letter
from store.records import Cause, OutboxItem

if TYPE_CHECKING:
    from store.transaction import Transaction

MOST_TIMES_MADE = 20  # a topic that is lost again and again is not made for ever
_WHY_LEFT = {
    "transferred": "declined",
    "still_waiting": "late",
    "nobody": "nobody",
}
_QUEUED_AGAIN = {"put_back": "put_back", "lease_ended": "late"}  # for the same agency, with a new card below


def of_agency(agency_id: str | None) -> Asker:
    """Return the agency as the store's filter sees it: its cases, without those it has a conflict in."""
    return Asker(Role.AGENCY, agency_id=agency_id)


async def follow(tx: Transaction, before: Case, case: Case, event: Event, now: datetime) -> None:
    """Write to the case's topic what has happened; nothing where the agency has no group."""
    if event.kind is CaseEventKind.PROMISED and case.state is CaseState.OFFERED:
        await show(tx, case, now)  # offered a moment ago; now it is known by when somebody should accept
        return
    agency_id = before.agency_id
    topic = None if agency_id is None else await tx.case_topics.of_case(case.id, agency_id)
    if topic is None:
        return
    if case.agency_id != agency_id:
        await _left(tx, topic, case, event, now)
    elif event.kind in (CaseEventKind.ACCEPTED, CaseEventKind.REASSIGNED):
        await _held(tx, topic, case, str(event.kind), now)
    elif event.kind in (CaseEventKind.RETURNED, CaseEventKind.CLOSED):
        await _end(tx, topic, case, _why_ended(case, event), now)
    else:
        content = await _line(tx, case, event)
        if content is not None:
            await say(tx, topic, content, f"{event.kind}:{case.version}", now, case_id=case.id)


async def say(
    tx: Transaction,
    topic: CaseTopic,
    content: Outgoing,
    key: str,
    now: datetime,
    *,
    case_id: int | None = None,
    case_version: int | None = None,
) -> int | None:
    """Write a message to the topic and return its outbox id; None when it was written before under the same key.

    With `case_id` it goes only while the case is before the agency: for everything that tells of the company.
    `case_version` is whose hands the case was in, for buttons that are good only as long.
    """
    letter = Letter(
        dedupe_key=f"topic:{topic.id}:{key}",
        channel=Channel.TELEGRAM_FORUM,
        address=topic.address,
        content=content,
        cause=Cause.CASE,
        case_id=case_id,
        case_version=case_version,
    )
    return await tx.outbox.write(letter, now)


async def may_show(tx: Transaction, item: OutboxItem) -> bool:
    """Return whether a group may read the message now: asked at the moment of sending.

    Its topic must stand in the group that its agency uses, and the case before that agency without a conflict of
    interest (专利代理条例 第14条). A message to a group itself names no company.
    """
    number = record_of(item.address)
    if number is None:
        return True
    topic = await tx.case_topics.get(number)
    group = None if topic is None else await tx.agency_groups.of_agency(topic.agency_id)
    if topic is None or group is None or group.chat != topic.chat:
        return False
    if item.case_id is None:
        return True
    try:
        await tx.cases(of_agency(topic.agency_id)).get(item.case_id)
    except NotVisibleError:
        return False
    return True


async def may_read(tx: Transaction, item: OutboxItem) -> bool:
    """Return whether the person of an agency to whom the message goes sees the case now."""
    if item.case_id is None or item.person_id is None:
        return False
    try:
        await tx.cases((await tx.people.person(item.person_id)).as_asker()).get(item.case_id)
    except NotVisibleError:
        return False
    return True


async def show(tx: Transaction, case: Case, now: datetime) -> None:
    """Open the case's topic in its agency's group, with the card; nothing where the agency has no group."""
    group = None if case.agency_id is None else await tx.agency_groups.of_agency(case.agency_id)
    if group is None:
        return
    topic = await tx.case_topics.open(case.id, group.agency_id, group.chat, await _name(tx, case), now)
    card = await _card(tx, case, now)
    card_id = await say(tx, topic, card, f"card:{case.version}:{group.id}", now, case_id=case.id)
    if card_id is not None:
        await tx.case_topics.card(topic.id, card_id)


async def show_all(tx: Transaction, group: AgencyGroup, now: datetime) -> None:
    """Bring every case before the agency into the group that it uses now; topics in another one are noted.

    A group bound again shows how each case stands now, in the topic that it had.
    """
    cases = tx.cases(of_agency(group.agency_id))
    for case in (*await cases.queue(), *await cases.in_hand()):
        topic = await tx.case_topics.of_case(case.id, group.agency_id)
        if topic is None or topic.chat == group.chat:
            await show(tx, case, now)
        else:
            await _note_moved(tx, topic, group, now)
            await tx.case_topics.begin_anew(topic, group.chat, await _card(tx, case, now), now)


async def make_again(tx: Transaction, item: OutboxItem, now: datetime) -> str | None:
    """Return the address at which a lost topic's messages go on, its card first; None where none is to be made."""
    number = record_of(item.address)
    topic = None if number is None else await tx.case_topics.get(number)
    if topic is None or topic.closed or topic.times_made >= MOST_TIMES_MADE:
        return None
    if item.edits_id is not None or not await may_show(tx, item):
        return None
    case = await tx.cases(SYSTEM).get(topic.case_id)
    again = await tx.case_topics.begin_anew(topic, topic.chat, await _card(tx, case, now), now)
    return again.address


async def _card(tx: Transaction, case: Case, now: datetime) -> Outgoing:
    """Return the dossier on a card, with the buttons of the state that the case is in."""
    today = now.astimezone(NINGBO).date()
    dossier = await read_dossier(tx, case, of_agency(case.agency_id), today)
    parts: list[Part] = [as_card(dossier, today)]
    if case.with_person:
        parts.append(TextPart(text=TEXTS.say("topic.held", name=await holder(tx, case))))
    elif case.promised_by is not None:
        parts.append(TextPart(text=TEXTS.say("topic.offered", promise=format_promise(case.promised_by))))
    return Outgoing(parts=tuple(parts), choices=case_steps.choices(case))


async def holder(tx: Transaction, case: Case) -> str:
    """Return the name of the person who has the case."""
    name = "" if case.owner_id is None else (await tx.people.person(case.owner_id)).name
    return name or TEXTS.say("agent.unnamed")


async def _name(tx: Transaction, case: Case) -> str:
    """Return what the topic is called: its number, who has it and the day. The company is on the card only."""
    day = case.statutory_day
    left = TEXTS.say("topic.left_none") if day is None else TEXTS.say("topic.left", day=format_day(day))
    if not case.with_person:
        return TEXTS.say("topic.name", case=case.id, left=left)
    return TEXTS.say("topic.name_held", case=case.id, name=(await holder(tx, case))[:20], left=left)


async def _held(tx: Transaction, topic: CaseTopic, case: Case, key: str, now: datetime) -> None:
    """Say who has the case now, under the buttons that are theirs."""
    await _take_buttons(tx, topic, f"{key}:{case.version}", now, case.id)
    await tx.case_topics.become(topic.id, await _name(tx, case), closed=False)
    text = TEXTS.say(f"topic.{key}", name=await holder(tx, case))
    content = Outgoing.say(text, *case_steps.choices(case))
    written = await say(tx, topic, content, f"{key}:{case.version}", now, case_id=case.id)
    await tx.case_topics.controls(topic.id, written)


async def _left(tx: Transaction, topic: CaseTopic, case: Case, event: Event, now: datetime) -> None:
    """Say that the case has left the agency, or whose hands it was in, and take its data off the card."""
    again = _QUEUED_AGAIN.get(event.data.get("reason", ""))
    if again is not None:
        reason = TEXTS.say(f"topic.gone_{again}")
        await _end(tx, topic, case, TEXTS.say("topic.queued_again", case=case.id, reason=reason), now)
        return
    why = (
        "cancelled"
        if event.kind is CaseEventKind.CANCELLED
        else _WHY_LEFT.get(event.data.get("reason", ""), "")
    )
    reason = TEXTS.say(f"topic.gone_{why}") if why else ""
    await _end(tx, topic, case, TEXTS.say("topic.left_agency", case=case.id, reason=reason), now)


async def _end(tx: Transaction, topic: CaseTopic, case: Case, text: str, now: datetime) -> None:
    key = f"ended:{case.version}"
    await _take_buttons(tx, topic, key, now, None)
    await tx.case_topics.become(topic.id, TEXTS.say("topic.name_ended", case=case.id), closed=True)
    await say(tx, topic, Outgoing.say(text), key, now)
    card = None if topic.card_id is None else await tx.outbox.get(topic.card_id)
    if card is not None:
        bare = CardPart(title=TEXTS.say("topic.name_ended", case=case.id), note=TEXTS.say("topic.card_ended"))
        await tx.edits.change(card, Outgoing(parts=(bare,)), f"bare:{case.version}", now)


async def _take_buttons(
    tx: Transaction, topic: CaseTopic, key: str, now: datetime, case_id: int | None
) -> None:
    """Take the buttons off the message that had them. The card's own are taken with its data when the case ends."""
    if topic.controls_id is None or (case_id is None and topic.controls_id == topic.card_id):
        return
    message = await tx.outbox.get(topic.controls_id)
    if message is not None:
        bare = message.content.model_copy(update={"choices": ()})
        await tx.edits.change(message, bare, key, now, case_id=case_id)


def _why_ended(case: Case, event: Event) -> str:
    if event.kind is CaseEventKind.CLOSED:
        return TEXTS.say("topic.closed", case=case.id, reason=as_sentence(str(event.data.get("reason", ""))))
    if event.person_id == case.person_id:
        return TEXTS.say("topic.returned_by_owner", case=case.id)
    if event.person_id is None:
        return TEXTS.say("topic.returned_silent", case=case.id)
    return TEXTS.say("topic.returned", case=case.id, reason=as_sentence(str(event.data.get("reason", ""))))


async def _line(tx: Transaction, case: Case, event: Event) -> Outgoing | None:
    """Return what the topic reads of one event of the talk; None for what it has seen already."""
    data = event.data
    if event.kind is CaseEventKind.CUSTOMER_SAID:
        return await _customer(tx, data)
    if data.get("in_topic"):
        return None
    if event.kind is CaseEventKind.AGENT_SAID:
        said = TEXTS.say("topic.said_elsewhere", name=await holder(tx, case), text=data["text"])
        files = await _files(tx, data.get("attachment_ids") or ())
        return Outgoing(parts=(TextPart(text=said), *files))
    if event.kind is CaseEventKind.NOTED and event.person_id is not None:
        name = (await tx.people.person(event.person_id)).name or TEXTS.say("agent.unnamed")
        return Outgoing.say(TEXTS.say("topic.noted", name=name, text=data["note"]))
    if event.kind is CaseEventKind.AWAITING:
        return Outgoing.say(TEXTS.say("topic.awaiting"))
    return None


async def _customer(tx: Transaction, data: Any) -> Outgoing:
    files = await _files(tx, [data["attachment_id"]] if data.get("attachment_id") is not None else ())
    if data["text"]:
        words = TEXTS.say("topic.customer", text=data["text"])
    elif files:
        words = TEXTS.say("topic.customer_file")
    else:
        key = "voice" if data["kind"] == IncomingKind.VOICE else "other"
        words = TEXTS.say(f"topic.customer_{key}")
    return Outgoing(parts=(TextPart(text=words), *files))


async def said_by_owner(tx: Transaction, case: Case, data: Any) -> Outgoing:
    """Return the owner's line as it is read in a chat for all of a person's cases: with the case's number."""
    line = await _customer(tx, data)
    text = TEXTS.say(
        "own.said", case=case.id, text=line.parts[0].text if isinstance(line.parts[0], TextPart) else ""
    )
    return line.model_copy(update={"parts": (TextPart(text=text), *line.parts[1:])})


async def _files(tx: Transaction, attachment_ids: Sequence[int]) -> list[Part]:
    kept = [await tx.attachments(SYSTEM).about(number) for number in attachment_ids]
    return [
        DocumentPart(attachment_id=file.id, filename=file.filename, media_type=file.media_type)
        for file in kept
    ]


async def _note_moved(tx: Transaction, topic: CaseTopic, group: AgencyGroup, now: datetime) -> None:
    """Say in a topic of the agency's last group that its case goes on in another one."""
    if topic.thread is None:
        return
    letter = Letter(
        dedupe_key=f"topic:{topic.id}:moved:{group.id}",
        channel=Channel.TELEGRAM_FORUM,
        address=f"{topic.chat}:{topic.thread}",
        content=Outgoing.say(TEXTS.say("topic.moved", case=topic.case_id)),
        cause=Cause.NOTICE,
    )
    await tx.outbox.write(letter, now)
