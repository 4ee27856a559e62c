"""Rows of a list of rights, as agencies and the patent office's portal export them, understood one by one.

Cells come already read (see `store.asset_file`). A row is understood whole or refused with its reason; a cell
is data, never a formula. Importing the same rows twice gives the same assets: the number is the identity.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from rules.days import format_day
from rules.deadlines import import_words as words
from rules.deadlines.assets import AssetFacts, AssetKind
from rules.deadlines.day_text import read_day
from rules.deadlines.errors import DeadlineInputError
from rules.deadlines.import_words import Column
from rules.deadlines.numbers import filing_fits, parse_application_number, parse_trademark_number

Cell = str | int | float | bool | date | datetime | None
_SEARCHED_ROWS = 20  # a title or a note may stand above the header
_EXCEL_FIRST = date(1899, 12, 30)
_PAST = ("filing", "priority", "publication", "grant", "registration")


@dataclass(frozen=True)
class Understood:
    """A row that became an asset. `line` counts from 1 as the spreadsheet shows it."""

    line: int
    asset: AssetFacts
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A row that did not, and why, for the person and for the log."""

    line: int
    field: str
    shown: str
    message_zh: str
    message_en: str


@dataclass(frozen=True)
class ImportPreview:
    """What was made of the rows. Nothing is stored yet."""

    columns: Mapping[Column, str]  # what each recognised column is called in the file
    ignored: tuple[str, ...]  # columns that were not recognised
    understood: tuple[Understood, ...]
    refused: tuple[Refused, ...]
    repeated: int = 0  # rows that say the same as an earlier one


@dataclass
class _Seen:
    """The rows so far by identity."""

    assets: dict[str, AssetFacts] = field(default_factory=dict)
    repeated: int = 0


def read_rows(rows: Sequence[Sequence[Cell]], today: date) -> ImportPreview:
    """Return which rows are understood and which refused.

    Raises `DeadlineInputError` (field `file`) when no row looks like a header with a number column.
    """
    at, columns = _find_header(rows)
    header = [_text(cell) for cell in rows[at]]
    understood: list[Understood] = []
    refused: list[Refused] = []
    seen = _Seen()
    for index in range(at + 1, len(rows)):
        row = rows[index]
        if not any(_text(cell) for cell in row):
            continue
        cells = {column: row[place] if place < len(row) else None for column, place in columns.items()}
        try:
            made = _read_row(index + 1, cells, today)
            if _keep(made, seen):
                understood.append(made)
        except DeadlineInputError as error:
            shown = _text(cells.get(Column.NUMBER)) or _text(cells.get(Column.REGISTRATION_NUMBER))
            refused.append(Refused(index + 1, error.field, shown[:60], error.message_zh, error.message_en))
    known = set(columns.values())
    ignored = tuple(name for place, name in enumerate(header) if name and place not in known)
    named = {column: header[place] for column, place in columns.items()}
    return ImportPreview(named, ignored, tuple(understood), tuple(refused), seen.repeated)


def _keep(made: Understood, seen: _Seen) -> bool:
    """Tell whether the row is new; the same row again is counted, a contradiction refused."""
    identity = f"{made.asset.kind.label}|{made.asset.number}"
    earlier = seen.assets.get(identity)
    if earlier is None:
        seen.assets[identity] = made.asset
        return True
    if earlier == made.asset:
        seen.repeated += 1
        return False
    raise DeadlineInputError(
        "number", words.TWICE.format(number=made.asset.number), "given twice, differently"
    )


def _find_header(rows: Sequence[Sequence[Cell]]) -> tuple[int, dict[Column, int]]:
    best: tuple[int, dict[Column, int]] | None = None
    for index, row in enumerate(rows[:_SEARCHED_ROWS]):
        columns: dict[Column, int] = {}
        for place, cell in enumerate(row):
            column = column_of(_text(cell))
            if column is not None:
                columns.setdefault(column, place)
        if Column.NUMBER not in columns and Column.REGISTRATION_NUMBER not in columns:
            continue
        if best is None or len(columns) > len(best[1]):
            best = index, columns
    if best is None:
        raise DeadlineInputError("file", words.NO_HEADER, "no header row with a number column")
    return best


