"""The rules service over HTTP: answers with articles and amounts, keys with scopes, problems instead of faults."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.api_problems import PROBLEM, install
from app.api_rules import rules_router
from knowledge.base import KnowledgeBase
from knowledge.loader import load_knowledge
from store.api_keys import ApiScope
from store.asker import SYSTEM
from store.database import Database
from store.fact_values import to_stored

PLEDGE = "subsidy.qianwan-pledge-interest"
DAY = date(2026, 11, 20)


@pytest.fixture(scope="session")
def knowledge() -> KnowledgeBase:
    """The published knowledge."""
    return load_knowledge(Path(__file__).parents[3] / "knowledge")


class Http:
    """A client of the service, with a key of all scopes unless another is given."""

    def __init__(self, application: FastAPI, secret: str) -> None:
        self._transport = httpx.ASGITransport(app=application, raise_app_exceptions=False)
        self.secret = secret

    async def __call__(
        self, method: str, path: str, *, key: str | None = "", **kwargs: Any
    ) -> httpx.Response:
        used = self.secret if key == "" else key
        headers = kwargs.pop("headers", {}) | ({"Authorization": f"Bearer {used}"} if used else {})
        async with httpx.AsyncClient(transport=self._transport, base_url="http://test") as client:
            return await client.request(method, path, headers=headers, **kwargs)


def application(knowledge: KnowledgeBase, database: Database, now: Any, *, demo: bool = False) -> FastAPI:
    """Return an application with the rules service only."""
    http = FastAPI()
    install(http)
    http.include_router(rules_router(lambda: knowledge, database, lambda: now, demo=demo))
    return http


@pytest.fixture
async def http(knowledge: KnowledgeBase, database: Database, now) -> Http:
    """A client with a key of all scopes."""
    async with database.transaction() as tx:
        secret = await tx.api_keys.add("all", list(ApiScope), now)
    return Http(application(knowledge, database, now), secret)


def is_problem(answer: httpx.Response, status: int, field: str | None = None) -> dict[str, Any]:
    """Check that the answer is a whole problem document, and return it."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    told = answer.json()
    assert told["status"] == status
    assert told["detail"]
    assert told["title"]
    assert told["type"].startswith("/api/problems/")
    if field is not None:
        assert told["field"] == field
    assert "Traceback" not in answer.text
    return dict(told)


async def test_assess_says_why_and_under_which_article(http: Http, knowledge: KnowledgeBase) -> None:
    body = {"rules": [PLEDGE], "facts": {"注册地": "慈溪市"}, "as_of": "2026-11-20"}
    told = (await http("POST", "/api/v1/assess", json=body)).json()
    assert (told["revision"], told["as_of"]) == (knowledge.hash, "2026-11-20")
    (result,) = told["results"]
    assert (result["form"], result["status"], result["because"]) == ("rule", "ineligible", ["属地"])
    failed = next(node for node in result["trace"] if node["id"] == "属地")
    assert failed["truth"] == "false"
    assert failed["citations"][0]["doc_no"] == "甬前市监〔2023〕27号"
    assert result["missing"] == []
    assert told["next_questions"] == []


async def test_assess_asks_for_what_is_missing_and_never_for_what_is_declined(http: Http) -> None:
    body: dict[str, Any] = {"rules": [PLEDGE], "facts": {"注册地": "前湾新区"}, "trace": False}
    told = (await http("POST", "/api/v1/assess", json=body)).json()
    assert told["as_of"] == "2026-11-20"
    assert told["results"][0]["trace"] == []
    assert told["results"][0]["missing"] == ["已办质押贷款"]
    (question,) = told["next_questions"]
    assert question["fact"] == "已办质押贷款"
    assert question["reasons"][0]["rule"] == PLEDGE
    body["declined"] = ["已办质押贷款"]
    told = (await http("POST", "/api/v1/assess", json=body)).json()
    assert told["results"][0]["declined"] == ["已办质押贷款"]
    assert told["next_questions"] == []


