"""What rules and tables say, in words: what can be had first, then what stands in the way and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from bot.dialogue.replies.answered import Answered, is_document
from bot.dialogue.replies.score import score_parts
from bot.dialogue.turn import TEXTS, say
from knowledge.loader import KnowledgeBase
from rules.assess import Assessment, Status
from rules.citation import Citation, Confidence
from rules.days import format_day
from rules.document import DecisionTable, RuleDocument, Score
from rules.facts import Facts
from rules.money import format_yuan
from rules.scores import ScoreResult
from rules.table_form import OutputType, Row
from rules.tables import TableResult, TableStatus
from store.messages import CardPart, CitationPart, Part, TablePart, TextPart

MOST_CARDS = 6
MOST_CITATIONS = 12
MOST_POSSIBLE = 4
WORKED_OUT = frozenset({"premium", "cost", "valuation"})
Pairs = list[tuple[RuleDocument, Assessment]]
ByStatus = Mapping[Status, Pairs]
_MAY_FAIL = frozenset({Status.INELIGIBLE, Status.UNKNOWN})


def verdict_parts(
    subject: str, said: Sequence[Answered], knowledge: KnowledgeBase, facts: Facts, today: date
) -> tuple[Part, ...]:
    """Return the answer of a goal over rules and tables."""
    rules = [
        (a.document, a.result)
        for a in said
        if isinstance(a.document, RuleDocument) and isinstance(a.result, Assessment)
    ]
    tables = [
        (a.document, a.result)
        for a in said
        if isinstance(a.document, DecisionTable) and isinstance(a.result, TableResult)
    ]
    parts: list[Part] = []
    if rules:
        parts += _rules(subject, rules, today)
    for table, result in tables:
        parts += _table(subject, table, result, knowledge)
    for answer in said:
        if isinstance(answer.document, Score) and isinstance(answer.result, ScoreResult):
            parts += score_parts(answer.document, answer.result)
    parts += _waiting(rules)
    if not parts:
        return (TextPart(text=say("assess.nothing")),)
    citations = _citations(said)
    if any(citation.confidence is Confidence.LOW for citation in citations):
        parts.append(TextPart(text=say("assess.check_source")))
    shown = tuple(dict.fromkeys(str(citation) for citation in citations))[:MOST_CITATIONS]
    if not shown:
        return tuple(parts)
    return (*parts, CitationPart(citations=shown, as_of=format_day(today)))


def _rules(subject: str, rules: list[tuple[RuleDocument, Assessment]], today: date) -> list[Part]:
    by_status: dict[Status, list[tuple[RuleDocument, Assessment]]] = {}
    for rule, result in rules:
        by_status.setdefault(result.status, []).append((rule, result))
    several = len(rules) > 1
    elsewhere = [
        pair for pair in rules if several and pair[1].status in _MAY_FAIL and _only_elsewhere(pair[1])
    ]
    parts: list[Part] = [TextPart(text=_summary(subject, _here(by_status, elsewhere), today))]
    for status, card in (
        (Status.ELIGIBLE, _eligible),
        (Status.UNKNOWN, _unknown),
        (Status.INELIGIBLE, _ineligible),
    ):
        found = by_status.get(status, [])
        found = [pair for pair in found if pair not in elsewhere]
        parts += [card(rule, result) for rule, result in found[:MOST_CARDS]]
        if len(found) > MOST_CARDS:
            names = "、".join(rule.title for rule, _ in found[MOST_CARDS:])
            parts.append(TextPart(text=say(f"assess.more_{status.value}", names=names)))
    if elsewhere:
        names = "、".join(rule.title for rule, _ in elsewhere)
        parts.append(TextPart(text=say("assess.elsewhere", names=names)))
    return parts


def _here(by_status: ByStatus, elsewhere: Pairs) -> ByStatus:
    """Return what is counted in the first line: not what only companies of other districts can have, nor what is over."""
    counted = {
        status: [pair for pair in found if pair not in elsewhere]
        for status, found in by_status.items()
        if status is not Status.EXPIRED or len(by_status) == 1
    }
    return {status: found for status, found in counted.items() if found}


def _waiting(rules: list[tuple[RuleDocument, Assessment]]) -> list[Part]:
    """Return, last of all, what cannot be applied for today: when it opens; what is over only by name."""
    waiting = [pair for pair in rules if pair[1].status in (Status.CLOSED, Status.NOT_YET)]
    over = [rule.title for rule, result in rules if result.status is Status.EXPIRED]
    if len(rules) == 1 and over:
        return [_not_now(rules)]
    parts: list[Part] = [_not_now(waiting)] if waiting else []
    if over:
        parts.append(TextPart(text=say("assess.over", names="、".join(over))))
    return parts


def _only_elsewhere(result: Assessment) -> bool:
    """Return whether nothing but the place of registration stands in the way: no card, one line for all of these."""
    got = [node.got for node in result.failures]
    return bool(got) and all(said.startswith("注册地：") and "；" not in said for said in got)


def _summary(subject: str, by_status: ByStatus, today: date) -> str:
    if sum(len(found) for found in by_status.values()) == 1:
        (status,) = by_status
        key = f"assess.{subject}.{status.value}"
        if key in TEXTS:
            return say(key, day=format_day(today))
    if not by_status.keys() & {Status.ELIGIBLE} and f"assess.{subject}.none" in TEXTS:
        lead = say(f"assess.{subject}.none", day=format_day(today))
    else:
        lead = ""
    counted = [
        say(f"assess.count_{status.value}", count=len(by_status[status]))
        for status in Status
        if status in by_status
    ]
    if lead:
        return f"{lead}{'，'.join(counted)}。" if counted else lead
    return say("assess.summary", day=format_day(today), counts="，".join(counted))


def _eligible(rule: RuleDocument, result: Assessment) -> CardPart:
    estimate = rule.kind in WORKED_OUT  # a sum that is worked out, not something one is eligible for
    lines = [] if estimate else [(say("assess.label_result"), _result(rule, result))]
    lines += _money(rule, result)
    version = rule.versions[result.version or 0]
    if result.window is not None:
        until = format_day(result.window.end) if result.window.end else say("assess.no_end")
        lines.append((say("assess.label_window"), say("assess.window", name=result.window.name, until=until)))
    if version.papers:
        lines.append((say("assess.label_papers"), "、".join(paper.name for paper in version.papers)))
    if version.steps:
        lines.append((say("assess.label_steps"), "；".join(version.steps)))
    if version.office:
        lines.append((say("assess.label_office"), version.office))
    notes = [text for text in (version.deadline_hint, *version.notes) if text]
    return CardPart(title=rule.title, lines=tuple(lines), note="\n".join(notes))


def _result(rule: RuleDocument, result: Assessment) -> str:
    """Return the result in the words of the rule's kind: what is too little for a crime is no refusal."""
    key = f"assess.{result.status.value}_{rule.kind}"
    return say(key if key in TEXTS else f"assess.{result.status.value}")


