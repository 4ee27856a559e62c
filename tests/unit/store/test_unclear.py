"""Words that were not understood: counted, decided on once, forgotten when nobody looks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from store.asker import Role
from store.database import Database
from store.errors import ChangedMeanwhileError
from store.unclear import KEPT, UnclearState

DAY = date(2026, 11, 20)
NEAREST = [("annuity_fee", 0.4), ("annuity_late", 0.3)]


async def person(database: Database, now: datetime) -> int:
    async with database.transaction() as tx:
        return (await tx.people.add_person(Role.EDITOR, now, login="lin")).id


async def test_the_same_words_are_counted_and_the_frequent_come_first(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.unclear.note("一次", "refuse", NEAREST, DAY)
        for day in range(3):
            await tx.unclear.note("三次", "choose", NEAREST, DAY + timedelta(days=day))
    async with database.reading() as tx:
        first, second = await tx.unclear.in_state(UnclearState.OPEN)
    assert (first.text, first.times, first.first_day, first.last_day) == (
        "三次",
        3,
        DAY,
        DAY + timedelta(days=2),
    )
    assert (second.text, second.times) == ("一次", 1)
    assert first.nearest == [list(pair) for pair in NEAREST]


async def test_a_decision_is_made_once_and_kept(database: Database, now: datetime) -> None:
    by = await person(database, now)
    async with database.transaction() as tx:
        for text in ("归类", "忽略", "收回"):
            await tx.unclear.note(text, "refuse", NEAREST, DAY)
    async with database.reading() as tx:
        ids = {one.text: one.id for one in await tx.unclear.in_state(UnclearState.OPEN)}
    async with database.transaction() as tx:
        await tx.unclear.file(ids["归类"], "annuity_late", by, now)
        await tx.unclear.dismiss(ids["忽略"], by, now)
        await tx.unclear.file(ids["收回"], "annuity_fee", by, now)
        await tx.unclear.take_back(ids["收回"], by, now)
        await tx.unclear.note("忽略", "refuse", NEAREST, DAY)  # it comes again: the decision stands
    async with database.reading() as tx:
        assert [one.text for one in await tx.unclear.in_state(UnclearState.OPEN)] == ["收回"]
        (filed,) = await tx.unclear.in_state(UnclearState.FILED)
        assert (filed.text, filed.intent) == ("归类", "annuity_late")
    async with database.transaction() as tx:
        with pytest.raises(ChangedMeanwhileError):
            await tx.unclear.file(ids["忽略"], "annuity_late", by, now)
    async with database.transaction() as tx:
        await tx.unclear.published(["归类", "收回"])
        assert [one.text for one in await tx.unclear.in_state(UnclearState.PUBLISHED)] == ["归类"]


async def test_what_nobody_looked_at_is_forgotten(database: Database, now: datetime) -> None:
    by = await person(database, now)
    async with database.transaction() as tx:
        await tx.unclear.note("旧的", "refuse", NEAREST, DAY)
        await tx.unclear.note("旧的已归类", "refuse", NEAREST, DAY)
        kept = next(one for one in await tx.unclear.in_state(UnclearState.OPEN) if one.text == "旧的已归类")
        await tx.unclear.file(kept.id, "annuity_fee", by, now)
        await tx.unclear.note("新的", "refuse", NEAREST, DAY + KEPT + timedelta(days=1))
        assert [one.text for one in await tx.unclear.in_state(UnclearState.OPEN)] == ["新的"]
        assert [one.text for one in await tx.unclear.in_state(UnclearState.FILED)] == ["旧的已归类"]
