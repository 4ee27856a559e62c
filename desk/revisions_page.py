"""The published revisions: who wrote and who approved each, what it changed, and one click back to an earlier one."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from nicegui import ui

from desk import frame
from desk.deps import DeskDeps
from desk.parts import button
from desk.visit import RefusedError, Visit, page
from desk.words import TEXTS, at
from knowledge.problems import KnowledgeError
from knowledge.revisions import SYSTEM, Revision, difference
from store.asker import Role

SHOWN: Final = 50
FILES_SHOWN: Final = 8


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/revisions", "版本", frame.KEEPERS)
    async def revisions(visit: Visit, _: dict[str, Any]) -> None:
        async with visit.reading() as tx:
            staff = [person for role in frame.BUREAU for person in await tx.people.staff(role)]
        names = {person.login or "": person.name for person in staff} | {SYSTEM: "程序自带"}
        ui.label("版本").classes("desk-title")
        ui.label(TEXTS.say("revisions.lead")).classes("desk-soft")
        notice(visit)
        shown = ui.refreshable(_draw)
        shown(visit, names, shown)


def notice(visit: Visit) -> None:
    """Draw what is wrong with the knowledge folder, for those who can have it mended; nothing when all is well."""
    editorial = visit.deps.editorial
    if editorial is None or visit.person.role not in frame.KEEPERS:
        return
    problems, clashes = editorial.problems, editorial.service.clashes
    if not problems and not clashes:
        return
    with ui.card().classes("desk-card"):
        if problems:
            ui.label(TEXTS.say("revisions.broken")).classes("desk-late")
        for problem in problems:
            ui.label(str(problem)).classes("desk-words")
        for file in clashes:
            ui.label(TEXTS.say("revisions.clash", file=file)).classes("desk-near")


def _draw(visit: Visit, names: dict[str, str], shown: Any) -> None:
    history = visit.editorial.service.revisions.history()
    current = visit.editorial.service.knowledge.hash
    for place, one in enumerate(history[:SHOWN]):
        before = history[place + 1] if place + 1 < len(history) else None
        _card(visit, one, before, names, shown, in_use=place == 0 and one.hash == current)
    if len(history) > SHOWN:
        ui.label(f"另有{len(history) - SHOWN}个更早的版本。").classes("desk-soft")


def _card(
    visit: Visit, one: Revision, before: Revision | None, names: dict[str, str], shown: Any, *, in_use: bool
) -> None:
    with ui.card().classes("desk-card"):
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(f"第{one.number}版").classes("text-bold")
            if in_use:
                ui.badge("现在用的")
            elif visit.person.role is Role.APPROVER:

                async def back() -> None:
                    await _roll_back(visit, one.number, shown)

                button(f"回退到第{one.number}版", back, icon="history", props="outline dense")
        author, approver = (names.get(login) or login for login in (one.author, one.approver))
        # Going back is one approver's own step: what they go back to was approved before, or came with the program.
        who = author if one.approver in (one.author, SYSTEM) else f"{author} → {approver}"
        ui.label(f"{at(one.published)} · {who} · {one.hash[:12]}").classes("desk-soft")
        note = TEXTS.say("revisions.shipped") if one.author == SYSTEM else one.note
        if note:
            ui.label(note).classes("desk-words")
        ui.label(_changes(one, before)).classes("desk-soft desk-words")


def _changes(one: Revision, before: Revision | None) -> str:
    if before is None:
        return f"共{len(one.documents)}个文件"
    change = difference(before.documents, one.documents)
    parts = [
        f"{word}{len(files)}个：{'、'.join(files[:FILES_SHOWN])}{'……' if len(files) > FILES_SHOWN else ''}"
        for word, files in (("改", change.changed), ("增", change.added), ("删", change.removed))
        if files
    ]
    return "；".join(parts) or "内容和前一版相同"


async def _roll_back(visit: Visit, number: int, shown: Any) -> None:
    if await frame.sure(TEXTS.say("revisions.sure", number=number), "确定回退"):
        await visit.act(_rolled_back(visit, number))
        shown.refresh()


async def _rolled_back(visit: Visit, number: int) -> None:
    await visit.still_in()
    if visit.person.role is not Role.APPROVER:
        raise RefusedError(TEXTS.say("page.forbidden"))
    now = visit.deps.clock()
    try:
        made = await asyncio.to_thread(visit.editorial.rollback, number, visit.login, now)
    except KnowledgeError as error:
        raise RefusedError(f"现在的程序读不了这个版本：{error.problems[0]}") from None
    ui.notify(TEXTS.say("revisions.rolled_back", number=made.number), type="positive")