def _money(rule: RuleDocument, result: Assessment) -> list[tuple[str, str]]:
    version = rule.versions[result.version or 0]
    label = say("assess.label_amount")
    if result.amount is not None:
        return [(label, format_yuan(result.amount))]
    if result.amount_range is not None:
        low, high = result.amount_range
        if low == 0 and high is None:
            return []  # nothing is known of it yet
        top = format_yuan(high) if high is not None else say("assess.no_top")
        return [(label, f"{format_yuan(low)}—{top}")]
    if result.amount_text:
        return [(label, result.amount_text)]
    if version.benefit:
        return [(say("assess.label_benefit"), version.benefit)]
    return [(label, say("assess.amount_unpublished"))] if version.amount is not None else []


def _unknown(rule: RuleDocument, result: Assessment) -> CardPart:
    lines = [(say("assess.label_result"), say("assess.unknown"))]
    lines.append((say("assess.label_missing"), "、".join(result.missing)))
    lines += _money(rule, result)
    office = rule.versions[result.version or 0].office
    if office:
        lines.append((say("assess.label_office"), office))
    return CardPart(title=rule.title, lines=tuple(lines))


def _ineligible(rule: RuleDocument, result: Assessment) -> CardPart:
    lines = [(say("assess.label_result"), _result(rule, result))]
    for node in result.failures:
        lines.append((say("assess.label_because"), node.text))
        if node.remedy:
            lines.append((say("assess.label_remedy"), node.remedy))
    return CardPart(title=rule.title, lines=tuple(lines))


def _not_now(waiting: Iterable[tuple[RuleDocument, Assessment]]) -> TablePart:
    rows = tuple(
        (rule.title, say(f"assess.{result.status.value}"), _when(result)) for rule, result in waiting
    )
    return TablePart(
        title=say("assess.not_now"),
        columns=(say("assess.column_rule"), say("assess.column_state"), say("assess.column_when")),
        rows=rows,
    )