def column_of(name: str) -> Column | None:
    """Return what a column of this name holds, or None when the name is not known."""
    plain = re.sub(r"[:*(].*$", "", re.sub(r"\s", "", unicodedata.normalize("NFKC", name)))
    return words.COLUMN_NAMES.get(plain.lower())


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    # A quote in front is how a sheet of ours marks a text that looks like a formula.
    return str(cell).strip().removeprefix("'").strip()


def _read_row(line: int, cells: Mapping[Column, Cell], today: date) -> Understood:
    status = _text(cells.get(Column.STATUS))
    days = {name: _day(cells, Column(name)) for name in ("filing", "priority", "publication", "grant")}
    days["registration"] = _day(cells, Column.REGISTRATION)
    days["expiry"] = _day(cells, Column.EXPIRY)
    for name in _PAST:
        day = days[name]
        if day is not None and day > today:
            zh = words.FUTURE.format(label=words.LABELS[Column(name)], day=format_day(day))
            raise DeadlineInputError(name, zh, f"{day} is after today")
    kind = _kind(cells)
    shared: dict[str, object] = {
        "title": _text(cells.get(Column.TITLE))[:300],
        "priority": days["priority"],
    }
    if status:  # a list without this column says nothing about it
        shared["active"] = not _has_ended(status)
    if kind is AssetKind.TRADEMARK:
        made = _mark(line, cells, days, shared)
    else:
        made = _patent(line, cells, days, shared, kind, status, today)
    if made.asset.active:
        return made
    return Understood(line, made.asset, (*made.notes, words.HAS_ENDED.format(status=status[:40])))


def _has_ended(status: str) -> bool:
    """Tell whether the register says the right is gone; one that is being restored or attacked still has deadlines."""
    return "恢复" not in status and any(word in status for word in words.ENDED)


def _kind(cells: Mapping[Column, Cell]) -> AssetKind | None:
    text = _text(cells.get(Column.KIND))
    for word, kind in words.KINDS.items():
        if word in text:
            return kind
    if text:
        raise DeadlineInputError(
            "kind", words.BAD_KIND.format(value=text[:40]), f"unknown kind {text[:40]!r}"
        )
    only_registered = not _text(cells.get(Column.NUMBER)) and _text(cells.get(Column.REGISTRATION_NUMBER))
    return AssetKind.TRADEMARK if only_registered or _text(cells.get(Column.CLASSES)) else None


def _patent(
    line: int,
    cells: Mapping[Column, Cell],
    days: Mapping[str, date | None],
    shared: Mapping[str, object],
    kind: AssetKind | None,
    status: str,
    today: date,
) -> Understood:
    notes: list[str] = []
    number = parse_application_number(_text(cells.get(Column.NUMBER)), last_year=today.year)
    if not number.check_given:
        notes.append(words.NO_CHECK.format(number=number.dotted))
    own = AssetKind(number.right_type.value)
    if kind is not None and kind is not own:
        zh = words.KIND_CLASH.format(number=number.dotted, own=own.label, said=kind.label)
        raise DeadlineInputError("kind", zh, f"number is {own}, kind column says {kind}")
    filing, grant = days["filing"], days["grant"]
    if filing is None:
        raise DeadlineInputError("filing", words.NO_FILING, "missing filing day")
    if not filing_fits(number, filing):
        zh = words.YEAR_CLASH.format(number=number.dotted, filing=format_day(filing))
        raise DeadlineInputError("filing", zh, f"filing {filing} is after the number's year")
    if grant is not None and grant < filing:
        raise DeadlineInputError("grant", words.GRANT_BEFORE, "grant before filing")
    reduction, owners = _reduction(cells), _owners(cells)
    if reduction == 85 and owners > 1:
        raise DeadlineInputError(
            "reduction", words.JOINT.format(owners=owners), "joint owners get 70, not 85"
        )
    if filing.year < number.filing_year and not number.national_phase:
        notes.append(words.DIVISIONAL)
    given = {
        **shared,
        "kind": own,
        "number": number.dotted,
        "filing": filing,
        "publication": days["publication"],
        "grant": grant,
        "reduction": reduction,
        "paid_through": _paid_through(cells),
    }
    if status or grant:
        given["pending"] = grant is None and any(word in status for word in words.PENDING)
    if _text(cells.get(Column.OWNER)):
        given["owners"] = owners
    asset = AssetFacts.model_validate(given)
    return Understood(line, asset, tuple(notes))


