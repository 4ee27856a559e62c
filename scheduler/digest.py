"""One digest a day to a person: the most urgent obligation with its buttons, the others in a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rules.days import format_day, format_day_with_weekday
from rules.money import format_yuan
from scheduler.ladder import Phase, Rung
from scheduler.wording import amount_words, asset_words, texts
from store.messages import (
    Action,
    CardPart,
    Choice,
    CitationPart,
    Outgoing,
    Part,
    TablePart,
    TextPart,
    Verb,
)
from store.obligation_records import ObligationDetails, citations_of, details_of
from store.records import Asset, StoredObligation

INTENT = "reminder"
OTHERS_SHOWN = 10
_TOPICS = {
    "annuity": "annuity_late",
    "tm_renewal": "trademark_renewal",
}  # what a person is asked to help with
_URGENCY = (Phase.LAST_DAY, Phase.GRACE, Phase.RESTORE, Phase.MISSED, Phase.AHEAD)


@dataclass(frozen=True, slots=True)
class Item:
    """One obligation whose rung is due, with the right it belongs to."""

    obligation: StoredObligation
    asset: Asset
    rung: Rung
    recomputed: bool = False  # its days have changed since the person last read of it


def by_urgency(items: Sequence[Item], today: date) -> list[Item]:
    """Return the items with the one to do first before the others.

    What ends, or grows dearer, within a week comes first, by that day; then what is late; then the rest by safe day.
    """

    def key(item: Item) -> tuple[int, date, int]:
        end = _best_before(item, today)
        near = 0 if today <= end <= today + timedelta(days=7) else 1
        return near * (1 + _URGENCY.index(item.rung.phase)), end, item.obligation.id

    return sorted(items, key=key)


def _end(item: Item) -> date:
    """Return the day that matters now: the safe day, then the legal one, then the end of what can be put right."""
    obligation = item.obligation
    match item.rung.phase:
        case Phase.AHEAD:
            return obligation.safe
        case Phase.LAST_DAY:
            return obligation.legal
        case Phase.GRACE:
            return obligation.grace_end or obligation.legal
        case _:
            return details_of(obligation).restore_by or obligation.grace_end or obligation.legal


def compose(items: Sequence[Item], name: str, today: date) -> Outgoing:
    """Return the digest of these items, at least one. `name` is how the person is addressed; empty for nobody known."""
    ordered = by_urgency(items, today)
    first, others = ordered[0], ordered[1:]
    parts: list[Part] = [TextPart(text=_greeting(first, len(ordered), name, today)), card_of(first, today)]
    if others:
        parts.append(_table(others, today))
        total = _total(ordered, today)
        if total is not None:
            parts.append(
                TextPart(text=texts().say("digest.total", count=len(ordered), total=format_yuan(total)))
            )
    parts.append(TextPart(text=texts().say("digest.kept")))
    shown = ordered[: OTHERS_SHOWN + 1]
    cited = dict.fromkeys(str(citation) for item in shown for citation in citations_of(item.obligation))
    if cited:
        parts.append(CitationPart(citations=tuple(cited), as_of=format_day(today)))
    return Outgoing(parts=tuple(parts), choices=choices_of(first, others, today), intent=INTENT)


def _greeting(first: Item, count: int, name: str, today: date) -> str:
    """Return what to do, until when and for how much: all that a locked phone shows of the message."""
    which = "one" if count == 1 else "many"
    return texts().say(
        f"digest.{which}" if name else f"digest.nameless_{which}",
        name=name,
        count=count,
        title=first.obligation.title,
        do=_what_to_do(first, details_of(first.obligation), today),
    )


def card_of(item: Item, today: date) -> CardPart:
    """Return what one obligation says today below what is to be done: which right, the days, what lateness costs."""
    obligation, details = item.obligation, details_of(item.obligation)
    lines = [(texts().say("label.right"), asset_words(item.asset))]
    if item.rung.phase is Phase.AHEAD and obligation.safe != obligation.legal:
        lines.append((texts().say("label.safe"), format_day_with_weekday(obligation.safe)))
    if item.rung.phase in (Phase.AHEAD, Phase.LAST_DAY):
        lines.append((texts().say("label.legal"), format_day_with_weekday(obligation.legal)))
    lines += _lateness(item, details, today)
    if item.rung.phase not in (Phase.RESTORE, Phase.MISSED):
        if (how := f"how.{obligation.kind}") in texts():
            lines.append((texts().say("label.how"), texts().say(how)))
        if item.rung.phase is not Phase.AHEAD or len(details.late_steps) < 2:  # else it is about lateness
            lines += [(texts().say("label.doubt"), doubt) for doubt in details.doubts[:1]]
    return CardPart(title=_title(item, today), lines=tuple(lines), note=_note(item))


def _title(item: Item, today: date) -> str:
    phase = item.rung.phase
    days = (item.obligation.safe - today).days
    if phase is Phase.AHEAD:
        key = "title.today" if days <= 0 else "title.ahead"
        return texts().say(key, title=item.obligation.title, days=days)
    return texts().say(f"title.{phase.value}", title=item.obligation.title)


def _what_to_do(item: Item, details: ObligationDetails, today: date) -> str:
    obligation, phase = item.obligation, item.rung.phase
    if phase in (Phase.RESTORE, Phase.MISSED):
        return texts().say(f"do.{phase.value}")
    if phase is Phase.GRACE:
        step = details.step_on(today)
        day = format_day_with_weekday(step.last if step else _end(item))
        if step is None or step.total_fen is None:
            return texts().say("do.grace_no_amount", day=day)
        key = "do.grace_surcharge" if step.surcharge_fen else "do.grace"
        return texts().say(
            key,
            day=day,
            amount=format_yuan(step.total_fen),
            name=_surcharge_name(obligation.kind),
            surcharge=format_yuan(step.surcharge_fen or 0),
        )
    if obligation.amount_fen is None:
        return texts().say(f"do.{phase.value}_no_amount", safe=format_day_with_weekday(obligation.safe))
    return texts().say(
        f"do.{phase.value}",
        safe=format_day_with_weekday(obligation.safe),
        amount=format_yuan(obligation.amount_fen),
    )


def _surcharge_name(kind: str) -> str:
    key = f"surcharge.{kind}"
    return texts().say(key if key in texts() else "surcharge.other")


def _lateness(item: Item, details: ObligationDetails, today: date) -> list[tuple[str, str]]:
    """Return what waiting longer costs, what is lost, and the remedy once it is needed."""
    obligation, phase = item.obligation, item.rung.phase
    said: list[tuple[str, str]] = []
    late, missed, remedy = (texts().say(f"label.{key}") for key in ("late", "missed", "remedy"))
    if phase in (Phase.AHEAD, Phase.LAST_DAY) and obligation.grace_end is not None:
        costs = any(step.surcharge_fen for step in details.late_steps)
        key = "late.grace" if costs else "late.grace_free"
        legal, end = format_day(obligation.legal), format_day(obligation.grace_end)
        said.append((late, texts().say(key, legal=legal, grace_end=end)))
    if phase is Phase.GRACE and obligation.grace_end is not None:
        step = details.step_on(today)
        following = next((one for one in details.late_steps if step and one.first > step.last), None)
        if step is not None and following is not None and following.total_fen is not None:
            day, amount = format_day(step.last), format_yuan(following.total_fen)
            said.append((late, texts().say("late.step", day=day, amount=amount)))
        end = texts().say("late.end", day=format_day(obligation.grace_end))
        said.append((missed, f"{end}{details.missed}"))
    elif details.missed and phase is not Phase.RESTORE:
        said.append((missed, details.missed))
    if details.remedy and phase in (Phase.RESTORE, Phase.MISSED):
        said.append((remedy, details.remedy))
    return said


def _note(item: Item) -> str:
    notes = []
    if item.recomputed:
        notes.append(texts().say("note.recomputed"))
    if item.rung.name.startswith("s"):
        notes.append(texts().say("digest.snoozed"))
    if item.rung.moved:
        notes.append(texts().say("digest.holiday", planned=format_day(item.rung.planned)))
    if item.rung.phase in (Phase.GRACE, Phase.RESTORE, Phase.MISSED):
        notes.append(texts().say("note.check_paid"))
    if details_of(item.obligation).optional:
        notes.append(texts().say("note.optional"))
    if item.obligation.provisional:
        notes.append(texts().say("note.provisional"))
    return "".join(notes)


def _table(others: Sequence[Item], today: date) -> TablePart:
    rows = [
        (
            asset_words(item.asset),
            item.obligation.title,
            format_day(_best_before(item, today)),
            amount_words(payable_today(item, today)),
        )
        for item in others[:OTHERS_SHOWN]
    ]
    if len(others) > OTHERS_SHOWN:
        rows.append((texts().say("digest.more", count=len(others) - OTHERS_SHOWN), "", "", ""))
    columns = tuple(texts().say(f"columns.{key}") for key in ("right", "title", "day", "amount"))
    return TablePart(title=texts().say("digest.others", count=len(others)), columns=columns, rows=tuple(rows))


def _best_before(item: Item, today: date) -> date:
    """Return the day before which acting costs no more than today."""
    step = details_of(item.obligation).step_on(today) if item.rung.phase is Phase.GRACE else None
    return step.last if step is not None else _end(item)


def _total(items: Sequence[Item], today: date) -> int | None:
    """Return what all items cost today in 分, None when one of them is not known."""
    total = 0
    for item in items:
        payable = payable_today(item, today)
        if payable is None:
            return None
        total += payable
    return total


def payable_today(item: Item, today: date) -> int | None:
    """Return what paying today costs in 分, with surcharge; None when it is not known or no longer possible."""
    if item.rung.phase in (Phase.AHEAD, Phase.LAST_DAY):
        return item.obligation.amount_fen
    step = details_of(item.obligation).step_on(today)
    return step.total_fen if step is not None else None


def choices_of(first: Item, others: Sequence[Item], today: date) -> tuple[Choice, ...]:
    """Return the buttons of the most urgent item. 知道了 is said of all that the digest shows: the rest in `value`."""
    about = str(first.obligation.id)
    rest = ",".join(str(item.obligation.id) for item in others)
    done = "button.done" if first.obligation.amount_fen is None else "button.paid"
    choices = [
        _choice(done, Verb.PAID, about),
        _choice("button.seen", Verb.SEEN, about, rest),
        _choice("button.later", Verb.LATER, about, later_day(first, today).isoformat()),
        _choice("button.give_up", Verb.GIVE_UP, about),
    ]
    if first.rung.phase in (Phase.RESTORE, Phase.MISSED):
        choices[2] = _choice("button.human", Verb.HUMAN, _TOPICS.get(first.obligation.kind, "my_deadlines"))
    if others:
        choices.append(_choice("button.others", Verb.START, "my_deadlines"))
    return tuple(choices)


def _choice(key: str, verb: Verb, about: str, value: str = "") -> Choice:
    return Choice(text=texts().say(key), action=Action(verb=verb, about=about, value=value))


def later_day(item: Item, today: date) -> date:
    """Return when 以后再说 reminds again: the sooner the nearer the end, never after it."""
    left = (_end(item) - today).days
    wait = 14 if left > 30 else 7 if left > 14 else 3 if left > 5 else 1
    return today + timedelta(days=wait)
