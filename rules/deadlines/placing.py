"""Carry a counted kind to its deadline: which dated row, where it rolls, what it costs, what is doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rules.citation import Confidence
from rules.days import format_day, format_day_with_weekday
from rules.deadlines import wording
from rules.deadlines.calendar import YearState
from rules.deadlines.counted import Counted, run_count, run_row
from rules.deadlines.counting import add_period
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.fees import fee_amounts, total
from rules.deadlines.inputs import InputValue, as_text, input_hint
from rules.deadlines.result import DatedNote, Deadline, Window
from rules.deadlines.schema import Kind, Row
from rules.deadlines.tables import LawTables

_ONE = timedelta(days=1)


def compute_counted(tables: LawTables, kind: Kind, values: Mapping[str, InputValue], as_of: date) -> Deadline:
    """Return the deadline of a kind that its row counts; the amounts are those of the row's fees."""
    row, counted = choose_row(tables, kind, values, as_of)
    if row.unknown or counted is None:
        return without_day(tables, kind, row, values, as_of)
    nominal = _term_end(row, counted)
    other = _transition(tables, kind, row, counted, values)
    alternative = other.day if other else None
    grace = run_count(tables, kind, row.grace_count, values) if row.grace_count else None
    draft = place(
        tables,
        kind,
        row,
        nominal,
        counted,
        safe_from=min(nominal, alternative or nominal),
        grace_end=grace.day if grace else None,
    )
    milestones = list(_milestones(tables, kind, row, values))
    if other:
        milestones.append(DatedNote(title=other.title, day=other.day))
    amounts = fee_amounts(tables, row.fees, values, nominal)
    full, payable = total(amounts)
    _, late = total(fee_amounts(tables, row.late_fees, values, nominal))
    opens = run_count(tables, kind, row.opens, {**values, "due": nominal}) if row.opens else None
    window = Window(start=opens.day, end=nominal) if opens else draft.window
    steps = [*draft.steps, wording.STEP_OPENS.format(day=format_day(opens.day))] if opens else draft.steps
    return draft.model_copy(
        update={
            "inputs": echo(values),
            "as_of": as_of,
            "milestones": tuple(milestones),
            "amounts": amounts,
            "total_full": full,
            "total_payable": payable,
            "total": payable,
            "surcharge": late,
            "window": window,
            "steps": tuple(steps),
            "doubts": (*draft.doubts, *([other.doubt] if other else [])),
            "citations": (
                *draft.citations,
                *(tables.cite(other.row.cites, other.row.confidence) if other else ()),
            ),
        }
    )


def echo(values: Mapping[str, InputValue]) -> dict[str, str]:
    """Return the inputs as text, for the answer's record."""
    return {name: as_text(value) for name, value in values.items()}


def fitting_rows(tables: LawTables, kind: Kind, values: Mapping[str, InputValue]) -> list[Row]:
    """Return the rows whose `when` the inputs meet. Raises `DeadlineInputError` when the deciding input is missing."""
    needed = ""
    fitting = []
    for row in kind.rows:
        met = True
        for name, wanted in row.when.items():
            if name not in values:
                needed, met = needed or name, False
            elif as_text(values[name]) not in wanted.split("|"):
                met = False
        if met:
            fitting.append(row)
    if not fitting:
        field = needed or next(iter(kind.rows[0].when))
        template = wording.MISSING if needed else wording.NO_RULE
        raise DeadlineInputError(
            field,
            template.format(
                label=tables.inputs[field].label, name=field, hint=input_hint(tables.inputs[field])
            ),
            "missing input" if needed else "no rule fits this value together with the others",
        )
    return fitting


def choose_row(
    tables: LawTables, kind: Kind, values: Mapping[str, InputValue], day: date
) -> tuple[Row, Counted | None]:
    """Return the row whose law is in force when the period starts (on `day` when nothing starts), and its count."""
    rows = sorted(fitting_rows(tables, kind, values), key=lambda row: row.since or date.min)
    chosen, counted = rows[0], run_row(tables, kind, rows[0], values)
    for row in rows[1:]:
        trial = run_row(tables, kind, row, values)
        governing = trial.start if trial else day
        if row.since and governing >= row.since:
            chosen, counted = row, trial
    return chosen, counted


