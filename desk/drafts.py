"""Edits on their way: which wait for a second person, and where to begin one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from nicegui import ui

from desk import frame
from desk.deps import DeskDeps
from desk.visit import Visit, page
from desk.words import DRAFT_STATES, TEXTS, at
from knowledge.drafts import Draft, DraftState
from store.asker import Role


def edit_link(path: str) -> str:
    """Return the page on which a file is edited."""
    return f"/draft/edit?file={quote(path)}"


def add(deps: DeskDeps) -> None:
    """Register the page."""

    @page(deps, "/drafts", "草稿", frame.BUREAU)
    async def drafts(visit: Visit, _: dict[str, Any]) -> None:
        found = visit.editorial.drafts.all()
        async with visit.reading() as tx:
            staff = [person for role in frame.BUREAU for person in await tx.people.staff(role)]
        names = {person.login or "": person.name for person in staff}
        ui.label("草稿").classes("desk-title")
        ui.label(TEXTS.say("drafts.lead")).classes("desk-soft")
        _begin(visit)
        if visit.person.role is Role.APPROVER:
            waiting = [one for one in found if one.state is DraftState.SUBMITTED]
            ui.label(f"等待审批（{len(waiting)}）").classes("desk-title")
            if not waiting:
                frame.empty(TEXTS.say("drafts.none_waiting"))
            for one in waiting:
                _card(one, names)
            ui.label("全部").classes("desk-title")
        if not found:
            frame.empty(TEXTS.say("drafts.empty"))
        for one in found:
            _card(one, names)


def _begin(visit: Visit) -> None:
    content = visit.editorial.service.content
    titles = {
        content.knowledge.files.get(document.id, "").rpartition(":")[0]: document.title
        for document in (*content.knowledge.documents(), *content.knowledge.guides.values())
    }
    files = {path: f"{titles.get(path, '')}　{path}".strip() for path in sorted(content.documents)}
    with ui.row().classes("w-full items-center"):
        chosen = (
            ui.select(files, label="修改哪个文件（规则、问答、机构、事实……）", with_input=True)
            .props("outlined dense")
            .classes("col")
        )

        def go() -> None:
            if chosen.value:
                ui.navigate.to(edit_link(str(chosen.value)))

        ui.button("修改", icon="edit", on_click=go)


def _card(one: Draft, names: dict[str, str]) -> None:
    with ui.card().classes("desk-card link").on("click", lambda: ui.navigate.to(f"/draft/{one.number}")):
        with ui.row().classes("w-full items-center justify-between"):
            ui.label(one.title).classes("text-bold")
            ui.badge(DRAFT_STATES[one.state]).props("outline")
        written = "、".join(names.get(login) or login for login in one.authors)
        ui.label(f"{one.path} · {written} · {at(one.updated)}").classes("desk-soft desk-words")
        if one.note:
            ui.label(one.note).classes("desk-soft desk-words")
        if one.remark:
            ui.label(one.remark).classes("desk-near")
