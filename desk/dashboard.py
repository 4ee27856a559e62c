"""Counts at a glance. Numbers only: nobody sees a company through them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from desk import frame
from desk.deps import DeskDeps
from desk.visit import Visit, page
from desk.words import CASE_STATES, INBOX_STATES, OUTBOX_STATES, TEXTS
from store.asker import SYSTEM, Role
from store.case_records import CaseState
from store.records import OutboxState

CAMPAIGNS_SHOWN = 10  # the newest


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/dashboard", "看板", frame.ALL)
    async def dashboard(visit: Visit, _: dict[str, Any]) -> None:
        ui.label("看板").classes("desk-title")
        ui.label(TEXTS.say("dashboard.lead")).classes("desk-soft")

        async def charts() -> None:
            if visit.person.role is Role.AGENCY:
                await _agency(visit)
            else:
                await _service(visit)

        shown = ui.refreshable(charts)
        await shown()
        ui.timer(30, shown.refresh)


async def _agency(visit: Visit) -> None:
    """Draw the agency's own work."""
    async with visit.reading() as tx:
        cases = tx.cases(visit.asker)
        waiting, in_hand, ended = await cases.queue(), await cases.in_hand(), await cases.ended(1000)
    counts: dict[CaseState, int] = {}
    for case in (*waiting, *in_hand, *ended):
        counts[case.state] = counts.get(case.state, 0) + 1
    _numbers({"待接手": len(waiting), "在办": len(in_hand), "已结束": len(ended)})
    _chart("本机构工单", {CASE_STATES[state]: count for state, count in counts.items()})


async def _service(visit: Visit) -> None:
    """Draw the whole service."""
    async with visit.reading() as tx:
        cases = await tx.cases(SYSTEM).counts()
        letters = await tx.outbox.counts()
        inbox = await tx.inbox.counts()
        companies = len(await tx.people.companies())
        load = await tx.cases(SYSTEM).load()
        campaigns = await tx.campaigns.counted()
    _numbers(
        {
            "企业": companies,
            "收到消息": sum(inbox.values()),
            "送出消息": letters.get(OutboxState.SENT, 0),
            "待接手工单": cases.get(CaseState.OFFERED, 0),
        }
    )
    _chart("工单", {CASE_STATES[state]: count for state, count in cases.items()})
    _chart("发出的消息", _named(OUTBOX_STATES, letters))
    _chart("收到的消息", _named(INBOX_STATES, inbox))
    if campaigns:
        _chart("推广链接来的人", {each.campaign.title: each.people for each in campaigns[:CAMPAIGNS_SHOWN]})
    _chart("各机构手上的工单", {visit.deps.agency_name(agency): count for agency, count in load.items()})


def _named(names: Mapping[Any, str], counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts by the words for their states; a state that a newer version wrote keeps its own."""
    return {names.get(state, state): count for state, count in counts.items()}


def _numbers(numbers: Mapping[str, int]) -> None:
    with ui.element("div").classes("desk-counts"):
        for label, number in numbers.items():
            with ui.card().classes("desk-card"):
                ui.label(f"{number:,}").classes("desk-number")
                ui.label(label).classes("desk-soft")


def _chart(title: str, counts: Mapping[str, int]) -> None:
    """Draw bars and say the same in words below, for those who do not see them."""
    with ui.card().classes("desk-card"):
        ui.label(title).classes("text-bold")
        if not counts:
            frame.empty(TEXTS.say("dashboard.empty"))
            return
        ui.echart(
            {
                "xAxis": {"type": "value", "minInterval": 1},
                "yAxis": {"type": "category", "data": list(counts), "inverse": True},
                "series": [
                    {
                        "type": "bar",
                        "data": list(counts.values()),
                        "color": "#0f6b5c",
                        "label": {"show": True},
                    }
                ],
                "grid": {"left": 8, "right": 32, "top": 8, "bottom": 8, "containLabel": True},
            }
        ).classes("w-full").style(f"height: {60 + 36 * len(counts)}px")
        ui.label("；".join(f"{name}{count}" for name, count in counts.items())).classes("desk-soft")
