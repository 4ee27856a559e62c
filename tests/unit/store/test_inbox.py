"""Updates as they are kept: a button pressed twice by one finger is known for what it is."""

from __future__ import annotations

from datetime import datetime, timedelta

from store.asker import Role
from store.database import Database
from store.messages import Channel, Incoming, IncomingKind
from store.records import InboxItem
from store.transaction import Transaction

SOON = timedelta(seconds=3)


async def test_the_same_button_again_so_soon_is_one_press(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
        other = await tx.people.add_person(Role.OWNER, now)
        number = iter(range(100))

        async def press(
            pressed: str, after: float, by: int = person.id, kind: IncomingKind = IncomingKind.PRESS
        ) -> bool:
            item = await receive(tx, by, pressed, now + timedelta(seconds=after), kind, str(next(number)))
            return await tx.inbox.is_pressed_again(item, SOON)

        assert not await press("7:0", 0)
        assert await press("7:0", 1)
        assert not await press("7:1", 2)
        assert not await press("7:1", 2, by=other.id)
        assert not await press("7:1", 6)
        assert not await press("", 6.5, kind=IncomingKind.TEXT)
        assert not await press("7:1", 7), "something else was said in between"
        assert not await press("7:1", -3600), "the clock was set back: nobody knows how long ago it was"


async def receive(
    tx: Transaction, person_id: int, pressed: str, at: datetime, kind: IncomingKind, update_id: str
) -> InboxItem:
    incoming = Incoming(
        channel=Channel.TELEGRAM,
        address=str(person_id),
        update_id=update_id,
        kind=kind,
        received_at=at,
        pressed=pressed,
    )
    item = await tx.inbox.receive(incoming, person_id)
    assert item is not None
    return item
