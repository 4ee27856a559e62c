"""One case: what is known, what was said, and what may be done next."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from bot.handoff import staff
from desk import frame
from desk.case_view import CaseView, draw_dossier, read_case, timeline
from desk.deps import DeskDeps
from desk.live import Live
from desk.parts import Part, Parts, button, once
from desk.reply import Reply, Step
from desk.visit import READING, Visit, page
from desk.words import CASE_STATES, TEXTS
from store.case_records import Case, CaseState
from store.errors import ChangedMeanwhileError, NotVisibleError
from store.records import Person
from store.transaction import Transaction


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/case/{case_id:int}", "工单", frame.AGENCY, patience=READING)
    async def case(visit: Visit, parameters: dict[str, Any]) -> None:
        view = await read_case(visit, parameters["case_id"])
        await _CasePage(visit, view).show()


class _CasePage:
    """The page and what its buttons do. What is written and not yet sent stays, whatever happens to the case."""

    def __init__(self, visit: Visit, view: CaseView) -> None:
        self.visit = visit
        self.view = view
        self.reply = Reply(visit, view.case.id, self._step)

    async def show(self) -> None:
        with ui.row().classes("w-full items-center"):
            ui.button(icon="arrow_back", on_click=lambda: ui.navigate.to("/queue")).props(
                "flat round"
            ).tooltip("返回工单列表")
            ui.label(f"工单{self.view.case.id}").classes("desk-title")
        with ui.element("div").classes("desk-columns"):
            with ui.column().classes("w-full"):
                self.known = Parts()
            with ui.column().classes("w-full"):
                with ui.card().classes("desk-card"), ui.element("div").classes("desk-timeline"):
                    self.talk = Parts(ui.column().classes("w-full gap-2"))
                self.actions = Parts(ui.card().classes("desk-card"))
        self.live = Live(self._look, self._draw)
        self._draw()
        self.live.follow()

    async def _look(self) -> None:
        try:
            self.view = await read_case(self.visit, self.view.case.id)
        except NotVisibleError:
            ui.navigate.to("/queue")

    def _draw(self) -> None:
        state = CASE_STATES[self.view.case.state]
        self.known.show(
            [
                Part("state", state, lambda: ui.badge(state).props("outline")),
                Part(
                    "dossier",
                    (self.view.dossier, self.visit.deps.today()),
                    lambda: draw_dossier(self.view, self.visit),
                ),
            ]
        )
        self.talk.show(timeline(self.view))
        self.actions.show([self._what_to_do()])

    def _what_to_do(self) -> Part:
        case = self.view.case
        if case.state is CaseState.OFFERED:
            return Part("offered", None, self._draw_offered)
        if case.owner_id == self.visit.person.id:
            return Part("mine", None, self._draw_reply)
        if case.with_person:
            names = {person.id: person.name for person in self.view.colleagues}
            name = names.get(case.owner_id or 0, "同事")
            return Part("colleague's", name, lambda: self._draw_colleagues(name))
        return Part("ended", None, self._draw_ended)

    def _draw_offered(self) -> None:
        self._draw_unsent()
        ui.label(TEXTS.say("case.accept_hint")).classes("desk-soft")
        with ui.row():
            button("接手", self._accept, icon="how_to_reg")
            button("谢绝", self._pass_on, props="flat")

    def _draw_colleagues(self, name: str) -> None:
        self._draw_unsent()
        ui.label(TEXTS.say("case.not_mine", name=name))
        with ui.row():
            button("由我接着办", lambda: self._take_over(name), icon="how_to_reg", props="outline")
            button("内部备注", self._note, props="flat")

    def _draw_ended(self) -> None:
        self._draw_unsent()
        ui.label(TEXTS.say("case.ended"))

    def _draw_unsent(self) -> None:
        if self.reply.words.strip():
            frame.pair("没有发出", self.reply.words, "desk-near")

    def _draw_reply(self) -> None:
        self.reply.draw()
        with ui.row().classes("w-full"):
            button("发送", self.reply.send, icon="send")
            button("交还机器人", self._return, props="outline")
            button("办结", self._close, props="outline")
            with ui.button(icon="more_horiz").props("flat").tooltip("更多"), ui.menu():
                ui.menu_item("内部备注", on_click=once(self._note))
                ui.menu_item("放回队列", on_click=once(self._put_back))
                ui.menu_item("转给同事", on_click=once(self._reassign))
                ui.menu_item("转给其他机构", on_click=once(self._pass_on))

    async def _step(self, step: Step, done: str) -> bool:
        """Take a step on the case as it is now, seen as this person sees it."""

        async def take() -> None:
            async with self.visit.writing() as tx:
                case = await tx.cases(self.visit.asker).get(self.view.case.id)
                await step(tx, case, self.visit.person)

        taken = await self.visit.act(take(), done)
        await self.live.now()
        return taken

    async def _accept(self) -> None:
        name = self.visit.deps.agency_name(self.visit.person.agency_id)
        await self._step(
            lambda tx, case, me: staff.accept(tx, case, me, self.visit.deps.clock(), agency_name=name),
            TEXTS.say("case.accepted"),
        )

    async def _take_over(self, name: str) -> None:
        held = self.view.case.ownership  # what this page shows; whoever has it since then is asked about anew
        if not await frame.sure(TEXTS.say("case.take_over", name=name), "确定接着办"):
            return
        now = self.visit.deps.clock()

        async def take(tx: Transaction, case: Case, me: Person) -> None:
            if case.ownership != held:
                raise ChangedMeanwhileError(f"case {case.id} is held under {case.ownership}, not {held}")
            await staff.take_over(tx, case, me, now)

        await self._step(take, TEXTS.say("case.taken_over"))

    async def _return(self) -> None:
        reason = await frame.ask("交还机器人", "请写一句说明，客户会看到", "确认交还", needed=True)
        if reason is not None:
            now = self.visit.deps.clock()
            await self._step(
                lambda tx, case, me: staff.return_to_bot(tx, case, me, reason, now),
                TEXTS.say("case.returned"),
            )

    async def _close(self) -> None:
        reason = await frame.ask("办结", "请写一句结果，客户会看到", "确认办结", needed=True)
        if reason is not None:
            now = self.visit.deps.clock()
            await self._step(
                lambda tx, case, me: staff.close(tx, case, me, reason, now), TEXTS.say("case.closed")
            )

    async def _note(self) -> None:
        text = await frame.ask("内部备注", "只有本机构的同事看到", "记下", needed=True)
        if text is not None:
            now = self.visit.deps.clock()
            await self._step(
                lambda tx, case, me: staff.note(tx, case, me, text, now), TEXTS.say("case.noted")
            )

    async def _put_back(self) -> None:
        agencies = tuple(self.visit.deps.knowledge().agencies.values())
        now = self.visit.deps.clock()
        await self._step(
            lambda tx, case, me: staff.put_back(tx, case, me, agencies, now), TEXTS.say("case.put_back")
        )

    async def _pass_on(self) -> None:
        reason = await frame.ask("不由本机构办理", "请写明原因，只有工作人员看到", "转出", needed=True)
        if reason is None:
            return
        agencies = tuple(self.visit.deps.knowledge().agencies.values())
        now = self.visit.deps.clock()
        await self._step(
            lambda tx, case, me: staff.pass_on(tx, case, me, reason, agencies, now),
            TEXTS.say("case.passed_on"),
        )

    async def _reassign(self) -> None:
        others = {
            person.id: person.name or person.login or ""
            for person in self.view.colleagues
            if person.id != self.visit.person.id
        }
        if not others:
            ui.notify(TEXTS.say("case.no_colleague"))
            return
        with ui.dialog() as dialog, ui.card():
            ui.label("转给同事").classes("desk-title")
            for number, name in others.items():
                ui.button(name, on_click=lambda number=number: dialog.submit(number)).props("flat").classes(
                    "w-full"
                )
        chosen = await dialog
        dialog.delete()
        if chosen not in others:
            return
        now = self.visit.deps.clock()

        async def hand_over(tx: Transaction, case: Case, me: Person) -> None:
            await staff.reassign(tx, case, me, await tx.people.person(chosen), now)

        await self._step(hand_over, TEXTS.say("case.reassigned", name=others[chosen]))
