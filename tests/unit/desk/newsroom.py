"""A small content folder, published, with its editorial: for tests of writing and publishing rules."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import knowledge
from bot.understanding.understand import Understanding
from desk.editorial import Editorial
from knowledge.base import KnowledgeBase
from knowledge.drafts import Drafts
from knowledge.revisions import Revisions
from knowledge.service import KnowledgeService
from tests.unit.knowledge.conftest import RULE

SHIPPED = Path(knowledge.__file__).parent
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
FILE = "policies/sample.yaml"
RULE_ID = "subsidy.sample"
TABLE_FILE = "disputes/route.yaml"
TABLE = """schema: table/1
id: route.sample
kind: route
title: 样例路径（虚构）
owner: 测试组
review_by: 2027-06-30
sources:
  S1: {title: 样例办法（虚构）}
hit: unique
inputs: [注册地, 人数]
outputs:
  去哪里: {type: text, title: 去哪里}
  费用: {type: money, unit: 元, round: exact}
versions:
  - valid: {from: 2026-01-01, cite: S1}
    rows:
      - {id: 甲小, when: {注册地: 甲区, 人数: "< 20"}, then: {去哪里: 甲区窗口, 费用: 100}, cite: S1}
      - {id: 甲大, when: {注册地: 甲区, 人数: ">= 20"}, then: {去哪里: 甲区大厅, 费用: 200}, cite: S1}
      - {id: 乙, when: {注册地: 乙区}, then: {去哪里: 乙区窗口, 费用: 300}, cite: S1}
tests:
  - {name: 甲小, as_of: 2026-11-20, facts: {注册地: 甲区, 人数: 19}, expect: {rows: [甲小], outputs: {费用: 100}}}
  - {name: 甲大, as_of: 2026-11-20, facts: {注册地: 甲区, 人数: 20}, expect: {rows: [甲大], outputs: {费用: 200}}}
  - {name: 乙, as_of: 2026-11-20, facts: {注册地: 乙区, 人数: 1}, expect: {rows: [乙], outputs: {费用: 300}}}
"""
FACTS = """注册地: {type: enum, values: [甲区, 乙区], ask: 在哪个区？}
人数: {type: int, unit: 人, min: 0, ask: 有多少人？}
"""


def lay_out(root: Path) -> Path:
    """Return a folder with one rule, one table, their facts and the shipped law tables."""
    for name in ("deadlines", "fees", "calendar"):
        shutil.copytree(SHIPPED / name, root / name)
    for name, text in (("facts/company.yaml", FACTS), (FILE, RULE), (TABLE_FILE, TABLE)):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@dataclass
class Newsroom:
    """The editorial, and what the service was told to answer from."""

    root: Path
    editorial: Editorial = field(init=False)
    answers_from: list[KnowledgeBase] = field(default_factory=list)
    retrained: list[Understanding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        service = KnowledgeService(self.root / "knowledge", Revisions(self.root / "revisions.json"))
        service.start(NOW)
        self.editorial = Editorial(service, Drafts(self.root / "drafts.json"), self._switch)

    def _switch(self, base: KnowledgeBase, understanding: Understanding | None) -> None:
        self.answers_from.append(base)
        if understanding is not None:
            self.retrained.append(understanding)


def newsroom(root: Path) -> Newsroom:
    """Return a newsroom on a fresh folder."""
    lay_out(root / "knowledge")
    return Newsroom(root)
