"""Messages of a case: to its owner at the address they last wrote from, and to the agency's staff."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from store.case_records import Case
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import Address, AddressState, Cause

if TYPE_CHECKING:
    from store.transaction import Transaction

_NEVER = datetime.min.replace(tzinfo=UTC)
#: Where staff work on cases in a chat of their own. On Telegram they do so in their agency's group.
OWN_CHATS = frozenset({Channel.WECOM})
_STAFF_CHANNELS = (Channel.WECOM, Channel.TELEGRAM, Channel.EMAIL)


async def last_active(tx: Transaction, person_id: int) -> Address | None:
    """Return the address the person last wrote from, else the first that works, else None."""
    working = [
        address for address in await tx.people.addresses(person_id) if address.state is AddressState.ACTIVE
    ]
    return max(working, key=lambda address: (address.last_heard_at or _NEVER, -address.seq), default=None)


async def owner_letters(tx: Transaction, case: Case, content: Outgoing, now: datetime) -> list[Letter]:
    """Return a message of the case to its owner under the present ownership, not yet written.

    The list is empty for an owner without an address at which it would arrive. `now` is part of the key, because the
    same version may be spoken of twice.
    """
    address = await last_active(tx, case.person_id)
    if address is None:
        return []
    key = f"{letter_key(case.id, case.version)}:{now.timestamp():.3f}"
    return [_letter(case, address, content, key)]


async def tell_owner(tx: Transaction, case: Case, content: Outgoing, now: datetime) -> int | None:
    """Write a message of the case to its owner, and return its outbox id; None when there is no way to reach them."""
    address = await last_active(tx, case.person_id)
    if address is None:
        return None
    return await tx.outbox.write(_letter(case, address, content, letter_key(case.id, case.version)), now)


def _letter(case: Case, address: Address, content: Outgoing, key: str) -> Letter:
    return Letter(
        dedupe_key=key,
        channel=address.channel,
        address=address.address,
        person_id=case.person_id,
        content=content,
        cause=Cause.CASE,
        case_id=case.id,
        case_version=case.ownership,
    )


def letter_key(case_id: int, version: int) -> str:
    """Return the key of the owner's message written with event `version`."""
    return f"case:{case_id}:{version}"


async def tell_staff(
    tx: Transaction,
    case: Case,
    agency_id: str,
    text: str,
    now: datetime,
    *,
    only: int | None = None,
    here: Outgoing | None = None,
) -> None:
    """Tell one person of the agency, or all of it, in their own chats. The text names no company.

    Where cases are worked on in those chats, `here` is said instead, while the case is before the agency.

    Whoever would read it on Telegram reads the case's topic in the agency's group instead, where it has one.
    """
    group = await tx.agency_groups.of_agency(agency_id)
    besides = () if group is None else (Channel.TELEGRAM,)
    key = f"{letter_key(case.id, case.version)}:staff"
    await tell_agency(
        tx,
        agency_id,
        text,
        key,
        now,
        only=only,
        besides=besides,
        here=None if here is None else (case.id, here),
    )


async def tell_agency(
    tx: Transaction,
    agency_id: str,
    text: str,
    key: str,
    now: datetime,
    *,
    only: int | None = None,
    besides: Collection[Channel] = (),
    here: tuple[int, Outgoing] | None = None,
) -> None:
    """Tell people of the agency something, each once a `key`; nobody whose first way is one of `besides`."""
    for person in await tx.people.staff(agency_id=agency_id):
        if only is not None and person.id != only:
            continue
        for address in await tx.people.addresses(person.id):
            if address.state is not AddressState.ACTIVE or address.channel not in _STAFF_CHANNELS:
                continue
            if address.channel not in besides:
                works_here = here is not None and address.channel in OWN_CHATS
                letter = Letter(
                    dedupe_key=f"{key}:{person.id}",
                    channel=address.channel,
                    address=address.address,
                    person_id=person.id,
                    content=here[1] if here is not None and works_here else Outgoing.say(text),
                    cause=Cause.NOTICE,
                    case_id=here[0] if here is not None and works_here else None,
                )
                await tx.outbox.write(letter, now)
            break
