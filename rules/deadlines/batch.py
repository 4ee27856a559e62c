"""The obligations of very many assets at once: the same rules over numpy columns.

One column entry an asset, days as ordinals of `date` (0 where unknown). Only what the register brings about by
itself is computed here: annuities, trademark renewals, customs recordals; events of single assets are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from rules.deadlines.annuity import late_rule
from rules.deadlines.assets import AssetKind
from rules.deadlines.calendar import CalendarKind
from rules.deadlines.fee_schema import AnnuityRate, ReductionRule, TermRow
from rules.deadlines.fees import fee_amounts
from rules.deadlines.schema import RightType
from rules.deadlines.tables import LawTables

Days = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int32]
KINDS = (
    AssetKind.INVENTION,
    AssetKind.UTILITY_MODEL,
    AssetKind.DESIGN,
    AssetKind.TRADEMARK,
    AssetKind.CUSTOMS_RECORDAL,
)
_RIGHTS = (RightType.INVENTION, RightType.UTILITY_MODEL, RightType.DESIGN)
_TRADEMARK, _CUSTOMS = 3, 4
_EPOCH = date(1970, 1, 1).toordinal()
_MOST_YEARS = 20
_CLOSE_MONTHS = 3


@dataclass(frozen=True)
class Columns:
    """The assets. `kind` indexes `KINDS`; `start` is the filing, registration or approval day."""

    kind: npt.NDArray[np.int8]
    start: Days
    grant: Days
    reduction: Numbers
    paid_through: Numbers
    classes: Numbers


@dataclass(frozen=True)
class Due:
    """What falls due: one entry an obligation. `number` is the patent year, else the calendar year of the term's end."""

    asset: npt.NDArray[np.int64]
    number: Numbers
    nominal: Days
    legal: Days
    safe: Days
    grace_end: Days  # 0 where there is none
    amount: npt.NDArray[np.int64]  # 分; -1 where it is not known

    def __len__(self) -> int:
        """Return the number of obligations."""
        return len(self.asset)


def add_months_to(days: Days, months: Any) -> Days:
    """Return the corresponding days `months` later (a number or a column), else the month ends."""
    when = (days - _EPOCH).astype("datetime64[D]")
    month = when.astype("datetime64[M]")
    offset = (when - month.astype("datetime64[D]")).astype(np.int32)
    target = month + np.asarray(months).astype("timedelta64[M]")
    first = target.astype("datetime64[D]")
    length = ((target + np.timedelta64(1, "M")).astype("datetime64[D]") - first).astype(np.int32)
    moved = first.astype(np.int32) + np.minimum(offset, length - 1) + _EPOCH
    return np.asarray(moved, dtype=np.int32)


