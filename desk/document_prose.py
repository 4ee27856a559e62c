"""Any document of the rule library in words, for those who review it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.days import format_day
from rules.document import DecisionTable, RuleDocument, Score
from rules.facts import FactDictionary
from rules.form import Document, Period
from rules.prose import rule_prose, tree_prose
from rules.table_form import Row


def in_words(document: RuleDocument | DecisionTable | Score, dictionary: FactDictionary) -> str:
    """Return the whole document in words: all its versions, each statement with its article."""
    match document:
        case RuleDocument():
            return rule_prose(document, dictionary)
        case DecisionTable():
            return "\n\n".join(_table(document, dictionary))
        case Score():
            return "\n\n".join(_score(document))


def _period(period: Period) -> str:
    start = format_day(period.start) if period.start else ""
    end = format_day(period.end) if period.end else ""
    if start and end:
        return f"有效期：{start}至{end}"
    if start or end:
        return f"有效期：自{start}起" if start else f"有效期：至{end}止"
    return "有效期：长期"


def _cited(document: Document, references: tuple[str, ...] | None) -> str:
    found = "；".join(str(citation) for citation in document.cite(references)) if references else ""
    return f"〔{found}〕" if found else ""


def _table(table: DecisionTable, dictionary: FactDictionary) -> list[str]:
    parts = []
    for version, trees in zip(table.versions, table.trees, strict=True):
        parts.append(_period(version.valid))
        for row in version.rows:
            tree = trees.get(row.id)
            lines = [f"【{row.id}】"]
            if row.otherwise or tree is None:
                lines.append("其他情况")
            else:
                lines += tree_prose(table, tree, dictionary)
            parts.append("\n".join([*lines, f"→ {_results(table, row)}{_cited(table, row.cite)}"]))
    return parts


def _results(table: DecisionTable, row: Row) -> str:
    return "；".join(
        f"{table.outputs[name].title or name}：{_value(value)}{table.outputs[name].unit}"
        for name, value in row.then.items()
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return "，".join(f"{name}{_value(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return "、".join(_value(inner) for inner in value)
    return str(value)


def _score(score: Score) -> list[str]:
    parts = []
    for version in score.versions:
        parts.append(_period(version.valid))
        for dimension in version.dimensions:
            lines = [f"【{dimension.title}】"]
            lines += [
                f"{indicator.title or indicator.id}：权重{indicator.weight:.0%}，满分{indicator.best.normalize():f}"
                f"{_cited(score, indicator.cite)}"
                for indicator in dimension.indicators
            ]
            parts.append("\n".join(lines))
        titles = {dimension.id: dimension.title for dimension in version.dimensions}
        for name, purpose in version.purposes.items():
            weights = "，".join(f"{titles[key]}{weight:.0%}" for key, weight in purpose.weights.items())
            parts.append(f"用途“{name}”：{weights}{_cited(score, purpose.cite)}")
        parts += [
            f"{level.title or level.id}：{level.minimum.normalize():f}分起。{level.advice}{_cited(score, level.cite)}"
            for level in version.levels
        ]
    return parts
