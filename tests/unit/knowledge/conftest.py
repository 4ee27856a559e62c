"""A small sound content folder that tests may break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import knowledge

SHIPPED = Path(knowledge.__file__).parent
RULE = """schema: rules/1
id: subsidy.sample
kind: subsidy
title: 样例补贴（虚构）
owner: 测试组
review_by: 2027-06-30
sources:
  S1: {title: 样例办法（虚构）}
versions:
  - valid: {from: 2026-01-01, cite: S1}
    require:
      all:
        - {id: 属地, if: "注册地 == '甲区'", cite: S1#第一条, pass: 在甲区, fail: 不在甲区}
    amount: {unit: 元, round: exact, formula: "5000", cite: S1#第二条}
tests:
  - {name: 符合, as_of: 2026-11-20, facts: {注册地: 甲区}, expect: {status: eligible, amount: 5000}}
  - {name: 不符合, as_of: 2026-11-20, facts: {注册地: 乙区}, expect: {status: ineligible, because: [属地]}}
  - {name: 未知, as_of: 2026-11-20, expect: {status: unknown, missing: [注册地]}}
"""
FACTS = "注册地: {type: enum, values: [甲区, 乙区], ask: 在哪个区？}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A knowledge folder with one rule, its fact and the shipped law tables."""
    root = tmp_path / "knowledge"
    for name in ("deadlines", "fees", "calendar"):
        shutil.copytree(SHIPPED / name, root / name)
    (root / "facts").mkdir()
    (root / "facts" / "company.yaml").write_text(FACTS, encoding="utf-8")
    (root / "policies").mkdir()
    (root / "policies" / "sample.yaml").write_text(RULE, encoding="utf-8")
    return root
