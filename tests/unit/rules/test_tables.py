"""Decision tables: hit policies, unknown facts, gaps, overlaps and shadowed rows."""

from __future__ import annotations

from datetime import date

import pytest

from rules.checks import check_document
from rules.document import DecisionTable, parse_document
from rules.errors import DocumentError
from rules.facts import FactDictionary
from rules.selftest import run_tests
from rules.table_checks import check_table
from rules.tables import TableStatus, decide
from tests.unit.rules.sample_documents import read_document

DAY = date(2026, 1, 1)
DICTIONARY = FactDictionary.parse(
    {
        "行业": {"type": "enum", "values": ["工业", "批发", "零售"], "ask": "什么行业？"},
        "人数": {"type": "int", "unit": "人", "ask": "多少人？"},
        "收入": {"type": "money", "unit": "元", "ask": "收入多少？"},
        "权利": {"type": "set", "values": ["专利", "商标"], "ask": "哪些权利？"},
    }
)
HEAD = "{schema: table/1, id: t, kind: dispute, title: 表, owner: 甲, review_by: 2027-01-01, sources: {S: {title: 源}}, "


def table(rest: str) -> DecisionTable:
    document = parse_document(HEAD + rest + "}", "表")
    assert isinstance(document, DecisionTable)
    return document


def staff(hit: str, *rows: str, outputs: str = "{级: any}", more: str = "") -> DecisionTable:
    """A table on the number of staff; a row is `condition -> output`."""
    lines = []
    for place, row in enumerate(rows, 1):
        when, then = row.split(" -> ")
        lines.append(f'{{id: r{place}, when: {{人数: "{when}"}}, then: {{级: {then}}}, cite: S}}')
    return table(f"hit: {hit}, {more} inputs: [人数], outputs: {outputs}, rows: [{', '.join(lines)}]")


def ask(document: DecisionTable, **facts: object):
    return decide(document, DICTIONARY.facts(facts), DAY, DICTIONARY)


def test_the_sample_table_is_clean_and_its_tests_pass():
    document = read_document("size.yaml")
    assert run_tests(document, DICTIONARY) == []
    assert [str(item) for item in check_document(document, DICTIONARY)] == []


def test_money_comes_out_in_fen():
    result = ask(read_document("size.yaml"), 行业="工业", 人数=999, 收入=12345)
    assert result.outputs["费用"] == 1235
    assert str(result.citations[0]) == "《划型标准（虚构）》表一"


def test_an_output_that_needs_a_missing_fact_is_left_open():
    result = ask(read_document("size.yaml"), 行业="工业", 人数=500)
    assert result.status is TableStatus.DECIDED
    assert result.outputs == {"规模": "中型", "费用": None}


@pytest.mark.parametrize(
    ("document", "facts", "status", "outputs"),
    [
        (staff("unique", ">= 5 -> 大", "< 5 -> 小"), {"人数": 5}, "decided", {"级": "大"}),
        (staff("unique", ">= 5 -> 大", ">= 3 -> 中"), {"人数": 5}, "conflict", None),
        (staff("unique", ">= 5 -> 大"), {"人数": 1}, "no_match", None),
        (staff("any", ">= 5 -> 大", ">= 3 -> 大"), {"人数": 5}, "decided", {"级": "大"}),
        (staff("any", ">= 5 -> 大", ">= 3 -> 中"), {"人数": 5}, "conflict", None),
        (staff("first", ">= 3 -> 中", ">= 5 -> 大"), {"人数": 5}, "decided", {"级": "中"}),
        (staff("first", ">= 5 -> 大", '- -> 小'), {}, "unknown", None),
        (staff("rule_order", ">= 3 -> 中", ">= 5 -> 大"), {"人数": 5}, "decided", {"级": ["中", "大"]}),
        (staff("collect", ">= 3 -> 1", ">= 5 -> 2", more="aggregate: sum,"), {"人数": 5}, "decided", {"级": 3}),
        (staff("collect", ">= 3 -> 1", ">= 5 -> 2", more="aggregate: min,"), {"人数": 5}, "decided", {"级": 1}),
        (staff("collect", ">= 3 -> 1", ">= 5 -> 2", more="aggregate: max,"), {"人数": 5}, "decided", {"级": 2}),
        (staff("collect", ">= 3 -> 1", ">= 5 -> 2", more="aggregate: count,"), {"人数": 1}, "decided", {"级": 0}),
        (staff("priority", ">= 3 -> 中", ">= 5 -> 大", outputs="{级: {values: [大, 中]}}"), {"人数": 5}, "decided", {"级": "大"}),
        (staff("output_order", ">= 3 -> 中", ">= 5 -> 大", outputs="{级: {values: [大, 中]}}"), {"人数": 5}, "decided", {"级": ["大", "中"]}),
    ],
)  # fmt: skip
def test_hit_policies(document, facts, status, outputs):
    result = ask(document, **facts)
    assert result.status.value == status
    assert result.outputs == outputs


