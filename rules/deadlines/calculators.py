"""Kinds that need more than counting: annuities, terms, renewal, compensation, refunds, single fees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    rate_of,
    reduction_rule,
    term_years,
)
from rules.deadlines.counted import Counted, run_row
from rules.deadlines.counting import add_months, add_years
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.fees import fee_amounts, reduced, total
from rules.deadlines.inputs import InputValue, day_of, number_of
from rules.deadlines.placing import calendar_doubts, choose_row, compute_counted, echo, place, without_day
from rules.deadlines.result import Amount, DatedNote, Deadline, Window
from rules.deadlines.schema import Calculator, Kind, RightType
from rules.deadlines.tables import LawTables
from rules.money import Fen

_ONE = timedelta(days=1)
Values = Mapping[str, InputValue]


def _right(values: Values) -> RightType:
    return RightType(str(values["right_type"]))


def _reduction(values: Values) -> int:
    given = values.get("reduction", 0)
    return int(given) if isinstance(given, int | str) else 0


def _filing(values: Values) -> date:
    filing = day_of(values, "filing")
    if filing is None:
        raise DeadlineInputError(
            "filing", wording.NOT_A_DAY.format(label="申请日", name="filing", value=""), "missing"
        )
    return filing


def _owed(tables: LawTables, values: Values, as_of: date) -> Annuity:
    """Return the annuity of the given year; without one, the next that falls due on `as_of` or later."""
    right, filing, grant = _right(values), _filing(values), day_of(values, "grant")
    licence = bool(values.get("open_licence", False))
    if "year" in values:
        return annuity(
            tables,
            right,
            filing,
            number_of(values, "year"),
            grant=grant,
            reduction=_reduction(values),
            open_licence=licence,
            as_of=as_of,
        )
    current = current_annuity(
        tables, right, filing, today=as_of, grant=grant, reduction=_reduction(values), open_licence=licence
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


def term_deadline(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return the expiry day of a patent; it never rolls (专利法第42条, 指南第五部分第九章4.1)."""
    right, filing = _right(values), _filing(values)
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
        reduction=_reduction(values),
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
        note=wording.NOTE_COMPENSATION.format(days=days, years=full_years),
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
    filing, days = _filing(values), number_of(values, "compensation_days")
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
        note=wording.NOTE_COMPENSATION.format(days=days, years=full_years),
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
    right, filing, grant = _right(values), _filing(values), day_of(values, "grant") or as_of
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


def renewal_deadline(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return the renewal of a registered mark: expiry, the twelve months before it, the grace after it.

    With `expiry` the term's last day is taken as given; with `registration` the term running on `as_of` is meant
    (its `nth` end when given), grace period included.
    """
    expiry = day_of(values, "expiry") or _running_expiry(_registered(values), values, as_of)
    row, counted = choose_row(tables, kind, {**values, "expiry": expiry}, as_of)
    steps = counted.steps if counted else []
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


def _registered(values: Values) -> date:
    registration = day_of(values, "registration")
    if registration is None:
        raise DeadlineInputError(
            "registration", wording.MISSING.format(label="注册日", name="registration", hint=""), "missing"
        )
    return registration


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


def refund_deadline(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return what was paid too much and until when it can be claimed back (细则第111条第3款)."""
    row = kind.rows[0]
    counted = run_row(tables, kind, row, values)
    made = compute_counted(tables, kind, values, as_of)
    owed, paid = values.get("due_amount"), values.get("paid_amount")
    if isinstance(owed, int) and isinstance(paid, int):
        over = Fen(max(0, paid - owed))
        line = Amount(
            item="refund",
            title="可以请求退还",
            full=over,
            payable=over,
            citations=tables.cite(row.cites, row.confidence),
            confidence=made.confidence,
        )
        made = made.model_copy(
            update={"amounts": (line,), "total_full": over, "total_payable": over, "total": over}
        )
    return made if counted is None else made.model_copy(update={"inputs": echo(values)})


def single_fee(tables: LawTables, kind: Kind, values: Values, as_of: date) -> Deadline:
    """Return the amount of one fee or group of fees, with no day."""
    made = without_day(tables, kind, kind.rows[0], values, as_of)
    name = str(values["item"])
    if name == "annuity":
        return _annuity_amount(tables, made, values, as_of)
    if name not in tables.fees and name not in tables.fee_groups:
        known = "、".join([*tables.fee_groups, *tables.fees])
        zh = wording.NOT_A_CHOICE.format(label="费用", name="item", allowed=known, value=name)
        raise DeadlineInputError("item", zh, f"unknown fee {name!r}")
    amounts = fee_amounts(tables, (name,), values, as_of)
    full, payable = total(amounts)
    citations = {str(c): c for line in amounts for c in line.citations}
    confidence = max((line.confidence for line in amounts), key="HML".index, default=made.confidence)
    unknown = "；".join(f"{line.title}：{line.note}" for line in amounts if line.full is None)
    return made.model_copy(
        update={
            "title": amounts[0].title if len(amounts) == 1 else made.title,
            "amounts": amounts,
            "total_full": full,
            "total_payable": payable,
            "total": payable,
            "citations": tuple(citations.values()),
            "confidence": confidence,
            "unknown": unknown,
        }
    )


def _annuity_amount(tables: LawTables, made: Deadline, values: Values, as_of: date) -> Deadline:
    for name, label in (("right_type", "专利类型"), ("year", "年度")):
        if name not in values:
            raise DeadlineInputError(
                name, wording.MISSING.format(label=label, name=name, hint=""), "missing input"
            )
    year = number_of(values, "year")
    rate = rate_of(tables, _right(values), year, as_of)
    payable = reduced(rate.yuan, _reduction(values))
    line = Amount(
        item="annuity",
        title=wording.ANNUITY_TITLE.format(year=year),
        full=rate.yuan,
        payable=payable,
        citations=tables.cite(rate.cites, rate.confidence),
        confidence=rate.confidence,
    )
    return made.model_copy(
        update={
            "title": line.title,
            "amounts": (line,),
            "total_full": rate.yuan,
            "total_payable": payable,
            "total": payable,
            "citations": line.citations,
            "confidence": rate.confidence,
        }
    )


CALCULATORS: dict[Calculator, Callable[[LawTables, Kind, Values, date], Deadline]] = {
    Calculator.ANNUITY: annuity_deadline,
    Calculator.ANNUITY_LATE: annuity_deadline,
    Calculator.ANNUITY_COMPENSATION: compensation_annuity,
    Calculator.PATENT_TERM: term_deadline,
    Calculator.PTA: pta_deadline,
    Calculator.REGISTRATION: registration_deadline,
    Calculator.REDUCTION_WINDOW: reduction_window,
    Calculator.TM_RENEWAL: renewal_deadline,
    Calculator.REFUND: refund_deadline,
    Calculator.FEE: single_fee,
}
