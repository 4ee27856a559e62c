"""Companies that no message reaches: whom to telephone, why, and what they must hear first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from nicegui import ui

from bot.handoff.wording import URGENT_DAYS, left_text
from desk import frame
from desk.deps import DeskDeps
from desk.live import Live
from desk.parts import Part, Parts, button
from desk.visit import RefusedError, Visit, page
from desk.words import CLEARED, TEXTS, WHY_NOT, at
from rules.days import format_day
from store.contact_tasks import Cleared, ContactTask
from store.transaction import Transaction


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/contacts", "联系不上", frame.AGENCY | frame.BUREAU)
    async def contacts(visit: Visit, _: dict[str, Any]) -> None:
        ui.label("联系不上的企业").classes("desk-title")
        await _Contacts(visit).live.begin()


class _Contacts:
    """The list; a card and its button hold still while the others come and go."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.waiting: Sequence[ContactTask] = ()
        self.ended: Sequence[ContactTask] = ()
        self.names: dict[int, str] = {}
        self.parts = Parts()
        self.live = Live(self._look, self._show)

    async def _look(self) -> None:
        async with self.visit.reading() as tx:
            tasks = tx.contact_tasks(self.visit.asker)
            self.waiting, self.ended = await tasks.all_open(), await tasks.cleared()
            for task in (*self.waiting, *self.ended):
                if task.company_id not in self.names:
                    self.names[task.company_id] = await _name(tx, task)

    def _show(self) -> None:
        self.parts.show(self._parts())

    def _parts(self) -> Iterator[Part]:
        if not self.waiting:
            yield frame.nothing("none", TEXTS.say("contacts.empty"))
        else:
            yield frame.lead("waiting", TEXTS.say("contacts.lead"))
        for task in self.waiting:
            yield self._card(task)
        yield frame.fold("ended", f"已处理（{len(self.ended)}）", self.ended, self._draw_ended)

    def _draw_ended(self) -> None:
        for task in self.ended:
            _ended(task, self.names[task.company_id])

    def _card(self, task: ContactTask) -> Part:
        today = self.visit.deps.today()
        return Part(("task", task.id), (task, today), lambda: self._draw(task, today), frame.card)

    def _draw(self, task: ContactTask, today: date) -> None:
        near = (task.safe - today).days <= URGENT_DAYS
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(self.names[task.company_id]).classes("text-bold")
            ui.badge(WHY_NOT[task.why]).props("outline")
        more = TEXTS.say("contacts.others", count=task.others) if task.others else ""
        ui.label(f"{task.title}：安全日{format_day(task.safe)}{more}").classes("desk-words")
        ui.label(left_text(task.safe, today)).classes("desk-late" if near else "desk-soft")
        ui.label(TEXTS.say(f"contacts.why.{task.why.value}", since=at(task.opened_at))).classes("desk-soft")
        button("已联系", lambda: self._called(task), icon="call", props="outline")

    async def _called(self, task: ContactTask) -> None:
        note = await frame.ask("已经联系上了？", TEXTS.say("contacts.note"), "记下", needed=True)
        if note is None:
            return

        async def clear() -> None:
            async with self.visit.writing() as tx:
                done = await tx.contact_tasks(self.visit.asker).clear(
                    task.id, Cleared.CALLED, self.visit.deps.clock(), by=self.visit.person.id, note=note
                )
                if not done:
                    raise RefusedError(TEXTS.say("contacts.ended"))

        await self.visit.act(clear(), TEXTS.say("contacts.called"))
        await self.live.now()


async def _name(tx: Transaction, task: ContactTask) -> str:
    return (await tx.people.company(task.company_id)).name or "未登记名称的企业"


def _ended(task: ContactTask, name: str) -> None:
    with ui.card().classes("desk-card"):
        ui.label(f"{name} · {task.title}")
        how = CLEARED[Cleared(task.cleared_how)]
        when = at(task.cleared_at) if task.cleared_at else ""
        ui.label("，".join(part for part in (how, when, task.note) if part)).classes("desk-soft")
