"""The reminder ladder of one obligation: which rung falls on which day, and which one is due today. Pure.

Before the safe day 90, 60, 30, 15, 7, 3, 1, 0 days; on the legal day where the holiday roll makes it a later one; then
through the grace period, before each step of the surcharge, and through the restoration window. A rung that would fall
in a long holiday moves before it. Of rungs that fall on one day, or were missed while the service was down, only the
most urgent one is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from rules.days import NINGBO
from rules.deadlines.counting import add_months
from store.obligation_records import ObligationDetails, details_of
from store.records import StoredObligation

BEFORE_SAFE = (90, 60, 30, 15, 7, 3, 1, 0)
BEFORE_STEP = 5  # days before the surcharge grows
BEFORE_GRACE_END = (15, 7, 3, 1, 0)
BEFORE_RESTORE_END = (30, 15, 7, 3, 1, 0)
FIRM_DAYS = 7  # from here on 以后再说 no longer holds a rung back
LONG_HOLIDAY = 3  # rest days in a row; a weekend is two
_ONE = timedelta(days=1)

IsRest = Callable[[date], bool]


class Phase(StrEnum):
    """Where in an obligation's life a rung stands."""

    AHEAD = "ahead"  # up to the safe day
    LAST_DAY = "last_day"  # the safe day has passed, the legal day has not
    GRACE = "grace"  # late, can still be done at a price
    RESTORE = "restore"  # the right may be lost; it can be asked back
    MISSED = "missed"  # the day has passed and nothing above is known to help


@dataclass(frozen=True, slots=True)
class Rung:
    """One reminder. `planned` is its day before it was moved out of a holiday; `firm` ones are never snoozed."""

    name: str
    day: date
    planned: date
    phase: Phase
    firm: bool

    @property
    def moved(self) -> bool:
        """Return whether a holiday moved it."""
        return self.day != self.planned


@dataclass(frozen=True, slots=True)
class Course:
    """The days that an obligation's ladder is built on."""

    safe: date
    legal: date
    grace_end: date | None = None
    step_ends: tuple[date, ...] = ()
    restore_by: date | None = None
    optional: bool = False  # a chance: once it has passed there is nothing to be late with

    @classmethod
    def of(cls, obligation: StoredObligation) -> Course:
        """Return the course of a docketed obligation."""
        return cls.from_days(obligation.safe, obligation.legal, obligation.grace_end, details_of(obligation))

    @classmethod
    def from_days(cls, safe: date, legal: date, grace_end: date | None, details: ObligationDetails) -> Course:
        """Return the course of these days and what is known of lateness."""
        steps = tuple(step.last for step in details.late_steps if grace_end is None or step.last < grace_end)
        return cls(safe, legal, grace_end, steps, details.restore_by, details.optional)


def ladder(course: Course, is_rest: IsRest) -> tuple[Rung, ...]:
    """Return the rungs in order of their days, one a day: of several on one day the most urgent."""
    by_day: dict[date, Rung] = {}
    for rung in _planned(course):
        moved = _out_of_holiday(rung, is_rest, _floor(course, rung.phase))
        by_day[moved.day] = moved  # a later rung is more urgent
    return tuple(by_day[day] for day in sorted(by_day))


def _planned(course: Course) -> Iterable[Rung]:
    for days in BEFORE_SAFE:
        yield _rung(f"d{days}", course.safe - timedelta(days=days), Phase.AHEAD, firm=days <= FIRM_DAYS)
    last = course.legal
    if course.legal > course.safe:
        yield _rung("legal", course.legal, Phase.LAST_DAY)
    if course.optional:
        return
    if course.grace_end is not None and course.grace_end > last:
        yield _rung("late", last + _ONE, Phase.GRACE)
        yield from _grace(course, last + _ONE, course.grace_end)
        last = course.grace_end
    if course.restore_by is not None and course.restore_by > last:
        yield _rung("lost", last + _ONE, Phase.RESTORE)
        for days in BEFORE_RESTORE_END:
            day = course.restore_by - timedelta(days=days)
            if day > last + _ONE:
                yield _rung(f"r{days}", day, Phase.RESTORE)
    elif course.restore_by is None:
        yield _rung("missed", last + _ONE, Phase.MISSED)


