"""Annuities: amounts by year, the ladder day by day, reductions, payments in parts, what is current."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.deadlines.annuity import (
    OpenLicence,
    PaymentState,
    annuity,
    current_annuity,
    patent_year,
    payment_on,
    still_owed,
    term_years,
)
from rules.deadlines.calendar import CalendarKind
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.schema import RightType
from rules.deadlines.tables import LawTables

TODAY = date(2026, 11, 20)
INV, UM, DES = RightType.INVENTION, RightType.UTILITY_MODEL, RightType.DESIGN
FILINGS = st.dates(date(1990, 1, 1), date(2026, 11, 20))
YUAN = {
    INV: [900] * 3 + [1200] * 3 + [2000] * 3 + [4000] * 3 + [6000] * 3 + [8000] * 5,
    UM: [600] * 3 + [900] * 2 + [1200] * 3 + [2000] * 2,
    DES: [600] * 3 + [900] * 2 + [1200] * 3 + [2000] * 2 + [3000] * 5,
}


@pytest.mark.parametrize("right", RightType)
def test_the_price_of_every_year(tables: LawTables, right: RightType) -> None:
    """The whole table, for a filing day under the present terms."""
    filing = date(2021, 6, 1)
    told = [
        annuity(tables, right, filing, year, as_of=TODAY).full // 100
        for year in range(1, len(YUAN[right]) + 1)
    ]
    assert told == YUAN[right]


@pytest.mark.parametrize(("filing", "years"), [(date(2021, 5, 31), 10), (date(2021, 6, 1), 15)])
def test_a_design_lasts_by_its_filing_day(tables: LawTables, filing: date, years: int) -> None:
    """Ten years up to 2021-05-31, fifteen from 2021-06-01; the year after the last is refused."""
    assert term_years(tables, DES, filing)[0] == years
    annuity(tables, DES, filing, years, as_of=TODAY)
    with pytest.raises(DeadlineInputError, match=f"1 to {years}"):
        annuity(tables, DES, filing, years + 1, as_of=TODAY)


LADDER = [
    ("2026-04-15", PaymentState.IN_TIME, 0),
    ("2026-04-16", PaymentState.GRACE, 0),
    ("2026-05-15", PaymentState.GRACE, 0),
    ("2026-05-16", PaymentState.GRACE, 5),
    ("2026-06-15", PaymentState.GRACE, 5),
    ("2026-06-16", PaymentState.GRACE, 10),
    ("2026-07-15", PaymentState.GRACE, 10),
    ("2026-07-16", PaymentState.GRACE, 15),
    ("2026-08-15", PaymentState.GRACE, 15),
    ("2026-08-16", PaymentState.GRACE, 20),
    ("2026-09-15", PaymentState.GRACE, 20),
    ("2026-09-16", PaymentState.GRACE, 25),
    ("2026-10-15", PaymentState.GRACE, 25),
    ("2026-10-16", PaymentState.LAPSED, None),
]


@pytest.mark.parametrize(("day", "state", "percent"), LADDER)
def test_each_edge_of_the_ladder(
    tables: LawTables, day: str, state: PaymentState, percent: int | None
) -> None:
    """The surcharge is on the full annuity even when the annuity is reduced."""
    owed = annuity(
        tables, INV, date(2020, 4, 15), 7, reduction=85, paid_on=date.fromisoformat(day), as_of=TODAY
    )
    assert owed.payment is not None
    assert (owed.payment.state, owed.payment.percent) == (state, percent)
    if percent is not None:
        assert owed.payment.surcharge == 2000_00 * percent // 100
        assert owed.payment.total == 300_00 + 2000_00 * percent // 100


def test_a_grace_period_that_ends_on_a_rest_day_leaves_a_gap(tables: LawTables) -> None:
    """Between the plain and the rolled end only the payment notice can tell, and the answer says so."""
    owed = annuity(tables, INV, date(2020, 5, 22), 6, as_of=TODAY)
    assert (owed.grace_end, owed.grace_legal) == (date(2025, 11, 22), date(2025, 11, 24))
    gap = payment_on(owed, date(2025, 11, 24))
    assert (gap.state, gap.percent) == (PaymentState.GAP, 25)
    assert "缴费通知书" in gap.words
    assert payment_on(owed, date(2025, 11, 25)).state is PaymentState.LAPSED


def test_top_up_takes_the_later_bracket(tables: LawTables) -> None:
    """The guidelines' example: 45 due, 25 paid, the rest in the next bracket: 90 due, 65 more."""
    owed = annuity(tables, INV, date(2023, 5, 10), 3, as_of=TODAY)
    assert owed.nominal == date(2025, 5, 10)
    first, second = date(2025, 7, 5), date(2025, 7, 15)
    assert payment_on(owed, first).surcharge == 45_00
    paid = [(first, 900_00 + 25_00)]
    assert still_owed(owed, paid, first) == 20_00
    assert still_owed(owed, paid, second) == 65_00
    assert still_owed(owed, [*paid, (second, 65_00)], date(2026, 11, 20)) == 0
    assert still_owed(owed, paid, date(2026, 11, 20)) is None


