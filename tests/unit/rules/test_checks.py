"""What the author of a document is told."""

from __future__ import annotations

from datetime import date

import pytest

from rules.checks import check_coverage, check_document, check_expiry, check_periods
from rules.document import parse_document
from rules.mutation import check_mutations, mutants
from rules.selftest import run_tests
from rules.wellformed import check_facts, facts_used, unused_facts


def _changed(text: str, *changes: tuple[str, str]):
    for written, changed in changes:
        assert written in text
        text = text.replace(written, changed, 1)
    return parse_document(text, "x")


@pytest.mark.parametrize(
    ("written", "changed", "words"),
    [
        ('"not 经营异常"', '"not 经营异长"', "没有“经营异长”"),
        ("['微型', '小型', '中型']", "['微型', '小型', '中形']", "“中形”不是企业规模的可选值"),
        ("质押登记日 >= date(2025, 1, 1)", "质押登记日 >= 2025", "日期不能和数字比较"),
        ("质押物 & {'商标'}", "质押物 in ['商标']", "多选的事实不能用 in"),
        ("质押物 & {'商标'}", "注册地 & {'示例市甲区'}", "“&”只用于集合"),
        ("not 经营异常", "not 贷款本金", "不能直接当条件"),
        ("实付利息 * 比例", "质押登记日 * 比例", "日期不能做四则运算"),
        ("实付利息 * 比例", "实付利息 * none", "none 只能写在"),
        ("实付利息 * 比例", "round_up(实付利息, 0) * 比例", "大于零的数字"),
        ("实付利息 * 比例", "round_up(质押登记日, 1) * 比例", "日期不能取整"),
        ("['微型', '小型', '中型']", "['微型', 3]", "一个列表里混了几种取值"),
        ("企业规模 in ['微型', '小型', '中型']", "企业规模 >= '微型'", "不能比较大小"),
        ("{企业规模}企业不在", "{企业规摸}企业不在", "文字里的{企业规摸}不是事实"),
    ],
)
def test_facts_must_fit_the_dictionary(sample_text, dictionary, written, changed, words):
    findings = check_facts(_changed(sample_text, (written, changed)), dictionary)
    assert any(words in item.message for item in findings)
    assert all(item.line > 1 for item in findings)


def test_a_mend_is_proposed_for_a_misspelt_fact(sample_text, dictionary):
    (item,) = check_facts(_changed(sample_text, ('"not 经营异常"', '"not 经营异长"')), dictionary)
    assert item.mend == "是不是“经营异常”？"


def test_unused_facts_are_listed(sample, dictionary):
    assert "贷款本金" in facts_used(sample)
    assert unused_facts([sample], dictionary) == ["还清日"]


def test_coverage_names_the_conditions_that_no_test_fails(sample, dictionary):
    lacking = [item.message for item in check_coverage(sample, dictionary)]
    assert "条件“规模”没有不通过的测试" in lacking
    assert not any("含商标" in message for message in lacking)


def test_every_turned_comparison_is_noticed_by_the_sample(sample, dictionary):
    assert len(list(mutants(sample))) == 9
    assert check_mutations(sample, dictionary) == []


def test_a_turned_comparison_that_nobody_notices_is_reported(sample_text, dictionary):
    head = sample_text[: sample_text.index("  - name: 触顶")]
    survivors = check_mutations(parse_document(head, "x"), dictionary)
    assert any("含商标" in item.field or "any[1]" in item.field for item in survivors)
    assert run_tests(parse_document(head, "x"), dictionary) == []


def test_boundaries_are_checked_on_request(sample, dictionary):
    fields = {item.field for item in check_mutations(sample, dictionary, boundaries=True)}
    assert fields == {"versions[0].require.all[3].if", "versions[0].amount.cap.value"}


@pytest.mark.parametrize(
    ("start", "words"), [("2026-12-31", "重叠"), ("2027-02-01", "空档"), ("2027-01-01", None)]
)
def test_versions_follow_each_other(sample_text, start, words):
    text = sample_text[: sample_text.index("tests:")]
    version = text[text.index("  - valid:") :].replace(
        "from: 2025-01-01, to: 2026-12-31", f"from: {start}, to: 2030-12-31"
    )
    version = version.replace("2026-", "2027-").replace("from: 2027-12-31", "from: 2026-12-31")
    findings = check_periods(parse_document(text + version, "x"))
    assert [words in item.message for item in findings] == ([True] if words else [])


def test_a_window_outside_the_validity_is_reported(sample_text):
    findings = check_periods(_changed(sample_text, ("to: 2026-12-10", "to: 2027-01-10")))
    assert ["第二批" in item.message for item in findings] == [True]


def test_what_runs_out_soon_is_reported(sample):
    assert check_expiry(sample, date(2026, 11, 1)) == []
    assert len(check_expiry(sample, date(2026, 11, 20))) == 1
    assert len(check_expiry(sample, date(2026, 12, 10))) == 2


def test_failing_tests_come_before_finer_checks(sample_text, dictionary):
    findings = check_document(_changed(sample_text, ("amount: 60000,", "amount: 1,")), dictionary)
    assert ["测试“足额资料" in item.message for item in findings] == [True]
