"""Each check that `zhituo knowledge check` promises, on a document broken in one place: place and proposed mend."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_knowledge import app

RUN = CliRunner()
FACTS = (
    "从业人数: {type: int, min: 0, ask: 几个人？}\n规模: {type: enum, values: [小, 中, 大], ask: 多大？}\n"
)
RULE = """schema: rules/1
id: subsidy.sample
kind: subsidy
title: 样例补贴（虚构）
owner: 测试组
review_by: 2027-06-30
sources:
  S1: {title: 样例办法（虚构）}
versions:
  - valid: {from: 2026-01-01, to: 2026-12-31, cite: S1}
    require:
      all:
        - {id: 人, if: "从业人数 >= 20", cite: S1#第一条, pass: 够, fail: 不够}
    amount: {unit: 元, round: exact, formula: "从业人数 * 10", cap: {value: 500, cite: S1}, cite: S1#第二条}
  - valid: {from: 2027-01-01, cite: S1}
    require: {id: 小, if: "规模 == '小'", cite: S1#第一条, pass: 是, fail: 不是}
tests:
  - {name: 符合, as_of: 2026-11-20, facts: {从业人数: 20}, expect: {status: eligible, amount: 200}}
  - {name: 封顶, as_of: 2026-11-20, facts: {从业人数: 90}, expect: {status: eligible, amount: 500, capped: true}}
  - {name: 不符合, as_of: 2026-11-20, facts: {从业人数: 19}, expect: {status: ineligible, because: [人]}}
  - {name: 未知, as_of: 2026-11-20, expect: {status: unknown, missing: [从业人数]}}
  - {name: 新版符合, as_of: 2027-11-20, facts: {规模: 小}, expect: {status: eligible}}
  - {name: 新版不符合, as_of: 2027-11-20, facts: {规模: 大}, expect: {status: ineligible}}
  - {name: 新版未知, as_of: 2027-11-20, expect: {status: unknown}}
"""
TABLE = """schema: table/1
id: dispute.sample
kind: dispute
title: 样例表（虚构）
owner: 测试组
review_by: 2027-06-30
sources: {S1: {title: 样例办法（虚构）}}
hit: unique
inputs: [从业人数, 规模]
outputs: {级别: text}
rows:
  - {id: 多, when: {从业人数: ">= 20"}, then: {级别: 甲}, cite: S1}
  - {id: 少而小, when: {从业人数: "< 20", 规模: 小}, then: {级别: 乙}, cite: S1}
  - {id: 少而不小, when: {从业人数: "< 20", 规模: [中, 大]}, then: {级别: 丙}, cite: S1}
tests:
  - {name: 多, as_of: 2026-11-20, facts: {从业人数: 20}, expect: {rows: [多]}}
  - {name: 少而小, as_of: 2026-11-20, facts: {从业人数: 19, 规模: 小}, expect: {rows: [少而小]}}
  - {name: 少而大, as_of: 2026-11-20, facts: {从业人数: 19, 规模: 大}, expect: {rows: [少而不小]}}
"""
BROKEN = {
    # what is promised: the document, what is written, what it becomes, the line, the finding, the mend
    "schema": (RULE, "owner: 测试组", "onwer: 测试组", 1, "owner", "owner"),
    "unknown fact": (RULE, '"从业人数 >= 20"', '"从业人术 >= 20"', 13, "没有“从业人术”", "从业人数"),
    "kind of a fact": (RULE, '"从业人数 >= 20"', "\"从业人数 >= '小'\"", 13, "数字不能和选项比较", None),
    "value of a fact": (RULE, "规模 == '小'", "规模 == '小小'", 16, "不是规模的可选值", "小"),
    "node without citation": (RULE, "cite: S1#第一条, pass: 够", "pass: 够", 13, "缺少“cite”", "cite"),
    "citation of nothing": (RULE, "S1#第二条", "S2#第二条", 14, "没有列在 sources", "S1"),
    "versions overlap": (RULE, "from: 2027-01-01", "from: 2026-12-31", 15, "重叠", "首尾相接"),
    "versions leave a hole": (RULE, "from: 2027-01-01", "from: 2027-01-02", 15, "空档", "2027-01-01"),
    "no passing test": (RULE, "as_of: 2027-11-20, facts: {规模: 小}, expect: {status: eligible}", "as_of: 2027-11-20, facts: {规模: 中}, expect: {status: ineligible}", 16, "没有通过的测试", "tests"),
    "no failing test": (RULE, "facts: {从业人数: 19}, expect: {status: ineligible, because: [人]}", "facts: {从业人数: 21}, expect: {status: eligible}", 13, "没有不通过的测试", "tests"),
    "no unknown test": (RULE, "as_of: 2026-11-20, expect: {status: unknown, missing: [从业人数]}", "as_of: 2026-11-20, facts: {从业人数: 1}, expect: {status: ineligible}", 13, "没有未知的测试", "tests"),
    "cap without unit": (RULE, "unit: 元, round: exact", "round: exact", 14, "unit", None),
    "a test that fails": (RULE, "amount: 200}", "amount: 201}", 18, "应为 201，得到 200", None),
    "mutation of a cap": (RULE, 'formula: "从业人数 * 10"', 'formula: "从业人数 * 10 if 从业人数 < 1000 else 从业人数 * 10"', 14, "没有一条测试发现", "补一条"),
    "gap": (TABLE, "[中, 大]", "大", 12, "空档", "补一行"),
    "overlap": (TABLE, '"< 20", 规模: 小', '"<= 20", 规模: 小', 13, "重叠", "收紧"),
    "shadowed row": (
        TABLE.replace("hit: unique", "hit: first"), "  - {id: 少而不小",
        '  - {id: 影, when: {从业人数: "< 10", 规模: 小}, then: {级别: 乙}, cite: S1}\n  - {id: 少而不小',
        14, "总被前面的行挡住", "移到前面",
    ),
    "row without test": (TABLE, "从业人数: 19, 规模: 小}, expect: {rows: [少而小]}", "从业人数: 30}, expect: {rows: [多]}", 13, "没有测试", "tests"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("facts/company.yaml", FACTS), ("policies/x.yaml", RULE)):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    return tmp_path


def _check(folder: Path, text: str) -> str:
    path = folder / "policies" / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return RUN.invoke(app, ["check", str(path), "--today", "2026-11-20"]).output


@pytest.mark.parametrize("text", [RULE, TABLE])
def test_the_sound_documents_have_no_findings(folder: Path, text: str) -> None:
    assert "没有发现问题" in _check(folder, text)


@pytest.mark.parametrize("promised", BROKEN)
def test_each_promised_check_names_the_place_and_a_mend(folder: Path, promised: str) -> None:
    text, written, broken, line, words, mend = BROKEN[promised]
    assert text.count(written) == 1
    output = _check(folder, text.replace(written, broken))
    found = [item for item in output.splitlines() if words in item and item.startswith("policies/x.yaml:")]
    assert found, output
    places = [re.match(r"policies/x\.yaml:(\d+):(\d+)", item) for item in found]
    assert line in [int(place[1]) for place in places if place], output
    if mend is not None:
        assert any("（建议：" in item and mend in item.partition("（建议：")[2] for item in found), output


def test_what_expires_within_30_days_is_a_notice(folder: Path) -> None:
    head, _, rest = RULE.partition("  - valid: {from: 2027-01-01")
    tests = rest[rest.index("tests:") :]
    old = head + "\n".join(line for line in tests.splitlines() if "2027" not in line) + "\n"
    output = _check(folder, old.replace("to: 2026-12-31", "to: 2026-12-10"))
    assert re.search(r"提醒 policies/x\.yaml:10:\d+ .*2026-12-10到期.*（建议：", output), output