class BatchObligations:
    """The rules made into arrays for one window of days; use it for any number of chunks of assets."""

    def __init__(self, tables: LawTables, as_of: date, horizon: date) -> None:
        """Prepare the rolled and safe day of every day that can occur."""
        self._tables = tables
        self._as_of, self._horizon = as_of.toordinal(), horizon.toordinal()
        # Days looked up: from a grace period before `as_of` to one after `horizon`.
        self._first = date(as_of.year - 2, 1, 1).toordinal()
        last = date(horizon.year + 2, 12, 31).toordinal()
        holidays = tables.holidays
        span = [date.fromordinal(number) for number in range(self._first, last + 1)]
        self._patent = self._lookup([holidays.roll(day, CalendarKind.PATENT).day for day in span])
        self._general = self._lookup([holidays.roll(day, CalendarKind.GENERAL).day for day in span])
        self._safe = self._lookup([holidays.safe(day).day for day in span])
        self._grace_months = late_rule(tables, as_of).steps[-1].months
        self._changes = self._change_days()
        self._rates = self._rate_table()

    def of(self, assets: Columns) -> Due:
        """Return the obligations open on the as-of day and due up to the horizon, ordered by asset and nominal day."""
        parts = [*self._annuities(assets), *self._renewals(assets), *self._recordals(assets)]
        joined = [np.concatenate([part[index] for part in parts]) for index in range(7)]
        order = np.lexsort((joined[2], joined[0]))
        columns = [column[order] for column in joined]
        return Due(*columns)

    @staticmethod
    def _lookup(days: list[date]) -> Days:
        return np.array([day.toordinal() for day in days], dtype=np.int32)

    def _change_days(self) -> Days:
        """Return the days of the window on which a rate or the reduction rule changes."""
        rows: list[AnnuityRate | ReductionRule] = [
            *self._tables.annuities.rates,
            *self._tables.annuities.reduction,
        ]
        changes = {row.since.toordinal() for row in rows if row.since is not None}
        return np.array(sorted(changes), dtype=np.int32)

    def _rate_table(self) -> npt.NDArray[np.int64]:
        """Return 分 by segment of time, right and patent year; -1 where no rate is known."""
        segments = len(self._changes) + 1
        table = np.full((segments, len(_RIGHTS), _MOST_YEARS + 2), -1, dtype=np.int64)
        for segment in range(segments):
            day = date.fromordinal(int(self._changes[segment - 1])) if segment else date.min
            for rate in sorted(self._tables.annuities.rates, key=lambda row: row.since or date.min):
                if rate.since is None or rate.since <= day:
                    right = _RIGHTS.index(rate.right_type)
                    table[segment, right, rate.years[0] : rate.years[1] + 1] = rate.yuan
        return table

    def _term(self, right: int, filing: Days) -> Numbers:
        rows: list[TermRow] = [
            row for row in self._tables.annuities.terms if row.right_type is _RIGHTS[right]
        ]
        years = np.zeros(len(filing), dtype=np.int32)
        for row in sorted(rows, key=lambda row: row.since or date.min):
            years[filing >= (row.since or date.min).toordinal()] = row.years
        return years

    def _annuities(self, assets: Columns) -> list[tuple[Any, ...]]:
        parts = []
        for right in range(len(_RIGHTS)):
            index = np.flatnonzero(assets.kind == right)
            filing, grant = assets.start[index], assets.grant[index]
            last = self._term(right, filing)
            granted = np.where(grant > 0, _patent_year(filing, grant), 0)
            close = add_months_to(filing, 12 * np.maximum(granted - 1, 0)) > add_months_to(
                np.where(grant > 0, grant, filing), -_CLOSE_MONTHS
            )
            first = np.where(grant > 0, np.where(close, granted, granted + 1), 2)
            paid = assets.paid_through[index]
            first = np.maximum(np.maximum(first, 2), paid + 1)
            # With a known last payment every later year stays open, however old; else from the grace period on.
            opening = date.fromordinal(self._as_of)
            oldest = _patent_year(filing, np.full(len(filing), self._as_of, dtype=np.int32))
            begin = np.where(paid > 0, first, np.maximum(first, oldest - 1))
            latest = (date.fromordinal(self._horizon).year - opening.year) + 3
            reach = int(max(latest, (oldest - begin).max(initial=0) + latest))
            for step in range(reach):
                year = begin + step
                due = add_months_to(filing, 12 * (year - 1))
                grace = add_months_to(due, self._grace_months)
                keep = (year <= last) & (due <= self._horizon)
                keep &= (paid > 0) | (self._rolled(self._patent, grace) >= self._as_of)
                if keep.any():
                    chosen = np.flatnonzero(keep)
                    parts.append(
                        self._priced(assets, right, index[chosen], year[chosen], due[chosen], granted[chosen])
                    )
        return parts

    def _rolled(self, table: Days, days: Days) -> Days:
        """Return the looked-up days; those before the window are left as they are (long past)."""
        place = days - self._first
        inside = (place >= 0) & (place < len(table))
        return np.where(inside, table[np.clip(place, 0, len(table) - 1)], days).astype(np.int32)

    def _exact(self, table: Days, days: Days, kind: CalendarKind | None) -> Days:
        """Return the looked-up days, and compute those that lie before the window one by one."""
        found = self._rolled(table, days)
        outside = np.flatnonzero(days < self._first)
        holidays = self._tables.holidays
        for place in outside:
            day = date.fromordinal(int(days[place]))
            moved = holidays.safe(day) if kind is None else holidays.roll(day, kind)
            found[place] = moved.day.toordinal()
        return found

    def _priced(
        self, assets: Columns, right: int, index: Any, year: Numbers, due: Days, granted: Numbers
    ) -> tuple[Any, ...]:
        segment = np.searchsorted(self._changes, due, side="right")
        full = self._rates[segment, right, year]
        percent = assets.reduction[index].astype(np.int64)
        window = np.zeros(len(due), dtype=np.int32)
        for rule in sorted(self._tables.annuities.reduction, key=lambda row: row.since or date.min):
            window[due >= (rule.since or date.min).toordinal()] = rule.years_from_grant
        covered = (granted == 0) | ((year >= granted) & (year < granted + window))
        payable = full * (100 - np.where(covered, percent, 0)) // 100
        return (
            index,
            year.astype(np.int32),
            due,
            self._exact(self._patent, due, CalendarKind.PATENT),
            self._exact(self._safe, due, None),
            add_months_to(due, self._grace_months),
            payable,
        )

    def _renewals(self, assets: Columns) -> list[tuple[Any, ...]]:
        index = np.flatnonzero(assets.kind == _TRADEMARK)
        start = assets.start[index]
        if not len(index):
            return []
        as_of, horizon = date.fromordinal(self._as_of), date.fromordinal(self._horizon)
        started = (start - _EPOCH).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int32) + 1970
        fee = fee_amounts(self._tables, ("tm_renewal",), {"classes": 1, "efile": "yes"}, as_of)[0].payable
        parts = []
        for year in range(as_of.year - 1, horizon.year + 2):
            # A term that ends on 31 December has its corresponding day in the next year.
            terms = (year - started) // 10
            matching = np.flatnonzero(((year - started) % 10 == 0) & (terms >= 1))
            if not len(matching):
                continue
            begun = start[matching]
            corresponding = add_months_to(begun, 120 * terms[matching])
            expiry = np.where(_same_day(begun, corresponding), corresponding - 1, corresponding).astype(
                np.int32
            )
            grace = add_months_to(expiry, 6)
            keep = (expiry <= self._horizon) & (grace >= self._as_of)
            chosen, expiry, grace = matching[keep], expiry[keep], grace[keep]
            ends = (expiry - _EPOCH).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int32) + 1970
            classes = assets.classes[index[chosen]].astype(np.int64)
            amount = classes * (fee or 0) if fee is not None else np.full(len(chosen), -1, dtype=np.int64)
            parts.append(
                (
                    index[chosen],
                    ends.astype(np.int32),
                    expiry,
                    self._exact(self._general, expiry, CalendarKind.GENERAL),
                    self._exact(self._safe, expiry, None),
                    grace,
                    amount,
                )
            )
        return parts

    def _recordals(self, assets: Columns) -> list[tuple[Any, ...]]:
        index = np.flatnonzero(assets.kind == _CUSTOMS)
        if not len(index):
            return []
        corresponding = add_months_to(assets.start[index], 120)
        last = (corresponding - 1).astype(np.int32)
        keep = last <= self._horizon
        index, last, corresponding = index[keep], last[keep], corresponding[keep]
        number = (add_months_to(assets.start[index], 120) - _EPOCH).astype("datetime64[D]")
        unknown = np.full(len(index), -1, dtype=np.int64)
        return [
            (
                index,
                number.astype("datetime64[Y]").astype(np.int32) + np.int32(1970),
                last,
                last,  # a term does not roll
                self._exact(self._safe, last, None),
                np.zeros(len(index), dtype=np.int32),
                unknown,
            )
        ]


def _same_day(first: Days, second: Days) -> npt.NDArray[np.bool_]:
    """Tell where both days have the same number within their month."""

    def number(days: Days) -> Any:
        when = (days - _EPOCH).astype("datetime64[D]")
        return (when - when.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int32)

    return np.asarray(number(first) == number(second))


def _patent_year(filing: Days, day: Days) -> Numbers:
    """Return the patent year that `day` lies in, for each asset."""
    started = (filing - _EPOCH).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int32)
    reached = (day - _EPOCH).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int32)
    years = np.maximum(1, reached - started)
    passed = add_months_to(filing, 12 * years) <= day
    return np.asarray(np.where(passed, years + 1, years), dtype=np.int32)
