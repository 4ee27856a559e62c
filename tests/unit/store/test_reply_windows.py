"""WeChat customer service takes five calls within 48 hours: counted before the call."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from store.asker import Role
from store.database import Database
from store.messages import Channel, Outgoing
from store.outbox import Letter

HERE = (Channel.WECOM_KF, "wm-customer")


@pytest.fixture
async def outbox_id(database: Database, now: datetime) -> int:
    async with database.transaction() as tx:
        person = await tx.people.add_person(Role.OWNER, now)
        await tx.people.add_address(person.id, *HERE, now)
        letter = Letter(
            dedupe_key="x", channel=HERE[0], address=HERE[1], content=Outgoing.say("一"), person_id=person.id
        )
        written = await tx.outbox.write(letter, now)
    assert written is not None
    return written


async def test_a_window_never_opened_takes_nothing(database: Database, outbox_id: int, now: datetime) -> None:
    async with database.transaction() as tx:
        assert await tx.reply_windows.left(*HERE, now) == 0
        assert not await tx.reply_windows.take("m1", outbox_id, *HERE, 1, now)


async def test_the_sixth_call_and_one_after_48_hours_are_refused(
    database: Database, outbox_id: int, now: datetime
) -> None:
    async with database.transaction() as tx:
        await tx.people.heard_from(*HERE, now)
        late = now + timedelta(hours=48)
        assert not await tx.reply_windows.take("late", outbox_id, *HERE, 1, late)
        assert await tx.reply_windows.left(*HERE, late - timedelta(seconds=1)) == 5
        for number in range(5):
            assert await tx.reply_windows.take(f"m{number}", outbox_id, *HERE, 1, now)
        assert not await tx.reply_windows.take("m6", outbox_id, *HERE, 1, now)
        assert await tx.reply_windows.take("m0", outbox_id, *HERE, 1, now), "the same id is the same call"
        await tx.people.heard_from(*HERE, now + timedelta(minutes=1))
        assert await tx.reply_windows.left(*HERE, now + timedelta(minutes=1)) == 5


async def test_what_cannot_be_ended_is_not_begun(database: Database, outbox_id: int, now: datetime) -> None:
    async with database.transaction() as tx:
        await tx.people.heard_from(*HERE, now)
        for number in range(3):
            assert await tx.reply_windows.take(f"m{number}", outbox_id, *HERE, 1, now)
        assert not await tx.reply_windows.take("m4", outbox_id, *HERE, 3, now)
        assert await tx.reply_windows.take("m4", outbox_id, *HERE, 2, now)


async def test_a_refused_call_is_given_back_and_a_closed_window_stays_closed(
    database: Database, outbox_id: int, now: datetime
) -> None:
    async with database.transaction() as tx:
        await tx.people.heard_from(*HERE, now)
        assert await tx.reply_windows.take("m1", outbox_id, *HERE, 1, now)
        await tx.reply_windows.give_back("m1")
        assert await tx.reply_windows.left(*HERE, now) == 5
        await tx.reply_windows.close(*HERE)
        assert await tx.reply_windows.left(*HERE, now) == 0


async def test_a_call_that_failed_later_is_told_once(
    database: Database, outbox_id: int, now: datetime
) -> None:
    async with database.transaction() as tx:
        await tx.people.heard_from(*HERE, now)
        await tx.reply_windows.take("m1", outbox_id, *HERE, 1, now)
        assert await tx.reply_windows.failed("m1", now) == outbox_id
        assert await tx.reply_windows.failed("m1", now) is None
        assert await tx.reply_windows.failed("never", now) is None
        assert await tx.reply_windows.failures(outbox_id) == 1


async def test_reach_counts_the_pieces_of_a_message(
    database: Database, outbox_id: int, now: datetime
) -> None:
    async with database.transaction() as tx:
        person = await tx.people.at(*HERE)
        assert person is not None
        await tx.people.heard_from(*HERE, now)
        assert await tx.reach.of(person.id, now) is not None
        for piece in range(5):
            await tx.reply_windows.take(f"m{piece}", outbox_id, *HERE, 1, now)
        assert await tx.reach.of(person.id, now) is None


async def test_cursors_are_kept(database: Database, now: datetime) -> None:
    async with database.transaction() as tx:
        assert await tx.cursors.get("kf") == ""
        await tx.cursors.move("kf", "a", now)
        await tx.cursors.move("kf", "b", now)
    async with database.reading() as tx:
        assert await tx.cursors.get("kf") == "b"
