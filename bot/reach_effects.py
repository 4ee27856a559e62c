"""Effects on where a person is reached and on who speaks for a company: codes, first place, taking off, invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.email.settings import is_address
from bot.deep_links import Doors
from bot.dialogue import effects as wanted
from bot.dialogue.replies import places as replies
from bot.dialogue.replies.places import BINDABLE
from bot.dialogue.turn import say
from store.addresses import Place
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import Address, Cause, Person
from store.transaction import Transaction

MAILS_A_DAY = 5  # codes to one address, whoever asks: nobody's mailbox is filled through us
_MAIL_KEY = "bindmail:"


@dataclass(frozen=True, slots=True)
class Answered:
    """What the person is told, and what others are."""

    reply: Outgoing
    letters: tuple[Letter, ...] = ()


async def carry_out(
    tx: Transaction,
    effect: wanted.AboutReach,
    person: Person,
    place: Place,
    doors: Doors,
    inbox_id: int,
    now: datetime,
) -> Answered:
    """Carry out one effect and return its answer."""
    match effect:
        case wanted.OfferBinding(channel):
            asked_at = (place.channel, place.address)
            code = await tx.bindings.issue_code(person.id, now, asked_at=asked_at)
            offered = offered_to(doors, place.channel)
            return Answered(replies.binding_code(code, channel, offered, doors))
        case wanted.MailCode(address):
            return await _mail_code(tx, address, person, place, inbox_id, now)
        case wanted.PutFirst(address_id):
            return await _put_first(tx, address_id, person)
        case wanted.TakeOff(address_id, not_me):
            return await _take_off(tx, address_id, person, place, now, not_me=not_me)
        case wanted.MakeInvite():
            if not await tx.addresses.may_decide(person.id, place, now):
                return Answered(Outgoing.say(say("invite.too_new")))
            code = await tx.invites.make(person, now)
            return Answered(replies.invitation(code, offered_to(doors, None), doors))
        case wanted.DecideInvite(invite_id, accepted):
            return await _decide(tx, invite_id, person, place, now, accepted=accepted)
        case wanted.PutOut(person_id):
            return await _put_out(tx, person_id, person, now)


def offered_to(doors: Doors, here: Channel | None) -> frozenset[Channel]:
    """Return the channels that somebody who writes on `here` can add; a second browser, and no second chat of a kind."""
    offered = doors.channels & frozenset(BINDABLE)
    return offered if here is Channel.WEB else offered - {here}


async def _mail_code(
    tx: Transaction, address: str, person: Person, place: Place, inbox_id: int, now: datetime
) -> Answered:
    address = address.lower()
    if not is_address(address):
        return Answered(Outgoing.say(say("bind.mail_wrong")))
    sent = await tx.outbox.written_since(Channel.EMAIL, address, _MAIL_KEY, now - timedelta(days=1))
    if sent >= MAILS_A_DAY:
        return Answered(Outgoing.say(say("bind.mail_too_many")))
    code = await tx.bindings.issue_code(
        person.id, now, asked_at=(place.channel, place.address), proves=(Channel.EMAIL, address)
    )
    mail = Letter(
        dedupe_key=f"{_MAIL_KEY}{inbox_id}",
        channel=Channel.EMAIL,
        address=address,
        content=replies.mailed_code(code),
        cause=Cause.NOTICE,
    )
    return Answered(Outgoing.say(say("bind.mail_sent", address=replies.veiled(address))), (mail,))


async def _put_first(tx: Transaction, address_id: int, person: Person) -> Answered:
    done = await tx.addresses.put_first(person.id, address_id)
    known = await tx.people.addresses(person.id)
    return Answered(replies.put_first(known[0] if done else None, known))


async def _take_off(
    tx: Transaction, address_id: int, person: Person, place: Place, now: datetime, *, not_me: bool
) -> Answered:
    known = await tx.people.addresses(person.id)
    label = _label(known, address_id)
    why_not = await tx.addresses.take_off(person.id, address_id, place, now)
    return Answered(replies.taken_off(label, why_not, not_me=not_me))


def _label(known: list[Address], address_id: int) -> str:
    address = next((each for each in known if each.id == address_id), None)
    return replies.channel_name(Channel.WEB) if address is None else replies.place_name(address, known)


async def _decide(
    tx: Transaction, invite_id: int, person: Person, place: Place, now: datetime, *, accepted: bool
) -> Answered:
    if accepted and not await tx.addresses.may_decide(person.id, place, now):
        return Answered(Outgoing.say(say("invite.too_new")))
    decided = await tx.invites.decide(invite_id, person, accepted, now)
    if decided is None:
        return Answered(Outgoing.say(say("invite.gone")))
    told = Outgoing.say(say("invite.not_joined"))
    if accepted:
        company = (await tx.people.company(decided.invite.company_id)).name
        told = Outgoing.say(
            say("invite.joined", company=company) if company else say("invite.joined_nameless")
        )
    letters = await notice(tx, decided.guest, f"invite:{invite_id}:{accepted}", told, now)
    key = "invite.accepted" if accepted else "invite.refused"
    return Answered(Outgoing.say(say(key, name=replies.member_name(decided.guest))), letters)


async def _put_out(tx: Transaction, person_id: int, by: Person, now: datetime) -> Answered:
    own = await tx.people.add_company("", now)
    gone = await tx.invites.put_out(person_id, by, own.id)
    if gone is None:
        return Answered(Outgoing.say(say("invite.put_out_gone")))
    letters = await notice(
        tx, gone, f"put_out:{person_id}:{own.id}", Outgoing.say(say("invite.was_put_out")), now
    )
    return Answered(Outgoing.say(say("invite.put_out", name=replies.member_name(gone))), letters)


async def notice(
    tx: Transaction, person: Person, key: str, content: Outgoing, now: datetime
) -> tuple[Letter, ...]:
    """Return the notice to where the person may be written to now; nothing where they may not."""
    reached = await tx.reach.of(person.id, now)
    if reached is None:
        return ()
    return (
        Letter(
            dedupe_key=f"notice:{key}",
            channel=reached.address.channel,
            address=reached.address.address,
            content=content,
            person_id=person.id,
            cause=Cause.NOTICE,
        ),
    )
