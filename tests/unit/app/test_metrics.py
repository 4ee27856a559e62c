"""`/metrics` is for this machine and for who has the token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from app.metrics import is_loopback, metrics_router
from scheduler.clock import Health
from store.database import Database

TOKEN = "a token for the scraper"
HEALTH = Health({"remind": datetime(2026, 11, 20, tzinfo=UTC)}, {"redocket": 2})


async def ask(
    database: Database, host: str, token: str = TOKEN, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    app = FastAPI()
    app.include_router(metrics_router(database, token, HEALTH))
    transport = httpx.ASGITransport(app=app, client=(host, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        return await http.get("/metrics", headers=headers)


async def test_this_machine_and_the_token_get_counts(database: Database) -> None:
    for answer in (
        await ask(database, "127.0.0.1", token=""),
        await ask(database, "::1", token=""),
        await ask(database, "203.0.113.7", headers={"Authorization": f"Bearer {TOKEN}"}),
        await ask(database, "203.0.113.7", headers={"Authorization": f"bearer {TOKEN}"}),
    ):
        assert answer.status_code == 200
        assert "# TYPE zhituo_outbox_messages gauge" in answer.text
        assert 'zhituo_tick_failures{tick="redocket"} 2.0' in answer.text
        assert 'zhituo_tick_last_run_seconds{tick="remind"} 1.7' in answer.text


@pytest.mark.parametrize(
    ("token", "sent"),
    [
        (TOKEN, None),
        (TOKEN, f"Bearer {TOKEN}x"),
        (TOKEN, TOKEN),
        (TOKEN, f"Basic {TOKEN}"),
        ("", "Bearer "),
        ("", None),
    ],
)
async def test_nobody_else_does(database: Database, token: str, sent: str | None) -> None:
    headers = {} if sent is None else {"Authorization": sent}
    answer = await ask(database, "203.0.113.7", token, headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "zhituo_outbox" not in answer.text


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via", "X-Forwarded-Port", "CF-Ray"]
)
async def test_who_comes_through_a_proxy_on_this_machine_is_not_on_it(
    database: Database, header: str
) -> None:
    assert (await ask(database, "127.0.0.1", headers={header: "127.0.0.1"})).status_code == 401


@pytest.mark.parametrize(
    ("asked_for", "status"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("zhituo.example", 401),
        ("localhost.example:8000", 401),
        ("[::1", 401),
        ("", 401),
    ],
)
async def test_who_asks_by_another_name_comes_through_a_proxy_that_says_nothing_of_itself(
    database: Database, asked_for: str, status: int
) -> None:
    assert (await ask(database, "127.0.0.1", headers={"Host": asked_for})).status_code == status


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_which_addresses_are_this_machine(host: str, own: bool) -> None:
    assert is_loopback(host) is own
