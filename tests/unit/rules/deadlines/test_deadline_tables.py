"""The table files: mistakes are told with file, line and field; a new law is one more dated row."""

from __future__ import annotations

from datetime import date

import pytest

from rules.deadlines.errors import TableError
from rules.deadlines.kinds import catalogue, compute
from rules.deadlines.schema import Count
from rules.deadlines.tables import LawTables

TODAY = date(2026, 11, 20)


def edited(texts: dict[str, str], file: str, old: str, new: str) -> dict[str, str]:
    """Return the tables with one replacement, which must be there exactly once."""
    assert texts[file].count(old) == 1
    return {**texts, file: texts[file].replace(old, new)}


@pytest.mark.parametrize(
    ("file", "old", "new", "field", "reason"),
    [
        ("fees/patent.yaml", "title: 复审费\n", "title: 复审费\n    titel: x\n", "titel", "Extra inputs"),
        ("fees/patent.yaml", "  - id: reexam\n", "  - id: reexam\n    id: reexam\n", "id", "given twice"),
        ("deadlines/patent.yaml", "counts: [served issue + 15d]", "counts: [served issue + 15 d]", "counts", "reads like"),
        ("deadlines/patent.yaml", "cites: [PL 第35条, ", "cites: [XX 第35条, ", "exam_request", "unknown source"),
        ("deadlines/patent.yaml", "fees: [examination]", "fees: [exam]", "exam_request", "unknown fee exam"),
        ("deadlines/pct.yaml", "counts: [priority + 32m]", "counts: [filing + 32m]", "pct_entry_late", "not among the inputs"),
        ("fees/annuities.yaml", "{months: 6, percent: 25}", "{months: 6, percent: 5}", "late.0.steps", "climb"),
        ("deadlines/service.yaml", "table: service", "table: servise", "table", "must be one of"),
        ("deadlines/inputs.yaml", "table: inputs", "table: [inputs", "(yaml)", ""),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place(
    table_texts: dict[str, str], file: str, old: str, new: str, field: str, reason: str
) -> None:
    """The file, the line of the mistake, the field and why."""
    with pytest.raises(TableError) as caught:
        LawTables.parse(edited(table_texts, file, old, new))
    error = caught.value
    assert error.file == file
    assert field in error.field
    assert reason in error.reason
    wanted = table_texts[file][: table_texts[file].index(old)].count("\n") + 1
    assert abs(error.line - wanted) <= 8, (error.line, wanted)


def test_a_missing_file_is_told(table_texts: dict[str, str]) -> None:
    """Without the sources nothing can be cited."""
    kept = {name: text for name, text in table_texts.items() if name != "deadlines/sources.yaml"}
    with pytest.raises(TableError, match="SourcesFile is needed, found 0"):
        LawTables.parse(kept)


def test_every_kind_is_answered_or_says_why_not(tables: LawTables) -> None:
    """Each kind has a title, labelled inputs, and rows that are cited unless they say that nothing is known."""
    views = catalogue(tables)
    assert len(views) == len(tables.kinds) > 160
    for view in views:
        assert view.title
        assert all(item.label for item in view.inputs)
    for kind in tables.kinds.values():
        for row in kind.rows:
            assert row.unknown or (row.cites and row.confidence)
            assert row.unknown or row.missed or kind.calculator.value != "count", kind.id


NAMED_IN_THE_FACTS = """filing_fee exam_request publication priority_inv_um priority_design priority_restore
priority_add_correct priority_copy_inv_um priority_copy_design priority_assignment incorporation novelty_grace
novelty_proof deposit_proof amend_inv amend_um_design oa1 oa_next correction hague_refusal reexam_request
reexam_notice invalid_fee invalid_grounds invalid_answer invalid_correction court_review admin_review admin_suit
registration divisional_last divisional_catchup extension restore restore_fm biblio_fee report_fee report_correct
pta_request licence_record inventor_award service_tail refund suspension deferral foreign_licence hk_record
annuity annuity_late pct_entry tm_renewal tm_opposition tm_refusal_review customs_recordal platform_counter
presuit_measure limitation"""


def test_every_named_kind_exists(tables: LawTables) -> None:
    """The ids that the facts and the issue name."""
    assert set(NAMED_IN_THE_FACTS.split()) <= set(tables.kinds)


def test_a_later_law_is_one_more_dated_row(table_texts: dict[str, str]) -> None:
    """A law that makes the office-action period three months from 2028 changes one file and no code."""
    old = "    counts: [served issue + 4m]\n    extendable: true\n    missed: 申请视为撤回\n    remedy: 收到视为撤回通知书之日起2个月内请求恢复权利，恢复费1,000元\n    cites: [GL 第五部分第七章1.2]\n    confidence: H\n"
    new = old.replace(
        "    counts: [served issue + 4m]\n",
        "    rows: [{counts: [served issue + 4m]}, {since: 2028-01-01, counts: [served issue + 3m]}]\n",
    )
    tables = LawTables.parse(edited(table_texts, "deadlines/patent.yaml", old, new))
    before = compute(tables, "oa1", {"issue": "2027-12-31", "delivery": "electronic"}, TODAY)
    after = compute(tables, "oa1", {"issue": "2028-01-01", "delivery": "electronic"}, TODAY)
    assert (before.nominal, after.nominal) == (date(2028, 4, 30), date(2028, 4, 1))


def test_the_trademark_law_of_2027(tables: LawTables) -> None:
    """Three months until September 2026, two from 2027, and both shown in between, with the safe day in two."""

    def opposition(day: str) -> tuple[date | None, date | None, int]:
        answer = compute(tables, "tm_opposition", {"preliminary_publication": day}, TODAY)
        return answer.nominal, answer.safe, len(answer.milestones)

    assert opposition("2026-09-13") == (date(2026, 12, 13), date(2026, 12, 11), 0)
    assert opposition("2026-09-30") == (date(2026, 12, 30), date(2026, 12, 30), 0)
    assert opposition("2026-11-13") == (date(2027, 2, 13), date(2027, 1, 13), 1)
    assert opposition("2026-12-31") == (date(2027, 3, 31), date(2027, 2, 26), 1)
    assert opposition("2027-01-01") == (date(2027, 3, 1), date(2027, 3, 1), 0)
    between = compute(tables, "tm_opposition", {"preliminary_publication": "2026-11-13"}, TODAY)
    assert between.milestones[0].day == date(2027, 1, 13)
    assert any("2个月" in doubt for doubt in between.doubts)
    assert {"2019年修正", "2026年修订"} <= {citation.doc_no for citation in between.citations}


def test_trademark_papers_are_served_fifteen_days_later_than_patent_papers(tables: LawTables) -> None:
    """The same electronic issue day: +15 days for marks, none for patents."""
    given = {"issue": "2026-11-02", "delivery": "electronic"}
    mark = compute(tables, "tm_refusal_review", given, TODAY)
    assert mark.nominal == date(2026, 12, 2)  # deemed 17 November, and fifteen days
    patent = compute(tables, "reexam_notice", given, TODAY)
    assert patent.nominal == date(2026, 12, 2)  # one month from 2 November itself


def test_nothing_recalled_is_published_as_sourced(tables: LawTables) -> None:
    """Where no source was found no day is given, and the answer says whom to ask."""
    for kind, given in (
        ("madrid_dependency", {"international_registration": "2020-01-01"}),
        ("hague_refusal_window", {"international_publication": "2025-01-01"}),
        ("plant_annual_fee", {}),
    ):
        answer = compute(tables, kind, given, TODAY)
        assert answer.nominal is None
        assert "核实" in answer.unknown
        assert answer.total_payable is None


def test_a_fee_that_is_not_known_says_so(tables: LawTables) -> None:
    """No amount is made up."""
    answer = compute(tables, "official_fee", {"item": "software_registration"}, TODAY)
    assert answer.total is None
    assert "核实" in answer.unknown


def test_a_count_says_what_it_should_look_like() -> None:
    """The notation is explained when it is wrong."""
    with pytest.raises(ValueError, match="reads like"):
        Count.parse("three months after filing")
