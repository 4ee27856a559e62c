"""Put the desk under `/desk` of the service's web application."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from nicegui import core, ui

from desk import (
    broadcast_form,
    broadcast_page,
    broadcasts,
    campaigns,
    case_page,
    companies,
    contacts,
    dashboard,
    draft_page,
    drafts,
    frame,
    group_page,
    library,
    queue,
    revisions_page,
    rule_edit,
    unclear_page,
    undelivered,
)
from desk.deps import DeskDeps
from desk.door import COOKIE, PREFIX, door, missing_page
from desk.files import files
from desk.login import signed_in

PAGES = (
    queue,
    case_page,
    companies,
    group_page,
    contacts,
    broadcasts,
    broadcast_form,
    broadcast_page,
    campaigns,
    undelivered,
    library,
    rule_edit,
    drafts,
    draft_page,
    revisions_page,
    unclear_page,
    dashboard,
)


def mount(app: FastAPI, deps: DeskDeps) -> None:
    """Add the door and the pages. Call it once, after the routes of `app` that must win over the desk."""
    app.include_router(door(deps))
    app.include_router(files(deps))
    _home(deps)
    for part in PAGES:
        part.add(deps)
    _lost()
    ui.run_with(app, mount_path=PREFIX, title="知托工作台", language="zh-CN", show_welcome_message=False)


def _lost() -> None:
    """Answer an address that there is not in the words of the desk, not of the framework."""

    @core.app.exception_handler(404)
    async def lost(request: Request, _: Exception) -> Response:
        return missing_page()


def _home(deps: DeskDeps) -> None:
    async def home(request: Request) -> Response:
        person = await signed_in(deps, request.cookies.get(COOKIE))
        return RedirectResponse(PREFIX + ("/login" if person is None else frame.HOME[person.role]), 303)

    ui.page("/")(home)
