"""The rules service over HTTP: `/api/v1`, with its documentation at `/api/docs` from files of our own."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from app import api_problems
from app.api_deadlines import deadlines_router
from app.api_rules import rules_router
from app.wiring import Clock, Minds
from rules.days import NINGBO
from store.database import Database


def mount(http: FastAPI, minds: Minds, database: Database, clock: Clock, *, demo: bool) -> None:
    """Add the API's routes and its documentation page, which loads nothing from other hosts.

    With `demo`, rules may be read and assessed without a key (`app.api_access`).
    """
    api_problems.install(http)
    http.include_router(rules_router(lambda: minds().knowledge, database, clock, demo=demo))
    http.include_router(
        deadlines_router(lambda: minds().knowledge.law, lambda: clock().astimezone(NINGBO).date())
    )
    assets = str(files("fastapi_swagger") / "resources")  # its Swagger UI reads OpenAPI 3.1
    under = (
        f"/api/docs/assets/{version('fastapi-swagger')}"  # else browsers keep the files of the version before
    )
    http.mount(under, StaticFiles(directory=assets), name="api-docs-assets")

    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/api/openapi.json",
            title="知托 API",
            swagger_js_url=f"{under}/swagger-ui-bundle.js",
            swagger_css_url=f"{under}/swagger-ui.css",
            swagger_favicon_url="/chat/static/seal.svg",
        )

    http.add_api_route("/api/docs", docs, include_in_schema=False)
