"""Every row of the worked examples, by kind and inputs; the rows we hold wrong, with the article."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from rules.deadlines.kinds import compute
from rules.deadlines.result import Deadline
from rules.deadlines.tables import LawTables
from tests.unit.rules.deadlines.deadline_examples import ASKED, HELD_WRONG, P55_CALENDAR, TODAY, Asked

FACTS = Path(__file__).parents[5] / "shared" / "facts" / "deadline-examples.csv"
pytestmark = pytest.mark.skipif(not FACTS.exists(), reason="the facts folder is not beside the project")


def rows() -> dict[str, dict[str, str]]:
    """Return the rows by id, or none when the folder is absent."""
    if not FACTS.exists():
        return {}
    with FACTS.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


ROWS = rows()
CASES = [(row_id, asked) for row_id, many in ASKED.items() for asked in many]


def test_every_row_is_transcribed() -> None:
    """No row is forgotten, none is made up."""
    assert set(ASKED) == set(ROWS)


@pytest.mark.parametrize(
    ("row_id", "asked"), CASES, ids=[f"{i}-{a.kind}-{n}" for n, (i, a) in enumerate(CASES)]
)
def test_row(row_id: str, asked: Asked, tables: LawTables, table_texts: dict[str, str]) -> None:
    """The computed deadline says what the row says, in every column that the row fills."""
    row = ROWS[row_id]
    if row_id == "P55":
        tables = LawTables.parse({**table_texts, "calendar/2024.yaml": P55_CALENDAR})
    answer = compute(tables, asked.kind, asked.inputs, asked.as_of)
    said = {column: str(value) for column, value in _said(answer).items() if value is not None}
    for column in ("nominal_due", "effective_due", "safe_reminder_due", "window_start", "window_end"):
        if not row[column]:
            continue
        wanted = row[column]
        if row_id in HELD_WRONG and HELD_WRONG[row_id][0] == column:
            assert wanted != HELD_WRONG[row_id][1], "the row agrees with us by now: take it off the list"
            wanted = HELD_WRONG[row_id][1]
        assert said.get(column) == wanted, column
    for column in ("amount_full", "amount_payable", "late_fee", "total"):
        wanted = _part(row[column], asked.part)
        if wanted is not None:
            assert said.get(column) == wanted, (column, answer.amounts)
    if row["provisional_calendar"] == "yes":
        assert answer.provisional
    elif row["status"] == "computed" and row_id not in HELD_WRONG:
        assert not answer.provisional
    assert answer.citations
    assert answer.steps or answer.nominal is None


def _part(text: str, part: int) -> str | None:
    """Return the `part`-th amount of a cell such as `450 / 500` in yuan, or None for a cell without one."""
    if not text or "%" in text:
        return None
    parts = [piece.strip() for piece in re.split(r"[/;]", text)]
    return parts[part if len(parts) > 1 else 0]


def _said(answer: Deadline) -> dict[str, date | int | None]:
    window = answer.window

    def yuan(fen: int | None) -> int | None:
        return None if fen is None else fen // 100

    first = answer.amounts[0] if answer.amounts else None
    late = answer.surcharge
    return {
        "nominal_due": answer.nominal,
        "effective_due": answer.legal,
        "safe_reminder_due": answer.safe,
        "window_start": window.start if window else None,
        "window_end": window.end if window else None,
        "amount_full": yuan(first.full)
        if first and len(answer.amounts) > 1 and answer.kind != "official_fee"
        else yuan(answer.total_full),
        "amount_payable": yuan(answer.total_payable),
        "late_fee": yuan(late),
        "total": yuan(answer.total),
    }


def test_restoration_after_lapse_needs_the_whole_surcharge(tables: LawTables) -> None:
    """Row P10: the annuity, 25% of the full annuity, and 1000."""
    asked = ASKED["P10"][0]
    answer = compute(tables, asked.kind, asked.inputs, TODAY)
    assert answer.figures["restore_surcharge"] == 500_00
    assert answer.figures["restore_total"] == 2000_00 + 500_00 + 1000_00
    assert answer.total is None


def test_compensation_days(tables: LawTables) -> None:
    """Row C48: the clock starts on 2024-07-13, 244 days, no whole year to pay for."""
    asked = ASKED["C48"][0]
    answer = compute(tables, asked.kind, asked.inputs, TODAY)
    assert answer.figures == {"days": 244, "full_years": 0}
    assert any(note.day == date(2024, 7, 13) for note in answer.milestones)


def test_year_at_grant(tables: LawTables) -> None:
    """Rows P16 and P31: the year in progress at registration, and the first one after it."""
    assert compute(tables, "registration", ASKED["P31"][0].inputs, TODAY).figures["year"] == 5
    asked = ASKED["P16"][0]
    assert compute(tables, asked.kind, asked.inputs, asked.as_of).figures["year"] == 3