async def test_money_is_fen_with_words_beside_it(http: Http, knowledge: KnowledgeBase) -> None:
    """Every inline test of a published rule that names an amount, through HTTP."""
    seen = 0
    for rule in knowledge.rules.values():
        for test in rule.tests:
            if test.expect.amount is None:
                continue
            body = {
                "rules": [rule.id],
                "facts": {name: _json(value) for name, value in test.facts.items()},
                "as_of": test.as_of.isoformat(),
                "declined": list(test.declined),
                "not_applicable": list(test.not_applicable),
            }
            answer = await http("POST", "/api/v1/assess", json=body)
            assert answer.status_code == 200, answer.text
            amount = answer.json()["results"][0]["amount"]
            assert amount["fen"] == test.expect.amount * 100
            assert amount["yuan"].endswith("元")
            seen += 1
            if seen == 12:
                return
    assert seen


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_json(item) for item in value]
    return value if isinstance(value, bool | int | str) or value is None else str(value)


async def test_tables_answer_too(http: Http) -> None:
    body = {"rules": ["size.sme"], "facts": {"所属行业": "工业", "从业人数": 46, "年营业收入": "2100万元"}}
    (result,) = (await http("POST", "/api/v1/assess", json=body)).json()["results"]
    assert (result["form"], result["status"], result["outputs"]) == ("table", "decided", {"规模": "小型"})
    assert result["hits"][0]["citations"][0]["article"] == "工业"


async def test_a_kind_is_all_its_rules(http: Http, knowledge: KnowledgeBase) -> None:
    told = (await http("POST", "/api/v1/assess", json={"kind": "subsidy", "questions": 2})).json()
    assert [result["id"] for result in told["results"]] == [
        rule.id for rule in knowledge.rules_of_kind("subsidy")
    ]
    assert len(told["next_questions"]) <= 2


async def test_rules_are_listed_and_read(http: Http, knowledge: KnowledgeBase) -> None:
    told = (await http("GET", "/api/v1/rules", params={"kind": "subsidy", "as_of": "2010-01-01"})).json()
    assert {head["kind"] for head in told["rules"]} == {"subsidy"}
    assert not any(head["in_force"] for head in told["rules"])
    everything = (await http("GET", "/api/v1/rules")).json()["rules"]
    assert len(everything) == len(knowledge.documents())
    for form in ("rule", "table", "score"):
        part = (await http("GET", "/api/v1/rules", params={"form": form})).json()["rules"]
        assert {head["form"] for head in part} <= {form}


async def test_a_rule_has_words_sources_and_history(http: Http, knowledge: KnowledgeBase) -> None:
    for document in knowledge.documents():
        told = (await http("GET", f"/api/v1/rules/{document.id}")).json()
        assert told["prose"].startswith(document.title)
        assert {source["key"] for source in told["sources"]} == set(document.sources)
        assert [version["number"] for version in told["versions"]] == [
            place + 1 for place in range(len(document.periods))
        ]
        assert set(told["facts"]) <= set(knowledge.facts)
    told = (await http("GET", f"/api/v1/rules/{PLEDGE}")).json()
    assert told["facts"] == [name for name in knowledge.facts if name in ("注册地", "已办质押贷款")]
    assert told["versions"][0]["in_force"]
    assert "甬前市监〔2023〕27号" in told["versions"][0]["prose"]


async def test_facts_are_the_dictionary(http: Http, knowledge: KnowledgeBase) -> None:
    told = (await http("GET", "/api/v1/facts")).json()
    assert [fact["name"] for fact in told["facts"]] == list(knowledge.facts)


async def fill(database: Database, knowledge: KnowledgeBase, now: Any) -> None:
    """Three companies: one fits the pledge subsidy, one may, one does not."""
    companies = {
        "甲公司": {"注册地": "前湾新区", "已办质押贷款": True},
        "乙公司": {"注册地": "前湾新区"},
        "丙公司": {"注册地": "慈溪市", "已办质押贷款": True},
    }
    async with database.transaction() as tx:
        for name, facts in companies.items():
            company = await tx.people.add_company(name, now)
            read = knowledge.facts.facts(facts, source="测试", day=DAY)
            await tx.facts(SYSTEM).remember(company.id, to_stored(read, DAY), now)


