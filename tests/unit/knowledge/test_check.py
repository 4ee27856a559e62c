"""Checking the content as a whole."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from knowledge.check import check_knowledge

TODAY = date(2026, 11, 20)


def rewrite(folder: Path, old: str, new: str) -> None:
    path = folder / "policies" / "sample.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_sound_content_has_no_findings(folder: Path) -> None:
    report = check_knowledge(folder, TODAY)
    assert report.problems == ()
    assert (report.counts.rules, report.counts.nodes, report.counts.tests) == (1, 1, 3)
    assert report.counts.citations == 3


def test_a_failing_test_is_found(folder: Path) -> None:
    rewrite(folder, "amount: 5000}", "amount: 6000}")
    (found,) = check_knowledge(folder, TODAY).problems
    assert (found.file, found.line) == ("policies/sample.yaml", 16)


def test_a_missing_kind_of_test_is_found(folder: Path) -> None:
    rewrite(folder, "  - {name: 未知, as_of: 2026-11-20, expect: {status: unknown, missing: [注册地]}}\n", "")
    assert any("没有未知的测试" in problem.message for problem in check_knowledge(folder, TODAY).problems)


def test_an_unknown_fact_is_found_with_a_mend(folder: Path) -> None:
    rewrite(folder, "if: \"注册地 == '甲区'\"", "if: \"注册的 == '甲区'\"")
    assert any("注册地" in problem.mend for problem in check_knowledge(folder, TODAY).problems)


def test_an_unused_fact_is_found(folder: Path) -> None:
    path = folder / "facts" / "company.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "人数: {type: int, ask: 几个人？}\n", encoding="utf-8")
    (found,) = check_knowledge(folder, TODAY).problems
    assert (found.file, found.line, found.field) == ("facts/company.yaml", 2, "人数")


def test_a_document_number_that_no_source_bears_is_found(folder: Path) -> None:
    rewrite(folder, "    amount:", "    notes: [按甬某发〔2031〕99号办]\n    amount:")
    (found,) = check_knowledge(folder, TODAY).problems
    assert "〔2031〕99号" in found.message
    assert found.file == "policies/sample.yaml"


def test_a_reference_to_nothing_is_found(folder: Path) -> None:
    rewrite(folder, "    amount:", "    next_if_no: [subsidy.sampel]\n    amount:")
    (found,) = check_knowledge(folder, TODAY).problems
    assert "subsidy.sampel" in found.message
    assert "subsidy.sample" in found.mend


def test_what_is_due_for_review_is_a_notice_and_stops_nothing(folder: Path) -> None:
    rewrite(folder, "review_by: 2027-06-30", "review_by: 2026-12-01")
    report = check_knowledge(folder, TODAY)
    assert report.problems == ()
    assert report.notices[0].field == "review_by"


def test_what_does_not_load_is_reported_alone(folder: Path) -> None:
    rewrite(folder, "cite: S1#第一条", "cite: S9#第一条")
    (found,) = check_knowledge(folder, TODAY).problems
    assert found.line == 13
