"""Every kind under random inputs: a cited, ordered answer or one sentence about a field, never anything else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.deadlines.calendar import CalendarKind
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.kinds import compute
from rules.deadlines.result import Deadline
from rules.deadlines.schema import InputSpec, InputType
from rules.deadlines.tables import LawTables, input_names

TODAY = date(2026, 11, 20)
DAYS = st.dates(date(1985, 4, 1), date(2035, 12, 31)).map(str)
HARD_DAYS = st.sampled_from(
    [
        "2020-02-29",
        "2023-10-31",
        "2024-08-31",
        "2026-02-13",
        "2026-10-01",
        "2026-12-31",
        "2027-02-05",
        "2026-11-29",
    ]
)


def values_of(spec: InputSpec) -> st.SearchStrategy[str]:
    """Return texts that an input accepts."""
    day = st.one_of(HARD_DAYS, DAYS)
    match spec.type:
        case InputType.DAY:
            return day
        case InputType.DAYS:
            return st.lists(day, min_size=1, max_size=3).map(",".join)
        case InputType.CHOICE:
            return st.sampled_from(sorted(spec.choices))
        case InputType.COUNT | InputType.COUNTS:
            return st.integers(spec.least or 0, min(spec.most or 50, 50)).map(str)
        case InputType.FLAG:
            return st.sampled_from(["yes", "no"])
        case InputType.YUAN:
            return st.integers(0, 100_000).map(str)
        case InputType.TEXT:
            return st.sampled_from(["annuity", "reexam", "filing_fees", "tm_renewal", "customs_bond", "=1"])


def check(answer: Deadline, tables: LawTables) -> None:
    """Assert what holds for every answer."""
    kind = tables.kinds[answer.kind]
    if answer.nominal is None:
        assert answer.legal is None
        assert answer.safe is None
        assert answer.unknown or answer.missed or answer.amounts or answer.figures
        assert answer.citations or answer.unknown
        return
    assert answer.legal is not None
    assert answer.safe is not None
    assert answer.safe <= answer.nominal <= answer.legal
    assert answer.citations
    assert answer.steps
    assert tables.holidays.safe(answer.safe).day == answer.safe
    if answer.rolls:
        assert not tables.holidays.is_rest(answer.legal, kind.calendar)
        known = tables.holidays.is_final(answer.nominal.year) and tables.holidays.is_final(answer.legal.year)
        assert known or answer.provisional
    else:
        assert answer.legal == answer.nominal
    if answer.window:
        assert answer.window.start <= answer.window.end
    if answer.total_payable is not None and answer.total_full is not None:
        assert 0 <= answer.total_payable <= answer.total_full


@settings(max_examples=1000)
@given(st.data())
def test_any_kind_with_any_inputs(tables: LawTables, data: Any) -> None:
    """Full and partial inputs of every kind."""
    kind = tables.kinds[data.draw(st.sampled_from(sorted(tables.kinds)))]
    inputs = {}
    for group in kind.inputs:
        if group.endswith("?") and data.draw(st.booleans()):
            continue
        for name in group.rstrip("?").split("|")[: data.draw(st.integers(1, 2))]:
            inputs[name] = data.draw(values_of(tables.inputs[name]))
    try:
        answer = compute(tables, kind.id, inputs, TODAY)
    except DeadlineInputError as error:
        refused = error
    else:
        check(answer, tables)
        return
    assert refused.field
    assert refused.message_zh.endswith("。")
    assert "{" not in refused.message_zh


@settings(max_examples=300)
@given(st.data())
def test_nonsense_is_a_sentence(tables: LawTables, data: Any) -> None:
    """Any text as kind, name or value: a `DeadlineInputError` or an answer, never a crash."""
    kind = data.draw(st.one_of(st.sampled_from(sorted(tables.kinds)), st.text(max_size=60)))
    names = list(input_names(tables.kinds[kind])) if kind in tables.kinds else []
    keys = st.one_of(st.sampled_from(names), st.text(max_size=10)) if names else st.text(max_size=10)
    nonsense = st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.none())
    inputs = data.draw(st.dictionaries(keys, nonsense, max_size=4))
    try:
        answer = compute(tables, kind, inputs, TODAY)
    except DeadlineInputError as error:
        error.message_zh.encode()
        return
    check(answer, tables)


COUNTED_FROM_ONE_DAY = [
    ("oa1", "issue", {"delivery": "electronic"}),
    ("restore", "issue", {"delivery": "post"}),
    ("reexam_request", "issue", {"delivery": "publication"}),
    ("tm_refusal_review", "issue", {"delivery": "electronic"}),
    ("customs_ex_officio", "served_on", {}),
    ("limitation", "known", {}),
    ("priority_restore", "first_filing", {}),
]


@pytest.mark.parametrize(("kind", "name", "rest"), COUNTED_FROM_ONE_DAY)
@given(
    first=st.dates(date(2004, 1, 1), date(2029, 12, 31)),
    second=st.dates(date(2004, 1, 1), date(2029, 12, 31)),
)
def test_a_later_start_never_ends_earlier(
    tables: LawTables, kind: str, name: str, rest: dict[str, str], first: date, second: date
) -> None:
    """Nominal and legal days are monotone in the start day."""
    low, high = sorted((first, second))
    as_of = date(2030, 1, 1)
    early = compute(tables, kind, {name: low, **rest}, as_of)
    late = compute(tables, kind, {name: high, **rest}, as_of)
    assert early.nominal is not None
    assert late.nominal is not None
    assert early.nominal <= late.nominal
    assert early.legal is not None
    assert late.legal is not None
    assert early.legal <= late.legal


def test_the_steps_of_a_count_in_words(tables: LawTables) -> None:
    """Start, first day left out, length, month end, roll, safe day."""
    answer = compute(tables, "oa1", {"issue": "2026-10-31", "delivery": "electronic"}, TODAY)
    text = "。".join(answer.steps)
    for words in (
        "发文日2026年10月31日",
        "没有15天",
        "首日不计",
        "加4个月",
        "没有31日",
        "顺延",
        "2027年2月26日",
    ):
        assert words in text
    posted = compute(tables, "oa1", {"issue": "2026-10-31", "delivery": "post"}, TODAY)
    assert posted.nominal == date(2027, 3, 15)
    proved = compute(
        tables, "oa1", {"issue": "2026-10-31", "delivery": "post", "received": "2026-11-20"}, TODAY
    )
    assert proved.nominal == date(2027, 3, 20)


def test_electronic_papers_before_2024_are_doubtful(tables: LawTables) -> None:
    """The earlier, safer reading, and the doubt beside it."""
    answer = compute(tables, "oa1", {"issue": "2024-01-19", "delivery": "electronic"}, TODAY)
    assert answer.nominal == date(2024, 5, 19)
    assert any("2024年1月20日之前" in doubt for doubt in answer.doubts)
    assert not compute(tables, "oa1", {"issue": "2026-01-20", "delivery": "electronic"}, TODAY).doubts


def test_fees_with_what_they_are_counted_by(tables: LawTables) -> None:
    """Claims, pages and priorities; reduction on the filing fee alone; classes of a mark."""
    given_inputs = {
        "filing": "2026-06-01",
        "right_type": "invention",
        "claims": "12",
        "pages": "305",
        "priorities": "2",
        "reduction": "85",
    }
    answer = compute(tables, "filing_fee", given_inputs, TODAY)
    told = {line.item: line.payable for line in answer.amounts}
    assert told == {
        "filing": 135_00,
        "publication_printing": 50_00,
        "claims_extra": 300_00,
        "pages_extra": 13_500_00,
        "pages_extra_301": 500_00,
        "priority_claim": 160_00,
    }
    assert answer.total_payable == sum(line for line in told.values() if line)
    marks = compute(
        tables, "tm_renewal", {"registration": "2016-11-21", "classes": "3", "efile": "no"}, TODAY
    )
    assert marks.total_payable == 1500_00
    design = compute(
        tables, "official_fee", {"item": "filing", "right_type": "design", "reduction": "70"}, TODAY
    )
    assert design.total_payable == 150_00
    again = compute(
        tables, "extension", {"period_end": "2026-12-01", "months": "1", "repeated": "yes"}, TODAY
    )
    assert (again.nominal, again.total_payable) == (date(2026, 12, 1), 2000_00)


def test_goods_are_given_for_each_class(tables: LawTables) -> None:
    """Three classes with 12, 8 and 11 goods: three further items."""
    inputs = {"classes": "3", "goods": "12,8,11", "efile": "yes"}
    assert compute(tables, "tm_application", inputs, TODAY).total_payable == (3 * 270 + 3 * 27) * 100
    with pytest.raises(DeadlineInputError) as caught:
        compute(tables, "tm_application", {"classes": "3", "goods": "31", "efile": "yes"}, TODAY)
    assert caught.value.field == "goods"
    assert "共3个" in caught.value.message_zh


def test_a_mark_registered_on_the_last_day_of_february(tables: LawTables) -> None:
    """商标法实施条例第12条: without a corresponding day the term ends on the last day of the month."""
    answer = compute(tables, "tm_renewal", {"registration": "2016-02-29", "nth": "1"}, TODAY)
    assert answer.nominal == date(2026, 2, 28)


def test_calendars_of_the_same_day(tables: LawTables) -> None:
    """Three months that end on the make-up Saturday 2026-10-10: Monday for patents, Saturday for a suit."""
    assert tables.kinds["restore"].calendar is CalendarKind.PATENT
    patent = compute(tables, "reexam_request", {"issue": "2026-07-10", "delivery": "electronic"}, TODAY)
    suit = compute(tables, "court_review", {"received": "2026-07-10"}, TODAY)
    assert (patent.legal, suit.legal) == (date(2026, 10, 12), date(2026, 10, 10))
    assert patent.safe == suit.safe == date(2026, 10, 9)


def test_the_grace_of_national_entry_is_counted_from_priority(tables: LawTables) -> None:
    """32 months from the priority day, not two months from the end of the 30th: they differ at month ends."""
    entry = compute(tables, "pct_entry", {"priority": "2023-08-31"}, TODAY)
    late = compute(tables, "pct_entry_late", {"priority": "2023-08-31"}, TODAY)
    assert (entry.nominal, entry.grace_end) == (date(2026, 2, 28), date(2026, 4, 30))
    assert late.nominal == entry.grace_end
    assert entry.surcharge == 1000_00


def test_the_reduction_does_not_reach_the_third_hague_period(tables: LawTables) -> None:
    """Announcement 594: the first and second designation fee only."""

    def payable(period: str) -> int | None:
        asked = {"item": "hague_designation", "period": period, "reduction": "85"}
        return compute(tables, "official_fee", asked, TODAY).total_payable

    assert (payable("1"), payable("2"), payable("3")) == (615_00, 1140_00, 15000_00)


def test_an_amount_that_applied_at_another_time_is_not_used(tables: LawTables) -> None:
    """The PCT fees are known from 2026 on; for an earlier day the answer says so instead of leaving them out."""
    earlier = compute(tables, "pct_fees", {"received": "2025-05-06"}, TODAY)
    assert earlier.total_payable is None
    assert any("没有核到这一天" in line.note for line in earlier.amounts)
    assert (
        compute(tables, "pct_fees", {"received": "2026-05-06"}, TODAY).total_payable == (2100 + 11910) * 100
    )


def test_a_download_day_alone_is_doubtful_for_patents(tables: LawTables) -> None:
    """Electronic patent papers count from the issue day, whenever they were opened."""
    assert any(
        "发文日" in doubt for doubt in compute(tables, "oa1", {"received": "2026-06-16"}, TODAY).doubts
    )


def test_a_safe_day_that_may_move_is_provisional(tables: LawTables) -> None:
    """A recordal does not roll, but its safe day lies in a year nobody has announced."""
    recordal = compute(tables, "customs_recordal", {"approval": "2017-03-01"}, TODAY)
    assert (recordal.nominal, recordal.safe, recordal.provisional) == (
        date(2027, 2, 28),
        date(2027, 2, 26),
        True,
    )


def test_other_names_and_spellings_of_inputs(tables: LawTables) -> None:
    """`type` for the right, `none` for no reduction; the same thing under two names is refused."""
    asked = {"type": "发明", "filing": "2020年4月15日", "year": "7", "reduction": "none", "pay": "2026-06-16"}
    assert compute(tables, "annuity_late", asked, TODAY).total == 2200_00
    with pytest.raises(DeadlineInputError) as caught:
        compute(tables, "annuity_late", {**asked, "right_type": "invention"}, TODAY)
    assert (caught.value.field, "写了两次" in caught.value.message_zh) == ("right_type", True)


def test_the_layout_regulation_of_2026_leaves_the_suit_to_the_general_six_months(tables: LawTables) -> None:
    before = compute(tables, "ic_suit", {"received": "2026-10-14"}, TODAY)
    after = compute(tables, "ic_suit", {"received": "2026-10-15"}, TODAY)
    assert before.nominal == date(2027, 1, 14)
    assert after.nominal == date(2027, 4, 15)
    assert [citation.article for citation in after.citations] == ["第29条", "第46条"]
    assert after.milestones[0].day == date(2027, 1, 15)
    assert after.doubts


def test_a_defendant_abroad_has_thirty_days_under_an_article_of_its_own(tables: LawTables) -> None:
    abroad = compute(tables, "court_answer", {"received": "2026-11-02", "domestic": "no"}, TODAY)
    at_home = compute(tables, "court_answer", {"received": "2026-11-02", "domestic": "yes"}, TODAY)
    assert (abroad.nominal, at_home.nominal) == (date(2026, 12, 2), date(2026, 11, 17))
    assert [citation.article for citation in abroad.citations] == ["第285条"]


def test_a_judgment_can_be_enforced_for_two_years_from_the_last_day_to_perform(tables: LawTables) -> None:
    found = compute(tables, "enforcement_application", {"performance_end": "2024-11-29"}, TODAY)
    assert found.nominal == date(2026, 11, 29)
    assert found.legal == date(2026, 11, 30)
    assert [citation.article for citation in found.citations] == ["第250条", "第195条"]


def test_frozen_property_is_renewed_seven_days_before_the_end_and_an_injunction_within_the_last_seven(
    tables: LawTables,
) -> None:
    frozen = compute(tables, "property_preservation_renewal", {"order_end": "2026-12-31"}, TODAY)
    stopped = compute(tables, "preservation_renewal", {"order_end": "2026-12-31"}, TODAY)
    assert (frozen.nominal, stopped.nominal) == (date(2026, 12, 24), date(2026, 12, 31))
    assert stopped.window is not None
    assert stopped.window.start == frozen.nominal


def test_an_award_is_set_aside_within_three_months_since_march_2026(tables: LawTables) -> None:
    assert compute(tables, "award_set_aside", {"received": "2026-11-02"}, TODAY).nominal == date(2027, 2, 2)
    with pytest.raises(DeadlineInputError):
        compute(tables, "award_set_aside", {"received": "2026-02-27"}, TODAY)
