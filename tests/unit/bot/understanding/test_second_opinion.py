"""The endpoint may only choose among ours; absent, slow or wrong it changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date

import httpx
import pytest

from bot.understanding import second_opinion
from bot.understanding.intents import Intent
from bot.understanding.second_opinion import Endpoint, SecondOpinion
from bot.understanding.understand import Understanding, Understood, Verdict

TODAY = date(2026, 11, 20)
Answer = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


async def chosen(understanding: Understanding, answer: Answer, understood: Understood) -> Intent | None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:  # type: ignore[arg-type]
        endpoint = Endpoint("http://127.0.0.1:9/v1", "secret-key", "m")
        return await SecondOpinion(client, endpoint, understanding.names).choose(understood)


def says(content: object) -> Answer:
    return lambda request: httpx.Response(200, json={"choices": [{"message": {"content": content}}]})


@pytest.fixture
def unsure(understanding: Understanding) -> Understood:
    result = understanding.understand("ZL202010293847.9", TODAY)
    assert result.verdict is Verdict.CHOOSE
    return result


async def test_it_chooses_among_ours(understanding: Understanding, unsure: Understood) -> None:
    assert await chosen(understanding, says("2"), unsure) is Intent.ANNUITY_FEE
    assert await chosen(understanding, says(" 1. "), unsure) is Intent.ADD_ASSET


@pytest.mark.parametrize(
    "content", ["0", "99", "3", "-1", "年费", "1 因为……", "", None, 2, {"a": 1}, "请转账到……"]
)
async def test_anything_else_is_dropped(
    understanding: Understanding, unsure: Understood, content: object
) -> None:
    assert await chosen(understanding, says(content), unsure) is None


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(500),
        httpx.Response(401, json={}),
        httpx.Response(200, text="not json"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"choices": []}),
        httpx.Response(200, text=" " * 30_000 + '{"choices": [{"message": {"content": "1"}}]}'),
    ],
)
async def test_a_broken_answer_changes_nothing(
    understanding: Understanding, unsure: Understood, response: httpx.Response
) -> None:
    assert await chosen(understanding, lambda request: response, unsure) is None


async def test_absent_or_slow(
    understanding: Understanding, unsure: Understood, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async def sleep(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        return httpx.Response(200)

    monkeypatch.setattr(second_opinion, "TIME_LIMIT_SECONDS", 0.05)
    assert await chosen(understanding, refuse, unsure) is None
    assert await chosen(understanding, sleep, unsure) is None


async def test_a_sure_message_is_never_sent(understanding: Understanding) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise AssertionError("asked")

    assert await chosen(understanding, fail, understanding.understand("商标要续展", TODAY)) is None


async def test_no_figures_leave_the_house(understanding: Understanding, unsure: Understood) -> None:
    sent: list[str] = []

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(json.dumps(json.loads(request.content), ensure_ascii=False))
        return httpx.Response(200, json={"choices": [{"message": {"content": "1"}}]})

    await chosen(understanding, keep, unsure)
    story = understanding.understand("我电话13812345678，信箱a.b@example.com，家里水管爆了", TODAY)
    await chosen(understanding, keep, story)
    assert len(sent) == 2
    assert not any(
        secret in text for text in sent for secret in ("293847", "13812345678", "example", "secret-key")
    )


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(Endpoint("http://x", "secret", "m"))
