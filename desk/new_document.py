"""Begin a new rule, table or score from one that there is: the form is already right, only the content differs."""

from __future__ import annotations

import re
from typing import Final

from nicegui import ui

from desk.drafts import edit_link
from desk.visit import RefusedError, Visit
from desk.words import TEXTS

_ID: Final = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
_ID_LINE: Final = re.compile(r"^id:.*$", re.MULTILINE)


async def copy_as_new(visit: Visit, path: str) -> None:
    """Ask for the new id, begin a draft of a new file beside the sample, and open it."""
    with ui.dialog() as dialog, ui.card().classes("w-full"):
        ui.label("以此为样本新建").classes("desk-title")
        box = ui.input("新的编号，例如 subsidy.haishu-patent-2027").props("outlined").classes("w-full")
        with ui.row().classes("w-full justify-end"):
            ui.button("取消", on_click=lambda: dialog.submit(None)).props("flat")
            ui.button("开始写", on_click=lambda: dialog.submit(str(box.value or "")))
    name = await dialog
    dialog.delete()
    if isinstance(name, str):
        await visit.act(_begin(visit, path, name.strip()))


async def _begin(visit: Visit, path: str, name: str) -> None:
    await visit.still_in()
    content, drafts = visit.editorial.service.content, visit.editorial.drafts
    target = new_path(path, name)
    if not _ID.fullmatch(name) or len(name) > 80:
        raise RefusedError(TEXTS.say("drafts.id_wrong"))
    if name in content.knowledge.files or target in content.documents or drafts.of_path(target) is not None:
        raise RefusedError(TEXTS.say("drafts.id_taken", name=name))
    text = _ID_LINE.sub(f"id: {name}", content.documents[path], count=1)
    drafts.begin(target, None, text, visit.login, visit.deps.clock(), name)
    ui.navigate.to(edit_link(target))


def new_path(sample: str, name: str) -> str:
    """Return the file of a new document: beside its sample, named after the last part of its id."""
    return f"{sample.partition('/')[0]}/{name.rpartition('.')[2]}.yaml"