def _grace(course: Course, first: date, end: date) -> Iterable[Rung]:
    """Before each surcharge step; where the price has no steps, once a month; then up to the last day."""
    steps = course.step_ends or tuple(_months_between(first, end))
    rungs = [
        _rung(f"g{number}", edge - timedelta(days=BEFORE_STEP), Phase.GRACE)
        for number, edge in enumerate(steps, start=1)
    ]
    rungs += [_rung(f"e{days}", end - timedelta(days=days), Phase.GRACE) for days in BEFORE_GRACE_END]
    return [rung for rung in rungs if rung.day > first]


def _months_between(first: date, end: date) -> Iterable[date]:
    months = 1
    while (edge := add_months(first, months)) < end:
        yield edge
        months += 1


def _rung(name: str, day: date, phase: Phase, *, firm: bool = True) -> Rung:
    return Rung(name, day, day, phase, firm)


def _floor(course: Course, phase: Phase) -> date | None:
    """Return the first day on which a rung of the phase still says the truth; it is not moved before that."""
    match phase:
        case Phase.AHEAD:
            return None
        case Phase.LAST_DAY:
            return course.safe + _ONE
        case Phase.GRACE:
            return course.legal + _ONE
        case _:
            return max(course.legal, course.grace_end or course.legal) + _ONE


def _out_of_holiday(rung: Rung, is_rest: IsRest, floor: date | None) -> Rung:
    if not is_rest(rung.day):
        return rung
    first = rung.day
    while is_rest(first - _ONE):
        first -= _ONE
    last = rung.day
    while is_rest(last + _ONE):
        last += _ONE
    before = first - _ONE
    if (last - first).days + 1 < LONG_HOLIDAY or (floor is not None and before < floor):
        return rung
    return Rung(rung.name, before, rung.planned, rung.phase, rung.firm)


def rung_on(rungs: Iterable[Rung], today: date) -> Rung | None:
    """Return the most urgent rung whose day has come, None before the first."""
    come = [rung for rung in rungs if rung.day <= today]
    return come[-1] if come else None


def due_rung(rungs: tuple[Rung, ...], today: date, snoozed_until: date | None) -> Rung | None:
    """Return what is to be said today if it was not said before.

    While 以后再说 lasts only firm rungs are; on its day a rung of its own, named after the day, stands in for the one
    it held back.
    """
    current = rung_on(rungs, today)
    if snoozed_until is None:
        return current
    if today < snoozed_until:
        return current if current is not None and current.firm else None
    if current is not None and current.day >= snoozed_until:
        return current
    phase = current.phase if current is not None else Phase.AHEAD
    return Rung(f"s{snoozed_until:%Y%m%d}", snoozed_until, snoozed_until, phase, firm=False)


def next_day(rungs: tuple[Rung, ...], today: date, snoozed_until: date | None) -> date | None:
    """Return the next day after today on which something may be due, None when the ladder has ended."""
    held = snoozed_until is not None and snoozed_until > today
    coming = [
        rung.day
        for rung in rungs
        if rung.day > today
        and (rung.firm or not held or (snoozed_until is not None and rung.day >= snoozed_until))
    ]
    if held and snoozed_until is not None:
        coming.append(snoozed_until)
    return min(coming, default=None)


def at_hour(day: date, hour: int) -> datetime:
    """Return the instant of `hour` on that day in Ningbo."""
    return datetime.combine(day, time(hour), NINGBO)


def first_look(rungs: tuple[Rung, ...], now: datetime, hour: int) -> datetime | None:
    """Return when the clock first looks at a newly docketed obligation.

    Where a rung has passed already it is the next morning, so that nothing waits for the rung after; the person who
    has just entered the right has read its days in the answer.
    """
    today = now.astimezone(NINGBO).date()
    if rung_on(rungs, today) is not None:
        morning = at_hour(today, hour)
        return morning if morning > now else at_hour(today + _ONE, hour)
    coming = next_day(rungs, today, None)
    return None if coming is None else at_hour(coming, hour)
