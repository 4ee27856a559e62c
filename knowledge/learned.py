"""What owners really wrote and an editor filed under an intent: kept in the revision, not in the repository.

The messages hold no personal data: where a number, an amount, a day or a name stood there is a placeholder. For training
a placeholder is replaced by a specimen, so that the message is read on the same path as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import yaml

from knowledge.intent_examples import IntentExamples
from knowledge.problems import KnowledgeError, Problem

PATH: Final = "learned/messages.yaml"
MOST_CHARACTERS: Final = 200

DAY, AMOUNT, NUMBER, RIGHT, CODE, NAME, CONTACT = (
    "【日期】",
    "【金额】",
    "【数字】",
    "【权利号】",
    "【信用代码】",
    "【名称】",
    "【联系方式】",
)
_SPECIMENS: Final = {
    DAY: "2025年3月1日",
    AMOUNT: "50000元",
    NUMBER: "1200",
    RIGHT: "ZL202010293847.9",
    CODE: "91330200144052785P",
    NAME: "某公司",
    CONTACT: "",
}


def specimen(text: str) -> str:
    """Return the message with specimens in place of its placeholders."""
    for placeholder, value in _SPECIMENS.items():
        text = text.replace(placeholder, value)
    return text


def learned(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the filed messages by intent. Raises KnowledgeError."""
    if PATH not in texts:
        return {}
    try:
        raw: Any = yaml.load(texts[PATH], Loader=yaml.CSafeLoader) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise KnowledgeError([Problem(PATH, line, 1, "", "YAML 写法不对", "检查缩进、冒号和引号")]) from error
    if not isinstance(raw, dict) or not all(
        isinstance(intent, str)
        and isinstance(messages, list)
        and all(isinstance(text, str) and 0 < len(text.strip()) <= MOST_CHARACTERS for text in messages)
        for intent, messages in raw.items()
    ):
        raise KnowledgeError([Problem(PATH, 1, 1, "", "要写成“意图: [说法, 说法]”")])
    return {intent: tuple(messages) for intent, messages in raw.items()}


def with_filed(texts: Mapping[str, str], filed: Iterable[tuple[str, str]]) -> str:
    """Return the text of `PATH` with these (message, intent) added. A message moves when it is filed anew."""
    home = {text: intent for intent, messages in learned(texts).items() for text in messages}
    home.update(filed)
    grouped: dict[str, list[str]] = {}
    for text, intent in home.items():
        grouped.setdefault(intent, []).append(text)
    ordered = {intent: sorted(grouped[intent]) for intent in sorted(grouped)}
    return str(yaml.safe_dump(ordered, allow_unicode=True, sort_keys=True, width=1000))


def with_learned(
    examples: Iterable[IntentExamples], filed: Mapping[str, Iterable[str]]
) -> tuple[IntentExamples, ...]:
    """Return the examples with the filed messages among them.

    Raises KnowledgeError for an intent that is not there, and for a message that stands under another intent already.
    """
    groups = {group.intent: group for group in examples}
    home = {text: group.intent for group in groups.values() for text in (*group.examples, *group.aliases)}
    problems = []
    for intent, messages in filed.items():
        if intent not in groups:
            problems.append(Problem(PATH, 1, 1, intent, f"没有“{intent}”这个意图"))
            continue
        added = []
        for text in dict.fromkeys(specimen(message) for message in messages):
            other = home.setdefault(text, intent)
            if other != intent:
                words = f"“{text}”已经是“{groups[other].name}”的例句"
                problems.append(Problem(PATH, 1, 1, intent, words, "归到同一个意图，或不收这一句"))
            elif text.strip() and text not in groups[intent].examples:
                added.append(text)
        group = groups[intent]
        groups[intent] = group.model_copy(update={"examples": (*group.examples, *added)})
    if problems:
        raise KnowledgeError(problems)
    return tuple(groups.values())
