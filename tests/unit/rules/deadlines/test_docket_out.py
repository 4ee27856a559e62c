"""The .ics feed and the .xlsx docket: valid, stable, and nothing in them runs."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from openpyxl import load_workbook

from rules.deadlines.assets import AssetFacts, AssetKind
from rules.deadlines.docket_out import DocketRow, ics_feed, neutralised, uid_of, xlsx_docket
from rules.deadlines.obligations import obligations_of
from rules.deadlines.tables import LawTables

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def docket(tables: LawTables, **changes: object) -> list[DocketRow]:
    """Return two annuities of one patent."""
    asset = AssetFacts(
        kind=AssetKind.INVENTION,
        ref="asset-1",
        number="202010293847.9",
        title="一种装置",
        filing=date(2020, 4, 15),
        grant=date(2022, 8, 2),
    ).model_copy(update=changes)
    return [DocketRow(asset, item) for item in obligations_of(tables, asset, TODAY, date(2028, 12, 31))]


def test_the_feed(tables: LawTables) -> None:
    """One all-day event on each safe day, with alarms, readable by an RFC 5545 parser."""
    rows = docket(tables)
    raw = ics_feed("甬江某公司", rows, NOW)
    feed = Calendar.from_ical(raw)
    events = feed.walk("VEVENT")
    assert [event["DTSTART"].dt for event in events] == [date(2027, 4, 15), date(2028, 4, 14)]
    assert events[0]["DTEND"].dt == date(2027, 4, 16)
    assert "第8年度年费" in events[0]["SUMMARY"]
    assert "专利法实施细则" in events[0]["DESCRIPTION"]
    assert "2,000元" in events[0]["DESCRIPTION"]
    assert len(events[0].walk("VALARM")) == 3
    assert len({event["UID"] for event in events}) == 2
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert raw.endswith(b"END:VCALENDAR\r\n")


def test_the_uid_stays_when_the_day_moves(tables: LawTables) -> None:
    """A subscriber's calendar updates the entry instead of adding one."""
    first, other = docket(tables)[0], docket(tables, title="改了名", reduction=85)[0]
    assert uid_of(first) == uid_of(other)
    assert uid_of(first) != uid_of(docket(tables, ref="asset-2")[0])
    with pytest.raises(ValueError, match="identity"):
        uid_of(docket(tables, ref="", number="")[0])


def test_text_that_would_break_the_feed(tables: LawTables) -> None:
    """Line breaks, control characters and half surrogates in a title do not add lines."""
    rows = docket(tables, title="坏\r\nATTENDEE:mailto:x@example.org\x07\ud800", number="")
    raw = ics_feed("名\r\nX-EVIL:1", rows, NOW)
    assert b"\r\nATTENDEE" not in raw
    assert b"\r\nX-EVIL" not in raw
    Calendar.from_ical(raw)
    with pytest.raises(ValueError, match="aware"):
        ics_feed("x", rows, datetime(2026, 11, 20))


def test_the_workbook(tables: LawTables) -> None:
    """Dates are dates, amounts are numbers, texts that look like formulas are texts with a quote in front."""
    rows = docket(tables, title='=HYPERLINK("http://example.org")', number="@SUM(A1)")
    sheet = load_workbook(io.BytesIO(xlsx_docket("+公司", rows, TODAY))).active
    assert sheet is not None
    told = list(sheet.iter_rows(min_row=2, values_only=True))
    assert told[0][:5] == ("种类", "号码", "名称", "事项", "安全日")
    assert told[1][1:3] == ("'@SUM(A1)", '\'=HYPERLINK("http://example.org")')
    assert told[1][4] == datetime(2027, 4, 15)
    assert told[1][7] == 146
    assert told[1][10] == 2000
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type != "f"
    assert sheet["A1"].value == "'+公司"


@given(st.text())
def test_neutralised_text_never_starts_a_formula(text: str) -> None:
    """Whatever is typed, a spreadsheet shows it and runs nothing."""
    assert neutralised(text).lstrip(" \n")[:1] not in ("=", "+", "-", "@", "\t", "\r")
