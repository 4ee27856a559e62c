"""Nobody of a company can be told: a task for its agency or the bureau, until they are reachable."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from rules.deadlines.tables import LawTables
from scheduler.contact_tasks import keep_contact_tasks
from scheduler.reminders import remind, rescue
from store.asker import SYSTEM, Role
from store.contact_tasks import Cleared, ContactTask, WhyNot
from store.database import Database
from store.errors import NotVisibleError
from store.messages import Channel
from store.records import AddressState, OutboxItem, OutboxState, Person
from tests.unit.scheduler.simulated import Owner, keep, morning

FIRST = date(2027, 1, 15)  # 90 days before the safe day of the annuity below
NEAR = date(2027, 3, 16)  # 30 days before it


@pytest.fixture
async def due(database: Database, law: LawTables, owner: Owner) -> Owner:
    """An owner in Telegram with one annuity due on 2027-04-15, and the bureau's editor."""
    await keep(
        database, law, owner, "invention", "202010293847.9", date(2026, 11, 20), filing=date(2020, 4, 15)
    )
    async with database.transaction() as tx:
        await tx.people.add_person(Role.EDITOR, morning(FIRST), name="林", login="lin")
    return owner


async def block(database: Database, channel: Channel = Channel.TELEGRAM, address: str = "1001") -> None:
    async with database.transaction() as tx:
        await tx.people.set_address_state(channel, address, AddressState.BLOCKED)


async def add_page(database: Database, owner: Owner) -> None:
    async with database.transaction() as tx:
        await tx.people.add_address(owner.person.id, Channel.WEB, "page", morning(FIRST))


async def deliver(database: Database, channel: Channel, at: datetime) -> None:
    """Let everything that waits for the channel arrive."""
    async with database.transaction() as tx:
        for item in await tx.outbox.to_arrive(channel, at, 100):
            await tx.outbox.arrive(item, at)


async def tasks(database: Database) -> list[ContactTask]:
    async with database.reading() as tx:
        return await tx.contact_tasks(SYSTEM).all_open()


async def notices(database: Database) -> list[OutboxItem]:
    async with database.reading() as tx:
        items = await tx.outbox.in_states(list(OutboxState))
    return [item for item in items if item.dedupe_key.startswith("contact:")]


async def test_a_reminder_that_reaches_nobody_is_the_bureaus_task(
    database: Database, law: LawTables, due: Owner
) -> None:
    await block(database)
    await remind(database, law, morning(FIRST))
    assert await keep_contact_tasks(database, morning(FIRST)) == 1
    (task,) = await tasks(database)
    assert (task.why, task.agency_id, task.safe) == (WhyNot.BLOCKED, None, date(2027, 4, 15))
    (told,) = await notices(database)
    assert told.channel is Channel.DESK
    assert "甬江精密联系不上" in told.content.plain_text()
    assert await keep_contact_tasks(database, morning(FIRST, 10)) == 0, "one task, one notice"
    assert len(await notices(database)) == 1


async def test_writing_again_clears_the_task_and_the_reminder_comes(
    database: Database, law: LawTables, due: Owner
) -> None:
    await block(database)
    await remind(database, law, morning(FIRST))
    await keep_contact_tasks(database, morning(FIRST))
    async with database.transaction() as tx:
        await tx.people.heard_from(Channel.TELEGRAM, "1001", morning(FIRST, 11))
    assert await keep_contact_tasks(database, morning(FIRST, 12)) == 1
    assert await tasks(database) == []
    async with database.reading() as tx:
        (ended,) = await tx.contact_tasks(SYSTEM).cleared()
    assert ended.cleared_how == Cleared.REACHABLE
    assert await remind(database, law, morning(FIRST + timedelta(days=1))) == 1


async def test_what_waits_on_the_page_unseen_becomes_a_task_the_nearer_the_sooner(
    database: Database, law: LawTables, due: Owner
) -> None:
    await add_page(database, due)
    await block(database)
    await remind(database, law, morning(FIRST))
    await deliver(database, Channel.WEB, morning(FIRST))
    assert await keep_contact_tasks(database, morning(FIRST + timedelta(days=20))) == 0, (
        "far away: it may wait"
    )
    await remind(database, law, morning(NEAR))
    await deliver(database, Channel.WEB, morning(NEAR))
    assert await keep_contact_tasks(database, morning(NEAR + timedelta(days=2))) == 0
    assert await keep_contact_tasks(database, morning(NEAR + timedelta(days=3))) == 1
    async with database.transaction() as tx:
        await tx.addresses.seen(Channel.WEB, "page", morning(NEAR + timedelta(days=4)))
    assert await keep_contact_tasks(database, morning(NEAR + timedelta(days=4), 10)) == 1
    assert await tasks(database) == []


async def test_a_message_that_did_not_arrive_goes_to_the_next_place_then_to_staff(
    database: Database, law: LawTables, due: Owner
) -> None:
    async with database.transaction() as tx:
        await tx.people.add_address(due.person.id, Channel.EMAIL, "chen@example.cn", morning(FIRST))
    await remind(database, law, morning(FIRST))
    for channel, address in ((Channel.TELEGRAM, "1001"), (Channel.EMAIL, "chen@example.cn")):
        async with database.transaction() as tx:
            (item,) = await tx.outbox.claim([channel], morning(FIRST, 10, 30), timedelta(minutes=1), 10)
            await tx.outbox.settle(item, OutboxState.GONE, morning(FIRST))
        await block(database, channel, address)
        await rescue(database, morning(FIRST, 10))
        await remind(database, law, morning(FIRST, 10, 5))
    assert await keep_contact_tasks(database, morning(FIRST, 11)) == 1
    assert (await tasks(database))[0].why is WhyNot.BLOCKED


