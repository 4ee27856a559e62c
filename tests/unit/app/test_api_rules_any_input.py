"""Whatever is sent, the rules service answers with a result or with a problem, never with a fault."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api_problems import PROBLEM, install
from app.api_rules import rules_router
from knowledge.loader import load_knowledge
from store.database import Database

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
KNOWLEDGE = load_knowledge(Path(__file__).parents[3] / "knowledge")
QUICK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

IDS = st.sampled_from([document.id for document in KNOWLEDGE.documents()])
KINDS = st.sampled_from(sorted({document.kind for document in KNOWLEDGE.documents()}))
NAMES = st.sampled_from(list(KNOWLEDGE.facts))
ANY = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.text(max_size=5))
)


def _fitting(name: str) -> st.SearchStrategy[Any]:
    definition = KNOWLEDGE.facts[name]
    listed = st.sampled_from(definition.values) if definition.values else st.integers(0, 10**9)
    dates = st.dates().map(str)
    return st.one_of(listed, st.booleans(), st.integers(0, 500), dates, ANY, st.lists(listed, max_size=3))


FACTS = st.lists(NAMES, max_size=8, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: _fitting(name) for name in names})
)
DAYS = st.dates().map(str) | st.text(max_size=10) | st.none()
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "facts": FACTS | st.dictionaries(st.text(max_size=5), ANY, max_size=3),
        "rules": st.lists(IDS, min_size=1, max_size=4) | ANY,
        "kind": KINDS | ANY,
        "declined": st.lists(NAMES, max_size=3),
        "not_applicable": st.lists(NAMES, max_size=3),
        "as_of": DAYS,
        "trace": st.booleans(),
        "questions": st.integers(-1, 21),
    },
)
LIKELY = st.fixed_dictionaries(
    {"facts": FACTS, "rules": st.lists(IDS, min_size=1, max_size=4)},
    optional={"as_of": st.dates().map(str), "declined": st.lists(NAMES, max_size=3)},
)


class _Closed(Database):
    """A demo without a key opens no database here."""

    def __init__(self) -> None:
        super().__init__("sqlite+aiosqlite:///:memory:")


def _clean(value: Any) -> Any:
    """JSON has no NaN and no infinity."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


Send = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def send() -> Iterator[Send]:
    """A client that raises what the application raises."""
    http = FastAPI()
    install(http)
    http.include_router(rules_router(lambda: KNOWLEDGE, _Closed(), lambda: NOW, demo=True))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=http), base_url="http://test")
    with asyncio.Runner() as runner:

        def request(method: str, path: str, **kwargs: Any) -> httpx.Response:
            return runner.run(client.request(method, path, **kwargs))

        yield request
        runner.run(client.aclose())


@QUICK
@given(st.one_of(REQUESTS, LIKELY, LIKELY))
def test_assess_answers_or_says_what_is_wrong(send: Send, body: Any) -> None:
    answer = send("POST", "/api/v1/assess", json=_clean(body))
    assert answer.status_code in (200, 422)
    told = answer.json()
    if answer.status_code == 422:
        assert answer.headers["content-type"] == PROBLEM
        assert told["detail"]
        return
    for result in told["results"]:
        assert result["status"]
        assert not set(result["missing"]) & set(body.get("facts", {})) or body.get("declined")
        if result["form"] == "rule" and result["amount"] is not None:
            assert isinstance(result["amount"]["fen"], int)
            assert result["citations"]
    for question in told["next_questions"]:
        assert question["fact"] not in body.get("declined", ())
        assert question["fact"] not in body.get("facts", {})


@QUICK
@given(st.text(min_size=1, max_size=30), DAYS)
def test_any_rule_id_and_day(send: Send, name: str, day: str | None) -> None:
    answer = send(
        "GET",
        f"/api/v1/rules/{name.encode('utf-8', 'replace').hex()}",
        params={} if day is None else {"as_of": day},
    )
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == PROBLEM
