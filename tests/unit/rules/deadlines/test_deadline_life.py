"""Obligations and whole lives of assets; the vectorised path says the same."""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.deadlines.annuity import OpenLicence, patent_year
from rules.deadlines.assets import AssetEvent, AssetFacts, AssetKind
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.life import WhatIf, life
from rules.deadlines.obligations import obligations_of
from rules.deadlines.tables import LawTables

TODAY = date(2026, 11, 20)
FAR = date(2046, 12, 31)
PATENT = AssetFacts(
    kind=AssetKind.INVENTION, ref="a1", filing=date(2020, 4, 15), grant=date(2022, 8, 2), reduction=85
)


def keys(tables: LawTables, asset: AssetFacts, horizon: date = date(2028, 11, 20)) -> list[str]:
    """Return the keys of what is open today."""
    return [item.key for item in obligations_of(tables, asset, TODAY, horizon)]


def test_the_annuities_of_the_next_two_years(tables: LawTables) -> None:
    """Two annuities with their days, amounts and ladder."""
    told = obligations_of(tables, PATENT, TODAY, date(2028, 11, 20))
    assert [(item.key, item.nominal, item.amount) for item in told] == [
        ("annuity:8", date(2027, 4, 15), 300_00),
        ("annuity:9", date(2028, 4, 15), 300_00),
    ]
    assert told[0].grace_end == date(2027, 10, 15)
    assert told[0].provisional
    assert told[0].citations
    assert told[0].restore_hint


def test_silence_never_means_give_up(tables: LawTables) -> None:
    """A year known to be unpaid stays, however late; one nobody spoke of stays through its grace period."""
    assert keys(tables, PATENT.model_copy(update={"paid_through": 5}), TODAY) == ["annuity:6", "annuity:7"]
    in_grace = PATENT.model_copy(update={"filing": date(2020, 6, 1)})
    assert keys(tables, in_grace, TODAY) == ["annuity:7"]
    assert keys(tables, in_grace.model_copy(update={"paid_through": 7}), TODAY) == []


def test_the_hash_changes_with_the_answer_only(tables: LawTables, table_texts: dict[str, str]) -> None:
    """Another title changes nothing; a paid year, a lost reduction or an announced calendar does."""
    first = obligations_of(tables, PATENT, TODAY, date(2027, 12, 31))[0]
    renamed = PATENT.model_copy(update={"title": "一种新名称"})
    assert obligations_of(tables, renamed, TODAY, date(2027, 12, 31))[0].inputs_hash == first.inputs_hash
    dearer = PATENT.model_copy(update={"reduction": 0})
    assert obligations_of(tables, dearer, TODAY, date(2027, 12, 31))[0].inputs_hash != first.inputs_hash
    calendar = (
        "table: calendar_year\nyear: 2027\nnotice: made up\nbreaks: [[2027-04-14, 2027-04-16]]\nmake_up: []\n"
    )
    announced = LawTables.parse({**table_texts, "calendar/2027.yaml": calendar})
    moved = obligations_of(announced, PATENT, TODAY, date(2027, 12, 31))[0]
    assert (moved.legal, moved.safe, moved.provisional) == (date(2027, 4, 19), date(2027, 4, 13), False)
    assert moved.inputs_hash != first.inputs_hash
    assert moved.key == first.key


def test_an_application_has_no_annuities(tables: LawTables) -> None:
    """Until grant: the examination request and the chance to file abroad."""
    pending = AssetFacts(kind=AssetKind.INVENTION, filing=date(2026, 3, 2), pending=True, reduction=85)
    told = obligations_of(tables, pending, TODAY, date(2030, 1, 1))
    assert [(item.key, item.nominal, item.optional) for item in told] == [
        ("pct_filing", date(2027, 3, 2), True),
        ("exam_request", date(2029, 3, 2), False),
    ]
    assert told[1].amount == 375_00
    requested = pending.model_copy(update={"exam_request": date(2026, 5, 1)})
    assert keys(tables, requested, date(2030, 1, 1)) == ["pct_filing"]


