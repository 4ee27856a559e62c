"""Nobody acknowledged, nobody reached: staff are told whom to telephone."""

from __future__ import annotations

from datetime import date, timedelta

from rules.deadlines.tables import LawTables
from scheduler.call_list import Silent, call, unacknowledged
from scheduler.reminders import remind, rescue
from store.asker import SYSTEM, Role
from store.database import Database
from store.messages import Channel
from store.models import CaseRow
from store.records import AddressState, Cause, OutboxState
from store.transaction import Transaction
from tests.unit.scheduler.simulated import START, Owner, keep, morning, obligation_of, walk

FILING, GRANT = date(2020, 4, 15), date(2022, 8, 2)  # the eighth year's annuity is due on 2027-04-15


async def sent(database: Database, channel: Channel, address: str, state: OutboxState) -> None:
    """Let what is pending for the address end in a state."""
    at = morning(date(2027, 4, 8))
    async with database.transaction() as tx:
        for item in await tx.outbox.for_address(channel, address, limit=1000):
            if item.state is OutboxState.PENDING:
                await tx.outbox.take([item], at, timedelta(minutes=1))
                await tx.outbox.settle(item, state, at)


async def last_case(tx: Transaction, owner: Owner, agency_id: str) -> None:
    at = morning(START)
    tx.session.add(
        CaseRow(
            company_id=owner.company.id,
            person_id=owner.person.id,
            state="closed",
            agency_id=agency_id,
            version=0,
            ownership=0,
            created_at=at,
            updated_at=at,
        )
    )


async def list_on(database: Database, day: date, hour: int = 9) -> list[tuple[str, Silent, str | None, bool]]:
    async with database.reading() as tx:
        found = await unacknowledged(tx, morning(day, hour))
    return [(one.obligation.key, one.why, one.agency_id, one.duty) for one in found]


async def notices(database: Database, person_id: int) -> list[str]:
    async with database.reading() as tx:
        items = await tx.outbox.to_person(person_id)
    return [item.content.plain_text() for item in items if item.cause is Cause.NOTICE]


async def test_silence_for_a_day_within_the_last_week_puts_it_on_the_list(
    database: Database, law: LawTables, owner: Owner
) -> None:
    await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    await walk(database, law, date(2027, 4, 1), 1)
    await sent(database, Channel.TELEGRAM, owner.address, OutboxState.SENT)
    assert await list_on(database, date(2027, 4, 7)) == []  # more than a week ahead
    assert await list_on(database, date(2027, 4, 8)) == [
        ("annuity:8", Silent.UNACKNOWLEDGED, None, True)
    ]  # nobody answered to the rung of 15 days
    await walk(database, law, date(2027, 4, 8), 1)
    await sent(database, Channel.TELEGRAM, owner.address, OutboxState.SENT)
    assert await list_on(database, date(2027, 4, 8), 15) == []  # reminded anew: a day to answer
    assert len(await list_on(database, date(2027, 4, 9))) == 1


async def test_who_pressed_a_button_is_not_called(database: Database, law: LawTables, owner: Owner) -> None:
    asset = await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    await walk(database, law, date(2027, 4, 8), 1)
    await sent(database, Channel.TELEGRAM, owner.address, OutboxState.SENT)
    year = await obligation_of(database, asset, "annuity:8")
    async with database.transaction() as tx:
        await tx.obligations(SYSTEM).silence(year.id, owner.person.id, morning(date(2027, 4, 8), 10))
    assert await list_on(database, date(2027, 4, 10)) == []
    await walk(database, law, date(2027, 4, 12), 1)  # the next rung asks anew
    await sent(database, Channel.TELEGRAM, owner.address, OutboxState.SENT)
    assert len(await list_on(database, date(2027, 4, 13))) == 1