async def test_a_reminder_that_does_not_leave_becomes_a_task_the_nearer_the_sooner(
    database: Database, law: LawTables, due: Owner
) -> None:
    """Its vendor holds us up, by a token that it refuses or a limit: nobody is told by what waits in the outbox."""
    await remind(database, law, morning(NEAR))
    assert await keep_contact_tasks(database, morning(NEAR + timedelta(days=2))) == 0
    assert await keep_contact_tasks(database, morning(NEAR + timedelta(days=3))) == 1
    (task,) = await tasks(database)
    assert task.why is WhyNot.FAILED
    async with database.transaction() as tx:
        for item in await tx.outbox.claim(
            [Channel.TELEGRAM], morning(NEAR + timedelta(days=3), 11), timedelta(seconds=30), 10
        ):
            await tx.outbox.settle(item, OutboxState.SENT, morning(NEAR + timedelta(days=3), 11))
    assert await keep_contact_tasks(database, morning(NEAR + timedelta(days=3), 12)) == 1
    assert await tasks(database) == [], "it left after all"


async def test_who_stopped_reminders_is_not_written_to_and_staff_know(
    database: Database, law: LawTables, due: Owner
) -> None:
    async with database.transaction() as tx:
        await tx.people.set_reminders_wanted(due.person.id, False)
    assert await remind(database, law, morning(FIRST)) == 0
    await keep_contact_tasks(database, morning(FIRST))
    (task,) = await tasks(database)
    assert task.why is WhyNot.DECLINED
    assert "停收了期限提醒" in (await notices(database))[0].content.plain_text()
    async with database.transaction() as tx:
        await tx.people.set_reminders_wanted(due.person.id, True)
    assert await remind(database, law, morning(FIRST + timedelta(days=1))) == 1
    await keep_contact_tasks(database, morning(FIRST + timedelta(days=1)))
    assert await tasks(database) == []


async def test_a_colleague_who_is_told_is_enough(database: Database, law: LawTables, due: Owner) -> None:
    async with database.transaction() as tx:
        other = await tx.people.add_person(Role.OWNER, morning(FIRST), company_id=due.company.id)
        await tx.people.add_address(other.id, Channel.TELEGRAM, "2002", morning(FIRST))
    await block(database)
    await remind(database, law, morning(FIRST))
    assert await keep_contact_tasks(database, morning(FIRST)) == 0


async def test_staff_who_called_are_not_asked_again_before_the_next_rung(
    database: Database, law: LawTables, due: Owner
) -> None:
    await block(database)
    await remind(database, law, morning(FIRST))
    await keep_contact_tasks(database, morning(FIRST))
    (task,) = await tasks(database)
    editor = await _editor(database)
    async with database.transaction() as tx:
        mine = tx.contact_tasks(editor.as_asker())
        assert await mine.clear(
            task.id, Cleared.CALLED, morning(FIRST, 15), by=editor.id, note="陈经理知道了"
        )
        assert not await mine.clear(task.id, Cleared.CALLED, morning(FIRST, 15), by=editor.id)
    assert await keep_contact_tasks(database, morning(FIRST, 16)) == 0
    for day in range(40):  # the rung of 60 days lies in it
        await remind(database, law, morning(FIRST + timedelta(days=day + 1)))
    assert await keep_contact_tasks(database, morning(FIRST + timedelta(days=41))) == 1


async def test_only_those_whose_task_it_is_see_it(database: Database, law: LawTables, due: Owner) -> None:
    now = morning(FIRST)
    async with database.transaction() as tx:
        agent = await tx.people.add_person(Role.AGENCY, now, login="zhou", agency_id="one")
        other = await tx.people.add_person(Role.AGENCY, now, login="wu", agency_id="two")
        await tx.contact_tasks(SYSTEM).open(
            due.company.id, "one", WhyNot.BLOCKED, "第8年度年费", date(2027, 4, 15), 0, now
        )
    editor = await _editor(database)
    async with database.reading() as tx:
        seen = {
            person.id: len(await tx.contact_tasks(person.as_asker()).all_open())
            for person in (agent, other, editor, due.person)
        }
        (task,) = await tx.contact_tasks(SYSTEM).all_open()
        with pytest.raises(NotVisibleError):
            await tx.contact_tasks(other.as_asker()).clear(task.id, Cleared.CALLED, now)
    assert seen == {agent.id: 1, other.id: 0, editor.id: 0, due.person.id: 0}
    async with database.transaction() as tx:
        await tx.people.add_conflict("one", due.company.id, "代理过对方", now)
    async with database.reading() as tx:
        assert await tx.contact_tasks(agent.as_asker()).all_open() == []


async def test_at_night_nobody_is_bothered(database: Database, law: LawTables, due: Owner) -> None:
    await block(database)
    await remind(database, law, morning(FIRST))
    assert await keep_contact_tasks(database, morning(FIRST, 3)) == 0


async def _editor(database: Database) -> Person:
    async with database.reading() as tx:
        (editor,) = await tx.people.staff(Role.EDITOR)
    return editor
