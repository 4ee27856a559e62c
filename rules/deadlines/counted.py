"""Carry out the counts of a row: where they start, each step in words, which of several decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rules.days import format_day, format_day_with_weekday
from rules.deadlines import wording
from rules.deadlines.counting import Unit, add_months, add_period, lacks_corresponding_day
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.inputs import InputValue, day_of
from rules.deadlines.schema import Count, Delivery, Kind, Pick, Regime, Row, ServiceRow
from rules.deadlines.tables import LawTables


@dataclass
class Counted:
    """A day, how it was reached, and what is doubtful about it."""

    start: date
    day: date
    steps: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    cites: list[str] = field(default_factory=list)
    provisional: bool = False


def start_of(tables: LawTables, kind: Kind, count: Count, values: Mapping[str, InputValue]) -> Counted | None:
    """Return the day the count starts from, or None when the inputs do not give one."""
    for name in count.starts:
        if count.served:
            served = _served(tables, kind, name, values)
            if served is not None:
                return served
            continue
        value = values.get(name)
        if isinstance(value, tuple) and value and isinstance(value[0], date):
            # Several authors: protection is counted from the last death (著作权法第23条).
            value = max(day for day in value if isinstance(day, date))
        if isinstance(value, date):
            label = tables.inputs[name].label
            if count.next_month:
                value = add_months(value.replace(day=1), 1)
                label = wording.NEXT_MONTH.format(label=label)
            words = wording.STEP_START.format(day=format_day(value), label=label)
            return Counted(value, value, [words])
    return None


def run_count(
    tables: LawTables, kind: Kind, count: Count, values: Mapping[str, InputValue]
) -> Counted | None:
    """Return the last day of `count`, or None when the day it starts from is not given.

    Raises `DeadlineInputError` when the day cannot be represented.
    """
    found = start_of(tables, kind, count, values)
    if found is None:
        return None
    try:
        for sign, period in count.steps:
            before = found.day
            if period.unit is Unit.WORKING_DAYS:
                moved = tables.holidays.add_working_days(before, sign * period.number)
                found.day = moved.day
                found.provisional = found.provisional or moved.provisional
                found.steps.append(wording.STEP_WORKING_DAYS)
            else:
                found.day = add_period(before, period, sign)
            template = wording.STEP_PERIOD if sign > 0 else wording.STEP_BACK
            found.steps.append(template.format(period=period.words, day=format_day_with_weekday(found.day)))
            if lacks_corresponding_day(before, period, found.day):
                found.steps.append(wording.STEP_MONTH_END.format(number=before.day))
    except (OverflowError, ValueError) as error:
        field_name = count.starts[0]
        raise DeadlineInputError(field_name, wording.OUT_OF_RANGE, "the day is out of range") from error
    if all(period.number == 0 for _, period in count.steps):
        label = tables.inputs[count.starts[0]].label
        found.steps = [wording.STEP_SAME_DAY.format(label=label, day=format_day_with_weekday(found.day))]
    return found


def run_row(tables: LawTables, kind: Kind, row: Row, values: Mapping[str, InputValue]) -> Counted | None:
    """Return the nominal day of `row`: the later or earlier of its counts; counts without a start are left out."""
    counted = [found for count in row.counts if (found := run_count(tables, kind, count, values)) is not None]
    if not counted:
        return None
    choose = max if row.pick is Pick.LATER else min
    chosen = choose(counted, key=lambda found: found.day)
    steps = [step for found in counted for step in found.steps]
    if len(counted) > 1:
        template = wording.STEP_LATER if row.pick is Pick.LATER else wording.STEP_EARLIER
        steps.append(template.format(day=format_day_with_weekday(chosen.day)))
    return Counted(
        start=counted[0].start,
        day=chosen.day,
        steps=steps,
        doubts=list(dict.fromkeys(doubt for found in counted for doubt in found.doubts)),
        cites=[cite for found in counted for cite in found.cites],
        provisional=chosen.provisional,
    )


def _served(tables: LawTables, kind: Kind, name: str, values: Mapping[str, InputValue]) -> Counted | None:
    issue, received = day_of(values, name), day_of(values, "received")
    if issue is None:
        if received is None or name != "issue":
            return None
        words = wording.STEP_RECEIVED.format(day=format_day(received))
        doubts = [wording.ONLY_RECEIVED] if kind.regime is Regime.PATENT else []
        start = wording.STEP_START.format(day=format_day(received), label=tables.inputs["received"].label)
        return Counted(received, received, [words, start], doubts)
    row = _service_row(tables, kind, issue, values)
    cites = list(row.cites)
    doubts = [row.doubt] if row.doubt else []
    if received is not None and row.receipt_prevails:
        day = received
        steps = [wording.STEP_RECEIVED.format(day=format_day(received))]
    else:
        day = add_period(issue, row.add)  # the day of deemed receipt never rolls (指南第五部分第七章2.3)
        label = tables.inputs[name].label
        steps = [
            wording.STEP_SERVED.format(
                label=label, day=format_day(issue), words=row.words, served=format_day(day)
            )
        ]
    steps.append(wording.STEP_START.format(day=format_day(day), label=tables.inputs["received"].label))
    return Counted(day, day, steps, doubts, cites)


def _service_row(tables: LawTables, kind: Kind, issue: date, values: Mapping[str, InputValue]) -> ServiceRow:
    delivery = values.get("delivery")
    if delivery is None:
        raise DeadlineInputError(
            "delivery", wording.DELIVERY_NEEDED, "missing; electronic, post, hand or publication"
        )
    rows = [
        row
        for row in tables.service
        if row.regime is kind.regime
        and row.delivery is Delivery(str(delivery))
        and (row.since is None or row.since <= issue)
    ]
    if not rows:
        label = tables.inputs["delivery"].choices.get(str(delivery), str(delivery))
        raise DeadlineInputError(
            "delivery",
            wording.DELIVERY_UNKNOWN.format(value=label),
            f"no rule of service by {delivery} for {kind.regime}; give the day of receipt",
        )
    return max(rows, key=lambda row: row.since or date.min)
