"""A body without an end is not read to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
from fastapi import FastAPI, Form
from pydantic import BaseModel

from app.api_problems import PROBLEM, install
from app.body_limit import BodyLimit


class _Words(BaseModel):
    words: str


async def test_what_is_too_large_is_refused_while_it_comes() -> None:
    http = FastAPI()
    http.add_middleware(BodyLimit, most=1_000)
    install(http)

    @http.post("/api/v1/said")
    def said(words: _Words) -> int:
        return len(words.words)

    @http.post("/desk/login")
    def login(login: str = Form()) -> int:
        return len(login)

    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1_000_000:
            sent += 500
            yield b"x" * 500

    transport = httpx.ASGITransport(app=http)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.post("/api/v1/said", json={"words": "x" * 900})).json() == 900
        large = await client.post("/api/v1/said", json={"words": "x" * 1_000})
        assert (large.status_code, large.headers["content-type"]) == (413, PROBLEM)
        assert large.json()["detail"] == "请求内容太大，请分几次发。"
        assert (await client.post("/desk/login", data={"login": "x" * 1_000})).status_code == 413
        kind = {"content-type": "application/json"}
        assert (await client.post("/api/v1/said", content=endless(), headers=kind)).status_code == 413
        assert sent < 3_000
