"""The HTTP interface for deadlines; bad input is a problem document (RFC 9457)."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app import api_problems
from app.api_deadlines import deadlines_router
from app.api_problems import PROBLEM
from app.cli_deadlines import law_tables


def client() -> httpx.AsyncClient:
    """Return a client of an application with the router only."""
    app = FastAPI()
    api_problems.install(app)
    app.include_router(deadlines_router(law_tables, lambda: date(2026, 11, 20)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


async def test_one_deadline() -> None:
    """The first question of all."""
    body = {"kind": "annuity", "inputs": {"right_type": "invention", "filing": "2020-04-15"}}
    async with client() as http:
        answer = await http.post("/api/v1/deadlines", json=body)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["figures"]["year"], told["nominal"], told["total_payable"]) == (8, "2027-04-15", 200000)
    assert told["as_of"] == "2026-11-20"
    assert told["steps"]


async def test_kinds() -> None:
    """The catalogue with labels."""
    async with client() as http:
        views = (await http.get("/api/v1/deadlines/kinds")).json()
    assert {"annuity", "oa1", "tm_opposition"} <= {view["id"] for view in views}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "nothing", "inputs": {}}, "kind"),
        (
            {"kind": "annuity", "inputs": {"right_type": "invention", "filing": "2020-04-15", "year": 21}},
            "year",
        ),
        ({"kind": "annuity", "inputs": {"right_type": "invention"}}, "filing"),
        ({"kind": "annuity", "inputs": {"filing": None}}, "inputs.filing"),
        ({"inputs": {}}, "kind"),
        ({"kind": "annuity", "as_of": "yesterday"}, "as_of"),
        ({"kind": "annuity", "inputs": {}, "more": 1}, "more"),
        ([1, 2], "body"),
    ],
)
async def test_bad_input_is_a_problem(body: Any, field: str) -> None:
    """422, the media type, the field, a sentence for the person and a reason for the operator."""
    async with client() as http:
        answer = await http.post("/api/v1/deadlines", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == PROBLEM
    told = answer.json()
    assert (told["type"], told["title"], told["status"]) == ("/api/problems/bad-input", "输入有误", 422)
    assert told["field"].startswith(field)
    assert told["detail"]
    assert told["reason"]


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [
        (b"{", 400, "unreadable"),
        (b"\xff", 400, "unreadable"),
        (b'{"kind": "\\ud800"}', 422, "bad-input"),
        (b'{"kind": "annuity", "inputs": {"\\ud800": "x"}}', 422, "bad-input"),
    ],
)
async def test_a_broken_body_is_a_problem(content: bytes, status: int, kind: str) -> None:
    """Text that is not JSON, and half surrogates: of the same kinds as everywhere under `/api`."""
    async with client() as http:
        answer = await http.post(
            "/api/v1/deadlines", content=content, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
        told = answer.json()
        assert told["type"] == f"/api/problems/{kind}"
        assert not told["field"].isdecimal()  # the place of a character is no field
        assert (await http.get(told["type"])).json()["status"] == status


async def test_the_description_lists_the_problems_that_are_answered() -> None:
    async with client() as http:
        described = (await http.get("/openapi.json")).json()["paths"]["/api/v1/deadlines"]["post"][
            "responses"
        ]
    assert described.keys() == {"200", "400", "413", "422"}
    for status in ("400", "413", "422"):
        assert list(described[status]["content"]) == [PROBLEM]