async def test_match_counts_and_lists_only_with_the_scope(
    http: Http, knowledge: KnowledgeBase, database: Database, now
) -> None:
    await fill(database, knowledge, now)
    async with database.transaction() as tx:
        counter = await tx.api_keys.add("counter", [ApiScope.MATCH_COUNT], now)
    told = (await http("POST", "/api/v1/match", key=counter, json={"rule": PLEDGE})).json()
    assert told["counts"] == {"fits": 1, "may_fit": 1, "does_not_fit": 1}
    assert (told["companies"], told["force"]) == (None, "open")
    refused = await http("POST", "/api/v1/match", key=counter, json={"rule": PLEDGE, "list": True})
    assert "match:list" in is_problem(refused, 403)["reason"]
    assert "甲公司" not in refused.text
    named = (await http("POST", "/api/v1/match", json={"rule": PLEDGE, "list": True})).json()["companies"]
    assert {group: [company["name"] for company in members] for group, members in named.items()} == {
        "fits": ["甲公司"],
        "may_fit": ["乙公司"],
        "does_not_fit": ["丙公司"],
    }
    past = (await http("POST", "/api/v1/match", json={"rule": PLEDGE, "as_of": "2010-01-01"})).json()
    assert (past["force"], past["counts"]) == ("not_in_force", None)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/api/v1/assess", ApiScope.ASSESS),
        ("GET", "/api/v1/rules", ApiScope.RULES_READ),
        ("GET", f"/api/v1/rules/{PLEDGE}", ApiScope.RULES_READ),
        ("GET", "/api/v1/facts", ApiScope.RULES_READ),
        ("POST", "/api/v1/match", ApiScope.MATCH_COUNT),
    ],
)
async def test_every_route_wants_its_scope(
    http: Http, database: Database, now, method: str, path: str, scope: ApiScope
) -> None:
    async with database.transaction() as tx:
        others = await tx.api_keys.add("others", [other for other in ApiScope if other is not scope], now)
        ended = await tx.api_keys.add("ended", list(ApiScope), now)
        await tx.api_keys.revoke("ended", now)
    body = (
        {"json": {"rules": [PLEDGE]} if path.endswith("assess") else {"rule": PLEDGE}}
        if method == "POST"
        else {}
    )
    assert (await http(method, path, **body)).status_code == 200
    for key in (None, "zhituo_no-such-key", ended):
        answer = await http(method, path, key=key, **body)
        is_problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
    assert scope.value in is_problem(await http(method, path, key=others, **body), 403)["reason"]


async def test_on_a_demo_reading_and_assessing_need_no_key(
    knowledge: KnowledgeBase, database: Database, now
) -> None:
    http = Http(application(knowledge, database, now, demo=True), "")
    assert (await http("GET", "/api/v1/rules")).status_code == 200
    assert (await http("POST", "/api/v1/assess", json={"rules": [PLEDGE]})).status_code == 200
    is_problem(await http("POST", "/api/v1/match", json={"rule": PLEDGE}), 401)
    is_problem(await http("GET", "/api/v1/rules", key="zhituo_wrong"), 401)


