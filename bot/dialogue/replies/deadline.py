"""A computed deadline in words: what to do by when, how it was counted, what it costs, what happens otherwise."""

from __future__ import annotations

import re
from datetime import date

from bot.dialogue.replies.days import day_lines
from bot.dialogue.turn import say
from rules.days import format_day, format_day_with_weekday
from rules.deadlines import wording
from rules.deadlines.result import Deadline
from rules.money import format_yuan
from store.messages import CardPart, CitationPart, Part, TextPart

_PROVISIONAL = re.compile(r"放假安排还?没有?公布")
"""Said once, below the days that it is about."""
_OF_REST_DAYS = re.compile(r"届满日遇休息日是否顺延")

_SHOWN_ABOVE = tuple(
    template.partition("{")[0] for template in (wording.STEP_SAFE, wording.STEP_GRACE, wording.STEP_OPENS)
)
"""Steps that only name a day which has a line of its own in the card."""


def deadline_parts(deadline: Deadline, today: date) -> tuple[Part, ...]:
    """Return the answer: first what to do, last the article."""
    parts: list[Part] = [TextPart(text=_first(deadline, today)), _card(deadline)]
    after = [say("deadline.missed", what=deadline.missed.rstrip("。"))] if deadline.missed else []
    after += [say("deadline.remedy", how=deadline.remedy.rstrip("。"))] if deadline.remedy else []
    after += [f"{doubt.rstrip('。')}。" for doubt in deadline.doubts if _matters(doubt, deadline)]
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
    if left == 0:
        last = deadline.legal in (None, deadline.safe)
        return say(
            "deadline.today" if last else "deadline.today_safe",
            title=deadline.title,
            safe=format_day_with_weekday(deadline.safe),
            legal=format_day(deadline.legal or deadline.safe),
        )
    if left < 0:
        return say("deadline.passed", title=deadline.title, legal=format_day(deadline.legal or deadline.safe))
    return say("deadline.by", title=deadline.title, safe=format_day_with_weekday(deadline.safe), left=left)


def _matters(doubt: str, deadline: Deadline) -> bool:
    """Return whether a doubt is one here: not about rest days where the period ends on a working day."""
    on_working_day = deadline.safe is not None and deadline.safe == deadline.nominal
    return not _PROVISIONAL.search(doubt) and not (on_working_day and _OF_REST_DAYS.search(doubt))


def _card(deadline: Deadline) -> CardPart:
    lines: list[tuple[str, str]] = []
    if deadline.window is not None:
        span = f"{format_day(deadline.window.start)}—{format_day(deadline.window.end)}"
        lines.append((say("deadline.label_span" if deadline.information else "deadline.label_window"), span))
    if not deadline.information:
        lines += day_lines(deadline.safe, deadline.nominal, deadline.legal)
        if deadline.grace_end is not None:
            lines.append((say("deadline.label_grace"), format_day_with_weekday(deadline.grace_end)))
    elif deadline.nominal is not None:  # nobody must act, so there is nothing to be done in time
        lines.append((say("deadline.label_day"), format_day_with_weekday(deadline.nominal)))
    lines += [(note.title, format_day(note.day)) for note in deadline.milestones]
    for amount in deadline.amounts:
        money = format_yuan(amount.payable) if amount.payable is not None else say("deadline.amount_unknown")
        lines.append((amount.title, f"{money}{'（' + amount.note + '）' if amount.note else ''}"))
    notes = [counted] if (counted := _counted(deadline)) else []
    if deadline.provisional:
        kept = say("deadline.kept", safe=format_day(deadline.safe)) if deadline.safe else ""
        notes.append(say("deadline.provisional", kept=kept))
    return CardPart(title=deadline.title, lines=tuple(lines), note="\n".join(notes))


def _counted(deadline: Deadline) -> str:
    steps = (step.rstrip("。；") for step in deadline.steps if not step.startswith(_SHOWN_ABOVE))
    counted = "；".join(steps)
    return say("deadline.counted", steps=counted) if counted else ""
