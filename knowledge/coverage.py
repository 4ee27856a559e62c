"""Which document answers each row of the coverage list, or why none does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.base import KnowledgeBase
from rules.document import DecisionTable, RuleDocument

ROWS_FILE = "coverage_rows.yaml"
PREFIX = "A:"  # how rows are named in `tags` and `covers`


@dataclass(frozen=True, slots=True)
class Covered:
    """One row of the list: what answers it as (kind of document, id), or the reason why nothing does."""

    row: str
    title: str
    by: tuple[tuple[str, str], ...]
    reason: str = ""

    @property
    def accounted_for(self) -> bool:
        """Return whether the row is answered or explained."""
        return bool(self.by or self.reason)


def coverage(knowledge: KnowledgeBase, root: Path) -> tuple[Covered, ...]:
    """Return every row of the list in `root`, in its order."""
    listed: Mapping[str, Any] = yaml.safe_load((root / ROWS_FILE).read_text(encoding="utf-8"))
    found: dict[str, list[tuple[str, str]]] = {}
    for row, kind, name in _claims(knowledge):
        if (kind, name) not in found.setdefault(row, []):
            found[row].append((kind, name))
    reasons: Mapping[str, str] = listed["reasons"] or {}
    return tuple(
        Covered(row, title, tuple(sorted(found.get(row, []))), reasons.get(row, ""))
        for row, title in listed["rows"].items()
    )


def coverage_page(rows: tuple[Covered, ...]) -> str:
    """Return the coverage report as Markdown."""
    open_rows = [row for row in rows if not row.accounted_for]
    lines = [
        "# 覆盖情况",
        "",
        "由 `zhituo knowledge coverage` 生成，不要手改。左边是种子文件的每一条，右边是回答它的规则、决策表、评分、问答、指南、机构或办事处。",
        "",
        f"共 {len(rows)} 条：有文档回答的 {sum(bool(row.by) for row in rows)} 条，"
        f"说明了原因的 {sum(bool(row.reason and not row.by) for row in rows)} 条，没有交代的 {len(open_rows)} 条。",
        "",
        "| 条目 | 内容 | 由什么回答 |",
        "|---|---|---|",
    ]
    for row in rows:
        by = "；".join(f"{kind} `{name}`" for kind, name in row.by)
        lines.append(f"| {row.row} | {row.title} | {by or row.reason or '**没有**'} |")
    return "\n".join(lines) + "\n"


def _claims(knowledge: KnowledgeBase) -> Iterator[tuple[str, str, str]]:
    """Yield (row, kind of document, id) for every row that a document says it answers."""
    for document in knowledge.documents():
        kind = _kind(document)
        for tag in document.tags:
            if tag.startswith(PREFIX):
                yield tag.removeprefix(PREFIX), kind, document.id
    for kind, items in (
        ("问答", knowledge.faq.values()),
        ("机构", knowledge.agencies.values()),
        ("办事处", knowledge.offices.values()),
    ):
        for item in items:
            for row in item.covers:
                yield row.removeprefix(PREFIX), kind, item.id
    for guide in knowledge.guides.values():
        for section in guide.sections:
            for row in section.covers:
                yield row.removeprefix(PREFIX), "指南", guide.id


def _kind(document: object) -> str:
    if isinstance(document, RuleDocument):
        return "规则"
    return "决策表" if isinstance(document, DecisionTable) else "评分"
