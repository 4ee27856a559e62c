"""What every page of the desk has: its style, its links by role, and small pieces that repeat."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final

from nicegui import ui

from desk.parts import Part
from desk.style import CSS
from desk.words import ROLES
from store.asker import Role
from store.records import Person

AGENCY: Final = frozenset({Role.AGENCY})
BUREAU: Final = frozenset({Role.EDITOR, Role.APPROVER})
KEEPERS: Final = BUREAU | {Role.OPERATOR}
ALL: Final = frozenset({Role.AGENCY, Role.EDITOR, Role.APPROVER, Role.OPERATOR})

LINKS: Final = (
    ("/queue", "工单", AGENCY),
    ("/companies", "企业", AGENCY),
    ("/group", "机构群", AGENCY),
    ("/contacts", "联系不上", AGENCY | BUREAU),
    ("/broadcasts", "政策推送", BUREAU),
    ("/campaigns", "推广链接", BUREAU),
    ("/undelivered", "未送达", ALL),
    ("/library", "规则库", ALL),
    ("/drafts", "修订", BUREAU),
    ("/revisions", "版本", KEEPERS),
    ("/unclear", "没听懂的话", BUREAU),
    ("/dashboard", "看板", ALL),
)
_BELOW: Final = {
    "/queue": ("/case/",),
    "/companies": ("/company/",),
    "/broadcasts": ("/broadcast/",),
    "/library": ("/rule/",),
    "/drafts": ("/draft/",),
}
"""Pages that a link's page leads to: the link is shown as the one somebody is under."""
HOME: Final = {
    Role.AGENCY: "/queue",
    Role.EDITOR: "/broadcasts",
    Role.APPROVER: "/broadcasts",
    Role.OPERATOR: "/dashboard",
}


def add(person: Person, path: str) -> None:
    """Draw the top of the page for this person."""
    ui.add_css(CSS)
    ui.colors(primary="#0f6b5c", positive="#1b7f3b")  # white words on either can be read
    with ui.header(elevated=False).classes("desk-top items-center"):
        ui.label("知托").classes("text-bold")
        for target, label, roles in LINKS:
            if person.role in roles:
                link = ui.link(label, target)
                if path.startswith((target, *_BELOW.get(target, ()))):
                    link.classes("here")
        ui.label(f"{person.name or person.login}（{ROLES[person.role]}）").classes("who")
        with ui.element("form").props('method="post" action="/desk/logout"'), ui.element("button"):
            ui.label("退出")


def empty(text: str) -> None:
    """Draw the sentence of a page with nothing on it."""
    ui.label(text).classes("desk-empty")


def title(key: Hashable, text: str) -> Part:
    """Return the part that is the title of a section."""
    return Part(("title", key), text, lambda: ui.label(text).classes("desk-title"))


def lead(key: Hashable, text: str) -> Part:
    """Return the part that says what follows."""
    return Part(("lead", key), text, lambda: ui.label(text).classes("desk-soft"))


def nothing(key: Hashable, text: str) -> Part:
    """Return the part that is the sentence of a section with nothing in it."""
    return Part(("empty", key), text, lambda: empty(text))


def fold(key: Hashable, title: str, shows: object, draw: Callable[[], object]) -> Part:
    """Return the part that is folded under its title, and stays open or closed while what is in it changes."""

    def inside() -> None:
        around = ui.context.slot.parent
        assert isinstance(around, ui.expansion)
        around.set_text(title)
        draw()

    return Part(("fold", key), (title, shows), inside, lambda: ui.expansion().classes("w-full"))


def card() -> ui.card:
    """Draw an empty card."""
    return ui.card().classes("desk-card")


def card_to(target: str) -> ui.card:
    """Draw an empty card that leads to another page of the desk."""
    return card().classes("link").on("click", lambda: ui.navigate.to(target))


def pair(label: str, value: str, classes: str = "") -> None:
    """Draw a label and its value."""
    with ui.element("div").classes("desk-pair"):
        ui.label(label)
        ui.label(value).classes(f"desk-words {classes}")


async def ask(title: str, hint: str, yes: str, *, needed: bool = False, value: str = "") -> str | None:
    """Return what the person writes into a dialog, or None when they leave it.

    The dialog stands beside the page's parts: it stays open, with what is written in it, while they are drawn anew.
    """
    with ui.context.client.content, ui.dialog() as dialog, ui.card().classes("w-full"):
        ui.label(title).classes("desk-title")
        words = (
            ui.textarea(label=hint, value=value).props("autogrow outlined maxlength=500").classes("w-full")
        )

        def done() -> None:
            if needed and not str(words.value or "").strip():
                ui.notify(hint, type="warning")
                return
            dialog.submit(str(words.value or ""))

        with ui.row().classes("w-full justify-end"):
            ui.button("取消", on_click=lambda: dialog.submit(None)).props("flat")
            ui.button(yes, on_click=done)
    answer = await dialog
    dialog.delete()
    return answer if isinstance(answer, str) else None


async def sure(question: str, yes: str) -> bool:
    """Return whether the person says yes a second time."""
    with ui.context.client.content, ui.dialog() as dialog, ui.card():
        ui.label(question).classes("desk-words")
        with ui.row().classes("w-full justify-end"):
            ui.button("取消", on_click=lambda: dialog.submit(False)).props("flat")
            ui.button(yes, on_click=lambda: dialog.submit(True))
    answer = await dialog
    dialog.delete()
    return answer is True
