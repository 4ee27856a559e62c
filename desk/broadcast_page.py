"""One broadcast: what it says, to whom, what a second person decides, and what became of every message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from desk import frame
from desk.broadcast_view import (
    FITS,
    RECIPIENTS,
    STATES,
    Counted,
    count,
    draw_counts,
    draw_samples,
    samples,
)
from desk.deps import DeskDeps
from desk.visit import SignedOutError, Visit, page
from desk.words import OUTBOX_STATES, TEXTS, at
from scheduler import broadcasts as flow
from store.asker import Role
from store.broadcast_records import EDITABLE, Broadcast, BroadcastState, Delivered
from store.records import OutboxState
from store.transaction import Transaction

Step = Callable[[Transaction], Awaitable[object]]
_BEFORE_APPROVAL = (BroadcastState.DRAFT, BroadcastState.SUBMITTED)
_OVER = (BroadcastState.DONE, BroadcastState.CANCELLED)


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/broadcast/{broadcast_id:int}", "政策推送", frame.BUREAU)
    async def broadcast(visit: Visit, parameters: dict[str, Any]) -> None:
        shown = _BroadcastPage(visit, parameters["broadcast_id"])
        await shown.show(await shown.read())


class _BroadcastPage:
    """The page and its buttons. Which buttons there are follows from the state, the role and who wrote it."""

    one: Broadcast

    def __init__(self, visit: Visit, broadcast_id: int) -> None:
        self.visit = visit
        self.broadcast_id = broadcast_id
        self.outcomes: list[Delivered] = []
        self.counted: Counted | None = None
        self.names: dict[int, str] = {}

    async def read(self) -> object:
        """Read everything and return what tells whether it changed."""
        try:
            async with self.visit.reading() as tx:
                broadcasts = tx.broadcasts(self.visit.asker)
                self.one = await broadcasts.get(self.broadcast_id)
                self.outcomes = await broadcasts.outcomes(self.broadcast_id)
                people = [person for role in frame.BUREAU for person in await tx.people.staff(role)]
        except SignedOutError:
            ui.navigate.to("/login?said=ended")
            return None
        self.names = {person.id: person.name or person.login or "" for person in people}
        states = [(item.recipient.state, item.outcome) for item in self.outcomes]
        return self.one.state, self.one.updated_at, states

    async def show(self, drawn: object) -> None:
        with ui.row().classes("items-center"):
            ui.button(icon="arrow_back", on_click=lambda: ui.navigate.to("/broadcasts")).props("flat round")
            ui.label("政策推送").classes("desk-title")
        await self._count()
        self.body = ui.refreshable(self._draw)
        self.body()
        frame.live(self.read, self._redraw, drawn)

    async def _count(self) -> None:
        self.counted = None
        if self.one.state in _BEFORE_APPROVAL:
            await self.visit.act(self._counted())

    async def _counted(self) -> None:
        self.counted = await count(self.visit, self.one.draft())

    async def _redraw(self) -> None:
        await self._count()
        self.body.refresh()

    async def _show_now(self) -> None:
        await self.read()
        await self._redraw()

    def _draw(self) -> None:
        with ui.element("div").classes("desk-columns"):
            with ui.column().classes("w-full"):
                self._draw_content()
                self._draw_actions()
            with ui.column().classes("w-full"):
                if self.counted is not None:
                    draw_counts(self.counted)
                if self.one.state in (*_BEFORE_APPROVAL, BroadcastState.APPROVED):
                    draw_samples(self._samples())
        if self.outcomes:
            self._draw_outcomes()

    def _samples(self) -> list[Any]:
        if self.one.rule_id is not None and self.one.rule_id not in self.visit.deps.knowledge().rules:
            return []
        return samples(self.one, self.visit.deps.knowledge(), self.visit.deps.today())

    def _draw_content(self) -> None:
        one = self.one
        rule = self.visit.deps.knowledge().rules.get(one.rule_id or "")
        with ui.card().classes("desk-card"):
            with ui.row().classes("w-full items-center justify-between"):
                ui.label(one.title).classes("desk-title")
                ui.badge(STATES[one.state]).props("outline")
            if one.rule_id is not None:
                with ui.element("div").classes("desk-pair"):
                    ui.label("规则")
                    ui.link(rule.title if rule else one.rule_id, f"/rule/{one.rule_id}")
            if one.text:
                frame.pair("正文", one.text)
            frame.pair("发给", "符合和可能符合的企业" if one.include_may_fit else "符合的企业")
            if one.not_before:
                frame.pair("最早", at(one.not_before))
            if one.not_after:
                frame.pair("最晚", at(one.not_after))
            frame.pair("作者", self.names.get(one.author_id, ""))
            if one.approver_id is not None:
                frame.pair("审批", f"{self.names.get(one.approver_id, '')}，名单{len(self.outcomes)}家")
            if one.revision:
                frame.pair("版本", one.revision[:12])
            if one.note:
                frame.pair("说明", one.note, "desk-near")

    def _draw_actions(self) -> None:
        one, person = self.one, self.visit.person
        with ui.row().classes("w-full"):
            if one.state in EDITABLE:
                ui.button(
                    "修改", icon="edit", on_click=lambda: ui.navigate.to(f"/broadcast/{one.id}/edit")
                ).props("outline")
            if one.state is BroadcastState.DRAFT:
                ui.button("提交审批", icon="send", on_click=self._submit)
            if one.state is BroadcastState.SUBMITTED and person.role is Role.APPROVER:
                if one.author_id == person.id:
                    ui.label(TEXTS.say("broadcasts.own")).classes("desk-near")
                else:
                    ui.button("批准", icon="check", on_click=self._approve)
                    ui.button("退回", icon="undo", on_click=self._reject).props("outline")
            if one.state is BroadcastState.APPROVED:
                ui.button("开始发送", icon="play_arrow", on_click=self._start)
            if one.state in (BroadcastState.APPROVED, BroadcastState.SENDING):
                ui.button("暂停", icon="pause", on_click=self._pause).props("outline")
            if one.state is BroadcastState.PAUSED:
                ui.button("继续发送", icon="play_arrow", on_click=self._resume)
            if one.state not in _OVER:
                ui.button("取消推送", icon="close", on_click=self._cancel).props("flat")

    def _draw_outcomes(self) -> None:
        columns = [
            {"name": name, "label": label, "field": name, "align": "left", "sortable": True}
            for name, label in (
                ("company", "企业"),
                ("fit", "符合程度"),
                ("state", "结果"),
                ("sent", "送出时间"),
                ("error", "原因"),
            )
        ]
        rows = [
            {
                "id": item.recipient.id,
                "company": item.company_name or "未登记名称的企业",
                "fit": FITS[item.recipient.fit],
                "state": outcome_of(item),
                "sent": at(item.sent_at) if item.sent_at else "",
                "error": item.error,
            }
            for item in self.outcomes
        ]
        ui.label(f"每家企业的结果（{len(rows)}）").classes("desk-title")
        with ui.element("div").classes("desk-scroll"):
            ui.table(columns=columns, rows=rows, row_key="id", pagination=20).classes("w-full")

    async def _step(self, step: Step, done: str) -> None:
        async def take() -> None:
            async with self.visit.writing() as tx:
                await step(tx)

        await self.visit.act(take(), TEXTS.say(done))
        await self._show_now()

    async def _submit(self) -> None:
        knowledge, now = self.visit.deps.knowledge(), self.visit.deps.clock()
        await self._step(
            lambda tx: flow.submit(tx, self.visit.asker, self.broadcast_id, knowledge, now),
            "broadcasts.submitted",
        )

    async def _approve(self) -> None:
        seen = self.one.content_hash  # what this page shows; anything changed since then is refused
        knowledge, now = self.visit.deps.knowledge(), self.visit.deps.clock()
        if await frame.sure("批准后名单会冻结，按内容和名单原样发送。确定批准吗？", "确定批准"):
            await self._step(
                lambda tx: flow.approve(tx, self.visit.asker, self.broadcast_id, seen, knowledge, now),
                "broadcasts.approved",
            )

    async def _reject(self) -> None:
        note = await frame.ask("退回给作者", "请写明要改什么", "确认退回", needed=True)
        if note is not None:
            now = self.visit.deps.clock()
            await self._step(
                lambda tx: tx.broadcasts(self.visit.asker).return_to_author(self.broadcast_id, note, now),
                "broadcasts.rejected",
            )

    async def _start(self) -> None:
        now = self.visit.deps.clock()
        await self._step(
            lambda tx: tx.broadcasts(self.visit.asker).start(self.broadcast_id, now), "broadcasts.started"
        )

    async def _pause(self) -> None:
        now = self.visit.deps.clock()
        await self._step(
            lambda tx: tx.broadcasts(self.visit.asker).pause(self.broadcast_id, now), "broadcasts.paused"
        )

    async def _resume(self) -> None:
        now = self.visit.deps.clock()
        await self._step(
            lambda tx: tx.broadcasts(self.visit.asker).resume(self.broadcast_id, now), "broadcasts.resumed"
        )

    async def _cancel(self) -> None:
        note = await frame.ask("取消推送", "请写明原因", "确认取消", needed=True)
        if note is not None:
            now = self.visit.deps.clock()
            await self._step(
                lambda tx: tx.broadcasts(self.visit.asker).cancel(self.broadcast_id, note, now),
                "broadcasts.cancelled",
            )


def outcome_of(item: Delivered) -> str:
    """Return what became of one recipient's message, in words."""
    if item.outcome is None:
        return RECIPIENTS[item.recipient.state]
    return OUTBOX_STATES[OutboxState(item.outcome)]
