"""The agency's queue: who waits, in the order of the statutory days left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nicegui import ui

from bot.handoff.promise import format_promise
from bot.handoff.routing import days_left
from bot.handoff.wording import URGENT_DAYS, left_text
from desk import frame
from desk.deps import DeskDeps
from desk.live import Live
from desk.parts import Part, Parts
from desk.visit import Visit, page
from desk.words import CASE_STATES, TEXTS, at, lasting
from store.case_records import Case, CaseState


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/queue", "工单", frame.AGENCY)
    async def queue(visit: Visit, _: dict[str, Any]) -> None:
        lists = _Lists(visit)
        await Live(lists.read, lists.show).begin()


class _Lists:
    """The cases before the agency, read anew every few seconds."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.parts = Parts()
        self.waiting: list[Case] = []
        self.in_hand: list[Case] = []
        self.ended: list[Case] = []
        self.companies: dict[int, str] = {}
        self.colleagues: dict[int, str] = {}

    async def read(self) -> None:
        """Read the lists."""
        async with self.visit.reading() as tx:
            cases = tx.cases(self.visit.asker)
            self.waiting = await cases.queue()
            self.in_hand = await cases.in_hand()
            self.ended = await cases.ended()
            for case in (*self.waiting, *self.in_hand):
                if case.company_id not in self.companies:
                    company = await tx.people.company(case.company_id)
                    self.companies[case.company_id] = company.name
            staff = await tx.people.staff(agency_id=self.visit.person.agency_id)
            self.colleagues = {person.id: person.name or person.login or "" for person in staff}

    def show(self) -> None:
        """Show the lists; a card holds still while its case does."""
        mine = [case for case in self.in_hand if case.owner_id == self.visit.person.id]
        others = [case for case in self.in_hand if case.owner_id != self.visit.person.id]
        self.parts.show(
            [
                *self._section(f"待接手（{len(self.waiting)}）", self.waiting, TEXTS.say("queue.empty")),
                *self._section(f"我在办（{len(mine)}）", mine, TEXTS.say("queue.none_in_hand")),
                *(self._section(f"同事在办（{len(others)}）", others, "") if others else ()),
                frame.fold("ended", f"已结束（{len(self.ended)}）", self.ended, self._draw_ended),
            ]
        )

    def _section(self, title: str, cases: Sequence[Case], nothing: str) -> Iterator[Part]:
        name = title.partition("（")[0]
        yield frame.title(name, title)
        if not cases:
            yield frame.nothing(name, nothing)
        for case in cases:
            yield self._card(case)

    def _draw_ended(self) -> None:
        if not self.ended:
            frame.empty(TEXTS.say("queue.none_ended"))
        for case in self.ended:
            with frame.card_to(f"/case/{case.id}"):
                ui.label(f"工单{case.id} · {CASE_STATES[case.state]}")
                ui.label(at(case.updated_at)).classes("desk-soft")

    def _card(self, case: Case) -> Part:
        deps, today = self.visit.deps, self.visit.deps.today()
        left = days_left(case.statutory_day, today)
        urgency = "" if left is None or left > URGENT_DAYS else "desk-late" if left < 0 else "desk-near"
        notes = [TEXTS.say("queue.waiting", time=lasting(deps.clock() - case.created_at))]
        if case.state is CaseState.OFFERED and case.promised_by is not None:
            key = "queue.promised" if case.promised_by >= deps.clock() else "queue.broken"
            notes.append(TEXTS.say(key, promise=format_promise(case.promised_by)))
        if case.owner_id is not None:
            notes.append(TEXTS.say("queue.holder", name=self.colleagues.get(case.owner_id, "")))
        company = self.companies.get(case.company_id) or "未登记名称的企业"
        days = left_text(case.statutory_day, today)

        def draw() -> None:
            with ui.row().classes("w-full items-center justify-between"):
                ui.label(company).classes("text-bold")
                ui.badge(CASE_STATES[case.state]).props("outline")
            ui.label(case.summary).classes("desk-words")
            ui.label(days).classes(urgency or "desk-soft")
            ui.label(" · ".join(notes)).classes("desk-soft")

        shows = company, case.state, case.summary, days, tuple(notes)
        return Part(("case", case.id), shows, draw, lambda: frame.card_to(f"/case/{case.id}"))
