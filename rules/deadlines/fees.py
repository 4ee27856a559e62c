"""Official fees with the reduction that applies. A fee without a sourced amount says so and has none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from rules.citation import Confidence
from rules.deadlines import wording
from rules.deadlines.fee_schema import FeeItem, FeeRow
from rules.deadlines.inputs import InputValue, as_text, reduction_of
from rules.deadlines.result import Amount
from rules.deadlines.tables import LawTables
from rules.money import Fen


def fee_items(tables: LawTables, names: Iterable[str]) -> tuple[FeeItem, ...]:
    """Return the fee items of `names`, groups written out. Raises KeyError for a name that is not in the tables."""
    ids: dict[str, None] = {}
    for name in names:
        for item_id in tables.fee_groups.get(name, (name,)):
            ids[item_id] = None
    return tuple(tables.fees[item_id] for item_id in ids)


def fee_amounts(
    tables: LawTables, names: Iterable[str], values: Mapping[str, InputValue], day: date
) -> tuple[Amount, ...]:
    """Return what is to be paid for `names` on `day`; fees whose conditions the inputs rule out are left out."""
    amounts = (_amount(tables, item, values, day) for item in fee_items(tables, names))
    return tuple(amount for amount in amounts if amount is not None)


def total(amounts: Iterable[Amount]) -> tuple[Fen | None, Fen | None]:
    """Return the sums (full, payable) in 分; None as soon as one amount is not known, or when there is none."""
    lines = list(amounts)
    if not lines or any(line.full is None or line.payable is None for line in lines):
        return None, None
    full = sum(line.full for line in lines if line.full is not None)
    payable = sum(line.payable for line in lines if line.payable is not None)
    return Fen(full), Fen(payable)


def reduced(full: int, percent: int) -> Fen:
    """Return what is left of `full` 分 after a reduction of `percent`."""
    return Fen(full * (100 - percent) // 100)


def _amount(tables: LawTables, item: FeeItem, values: Mapping[str, InputValue], day: date) -> Amount | None:
    row, needed = _row_for(item, values, day)
    if needed:
        label = tables.inputs[needed].label if needed in tables.inputs else needed
        note = wording.FEE_NEEDS.format(label=label)
        return Amount(item=item.id, title=item.title, full=None, payable=None, note=note)
    if row is None:
        if not _too_early(item, values, day):
            return None
        return Amount(item=item.id, title=item.title, full=None, payable=None, note=wording.FEE_NOT_THEN)
    confidence = row.confidence or Confidence.LOW
    citations = tables.cite(row.cites, row.confidence)
    if row.yuan is None:
        return Amount(
            item=item.id, title=item.title, full=None, payable=None, note=row.unknown, citations=citations
        )
    units = _units(row, values)
    if units is None:
        name = row.unit.input if row.unit else ""
        note = wording.FEE_NEEDS.format(label=tables.inputs[name].label)
        return Amount(item=item.id, title=item.title, full=None, payable=None, note=note)
    if units == 0:
        return None
    full = Fen(row.yuan * units)
    percent = reduction_of(values) if item.reducible and row.reduced_too else 0
    note = item.note
    if percent:
        note = wording.REDUCED.format(percent=percent)
    elif reduction_of(values):
        note = note or wording.NOT_REDUCIBLE
    return Amount(
        item=item.id,
        title=item.title,
        full=full,
        payable=reduced(full, percent),
        note=note,
        citations=citations,
        confidence=confidence,
    )


def _contradicted(row: FeeRow, values: Mapping[str, InputValue]) -> bool:
    return any(
        name in values and as_text(values[name]) not in wanted.split("|") for name, wanted in row.when.items()
    )


def _too_early(item: FeeItem, values: Mapping[str, InputValue], day: date) -> bool:
    """Tell whether there is an amount for these inputs, but only from a later day on."""
    return any(row.since and row.since > day and not _contradicted(row, values) for row in item.rows)


def _row_for(item: FeeItem, values: Mapping[str, InputValue], day: date) -> tuple[FeeRow | None, str]:
    """Return the row in force on `day` that fits, or the input that is needed to choose."""
    needed = ""
    best: FeeRow | None = None
    for row in item.rows:
        if row.since and row.since > day:
            continue
        missing = [name for name in row.when if name not in values]
        if _contradicted(row, values):
            continue
        if missing:
            needed = needed or missing[0]
        elif best is None or (row.since or date.min) >= (best.since or date.min):
            best = row
    return (best, "") if best else (None, needed)


def _units(row: FeeRow, values: Mapping[str, InputValue]) -> int | None:
    """Return how many times the amount is due; None when the input that says so is missing."""
    times = values.get(row.times, 1) if row.times else 1
    times = times if isinstance(times, int) else 1
    if row.unit is None:
        return times
    given = values.get(row.unit.input)
    if given is None:
        return 0 if row.unit.above or row.unit.optional else None
    numbers = given if isinstance(given, tuple) else (given,)
    units = 0
    for number in numbers:
        if isinstance(number, int):
            top = number if row.unit.upto is None else min(number, row.unit.upto)
            units += max(0, top - row.unit.above)
    return units * times
