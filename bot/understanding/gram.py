"""The Gram matrix of sparse rows, X Xᵀ + 1 (the 1 is the bias), a panel of rows at a time and never held whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.understanding.features import Rows

Matrix = NDArray[np.float32]

PANEL = 96
RARE = 32
"""A column that fewer rows share is multiplied pair by pair, a commoner one as part of a dense block."""

_FEW = 32
"""Rows whose rare columns are multiplied at a time."""


def panels(number: int) -> Iterator[slice]:
    """Yield the runs of PANEL rows, the last one shorter."""
    for start in range(0, number, PANEL):
        yield slice(start, min(start + PANEL, number))


class Gram:
    """The products of rows with each other."""

    def __init__(self, rows: Rows, columns: int) -> None:
        """`columns` is how many columns the rows have."""
        self._rows = rows
        self._columns = columns
        self._row_of = rows.row_numbers()
        holders = np.bincount(rows.columns, minlength=columns)
        self._common = holders >= RARE
        self._place_in_slab = np.cumsum(self._common) - 1
        rare = ~self._common[rows.columns]
        order = np.argsort(rows.columns[rare], kind="stable")
        self._holder_rows = self._row_of[rare][order]
        self._holder_values = rows.values[rare][order]
        self._holders = np.where(self._common, 0, holders)
        self._first_holder = self._holders.cumsum() - self._holders

    def panel(self, place: slice) -> Matrix:
        """Return the rows of a panel times every row up to the last of them."""
        result = np.empty((place.stop - place.start, place.stop), np.float32)
        for start in range(place.start, place.stop, _FEW):
            few = slice(start, min(start + _FEW, place.stop))
            result[few.start - place.start : few.stop - place.start] = self._rare_part(few, place.stop)
        own = self._slab(place)
        for earlier in panels(place.stop):
            result[:, earlier] += own @ (own if earlier == place else self._slab(earlier)).T
        return result

    def weights(self, dual: Matrix) -> Matrix:
        """Return Xᵀ times `dual`: one weight a column of X and target."""
        found = np.empty((self._columns, dual.shape[1]), np.float32)
        for target, numbers in enumerate(dual.T):
            found[:, target] = self._across(numbers)
        return found

    def times(self, dual: Matrix) -> Matrix:
        """Return the whole matrix times `dual`."""
        result = np.empty_like(dual)
        for target, numbers in enumerate(dual.T):
            weights = self._across(numbers)
            weighed = self._rows.values * weights[self._rows.columns]
            result[:, target] = np.add.reduceat(weighed, self._rows.starts[:-1])
        result += dual.sum(axis=0)
        return result

    def _across(self, numbers: Matrix) -> NDArray[np.float32]:
        weighed = self._rows.values * numbers[self._row_of]
        return np.bincount(self._rows.columns, weighed, self._columns).astype(np.float32)

    def _entries(self, place: slice) -> tuple[NDArray[np.int64], NDArray[np.int32], Matrix]:
        """Return row (from 0), column and value of what stands in the rows."""
        starts = self._rows.starts[place.start : place.stop + 1]
        these = slice(starts[0], starts[-1])
        local = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        return local, self._rows.columns[these], self._rows.values[these]

    def _slab(self, place: slice) -> Matrix:
        """Return the common columns of the rows, dense."""
        local, columns, values = self._entries(place)
        chosen = self._common[columns]
        slab = np.zeros((place.stop - place.start, int(self._place_in_slab[-1]) + 1), np.float32)
        slab[local[chosen], self._place_in_slab[columns[chosen]]] = values[chosen]
        return slab

    def _rare_part(self, place: slice, stop: int) -> NDArray[np.floating[Any]]:
        """Return the bias and what the rare columns add, for the products with the rows before `stop`."""
        local, columns, values = self._entries(place)
        numbers = self._holders[columns]
        ends = numbers.cumsum()
        places = np.arange(ends[-1]) + np.repeat(self._first_holder[columns] - ends + numbers, numbers)
        others = self._holder_rows[places]
        earlier = others < stop
        cells = np.repeat(local * stop, numbers)[earlier] + others[earlier]
        products = np.repeat(values, numbers)[earlier] * self._holder_values[places[earlier]]
        return 1.0 + np.bincount(cells, products, (place.stop - place.start) * stop).reshape(-1, stop)