@given(FILINGS, st.integers(2, 10), st.integers(0, 190), st.integers(0, 190), st.integers(0, 3000))
def test_splitting_a_payment_never_lowers_what_is_paid(
    tables: LawTables, filing: date, year: int, first: int, second: int, yuan: int
) -> None:
    """Paying a part early and the rest late costs at least what paying all on the early day costs."""
    owed = annuity(tables, INV, filing, year, as_of=TODAY)
    early, late = (owed.nominal + timedelta(days=days) for days in sorted((first, second)))
    whole = payment_on(owed, early)
    rest = still_owed(owed, [(early, yuan * 100)], late)
    if whole.total is None or yuan * 100 >= whole.total:
        return
    assert rest is None or yuan * 100 + rest >= whole.total
    at_once = payment_on(owed, late)
    assert rest is None or at_once.total is None or yuan * 100 + rest >= at_once.total


@given(FILINGS, st.sampled_from(RightType), st.data())
def test_days_of_any_annuity(tables: LawTables, filing: date, right: RightType, data: Any) -> None:
    """Legal ≥ nominal ≥ safe, legal is a working day, the ladder has no hole, and the year begins on the due day."""
    years, _ = term_years(tables, right, filing)
    year = data.draw(st.integers(2, years))
    owed = annuity(tables, right, filing, year, as_of=TODAY)
    assert owed.safe <= owed.nominal <= owed.legal
    assert not tables.holidays.is_rest(owed.legal, CalendarKind.PATENT)
    assert patent_year(filing, owed.nominal) == year
    assert patent_year(filing, owed.nominal - timedelta(days=1)) == year - 1
    assert owed.ladder[0].first == owed.nominal + timedelta(days=1)
    for before, after in zip(owed.ladder, owed.ladder[1:], strict=False):
        assert after.first == before.last + timedelta(days=1)
        assert after.surcharge >= before.surcharge
    assert owed.ladder[-1].last == owed.grace_end
    assert max(step.percent for step in owed.ladder) == 25


@pytest.mark.parametrize(
    ("filing", "grant", "last_reduced"),
    [("2020-01-10", "2020-06-01", 10), ("2020-01-10", "2021-06-01", 11), ("2020-01-10", "2025-03-14", 15)],
)
def test_reduction_lasts_ten_years_from_the_grant_year(
    tables: LawTables, filing: str, grant: str, last_reduced: int
) -> None:
    """Patent years G to G+9, whatever the calendar says."""
    for year in range(6, 21):
        owed = annuity(
            tables,
            INV,
            date.fromisoformat(filing),
            year,
            grant=date.fromisoformat(grant),
            reduction=85,
            as_of=TODAY,
        )
        assert owed.reduction == (85 if year <= last_reduced else 0)


def test_reduction_without_a_grant_day_is_doubtful_after_year_ten(tables: LawTables) -> None:
    """Within ten years it is sure, later it depends on the grant."""
    tenth = annuity(tables, INV, date(2016, 3, 1), 10, reduction=85, as_of=TODAY)
    eleventh = annuity(tables, INV, date(2016, 3, 1), 11, reduction=85, as_of=TODAY)
    assert len(eleventh.doubts) == len(tenth.doubts) + 1
    assert "授权公告日" in eleventh.doubts[0]