def test_a_fresh_grant_brings_the_award_and_the_compensation_request(tables: LawTables) -> None:
    """Three months from grant publication; the compensation only after four years of examination."""
    asset = AssetFacts(kind=AssetKind.INVENTION, filing=date(2021, 10, 8), grant=date(2026, 9, 29))
    told = {item.key: item for item in obligations_of(tables, asset, TODAY, date(2027, 6, 1))}
    assert told["inventor_award"].nominal == date(2026, 12, 29)
    assert told["inventor_award"].amount == 4000_00
    assert told["pta_request"].nominal == date(2026, 12, 29)
    assert told["pta_request"].optional


def test_an_anniversary_just_before_the_grant_is_not_overlooked(tables: LawTables) -> None:
    """The year of grant may itself be due when an anniversary passed between registration and publication."""
    asset = AssetFacts(kind=AssetKind.UTILITY_MODEL, filing=date(2025, 10, 20), grant=date(2026, 11, 10))
    told = obligations_of(tables, asset, TODAY, date(2027, 6, 1))
    second = next(item for item in told if item.key == "annuity:2")
    assert second.doubts[0] == tables.annuities.boundary_doubt


def test_other_rights(tables: LawTables) -> None:
    """Marks, customs recordals, layouts and single events."""
    mark = AssetFacts(kind=AssetKind.TRADEMARK, registration=date(2016, 11, 21), classes=2)
    (renewal,) = obligations_of(tables, mark, TODAY, date(2030, 1, 1))
    assert (renewal.key, renewal.nominal, renewal.opens) == (
        "tm_renewal:2026",
        date(2026, 11, 20),
        date(2025, 11, 21),
    )
    assert (renewal.amount, renewal.grace_end) == (900_00, date(2027, 5, 20))
    known = AssetFacts(kind=AssetKind.TRADEMARK, expiry=date(2020, 1, 1))
    assert keys(tables, known) == ["tm_renewal:2020"], (
        "a known expiry stays open until the register shows another"
    )
    customs = AssetFacts(kind=AssetKind.CUSTOMS_RECORDAL, approval=date(2017, 3, 1))
    (recordal,) = obligations_of(tables, customs, TODAY, date(2028, 1, 1))
    assert (recordal.nominal, recordal.opens, recordal.grace_end) == (
        date(2027, 2, 28),
        date(2026, 8, 28),
        None,
    )
    layout = AssetFacts(kind=AssetKind.IC_LAYOUT, first_use=date(2025, 5, 6))
    assert keys(tables, layout) == ["ic_filing"]
    event = AssetEvent(id="n1", kind="oa1", inputs={"issue": "2026-10-31", "delivery": "electronic"})
    noticed = AssetFacts(kind=AssetKind.INVENTION, filing=date(2025, 5, 6), pending=True, events=(event,))
    told = {item.key: item for item in obligations_of(tables, noticed, TODAY, date(2027, 12, 31))}
    assert told["oa1:n1"].legal == date(2027, 3, 1)


def test_nothing_falls_due_for_a_right_that_has_ended(tables: LawTables) -> None:
    """By the register, or from a day on."""
    assert keys(tables, PATENT.model_copy(update={"active": False})) == []
    assert keys(tables, PATENT.model_copy(update={"ended": date(2027, 12, 31)})) == ["annuity:8"]


def test_contradictions_are_refused(tables: LawTables) -> None:
    """Grant before filing; 85 percent for joint owners."""
    with pytest.raises(DeadlineInputError, match="grant"):
        keys(tables, PATENT.model_copy(update={"grant": date(2019, 1, 1)}))
    with pytest.raises(DeadlineInputError, match="70"):
        keys(tables, PATENT.model_copy(update={"owners": 2}))


