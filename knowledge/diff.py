"""How two states of the content differ, in words: for the author before they submit, for the second person before they approve."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from knowledge.base import Evaluated, KnowledgeBase
from knowledge.prose import document_prose
from rules.days import format_day
from rules.errors import DocumentError
from rules.wellformed import facts_used
from rules.yaml_text import read_yaml

CONTEXT: Final = 1
WORDS: Final[Mapping[str, str]] = {
    "title": "名称",
    "summary": "摘要",
    "region": "地区",
    "owner": "负责",
    "review_by": "复核日",
    "aliases": "别名",
    "tags": "标签",
    "sources": "来源",
    "versions": "版本",
    "valid": "有效期",
    "from": "起",
    "to": "止",
    "windows": "申报窗口",
    "require": "条件",
    "all": "同时满足",
    "any": "满足其一",
    "not": "不得有",
    "at_least": "至少几项",
    "if": "判断",
    "pass": "通过时说",
    "fail": "不通过时说",
    "fix": "怎样补足",
    "cite": "出处",
    "amount": "金额",
    "formula": "公式",
    "cap": "上限",
    "floor": "下限",
    "let": "中间值",
    "round": "取整",
    "unit": "单位",
    "explain": "说明",
    "benefit": "支持内容",
    "papers": "材料",
    "steps": "步骤",
    "office": "受理单位",
    "notes": "备注",
    "note": "备注",
    "rows": "行",
    "when": "条件",
    "then": "结论",
    "inputs": "输入",
    "outputs": "输出",
    "tests": "测试",
    "facts": "事实",
    "expect": "应得",
    "status": "结果",
    "as_of": "日期",
    "ask": "问法",
    "values": "取值",
    "help": "帮助",
    "answers": "问答",
    "question": "问题",
    "text": "正文",
    "agencies": "机构",
    "offices": "办事处",
    "phone": "电话",
    "name": "名字",
    "doc_no": "文号",
    "url": "网址",
    "fetched": "查得日",
    "confidence": "可信度",
    "weight": "权重",
    "dimensions": "维度",
    "indicators": "指标",
    "purposes": "用途",
    "levels": "等级",
}


class Change(StrEnum):
    """What became of a line."""

    SAME = "same"  # stands on both sides; shown for its neighbours
    REMOVED = "removed"  # only before
    ADDED = "added"  # only after
    GAP = "gap"  # lines that are the same are left out here


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that differs: where in words, and both values; None where there is none."""

    where: str
    before: str | None
    after: str | None


def lines_changed(before: str, after: str) -> tuple[Line, ...]:
    """Return the lines that differ, each with a neighbour; empty when the texts are the same."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    for number, group in enumerate(
        difflib.SequenceMatcher(None, old, new, False).get_grouped_opcodes(CONTEXT)
    ):
        if number:
            found.append(Line(Change.GAP, ""))
        for kind, start, end, start_after, end_after in group:
            if kind == "equal":
                found += [Line(Change.SAME, text) for text in old[start:end]]
                continue
            found += [Line(Change.REMOVED, text) for text in old[start:end]]
            found += [Line(Change.ADDED, text) for text in new[start_after:end_after]]
    return tuple(found)


def prose_changed(before: KnowledgeBase, after: KnowledgeBase, name: str) -> tuple[Line, ...]:
    """Return how a rule, table, score, guide or answer reads differently; a side that lacks it is empty."""
    return lines_changed(_prose(before, name), _prose(after, name))


def _prose(knowledge: KnowledgeBase, name: str) -> str:
    try:
        return document_prose(knowledge, name)
    except KeyError:
        return ""


def fields_changed(before: str, after: str) -> tuple[FieldChange, ...]:
    """Return every value that differs between two YAML texts, in the order of the file.

    Items of lists are told apart by their id or name, so that an inserted one does not make all others look changed.
    Empty when either text cannot be read: then the lines tell.
    """
    try:
        old, new = (_flat(read_yaml(text, "").data if text.strip() else {}) for text in (before, after))
    except DocumentError:
        return ()
    places = list(dict.fromkeys((*new, *old)))
    return tuple(
        FieldChange(" · ".join(place), _shown(old, place), _shown(new, place))
        for place in places
        if old.get(place) != new.get(place)
    )


Place = tuple[str, ...]


def _flat(data: Any) -> dict[Place, Any]:
    return dict(_leaves(data, ()))


def _leaves(data: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            yield from _leaves(value, (*place, WORDS.get(key, str(key))))
    elif isinstance(data, list) and any(isinstance(item, dict | list) for item in data):
        seen: dict[str, int] = {}
        for number, item in enumerate(data, 1):
            label = label_of(item, number)
            seen[label] = seen.get(label, 0) + 1
            yield from _leaves(item, (*place, label if seen[label] == 1 else f"{label}（{seen[label]}）"))
    else:
        yield place, data


def label_of(item: Any, number: int) -> str:
    """Return how an item of a list is called: by its id or name, else by its place from 1."""
    named = isinstance(item, dict) and (item.get("id") or item.get("name") or item.get("title"))
    return f"“{named}”" if named else f"第{number}项"


def _shown(flat: Mapping[Place, Any], place: Place) -> str | None:
    return None if place not in flat else _plain(flat[place])


def _plain(value: Any) -> str:
    match value:
        case None | {} | []:
            return "（空）"
        case bool():
            return "是" if value else "否"
        case list():
            return "、".join(_plain(item) for item in value)
        case str() | int() | float():
            return str(value)
    return format_day(value) if hasattr(value, "isoformat") else str(value)


def affected(before: KnowledgeBase, after: KnowledgeBase) -> tuple[str, ...]:
    """Return the ids of the rules, tables and scores that may now say something else: changed, new, gone, or resting
    on a fact whose definition changed. Ordered by id."""
    old, new = _by_id(before), _by_id(after)
    redefined = {
        name for name in (*before.facts, *after.facts) if before.facts.get(name) != after.facts.get(name)
    }
    return tuple(
        sorted(
            name
            for name in old.keys() | new.keys()
            if name not in old
            or name not in new
            or old[name].model_dump() != new[name].model_dump()
            or (redefined and redefined & facts_used(new[name]))
        )
    )


def _by_id(knowledge: KnowledgeBase) -> dict[str, Evaluated]:
    return {document.id: document for document in knowledge.documents()}
