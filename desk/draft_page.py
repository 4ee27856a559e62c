"""One draft: what it changes in words and for whom, and what a second person decides."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from nicegui import ui

from desk import frame
from desk.deps import DeskDeps
from desk.difference import Judged, draw_changes, draw_judged, judge
from desk.drafts import edit_link
from desk.live import Live
from desk.parts import Part, Parts, button_part
from desk.visit import RefusedError, Visit, page
from desk.words import DRAFT_STATES, TEXTS, at
from knowledge.diff import fields_changed, lines_changed
from knowledge.drafts import Draft, DraftState, text_hash
from knowledge.revisions import RevisionError
from store.asker import Role


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/draft/{number:int}", "草稿", frame.BUREAU)
    async def draft(visit: Visit, parameters: dict[str, Any]) -> None:
        shown = _DraftPage(visit, visit.editorial.drafts.get(parameters["number"]))
        await shown.show()


class _DraftPage:
    """The page and its buttons. Which buttons there are follows from the state, the role and who wrote it."""

    def __init__(self, visit: Visit, draft: Draft) -> None:
        self.visit = visit
        self.draft = draft
        self.judged: Judged | None = None
        self.judged_of: object = None  # what was last judged
        self.names: dict[str, str] = {}

    async def show(self) -> None:
        with ui.row().classes("items-center"):
            ui.button(icon="arrow_back", on_click=lambda: ui.navigate.to("/drafts")).props("flat round")
            ui.label(self.draft.title).classes("desk-title")
        async with self.visit.reading() as tx:
            staff = [person for role in frame.BUREAU for person in await tx.people.staff(role)]
        self.names = {person.login or "": person.name for person in staff}
        with ui.element("div").classes("desk-columns"):
            with ui.column().classes("w-full"):
                self.head = Parts()
                self.buttons = Parts(ui.row().classes("w-full"))
            with ui.column().classes("w-full"):
                self.judgement = Parts()
        self.live = Live(self._look, self._draw)
        self._draw()
        self.live.follow()
        ui.timer(0.1, self._judge_when_changed, once=True)

    async def _look(self) -> None:
        await self.visit.still_in()
        self.draft = self.visit.editorial.drafts.get(self.draft.number)
        await self._judge_when_changed()

    async def _judge_when_changed(self) -> None:
        shown = self.draft.text, self.draft.open, self.visit.editorial.service.knowledge.hash
        if self.judged_of == shown:
            return
        self.judged_of = shown
        self.judged = None
        if self.draft.open:
            self._draw()
            await self.visit.act(self._judge())
        self._draw()

    def _draw(self) -> None:
        self.head.show([Part("head", (self.draft, self._conflict()), self._draw_head)])
        self.buttons.show(self._actions())
        self.judgement.show([Part("judgement", (self.judged_of, self.judged is None), self._draw_judgement)])

    async def _judge(self) -> None:
        self.judged = await judge(self.visit, self.draft.path, self.draft.text, whole=True)

    def _draw_judgement(self) -> None:
        if self.judged is not None:
            draw_judged(self.judged, self.draft.path)
        elif self.draft.open:
            frame.empty(TEXTS.say("drafts.checking"))
        elif self.draft.state is DraftState.PUBLISHED:
            self._draw_published()

    def _named(self, login: str) -> str:
        return self.names.get(login) or login

    def _draw_head(self) -> None:
        one = self.draft
        with ui.card().classes("desk-card"):
            with ui.row().classes("w-full items-center justify-between"):
                ui.label(one.path).classes("desk-soft desk-words")
                ui.badge(DRAFT_STATES[one.state]).props("outline")
            frame.pair("作者", "、".join(map(self._named, one.authors)))
            frame.pair("更新", at(one.updated))
            frame.pair("原因", one.note or "没有写", "" if one.note else "desk-soft")
            if one.remark:
                frame.pair("意见", f"{self._named(one.approver)}：{one.remark}", "desk-near")
            if one.state is DraftState.PUBLISHED:
                frame.pair("批准", f"{self._named(one.approver)}，内容版本{one.revision[:12]}")
            if self._conflict():
                ui.label(TEXTS.say("drafts.conflict")).classes("desk-late")

    def _conflict(self) -> bool:
        published = self.visit.editorial.service.content.documents.get(self.draft.path)
        return self.draft.open and text_hash(published) != self.draft.base

    def _actions(self) -> Iterator[Part]:
        one = self.draft
        if one.open:
            yield button_part("修改", self._edit, icon="edit", props="outline")
        if one.state is DraftState.DRAFT:
            yield button_part("提交审批", self._submit, icon="send")
        if one.state is DraftState.SUBMITTED and self.visit.person.role is Role.APPROVER:
            if self.visit.login in one.authors:
                yield Part("own", None, lambda: ui.label(TEXTS.say("drafts.own")).classes("desk-near"))
            else:
                yield button_part("批准并发布", self._approve, icon="check")
                yield button_part("退回", self._reject, icon="undo", props="outline")
        if one.open:
            yield button_part("放弃", self._discard, icon="close", props="flat")

    async def _edit(self) -> None:
        ui.navigate.to(edit_link(self.draft.path))

    def _draw_published(self) -> None:
        revisions = self.visit.editorial.service.revisions
        try:
            revision = revisions.get(self.draft.revision)
            before = revisions.numbered(revision.number - 1).documents.get(self.draft.path, "")
        except RevisionError:
            return
        text = self.draft.text
        draw_changes(fields_changed(before, text), lines_changed(before, text))

    async def _step(self, step: Any, done: str = "") -> None:
        await self.visit.act(step, done)
        await self.live.now()

    async def _submit(self) -> None:
        await self._step(self._submitted(self.draft.fingerprint), TEXTS.say("drafts.submitted"))

    async def _submitted(self, seen: str) -> None:
        await self.visit.still_in()
        deps = self.visit.deps
        await asyncio.to_thread(
            self.visit.editorial.submit, self.draft.number, seen, deps.clock(), deps.today()
        )

    async def _approve(self) -> None:
        seen = self.draft.fingerprint  # what this page shows; anything changed since then is refused
        if await frame.sure("批准后立即按新内容回答。确定批准吗？", "确定批准"):
            await self._step(self._approved(seen))

    async def _approved(self, seen: str) -> None:
        await self._only_approver()
        deps = self.visit.deps
        revision = await asyncio.to_thread(
            self.visit.editorial.approve,
            self.draft.number,
            seen,
            self.visit.login,
            deps.clock(),
            deps.today(),
        )
        ui.notify(TEXTS.say("drafts.approved", number=revision.number), type="positive")

    async def _reject(self) -> None:
        remark = await frame.ask("退回给作者", "请写明要改什么", "确认退回", needed=True)
        if remark is not None:
            await self._step(self._rejected(remark), TEXTS.say("drafts.rejected"))

    async def _rejected(self, remark: str) -> None:
        await self._only_approver()
        self.visit.editorial.drafts.reject(
            self.draft.number, self.visit.login, remark, self.visit.deps.clock()
        )

    async def _only_approver(self) -> None:
        await self.visit.still_in()
        if self.visit.person.role is not Role.APPROVER:
            raise RefusedError(TEXTS.say("page.forbidden"))

    async def _discard(self) -> None:
        if await frame.sure("放弃后这份草稿不能再用。确定放弃吗？", "确定放弃"):
            await self._step(self._discarded(), TEXTS.say("drafts.discarded"))

    async def _discarded(self) -> None:
        await self.visit.still_in()
        self.visit.editorial.drafts.discard(self.draft.number, self.visit.deps.clock())
