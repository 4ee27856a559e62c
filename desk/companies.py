"""Dockets of the companies whose cases are before the agency: their rights and what is due for them."""

from __future__ import annotations

from datetime import date
from typing import Any

from nicegui import ui

from bot.dialogue.right_types import name_of
from bot.dialogue.topics.my_deadlines import amount_today
from bot.handoff.wording import URGENT_DAYS, left_text
from desk import frame
from desk.deps import DeskDeps
from desk.visit import Visit, page
from desk.words import OBLIGATION_STATES, TEXTS
from rules.days import format_day
from rules.money import format_yuan
from store.errors import NotVisibleError
from store.obligation_records import pressing_day
from store.records import Asset, ObligationStatus, StoredObligation


def add(deps: DeskDeps) -> None:
    """Register the pages."""

    @page(deps, "/companies", "企业", frame.AGENCY)
    async def companies(visit: Visit, _: dict[str, Any]) -> None:
        ui.label("企业").classes("desk-title")
        async with visit.reading() as tx:
            visible = await tx.cases(visit.asker).company_ids()
            if not visible:
                frame.empty(TEXTS.say("companies.empty"))
            for company_id in visible:
                company = await tx.people.company(company_id)
                assets = await tx.assets(visit.asker).of(company_id)
                due = _open(await tx.obligations(visit.asker).of_company(company_id))
                with ui.card().classes("desk-card link").on("click", _opens(company_id)):
                    ui.label(company.name or "未登记名称的企业").classes("text-bold")
                    ui.label(f"{len(assets)}项权利，{len(due)}件未办").classes("desk-soft")
                    if due:
                        ui.label(f"最近：{due[0].title} {format_day(due[0].safe)}前")

    @page(deps, "/company/{company_id:int}", "企业", frame.AGENCY)
    async def company(visit: Visit, parameters: dict[str, Any]) -> None:
        company_id = parameters["company_id"]
        async with visit.reading() as tx:
            if company_id not in await tx.cases(visit.asker).company_ids():
                raise NotVisibleError(f"company {company_id}")
            found = await tx.people.company(company_id)
            assets = await tx.assets(visit.asker).of(company_id)
            due = await tx.obligations(visit.asker).of_company(company_id)
        with ui.row().classes("items-center"):
            ui.button(icon="arrow_back", on_click=lambda: ui.navigate.to("/companies")).props("flat round")
            ui.label(found.name or "未登记名称的企业").classes("desk-title")
        if not assets:
            frame.empty(TEXTS.say("companies.no_assets"))
        for asset in assets:
            _asset(visit, asset, [one for one in due if one.asset_id == asset.id])


def _open(obligations: list[StoredObligation]) -> list[StoredObligation]:
    return sorted(
        (one for one in obligations if one.status is ObligationStatus.OPEN), key=lambda one: one.safe
    )


def _opens(company_id: int) -> Any:
    return lambda: ui.navigate.to(f"/company/{company_id}")


def _asset(visit: Visit, asset: Asset, due: list[StoredObligation]) -> None:
    today = visit.deps.today()
    with ui.card().classes("desk-card"):
        ui.label(f"{name_of(asset.right_type)} {asset.number}").classes("text-bold")
        if asset.name:
            ui.label(asset.name).classes("desk-words")
        if not _open(due):
            ui.label(TEXTS.say("companies.no_obligations")).classes("desk-soft")
        for one in sorted(due, key=lambda one: one.safe):
            is_open = one.status is ObligationStatus.OPEN
            last = pressing_day(one, today) if is_open else one.safe
            near = is_open and (last - today).days <= URGENT_DAYS
            amount = "" if one.amount_fen is None else f"，{_amount(one, today)}"
            provisional = "（节假日安排未公布，日期待复核）" if one.provisional else ""
            with ui.column().classes("w-full gap-0"):
                ui.label(f"{one.title}：{format_day(last)}前{amount}{provisional}")
                state = left_text(last, today) if is_open else OBLIGATION_STATES[one.status]
                ui.label(state).classes("desk-late" if near else "desk-soft")


def _amount(one: StoredObligation, today: date) -> str:
    """Return what paying costs today while it is open, else what it was."""
    return (
        amount_today(one, today) if one.status is ObligationStatus.OPEN else format_yuan(one.amount_fen or 0)
    )
