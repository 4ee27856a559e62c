"""Companies that no message reaches: whom to telephone, why, and what they must hear first."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from bot.handoff.wording import URGENT_DAYS, left_text
from desk import frame
from desk.deps import DeskDeps
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

        @ui.refreshable
        async def shown() -> None:
            async with visit.reading() as tx:
                tasks = tx.contact_tasks(visit.asker)
                waiting, ended = await tasks.all_open(), await tasks.cleared()
                names = {task.company_id: await _name(tx, task) for task in (*waiting, *ended)}
            if not waiting:
                frame.empty(TEXTS.say("contacts.empty"))
            else:
                ui.label(TEXTS.say("contacts.lead")).classes("desk-soft")
            for task in waiting:
                _card(visit, task, names[task.company_id], shown.refresh)
            with ui.expansion(f"已处理（{len(ended)}）").classes("w-full"):
                for task in ended:
                    _ended(task, names[task.company_id])

        await shown()


async def _name(tx: Transaction, task: ContactTask) -> str:
    return (await tx.people.company(task.company_id)).name or "未登记名称的企业"


def _card(visit: Visit, task: ContactTask, name: str, redraw: Any) -> None:
    async def called() -> None:
        note = await frame.ask("已经联系上了？", TEXTS.say("contacts.note"), "记下", needed=True)
        if note is None:
            return

        async def clear() -> None:
            async with visit.writing() as tx:
                done = await tx.contact_tasks(visit.asker).clear(
                    task.id, Cleared.CALLED, visit.deps.clock(), by=visit.person.id, note=note
                )
                if not done:
                    raise RefusedError(TEXTS.say("contacts.ended"))

        await visit.act(clear(), TEXTS.say("contacts.called"))
        redraw()

    today = visit.deps.today()
    near = (task.safe - today).days <= URGENT_DAYS
    with ui.card().classes("desk-card"):
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(name).classes("text-bold")
            ui.badge(WHY_NOT[task.why]).props("outline")
        more = TEXTS.say("contacts.others", count=task.others) if task.others else ""
        ui.label(f"{task.title}：安全日{format_day(task.safe)}{more}").classes("desk-words")
        ui.label(left_text(task.safe, today)).classes("desk-late" if near else "desk-soft")
        ui.label(TEXTS.say(f"contacts.why.{task.why.value}", since=at(task.opened_at))).classes("desk-soft")
        ui.button("已联系", icon="call", on_click=called).props("outline")


def _ended(task: ContactTask, name: str) -> None:
    with ui.card().classes("desk-card"):
        ui.label(f"{name} · {task.title}")
        how = CLEARED[Cleared(task.cleared_how)]
        when = at(task.cleared_at) if task.cleared_at else ""
        ui.label("，".join(part for part in (how, when, task.note) if part)).classes("desk-soft")
