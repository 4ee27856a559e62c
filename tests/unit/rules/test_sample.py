"""The sample document's own tests hold, and would notice a change."""

from __future__ import annotations

from datetime import date

import pytest

from rules.assess import Status, assess
from rules.document import parse_document
from rules.selftest import run_test, run_tests

NAMES = ["足额", "触顶", "一个否决", "资料不足", "资格已定", "窗口之外", "办法到期"]
PATENT_FIRM = {
    "注册地": "示例市甲区",
    "企业规模": "小型",
    "经营异常": False,
    "质押物": ["发明专利"],
    "质押登记日": date(2025, 6, 1),
    "贷款本金": 3000000,
    "实付利息": 120001,
    "曾获同项补贴": False,
}


@pytest.mark.parametrize("index", range(7))
def test_inline_test_passes(sample, dictionary, index):
    assert sample.tests[index].name.startswith(NAMES[index])
    assert run_test(sample, index, dictionary) == []


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ("amount: 60000,", "amount: 60001,"),
        ("capped: true", "capped: false"),
        ("because: [属地]", "because: [规模]"),
        ("missing: [质押登记日, 实付利息, 贷款本金]", "missing: [质押登记日, 贷款本金, 实付利息]"),
        ("amount_range: [200000, 270000]", "amount_range: [200000, 270001]"),
        ("next_window: 第二批", "next_window: 第一批"),
        ("expect: {status: expired}", "expect: {status: closed}"),
    ],
)
def test_a_wrong_expectation_is_noticed(sample_text, dictionary, written, changed):
    assert sample_text.count(written) == 1
    findings = run_tests(parse_document(sample_text.replace(written, changed), "sample"), dictionary)
    assert len(findings) == 1
    assert findings[0].line == sample_text[: sample_text.index(written)].count("\n") + 1


def test_trace_explains_every_node_in_chinese(sample, dictionary):
    result = assess(
        sample, dictionary.facts({**PATENT_FIRM, "注册地": "外地"}), date(2026, 11, 20), dictionary
    )
    assert result.status is Status.INELIGIBLE
    (failed,) = result.failures
    assert failed.text == "注册地是外地，本办法只支持本市企业"
    assert failed.got == "注册地：外地"
    assert failed.wanted == "注册地为示例市甲区或示例市乙区"
    assert str(failed.citations[0]).endswith("第三条第一项")


def test_amount_is_explained_with_its_articles(sample, dictionary):
    result = assess(sample, dictionary.facts(PATENT_FIRM), date(2026, 11, 20), dictionary)
    assert result.amount == 6_000_000
    assert result.amount_text == "实付利息120,001元 × 0.5 = 60,000.5元，上限200,000元"
    assert [citation.article for citation in result.amount_citations] == ["第七条第一款", "第八条"]


def test_remedy_is_offered_only_where_it_helps(sample, dictionary):
    bad = assess(sample, dictionary.facts({**PATENT_FIRM, "经营异常": True}), date(2026, 11, 20), dictionary)
    assert [node.remedy for node in bad.failures] == ["移出异常名录后可再申报"]
    good = assess(sample, dictionary.facts(PATENT_FIRM), date(2026, 11, 20), dictionary)
    assert not any(node.remedy for node in good.trace)


def test_closed_window_still_says_whether_waiting_is_worth_while(sample, dictionary):
    result = assess(sample, dictionary.facts({"注册地": "外地"}), date(2026, 6, 1), dictionary)
    assert (result.status, result.merits) == (Status.CLOSED, Status.INELIGIBLE)
    assert result.next_window.start == date(2026, 11, 1)


def test_declined_fact_stays_missing_but_is_not_askable(sample, dictionary):
    facts = dictionary.facts(PATENT_FIRM).without("贷款本金").declined("质押登记日")
    result = assess(sample, facts, date(2026, 11, 20), dictionary)
    assert result.status is Status.UNKNOWN
    assert result.missing == ("质押登记日",)  # 60,000 is below both caps: the principal no longer matters
    assert result.declined == ("质押登记日",)
    assert result.askable == ()


def test_not_yet_before_the_first_version(sample, dictionary):
    assert assess(sample, dictionary.facts({}), date(2024, 12, 31), dictionary).status is Status.NOT_YET