def test_a_whole_life(tables: LawTables) -> None:
    """From filing to the last annuity, the reduction ending after ten years, and the cost of each year."""
    told = life(tables, PATENT, date(2040, 12, 31), TODAY)
    assert [line.key for line in told.lines if line.key.startswith("annuity")] == [
        f"annuity:{year}" for year in range(3, 21)
    ]
    assert told.cost_by_year[2020] == (900 * 15 // 100 + 50) * 100
    assert told.cost_by_year[2022] == (2500 * 15 // 100 + 900 * 15 // 100) * 100
    assert told.cost_by_year[2031] == 600_00
    assert told.cost_by_year[2032] == 6000_00
    assert told.total == sum(line.cost for line in told.lines) == sum(told.cost_by_year.values())
    assert (told.ends_on, told.lapsed) == (date(2040, 4, 14), False)


def test_what_if(tables: LawTables) -> None:
    """Give up, be late, lose the reduction."""
    plain = life(tables, PATENT, FAR, TODAY)
    gone = life(tables, PATENT, FAR, TODAY, WhatIf(give_up_year=10))
    assert (gone.ends_on, gone.lapsed) == (date(2029, 4, 14), True)
    assert plain.total - gone.total == (600 * 3 + 6000 * 3 + 8000 * 5) * 100
    late = life(tables, PATENT, FAR, TODAY, WhatIf(late_days=70))
    full_rate = 1200 * 3 + 2000 * 3 + 4000 * 3 + 6000 * 3 + 8000 * 5
    assert late.total - plain.total == full_rate * 10  # ten percent of the full annuities, in 分
    lapsed = life(tables, PATENT, FAR, TODAY, WhatIf(late_days=200))
    assert (lapsed.ends_on, lapsed.lapsed) == (date(2023, 4, 14), True)
    dearer = life(tables, PATENT, FAR, TODAY, WhatIf(lose_reduction_from=date(2028, 1, 1)))
    assert dearer.total - plain.total == (1700 + 3400 * 3) * 100
    for bad in (WhatIf(give_up_year=2), WhatIf(give_up_year=21), WhatIf(late_days=-1)):
        with pytest.raises(DeadlineInputError):
            life(tables, PATENT, FAR, TODAY, bad)


def test_joint_owners_open_licence_and_compensation(tables: LawTables) -> None:
    """Thirty percent for two owners; a licence for the unreduced years; whole years of compensation."""
    joint = PATENT.model_copy(update={"owners": 2, "reduction": 70})
    told = {line.key: line for line in life(tables, joint, FAR, TODAY).lines}
    assert told["annuity:7"].amount == 600_00
    licensed = PATENT.model_copy(update={"open_licence": OpenLicence(recorded=date(2030, 1, 1))})
    told = {line.key: line for line in life(tables, licensed, FAR, TODAY).lines}
    assert (told["annuity:12"].amount, told["annuity:13"].amount) == (600_00, 5100_00)
    longer = life(tables, PATENT.model_copy(update={"compensation_days": 800}), FAR, TODAY)
    compensated = next(line for line in longer.lines if line.key == "annuity_compensation")
    assert compensated.amount == 16000_00
    assert longer.ends_on == date(2042, 6, 23)


def test_the_life_of_a_mark(tables: LawTables) -> None:
    """A renewal every ten years."""
    mark = AssetFacts(kind=AssetKind.TRADEMARK, registration=date(2016, 11, 21), efile=False)
    told = life(tables, mark, FAR, TODAY)
    assert [line.key for line in told.lines] == [
        "tm_application",
        "tm_renewal:2026",
        "tm_renewal:2036",
        "tm_renewal:2046",
    ]
    assert told.total == (300 + 3 * 500) * 100


@given(
    st.dates(date(1990, 1, 1), date(2026, 11, 20)),
    st.integers(0, 3000),
    st.sampled_from([AssetKind.INVENTION, AssetKind.UTILITY_MODEL, AssetKind.DESIGN]),
    st.sampled_from([0, 70, 85]),
)
def test_never_two_annuities_for_one_year(
    tables: LawTables, filing: date, wait: int, kind: AssetKind, reduction: int
) -> None:
    """Each patent year once, in order, none before the year of grant."""
    grant = date.fromordinal(min(filing.toordinal() + wait, TODAY.toordinal()))
    asset = AssetFacts(kind=kind, filing=filing, grant=grant, reduction=reduction)
    last = 20 if kind is AssetKind.INVENTION else 10
    if patent_year(filing, grant) > last:
        return
    told = [line.key for line in life(tables, asset, date(2200, 1, 1), TODAY).lines]
    years = [int(key.partition(":")[2]) for key in told if key.startswith("annuity:")]
    assert years == sorted(set(years))
    assert years[0] == patent_year(filing, grant)
    open_now = keys(tables, asset, FAR)
    assert len(open_now) == len(set(open_now))


def test_the_vectorised_path_says_the_same(tables: LawTables) -> None:
    """Random assets through both paths, every day and amount equal."""
    path = Path(__file__).parents[4] / "benchmarks" / "deadlines.py"
    spec = importlib.util.spec_from_file_location("benchmark_deadlines", path)
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    assert benchmark.compare(tables, count=600, seed=20261120) > 600
