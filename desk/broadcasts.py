"""The list of the bureau's policy messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nicegui import ui

from desk import frame
from desk.broadcast_view import STATES
from desk.deps import DeskDeps
from desk.live import Live
from desk.parts import Part, Parts
from desk.visit import Visit, page
from desk.words import TEXTS, at
from store.asker import Role
from store.broadcast_records import Broadcast, BroadcastState


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/broadcasts", "政策推送", frame.BUREAU)
    async def broadcasts(visit: Visit, _: dict[str, Any]) -> None:
        with ui.row().classes("w-full items-center justify-between"):
            ui.label("政策推送").classes("desk-title")
            ui.button("新建推送", icon="add", on_click=lambda: ui.navigate.to("/broadcast/new"))
        shelf = _Shelf(visit)
        await Live(shelf.read, shelf.show).begin()


class _Shelf:
    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.parts = Parts()
        self.all: list[Broadcast] = []
        self.people: dict[int, str] = {}
        self.missed: dict[int, int] = {}

    async def read(self) -> None:
        async with self.visit.reading() as tx:
            broadcasts = tx.broadcasts(self.visit.asker)
            self.all = await broadcasts.all()
            self.missed = await broadcasts.missed([one.id for one in self.all])
            staff = [person for role in frame.BUREAU for person in await tx.people.staff(role)]
        self.people = {person.id: person.name or person.login or "" for person in staff}

    def show(self) -> None:
        self.parts.show(self._parts())

    def _parts(self) -> Iterator[Part]:
        if self.visit.person.role is Role.APPROVER:
            waiting = [one for one in self.all if one.state is BroadcastState.SUBMITTED]
            yield frame.title("waiting", f"等待审批（{len(waiting)}）")
            if not waiting:
                yield frame.nothing("none waiting", TEXTS.say("broadcasts.none_waiting"))
            for one in waiting:
                yield self._card("waiting", one)
            yield frame.title("all", "全部")
        if not self.all:
            yield frame.nothing("none", TEXTS.say("broadcasts.empty"))
        for one in self.all:
            yield self._card("all", one)

    def _card(self, place: str, one: Broadcast) -> Part:
        rule = self.visit.deps.knowledge().rules.get(one.rule_id or "")
        about = rule.title if rule else "文字推送"
        written = f"{self.people.get(one.author_id, '')} · {at(one.updated_at)}"

        missed = self.missed.get(one.id, 0)

        def draw() -> None:
            with ui.row().classes("w-full items-center justify-between"):
                ui.label(one.title).classes("text-bold")
                ui.badge(STATES[one.state]).props("outline")
            ui.label(about).classes("desk-soft")
            ui.label(written).classes("desk-soft")
            if missed:
                ui.label(TEXTS.say("broadcasts.missed", count=missed)).classes("desk-near")
            if one.note:
                ui.label(one.note).classes("desk-near")

        shows = one.title, one.state, about, written, one.note, missed
        return Part((place, one.id), shows, draw, lambda: frame.card_to(f"/broadcast/{one.id}"))
