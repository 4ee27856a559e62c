"""Notices of the clock to staff: where each member may be written to, else to their desk."""

from __future__ import annotations

from datetime import datetime

from store.asker import Role
from store.messages import Channel, Outgoing
from store.outbox import Letter
from store.records import Cause, Person
from store.transaction import Transaction


async def tell(tx: Transaction, person: Person, key: str, content: Outgoing, now: datetime) -> bool:
    """Write the notice and return whether it is new. A member without an address finds it at the desk.

    The address of a desk message is the member's login.
    """
    reached = await tx.reach.of(person.id, now)
    channel, address = (
        (reached.address.channel, reached.address.address)
        if reached is not None
        else (Channel.DESK, person.login or str(person.id))
    )
    letter = Letter(
        dedupe_key=f"{key}:{person.id}",
        channel=channel,
        address=address,
        content=content,
        person_id=person.id,
        cause=Cause.NOTICE,
    )
    return await tx.outbox.write(letter, now) is not None


async def bureau_on_duty(tx: Transaction) -> list[Person]:
    """Return the bureau's people: its duty list."""
    return [*await tx.people.staff(Role.EDITOR), *await tx.people.staff(Role.APPROVER)]


async def operators(tx: Transaction) -> list[Person]:
    """Return those who run the machine; the bureau where nobody is named."""
    return await tx.people.staff(Role.OPERATOR) or await bureau_on_duty(tx)
