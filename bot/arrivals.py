"""What somebody brings from elsewhere, a link's parameter or a one-time code, acted on before the talk goes on.

A code is read whoever has the talk: neither the dialogue nor a person of an agency ever sees one, and it is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.deep_links import Door, Opened, read
from bot.dialogue.replies import places as replies
from bot.dialogue.turn import say
from bot.reach_effects import notice
from bot.understanding.intents import Intent
from store.bindings import Bound, NotBound
from store.invites import Invite, NotInvited
from store.messages import IncomingKind, Outgoing
from store.one_time_codes import Purpose, hidden, said_code
from store.outbox import Letter
from store.records import Cause, InboxItem, Person
from store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Arrival:
    """What comes of it. With `letters` the message is answered; else the dialogue answers `text`, led by `lead`."""

    letters: Sequence[Letter] = ()
    lead: str = ""
    text: str = ""

    @property
    def answered(self) -> bool:
        """Return whether there is nothing left for the dialogue."""
        return bool(self.letters)


async def arrive(
    tx: Transaction, item: InboxItem, person: Person, now: datetime, *, asked: bool
) -> Arrival | None:
    """Return what the message brings, None where it brings nothing. `asked`: a question is open that it may answer."""
    opened = _brought(item)
    if opened is None:
        return None
    match opened.door:
        case Door.CAMPAIGN:
            return await _campaign(tx, item, person, opened.value, now)
        case Door.UNKNOWN:
            return Arrival(lead=say("start.unknown"))
        case Door.BIND:
            letters = await _bind(tx, item, person, opened.value, now)
        case Door.JOIN:
            letters = await _join(tx, item, person, opened.value, now)
        case Door.BARE:
            letters = await _either(tx, item, person, opened.value, now, asked=asked)
            if not letters:
                return None
    await tx.inbox.hide(item, hidden(item.content.text))
    return Arrival(letters)


def _brought(item: InboxItem) -> Opened | None:
    incoming = item.content
    if incoming.kind is IncomingKind.START:
        return read(incoming.payload)
    code = said_code(incoming.text) if incoming.kind is IncomingKind.TEXT else None
    if code is None:
        return None
    doors = {None: Door.BARE, Purpose.BIND: Door.BIND, Purpose.JOIN: Door.JOIN}
    return Opened(doors[code.purpose], code.code)


async def _bind(tx: Transaction, item: InboxItem, person: Person, code: str, now: datetime) -> list[Letter]:
    outcome = await tx.bindings.bind(item.channel, item.address, code, now)
    if isinstance(outcome, Bound):
        return await _told(tx, item, outcome, now)
    return [_answer(item, person, replies.not_bound(outcome))]


async def _told(tx: Transaction, item: InboxItem, bound: Bound, now: datetime) -> list[Letter]:
    """Return the sentences of both sides; the code of a mail was asked for and said in the same chat."""
    asked_on = bound.asked_at[0] if bound.asked_at else None
    here = _answer(item, bound.person, replies.bound_here(bound, asked_on), bound.reply_to.address)
    if bound.asked_at == (item.channel, item.address):
        return [here]
    return [here, *await _tell_first_chat(tx, item, bound, now)]


async def _tell_first_chat(tx: Transaction, item: InboxItem, bound: Bound, now: datetime) -> Sequence[Letter]:
    """Tell the chat in which the code was asked for, whatever else is bound: who sits there must be able to say no."""
    content, key = replies.bound_there(bound), f"bound:{item.id}"
    if bound.asked_at is None:
        return await notice(tx, bound.person, key, content, now)
    channel, address = bound.asked_at
    return [
        Letter(
            dedupe_key=f"notice:{key}",
            channel=channel,
            address=address,
            content=content,
            person_id=bound.person.id,
            cause=Cause.NOTICE,
        )
    ]


async def _join(tx: Transaction, item: InboxItem, person: Person, code: str, now: datetime) -> list[Letter]:
    outcome = await tx.invites.open(item.channel, item.address, person, code, now)
    if isinstance(outcome, NotInvited):
        return [_answer(item, person, replies.not_invited(outcome))]
    return await _asked_to_join(tx, item, person, outcome, now)


async def _asked_to_join(
    tx: Transaction, item: InboxItem, person: Person, invite: Invite, now: datetime
) -> list[Letter]:
    inviter = await tx.people.person(invite.inviter_id)
    question = replies.may_join(invite.id, person, item.channel)
    asked = await notice(tx, inviter, f"invite:{invite.id}:asked", question, now)
    return [_answer(item, person, Outgoing.say(say("invite.asked"))), *asked]


async def _either(
    tx: Transaction, item: InboxItem, person: Person, code: str, now: datetime, *, asked: bool
) -> list[Letter]:
    """A code without a word that says what it is for. One that is none may be the answer to the open question."""
    outcome = await tx.bindings.bind(item.channel, item.address, code, now)
    if isinstance(outcome, Bound):
        return await _told(tx, item, outcome, now)
    if outcome is NotBound.UNKNOWN:
        invited = await tx.invites.open(item.channel, item.address, person, code, now)
        if isinstance(invited, Invite):
            return await _asked_to_join(tx, item, person, invited, now)
    unclear = outcome in (NotBound.UNKNOWN, NotBound.TOO_MANY, NotBound.NOT_HERE)
    return [] if unclear and asked else [_answer(item, person, replies.not_bound(outcome))]


async def _campaign(tx: Transaction, item: InboxItem, person: Person, slug: str, now: datetime) -> Arrival:
    campaign = await tx.campaigns.at(slug)
    if campaign is None:
        return Arrival(lead=say("start.unknown"))
    if campaign.ended:
        return Arrival(lead=say("start.campaign_ended", title=campaign.title))
    first = len(await tx.inbox.of_person(person.id, 2)) == 1
    await tx.campaigns.visited(campaign.id, person.id, item.channel, now, first_visit=first)
    known = campaign.topic in {intent.value for intent in Intent}
    topic = f"topic.{campaign.topic}"
    text = say(topic) if known else ""
    return Arrival(lead=say("start.campaign", title=campaign.title), text=text)


def _answer(item: InboxItem, person: Person, content: Outgoing, address: str = "") -> Letter:
    """Return an answer that also goes out while a person of an agency has the talk."""
    return Letter(
        dedupe_key=f"answer:{item.id}:0",
        channel=item.channel,
        address=address or item.address,
        content=content,
        person_id=person.id,
        cause=Cause.NOTICE,
        inbox_id=item.id,
    )
