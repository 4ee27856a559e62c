"""Who writes: a person is known from the first thing they send, by the address they send it from."""

from __future__ import annotations

from datetime import datetime

from store.asker import Role
from store.messages import Channel
from store.records import Person
from store.transaction import Transaction


async def known_writer(tx: Transaction, channel: Channel, address: str, name: str, now: datetime) -> Person:
    """Return the person who writes from the address; a new owner of a company not yet named where there was none."""
    person = await tx.people.at(channel, address) or await tx.people.newcomer(channel, address)
    if person is not None:
        return person
    company = await tx.people.add_company("", now)
    person = await tx.people.add_person(Role.OWNER, now, name=name, company_id=company.id)
    await tx.people.add_address(person.id, channel, address, now)
    return person
