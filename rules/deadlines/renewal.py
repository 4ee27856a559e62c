"""Renewal of registered trademarks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from rules.days import format_day
from rules.deadlines import wording
from rules.deadlines.counted import Counted
from rules.deadlines.counting import add_months, add_years
from rules.deadlines.fees import fee_amounts, total
from rules.deadlines.inputs import InputValue, day_of, needed_day, number_of
from rules.deadlines.placing import choose_row, echo, place
from rules.deadlines.result import DatedNote, Deadline, Window
from rules.deadlines.schema import Kind
from rules.deadlines.tables import LawTables
from rules.money import Fen

_ONE = timedelta(days=1)
Values = Mapping[str, InputValue]


def renewal_deadline(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return the renewal of a registered mark: expiry, the twelve months before it, the grace after it.

    With `expiry` the term's last day is taken as given; with `registration` the term running on `as_of` is meant
    (its `nth` end when given), grace period included.
    """
    expiry = day_of(values, "expiry") or _running_expiry(needed_day(values, "registration"), values, as_of)
    row, counted = choose_row(tables, kind, {**values, "expiry": expiry}, as_of)
    steps = _term_steps(values, expiry) or (counted.steps if counted else [])
    draft = place(tables, kind, row, expiry, Counted(expiry, expiry, list(steps)))
    opens = add_months(expiry, -12) + _ONE
    grace_end = draft.grace_end or expiry
    late = values.get("in_grace") is True
    in_grace = {**values, "in_grace": late}
    amounts = fee_amounts(tables, row.fees, {**in_grace, "classes": number_of(values, "classes", 1)}, expiry)
    full, payable = total(amounts)
    return draft.model_copy(
        update={
            "inputs": echo(values),
            "as_of": as_of,
            "window": Window(start=opens, end=grace_end),
            "steps": (*draft.steps, wording.STEP_OPENS.format(day=format_day(opens))),
            "amounts": amounts,
            "total_full": full,
            "total_payable": payable,
            "total": payable,
            "surcharge": next((line.payable for line in amounts if line.item == "tm_renewal_grace"), Fen(0)),
            "milestones": (DatedNote(title="续展后新一期开始", day=expiry + _ONE),),
        }
    )


def _term_steps(values: Values, expiry: date) -> list[str]:
    """Return how the expiry was reached from the registration day, where that was given."""
    registration = day_of(values, "registration")
    if registration is None or "expiry" in values:
        return []
    number = (expiry + _ONE).year - registration.year
    start = wording.STEP_REGISTERED.format(day=format_day(registration))
    return [start, wording.STEP_TERM.format(number=number // 10, day=format_day(expiry))]


def mark_expiry(registration: date, terms: int) -> date:
    """Return the last day of the `terms`-th ten-year term (商标法实施条例第12条第2款).

    It is the day before the corresponding day; a month without one ends the term on its own last day.
    """
    corresponding = add_years(registration, 10 * terms)
    return corresponding if corresponding.day != registration.day else corresponding - _ONE


def _running_expiry(registration: date, values: Values, as_of: date) -> date:
    wanted = number_of(values, "nth")
    if wanted:
        return mark_expiry(registration, wanted)
    terms = 1
    while add_months(mark_expiry(registration, terms), 6) < as_of:
        terms += 1
    return mark_expiry(registration, terms)
