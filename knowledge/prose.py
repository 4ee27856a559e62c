"""A document of the knowledge base in words, for people who review it."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.base import KnowledgeBase
from knowledge.forms import Answer, Guide
from rules.days import format_day
from rules.document import DecisionTable, RuleDocument, Score
from rules.facts import FactDictionary
from rules.form import Period
from rules.prose import rule_prose, tree_prose
from rules.table_form import Row
from rules.tree import TreeNode


def document_prose(knowledge: KnowledgeBase, name: str) -> str:
    """Return the document of this id in Chinese words. Raises KeyError."""
    if name in knowledge.guides:
        return guide_prose(knowledge, knowledge.guides[name])
    if name in knowledge.faq:
        return answer_prose(knowledge.faq[name])
    match knowledge.document(name):
        case RuleDocument() as rule:
            return rule_prose(rule, knowledge.facts)
        case DecisionTable() as table:
            return table_prose(table, knowledge.facts)
        case Score() as score:
            return score_prose(score)


def answer_prose(answer: Answer) -> str:
    """Return question, answer and sources."""
    cited = "；".join(map(str, answer.citations))
    return f"{answer.question}\n{answer.text}\n依据：{cited}"


def guide_prose(knowledge: KnowledgeBase, guide: Guide) -> str:
    """Return the guide with its sections and their sources."""
    parts = [guide.title + ("（历史资料）" if guide.historic else "")]
    for section in guide.sections:
        lines = [section.title, *([section.text.strip()] if section.text else [])]
        lines += [f"· {item}" for item in section.items]
        lines.append("依据：" + "；".join(map(str, knowledge.citations(section.cite))))
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def table_prose(table: DecisionTable, dictionary: FactDictionary) -> str:
    """Return each row as: when, then, source."""
    parts = [f"{table.title}（{table.region}）" if table.region else table.title]
    for number, version in enumerate(table.versions):
        parts.append(f"有效期：{_period(version.valid)}")
        for row in version.rows:
            parts.append("\n".join(_row_prose(table, row, table.trees[number][row.id], dictionary)))
    return "\n\n".join(parts)


def _row_prose(table: DecisionTable, row: Row, tree: TreeNode, dictionary: FactDictionary) -> Iterator[str]:
    yield f"【{row.id}】"
    if row.otherwise:
        yield "以上都不符合"
    elif tree.parts:  # type: ignore[union-attr]  # a row's tree is always an AllOf
        yield from tree_prose(table, tree, dictionary)
    for name, value in row.then.items():
        shown = "；".join(map(str, value)) if isinstance(value, list | tuple) else value
        yield f"→ {table.outputs[name].title or name}：{shown}"
    yield "依据：" + "；".join(map(str, table.cite(row.cite)))


def score_prose(score: Score) -> str:
    """Return dimensions, indicators with their weights, and the weights by purpose."""
    parts = [score.title]
    for version in score.versions:
        for dimension in version.dimensions:
            lines = [dimension.title]
            lines += [
                f"· {item.title or item.id}（权重{item.weight}）{item.help}" for item in dimension.indicators
            ]
            parts.append("\n".join(lines))
        for name, purpose in version.purposes.items():
            weights = "，".join(f"{axis}{weight}" for axis, weight in purpose.weights.items())
            parts.append(f"用途“{name}”：{weights}{purpose.note}")
    return "\n\n".join(parts)


def _period(period: Period) -> str:
    start = format_day(period.start) if period.start else "起始日不详"
    end = format_day(period.end) if period.end else "没有截止日"
    return f"{start}至{end}"
