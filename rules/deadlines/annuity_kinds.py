"""Annuities and the grant-year annuity as kinds of deadline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from rules.days import format_day
from rules.deadlines import wording
from rules.deadlines.annuity import (
    Annuity,
    PaymentState,
    annuity,
    current_annuity,
    patent_year,
    payment_on,
    term_years,
)
from rules.deadlines.counted import Counted
from rules.deadlines.counting import add_months
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.inputs import InputValue, day_of, needed_day, number_of, reduction_of
from rules.deadlines.placing import calendar_doubts, choose_row, compute_counted, echo, place
from rules.deadlines.result import Amount, Deadline, Window
from rules.deadlines.schema import Kind, RightType
from rules.deadlines.tables import LawTables

_ONE = timedelta(days=1)
Values = Mapping[str, InputValue]


def _right(values: Values) -> RightType:
    return RightType(str(values["right_type"]))


def _owed(tables: LawTables, values: Values, as_of: date) -> Annuity:
    """Return the annuity of the given year; without one, the next that falls due on `as_of` or later."""
    right, filing, grant = _right(values), needed_day(values, "filing"), day_of(values, "grant")
    licence = bool(values.get("open_licence", False))
    if "year" in values:
        return annuity(
            tables,
            right,
            filing,
            number_of(values, "year"),
            grant=grant,
            reduction=reduction_of(values),
            open_licence=licence,
            as_of=as_of,
        )
    current = current_annuity(
        tables, right, filing, today=as_of, grant=grant, reduction=reduction_of(values), open_licence=licence
    )
    if current.next is None:
        years, _ = term_years(tables, right, filing)
        message = wording.YEAR_RANGE.format(most=years, value="无")
        raise DeadlineInputError("year", message, "no annuity is due after the term")
    return current.next


def annuity_deadline(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return an annuity as a deadline; with `paid_on` the surcharge of that day (专利法实施细则第115条)."""
    owed = _owed(tables, values, as_of)
    paid_on = day_of(values, "paid_on") or owed.nominal
    if paid_on < owed.filing:
        raise DeadlineInputError("paid_on", wording.PAID_BEFORE_YEAR, "must not be before filing")
    paid = payment_on(owed, paid_on)
    row = kind.rows[0]
    words = [
        wording.STEP_PATENT_YEAR.format(
            year=owed.year,
            filing=format_day(owed.filing),
            before=owed.year - 1,
            day=format_day(owed.nominal),
        )
    ]
    counted = Counted(owed.filing, owed.nominal, words)
    draft = place(tables, kind, row, owed.nominal, counted)
    line = Amount(
        item="annuity",
        title=owed.title,
        full=owed.full,
        payable=owed.payable,
        note=wording.OPEN_LICENCE_NOTE if owed.open_licence else "",
        citations=owed.citations,
        confidence=owed.confidence,
    )
    lines = [line]
    if paid.surcharge and paid.percent:
        title = wording.SURCHARGE.format(percent=paid.percent)
        lines.append(
            Amount(
                item="late",
                title=title,
                full=paid.surcharge,
                payable=paid.surcharge,
                citations=owed.citations,
                confidence=owed.confidence,
            )
        )
    lapsed = paid.state is PaymentState.LAPSED
    doubts = [*draft.doubts, *owed.doubts]
    days = [owed.nominal, owed.legal, owed.safe, owed.grace_legal]
    doubts.extend(said for said in calendar_doubts(tables, days) if said not in doubts)
    return draft.model_copy(
        update={
            "title": owed.title,
            "inputs": echo({**values, "year": owed.year}),
            "as_of": as_of,
            "window": Window(start=owed.nominal + _ONE, end=owed.grace_end),
            "grace_end": owed.grace_end,
            "grace_legal": owed.grace_legal,
            "provisional": owed.provisional or owed.grace_provisional,
            "steps": (*draft.steps, *_ladder_words(owed), *([paid.words] if "paid_on" in values else [])),
            "amounts": tuple(lines),
            "total_full": owed.full,
            "total_payable": owed.payable,
            "surcharge": paid.surcharge,
            "total": paid.total,
            "missed": owed.lapse,
            "remedy": owed.restoration,
            "citations": owed.citations,
            "confidence": owed.confidence,
            "doubts": tuple(doubts),
            "figures": {"year": owed.year, "lapsed": int(lapsed), **_restoring(owed, lapsed)},
        }
    )


def _restoring(owed: Annuity, lapsed: bool) -> dict[str, int]:
    """Return what restoration costs in 分: annuity, the whole surcharge and the request fee."""
    if not lapsed:
        return {}
    top = owed.ladder[-1].surcharge
    return {"restore_total": owed.payable + top + owed.restoration_fee, "restore_surcharge": top}


def _ladder_words(owed: Annuity) -> list[str]:
    return [
        f"{format_day(step.first)}至{format_day(step.last)}：滞纳金{step.percent}%，合计{step.total // 100:,}元"
        for step in owed.ladder
    ]


def registration_deadline(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return the registration deadline with the annuity of the year in progress (细则第60、114条)."""
    made = compute_counted(tables, kind, values, as_of)
    filing = day_of(values, "filing")
    _, counted = choose_row(tables, kind, values, as_of)
    if filing is None or "right_type" not in values or counted is None or made.nominal is None:
        note = wording.FEE_NEEDS.format(label="申请日、专利类型")
        line = Amount(item="annuity", title="授权当年年费", full=None, payable=None, note=note)
        return made.model_copy(update={"amounts": (line,)})
    year = patent_year(filing, counted.start)
    owed = annuity(
        tables,
        _right(values),
        filing,
        year,
        reduction=reduction_of(values),
        as_of=max(as_of, filing),
    )
    line = Amount(
        item="annuity",
        title=owed.title,
        full=owed.full,
        payable=owed.payable,
        citations=owed.citations,
        confidence=owed.confidence,
    )
    doubts = list(made.doubts)
    if patent_year(filing, add_months(made.nominal, 2)) != year:
        doubts.append(tables.annuities.boundary_doubt)
    return made.model_copy(
        update={
            "amounts": (line,),
            "total_full": owed.full,
            "total_payable": owed.payable,
            "total": owed.payable,
            "doubts": tuple(doubts),
            "figures": {"year": year},
        }
    )
