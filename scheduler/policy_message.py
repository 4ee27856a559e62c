"""What a company reads of a broadcast: the policy, its own amount, what is still missing, and what to press. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rules.days import format_day
from rules.money import format_yuan
from scheduler.wording import texts
from store.broadcast_records import Broadcast, Fit
from store.messages import Action, CardPart, Choice, CitationPart, Outgoing, Part, TextPart, Verb

INTENT = "broadcast"
MISSING_SHOWN = 4


def compose(broadcast: Broadcast, fit: Fit, detail: Mapping[str, Any], name: str) -> Outgoing:
    """Return the message to one company. `detail` is that of the frozen audience."""
    intro = "broadcast.intro" if name else "broadcast.nameless"
    parts: list[Part] = [TextPart(text=texts().say(intro, name=name))]
    if broadcast.rule_id is None:
        parts.append(TextPart(text=f"{broadcast.title}\n{broadcast.text}"))
    else:
        if broadcast.text:
            parts.append(TextPart(text=broadcast.text))
        parts.append(CardPart(title=str(detail["title"]), lines=_lines(fit, detail)))
    parts.append(TextPart(text=texts().say("broadcast.stop_note")))
    if detail.get("citations"):
        as_of = "" if broadcast.as_of is None else format_day(broadcast.as_of)
        parts.append(CitationPart(citations=tuple(detail["citations"]), as_of=as_of))
    return Outgoing(parts=tuple(parts), choices=_choices(broadcast, detail), intent=INTENT)


def _lines(fit: Fit, detail: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    lines = [(texts().say("broadcast.label.fit"), texts().say(f"broadcast.{fit.value}"))]
    lines.append((texts().say("broadcast.label.amount"), amount_words(detail)))
    missing = detail.get("missing") or ()
    if missing:
        more = texts().say("broadcast.missing_more") if len(missing) > MISSING_SHOWN else ""
        lines.append((texts().say("broadcast.label.missing"), "、".join(missing[:MISSING_SHOWN]) + more))
    if detail.get("window"):
        lines.append((texts().say("broadcast.label.window"), _window_words(detail["window"])))
    return tuple(lines)


def amount_words(detail: Mapping[str, Any]) -> str:
    """Return the company's amount, the range it lies in, or that the source does not publish one."""
    amount, low, high = (detail.get(key) for key in ("amount", "low", "high"))
    if amount is not None:
        return format_yuan(amount)
    if high is not None:
        if low:
            return texts().say("broadcast.range", low=format_yuan(low), high=format_yuan(high))
        return texts().say("broadcast.at_most", high=format_yuan(high))
    if low:
        return texts().say("broadcast.at_least", low=format_yuan(low))
    return texts().say("broadcast.amount_unknown")


def _window_words(window: list[str | None]) -> str:
    name, start, end = window
    said = "" if start is None else format_day(date.fromisoformat(start))
    until = "" if end is None else format_day(date.fromisoformat(end))
    return texts().say(
        "broadcast.window" if until else "broadcast.window_open", name=name, start=said, end=until
    )


def _choices(broadcast: Broadcast, detail: Mapping[str, Any]) -> tuple[Choice, ...]:
    stop = Choice(text=texts().say("button.stop"), action=Action(verb=Verb.CONFIRM, about="no_broadcasts"))
    if broadcast.rule_id is None:
        return (stop,)
    check = Action(verb=Verb.START, about=str(detail.get("kind", "subsidy")), value=broadcast.rule_id)
    return (Choice(text=texts().say("button.check"), action=check), stop)
