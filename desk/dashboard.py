"""Counts at a glance. Numbers only: nobody sees a company through them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from nicegui import ui

from desk import frame
from desk.deps import DeskDeps
from desk.live import Live
from desk.parts import Part, Parts
from desk.visit import Visit, page
from desk.words import CASE_STATES, INBOX_STATES, OUTBOX_STATES, TEXTS
from store.asker import SYSTEM, Role
from store.case_records import CaseState
from store.records import OutboxState

CAMPAIGNS_SHOWN = 10  # the newest
EVERY = 30.0  # seconds: it counts whole tables


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/dashboard", "看板", frame.ALL)
    async def dashboard(visit: Visit, _: dict[str, Any]) -> None:
        ui.label("看板").classes("desk-title")
        ui.label(TEXTS.say("dashboard.lead")).classes("desk-soft")

        counts = _Counts(visit)
        await Live(counts.read, counts.show, every=EVERY).begin()


class _Counts:
    """What is counted: single numbers, and charts by title."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.numbers: dict[str, int] = {}
        self.charts: dict[str, dict[str, int]] = {}
        self.parts = Parts()

    async def read(self) -> None:
        """Count anew: an agency's own work, or the whole service."""
        await (self._agency() if self.visit.person.role is Role.AGENCY else self._service())

    def show(self) -> None:
        """Show the counts; a chart whose counts are the same is left alone."""
        numbers = Part("numbers", self.numbers, lambda: _draw_numbers(self.numbers))
        charts = (
            Part(title, counts, partial(_draw_chart, title, counts)) for title, counts in self.charts.items()
        )
        self.parts.show([numbers, *charts])

    async def _agency(self) -> None:
        async with self.visit.reading() as tx:
            cases = tx.cases(self.visit.asker)
            waiting, in_hand, ended = await cases.queue(), await cases.in_hand(), await cases.ended(1000)
        counts = Counter(CASE_STATES[case.state] for case in (*waiting, *in_hand, *ended))
        self.numbers = {"待接手": len(waiting), "在办": len(in_hand), "已结束": len(ended)}
        self.charts = {"本机构工单": dict(counts)}

    async def _service(self) -> None:
        async with self.visit.reading() as tx:
            cases = await tx.cases(SYSTEM).counts()
            letters = await tx.outbox.counts()
            inbox = await tx.inbox.counts()
            companies = len(await tx.people.companies())
            load = await tx.cases(SYSTEM).load()
            campaigns = await tx.campaigns.counted()
        self.numbers = {
            "企业": companies,
            "收到消息": sum(inbox.values()),
            "送出消息": letters.get(OutboxState.SENT, 0),
            "待接手工单": cases.get(CaseState.OFFERED, 0),
        }
        came = {each.campaign.title: each.people for each in campaigns[:CAMPAIGNS_SHOWN]}
        self.charts = {
            "工单": {CASE_STATES[state]: count for state, count in cases.items()},
            "发出的消息": _named(OUTBOX_STATES, letters),
            "收到的消息": _named(INBOX_STATES, inbox),
            **({"推广链接来的人": came} if came else {}),
            "各机构手上的工单": {
                self.visit.deps.agency_name(agency): count for agency, count in load.items()
            },
        }


def _named(names: Mapping[Any, str], counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts by the words for their states; a state that a newer version wrote keeps its own."""
    return {names.get(state, state): count for state, count in counts.items()}


def _draw_numbers(numbers: Mapping[str, int]) -> None:
    with ui.element("div").classes("desk-counts"):
        for label, number in numbers.items():
            with ui.card().classes("desk-card"):
                ui.label(f"{number:,}").classes("desk-number")
                ui.label(label).classes("desk-soft")


def _draw_chart(title: str, counts: Mapping[str, int]) -> None:
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