async def test_the_agency_of_the_last_case_is_told_first_and_the_bureau_when_three_days_are_left(
    database: Database, law: LawTables, owner: Owner
) -> None:
    await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    now = morning(START)
    async with database.transaction() as tx:
        await last_case(tx, owner, "agency-a")
        agent = await tx.people.add_person(Role.AGENCY, now, agency_id="agency-a", login="agent")
        await tx.people.add_address(agent.id, Channel.EMAIL, "agent@example.invalid", now)
        editor = await tx.people.add_person(Role.EDITOR, now, login="editor")
    await walk(database, law, date(2027, 4, 8), 1)
    await sent(database, Channel.TELEGRAM, owner.address, OutboxState.SENT)
    assert await call(database, morning(date(2027, 4, 9), 10)) == 1
    assert await call(database, morning(date(2027, 4, 9), 16)) == 0  # one list a day
    (text,) = await notices(database, agent.id)
    assert "甬江精密的第8年度年费，安全日是2027年4月15日（6天）" in text
    assert await notices(database, editor.id) == []
    await walk(database, law, date(2027, 4, 12), 1)
    await sent(database, Channel.TELEGRAM, owner.address, OutboxState.SENT)
    assert await call(database, morning(date(2027, 4, 13), 10)) == 2
    assert len(await notices(database, editor.id)) == 1
    async with database.reading() as tx:
        (desk,) = await tx.outbox.for_address(Channel.DESK, "editor")
    assert desk.person_id == editor.id
    assert await call(database, morning(date(2027, 4, 14), 3)) == 0  # nobody telephones at night


async def test_an_agency_with_a_conflict_is_not_told(
    database: Database, law: LawTables, owner: Owner
) -> None:
    await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    now = morning(START)
    async with database.transaction() as tx:
        await last_case(tx, owner, "agency-a")
        await tx.people.add_person(Role.AGENCY, now, agency_id="agency-a", login="agent")
        await tx.people.add_conflict("agency-a", owner.company.id, "代理了对方", now)
    await walk(database, law, date(2027, 4, 8), 1)
    await sent(database, Channel.TELEGRAM, owner.address, OutboxState.SENT)
    assert await list_on(database, date(2027, 4, 9)) == [("annuity:8", Silent.UNACKNOWLEDGED, None, True)]


async def test_a_reminder_that_did_not_arrive_goes_to_the_next_address(
    database: Database, law: LawTables, owner: Owner
) -> None:
    asset = await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    at = morning(date(2027, 4, 8))
    async with database.transaction() as tx:
        await tx.people.add_address(owner.person.id, Channel.EMAIL, "chen@example.invalid", at)
    await walk(database, law, date(2027, 4, 8), 1)
    await sent(database, Channel.TELEGRAM, owner.address, OutboxState.GONE)
    async with database.transaction() as tx:
        await tx.people.set_address_state(Channel.TELEGRAM, owner.address, AddressState.BLOCKED)
    again = morning(date(2027, 4, 8), 11)
    assert await rescue(database, again) == 1
    assert await remind(database, law, again) == 1
    assert await rescue(database, again) == 0
    assert await remind(database, law, again) == 0
    async with database.reading() as tx:
        (mail,) = await tx.outbox.for_address(Channel.EMAIL, "chen@example.invalid")
        sent_ = await tx.reminders(SYSTEM).of((await obligation_of(database, asset, "annuity:8")).id)
    assert mail.cause is Cause.REMINDER
    assert [(one.reminder.channel, one.reminder.state.value) for one in sent_] == [
        ("telegram", "failed"),
        ("email", "written"),
    ]


async def test_nowhere_to_go_is_called_about(database: Database, law: LawTables, owner: Owner) -> None:
    await keep(database, law, owner, "invention", "1", START, filing=FILING, grant=GRANT)
    await walk(database, law, date(2027, 4, 8), 1)
    await sent(database, Channel.TELEGRAM, owner.address, OutboxState.GONE)
    async with database.transaction() as tx:
        await tx.people.set_address_state(Channel.TELEGRAM, owner.address, AddressState.BLOCKED)
    again = morning(date(2027, 4, 8), 11)
    await rescue(database, again)
    assert await remind(database, law, again) == 0
    assert await list_on(database, date(2027, 4, 8), 12) == [("annuity:8", Silent.UNREACHABLE, None, True)]
