"""The agency's Telegram group: bind it, see who of the agency is bound, end it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from bot.handoff import group_binding
from desk import frame
from desk.deps import DeskDeps
from desk.visit import SignedOutError, Visit, page
from desk.words import GROUP_ENDINGS, TEXTS, at
from store.agency_groups import LASTS, AgencyGroup, CodePurpose
from store.messages import Channel
from store.records import Person

_CHATS = (Channel.TELEGRAM, Channel.WECOM)


@dataclass(frozen=True, slots=True)
class _View:
    """What the page shows; drawn again when it changes."""

    group: AgencyGroup | None
    history: Sequence[AgencyGroup]
    staff: Sequence[tuple[Person, bool]]  # and whether an account of theirs is bound


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/group", "机构群", frame.AGENCY)
    async def group(visit: Visit, _: dict[str, Any]) -> None:
        await _GroupPage(visit).show()


class _GroupPage:
    """The page and what its buttons do. A code stays in sight while the rest is drawn anew."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.view = _View(None, (), ())

    async def show(self) -> None:
        drawn = await self._look()
        ui.label("机构群").classes("desk-title")
        ui.label(TEXTS.say("group.lead")).classes("desk-soft")
        self.code = ui.column().classes("w-full")
        self.state = ui.refreshable(self._draw)
        self.state()
        frame.live(self._look, self._redraw, drawn)

    async def _look(self) -> object:
        try:
            self.view = await self._read()
        except SignedOutError:
            ui.navigate.to("/login?said=ended")
        return self.view

    async def _redraw(self) -> None:
        self.state.refresh()

    async def _read(self) -> _View:
        agency_id = self.visit.person.agency_id or ""
        async with self.visit.reading() as tx:
            people = await tx.people.staff(self.visit.person.role, agency_id)
            bound = [
                any(address.channel in _CHATS for address in await tx.people.addresses(person.id))
                for person in people
            ]
            return _View(
                await tx.agency_groups.of_agency(agency_id),
                await tx.agency_groups.history(agency_id),
                list(zip(people, bound, strict=True)),
            )

    def _draw(self) -> None:
        doors = self.visit.deps.doors
        group = self.view.group
        if group is None and Channel.TELEGRAM_FORUM not in doors.channels:
            frame.empty(TEXTS.say("group.off"))
        else:
            self._draw_group(group)
        self._draw_people()
        if self.view.history:
            with ui.expansion(f"用过的群（{len(self.view.history)}）").classes("w-full"):
                for old in self.view.history:
                    ended = "" if old.ended_at is None else at(old.ended_at)
                    how = "" if old.ended_how is None else GROUP_ENDINGS[old.ended_how]
                    frame.pair(old.title or old.chat, f"{ended} {how}")

    def _draw_group(self, group: AgencyGroup | None) -> None:
        with ui.card().classes("desk-card"):
            if group is None:
                ui.label(TEXTS.say("group.none")).classes("desk-words")
            else:
                ui.label(group.title or group.chat).classes("desk-title")
                names = {person.id: person.name or person.login for person, _ in self.view.staff}
                by = names.get(group.bound_by, TEXTS.say("group.somebody"))
                ui.label(TEXTS.say("group.since", time=at(group.bound_at), name=by)).classes("desk-soft")
            with ui.row():
                label = "领取群绑定码" if group is None else "换一个群"
                ui.button(label, icon="groups", on_click=lambda: self._issue(CodePurpose.GROUP))
                if group is not None:
                    ui.button("解除绑定", on_click=self._unbind).props("outline")

    def _draw_people(self) -> None:
        with ui.card().classes("desk-card"):
            ui.label("可以在聊天里接单的人").classes("desk-title")
            for person, bound in self.view.staff:
                self._person(person, bound=bound)

    def _person(self, person: Person, *, bound: bool) -> None:
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(person.name or person.login or "")
            ui.badge("已绑定" if bound else "未绑定").props("outline")
            if person.id == self.visit.person.id:
                if bound:
                    ui.button("解除我的绑定", on_click=self._leave).props("flat")
                elif self.visit.deps.doors.channels & set(_CHATS):
                    ui.button("绑定我的聊天账号", on_click=lambda: self._issue(CodePurpose.MEMBER)).props(
                        "outline"
                    )

    async def _issue(self, purpose: CodePurpose) -> None:
        issued: list[str] = []

        async def issue() -> None:
            async with self.visit.writing() as tx:
                now = self.visit.deps.clock()
                issued.append(await tx.agency_groups.issue_code(self.visit.person, purpose, now))

        if await self.visit.act(issue()):
            until = at(self.visit.deps.clock() + LASTS)
            self.code.clear()
            with self.code, ui.card().classes("desk-card"):
                ui.label(f"/bind {issued[0]}").classes("desk-title")
                ui.label(TEXTS.say(f"group.code_{purpose}", until=until)).classes("desk-words")
                if bot := self.visit.deps.doors.telegram_name:
                    ui.label(TEXTS.say("group.bot", name=bot)).classes("desk-soft")

    async def _unbind(self) -> None:
        if not await frame.sure(TEXTS.say("group.sure"), "确定解除"):
            return

        async def unbind() -> None:
            async with self.visit.writing() as tx:
                group = await tx.agency_groups.of_agency(self.visit.person.agency_id or "")
                if group is not None:
                    await group_binding.unbind(tx, group, self.visit.deps.clock())

        await self.visit.act(unbind(), TEXTS.say("group.unbound"))
        await self._look()
        self.state.refresh()

    async def _leave(self) -> None:
        async def leave() -> None:
            async with self.visit.writing() as tx:
                for channel in _CHATS:
                    await tx.bindings.leave(self.visit.person.id, channel)

        await self.visit.act(leave(), TEXTS.say("group.left"))
        await self._look()
        self.state.refresh()
