"""A group becomes an agency's, and is no longer; a chat account becomes a person's of the agency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.handoff import commands, topics
from bot.handoff.commands import Word
from bot.handoff.letters import tell_agency
from bot.handoff.routing import AgencyProfile
from bot.handoff.wording import TEXTS
from store.agency_groups import AgencyGroup, CodePurpose, CodeRefused, EndedHow
from store.bindings import NotBound
from store.messages import Channel, Incoming, IncomingKind, InGroup, Outgoing
from store.one_time_codes import HIDDEN
from store.outbox import Letter
from store.records import Cause

if TYPE_CHECKING:
    from store.transaction import Transaction

_MEMBERS_CHATS = frozenset({Channel.TELEGRAM, Channel.WECOM})
_REFUSED = {CodeRefused.UNKNOWN: "group.bind_unknown", CodeRefused.TOO_MANY: "group.bind_too_many"}


async def bind(
    tx: Transaction, where: InGroup, code: str, agencies: Sequence[AgencyProfile], now: datetime
) -> str:
    """Return what the group reads after its administrator said a code. What is missing is said before the code is used."""
    if not code:
        return TEXTS.say("group.bind_usage")
    for missing, key in (
        (not where.has_topics, "bind_no_topics"),
        (not where.administrator, "bind_not_admin"),
        (not where.topics_allowed, "bind_no_rights"),
    ):
        if missing:
            return TEXTS.say(f"group.{key}")
    taken = await tx.agency_groups.take_code(code, CodePurpose.GROUP, where.chat, now)
    if isinstance(taken, CodeRefused):
        return TEXTS.say(_REFUSED[taken])
    person = taken.person
    assert person.agency_id is not None, "staff of an agency"
    at_present = await tx.agency_groups.of_agency(person.agency_id)
    if at_present is not None and at_present.chat == where.chat:
        return TEXTS.say("group.bound_already")
    other = await tx.agency_groups.at(where.chat)
    if other is not None:  # another agency's until now: its people must learn of it
        await _end(tx, other, EndedHow.REPLACED, now)
    group, before = await tx.agency_groups.bind(person.agency_id, where.chat, where.title, person.id, now)
    if before is not None:
        await _tell_group(tx, before, "replaced", now)
    await topics.show_all(tx, group, now)
    return TEXTS.say("group.bound", agency=agency_name(agencies, person.agency_id))


def said_staff_code(incoming: Incoming) -> str | None:
    """Return what stands behind `/bind` in somebody's own chat; None for other words, with which owners say their codes."""
    command = commands.read(incoming.text) if incoming.kind is IncomingKind.TEXT else None
    if incoming.channel not in _MEMBERS_CHATS or command is None or command.word is not Word.BIND:
        return None
    return command.rest


def without_code(text: str) -> str:
    """Return the command with what stands behind it made unreadable: a code is kept as its hash only."""
    return f"{text.split(maxsplit=1)[0]} {HIDDEN}"


async def bind_member(
    tx: Transaction,
    channel: Channel,
    account: str,
    code: str,
    agencies: Sequence[AgencyProfile],
    now: datetime,
) -> str:
    """Return what somebody reads who said a code in their own chat: the account is now the person's of the agency."""
    if not code:
        return TEXTS.say("group.bind_usage")
    taken = await tx.agency_groups.take_code(code, CodePurpose.MEMBER, f"{channel}:{account}", now)
    if isinstance(taken, CodeRefused):
        return TEXTS.say(_REFUSED[taken])
    person = taken.person
    refused = await tx.bindings.join(person.id, channel, account, now)
    if refused is not None:
        return TEXTS.say(
            f"group.bound_{'person_already' if refused is NotBound.ALREADY else 'other_records'}"
        )
    return TEXTS.say(
        f"group.bound_here_{channel}",
        name=person.name or TEXTS.say("agent.unnamed"),
        agency=agency_name(agencies, person.agency_id),
    )


async def unbind(tx: Transaction, group: AgencyGroup, now: datetime) -> None:
    """End the binding by the word of somebody who may; nothing of a case goes there any more."""
    await _end(tx, group, EndedHow.UNBOUND, now)


async def removed(tx: Transaction, group: AgencyGroup, now: datetime) -> None:
    """End the binding because we were taken out of the group."""
    await _end(tx, group, EndedHow.REMOVED, now)


async def _end(tx: Transaction, group: AgencyGroup, how: EndedHow, now: datetime) -> None:
    if await tx.agency_groups.end(group, how, now):
        text = TEXTS.say("group.ended_staff", how=TEXTS.say(f"group.how_{how}"))
        await tell_agency(tx, group.agency_id, text, f"group:{group.id}:ended", now)


async def _tell_group(tx: Transaction, group: AgencyGroup, key: str, now: datetime) -> None:
    letter = Letter(
        dedupe_key=f"group:{group.id}:{key}",
        channel=Channel.TELEGRAM_FORUM,
        address=group.chat,
        content=Outgoing.say(TEXTS.say(f"group.{key}")),
        cause=Cause.NOTICE,
    )
    await tx.outbox.write(letter, now)


def agency_name(agencies: Sequence[AgencyProfile], agency_id: str | None) -> str:
    """Return what the agency is called, its id where the knowledge base no longer has it."""
    return next((agency.name for agency in agencies if agency.id == agency_id), agency_id or "")
