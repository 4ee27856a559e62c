"""The agency's Telegram group: bind it, see who of the agency is bound, end it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from bot.handoff import group_binding
from desk import frame
from desk.deps import DeskDeps
from desk.live import Live
from desk.parts import Part, Parts, button
from desk.visit import Visit, page
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
        ui.label("机构群").classes("desk-title")
        ui.label(TEXTS.say("group.lead")).classes("desk-soft")
        self.code = ui.column().classes("w-full")
        self.parts = Parts()
        self.live = Live(self._look, self._draw)
        await self.live.begin()

    async def _look(self) -> None:
        self.view = await self._read()

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
        self.parts.show(self._parts())

    def _parts(self) -> Iterator[Part]:
        view, channels = self.view, self.visit.deps.doors.channels
        if view.group is None and Channel.TELEGRAM_FORUM not in channels:
            yield frame.nothing("off", TEXTS.say("group.off"))
        else:
            yield Part("group", (view.group, view.staff), lambda: self._draw_group(view.group))
        yield Part("people", (view.staff, frozenset(channels)), self._draw_people)
        if view.history:
            title = f"用过的群（{len(view.history)}）"
            yield frame.fold("history", title, view.history, self._draw_history)

    def _draw_history(self) -> None:
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
                button(label, lambda: self._issue(CodePurpose.GROUP), icon="groups")
                if group is not None:
                    button("解除绑定", self._unbind, props="outline")

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
                    button("解除我的绑定", self._leave, props="flat")
                elif self.visit.deps.doors.channels & set(_CHATS):
                    button("绑定我的聊天账号", lambda: self._issue(CodePurpose.MEMBER), props="outline")

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
        await self.live.now()

    async def _leave(self) -> None:
        async def leave() -> None:
            async with self.visit.writing() as tx:
                for channel in _CHATS:
                    await tx.bindings.leave(self.visit.person.id, channel)

        await self.visit.act(leave(), TEXTS.say("group.left"))
        await self.live.now()
