"""The facts of many companies as columns of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules.exactness import Cases, cases_to_look_at
from rules.facts import FactData, FactDictionary, Facts, FactState, FactType
from rules.tree import Formal

Mask = NDArray[np.bool_]
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Column:
    """One fact of all companies: values as numbers, and where they are known, unknown or not applicable.

    Listed values are their place in the definition, sets are bit masks of places, days are ordinals, truths 0 and 1.
    """

    values: NDArray[Any]
    known: Mask
    unknown: Mask
    absent: Mask
    has_absent: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days taken apart: months since 1970 and the day of the month, as whole years and months are counted."""

    months: NDArray[np.int32] | int
    days: NDArray[np.int32] | int
    ordinals: NDArray[np.int32] | int
    places: NDArray[np.int32] | int  # months and days in one number: full months are differences of 32

    @classmethod
    def of(cls, ordinals: NDArray[Any]) -> Calendar:
        """Return the days of a column."""
        days = (ordinals.astype(np.int64) - _EPOCH).astype("datetime64[D]")
        months = days.astype("datetime64[M]")
        inside = (days - months.astype("datetime64[D]")).astype(np.int32)
        counted = months.astype(np.int32)
        return cls(counted, inside, ordinals, counted * 32 + inside)

    @classmethod
    def of_day(cls, day: date) -> Calendar:
        """Return one day, the same for all companies."""
        months = (day.year - 1970) * 12 + day.month - 1
        return cls(months, day.day - 1, day.toordinal(), months * 32 + day.day - 1)

    def reaches(self, end: Calendar, months: int) -> Mask:
        """Return where at least so many full months, one or more, lie before `end`: without counting them."""
        return np.greater_equal(np.subtract(end.places, self.places), 32 * months)

    def until(self, end: Calendar, function: str) -> NDArray[Any]:
        """Return the whole days, months or years to `end`, negative where it is earlier, as `rules.functions` does."""
        if function == "days_between":
            return np.subtract(end.ordinals, self.ordinals)
        months = np.subtract(end.months, self.months)
        forward = months - np.less(end.days, self.days)
        backward = months + np.greater(end.days, self.days)
        whole = np.where(np.greater_equal(end.ordinals, self.ordinals), forward, backward)
        if function == "months_between":
            return whole
        years = np.abs(whole) // 12
        return np.where(whole >= 0, years, -years)


@dataclass
class Companies:
    """The facts of many companies as columns."""

    companies: Sequence[Facts]
    dictionary: FactDictionary
    names: Iterable[str] | None = None
    columns: dict[str, Column] = field(init=False, repr=False)
    _calendars: dict[str, Calendar] = field(init=False, repr=False, default_factory=dict)
    _cases: dict[tuple[int, date], tuple[Formal, Cases]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        wanted = list(self.dictionary if self.names is None else self.names)
        places: dict[str, list[int]] = {name: [] for name in wanted}
        values: dict[str, list[FactData]] = {name: [] for name in wanted}
        absent: dict[str, list[int]] = {name: [] for name in wanted}
        for place, facts in enumerate(self.companies):
            for name, fact in facts.items():
                if name not in places:
                    continue
                if fact.state is FactState.VALUE:
                    places[name].append(place)
                    values[name].append(fact.value)  # type: ignore[arg-type]  # a value is there in this state
                elif fact.state is FactState.NOT_APPLICABLE:
                    absent[name].append(place)
        self.columns = {name: self._column(name, places[name], values[name], absent[name]) for name in wanted}

    def __len__(self) -> int:
        return len(self.companies)

    def calendar(self, name: str) -> Calendar | None:
        """Return the days of a fact taken apart, or None when it is no day."""
        if self.dictionary[name].type is not FactType.DATE:
            return None
        if name not in self._calendars:
            self._calendars[name] = Calendar.of(self.columns[name].values)
        return self._calendars[name]

    def cases(self, tree: Formal, as_of: date) -> Cases:
        """Return the facts of a tree whose cases must be looked at one by one; worked out once for each tree."""
        key = (
            id(tree),
            as_of,
        )  # by identity: a tree of thirty comparisons takes longer to hash than to match
        kept = self._cases.get(key)
        if kept is None or kept[0] is not tree:
            kept = self._cases[key] = tree, cases_to_look_at(tree, as_of, self.dictionary)
        return kept[1]

    def _column(self, name: str, places: list[int], values: list[FactData], absent: list[int]) -> Column:
        encode, kind = _encoder(self.dictionary, name)
        count = len(self.companies)
        column: NDArray[Any] = np.zeros(count, dtype=kind)
        codes = {value: encode(value) for value in set(values)}
        column[places] = [codes[value] for value in values]
        known, gone = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
        known[places] = True
        gone[absent] = True
        return Column(column, known, ~(known | gone), gone, bool(absent))


def _encoder(dictionary: FactDictionary, name: str) -> tuple[Callable[[Any], Any], Any]:
    definition = dictionary[name]
    places = {value: place for place, value in enumerate(definition.values)}
    match definition.type:
        case FactType.BOOL:
            return int, np.int8
        case FactType.ENUM:
            return places.__getitem__, np.int16
        case FactType.SET:
            if len(places) > 62:
                raise ValueError(f"{name} has more than 62 values")
            return lambda members: sum(1 << places[member] for member in members), np.int64
        case FactType.DATE:
            return date.toordinal, np.int32
        case FactType.TEXT:
            return lambda _: 0, np.int8
        case _:
            return float, np.float64  # equal decimals are equal floats, and order is kept