def test_else_holds_when_no_other_row_can():
    document = table(
        "hit: unique, inputs: [人数], outputs: [级], "
        "rows: [{id: a, when: {人数: '>= 5'}, then: {级: 大}, cite: S}, {id: b, else: true, then: {级: 小}, cite: S}]"
    )
    assert ask(document, 人数=4).outputs == {"级": "小"}
    assert ask(document).missing == ("人数",)


def test_a_row_with_a_tree_and_a_set():
    document = table(
        "hit: first, inputs: [权利], outputs: [路], rows: ["
        "{id: a, when: {权利: \"& {'专利'}\"}, require: {any: [{id: x, if: '人数 > 5', cite: S, pass: 多, fail: 少}, "
        "{id: y, if: '收入 > 5', cite: S, pass: 多, fail: 少}]}, then: {路: 调解}, cite: S}, "
        "{id: b, else: true, then: {路: 诉讼}, cite: S}]"
    )
    assert ask(document, 权利=["专利"], 收入=6).outputs == {"路": "调解"}
    assert ask(document, 权利=["商标"]).outputs == {"路": "诉讼"}
    assert ask(document, 权利=["专利"], 人数=1).missing == ("收入",)


def test_rows_and_tables_have_their_time():
    document = table(
        "hit: first, inputs: [人数], outputs: [级], valid: {from: 2025-01-01, to: 2026-12-31}, rows: ["
        "{id: a, when: {人数: '>= 0'}, then: {级: 旧}, cite: S, valid: {to: 2025-12-31}}, "
        "{id: b, when: {人数: '>= 0'}, then: {级: 新}, cite: S}]"
    )
    facts = DICTIONARY.facts({"人数": 1})
    assert decide(document, facts, date(2025, 6, 1), DICTIONARY).outputs == {"级": "旧"}
    assert decide(document, facts, date(2026, 6, 1), DICTIONARY).outputs == {"级": "新"}
    assert decide(document, facts, date(2027, 1, 1), DICTIONARY).status is TableStatus.EXPIRED
    assert decide(document, facts, date(2024, 1, 1), DICTIONARY).status is TableStatus.NOT_YET


def test_gaps_overlaps_and_shadowed_rows_are_found():
    assert (
        "人数为5时没有一行成立"
        in check_table(staff("unique", "> 5 -> 大", "< 5 -> 小"), DICTIONARY)[0].message
    )
    assert check_table(staff("unique", "> 5 -> 大", "< 5 -> 小", more="complete: false,"), DICTIONARY) == []
    (overlap,) = check_table(staff("unique", ">= 5 -> 大", "<= 5 -> 小"), DICTIONARY)
    assert "人数为5时“r1”和“r2”两行同时成立" in overlap.message
    (shadowed,) = check_table(staff("first", ">= 0 -> 大", "> 5 -> 小"), DICTIONARY)
    assert "r2”这一行总被前面的行挡住" in shadowed.message
    (impossible,) = check_table(staff("first", ">= 0 -> 大", "> 5 and < 4 -> 小"), DICTIONARY)
    assert "不可能成立" in impossible.message


@pytest.mark.parametrize(
    "rest",
    [
        "hit: unique, inputs: [人数], outputs: [级], rows: [{id: a, when: {收入: 1}, then: {级: 1}, cite: S}]",
        "hit: unique, inputs: [人数], outputs: [级], rows: [{id: a, when: {人数: 1}, then: {路: 1}, cite: S}]",
        "hit: unique, inputs: [人数], outputs: [级], rows: [{id: a, when: {人数: '> 1 and 3'}, then: {级: 1}, cite: S}]",
        'hit: unique, inputs: [人数], outputs: [级], rows: [{id: a, when: {人数: "a\'b"}, then: {级: 1}, cite: S}]',
        "hit: unique, inputs: [人数], outputs: [级], rows: [{id: a, when: {人数: 1}, then: {级: 1}}]",
        "hit: some, inputs: [人数], outputs: [级], rows: [{id: a, when: {人数: 1}, then: {级: 1}, cite: S}]",
        "hit: first, aggregate: sum, inputs: [人数], outputs: [级], rows: [{id: a, when: {人数: 1}, then: {级: 1}, cite: S}]",
        "hit: priority, inputs: [人数], outputs: [级], rows: [{id: a, when: {人数: 1}, then: {级: 1}, cite: S}]",
    ],
)
def test_a_wrong_table_is_refused(rest):
    with pytest.raises(DocumentError):
        table(rest)
