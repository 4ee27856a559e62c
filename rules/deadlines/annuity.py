"""Patent annuities: when, how much, what lateness costs, and when the right is gone.

专利法实施细则第115条; 专利审查指南第五部分第九章4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from rules.days import format_day
from rules.deadlines import wording
from rules.deadlines.annuity_result import (
    Annuity,
    Bracket,
    CurrentAnnuity,
    OpenLicence,
    Payment,
    PaymentState,
)
from rules.deadlines.calendar import CalendarKind
from rules.deadlines.counting import add_months, add_years
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.fee_schema import AnnuityRate, LateRule, ReductionRule, TermRow
from rules.deadlines.fees import reduced
from rules.deadlines.schema import RightType
from rules.deadlines.tables import LawTables
from rules.money import Fen

_ONE = timedelta(days=1)
STATUTE = date(1985, 4, 1)  # the Patent Law came into force

__all__ = [
    "Annuity",
    "Bracket",
    "CurrentAnnuity",
    "OpenLicence",
    "Payment",
    "PaymentState",
    "annuity",
    "current_annuity",
    "due_day",
    "patent_year",
    "payment_on",
    "rate_of",
    "still_owed",
    "term_years",
]


def term_years(tables: LawTables, right_type: RightType, filing: date) -> tuple[int, TermRow]:
    """Return the years a patent lasts and the row that says so (专利法第42条)."""
    rows = [
        row
        for row in tables.annuities.terms
        if row.right_type is right_type and (row.since is None or row.since <= filing)
    ]
    row = max(rows, key=lambda found: found.since or date.min)
    return row.years, row


def patent_year(filing: date, day: date) -> int:
    """Return the patent year that `day` lies in (1 = the year that begins on the filing day)."""
    year = max(1, day.year - filing.year)
    return year + 1 if add_years(filing, year) <= day else year


def due_day(filing: date, year: int) -> date:
    """Return the nominal due day of the annuity for patent year `year`."""
    return add_years(filing, year - 1)


def rate_of(tables: LawTables, right_type: RightType, year: int, day: date) -> AnnuityRate:
    """Return the rate for `year` due on `day`. Raises `DeadlineInputError` when no rate is known."""
    rows = [
        row
        for row in tables.annuities.rates
        if row.right_type is right_type
        and row.years[0] <= year <= row.years[1]
        and (row.since is None or row.since <= day)
    ]
    if not rows:
        message = wording.YEAR_RANGE.format(
            most=max(row.years[1] for row in tables.annuities.rates if row.right_type is right_type),
            value=year,
        )
        raise DeadlineInputError("year", message, f"no annuity rate for {right_type} year {year}")
    return max(rows, key=lambda found: found.since or date.min)


def late_rule(tables: LawTables, day: date) -> LateRule:
    """Return the surcharge rule for an annuity due on `day`."""
    rows = [row for row in tables.annuities.late if row.since is None or row.since <= day]
    return max(rows, key=lambda found: found.since or date.min)


def reduction_rule(tables: LawTables, day: date) -> ReductionRule:
    """Return which patent years a reduction covers, for an annuity due on `day`."""
    rows = [row for row in tables.annuities.reduction if row.since is None or row.since <= day]
    return max(rows, key=lambda found: found.since or date.min)


def annuity(
    tables: LawTables,
    right_type: RightType | str,
    filing: date,
    year: int,
    *,
    grant: date | None = None,
    reduction: int | None = None,
    open_licence: bool | OpenLicence = False,
    paid_on: date | None = None,
    as_of: date,
) -> Annuity:
    """Return the annuity of patent year `year`; with `paid_on` also what paying on that day costs.

    `reduction` is 0, 70 or 85 percent off. Raises `DeadlineInputError` naming the field that cannot be used.
    """
    right = RightType(right_type)
    _check(tables, right, filing, year, grant, reduction, paid_on, as_of)
    holidays = tables.holidays
    nominal = due_day(filing, year)
    rolled = holidays.roll(nominal, CalendarKind.PATENT)
    safe = holidays.safe(nominal)
    rate = rate_of(tables, right, year, nominal)
    rule = late_rule(tables, nominal)
    percent, licensed, doubts = _discount(tables, filing, nominal, year, grant, reduction or 0, open_licence)
    payable = reduced(rate.yuan, percent)
    grace_end = add_months(nominal, rule.steps[-1].months)
    grace_rolled = holidays.roll(grace_end, CalendarKind.PATENT)
    cites = (*tables.annuities.cites, *rule.cites, *rate.cites)
    if reduction:
        cites = (*cites, *reduction_rule(tables, nominal).cites)
    if licensed:
        cites = (*cites, *tables.annuities.open_licence_cites)
    fee = next(row for row in tables.fees[rule.restoration_fee].rows if row.yuan is not None)
    years = {day.year for day in (nominal, rolled.day, safe.day) if not holidays.is_final(day.year)}
    made = Annuity(
        year=year,
        right_type=right,
        filing=filing,
        nominal=nominal,
        legal=rolled.day,
        safe=safe.day,
        provisional=rolled.provisional or safe.provisional,
        full=rate.yuan,
        payable=payable,
        reduction=percent,
        open_licence=licensed,
        ladder=tuple(_ladder(rule, nominal, rate.yuan, payable)),
        grace_end=grace_end,
        grace_legal=grace_rolled.day,
        grace_provisional=grace_rolled.provisional,
        lapse=rule.lapse,
        restoration=rule.restoration,
        restoration_fee=fee.yuan or Fen(0),
        payment=None,
        citations=tables.cite(dict.fromkeys(cites), rate.confidence),
        confidence=rate.confidence,
        doubts=(*doubts, *rule.doubts),
        provisional_years=tuple(sorted(years)),
    )
    if paid_on is None:
        return made
    return made.model_copy(update={"payment": payment_on(made, paid_on)})


def payment_on(owed: Annuity, day: date) -> Payment:
    """Return what paying the whole of `owed` on `day` costs and means."""
    state = owed.state_on(day)
    if state is PaymentState.LAPSED:
        words = wording.PAID_TOO_LATE.format(day=format_day(owed.nominal))
        return Payment(paid_on=day, state=state, percent=None, surcharge=None, total=None, words=words)
    if state is PaymentState.IN_TIME:
        percent, words = 0, wording.PAID_IN_TIME
    elif state is PaymentState.GAP:
        percent, words = owed.ladder[-1].percent, wording.PAID_GAP
    else:
        percent = next(step.percent for step in owed.ladder if day <= step.last)
        words = wording.PAID_LATE.format(percent=percent)
    surcharge = Fen(owed.full * percent // 100)
    return Payment(
        paid_on=day,
        state=state,
        percent=percent,
        surcharge=surcharge,
        total=Fen(owed.payable + surcharge),
        words=words,
    )


def still_owed(owed: Annuity, payments: Sequence[tuple[date, int]], today: date) -> Fen | None:
    """Return what must be paid on `today` after the `payments` (day, 分) made so far; None when too late.

    The surcharge is that of the day on which the whole is covered, not of the first payment
    (专利审查指南第五部分第九章4.2.1.3).
    """
    paid = 0
    for day, fen in sorted(payments):
        paid += fen
        settled = payment_on(owed, day)
        if settled.total is not None and paid >= settled.total:
            return Fen(0)
    now = payment_on(owed, today)
    return None if now.total is None else Fen(max(0, now.total - paid))


def current_annuity(
    tables: LawTables,
    right_type: RightType | str,
    filing: date,
    *,
    today: date,
    grant: date | None = None,
    reduction: int | None = None,
    open_licence: bool | OpenLicence = False,
    paid_through: int | None = None,
) -> CurrentAnnuity:
    """Return the next annuity due on or after `today`, with those before it that may be open.

    `paid_through` is the last patent year known to be paid; years up to it are neither due nor to be checked.
    """
    right = RightType(right_type)
    _check(tables, right, filing, 1, grant, reduction, None, today)
    years, _ = term_years(tables, right, filing)
    first = 1 if grant is None else patent_year(filing, grant) + 1

    def make(year: int) -> Annuity:
        return annuity(
            tables,
            right,
            filing,
            year,
            grant=grant,
            reduction=reduction,
            open_licence=open_licence,
            as_of=today,
        )

    # The annuity of year 1 falls due at filing; the first that an owner meets as a day ahead is year 2.
    upcoming = max(first, 2)
    while (
        upcoming <= years and tables.holidays.roll(due_day(filing, upcoming), CalendarKind.PATENT).day < today
    ):
        upcoming += 1
    known = paid_through or 0
    upcoming = max(upcoming, known + 1)
    following = make(upcoming) if upcoming <= years else None
    earlier = upcoming - 1
    before = make(earlier) if first <= earlier <= years and earlier > max(known, 1) else None
    words = ""
    in_grace = None
    if before is not None:
        words = wording.CHECK_PAID.format(
            year=before.year, nominal=format_day(before.nominal), grace=format_day(before.grace_end)
        )
        if before.state_on(today) in (PaymentState.GRACE, PaymentState.GAP):
            in_grace = before
    return CurrentAnnuity(
        next=following,
        in_grace=in_grace,
        to_check=before,
        check_words=words,
        term_end=add_years(filing, years) - _ONE,
    )


def _check(
    tables: LawTables,
    right: RightType,
    filing: date,
    year: int,
    grant: date | None,
    reduction: int | None,
    paid_on: date | None,
    as_of: date,
) -> None:
    def refuse(field: str, zh: str, en: str) -> None:
        raise DeadlineInputError(field, zh, en)

    if filing < STATUTE:
        zh = wording.BEFORE_STATUTE.format(label="申请日", name="filing", statute=format_day(STATUTE))
        refuse("filing", zh, f"must not be before {STATUTE}")
    if filing > as_of:
        zh = wording.IN_FUTURE.format(label="申请日", name="filing", as_of=format_day(as_of))
        refuse("filing", zh, f"must not be after {as_of}")
    years, _ = term_years(tables, right, filing)
    if not 1 <= year <= years:
        refuse("year", wording.YEAR_RANGE.format(most=years, value=year), f"must be 1 to {years}, not {year}")
    if grant is not None and grant < filing:
        zh = wording.ORDER.format(
            later="授权公告日",
            later_name="grant",
            earlier="申请日",
            earlier_name="filing",
            day=format_day(filing),
        )
        refuse("grant", zh, f"must not be before filing {filing}")
    if reduction not in (None, 0, *tables.annuities.reduction_percents):
        refuse("reduction", wording.REDUCTION_VALUES.format(value=reduction), "must be 0, 70 or 85")
    if grant is not None and year > 1 and year < patent_year(filing, grant):
        zh = wording.GRANT_YEAR_PAST.format(year=year, grant_year=patent_year(filing, grant))
        refuse("year", zh, "no annuity is owed for years before the one of the grant")
    if paid_on is not None and paid_on < filing:
        refuse("paid_on", wording.PAID_BEFORE_YEAR, "must not be before filing")


def _ladder(rule: LateRule, nominal: date, full: Fen, payable: Fen) -> list[Bracket]:
    brackets = []
    first = nominal + _ONE
    for step in rule.steps:
        last = add_months(nominal, step.months)
        surcharge = Fen(full * step.percent // 100)
        brackets.append(
            Bracket(
                first=first,
                last=last,
                percent=step.percent,
                surcharge=surcharge,
                total=Fen(payable + surcharge),
            )
        )
        first = last + _ONE
    return brackets


def _discount(
    tables: LawTables,
    filing: date,
    nominal: date,
    year: int,
    grant: date | None,
    reduction: int,
    open_licence: bool | OpenLicence,
) -> tuple[int, bool, list[str]]:
    """Return the percent off, whether the open licence gives it, and what is doubtful about it."""
    doubts = []
    rule = reduction_rule(tables, nominal)
    percent = reduction
    if reduction and grant is not None:
        first = patent_year(filing, grant)
        if not first <= year < first + rule.years_from_grant:
            percent = 0
    elif reduction and year > rule.years_from_grant:
        doubts.append(tables.annuities.reduction_doubt)
    licensed = _licence_counts(tables, filing, nominal, year, open_licence)
    if licensed and tables.annuities.open_licence_percent > percent:
        return tables.annuities.open_licence_percent, True, doubts
    return percent, False, doubts


def _licence_counts(
    tables: LawTables, filing: date, nominal: date, year: int, licence: bool | OpenLicence
) -> bool:
    """Tell whether the open-licence discount covers this annuity: recorded before it is due, not yet withdrawn."""
    if nominal < tables.annuities.open_licence_since:
        return False
    if isinstance(licence, bool):
        return licence
    if licence.recorded > nominal:
        return False
    return licence.withdrawn is None or year <= patent_year(filing, licence.withdrawn)
