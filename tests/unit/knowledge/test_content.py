"""The shipped content: clean without exceptions, complete, quick to load, and careful about what it does not know."""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path

import pytest

import knowledge
from knowledge.base import KnowledgeBase
from knowledge.check import check_knowledge
from knowledge.coverage import coverage, coverage_page
from knowledge.loader import load_knowledge, read_texts
from knowledge.prose import document_prose
from rules.assess import Status, assess
from rules.mutation import check_mutations
from rules.tables import TableStatus, decide

SHIPPED = Path(knowledge.__file__).parent
PROJECT = SHIPPED.parent
TODAY = date(2026, 11, 20)
NEW_LAW = date(2027, 1, 1)


@pytest.fixture(scope="module")
def known() -> KnowledgeBase:
    return load_knowledge(SHIPPED)


def test_it_is_clean() -> None:
    report = check_knowledge(SHIPPED, TODAY)
    assert [str(problem) for problem in report.problems] == []
    assert report.counts.rules >= 45
    assert report.counts.answers >= 150
    assert report.counts.tests >= 450


def test_every_threshold_is_tested_exactly(known: KnowledgeBase) -> None:
    documents = [*known.rules.values(), *known.tables.values()]
    found = [
        str(item)
        for document in documents
        for item in check_mutations(document, known.facts, boundaries=True)
    ]
    assert found == []


def test_it_loads_in_a_second_or_two() -> None:
    begun = time.process_time()
    load_knowledge(SHIPPED)
    assert time.process_time() - begun < 4  # 0.7 s on a quiet machine; figures belong into benchmarks/


def test_every_row_of_the_coverage_list_is_accounted_for(known: KnowledgeBase) -> None:
    rows = coverage(known, SHIPPED)
    assert [row.row for row in rows if not row.accounted_for] == []
    assert len(rows) == 126


def test_the_coverage_page_is_up_to_date(known: KnowledgeBase) -> None:
    written = (PROJECT / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert coverage_page(coverage(known, SHIPPED)) == written, (
        "run: zhituo knowledge coverage --write docs/coverage.md"
    )


def test_every_document_can_be_read_in_words(known: KnowledgeBase) -> None:
    for name in [*(document.id for document in known.documents()), *known.guides, *known.faq]:
        assert len(document_prose(known, name)) > 20, name


def test_every_district_has_an_answer_and_an_office(known: KnowledgeBase) -> None:
    table = known.tables["subsidy.district-office"]
    for district in known.facts["注册地"].values:
        result = decide(table, known.facts.facts({"注册地": district}), TODAY, known.facts)
        assert result.status is TableStatus.DECIDED, district
        assert result.outputs is not None
        assert result.outputs["问哪里"], district


def test_old_subsidies_answer_ended_and_closed_rounds_closed(known: KnowledgeBase) -> None:
    facts = known.facts.facts({"注册地": "前湾新区"})
    status = {
        rule.id: assess(rule, facts, TODAY, known.facts).status for rule in known.rules_of_kind("subsidy")
    }
    assert status["subsidy.city-grant-2020"] is Status.EXPIRED
    assert status["subsidy.city-foreign-grant-2018"] is Status.EXPIRED
    assert status["subsidy.qianwan-management-standard"] is Status.CLOSED
    assert status["subsidy.city-portfolio"] is Status.CLOSED
    assert status["subsidy.qianwan-pledge-interest"] is Status.UNKNOWN
    assert status["subsidy.hightech-pledge-interest"] is Status.INELIGIBLE


def test_an_unpublished_amount_is_never_a_number(known: KnowledgeBase) -> None:
    rule = known.rules["subsidy.qianwan-pledge-interest"]
    facts = known.facts.facts({"注册地": "前湾新区", "已办质押贷款": True})
    result = assess(rule, facts, TODAY, known.facts)
    assert result.status is Status.ELIGIBLE
    assert result.amount is None
    assert result.amount_range is None
    assert "没有收录" in result.amount_text


def test_the_trademark_route_cites_the_law_of_the_day(known: KnowledgeBase) -> None:
    table = known.tables["dispute.route-trademark"]
    said = {
        "商标已注册": True,
        "商标使用情形": "用了近似商标或用在类似商品上",
        "侵权场景": "线下店铺或工厂",
        "要求大额赔偿": False,
    }
    facts = known.facts.facts(said)
    cited = {
        day: [str(citation) for citation in decide(table, facts, day, known.facts).citations]
        for day in (date(2026, 12, 31), NEW_LAW)
    }
    assert "《商标法》（2019年修正）第六十条" in cited[date(2026, 12, 31)]
    assert "《商标法》（2026年修订）第七十四条" in cited[NEW_LAW]
    assert not any("2019年修正" in citation for citation in cited[NEW_LAW])


def test_only_demo_agencies_take_cases_and_all_of_them_are_marked(known: KnowledgeBase) -> None:
    takers = [agency for agency in known.agencies.values() if agency.takes_cases]
    assert takers
    assert all(agency.demo and "演示" in agency.name for agency in takers)


def test_a_stale_telephone_number_comes_with_a_warning(known: KnowledgeBase) -> None:
    for office in known.offices.values():
        if office.contact and office.contact_day:
            assert "核对" in office.note, office.id


def test_no_mobile_numbers_and_no_mail_addresses_are_published() -> None:
    for name, text in read_texts(SHIPPED).items():
        assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", text), name
        assert not re.search(r"[\w.]+@[\w-]+\.[a-z]{2,}", text), name


def test_every_fact_is_asked_for_in_a_question_and_says_why(known: KnowledgeBase) -> None:
    for fact in known.facts.values():
        assert fact.ask.endswith("？"), fact.name
        assert fact.why, fact.name