def _when(result: Assessment) -> str:
    if result.next_window is not None:
        return say(
            "assess.next_window", name=result.next_window.name, day=format_day(result.next_window.start)
        )
    if result.status is Status.NOT_YET and result.valid_from:
        return say("assess.from", day=format_day(result.valid_from))
    if result.status is Status.EXPIRED and result.valid_to:
        return say("assess.until", day=format_day(result.valid_to))
    return say("assess.no_next_window")


def _table(subject: str, table: DecisionTable, result: TableResult, knowledge: KnowledgeBase) -> list[Part]:
    if result.status is TableStatus.UNKNOWN and not result.hits:
        return _possible(table, result, knowledge)
    if not result.hits:
        return [TextPart(text=say("assess.table_no_match", title=table.title))]
    key = f"assess.{subject}.found"
    lead = say(key, count=len(result.hits)) if key in TEXTS else table.title
    parts: list[Part] = [TextPart(text=lead)]
    for number, hit in enumerate(result.hits, start=1):
        parts.append(_row(table, hit.outputs, hit.note, number if len(result.hits) > 1 else 0, knowledge))
    if table.notes:
        parts.append(TextPart(text="\n".join(table.notes)))
    if result.status is TableStatus.UNKNOWN:
        parts.append(TextPart(text=say("assess.table_more", missing="、".join(result.missing))))
    return parts


def _possible(table: DecisionTable, result: TableResult, knowledge: KnowledgeBase) -> list[Part]:
    """Return the rows that may still hold: what can be done is said even when much is not known."""
    rows = possible_rows(table, result)
    if not rows:
        return [
            TextPart(text=say("assess.table_unknown", title=table.title, missing="、".join(result.missing)))
        ]
    lead = say("assess.table_possible", missing="、".join(result.missing))
    return [TextPart(text=lead), *(_in_short(_row(table, row.then, row.note, 0, knowledge)) for row in rows)]


def _in_short(card: CardPart) -> CardPart:
    """Return what a row that may hold is about: its first line; the whole of it is said when it holds."""
    return CardPart(title=card.title, lines=card.lines[:1])


def possible_rows(table: DecisionTable, result: TableResult) -> list[Row]:
    """Return the first rows of which it is not yet known whether they hold."""
    if result.version is None:
        return []
    rows = table.versions[result.version].rows
    return [row for row in rows if row.id in result.unknown_rows][:MOST_POSSIBLE]


def _row(
    table: DecisionTable, outputs: Mapping[str, Any], note: str, number: int, knowledge: KnowledgeBase
) -> CardPart:
    said = [
        (table.outputs[name].title or name, _words(table, name, value))
        for name, value in outputs.items()
        if not is_document(knowledge, value)
    ]
    said = [(name, words) for name, words in said if words]
    title = said[0][1] if said else table.title
    prefix = f"{number}. " if number else ""
    return CardPart(title=f"{prefix}{title}", lines=tuple(said[1:]), note=note)


def _words(table: DecisionTable, name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if table.outputs[name].type is OutputType.MONEY and isinstance(value, int):
        return format_yuan(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "；".join(str(item) for item in value)
    return f"{value}{table.outputs[name].unit}"


def _citations(said: Sequence[Answered]) -> list[Citation]:
    """Return the citations, those of rules that can still be had before those of the others."""
    order = {Status.ELIGIBLE: 0, Status.UNKNOWN: 1, Status.INELIGIBLE: 2}
    ranked = sorted(
        said, key=lambda a: order.get(a.result.status, 3) if isinstance(a.result, Assessment) else 0
    )
    found: dict[Citation, None] = {}
    for answer in ranked:
        result = answer.result
        if isinstance(result, Assessment) and result.status is Status.INELIGIBLE:
            found |= dict.fromkeys(citation for node in result.failures for citation in node.citations)
        elif isinstance(result, TableResult):
            found |= dict.fromkeys(citation for hit in result.hits for citation in hit.citations)
            if isinstance(answer.document, DecisionTable) and not result.hits:
                rows = possible_rows(answer.document, result)
                found |= dict.fromkeys(c for row in rows for c in answer.document.cite(row.cite))
            found |= dict.fromkeys(result.citations)
        else:
            found |= dict.fromkeys(result.citations)
    return list(found)
