"""The list of the bureau's policy messages."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from desk import frame
from desk.broadcast_view import STATES
from desk.deps import DeskDeps
from desk.visit import SignedOutError, Visit, page
from desk.words import TEXTS, at
from store.asker import Role
from store.broadcast_records import Broadcast, BroadcastState


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/broadcasts", "政策推送", frame.BUREAU)
    async def broadcasts(visit: Visit, _: dict[str, Any]) -> None:
        shelf = _Shelf(visit)
        drawn = await shelf.read()
        with ui.row().classes("w-full items-center justify-between"):
            ui.label("政策推送").classes("desk-title")
            ui.button("新建推送", icon="add", on_click=lambda: ui.navigate.to("/broadcast/new"))
        shown = ui.refreshable(shelf.draw)
        shown()

        async def redraw() -> None:
            shown.refresh()

        frame.live(shelf.read, redraw, drawn)


class _Shelf:
    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.all: list[Broadcast] = []
        self.people: dict[int, str] = {}

    async def read(self) -> object:
        try:
            async with self.visit.reading() as tx:
                self.all = await tx.broadcasts(self.visit.asker).all()
                staff = [person for role in frame.BUREAU for person in await tx.people.staff(role)]
        except SignedOutError:
            ui.navigate.to("/login?said=ended")
            return None
        self.people = {person.id: person.name or person.login or "" for person in staff}
        return [(one.id, one.state, one.updated_at) for one in self.all]

    def draw(self) -> None:
        if self.visit.person.role is Role.APPROVER:
            waiting = [one for one in self.all if one.state is BroadcastState.SUBMITTED]
            ui.label(f"等待审批（{len(waiting)}）").classes("desk-title")
            if not waiting:
                frame.empty(TEXTS.say("broadcasts.none_waiting"))
            for one in waiting:
                self._card(one)
            ui.label("全部").classes("desk-title")
        if not self.all:
            frame.empty(TEXTS.say("broadcasts.empty"))
        for one in self.all:
            self._card(one)

    def _card(self, one: Broadcast) -> None:
        with ui.card().classes("desk-card link").on("click", lambda: ui.navigate.to(f"/broadcast/{one.id}")):
            with ui.row().classes("w-full items-center justify-between"):
                ui.label(one.title).classes("text-bold")
                ui.badge(STATES[one.state]).props("outline")
            rule = self.visit.deps.knowledge().rules.get(one.rule_id or "")
            ui.label(rule.title if rule else "文字推送").classes("desk-soft")
            author = self.people.get(one.author_id, "")
            ui.label(f"{author} · {at(one.updated_at)}").classes("desk-soft")
            if one.note:
                ui.label(one.note).classes("desk-near")
