"""The docket as files: an .ics feed (RFC 5545) and an .xlsx sheet, both as bytes."""

from __future__ import annotations

import hashlib
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Alarm, Calendar, Event, vDuration
from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from rules.days import NINGBO, format_day
from rules.deadlines import wording
from rules.deadlines.assets import AssetFacts
from rules.deadlines.obligations import Obligation
from rules.money import format_yuan

# Days before the safe day on which a calendar rings; the reminders of the service have their own ladder.
ALARM_DAYS = (30, 7, 1)
_REFRESH = vDuration(timedelta(hours=12))
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_BOLD = Font(bold=True)
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_WIDTHS = (14, 22, 28, 26, 13, 13, 13, 14, 13, 46, 12, 30)

Value = str | date | float | int | None


@dataclass(frozen=True)
class DocketRow:
    """One obligation together with the asset it belongs to."""

    asset: AssetFacts
    obligation: Obligation


def neutralised(text: str) -> str:
    """Return text that no spreadsheet will run: a leading `=`, `+`, `-`, `@`, tab or return gets a quote in front."""
    clean = "".join(
        letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs")
    )
    return f"'{clean}" if clean.lstrip(" \n").startswith(_FORMULA_STARTS) else clean


def ics_feed(name: str, rows: Iterable[DocketRow], generated: datetime, domain: str = "zhituo") -> bytes:
    """Return an iCalendar feed: an all-day event on each safe day, with alarms.

    What is late has passed from the calendar's sight: the end of its grace period gets an event of its own.
    The UID depends on the asset's `ref` and the obligation's key only, so that a moved day updates the entry in
    a subscriber's calendar. `generated` is an aware instant. Raises ValueError for a naive one.
    """
    if generated.tzinfo is None:
        raise ValueError("generated must be an aware instant")
    feed = Calendar()
    feed.add("prodid", "-//zhituo//docket//ZH")
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    feed.add("method", "PUBLISH")
    # How often a calendar that follows a link may look again (RFC 7986 section 5.7, and what came before it).
    feed.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    feed.add("x-published-ttl", _REFRESH)
    feed.add("x-wr-calname", " ".join(_plain(name).split()))
    today = generated.astimezone(NINGBO).date()
    for row in rows:
        feed.add_component(_event(row, generated.astimezone(UTC), domain))
        grace_end = row.obligation.grace_end
        if row.obligation.safe < today and grace_end is not None and grace_end >= today:
            feed.add_component(_grace_event(row, grace_end, generated.astimezone(UTC), domain))
    return bytes(feed.to_ical())


def uid_of(row: DocketRow, domain: str = "zhituo", part: str = "") -> str:
    """Return the stable UID of a row. Raises ValueError when neither `ref` nor number tells the asset apart."""
    identity = row.asset.ref or row.asset.number
    if not identity:
        raise ValueError("an asset without ref or number has no stable identity")
    named = "|".join(piece for piece in (identity, row.obligation.key, part) if piece)
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}@{domain}"


def _event(row: DocketRow, generated: datetime, domain: str) -> Event:
    return _all_day(row, row.obligation.safe, row.obligation.title_zh, uid_of(row, domain), generated)


def _grace_event(row: DocketRow, day: date, generated: datetime, domain: str) -> Event:
    title = wording.ICS_LATE.format(title=row.obligation.title_zh)
    return _all_day(row, day, title, uid_of(row, domain, "grace"), generated)


def _all_day(row: DocketRow, day: date, title: str, uid: str, generated: datetime) -> Event:
    asset = row.asset
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", generated)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", _plain(f"{title} {asset.number or asset.title}".strip()))
    event.add("description", _plain(_description(row)))
    event.add("categories", [asset.kind.label])
    for days in ALARM_DAYS:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _plain(wording.ICS_ALARM.format(title=title, days=days)))
        # Nine in the morning of the day: an all-day event starts at midnight.
        alarm.add("trigger", timedelta(days=-days) + timedelta(hours=9))
        event.add_component(alarm)
    return event


def _description(row: DocketRow) -> str:
    made, asset = row.obligation, row.asset
    lines = [
        f"{asset.kind.label} {asset.title}".strip(),
        wording.ICS_SAFE.format(day=format_day(made.safe)),
        wording.ICS_NOMINAL.format(nominal=format_day(made.nominal), legal=format_day(made.legal)),
    ]
    if made.amount is not None:
        lines.append(wording.ICS_AMOUNT.format(amount=format_yuan(made.amount)))
    if made.grace_end:
        lines.append(wording.ICS_GRACE.format(day=format_day(made.grace_end)))
    if made.missed:
        lines.append(made.missed)
    if made.provisional:
        lines.append(wording.ICS_PROVISIONAL)
    lines.extend(str(citation) for citation in made.citations)
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Return text without control characters and half surrogates, which RFC 5545 does not allow."""
    return "".join(
        letter for letter in text if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs")
    )


def xlsx_docket(name: str, rows: Sequence[DocketRow], today: date) -> bytes:
    """Return the docket as a workbook: one sheet, one row an obligation, real dates and numbers, no formulas."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has a sheet")
    sheet.title = wording.XLSX_SHEET
    sheet.append([neutralised(name), wording.XLSX_AS_OF.format(day=format_day(today))])
    for place, words in enumerate(wording.XLSX_COLUMNS, 1):
        sheet.cell(2, place, words).font = _BOLD
    ordered = sorted(rows, key=lambda row: (row.obligation.safe, row.obligation.key))
    for line, row in enumerate(ordered, 3):
        for place, value in enumerate(_cells(row, today), 1):
            _style(sheet.cell(line, place, value), value)
    for index, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = "A3"
    stream = io.BytesIO()
    book.properties.created = book.properties.modified = datetime.combine(today, time())
    book.save(stream)
    return stream.getvalue()


def _style(cell: Cell | MergedCell, value: Value) -> None:
    if isinstance(value, str):
        cell.data_type = "s"  # even a text that looks like a formula is text
        cell.alignment = _WRAPPED
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, float):
        cell.number_format = "#,##0.00"


def _cells(row: DocketRow, today: date) -> list[Value]:
    made, asset = row.obligation, row.asset
    return [
        asset.kind.label,
        neutralised(asset.number),
        neutralised(asset.title),
        made.title_zh,
        made.safe,
        made.nominal,
        made.legal,
        (made.safe - today).days,
        made.grace_end,
        neutralised(made.missed),
        None if made.amount is None else made.amount / 100,
        "；".join(str(citation) for citation in made.citations)
        + (f"；{wording.ICS_PROVISIONAL}" if made.provisional else ""),
    ]
