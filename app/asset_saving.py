"""Keeps an imported list of rights for a company and computes what is due: what `zhituo assets import` does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from app.chat import owner_address
from app.cli_deadlines import SaveOutcome
from app.settings import Settings
from app.wiring import utc_now
from bot.channels.writers import known_writer
from bot.docket_effects import BATCH
from knowledge.law_tables import load_law_tables
from rules.days import NINGBO
from rules.deadlines.assets import AssetFacts
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.inputs import shown
from scheduler.docket import AssetDocket
from store.asker import SYSTEM
from store.asset_lists import Listed
from store.database import Database
from store.messages import Channel
from store.records import Company
from store.transaction import Transaction


def save_assets(assets: Sequence[AssetFacts], company_name: str) -> SaveOutcome:
    """Keep the rights for the company of whoever sits at this terminal, or for the named one.

    Raises DeadlineInputError (field `company`) when no company, or more than one, has exactly this name.
    """
    settings = Settings()
    tables = load_law_tables(settings.knowledge_dir)
    return asyncio.run(
        _save(settings, AssetDocket(lambda: tables, settings.reminder_hour), assets, company_name)
    )


async def _save(
    settings: Settings, docket: AssetDocket, assets: Sequence[AssetFacts], company_name: str
) -> SaveOutcome:
    database = Database(settings.database)
    await database.migrate()
    try:
        now = utc_now()
        async with database.transaction() as tx:
            company = await _company(tx, company_name, now)
        return await keep_list(database, docket, company, assets, now)
    finally:
        await database.close()


async def keep_list(
    database: Database, docket: AssetDocket, company: Company, assets: Sequence[AssetFacts], now: datetime
) -> SaveOutcome:
    """Keep the rights, `BATCH` in a transaction: killed half-way, the same list again completes the rest."""
    today = now.astimezone(NINGBO).date()
    counted = dict.fromkeys(Listed, 0)
    problems: list[str] = []
    due = 0
    for first in range(0, len(assets), BATCH):
        async with database.transaction() as tx:
            kept = await tx.assets(SYSTEM).put_all(company.id, assets[first : first + BATCH], now)
            written = [asset for _, asset in kept if asset is not None]
            due += len(await docket.docket_assets(tx, written, today, now))
        for entry, _ in kept:
            counted[entry.listed] += 1
            if entry.problem:
                problems.append(f"{entry.said.number}：{entry.problem}")
    return SaveOutcome(
        added=counted[Listed.ADDED],
        changed=counted[Listed.CHANGED],
        unchanged=counted[Listed.SAME],
        given_up=counted[Listed.GIVEN_UP],
        contradicting=tuple(problems),
        obligations=due,
        company=company.name,
    )


async def _company(tx: Transaction, name: str, now: datetime) -> Company:
    if not name:
        person = await known_writer(tx, Channel.TERMINAL, owner_address(), "", now)
        if person.company_id is None:
            raise DeadlineInputError("company", "本机用户不属于任何企业，请用 --company 指定。", "no company")
        return await tx.people.company(person.company_id)
    found = [company for company in await tx.people.companies() if company.name == name]
    if len(found) == 1:
        return found[0]
    many = f"叫“{shown(name)}”的企业有{len(found)}家，分不清是哪一家。"
    none = f"没有叫“{shown(name)}”的企业，名称要和登记的完全一样。"
    raise DeadlineInputError("company", many if found else none, f"{len(found)} companies of this name")
