"""A newer reminder replaces the older one in a chat that can change messages, and shows what was said of it."""

from __future__ import annotations

from datetime import date, timedelta

from bot.dialogue.effects import MarkPaid, Reopen, SilenceRung, Snooze
from bot.reminder_marks import marks
from rules.deadlines.tables import LawTables
from store.asker import SYSTEM
from store.database import Database
from store.messages import Channel, Outgoing, Verb
from store.records import OutboxItem, OutboxState
from tests.unit.scheduler.simulated import Owner, digests, keep, morning, walk

FILED = date(2019, 11, 30)  # year 8 is due 2026-11-30, ten days after the clock begins
TODAY = date(2026, 11, 20)


async def changes(database: Database, owner: Owner) -> list[OutboxItem]:
    async with database.reading() as tx:
        items = await tx.outbox.for_address(Channel.TELEGRAM, owner.address, limit=500)
    return [item for item in items if item.edits_id is not None]


async def sent(database: Database) -> None:
    """Let everything written so far be with the person."""
    async with database.transaction() as tx:
        at = morning(date(2027, 12, 31))
        while due := await tx.outbox.claim([Channel.TELEGRAM], at, timedelta(minutes=1), 100):
            for item in due:
                await tx.outbox.settle(item, OutboxState.SENT, at, vendor_id=str(1000 + item.id))


async def test_each_newer_rung_replaces_the_one_before_and_only_that(
    database: Database, law: LawTables, owner: Owner
) -> None:
    await keep(database, law, owner, "invention", "2019113010001", TODAY, filing=FILED)
    await walk(database, law, TODAY, 11)
    said, edits = await digests(database, owner), await changes(database, owner)
    assert len(said) >= 4
    assert [edit.edits_id for edit in edits] == [message.id for message in said[:-1]]
    for edit, newer in zip(edits, said[1:], strict=True):
        assert edit.id > newer.id, "the new message goes first"
        assert edit.content.choices == ()
        assert "已更新" in edit.content.plain_text()
        assert (edit.channel, edit.address, edit.lane) == (newer.channel, newer.address, newer.lane)


async def test_a_message_about_another_right_keeps_its_buttons(
    database: Database, law: LawTables, owner: Owner
) -> None:
    await keep(database, law, owner, "invention", "2019113010001", TODAY, filing=FILED)
    await walk(database, law, TODAY, 1)
    await keep(
        database,
        law,
        owner,
        "invention",
        "2018120110002",
        TODAY + timedelta(days=1),
        filing=date(2018, 12, 20),
    )
    await walk(database, law, TODAY + timedelta(days=1), 1)
    said = await digests(database, owner)
    about = [{choice.action.about for choice in one.content.choices} for one in said]
    assert len(said) == 2
    assert about[0] - {"my_deadlines"} != about[1] - {"my_deadlines"}
    assert await changes(database, owner) == []


async def test_a_channel_that_cannot_change_messages_is_left_alone(
    database: Database, law: LawTables, owner: Owner
) -> None:
    async with database.transaction() as tx:
        address = await tx.people.add_address(owner.person.id, Channel.WECOM, "wang", morning(TODAY, 8))
        await tx.addresses.put_first(owner.person.id, address.id)
    await keep(database, law, owner, "invention", "2019113010001", TODAY, filing=FILED)
    await walk(database, law, TODAY, 11)
    async with database.reading() as tx:
        items = await tx.outbox.for_address(Channel.WECOM, "wang")
    assert len(items) >= 4
    assert all(item.edits_id is None for item in items)


async def reminded(database: Database, law: LawTables, owner: Owner) -> tuple[OutboxItem, int]:
    await keep(database, law, owner, "invention", "2019113010001", TODAY, filing=FILED)
    await walk(database, law, TODAY, 1)
    await sent(database)
    (message,) = await digests(database, owner)
    return message, int(message.content.choices[0].action.about)


async def shown_after(database: Database, owner: Owner, effect: object) -> Outgoing:
    async with database.transaction() as tx:
        letters = await marks(tx, effect, owner.person, 1, TODAY)  # type: ignore[arg-type]
    (letter,) = letters
    return letter.content


async def test_what_was_said_stands_on_the_reminder(database: Database, law: LawTables, owner: Owner) -> None:
    message, number = await reminded(database, law, owner)
    verbs = {choice.action.verb for choice in message.content.choices}
    assert {Verb.PAID, Verb.SEEN, Verb.LATER, Verb.GIVE_UP} <= verbs
    seen = await shown_after(database, owner, SilenceRung(number))
    assert seen.plain_text().startswith("✓ 知道了（2026年11月20日）")
    assert {choice.action.verb for choice in seen.choices} == verbs - {Verb.SEEN}
    later = await shown_after(database, owner, Snooze(number, date(2026, 11, 23)))
    assert later.plain_text().startswith("改到2026年11月23日再提醒")
    assert {choice.action.verb for choice in later.choices} == verbs - {Verb.SEEN, Verb.LATER}
    paid = await shown_after(database, owner, MarkPaid(number, TODAY))
    assert paid.plain_text().startswith("✓ 已缴费（2026年11月20日）")
    assert not {choice.action.verb for choice in paid.choices} & {Verb.PAID, Verb.GIVE_UP}
    again = await shown_after(database, owner, Reopen(number))
    assert again.choices == message.content.choices


async def test_nobody_elses_reminder_is_changed(database: Database, law: LawTables, owner: Owner) -> None:
    _, number = await reminded(database, law, owner)
    async with database.transaction() as tx:
        company = await tx.people.add_company("别家", morning(TODAY))
        stranger = owner.person.model_copy(update={"company_id": company.id})
        assert await marks(tx, SilenceRung(number), stranger, 1, TODAY) == []
        assert await marks(tx, SilenceRung(number + 99), owner.person, 1, TODAY) == []


async def test_a_change_is_written_once_and_never_a_dead_letter(
    database: Database, law: LawTables, owner: Owner
) -> None:
    message, _ = await reminded(database, law, owner)
    at = morning(TODAY)
    async with database.transaction() as tx:
        first = await tx.edits.change(message, Outgoing.say("一"), "same", at)
        assert first is not None
        assert await tx.edits.change(message, Outgoing.say("二"), "same", at) is None
        (claimed,) = await tx.outbox.claim([Channel.TELEGRAM], at, timedelta(minutes=1), 5)
        await tx.outbox.settle(claimed, OutboxState.INVALID, at, error="message to edit not found")
        assert await tx.dead_letters(SYSTEM).all() == []
        assert (await tx.edits.as_shown(message)).plain_text() == "一"
