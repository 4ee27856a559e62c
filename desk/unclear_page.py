"""What owners wrote and was not understood: filed under an intent with one click, tried out, sent on its way to a revision."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

from nicegui import ui

from desk import frame
from desk.deps import DeskDeps
from desk.parts import Part, Parts, button, button_part
from desk.relearn import Comparison, compare
from desk.visit import RefusedError, Visit, page
from desk.words import TEXTS
from knowledge.learned import PATH, learned
from knowledge.problems import KnowledgeError
from rules.days import format_day
from store.transaction import Transaction
from store.unclear import UnclearMessage, UnclearState

NEAREST_SHOWN = 4
Step = Callable[[Transaction], Awaitable[object]]


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/unclear", "没听懂的话", frame.BUREAU)
    async def unclear(visit: Visit, _: dict[str, Any]) -> None:
        shown = _UnclearPage(visit)
        await shown.read()
        shown.show()


class _UnclearPage:
    """The page: open messages on the left, filed ones and what they would teach on the right."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.names = {group.intent: group.name for group in visit.editorial.service.content.examples}
        self.waiting: list[UnclearMessage] = []
        self.filed: list[UnclearMessage] = []
        self.compared: Comparison | None = None

    async def read(self) -> None:
        """Read the messages; filed ones that a revision holds by now are published."""
        taught = learned(self.visit.editorial.service.content.documents)
        async with self.visit.writing() as tx:
            await tx.unclear.published(text for texts in taught.values() for text in texts)
            self.waiting = await tx.unclear.in_state(UnclearState.OPEN)
            self.filed = await tx.unclear.in_state(UnclearState.FILED, limit=1000)

    def show(self) -> None:
        ui.label("没听懂的话").classes("desk-title")
        ui.label(TEXTS.say("unclear.lead")).classes("desk-soft")
        with ui.element("div").classes("desk-columns"):
            with ui.column().classes("w-full"):
                self.left = Parts()
            with ui.column().classes("w-full"):
                self.right = Parts()
        self._draw()

    def _draw(self) -> None:
        self.left.show(self._open())
        self.right.show(self._filed())

    def _open(self) -> Iterator[Part]:
        yield frame.title("open", f"待归类（{len(self.waiting)}）")
        if not self.waiting:
            yield frame.nothing("open", TEXTS.say("unclear.empty"))
        for one in self.waiting:
            yield Part(one.id, one, partial(self._draw_open, one), lambda: ui.card().classes("desk-card"))

    def _draw_open(self, one: UnclearMessage) -> None:
        ui.label(one.text).classes("desk-words")
        ui.label(f"{one.times}次，最近{format_day(one.last_day)}").classes("desk-soft")
        nearest = [(intent, likely) for intent, likely in one.nearest if intent in self.names]
        with ui.row():
            for intent, likely in nearest[:NEAREST_SHOWN]:
                button(
                    f"{self.names[intent]} {likely:.0%}",
                    self._filer(one.id, intent),
                    props="outline dense no-caps",
                )
        with ui.row().classes("w-full items-center"):
            other = (
                ui.select(self.names, label="归到别的意图", with_input=True)
                .props("outlined dense")
                .classes("col")
            )

            async def file_other() -> None:
                if other.value:
                    await self._file(one.id, str(other.value))

            button("归类", file_other, props="outline dense")
            button("忽略", self._dismisser(one.id), props="flat dense")

    def _filer(self, message_id: int, intent: str) -> Callable[[], Awaitable[None]]:
        async def file() -> None:
            await self._file(message_id, intent)

        return file

    def _dismisser(self, message_id: int) -> Callable[[], Awaitable[None]]:
        async def dismiss() -> None:
            now, me = self.visit.deps.clock(), self.visit.person.id
            await self._step(lambda tx: tx.unclear.dismiss(message_id, me, now))

        return dismiss

    def _taker_back(self, message_id: int) -> Callable[[], Awaitable[None]]:
        async def take_back() -> None:
            now, me = self.visit.deps.clock(), self.visit.person.id
            await self._step(lambda tx: tx.unclear.take_back(message_id, me, now))

        return take_back

    async def _file(self, message_id: int, intent: str) -> None:
        now, me = self.visit.deps.clock(), self.visit.person.id
        await self._step(lambda tx: tx.unclear.file(message_id, intent, me, now))

    async def _step(self, step: Step) -> None:
        async def take() -> None:
            async with self.visit.writing() as tx:
                await step(tx)

        await self.visit.act(take())
        self.compared = None
        await self.visit.act(self.read())
        self._draw()

    def _filed(self) -> Iterator[Part]:
        yield frame.title("filed", f"已归类、还没发布（{len(self.filed)}）")
        for one in self.filed:
            yield Part(one.id, one, partial(self._draw_filed, one))
        if self.filed:
            yield button_part("重新训练并比较", self._compare, icon="model_training")
        if self.filed and self.compared is not None:
            compared = self.compared
            yield Part("compared", compared, lambda: self._draw_comparison(compared))

    def _draw_filed(self, one: UnclearMessage) -> None:
        with ui.row().classes("w-full items-center justify-between no-wrap"):
            ui.label(f"{self.names.get(one.intent, one.intent)}　{one.text}").classes("desk-words")
            button("收回", self._taker_back(one.id), props="flat dense")

    def _draw_comparison(self, compared: Comparison) -> None:
        with ui.card().classes("desk-card"):
            ui.label(TEXTS.say("unclear.compared", rows=compared.before.rows)).classes("desk-soft")
            for name, old, new in compared.rows():
                frame.pair(name, f"{old:.1%} → {new:.1%}")
            if compared.worse:
                ui.label(TEXTS.say("unclear.worse")).classes("desk-late")
            else:
                button("存为草稿，交另一位同事批准", self._keep, icon="save")

    async def _compare(self) -> None:
        ui.notify(TEXTS.say("unclear.training"))
        await self.visit.act(self._compared())
        self._draw()

    async def _compared(self) -> None:
        await self.visit.still_in()
        filed = [(one.text, one.intent) for one in self.filed]
        content = self.visit.editorial.service.content
        try:
            self.compared = await asyncio.to_thread(compare, content, filed, self.visit.deps.today())
        except KnowledgeError as error:
            raise RefusedError("；".join(problem.message for problem in error.problems)) from None

    async def _keep(self) -> None:
        await self.visit.act(self._kept())

    async def _kept(self) -> None:
        await self.visit.still_in()
        compared = self.compared
        if compared is None or compared.worse:
            return
        drafts, now, login = self.visit.editorial.drafts, self.visit.deps.clock(), self.visit.login
        published = self.visit.editorial.service.content.documents.get(PATH)
        draft = drafts.of_path(PATH) or drafts.begin(PATH, published, compared.text, login, now)
        draft = drafts.edit(
            draft.number, draft.fingerprint, compared.text, login, now,
            note=compared.note(), title=TEXTS.say("unclear.draft_title"),
        )  # fmt: skip
        ui.navigate.to(f"/draft/{draft.number}")