def test_open_licence_and_reduction_do_not_add_up(tables: LawTables) -> None:
    """The higher one wins; the licence counts from its record day to the patent year of its withdrawal."""
    filing, grant = date(2012, 3, 1), date(2014, 6, 1)

    def payable(year: int, reduction: int, licence: bool | OpenLicence) -> int:
        owed = annuity(
            tables, INV, filing, year, grant=grant, reduction=reduction, open_licence=licence, as_of=TODAY
        )
        return owed.payable // 100

    licence = OpenLicence(recorded=date(2025, 5, 1), withdrawn=date(2027, 8, 1))
    assert payable(12, 85, True) == 4000 * 15 // 100  # still within the reduction
    assert payable(14, 0, licence) == 6000  # due 2025-03-01, before the record day
    assert payable(15, 0, licence) == 6000 * 85 // 100
    assert payable(16, 0, licence) == 8000 * 85 // 100  # the year in which it is withdrawn
    assert payable(17, 0, licence) == 8000


def test_what_is_current_for_the_first_question(tables: LawTables) -> None:
    """Filed 2020-04-15, asked 2026-11-20: year 8 is next; year 7 is past its grace and must be checked."""
    told = current_annuity(tables, INV, date(2020, 4, 15), today=TODAY)
    assert told.next is not None
    assert (told.next.year, told.next.nominal, told.next.full) == (8, date(2027, 4, 15), 2000_00)
    assert told.next.provisional
    assert told.in_grace is None
    assert told.to_check is not None
    assert (told.to_check.year, told.to_check.nominal, told.to_check.grace_end) == (
        7,
        date(2026, 4, 15),
        date(2026, 10, 15),
    )
    assert "2026年4月15日" in told.check_words
    assert "2026年10月15日" in told.check_words
    assert told.term_end == date(2040, 4, 14)


def test_what_is_current_in_the_grace_period_and_when_paid(tables: LawTables) -> None:
    """In grace it is named; known to be paid it is neither due nor to be checked."""
    filing = date(2020, 4, 15)
    told = current_annuity(tables, INV, filing, today=date(2026, 6, 20))
    assert told.in_grace is not None
    assert told.in_grace.year == 7
    paid = current_annuity(tables, INV, filing, today=date(2026, 6, 20), paid_through=7)
    assert (paid.in_grace, paid.to_check, paid.check_words) == (None, None, "")
    last = current_annuity(tables, UM, date(2010, 4, 15), today=TODAY)
    assert last.next is None
    on_the_day = current_annuity(tables, INV, filing, today=date(2027, 4, 15))
    assert on_the_day.next is not None
    assert on_the_day.next.year == 8


@pytest.mark.parametrize(
    ("given_inputs", "field", "word"),
    [
        ({"filing": date(1985, 3, 31)}, "filing", "1985年4月1日"),
        ({"filing": date(2026, 11, 21)}, "filing", "不能晚于2026年11月20日"),
        ({"year": 0}, "year", "1到20之间"),
        ({"year": 21}, "year", "1到20之间"),
        ({"grant": date(2020, 1, 1)}, "grant", "不能早于"),
        ({"reduction": 90}, "reduction", "0、70 或 85"),
        ({"paid_on": date(2019, 1, 1)}, "paid_on", "申请日"),
        ({"grant": date(2026, 8, 1), "year": 3}, "year", "第7年度"),
    ],
)
def test_bad_input_names_the_field(
    tables: LawTables, given_inputs: dict[str, Any], field: str, word: str
) -> None:
    """One sentence with the field and what is allowed."""
    arguments: dict[str, Any] = {"filing": date(2020, 4, 15), "year": 8, **given_inputs}
    filing, year = arguments.pop("filing"), arguments.pop("year")
    with pytest.raises(DeadlineInputError) as caught:
        annuity(tables, INV, filing, year, as_of=TODAY, **arguments)
    assert caught.value.field == field
    assert word in caught.value.message_zh
