"""A computed deadline in words: what to do by when, how it was counted, what it costs, what happens otherwise."""

from __future__ import annotations

import re
from datetime import date

from bot.dialogue.turn import say
from rules.days import format_day, format_day_with_weekday
from rules.deadlines.result import Deadline
from rules.money import format_yuan
from store.messages import CardPart, CitationPart, Part, TextPart

_PROVISIONAL = re.compile(r"放假安排还?没有?公布")
"""Said once, below the days that it is about."""


def deadline_parts(deadline: Deadline, today: date) -> tuple[Part, ...]:
    """Return the answer: first what to do, last the article."""
    parts: list[Part] = [TextPart(text=_first(deadline, today)), _card(deadline)]
    after = [say("deadline.missed", what=deadline.missed.rstrip("。"))] if deadline.missed else []
    after += [say("deadline.remedy", how=deadline.remedy.rstrip("。"))] if deadline.remedy else []
    after += [f"{doubt.rstrip('。')}。" for doubt in deadline.doubts if not _PROVISIONAL.search(doubt)]
    if after:
        parts.append(TextPart(text="\n".join(after)))
    citations = tuple(str(citation) for citation in deadline.citations)
    return (*parts, CitationPart(citations=citations, as_of=format_day(today)))


def term_parts(deadline: Deadline, kind: str, today: date) -> tuple[Part, ...]:
    """Return until when a patent of this kind can protect, and what that supposes."""
    if deadline.window is None:
        return deadline_parts(deadline, today)
    last = deadline.window.end
    lead = say("term.ends" if today <= last else "term.over", kind=kind, day=format_day(last))
    lines = [(say("term.label_span"), f"{format_day(deadline.window.start)}—{format_day(last)}")]
    if deadline.nominal is not None:
        lines.append((say("term.label_end"), format_day(deadline.nominal)))
    card = CardPart(title=deadline.title, lines=tuple(lines), note=_counted(deadline))
    citation = CitationPart(citations=tuple(map(str, deadline.citations)), as_of=format_day(today))
    return TextPart(text=lead), card, TextPart(text=say("term.supposes")), citation


def _first(deadline: Deadline, today: date) -> str:
    if deadline.unknown or deadline.safe is None:
        return deadline.unknown or say("deadline.no_day", title=deadline.title)
    left = (deadline.safe - today).days
    if deadline.information:
        return say(
            "deadline.information", title=deadline.title, day=format_day(deadline.nominal or deadline.safe)
        )
    if left < 0:
        return say("deadline.passed", title=deadline.title, legal=format_day(deadline.legal or deadline.safe))
    return say("deadline.by", title=deadline.title, safe=format_day_with_weekday(deadline.safe), left=left)


def _card(deadline: Deadline) -> CardPart:
    lines: list[tuple[str, str]] = []
    if deadline.window is not None:
        span = f"{format_day(deadline.window.start)}—{format_day(deadline.window.end)}"
        lines.append((say("deadline.label_span" if deadline.information else "deadline.label_window"), span))
    # Where nobody must act there is nothing to be done in time.
    to_act = (
        ("deadline.label_safe", deadline.safe),
        ("deadline.label_nominal", deadline.nominal),
        ("deadline.label_legal", deadline.legal),
        ("deadline.label_grace", deadline.grace_end),
    )
    for key, day in (("deadline.label_day", deadline.nominal),) if deadline.information else to_act:
        if day is not None:
            lines.append((say(key), format_day_with_weekday(day)))
    lines += [(note.title, format_day(note.day)) for note in deadline.milestones]
    for amount in deadline.amounts:
        money = format_yuan(amount.payable) if amount.payable is not None else say("deadline.amount_unknown")
        lines.append((amount.title, f"{money}{'（' + amount.note + '）' if amount.note else ''}"))
    notes = [counted] if (counted := _counted(deadline)) else []
    if deadline.provisional:
        notes.append(say("deadline.provisional"))
    return CardPart(title=deadline.title, lines=tuple(lines), note="\n".join(notes))


def _counted(deadline: Deadline) -> str:
    counted = "；".join(step.rstrip("。；") for step in deadline.steps)
    return say("deadline.counted", steps=counted) if counted else ""