def place(
    tables: LawTables,
    kind: Kind,
    row: Row,
    nominal: date,
    counted: Counted | None,
    *,
    safe_from: date | None = None,
    grace_end: date | None = None,
) -> Deadline:
    """Return a deadline on `nominal`: rolled, with its safe day, citations, confidence and what is doubtful."""
    holidays = tables.holidays
    steps = list(counted.steps) if counted else []
    provisional = counted.provisional if counted else False
    safe = holidays.safe(safe_from or nominal)
    rolls = row.rolls and not row.day_before and not row.year_end
    if row.day_before:
        steps.append(wording.STEP_DAY_BEFORE.format(day=format_day(nominal)))
    if row.year_end:
        steps.append(wording.STEP_YEAR_END.format(day=format_day(nominal)))
    if rolls:
        rolled = holidays.roll(nominal, kind.calendar)
        legal = rolled.day
        provisional = provisional or rolled.provisional or safe.provisional
        template = wording.STEP_ROLL if legal != nominal else wording.STEP_ROLL_NONE
        steps.append(
            template.format(day=format_day_with_weekday(nominal), rolled=format_day_with_weekday(legal))
        )
        steps.append(wording.STEP_SAFE.format(day=format_day_with_weekday(safe.day)))
    else:
        legal = nominal
        steps.append(wording.STEP_NO_ROLL)
    grace_end = add_period(nominal, row.grace) if row.grace else grace_end
    grace_legal = None
    if grace_end:
        grace = holidays.roll(grace_end, kind.calendar)
        grace_legal = grace.day
        provisional = provisional or grace.provisional
        steps.append(wording.STEP_GRACE.format(day=format_day(grace_end)))
    # A term that nobody acts on keeps its day whatever is announced; a day to act by has a safe day that may move.
    provisional = provisional or (safe.provisional and not kind.information)
    days = [nominal, legal, safe.day, *([grace_legal] if grace_legal else [])]
    cites = dict.fromkeys([*row.cites, *(counted.cites if counted else ())])
    return Deadline(
        kind=kind.id,
        title=kind.title,
        domain=kind.domain,
        calendar=kind.calendar.value,
        inputs={},
        as_of=nominal,
        nominal=nominal,
        legal=legal,
        safe=safe.day,
        rolls=rolls,
        window=Window(start=nominal + _ONE, end=grace_end) if grace_end else None,
        grace_end=grace_end,
        grace_legal=grace_legal,
        steps=tuple(steps),
        missed=row.missed,
        remedy=row.remedy,
        extendable=row.extendable,
        information=kind.information,
        citations=tables.cite(cites, row.confidence),
        confidence=row.confidence or Confidence.LOW,
        provisional=provisional,
        doubts=(
            *row.doubts,
            *(counted.doubts if counted else ()),
            *_old_text(tables, row, nominal),
            *(calendar_doubts(tables, days) if provisional else ()),
        ),
    )


def without_day(
    tables: LawTables, kind: Kind, row: Row, values: Mapping[str, InputValue], as_of: date
) -> Deadline:
    """Return the answer when only amounts, consequences or the absence of a sourced rule can be told."""
    amounts = fee_amounts(tables, row.fees, values, as_of)
    full, payable = total(amounts)
    return Deadline(
        kind=kind.id,
        title=kind.title,
        domain=kind.domain,
        calendar=kind.calendar.value,
        inputs=echo(values),
        as_of=as_of,
        amounts=amounts,
        total_full=full,
        total_payable=payable,
        total=payable,
        missed=row.missed,
        remedy=row.remedy,
        extendable=row.extendable,
        information=kind.information,
        citations=tables.cite(row.cites, row.confidence),
        confidence=row.confidence or Confidence.LOW,
        doubts=row.doubts,
        unknown=row.unknown,
    )


def calendar_doubts(tables: LawTables, days: Iterable[date]) -> tuple[str, ...]:
    """Return one sentence for each year among `days` whose rest days are not known."""
    said = []
    for year in sorted({day.year for day in days}):
        state = tables.holidays.plan(year).state
        if state is YearState.PROVISIONAL:
            said.append(wording.PROVISIONAL.format(year=year))
        elif state is YearState.UNRECORDED:
            said.append(wording.UNRECORDED.format(year=year))
    return tuple(said)


def _term_end(row: Row, counted: Counted) -> date:
    if row.year_end:
        return date(counted.day.year, 12, 31)
    return counted.day - _ONE if row.day_before else counted.day


def _old_text(tables: LawTables, row: Row, day: date) -> tuple[str, ...]:
    """Say so when the cited text came into force only after the deadline."""
    for reference in row.cites:
        source = tables.sources[reference.partition(" ")[0]]
        if source.in_force and day < source.in_force:
            return (wording.OLD_TEXT.format(title=source.title, day=format_day(source.in_force)),)
    return ()


@dataclass(frozen=True)
class _OtherLaw:
    """What a period that runs into a new law would be under it, when nobody has said which law applies."""

    day: date
    title: str
    doubt: str
    row: Row


def _transition(
    tables: LawTables, kind: Kind, row: Row, counted: Counted, values: Mapping[str, InputValue]
) -> _OtherLaw | None:
    """Return the later row whose transition is unsettled, when this period runs across its first day."""
    for later in kind.rows:
        if later is row or later.transition is None or later.since is None:
            continue
        if not counted.start < later.since <= counted.day:
            continue
        other = run_row(tables, kind, later, values)
        if other is not None and other.day != counted.day:
            title = wording.ALTERNATIVE.format(since=format_day(later.since))
            return _OtherLaw(other.day, title, later.transition.doubt, later)
    return None


def _milestones(
    tables: LawTables, kind: Kind, row: Row, values: Mapping[str, InputValue]
) -> Iterable[DatedNote]:
    for milestone in row.milestones:
        found = run_count(tables, kind, milestone.count, values)
        if found is not None:
            yield DatedNote(title=milestone.title, day=found.day, provisional=found.provisional)
