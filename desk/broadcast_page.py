"""One broadcast: what it says, to whom, what a second person decides, and what became of every message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from nicegui import ui

from desk import frame
from desk.broadcast_form import last_day
from desk.broadcast_view import (
    FITS,
    NAMELESS,
    STATES,
    Counted,
    count,
    draw_counts,
    draw_results,
    draw_samples,
    outcome_of,
    results_of,
    samples,
)
from desk.deps import DeskDeps
from desk.live import Live
from desk.parts import Part, Parts, button_part
from desk.visit import Visit, page
from desk.words import TEXTS, at
from rules.days import NINGBO, format_day
from scheduler import broadcasts as flow
from store.asker import Role
from store.broadcast_records import EDITABLE, LEFT_OUT, Broadcast, BroadcastState, Delivered
from store.transaction import Transaction

Step = Callable[[Transaction], Awaitable[object]]
_BEFORE_APPROVAL = (BroadcastState.DRAFT, BroadcastState.SUBMITTED)
_BEGUN = (BroadcastState.SENDING, BroadcastState.PAUSED, BroadcastState.DONE, BroadcastState.CANCELLED)
_OVER = (BroadcastState.DONE, BroadcastState.CANCELLED)


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/broadcast/{broadcast_id:int}", "政策推送", frame.BUREAU)
    async def broadcast(visit: Visit, parameters: dict[str, Any]) -> None:
        await _BroadcastPage(visit, parameters["broadcast_id"]).show()


class _BroadcastPage:
    """The page and its buttons. Which buttons there are follows from the state, the role and who wrote it."""

    one: Broadcast

    def __init__(self, visit: Visit, broadcast_id: int) -> None:
        self.visit = visit
        self.broadcast_id = broadcast_id
        self.outcomes: list[Delivered] = []
        self.counted: Counted | None = None
        self.counted_of: object = None  # what was last counted
        self.names: dict[int, str] = {}

    async def read(self) -> None:
        """Read everything, and count whom it fits when it has changed."""
        async with self.visit.reading() as tx:
            broadcasts = tx.broadcasts(self.visit.asker)
            self.one = await broadcasts.get(self.broadcast_id)
            self.outcomes = await broadcasts.outcomes(self.broadcast_id)
            people = [person for role in frame.BUREAU for person in await tx.people.staff(role)]
        self.names = {person.id: person.name or person.login or "" for person in people}
        if self.counted_of != (self.one.state, self.one.updated_at):
            self.counted_of = self.one.state, self.one.updated_at
            await self._count()

    async def show(self) -> None:
        with ui.row().classes("items-center"):
            ui.button(icon="arrow_back", on_click=lambda: ui.navigate.to("/broadcasts")).props("flat round")
            ui.label("政策推送").classes("desk-title")
        with ui.element("div").classes("desk-columns"):
            with ui.column().classes("w-full"):
                self.content = Parts()
                self.buttons = Parts(ui.row().classes("w-full"))
            with ui.column().classes("w-full"):
                self.audience = Parts()
        self.results = Parts()
        self.live = Live(self.read, self._draw)
        await self.live.begin()

    async def _count(self) -> None:
        self.counted = None
        if self.one.state in _BEFORE_APPROVAL:
            await self.visit.act(self._counted())

    async def _counted(self) -> None:
        self.counted = await count(self.visit, self.one.draft())

    def _draw(self) -> None:
        one = self.one
        self.content.show([Part("content", (one, self.names, len(self.outcomes)), self._draw_content)])
        self.buttons.show(self._actions())
        self.audience.show(self._audience())
        if self.outcomes:
            rows = self._rows()
            if not self.results.has("table"):
                self.results.show([Part("table", None, lambda: self._draw_outcomes(rows))])
            elif self.table.rows != rows:
                self.table.rows = rows  # the page turned to and the order stay

    def _audience(self) -> Iterator[Part]:
        counted, shows = self.counted, (self.counted_of, self.visit.deps.knowledge().hash)
        if counted is not None:
            yield Part("counts", shows, lambda: draw_counts(counted))
        if self.one.state in (*_BEFORE_APPROVAL, BroadcastState.APPROVED):
            yield Part("samples", (*shows, self.visit.deps.today()), lambda: draw_samples(self._samples()))
        if self.one.state in _BEGUN and self.outcomes:
            results = results_of(self.outcomes)
            yield Part("results", results, lambda: draw_results(results))

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
                frame.pair("最早", format_day(one.not_before.astimezone(NINGBO).date()))
            if one.not_after:
                frame.pair("最晚", f"{format_day(last_day(one.not_after))}（含当天）")
            frame.pair("作者", self.names.get(one.author_id, ""))
            if one.approver_id is not None:
                frame.pair("审批", f"{self.names.get(one.approver_id, '')}，名单{len(self.outcomes)}家")
            if one.revision:
                frame.pair("版本", one.revision[:12])
            if one.note:
                frame.pair("说明", one.note, "desk-near")

    def _actions(self) -> Iterator[Part]:
        one, person = self.one, self.visit.person
        if one.state in EDITABLE:
            yield button_part("修改", self._edit, icon="edit", props="outline")
        if one.state is BroadcastState.DRAFT:
            yield button_part("提交审批", self._submit, icon="send")
        if one.state is BroadcastState.SUBMITTED and person.role is Role.APPROVER:
            if one.author_id == person.id:
                yield Part("own", None, lambda: ui.label(TEXTS.say("broadcasts.own")).classes("desk-near"))
            else:
                yield button_part("批准", self._approve, icon="check")
                yield button_part("退回", self._reject, icon="undo", props="outline")
        if one.state in (BroadcastState.APPROVED, BroadcastState.SENDING):
            yield button_part("暂停", self._pause, icon="pause", props="outline")
        if one.state is BroadcastState.PAUSED:
            yield button_part("继续发送", self._resume, icon="play_arrow")
        left_out = self._left_out()
        if left_out:
            yield button_part(
                f"再试没发出的企业（{left_out}）", self._write_left_out, icon="replay", props="outline"
            )
        if one.state not in _OVER:
            yield button_part("取消推送", self._cancel, icon="close", props="flat")

    def _left_out(self) -> int:
        """Return how many may be tried once more, for whom nothing was written."""
        one, now = self.one, self.visit.deps.clock()
        too_late = one.not_after is not None and now >= one.not_after
        if one.state not in (BroadcastState.SENDING, BroadcastState.DONE) or too_late:
            return 0
        return sum(item.recipient.state in LEFT_OUT for item in self.outcomes)

    async def _edit(self) -> None:
        ui.navigate.to(f"/broadcast/{self.broadcast_id}/edit")

    def _rows(self) -> list[dict[str, object]]:
        return [
            {
                "id": item.recipient.id,
                "company": item.company_name or NAMELESS,
                "fit": FITS[item.recipient.fit],
                "state": outcome_of(item),
                "sent": at(item.sent_at) if item.sent_at else "",
                "error": item.error,
            }
            for item in self.outcomes
        ]

    def _draw_outcomes(self, rows: list[dict[str, object]]) -> None:
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
        ui.label(f"每家企业的结果（{len(rows)}）").classes("desk-title")
        with ui.element("div").classes("desk-scroll"):
            self.table = ui.table(columns=columns, rows=rows, row_key="id", pagination=20).classes("w-full")

    async def _step(self, step: Step, done: str) -> None:
        async def take() -> None:
            async with self.visit.writing() as tx:
                await step(tx)

        await self.visit.act(take(), TEXTS.say(done))
        await self.live.now()

    async def _submit(self) -> None:
        knowledge, now = self.visit.deps.knowledge(), self.visit.deps.clock()
        await self._step(
            lambda tx: flow.submit(tx, self.visit.asker, self.broadcast_id, knowledge, now),
            "broadcasts.submitted",
        )

    async def _approve(self) -> None:
        seen = self.one.content_hash  # what this page shows; anything changed since then is refused
        knowledge, now = self.visit.deps.knowledge(), self.visit.deps.clock()
        if await frame.sure(TEXTS.say("broadcasts.sure"), "确定批准"):
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

    async def _write_left_out(self) -> None:
        now = self.visit.deps.clock()
        await self._step(
            lambda tx: tx.broadcasts(self.visit.asker).write_left_out(self.broadcast_id, now),
            "broadcasts.tried_again",
        )

    async def _cancel(self) -> None:
        note = await frame.ask("取消推送", "请写明原因", "确认取消", needed=True)
        if note is not None:
            now = self.visit.deps.clock()
            await self._step(
                lambda tx: tx.broadcasts(self.visit.asker).cancel(self.broadcast_id, note, now),
                "broadcasts.cancelled",
            )