async def test_the_day_of_use_is_kept(http: Http, database: Database) -> None:
    await http("GET", "/api/v1/facts")
    async with database.reading() as tx:
        (key,) = await tx.api_keys.all()
    assert key.last_used_on == DAY


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"rules": [PLEDGE], "kind": "subsidy"}, "body"),
        ({"rules": []}, "rules"),
        ({"rules": ["subsidy.qianwan-pledge"]}, "rules.0"),
        ({"kind": "nothing"}, "kind"),
        ({"kind": "subsidy", "facts": {"注册": "前湾新区"}}, "facts.注册"),
        ({"kind": "subsidy", "facts": {"注册地": "月球"}}, "facts.注册地"),
        ({"kind": "subsidy", "facts": {"注册地": {"a": 1}}}, "facts.注册地"),
        ({"kind": "subsidy", "facts": {"从业人数": -1}}, "facts.从业人数"),
        ({"kind": "subsidy", "facts": {"从业人数": 1.5}}, "facts.从业人数"),
        ({"kind": "subsidy", "facts": {"从业人数": None}}, "facts.从业人数"),
        ({"kind": "subsidy", "declined": ["没有"]}, "declined"),
        ({"kind": "subsidy", "as_of": "昨天"}, "as_of"),
        ({"kind": "subsidy", "questions": 21}, "questions"),
        ({"kind": "subsidy", "more": 1}, "more"),
        ([1], "body"),
        ("{", None),
    ],
)
async def test_bad_input_is_a_problem_that_names_the_field(http: Http, body: Any, field: str | None) -> None:
    is_problem(await http("POST", "/api/v1/assess", json=body), 422, field)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b'{"kind": "\\ud800"}', 422),
        (b'{"kind": "subsidy", "facts": {"\\ud800": 1}}', 422),
        (b'{"kind": "subsidy", "facts": {"\xe4\xbb\x8e\xe4\xb8\x9a\xe4\xba\xba\xe6\x95\xb0": NaN}}', 422),
        (b'{"kind": "subsidy", "facts": {"\xe4\xbb\x8e\xe4\xb8\x9a\xe4\xba\xba\xe6\x95\xb0": 1e400}}', 422),
        (b'{"rules": ' + b"[" * 100_000, 400),
        (b"\xff", 400),
    ],
)
async def test_a_broken_body_is_a_problem(http: Http, content: bytes, status: int) -> None:
    answer = await http(
        "POST", "/api/v1/assess", content=content, headers={"content-type": "application/json"}
    )
    told = is_problem(answer, status)
    assert not told["field"].isdecimal()  # the place of a character is no field


async def test_unknown_addresses_and_methods_are_problems(http: Http) -> None:
    is_problem(await http("GET", "/api/v1/nothing"), 404)
    is_problem(await http("GET", "/api"), 404)
    is_problem(await http("GET", "/api/v1/rules/no-such-rule"), 404, "rule_id")
    is_problem(await http("DELETE", "/api/v1/rules"), 405)
    is_problem(await http("GET", "/nothing"), 404)


async def test_a_fault_is_a_problem_without_a_trace(
    knowledge: KnowledgeBase, database: Database, now
) -> None:
    def broken() -> KnowledgeBase:
        raise ZeroDivisionError("secret detail")

    made = FastAPI()
    install(made)
    made.include_router(rules_router(broken, database, lambda: now, demo=True))
    answer = await Http(made, "")("GET", "/api/v1/rules")
    is_problem(answer, 500)
    assert "secret detail" not in answer.text


async def test_every_kind_of_problem_has_a_meaning(http: Http) -> None:
    named = (await http("GET", "/api/v1/nothing")).json()["type"]
    assert (await http("GET", named)).json()["status"] == 404
    is_problem(await http("GET", "/api/problems/nothing"), 404)


def test_the_documentation_is_whole(knowledge: KnowledgeBase, database: Database, now) -> None:
    """Every operation says what it does, what it wants and how it refuses; the examples can be sent as they are."""
    schema = application(knowledge, database, now).openapi()
    operations = [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/v1")
    ]
    assert len(operations) == 5
    for _, _, operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert operation["security"] == [{"ApiKey": []}]
        for status in ("401", "403", "422"):
            assert set(operation["responses"][status]["content"]) == {PROBLEM}
    posts = [operation for _, method, operation in operations if method == "post"]
    assert all(operation["requestBody"]["content"]["application/json"]["examples"] for operation in posts)


async def test_the_examples_work(http: Http, knowledge: KnowledgeBase, database: Database, now) -> None:
    schema = application(knowledge, database, now).openapi()
    for path in ("/api/v1/assess", "/api/v1/match"):
        examples = schema["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"]
        for example in examples.values():
            answer = await http("POST", path, json=example["value"])
            assert answer.status_code == 200, answer.text