def _mark(
    line: int, cells: Mapping[Column, Cell], days: Mapping[str, date | None], shared: Mapping[str, object]
) -> Understood:
    text = _text(cells.get(Column.REGISTRATION_NUMBER)) or _text(cells.get(Column.NUMBER))
    number = parse_trademark_number(text)
    registration, expiry = days["registration"] or days["grant"], days["expiry"]
    if registration is None and expiry is None and days["filing"] is None:
        raise DeadlineInputError("registration", words.NO_REGISTRATION, "missing registration day and expiry")
    if registration and expiry and expiry <= registration:
        raise DeadlineInputError("expiry", words.EXPIRY_BEFORE, "expiry not after registration")
    listed = re.findall(r"\d+", unicodedata.normalize("NFKC", _text(cells.get(Column.CLASSES))))
    classes = {int(found) for found in listed if len(found) <= 2}
    if len(classes) != len(set(listed)) or not all(1 <= number <= 45 for number in classes):
        raise DeadlineInputError("classes", words.BAD_CLASSES, "classes are 1 to 45")
    given = {
        **shared,
        "kind": AssetKind.TRADEMARK,
        "number": str(number),
        "filing": days["filing"],
        "registration": registration,
        "expiry": expiry,
    }
    if classes:
        given["classes"] = len(classes)
    return Understood(line, AssetFacts.model_validate(given))


def _day(cells: Mapping[Column, Cell], column: Column) -> date | None:
    cell = cells.get(column)
    text = _text(cell)
    if not text or text in words.EMPTY:
        return None
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 20_000 < cell < 80_000:
        return date.fromordinal(_EXCEL_FIRST.toordinal() + int(cell))  # a date that lost its format
    day = read_day(cell if isinstance(cell, date) else text)
    if day is None:
        zh = words.BAD_DAY.format(label=words.LABELS[column], value=text[:40])
        raise DeadlineInputError(column.value, zh, f"not a day: {text[:40]!r}")
    return day


def _reduction(cells: Mapping[Column, Cell]) -> int | None:
    cell = cells.get(Column.REDUCTION)
    text = unicodedata.normalize("NFKC", _text(cell)).rstrip("%")
    if not text or text in words.EMPTY:
        return None
    if text in ("0", "否", "无", "不减缴"):
        return 0
    for given, percent in (("85", 85), ("0.85", 85), ("70", 70), ("0.7", 70), ("0.70", 70)):
        if text == given:
            return percent
    raise DeadlineInputError("reduction", words.BAD_REDUCTION.format(value=text[:40]), "must be 0, 70 or 85")


def _owners(cells: Mapping[Column, Cell]) -> int:
    """Return how many owners a cell names; lists separate them by semicolons or 、."""
    names = re.split(r"[;；、\n]", _text(cells.get(Column.OWNER)))
    return max(1, len({name.strip() for name in names if name.strip()}))


def _paid_through(cells: Mapping[Column, Cell]) -> int | None:
    text = unicodedata.normalize("NFKC", _text(cells.get(Column.PAID_THROUGH)))
    if not text or text in words.EMPTY:
        return None
    match = re.fullmatch(r"第?(\d{1,2})年?度?", text)
    if match is None or not 1 <= int(match[1]) <= 20:
        raise DeadlineInputError("paid_through", words.BAD_PAID.format(value=text[:40]), "must be 1 to 20")
    return int(match[1])
