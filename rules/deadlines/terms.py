"""Kinds about the length of a patent: its term, compensation, and the years that a reduction covers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from rules.days import format_day
from rules.deadlines import wording
from rules.deadlines.annuity import (
    patent_year,
    reduction_rule,
    term_years,
)
from rules.deadlines.counted import Counted
from rules.deadlines.counting import add_years
from rules.deadlines.inputs import InputValue, day_of, needed_day, number_of
from rules.deadlines.placing import compute_counted, echo, place, without_day
from rules.deadlines.result import Amount, DatedNote, Deadline, Window
from rules.deadlines.schema import Kind, RightType
from rules.deadlines.tables import LawTables
from rules.money import Fen, format_yuan

_ONE = timedelta(days=1)
Values = Mapping[str, InputValue]


def _right(values: Values) -> RightType:
    return RightType(str(values["right_type"]))


def term_deadline(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return the expiry day of a patent; it never rolls (专利法第42条, 指南第五部分第九章4.1)."""
    right, filing = _right(values), needed_day(values, "filing")
    years, row = term_years(tables, right, filing)
    expiry = add_years(filing, years) + timedelta(days=number_of(values, "compensation_days"))
    steps = [
        wording.STEP_START.format(day=format_day(filing), label="申请日"),
        wording.STEP_PERIOD.format(period=f"{years}年", day=format_day(expiry)),
    ]
    draft = place(tables, kind, kind.rows[0], expiry, Counted(filing, expiry, steps))
    return draft.model_copy(
        update={
            "inputs": echo(values),
            "as_of": as_of,
            "window": Window(start=filing, end=expiry - _ONE),
            "citations": tables.cite((*row.cites, *kind.rows[0].cites), row.confidence),
            "confidence": row.confidence,
            "figures": {"years": years},
        }
    )


def pta_deadline(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return the compensation request with the days it may bring (专利法第42条第2款, 细则第77至79条)."""
    made = compute_counted(tables, kind, values, as_of)
    filing, request, grant = (day_of(values, name) for name in ("filing", "exam_request", "grant"))
    if not (filing and request and grant):
        return made
    base = day_of(values, "entry") or day_of(values, "submission") or filing
    examined = max(request, day_of(values, "publication") or request)
    clock = max(add_years(base, 4), add_years(examined, 3))
    days = max(0, (grant - clock).days - number_of(values, "delay_days"))
    full_years = _full_years(add_years(filing, 20), days)
    yearly = tables.annuities.compensation_year
    cost = Fen(yearly.yuan * full_years)
    line = Amount(
        item="annuity_compensation",
        title="补偿期年费",
        full=cost,
        payable=cost,
        note=wording.NOTE_COMPENSATION.format(days=days, years=full_years, amount=format_yuan(yearly.yuan)),
        citations=tables.cite(yearly.cites, yearly.confidence),
        confidence=yearly.confidence,
    )
    return made.model_copy(
        update={
            "amounts": (*made.amounts, line),
            "milestones": (*made.milestones, DatedNote(title="补偿计算的起点", day=clock)),
            "figures": {"days": days, "full_years": full_years},
        }
    )


def _full_years(start: date, days: int) -> int:
    """Return how many whole years fit into `days` from `start`."""
    end = start + timedelta(days=days)
    years = 0
    while add_years(start, years + 1) <= end:
        years += 1
    return years


def compensation_annuity(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return the annuities of the compensation period; the official last day is not known (公告第594号)."""
    filing, days = needed_day(values, "filing"), number_of(values, "compensation_days")
    expiry = add_years(filing, 20)
    full_years = _full_years(expiry, days)
    yearly = tables.annuities.compensation_year
    cost = Fen(yearly.yuan * full_years)
    last = expiry - _ONE
    steps = [wording.STEP_DAY_BEFORE.format(day=format_day(last))]
    draft = place(tables, kind, kind.rows[0], last, Counted(filing, last, steps))
    line = Amount(
        item="annuity_compensation",
        title="补偿期年费",
        full=cost,
        payable=cost,
        note=wording.NOTE_COMPENSATION.format(days=days, years=full_years, amount=format_yuan(yearly.yuan)),
        citations=tables.cite(yearly.cites, yearly.confidence),
        confidence=yearly.confidence,
    )
    return draft.model_copy(
        update={
            "inputs": echo(values),
            "as_of": as_of,
            "amounts": (line,),
            "total_full": cost,
            "total_payable": cost,
            "total": cost,
            "figures": {"full_years": full_years, "days": days},
        }
    )


def reduction_window(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return the patent years whose annuities a reduction covers: ten from the year of grant."""
    right, filing, grant = _right(values), needed_day(values, "filing"), day_of(values, "grant") or as_of
    first = patent_year(filing, grant)
    years, _ = term_years(tables, right, filing)
    rule = reduction_rule(tables, as_of)
    last = min(years, first + rule.years_from_grant - 1)
    made = without_day(tables, kind, kind.rows[0], values, as_of)
    return made.model_copy(
        update={
            "window": Window(start=add_years(filing, first - 1), end=add_years(filing, last) - _ONE),
            "figures": {"first_year": first, "last_year": last},
            "citations": tables.cite(rule.cites, rule.confidence),
            "confidence": rule.confidence,
        }
    )
