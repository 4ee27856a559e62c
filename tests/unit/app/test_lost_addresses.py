"""What a person reads in a browser, and a program gets, at an address that leads nowhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from app.api_problems import PROBLEM, install
from app.demo import doors
from app.feeds import feeds_router
from bot.channels.web.refusal import ChatRoute, Refusal
from store.database import Database

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
async def http(database: Database, now: datetime) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install(app)
    app.include_router(feeds_router(database, lambda: now))
    app.include_router(doors(database, lambda: now, secure=False))

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError

    @app.get("/numbered/{number}")
    async def numbered(number: int) -> int:
        return number

    @app.post("/only-post")
    async def only_post() -> None:
        return None

    chat = APIRouter(route_class=ChatRoute)

    @chat.get("/chat/files/9")
    async def file() -> None:
        raise Refusal(404, "没有找到这个文件。")

    app.include_router(chat)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/nothing/here", 404, "没有内容"),
        ("/numbered/x", 422, "处理不了"),
        ("/only-post", 405, "不能直接打开"),
        ("/broken", 500, "已经记录"),
        ("/feeds/abc/deadlines.ics", 404, "请在聊天里发“订阅日历”"),
        ("/demo/abc", 404, "演示链接"),
        ("/chat/files/9", 404, "没有找到这个文件。"),
    ],
)
async def test_a_person_reads_what_to_do_next(
    http: httpx.AsyncClient, path: str, status: int, said: str
) -> None:
    answer = await http.get(path, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert said in answer.text
    assert 'href="/"' in answer.text
    assert 'href="/desk"' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/nothing", 404, "not-found"),
        ("/numbered/x", 422, "bad-input"),
        ("/only-post", 405, "not-this-way"),
        ("/broken", 500, "our-fault"),
    ],
)
async def test_a_program_gets_a_problem(http: httpx.AsyncClient, path: str, status: int, kind: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.json()["type"] == f"/api/problems/{kind}"


async def test_the_api_answers_problems_to_everybody(http: httpx.AsyncClient) -> None:
    assert (await http.get("/api/nothing", headers=BROWSER)).headers["content-type"] == PROBLEM


async def test_a_calendar_program_is_told_by_the_status_alone(http: httpx.AsyncClient) -> None:
    answer = await http.get("/feeds/abc/deadlines.ics", headers={"Accept": "text/calendar, */*"})
    assert (answer.status_code, answer.content) == (404, b"")


async def test_an_address_is_not_repeated_on_the_page(http: httpx.AsyncClient) -> None:
    answer = await http.get("/<script>alert(1)</script>", headers=BROWSER)
    assert "script>" not in answer.text
