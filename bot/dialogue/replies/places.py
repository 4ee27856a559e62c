"""What is said of the places where a person is reached, and of codes and invitations."""

from __future__ import annotations

from collections.abc import Sequence

from bot.deep_links import Doors, for_code
from bot.dialogue.turn import PERSON_BUTTON, button, say
from rules.days import format_day
from store.addresses import NotTakenOff
from store.bindings import Bound, NotBound
from store.invites import NotInvited
from store.messages import Channel, Choice, Outgoing, Verb
from store.one_time_codes import Purpose, shown
from store.reach import RULES, First
from store.records import Address, AddressState, Person

BINDABLE = (Channel.TELEGRAM, Channel.WECOM_KF, Channel.WEB, Channel.EMAIL)
"""Channels that an owner can add, in the order in which they are offered."""
_SHOWN_OF_MAIL = 2


def channel_name(channel: Channel) -> str:
    """Return what the channel is called before people."""
    return say(f"channel.{channel.value}")


def place_name(address: Address, among: Sequence[Address] = ()) -> str:
    """Return what a place is called; one of several of a channel is told by its day, a mail address by its beginning."""
    channel = channel_name(address.channel)
    if address.channel is Channel.EMAIL:
        return say("places.label_mail", channel=channel, address=veiled(address.address))
    if sum(other.channel is address.channel for other in among) > 1:
        return say("places.label_since", channel=channel, day=format_day(address.bound_at.date()))
    return channel


def veiled(mail: str) -> str:
    """Return `wa…@example.cn`: enough to know one's own address by."""
    name, _, domain = mail.rpartition("@")
    return f"{name[:_SHOWN_OF_MAIL]}…@{domain}"


def place_line(address: Address, among: Sequence[Address], here: int | None) -> str:
    """Return the place with whether it is this one and whether it takes messages."""
    label = place_name(address, among)
    if address.id == here:
        return say("places.here", label=label)
    if address.state is not AddressState.ACTIVE:
        return say("places.blocked", label=label, why=say(f"places.state_{address.state.value}"))
    return label


def binding_code(code: str, only: Channel | None, offered: frozenset[Channel], doors: Doors) -> Outgoing:
    """Return the one message that shows a new code, with the steps for the channel, or for all that are offered."""
    steps = _steps("bind", code, Purpose.BIND, [only] if only else list(BINDABLE), offered, doors)
    if only is None and Channel.EMAIL in offered:
        steps.append(say("bind.step_email"))
    return Outgoing.say(say("bind.offered", code=shown(code), steps="\n".join(steps)))


def invitation(code: str, offered: frozenset[Channel], doors: Doors) -> Outgoing:
    """Return the one message that shows a new invitation."""
    steps = _steps("invite", code, Purpose.JOIN, BINDABLE, offered, doors)
    steps = steps or [say("invite.step_here", code=shown(code))]
    return Outgoing.say(say("invite.made", code=shown(code), steps="\n".join(steps)))


def _steps(
    texts: str,
    code: str,
    purpose: Purpose,
    channels: Sequence[Channel],
    offered: frozenset[Channel],
    doors: Doors,
) -> list[str]:
    steps = []
    for channel in channels:
        link = doors.link(channel, for_code(purpose, code))
        if channel not in offered or channel is Channel.EMAIL:
            continue
        if link:
            steps.append(say(f"{texts}.step_{channel.value}", link=link, code=shown(code)))
        elif channel is not Channel.WEB:
            steps.append(say(f"{texts}.step_{channel.value}_by_word", code=shown(code)))
    return steps


def mailed_code(code: str) -> Outgoing:
    """Return the mail that brings a code."""
    return Outgoing.say(say("bind.mail", code=shown(code)))


def bound_here(bound: Bound, asked_on: Channel | None) -> Outgoing:
    """Return what the second chat is told: nothing of the company's is in it."""
    undo = button(say("bind.undo_button"), Verb.CONFIRM, "take_off", str(bound.bound.id))
    if bound.bound.channel is Channel.EMAIL:
        return Outgoing.say(say("bind.bound_mail", label=place_name(bound.bound)), undo)
    if asked_on is None:
        return Outgoing.say(say("bind.bound_here_plain"), undo)
    return Outgoing.say(say("bind.bound_here", other=channel_name(asked_on)), undo)


def bound_there(bound: Bound) -> Outgoing:
    """Return what the first chat is told, with the way back."""
    undo = button(say("bind.not_me_button"), Verb.CONFIRM, "not_me", str(bound.bound.id))
    return Outgoing.say(say("bind.bound_there", label=place_name(bound.bound)), undo)


def not_bound(why: NotBound) -> Outgoing:
    """Return why a code bound nothing, and what to do."""
    choices = (PERSON_BUTTON,) if why is NotBound.OTHER_RECORDS else ()
    return Outgoing.say(say(f"bind.{why.value}"), *choices)


def not_invited(why: NotInvited) -> Outgoing:
    """Return why an invitation asked nobody, and what to do."""
    choices = (PERSON_BUTTON,) if why is NotInvited.OTHER_RECORDS else ()
    return Outgoing.say(say(f"invite.{why.value}"), *choices)


def may_join(invite_id: int, guest: Person, channel: Channel) -> Outgoing:
    """Return the question to the inviter: who asks, and what a yes means."""
    told = channel_name(channel)
    who = (
        say("invite.who", name=guest.name, channel=told)
        if guest.name
        else say("invite.nameless", channel=told)
    )
    return Outgoing.say(
        say("invite.question", who=who),
        button(say("invite.yes_button"), Verb.CONFIRM, "let_in", str(invite_id)),
        button(say("invite.no_button"), Verb.CONFIRM, "turn_away", str(invite_id)),
    )


def member_name(member: Person) -> str:
    """Return what somebody who was let in is called."""
    return member.name or say("invite.nameless_member")


def put_first(address: Address | None, among: Sequence[Address]) -> Outgoing:
    """Return that reminders go there first; None when the place is not the person's."""
    if address is None:
        return Outgoing.say(say("places.first_gone"), list_button())
    key = "first_done_window" if RULES[address.channel].first is First.WINDOW else "first_done"
    return Outgoing.say(say(f"places.{key}", label=place_name(address, among)))


def taken_off(label: str, why_not: NotTakenOff | None, *, not_me: bool) -> Outgoing:
    """Return that a place is off, or why it stays and what to do."""
    match why_not:
        case None if not_me:
            return Outgoing.say(say("places.not_me", label=label), PERSON_BUTTON)
        case None:
            return Outgoing.say(say("places.taken_off", label=label), list_button())
        case NotTakenOff.UNKNOWN:
            return Outgoing.say(say("places.not_me_gone"), list_button())
        case NotTakenOff.LAST:
            return Outgoing.say(say("places.last"), bind_button())
        case NotTakenOff.TOO_NEW:
            return Outgoing.say(say("places.too_new"), PERSON_BUTTON)


def bind_button() -> Choice:
    """Return the button that begins binding another chat."""
    return button(say("places.bind_button"), Verb.START, "bind")


def list_button() -> Choice:
    """Return the button that shows what is bound."""
    return button(say("places.list_button"), Verb.START, "places")
