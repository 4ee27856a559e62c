"""Loading: everything or every problem with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.loader import build_knowledge, content_hash, load_knowledge, read_texts
from knowledge.problems import KnowledgeError
from rules.assess import Status, assess

TODAY = date(2026, 11, 20)
FAQ = """schema: faq/1
intent: subsidy
owner: 测试组
review_by: 2027-06-30
answers:
  - {id: subsidy.old, question: 有补贴吗, answer: 去年的答案，已经不用了。, cite: L1#第一条, valid: {to: 2025-12-31}}
  - {id: subsidy.new, question: 有补贴吗, answer: 今年的答案，现在就用。, cite: [L1, L2], valid: {from: 2026-01-01}}
"""
SOURCES = """schema: sources/1
sources:
  L1: {title: 样例法（虚构）, confidence: H}
  L2: {title: 样例网页（虚构）, confidence: L}
"""
OFFICES = """schema: offices/1
offices:
  - {id: office.city, name: 市局, for: 一切, intents: subsidy, cite: L1}
  - {id: office.a, name: 甲区局, for: 甲区的事, intents: subsidy, districts: 甲区, cite: L1}
"""


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def problems(folder: Path) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(folder)
    return [str(problem) for problem in caught.value.problems]


def test_a_rule_is_loaded_and_decides(folder: Path) -> None:
    knowledge = load_knowledge(folder)
    (rule,) = knowledge.rules_of_kind("subsidy")
    assert (
        assess(rule, knowledge.facts.facts({"注册地": "乙区"}), TODAY, knowledge.facts).status
        is Status.INELIGIBLE
    )
    assert knowledge.document("subsidy.sample") is rule
    assert knowledge.files["subsidy.sample"].startswith("policies/sample.yaml:")
    with pytest.raises(KeyError):
        knowledge.document("subsidy.nothing")


def test_the_hash_names_the_content(folder: Path) -> None:
    texts = read_texts(folder)
    assert (
        load_knowledge(folder).hash
        == content_hash(texts)
        == build_knowledge(dict(sorted(texts.items()))).hash
    )
    assert content_hash({**texts, "facts/x.yaml": ""}) != content_hash(texts)


def test_answers_hold_in_their_time_and_carry_the_weakest_confidence(folder: Path) -> None:
    put(folder, "faq/sources.yaml", SOURCES)
    put(folder, "faq/subsidy.yaml", FAQ)
    knowledge = load_knowledge(folder)
    (answer,) = knowledge.faq_of_intent("subsidy", TODAY)
    assert answer.id == "subsidy.new"
    assert [citation.title for citation in answer.citations] == ["样例法（虚构）", "样例网页（虚构）"]
    assert answer.confidence == "L"
    assert knowledge.faq["subsidy.old"].citations[0].article == "第一条"


def test_an_office_of_another_district_is_not_named(folder: Path) -> None:
    put(folder, "faq/sources.yaml", SOURCES)
    put(folder, "agencies/offices.yaml", OFFICES)
    knowledge = load_knowledge(folder)
    assert [office.id for office in knowledge.offices_for("subsidy", "甲区")] == ["office.a", "office.city"]
    assert [office.id for office in knowledge.offices_for("subsidy", "乙区")] == ["office.city"]
    assert knowledge.offices_for("customs") == ()


def test_every_broken_file_is_reported_at_once(folder: Path) -> None:
    put(folder, "policies/a.yaml", "schema: rules/1\nid: a\n  kind: b\n")
    put(folder, "policies/b.yaml", "schema: rules/9\n")
    put(folder, "facts/more.yaml", "人数: {type: number, asks: 几个人？}\n")
    put(folder, "faq/sources.yaml", "schema: sources/1\nsources: {L1: {title: 甲}, L1: {title: 乙}}\n")
    found = problems(folder)
    assert [problem.split(":")[0] for problem in found] == [
        "facts/more.yaml",
        "faq/sources.yaml",
        "policies/a.yaml",
        "policies/b.yaml",
    ]
    assert any("缺少“ask”" in problem for problem in found)
    assert any("写了两次" in problem for problem in found)


def test_an_unregistered_source_is_reported_where_it_stands(folder: Path) -> None:
    put(folder, "faq/sources.yaml", SOURCES)
    put(folder, "faq/subsidy.yaml", FAQ.replace("cite: L1#第一条", "cite: L3#第一条"))
    (found,) = problems(folder)
    assert found.startswith("faq/subsidy.yaml:6:")
    assert "L3" in found


def test_an_id_used_twice_names_both_places(folder: Path) -> None:
    text = (folder / "policies" / "sample.yaml").read_text(encoding="utf-8")
    put(folder, "policies/zwei.yaml", text)
    (found,) = problems(folder)
    assert found.startswith("policies/zwei.yaml:2:")
    assert "policies/sample.yaml:2" in found


def test_a_fact_defined_twice_is_reported(folder: Path) -> None:
    put(folder, "facts/more.yaml", "注册地: {type: enum, values: [甲区], ask: 哪里？}\n")
    (found,) = problems(folder)
    assert "事实 注册地" in found


def test_a_broken_law_table_is_reported(folder: Path) -> None:
    path = folder / "fees" / "annuities.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("table: annuities", "table: annuitees"), encoding="utf-8"
    )
    assert any(problem.startswith("fees/annuities.yaml:") for problem in problems(folder))


def test_a_file_that_is_no_text_is_reported(folder: Path) -> None:
    (folder / "facts" / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (found,) = problems(folder)
    assert "UTF-8" in found


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    assert "没有知识文件" in problems(tmp_path)[0]
