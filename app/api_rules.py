"""The rules service: assess facts, read rules and the dictionary of facts, match companies. Needs a key with scopes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Query

from app.api_access import Access, require
from app.api_catalogue import Described, FactView, FactViews, Head, Heads
from app.api_problems import ApiError, ProblemKind, responses
from app.api_questions import QuestionView
from app.api_requests import AssessRequest, MatchRequest, assess_examples, match_examples
from app.api_views import AnyResult, Evaluated, Form, RuleResult, ScoreAnswer, TableAnswer
from app.company_match import Answer, MatchedCompanies, match_companies
from app.wiring import Clock
from knowledge.base import KnowledgeBase
from rules.assess import assess
from rules.days import NINGBO
from rules.document import DecisionTable, RuleDocument
from rules.errors import FactError, RulesError
from rules.facts import Facts
from rules.questions import next_questions
from rules.scores import score
from rules.tables import decide
from rules.yaml_text import nearest
from store.api_keys import ApiKey, ApiScope
from store.asker import SYSTEM
from store.database import Database

_REFUSALS: Final = (ProblemKind.NO_KEY, ProblemKind.NOT_ALLOWED, ProblemKind.BAD_INPUT)
_DAY = Query(description="The day asked for; today in Ningbo unless given", examples=["2026-11-20"])


def rules_router(
    knowledge: Callable[[], KnowledgeBase], database: Database, clock: Clock, *, demo: bool
) -> APIRouter:
    """Return the router; `knowledge` gives the published revision at the time of the request."""
    router = APIRouter(prefix="/api/v1", tags=["rules"])
    access = Access(database, clock, demo=demo)
    counting = Depends(access.wants(ApiScope.MATCH_COUNT))

    def today() -> date:
        return clock().astimezone(NINGBO).date()

    @router.post(
        "/assess",
        summary="Assess rules for given facts",
        dependencies=[Depends(access.wants(ApiScope.ASSESS))],
        responses=responses(*_REFUSALS, ProblemKind.UNREADABLE),
    )
    def assess_facts(
        request: Annotated[AssessRequest, Body(openapi_examples=assess_examples())],
    ) -> Assessed:
        """Say for each rule: eligible, not eligible, or what is still missing, with amounts and articles.

        Nothing that is sent is kept. `next_questions` are the facts most worth asking for, best first.
        """
        base, day = knowledge(), request.as_of or today()
        documents = _wanted(base, request)
        facts = read_facts(base, request)
        try:
            results = [_result(base, document, facts, day, request) for document in documents]
            asked = next_questions(documents, facts, day, base.facts, most=request.questions)
        except RulesError as error:
            raise ApiError(
                ProblemKind.BAD_INPUT, "用这些取值算不出结果，请核对。", field="facts", reason=str(error)
            ) from None
        return Assessed(
            revision=base.hash,
            as_of=day,
            results=results,
            next_questions=[QuestionView.of(question) for question in asked],
        )

    @router.get(
        "/rules",
        summary="List rules, tables and scores",
        dependencies=[Depends(access.wants(ApiScope.RULES_READ))],
        responses=responses(*_REFUSALS),
    )
    def list_rules(
        kind: Annotated[str | None, Query(max_length=80, examples=["subsidy"])] = None,
        form: Annotated[Form | None, Query(description="rule, table or score")] = None,
        as_of: Annotated[date | None, _DAY] = None,
    ) -> Heads:
        """List what is published, in order of form and id."""
        base, day = knowledge(), as_of or today()
        heads = [Head.of(document, day) for document in base.documents()]
        chosen = [head for head in heads if kind in (None, head.kind) and form in (None, head.form)]
        return Heads(revision=base.hash, as_of=day, rules=chosen)

    @router.get(
        "/rules/{rule_id}",
        summary="Read a rule with its words, sources and history",
        dependencies=[Depends(access.wants(ApiScope.RULES_READ))],
        responses=responses(*_REFUSALS, ProblemKind.NOT_FOUND),
    )
    def read_rule(rule_id: str, as_of: Annotated[date | None, _DAY] = None) -> Described:
        """Return a rule, table or score; `versions` holds what it said and will say, by date."""
        base = knowledge()
        document = _found(base, rule_id)
        if document is None:
            raise ApiError(
                ProblemKind.NOT_FOUND, "没有这条规则。", field="rule_id", reason=_near(base, rule_id)
            )
        return Described.of_document(base, document, as_of or today())

    @router.get(
        "/facts",
        summary="Read the dictionary of facts",
        dependencies=[Depends(access.wants(ApiScope.RULES_READ))],
        responses=responses(*_REFUSALS),
    )
    def list_facts() -> FactViews:
        """Return every fact that rules may read: its type, values, question and how long an answer stays fresh."""
        base = knowledge()
        return FactViews(revision=base.hash, facts=[FactView.of(item) for item in base.facts.values()])

    @router.post(
        "/match",
        summary="Count or list the companies that a rule fits",
        responses=responses(*_REFUSALS, ProblemKind.UNREADABLE),
    )
    async def match(
        request: Annotated[MatchRequest, Body(openapi_examples=match_examples())],
        key: ApiKey | None = counting,
    ) -> MatchedCompanies:
        """Count the known companies that fit, may fit and do not fit; `list` needs the scope match:list."""
        if request.list and key is not None:
            require(key, ApiScope.MATCH_LIST)
        base = knowledge()
        rule = base.rules.get(request.rule)
        if rule is None:
            raise ApiError(
                ProblemKind.BAD_INPUT, "没有这条规则。", field="rule", reason=_near(base, request.rule)
            )
        async with database.reading() as tx:
            companies = await tx.people.companies()
            known = await tx.facts(SYSTEM).of_all()
        day = request.as_of or today()
        return await asyncio.to_thread(
            match_companies, base, rule, day, companies, known, listed=request.list
        )

    return router


class Assessed(Answer):
    """What the rules say of the facts."""

    results: list[AnyResult]
    next_questions: list[QuestionView]


def read_facts(base: KnowledgeBase, request: AssessRequest) -> Facts:
    """Return the facts that were sent. Raises ApiError for a name or value that cannot be used."""
    known: Mapping[str, Any] = request.facts
    for field, names in (("declined", request.declined), ("not_applicable", request.not_applicable)):
        for name in names:
            if name not in base.facts:
                raise _unknown_fact(base, field, name)
    for name in known:
        if name not in base.facts:
            raise _unknown_fact(base, f"facts.{name}", name)
    try:
        facts = base.facts.facts(known, source="API")
    except FactError as error:
        raise ApiError(
            ProblemKind.BAD_INPUT, error.message, field=f"facts.{error.fact}", reason="value cannot be used"
        ) from None
    for name in request.declined:
        facts = facts.declined(name)
    for name in request.not_applicable:
        facts = facts.not_applicable(name)
    return facts


def _unknown_fact(base: KnowledgeBase, field: str, name: str) -> ApiError:
    mend = nearest(name, base.facts)
    return ApiError(
        ProblemKind.BAD_INPUT,
        f"没有“{name[:80]}”这个事实，可用的见 GET /api/v1/facts。",
        field=field,
        reason=f"unknown fact; {mend}" if mend else "unknown fact",
    )


def _wanted(base: KnowledgeBase, request: AssessRequest) -> list[Evaluated]:
    if request.kind is not None:
        chosen = [document for document in base.documents() if document.kind == request.kind]
        if not chosen:
            kinds = "、".join(sorted({document.kind for document in base.documents()}))
            raise ApiError(
                ProblemKind.BAD_INPUT, f"没有这一类规则，可用：{kinds}。", field="kind", reason="unknown kind"
            )
        return chosen
    found = []
    for place, name in enumerate(request.rules or ()):
        document = _found(base, name)
        if document is None:
            raise ApiError(
                ProblemKind.BAD_INPUT, "没有这条规则。", field=f"rules.{place}", reason=_near(base, name)
            )
        found.append(document)
    return found


def _found(base: KnowledgeBase, name: str) -> Evaluated | None:
    try:
        return base.document(name)
    except KeyError:
        return None


def _near(base: KnowledgeBase, name: str) -> str:
    mend = nearest(name, [document.id for document in base.documents()])
    return f"unknown rule; {mend}" if mend else "unknown rule"


def _result(
    base: KnowledgeBase, document: Evaluated, facts: Facts, day: date, request: AssessRequest
) -> AnyResult:
    if isinstance(document, RuleDocument):
        return RuleResult.of(assess(document, facts, day, base.facts), trace=request.trace)
    if isinstance(document, DecisionTable):
        return TableAnswer.of(document, decide(document, facts, day, base.facts))
    return ScoreAnswer.of(score(document, facts, day, base.facts))
